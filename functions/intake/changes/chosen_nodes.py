"""
Check the nodes that the office chooses for lines of an order: each has the units, and may send them to their address.

Called by   functions/intake/changes/asked_changes.py; imported only for changes that choose a node
Returns     nothing
Raises      Invalid naming each node that cannot send its units
"""

from collections.abc import Sequence
from datetime import datetime

from comanda.aws.reservations import of_order
from comanda.aws.routing import planned_changes
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle.changes.change import ChangeOutcome
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.lifecycle.moving.allowed import lines_of
from comanda.domain.orders.order import Order
from comanda.domain.routing.chosen import CHOSEN
from functions.intake.changes.change_contract import ChangeIn


def require_units(order: Order, outcome: ChangeOutcome, changes: Sequence[ChangeIn], now: datetime) -> None:
    """Raise Invalid for each chosen node that cannot send the units which the router would place now."""
    if outcome.decision is None:
        return
    own = of_order.own_units(order, now)
    promise = planned_changes.promise_of_change(order, outcome.decision, own, now)
    cannot = {one.line_id: one for one in promise.cannot if one.reason.startswith(CHOSEN)} if promise else {}
    wrong = []
    for i, one in enumerate(changes):
        lines = lines_of(order, Modification.NODE, one.line_id or "") if one.modification == Modification.NODE else ()
        left = next((cannot[line.line_id] for line in lines if line.line_id in cannot), None)
        if left is not None:
            message = f"{one.node_id} cannot send {left.quantity} of line {left.line_id}: {left.reason[len(CHOSEN) :]}"
            wrong.append(Problem(pointer=f"/changes/{i}/node_id", code="cannot-send", message=message))
    if wrong:
        raise Invalid(*wrong)
