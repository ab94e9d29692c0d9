"""
Answer whether an order or a line may take a change that moves units, and which units it moves.

Called by   comanda.domain.lifecycle.changes.allowed_changes, and the modules of this package; functions/intake
Returns     a row with every denial, lines, units
Raises      nothing
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from comanda.domain.lifecycle.cancels import cancellable
from comanda.domain.lifecycle.modifications.denials import (
    BUNDLE,
    NOTHING_LEFT,
    PICKUP_LINE,
    PROVIDED_LINE,
    SENT_LINE,
    AllowedChange,
    Denial,
    denied,
    held,
)
from comanda.domain.lifecycle.modifications.modification_matrix import Level, Matrix, Modification
from comanda.domain.lifecycle.moving.wanted import Touched
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import AT_NODE, GONE, Status

OF_SHIPPED = frozenset(
    {Modification.SHIP_TO, Modification.SERVICE, Modification.NODE}
)  # a pickup line has none of them


def lines_of(order: Order, modification: Modification, line_id: str) -> tuple[Line, ...]:
    """Return the lines that a change moves: those that leave together with a line, or those of the whole order."""
    if line_id:
        return _leaving_with(order, line_id)
    return tuple(line for line in order.lines if not line.is_provided and _is_of_whole(line, modification))


def _leaving_with(order: Order, line_id: str) -> tuple[Line, ...]:
    """Return a line with those of its kit, or the components of a bundle."""
    named = [line for line in order.lines if line.line_id == line_id]
    if not named:
        return tuple(line for line in order.lines if line.component and line.component.bundle == line_id)
    group = named[0].group
    return tuple(line for line in order.lines if line.group == group) if group is not None else tuple(named)


def _is_of_whole(line: Line, modification: Modification) -> bool:
    """Return True if a change of the whole order is about the line."""
    if modification is Modification.REQUESTED:
        return True
    return line.method != PICKUP and (modification is Modification.SERVICE or line.destination == 0)


def units_here(lines: Iterable[Line]) -> Touched:
    """Return the units of lines that have neither left nor ended."""
    return tuple(
        (line.line_id, a)
        for line in lines
        for a in line.allocations
        if a.status not in GONE and a.status is not Status.CANCELLED
    )


def allowed(order: Order, modification: Modification, matrix: Matrix, of: Line | Bundle | None = None) -> AllowedChange:
    """Return whether the order, or a line, may take the change: every status that it touches must allow it.

    Another method gives the line another address or counter, too.
    """
    level = Level.LINE if of else Level.ORDER
    lines = lines_of(order, modification, of.line_id if of else "")
    touched: dict[Status, int] = {}
    for _, a in units_here(lines):
        touched[a.status] = touched.get(a.status, 0) + a.quantity
    steps = (modification, *along(modification, lines))
    found = (
        *held_lines(order, steps, lines, at_node=not touched.keys().isdisjoint(AT_NODE)),
        *(
            replace(one, code=cancellable.PACKED) if one.status is Status.PACKED else one
            for step in steps
            for one in denied(order, step, level, touched, matrix, of.line_id if of else None)
        ),
        *_unfit(modification, of, lines, anything=bool(touched)),
    )
    denials = tuple(dict.fromkeys(found))
    return AllowedChange(
        modification=modification,
        level=level,
        line_id=of.line_id if of else None,
        units=0 if denials else sum(touched.values()),
        denials=denials,
    )


def along(modification: Modification, lines: tuple[Line, ...]) -> Iterator[Modification]:
    """Yield what another method changes along with itself: a line that was collected gets an address, another one a counter."""
    if modification is Modification.METHOD and lines:
        yield Modification.SHIP_TO if any(line.method == PICKUP for line in lines) else Modification.STORE


def held_lines(
    order: Order, steps: tuple[Modification, ...], lines: tuple[Line, ...], *, at_node: bool
) -> Iterator[Denial]:
    """Yield a denial for each hold that blocks the change, or the recall that it needs where units are at a node."""
    for step in (*steps, *(("recall",) if at_node else ())):
        yield from held(order, step)
        for line in lines:
            yield from held(order, step, line.line_id)


def _unfit(
    modification: Modification, of: Line | Bundle | None, lines: tuple[Line, ...], *, anything: bool
) -> Iterator[Denial]:
    """Yield why the line itself, or the whole order, cannot take the change."""
    line_id = of.line_id if of else None
    if isinstance(of, Line) and of.component and of.group is not None:
        yield Denial(code=BUNDLE, line_id=line_id)
    elif isinstance(of, Line) and of.is_provided:
        yield Denial(code=PROVIDED_LINE, line_id=line_id)
    elif modification in OF_SHIPPED and any(line.method == PICKUP for line in lines if of):
        yield Denial(code=PICKUP_LINE, line_id=line_id)
    elif modification is Modification.STORE and any(line.method != PICKUP for line in lines):
        yield Denial(code=SENT_LINE, line_id=line_id)
    elif not lines:
        yield Denial(code=PICKUP_LINE)
    elif not anything:
        left = any(line.live for line in lines)
        yield Denial(code=cancellable.LEFT if left else NOTHING_LEFT, line_id=line_id)
