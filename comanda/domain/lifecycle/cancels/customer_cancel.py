"""
Cancel units of an order for its customer, who has opened the order's link.

A customer may cancel what no node has been told of yet, no later than the channel allows, and nothing that the retailer's
modification matrix denies. What is decided then is the same as for every other caller (`comanda.domain.lifecycle.cancels.cancel`).

Called by   functions/selfservice
Returns     the units that the customer may cancel; a decision
Raises      NotAllowed, Held
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.cancels.cancellable import OF_LINES
from comanda.domain.orders import cancel_reasons
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status

if TYPE_CHECKING:
    from comanda.domain.orders.decision import Decision

ACTOR = "customer"
# The statuses of units of which no node knows.
CANCELLABLE = frozenset({Status.CREATED, Status.UNSCHEDULED, Status.BACKORDERED, Status.SCHEDULED})


def is_open(order: Order, minutes: int | None, now: datetime) -> bool:
    """Return True while the channel lets the customer cancel: `minutes` after the order was placed, None without an end."""
    return minutes is None or now < order.placed_at + timedelta(minutes=minutes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """Say what the customer may cancel: units in the statuses `may`, as long as no hold blocks one of the `steps`.

    It ends `minutes` after the order was placed; None is no end.
    """

    may: frozenset[Status]
    minutes: int | None
    steps: Sequence[str] = OF_LINES


def cancellable(order: Order, allowed: Allowed, now: datetime) -> dict[str, int]:
    """Return the units (line id: units) that the customer may cancel now, by the lines as they were sent: of a bundle, sets."""
    steps = allowed.steps
    if order.draft or any(map(order.blocked, steps)) or not is_open(order, allowed.minutes, now):
        return {}
    found = {line.line_id: _free(line, allowed.may) for line in order.lines if not set(steps) & set(line.held)}
    if order.bundles:
        from comanda.domain.orders import bundles  # few orders have bundles

        for bundle_id, lines in bundles.by_bundle(order).items():
            units = {line.line_id: found.pop(line.line_id, 0) for line in lines}
            found[bundle_id] = bundles.whole_sets(units, lines)
    return {line_id: units for line_id, units in found.items() if units}


def is_whole(order: Order, units: Mapping[str, int]) -> bool:
    """Return True if these units, by the lines as they were sent, are all live units of the order."""
    live = {line.line_id: line.live for line in order.lines}
    if order.bundles:
        from comanda.domain.orders import bundles

        units = bundles.units_of_sets(order, units)
    return any(live.values()) and all(units.get(line_id, 0) == n for line_id, n in live.items())


def cancel_units(
    order: Order, units: Mapping[str, int], allowed: Allowed, version: int, now: datetime
) -> "Decision | None":
    """Cancel the units that the customer named, by the lines as they were sent.

    Returns None if the order has changed since its `version`, on which the customer decided. Raises NotAllowed when the
    customer may not cancel one of the units any more; Held.
    """
    from comanda.domain.lifecycle.cancels import cancel  # a page that asks what may be cancelled needs no more
    from comanda.domain.orders.decision import changed_by_decision

    if order.version != version:
        return None
    free = cancellable(order, allowed, now)
    for line_id, quantity in units.items():
        if quantity > free.get(line_id, 0):
            raise NotAllowed(f"line {line_id}: the customer may not cancel {quantity} any more", line=line_id)
    why = cancel_reasons.CUSTOMER_REQUEST
    made = cancel.cancel(order, units, why.code, ACTOR, now, CANCELLABLE & allowed.may, why, allowed.steps)
    return changed_by_decision(made)


def _free(line: Line, may: frozenset[Status]) -> int:
    return line.units(lambda a: a.status in CANCELLABLE & may)
