"""
Answer which changes an order may take now, and why it may not take others: by its units, its holds and the matrix.

Called by   functions/intake, comanda.domain.lifecycle.changes.change
Returns     a row for each modification of the order and of its lines, with every denial
Raises      nothing
"""

from collections.abc import Iterator, Sequence

from comanda.domain.lifecycle.cancels import cancellable
from comanda.domain.lifecycle.modifications.allowed_cancels import cancel_all, cancel_of, replace_of
from comanda.domain.lifecycle.modifications.denials import (
    BUNDLE,
    INVOICED,
    NOTHING_LEFT,
    PART_CANCELLED,
    REPLACES,
    AllowedChange,
    Denial,
    denied,
    held,
    here_by_status,
    live_by_status,
    parts_of,
    sets_or_units,
)
from comanda.domain.lifecycle.modifications.modification_matrix import (
    MOVING,
    OF_LINES,
    OF_ORDERS,
    Level,
    Matrix,
    Modification,
)
from comanda.domain.lifecycle.moving import allowed as moving_allowed
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import REPLACEMENT, Order
from comanda.domain.orders.status import Status

# These are about units that are still here; the others, such as a note, are about those that have left too.
_OF_WHAT_IS_HERE = frozenset(
    {
        Modification.PRIORITY,
        Modification.DISCOUNT,
        Modification.APPEASEMENT,
        Modification.CHARGE,
        Modification.ADD_LINE,
    }
)


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
        return cancel_all(order, matrix)
    if modification in MOVING:
        return moving_allowed.allowed(order, modification, matrix)
    live: dict[Status, int] = {s: n for s, n in order.quantities().items() if s is not Status.CANCELLED}
    touched = here_by_status(order) if modification in _OF_WHAT_IS_HERE else live
    denials = [*held(order, modification), *denied(order, modification, Level.ORDER, touched, matrix)]
    if not touched:
        denials.append(Denial(code=cancellable.LEFT if live else NOTHING_LEFT))
    if not touched and modification is Modification.APPEASEMENT and order.invoices:
        denials.append(Denial(code=INVOICED))  # what is invoiced is credited by a credit note
    if order.kind == REPLACEMENT and modification is Modification.ADD_LINE:
        denials.append(Denial(code=REPLACES))
    return AllowedChange(
        modification=modification,
        level=Level.ORDER,
        units=0 if denials else sum(touched.values()),
        denials=tuple(denials),
    )


def of_line(order: Order, line: Line | Bundle, modification: Modification, matrix: Matrix) -> AllowedChange:
    """Return whether a line may take a modification: every status that it touches must be allowed."""
    if modification is Modification.CANCEL:
        return cancel_of(order, line, matrix)
    if modification is Modification.REPLACE:
        return replace_of(order, line, matrix)
    if modification in MOVING:
        return moving_allowed.allowed(order, modification, matrix, line)
    if modification is Modification.QUANTITY:
        return _quantity_of(order, line, matrix)
    denials = bars_of_line(order, line, modification, matrix)
    return AllowedChange(
        modification=modification,
        level=Level.LINE,
        line_id=line.line_id,
        units=0 if denials else sets_or_units(line, parts_of(order, line)),
        denials=denials,
    )


def bars_of_line(order: Order, line: Line | Bundle, modification: Modification, matrix: Matrix) -> tuple[Denial, ...]:
    """Return why a line takes no other price, or no further units. Every status that it touches must allow it."""
    parts = parts_of(order, line)
    touched = live_by_status(*parts)
    return (
        *held(order, modification),
        *(denial for part in parts for denial in held(order, modification, part.line_id)),
        *denied(order, modification, Level.LINE, touched, matrix, line.line_id),
        *(Denial(code=code, line_id=line.line_id) for code in _unfit(order, line, parts, modification)),
    )


def _quantity_of(order: Order, line: Line | Bundle, matrix: Matrix) -> AllowedChange:
    """Return whether a line may have more or fewer units. Fewer are a cancel, which may be allowed where more are not."""
    not_more, fewer = bars_of_line(order, line, Modification.QUANTITY, matrix), cancel_of(order, line, matrix)
    return AllowedChange(
        modification=Modification.QUANTITY,
        level=Level.LINE,
        line_id=line.line_id,
        units=fewer.units,
        more=not not_more,
        denials=tuple(dict.fromkeys((*not_more, *fewer.denials))),
    )


def _unfit(order: Order, line: Line | Bundle, parts: Sequence[Line], modification: Modification) -> Iterator[str]:
    """Yield why the line itself cannot take the modification. The price of invoiced units stands. What is sent again costs
    nothing, so it is never more than what was lost."""
    if isinstance(line, Line) and line.component:
        yield BUNDLE
        return
    live = any(part.live for part in parts)
    if not live:
        yield NOTHING_LEFT
    if any(part.invoiced for part in parts):
        yield INVOICED
    if modification is Modification.QUANTITY and live and _left_apart(order, line, parts):
        yield PART_CANCELLED
    if modification is Modification.QUANTITY and order.kind == REPLACEMENT:
        yield REPLACES
    if modification is Modification.QUANTITY and isinstance(line, Line) and line.group is not None:
        yield cancellable.KIT


def _left_apart(order: Order, line: Line | Bundle, parts: Sequence[Line]) -> bool:
    """Return True if cancelled units cannot come back at what they cost: another line has their amounts, or their set is torn."""
    if isinstance(line, Line):
        return any(other.replaces_line == line.line_id for other in order.lines)
    from comanda.domain.orders import bundles

    return bundles.exact_sets({part.line_id: part.cancelled for part in parts}, parts) is None
