"""
Answer which units of an order may be cancelled now, and which may be replaced by units of another sku.

Called by   comanda.domain.lifecycle.changes.allowed_changes
Returns     a row for the order, or for a line, with every denial
Raises      nothing
"""

import itertools
from collections.abc import Iterator, Mapping

from comanda.domain.lifecycle.cancels import cancellable
from comanda.domain.lifecycle.modifications.denials import (
    BUNDLE,
    NOTHING_LEFT,
    AllowedChange,
    Denial,
    barred,
    held,
    here_by_status,
    live_by_status,
)
from comanda.domain.lifecycle.modifications.modification_matrix import Level, Matrix, Modification
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import TRANSACTIONS, Status


def cancel_all(order: Order, matrix: Matrix) -> AllowedChange:
    holds = held(order, "cancel")
    wanted, kept = cancellable.cancellable(order, matrix.allowed(Modification.CANCEL, Level.ORDER, order.channel))
    denials = [
        Denial(
            code=row.reason,
            line_id=row.line_id,
            quantity=row.quantity,
            status=row.status,
            hold_id=row.hold_id,
            hold_type=row.hold_type,
            reason=matrix.reason(Modification.CANCEL, Level.ORDER, row.status, order.channel),
        )
        for row in kept
    ]
    if not wanted and not kept:
        denials.append(Denial(code=NOTHING_LEFT))
    units = 0 if holds else sum(wanted.values())
    return AllowedChange(modification=Modification.CANCEL, level=Level.ORDER, units=units, denials=(*holds, *denials))


def cancel_of(order: Order, line: Line | Bundle, matrix: Matrix) -> AllowedChange:
    """Return what may be cancelled of a line, which leaves it with fewer units. Components that go with their set are cancelled
    by their bundle's line."""
    may = matrix.cancels(Level.LINE, order.channel)
    holds = _held(order)
    if isinstance(line, Bundle):
        units, denials = _cancel_bundle(order, line, may, matrix)
    elif line.component and line.group is not None:
        units, denials = 0, (Denial(code=BUNDLE, line_id=line.line_id),)
    else:
        units, denials = _cancel_line(order, line, may, matrix)
    return AllowedChange(
        modification=Modification.CANCEL,
        level=Level.LINE,
        line_id=line.line_id,
        units=0 if holds else units,
        denials=(*holds, *denials),
    )


def _held(order: Order, line_id: str = "") -> tuple[Denial, ...]:
    """Return a denial for each hold that keeps units of the order, or of this line."""
    return tuple(dict.fromkeys(denial for step in cancellable.OF_LINES for denial in held(order, step, line_id)))


def _reason(matrix: Matrix, status: Status, channel: str, *further: Modification) -> str:
    """Return the retailer's words for units that stay: those about the first of the modifications that it denies."""
    steps = (*further, Modification.CANCEL, Modification.QUANTITY)
    words = (matrix.reason(step, Level.LINE, status, channel) for step in steps)
    return next((reason for reason in words if reason), "")


type _Row = tuple[int, tuple[Denial, ...]]  # units that may be cancelled, and why others may not


def _cancel_line(order: Order, line: Line, may: frozenset[Status], matrix: Matrix) -> _Row:
    """Return the units of a line that may be cancelled, and a denial for each other status, or for the line's hold."""
    if holds := _held(order, line.line_id):
        return 0, holds
    left = live_by_status(line)
    denials = tuple(
        Denial(
            code=cancellable.reason_to_stay(line, status, may),
            line_id=line.line_id,
            quantity=n,
            status=status,
            reason=_reason(matrix, status, order.channel),
        )
        for status, n in left.items()
        if status not in may
    )
    nothing = () if left else (Denial(code=NOTHING_LEFT, line_id=line.line_id),)
    return sum(n for status, n in left.items() if status in may), (*denials, *nothing)


def _cancel_bundle(order: Order, bundle: Bundle, may: frozenset[Status], matrix: Matrix) -> _Row:
    """Return the sets of a bundle that may be cancelled, and the denials of its components."""
    from comanda.domain.orders import bundles  # few orders have bundles

    live = stays = 0
    denials: list[Denial] = []
    for line in bundles.components(order, bundle.line_id):
        units, why = _cancel_line(order, line, may, matrix)
        live = max(live, -(-line.live // bundles.ratio(line)))
        stays = max(stays, -(-(line.live - units) // bundles.ratio(line)))
        denials += why
    return live - stays, tuple(denials)


def replace_of(order: Order, line: Line | Bundle, matrix: Matrix) -> AllowedChange:
    """Return what may be replaced of a line: the least advanced units that may be both cancelled and replaced.

    The order must be allowed a further line. Sets stay whole, so components are not replaced.
    """
    if isinstance(line, Bundle) or line.component or line.group is not None:
        kit = isinstance(line, Line) and not line.component
        units, denials = 0, [Denial(code=cancellable.KIT if kit else BUNDLE, line_id=line.line_id)]
    else:
        units, denials = _replace_units(line, matrix, order.channel)
    bars = [*_held(order), *_held(order, line.line_id)]
    bars += [denial for line_id in ("", line.line_id) for denial in held(order, Modification.REPLACE, line_id)]
    bars += barred(order, Modification.ADD_LINE, Level.ORDER, here_by_status(order), matrix)
    return AllowedChange(
        modification=Modification.REPLACE,
        level=Level.LINE,
        line_id=line.line_id,
        units=0 if bars else units,
        denials=tuple(dict.fromkeys((*bars, *denials))),
    )


def _replace_units(line: Line, matrix: Matrix, channel: str) -> tuple[int, list[Denial]]:
    """Return the units of a line that may be replaced, and a denial for each status in which they may not."""
    both = _replaceable(matrix, channel)
    left = live_by_status(line)
    denials = [
        Denial(
            code=cancellable.reason_to_stay(line, status, both),
            line_id=line.line_id,
            quantity=n,
            status=status,
            reason=_reason(matrix, status, channel, Modification.REPLACE),
        )
        for status, n in left.items()
        if status not in both
    ]
    if not left:
        denials.append(Denial(code=NOTHING_LEFT, line_id=line.line_id))
    # A cancel takes the least advanced units first, so those behind units that stay are not reached.
    reached = itertools.takewhile(lambda unit: unit[0] in both, _in_order_of_cancel(left, matrix, channel))
    return sum(n for _, n in reached), denials


def _replaceable(matrix: Matrix, channel: str) -> frozenset[Status]:
    return matrix.cancels(Level.LINE, channel) & matrix.allowed(Modification.REPLACE, Level.LINE, channel)


def _in_order_of_cancel(left: Mapping[Status, int], matrix: Matrix, channel: str) -> Iterator[tuple[Status, int]]:
    may = matrix.cancels(Level.LINE, channel)
    yield from ((status, left[status]) for status in TRANSACTIONS["cancel"].takes if status in left and status in may)


def taken_away(order: Order, line: Line, quantity: int, matrix: Matrix) -> dict[Status, int]:
    """Return the units, by status, that a cancel of so many units of a line takes."""
    found: dict[Status, int] = {}
    for status, n in _in_order_of_cancel(live_by_status(line), matrix, order.channel):
        if quantity > sum(found.values()):
            found[status] = min(n, quantity - sum(found.values()))
    return found
