"""
Answer which changes an order may take now, and why it may not take others: by its units, its holds and the matrix.

Called by   functions/intake, comanda.domain.lifecycle.change
Returns     a row for each modification of the order and of its lines, with every denial
Raises      nothing
"""

from collections.abc import Iterator

from comanda.domain.lifecycle import cancel
from comanda.domain.lifecycle.denials import (
    BUNDLE,
    INVOICED,
    NOTHING_LEFT,
    PART_CANCELLED,
    AllowedChange,
    Denial,
    denied,
    held,
)
from comanda.domain.lifecycle.modification_matrix import MOVING, OF_LINES, OF_ORDERS, Level, Matrix, Modification
from comanda.domain.lifecycle.moving import allowed as moving_allowed
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import GONE, Status

# These are about units that are still here; the others, such as a note, are about those that have left too.
_OF_WHAT_IS_HERE = frozenset({Modification.PRIORITY, Modification.DISCOUNT, Modification.CHARGE})


def allowed_changes(order: Order, matrix: Matrix) -> tuple[AllowedChange, ...]:
    """Return each modification for the whole order, then for each of its lines as they were sent."""
    return tuple(_each_change(order, matrix))


def _each_change(order: Order, matrix: Matrix) -> Iterator[AllowedChange]:
    for modification in Modification:
        if modification in OF_ORDERS:
            yield of_order(order, modification, matrix)
    for line in order.as_sent():
        for modification in Modification:
            if modification in OF_LINES:
                yield of_line(order, line, modification, matrix)


def of_order(order: Order, modification: Modification, matrix: Matrix) -> AllowedChange:
    """Return whether the whole order may take a modification: every status that it touches must be allowed."""
    if modification is Modification.CANCEL:
        return _cancel_all(order, matrix)
    if modification in MOVING:
        return moving_allowed.allowed(order, modification, matrix)
    live: dict[Status, int] = {s: n for s, n in order.quantities().items() if s is not Status.CANCELLED}
    touched: dict[Status, int] = (
        {s: n for s, n in live.items() if s not in GONE} if modification in _OF_WHAT_IS_HERE else live
    )
    denials = [*held(order, modification), *denied(order, modification, Level.ORDER, touched, matrix)]
    if not touched:
        denials.append(Denial(code=cancel.LEFT if live else NOTHING_LEFT))
    return AllowedChange(
        modification=modification,
        level=Level.ORDER,
        units=0 if denials else sum(touched.values()),
        denials=tuple(denials),
    )


def of_line(order: Order, line: Line | Bundle, modification: Modification, matrix: Matrix) -> AllowedChange:
    """Return whether a line may take a modification: every status that it touches must be allowed."""
    if modification is Modification.CANCEL:
        return _cancel_of(order, line, matrix)
    if modification in MOVING:
        return moving_allowed.allowed(order, modification, matrix, line)
    touched = {} if isinstance(line, Bundle) else _live_units(line)
    denials = [
        *held(order, modification),
        *held(order, modification, line.line_id),
        *denied(order, modification, Level.LINE, touched, matrix, line.line_id),
        *(Denial(code=code, line_id=line.line_id) for code in _unfit(line, modification)),
    ]
    return AllowedChange(
        modification=modification,
        level=Level.LINE,
        line_id=line.line_id,
        units=0 if denials else sum(touched.values()),
        denials=tuple(denials),
    )


def _unfit(line: Line | Bundle, modification: Modification) -> Iterator[str]:
    """Yield why the line itself cannot take the modification. The price of invoiced units stands, and so does each unit's
    part of the line's amounts: a line with cancelled units gets no further ones, a new line does."""
    if isinstance(line, Bundle) or line.component:
        yield BUNDLE
        return
    if not line.live:
        yield NOTHING_LEFT
    if line.invoiced:
        yield INVOICED
    if modification is Modification.QUANTITY and line.cancelled and line.live:
        yield PART_CANCELLED
    if modification is Modification.QUANTITY and line.group is not None:
        yield cancel.KIT


def _live_units(line: Line) -> dict[Status, int]:
    """Return the units of a line by status, without cancelled ones."""
    found: dict[Status, int] = {}
    for a in line.allocations:
        if a.status is not Status.CANCELLED:
            found[a.status] = found.get(a.status, 0) + a.quantity
    return found


def _cancel_all(order: Order, matrix: Matrix) -> AllowedChange:
    kept = held(order, "cancel")
    wanted, stay = cancel.cancellable(order, matrix.allowed(Modification.CANCEL, Level.ORDER, order.channel))
    denials = [
        Denial(
            code=row.reason,
            line_id=row.line_id,
            quantity=row.quantity,
            status=row.status,
            reason=matrix.reason(Modification.CANCEL, Level.ORDER, row.status, order.channel),
        )
        for row in stay
    ]
    if not wanted and not stay:
        denials.append(Denial(code=NOTHING_LEFT))
    units = 0 if kept else sum(wanted.values())
    return AllowedChange(modification=Modification.CANCEL, level=Level.ORDER, units=units, denials=(*kept, *denials))


def _cancel_of(order: Order, line: Line | Bundle, matrix: Matrix) -> AllowedChange:
    """Return what may be cancelled of a line. Components that go with their set are cancelled by their bundle's line."""
    may = matrix.allowed(Modification.CANCEL, Level.LINE, order.channel)
    kept = held(order, "cancel")
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
        units=0 if kept else units,
        denials=(*kept, *denials),
    )


type _Row = tuple[int, tuple[Denial, ...]]  # units that may be cancelled, and why others may not


def _cancel_line(order: Order, line: Line, may: frozenset[Status], matrix: Matrix) -> _Row:
    """Return the units of a line that may be cancelled, and a denial for each other status, or for the line's hold."""
    if kept := held(order, "cancel", line.line_id):
        return 0, kept
    left = _live_units(line)
    denials = tuple(
        Denial(
            code=cancel.reason_to_stay(line, status, may),
            line_id=line.line_id,
            quantity=n,
            status=status,
            reason=matrix.reason(Modification.CANCEL, Level.LINE, status, order.channel),
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
