"""
Answer which units of an order may be cancelled now, and which may be replaced by units of another sku.

Called by   comanda.domain.lifecycle.changes.allowed_changes
Returns     a row for the order, or for a line, with every denial
Raises      nothing
"""

import itertools

from comanda.domain.lifecycle.cancels import cancellable
from comanda.domain.lifecycle.modifications.denials import (
    BUNDLE,
    NOTHING_LEFT,
    AllowedChange,
    Denial,
    held,
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
    """Return what may be cancelled of a line. Components that go with their set are cancelled by their bundle's line."""
    may = matrix.allowed(Modification.CANCEL, Level.LINE, order.channel)
    holds = held(order, "cancel")
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


type _Row = tuple[int, tuple[Denial, ...]]  # units that may be cancelled, and why others may not


def _cancel_line(order: Order, line: Line, may: frozenset[Status], matrix: Matrix) -> _Row:
    """Return the units of a line that may be cancelled, and a denial for each other status, or for the line's hold."""
    if holds := held(order, "cancel", line.line_id):
        return 0, holds
    left = live_by_status(line)
    denials = tuple(
        Denial(
            code=cancellable.reason_to_stay(line, status, may),
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


def replace_of(order: Order, line: Line | Bundle, matrix: Matrix) -> AllowedChange:
    """Return what may be replaced of a line: the least advanced units that may be cancelled and replaced. Sets stay whole."""
    if isinstance(line, Bundle) or line.component or line.group is not None:
        kit = isinstance(line, Line) and not line.component
        units, denials = 0, [Denial(code=cancellable.KIT if kit else BUNDLE, line_id=line.line_id)]
    else:
        units, denials = _replace_units(line, matrix, order.channel)
    steps = (Modification.CANCEL, Modification.REPLACE)
    holds = [denial for step in steps for line_id in ("", line.line_id) for denial in held(order, step, line_id)]
    return AllowedChange(
        modification=Modification.REPLACE,
        level=Level.LINE,
        line_id=line.line_id,
        units=0 if holds else units,
        denials=tuple(dict.fromkeys((*holds, *denials))),
    )


def _replace_units(line: Line, matrix: Matrix, channel: str) -> tuple[int, list[Denial]]:
    """Return the units of a line that may be replaced, and a denial for each status in which they may not."""
    may = matrix.allowed(Modification.CANCEL, Level.LINE, channel)
    both = may & matrix.allowed(Modification.REPLACE, Level.LINE, channel)
    left = live_by_status(line)
    denials = [
        Denial(
            code=cancellable.reason_to_stay(line, status, both),
            line_id=line.line_id,
            quantity=n,
            status=status,
            reason=matrix.reason(Modification.REPLACE, Level.LINE, status, channel)
            or matrix.reason(Modification.CANCEL, Level.LINE, status, channel),
        )
        for status, n in left.items()
        if status not in both
    ]
    if not left:
        denials.append(Denial(code=NOTHING_LEFT, line_id=line.line_id))
    # A cancel takes the least advanced units first, so those behind units that stay are not reached.
    order_of_cancel = [status for status in TRANSACTIONS["cancel"].takes if status in left and status in may]
    reached = itertools.takewhile(lambda status: status in both, order_of_cancel)
    return sum(left[status] for status in reached), denials
