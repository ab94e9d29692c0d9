"""
Decide whether pickup lines that wait for a person may be sent instead: it is a change of their method.

Called by   comanda.domain.lifecycle.resume
Returns     nothing
Raises      Held, NotAllowed when a hold or the matrix denies it
"""

from collections.abc import Iterable, Iterator

from comanda.domain.errors import Held, NotAllowed
from comanda.domain.lifecycle.modifications.denials import Denial, denied
from comanda.domain.lifecycle.modifications.modification_matrix import Level, Matrix, Modification
from comanda.domain.lifecycle.moving.allowed import along, held_lines, lines_of
from comanda.domain.orders.line import Line
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import UNPLACED, Status

_SENT = (*UNPLACED, Status.SCHEDULED)  # what the counter has to work on stays there


def require_allowed(order: Order, waiting: Iterable[Line], matrix: Matrix | None) -> None:
    """Raise Held for a hold that denies it, else NotAllowed in the retailer's words. Lines that are sent already change nothing."""
    rules = matrix or Matrix()
    pickups = [line for line in waiting if line.method == PICKUP]
    denials = tuple(denial for line in pickups for denial in _denials(order, line, rules))
    for denial in denials:
        if denial.hold_id and denial.hold_type:
            raise Held(denial.hold_id, denial.hold_type, Modification.METHOD, pointer="/answer")
    if denials:
        first = denials[0]
        why = first.reason or f"the modification matrix denies it for units that are {first.status}"
        raise NotAllowed(f"line {first.line_id} is not sent instead: {why}", pointer="/answer")


def _denials(order: Order, line: Line, matrix: Matrix) -> Iterator[Denial]:
    """Yield what denies another method, and what comes along with it. It touches the units alone that the answer sends."""
    lines = lines_of(order, Modification.METHOD, line.line_id)
    touched: dict[Status, int] = {}
    for a in line.allocations:
        if a.status in _SENT:
            touched[a.status] = touched.get(a.status, 0) + a.quantity
    steps = (Modification.METHOD, *along(Modification.METHOD, lines))
    yield from held_lines(order, steps, lines, at_node=False)
    for step in steps:
        yield from denied(order, step, Level.LINE, touched, matrix, line.line_id)
