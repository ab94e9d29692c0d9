"""
Answer which units of an order can be cancelled, and why the others stay.

Called by   comanda.domain.lifecycle: cancels, holds.hold_expiry, modifications, moving and changes; functions/intake and selfservice
Returns     units (line id: units), and units that stay with the reason
Raises      nothing
"""

from dataclasses import dataclass, replace

from comanda.domain.lifecycle.node_work import kits
from comanda.domain.lifecycle.node_work.work import live_units
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import CANCELLABLE, GONE, Status

# What no hold may block when units are cancelled: of the whole order, or of lines, which are left with fewer units.
OF_ORDERS, OF_LINES = ("cancel",), ("cancel", "quantity")
# Why a unit cannot be cancelled.
PACKED, LEFT, KIT, HELD, DENIED = "packed", "left", "kit", "held", "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class NotCancelled:
    """Units of a line that stay when everything else is cancelled, and the reason.

    They are packed (PACKED), they have left their node (LEFT), a part of their kit's set is packed (KIT), their line is
    held (HELD) by the hold that is named, or the retailer's matrix denies it in their status (DENIED).
    """

    line_id: str
    quantity: int
    status: Status
    reason: str
    hold_id: str | None = None
    hold_type: str | None = None


def cancellable(order: Order, may: frozenset[Status] = CANCELLABLE) -> tuple[dict[str, int], tuple[NotCancelled, ...]]:
    """Return the units (line id: units) that can be cancelled now, and the live units that cannot, with the reason.

    A kit's set of which the node has packed a part stays whole.
    """
    tied = _kept_for_kits(order, may)
    wanted: dict[str, int] = {}
    kept: dict[tuple[str, Status, str], int] = {}
    for line in order.lines:
        for a in line.allocations:
            if a.status is Status.CANCELLED:
                continue
            stays = a.quantity
            if a.status in may and "cancel" not in line.held:
                stays = min(a.quantity, tied.get((line.line_id, a.fulfillment), 0))
                if stays:
                    tied[line.line_id, a.fulfillment] -= stays
                if a.quantity > stays:
                    wanted[line.line_id] = wanted.get(line.line_id, 0) + a.quantity - stays
            if stays:
                why = reason_to_stay(line, a.status, may)
                key = line.line_id, a.status, why
                kept[key] = kept.get(key, 0) + stays
    rows = (
        NotCancelled(line_id=line_id, quantity=quantity, status=status, reason=why)
        for (line_id, status, why), quantity in kept.items()
    )
    return wanted, tuple(_with_hold(order, row) if row.reason == HELD else row for row in rows)


def _with_hold(order: Order, row: NotCancelled) -> NotCancelled:
    """Return the row with the hold that keeps its units."""
    hold = order.hold_of_line(row.line_id, "cancel")
    return replace(row, hold_id=hold.hold_id, hold_type=hold.type) if hold else row


def reason_to_stay(line: Line, status: Status, may: frozenset[Status]) -> str:
    """Return the reason why live units of this status are not cancelled with everything else."""
    if status in may:
        return HELD if "cancel" in line.held else KIT
    if status in GONE:
        return LEFT
    return PACKED if status is Status.PACKED else DENIED


def _kept_for_kits(order: Order, may: frozenset[Status]) -> dict[tuple[str, int | None], int]:
    """Return how many units of each (line, fulfillment) stay for their kit: the rest of their set may not be cancelled."""
    found: dict[tuple[str, int | None], int] = {}
    for kit in kits.by_group(order).values():
        for fulfillment in order.fulfillments:
            at = fulfillment.number
            free = dict.fromkeys(kit, 0)
            for line, a in order.units_of(at):
                if line.line_id in kit and a.status in may:
                    free[line.line_id] += a.quantity
            live = live_units(order, at)
            if all(free[line_id] == live.get(line_id, 0) for line_id in kit):
                continue
            sets = min(free[line_id] // units for line_id, units in kit.items())
            found |= {(line_id, at): free[line_id] - sets * units for line_id, units in kit.items()}
    return found


def not_cancelled_row(row: NotCancelled) -> dict[str, object]:
    """Return the row as the event and the API's answer show it."""
    held = {"hold_id": row.hold_id, "hold_type": row.hold_type} if row.hold_id else {}
    return {"line_id": row.line_id, "quantity": row.quantity, "status": row.status.value, "reason": row.reason, **held}
