"""
Answer which changes an order may take now, and why it may not take others: by its units, its holds and the matrix.

Called by   functions/intake, comanda.domain.lifecycle.change
Returns     a row for each modification of the order and of its lines, with every denial
Raises      nothing
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from comanda.domain.lifecycle import cancel
from comanda.domain.lifecycle.modification_matrix import OF_LINES, OF_ORDERS, Level, Matrix, Modification
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import GONE, Status

# The denials beside those of `comanda.domain.lifecycle.cancel`.
BUNDLE, NOTHING_LEFT, INVOICED, PART_CANCELLED = "bundle", "nothing-left", "invoiced", "part-cancelled"
DENIALS = (
    cancel.PACKED,
    cancel.LEFT,
    cancel.KIT,
    cancel.HELD,
    cancel.DENIED,
    BUNDLE,
    NOTHING_LEFT,
    INVOICED,
    PART_CANCELLED,
)

# These are about units that are still here; the others, such as a note, are about those that have left too.
_OF_WHAT_IS_HERE = frozenset({Modification.PRIORITY, Modification.DISCOUNT, Modification.CHARGE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Denial:
    """A reason why a change is denied for the whole order, for a line, or for some of its units."""

    code: str  # one of `DENIALS`
    line_id: str | None = None
    quantity: int | None = None
    status: Status | None = None
    hold_id: str | None = None
    hold_type: str | None = None
    reason: str = ""  # the retailer's own words


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedChange:
    """Say whether an order or a line may take a modification now. `units` are the units that may; of a bundle its sets."""

    modification: Modification
    level: Level
    line_id: str | None = None
    units: int
    denials: tuple[Denial, ...]

    @property
    def allowed(self) -> bool:
        """Return True if the modification may be made for at least one unit."""
        return self.units > 0


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
    live: dict[Status, int] = {s: n for s, n in order.quantities().items() if s is not Status.CANCELLED}
    touched: dict[Status, int] = (
        {s: n for s, n in live.items() if s not in GONE} if modification in _OF_WHAT_IS_HERE else live
    )
    denials = [*_held(order, modification), *_denied(order, modification, Level.ORDER, touched, matrix)]
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
    touched = {} if isinstance(line, Bundle) else _live_units(line)
    denials = [
        *_held(order, modification),
        *_held(order, modification, line.line_id),
        *_denied(order, modification, Level.LINE, touched, matrix, line.line_id),
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


def _denied(
    order: Order,
    modification: Modification,
    level: Level,
    touched: Mapping[Status, int],
    matrix: Matrix,
    line_id: str | None = None,
) -> Iterator[Denial]:
    """Yield a denial for each touched status in which the matrix does not allow the modification."""
    may = matrix.allowed(modification, level, order.channel)
    for status, n in touched.items():
        if status not in may:
            yield Denial(
                code=cancel.LEFT if status in GONE else cancel.DENIED,
                line_id=line_id,
                quantity=n,
                status=status,
                reason=matrix.reason(modification, level, status, order.channel),
            )


def _live_units(line: Line) -> dict[Status, int]:
    """Return the units of a line by status, without cancelled ones."""
    found: dict[Status, int] = {}
    for a in line.allocations:
        if a.status is not Status.CANCELLED:
            found[a.status] = found.get(a.status, 0) + a.quantity
    return found


def _cancel_all(order: Order, matrix: Matrix) -> AllowedChange:
    held = _held(order, "cancel")
    wanted, kept = cancel.cancellable(order, matrix.allowed(Modification.CANCEL, Level.ORDER, order.channel))
    denials = [
        Denial(
            code=row.reason,
            line_id=row.line_id,
            quantity=row.quantity,
            status=row.status,
            reason=matrix.reason(Modification.CANCEL, Level.ORDER, row.status, order.channel),
        )
        for row in kept
    ]
    if not wanted and not kept:
        denials.append(Denial(code=NOTHING_LEFT))
    units = 0 if held else sum(wanted.values())
    return AllowedChange(modification=Modification.CANCEL, level=Level.ORDER, units=units, denials=(*held, *denials))


def _cancel_of(order: Order, line: Line | Bundle, matrix: Matrix) -> AllowedChange:
    """Return what may be cancelled of a line. Components that go with their set are cancelled by their bundle's line."""
    may = matrix.allowed(Modification.CANCEL, Level.LINE, order.channel)
    held = _held(order, "cancel")
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
        units=0 if held else units,
        denials=(*held, *denials),
    )


type _Row = tuple[int, tuple[Denial, ...]]  # units that may be cancelled, and why others may not


def _cancel_line(order: Order, line: Line, may: frozenset[Status], matrix: Matrix) -> _Row:
    """Return the units of a line that may be cancelled, and a denial for each other status, or for the line's hold."""
    if held := _held(order, "cancel", line.line_id):
        return 0, held
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


def _held(order: Order, step: str, line_id: str = "") -> tuple[Denial, ...]:
    """Return a denial for each active hold that blocks a step of the whole order, or of this line."""
    return tuple(
        Denial(code=cancel.HELD, line_id=line_id or None, hold_id=hold.hold_id, hold_type=hold.type)
        for hold in order.holds
        if hold.active and step in hold.blocks and (line_id in hold.lines if line_id else not hold.lines)
    )
