"""
Define why a change is denied, and say it of holds, of the modification matrix, and of the units that decide it.

Called by   comanda.domain.lifecycle.modifications.allowed_cancels, comanda.domain.lifecycle.changes and .moving;
            functions/intake and openapi, which show it
Returns     rows and denials
Raises      nothing
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from comanda.domain.lifecycle.cancels import cancellable
from comanda.domain.lifecycle.modifications.modification_matrix import Level, Matrix, Modification
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import GONE, Status

# The denials beside those of `comanda.domain.lifecycle.cancels.cancellable`.
BUNDLE, NOTHING_LEFT, INVOICED, PART_CANCELLED = "bundle", "nothing-left", "invoiced", "part-cancelled"
PICKUP_LINE, PROVIDED_LINE = "pickup", "provided"  # nothing of such lines is sent
SENT_LINE = "sent"  # it has no counter
REPLACES = "replacement"  # the order sends lost units again, for nothing: it gets no further ones
DENIALS = (
    cancellable.PACKED,
    cancellable.LEFT,
    cancellable.KIT,
    cancellable.HELD,
    cancellable.DENIED,
    BUNDLE,
    NOTHING_LEFT,
    INVOICED,
    PART_CANCELLED,
    PICKUP_LINE,
    PROVIDED_LINE,
    SENT_LINE,
    REPLACES,
)


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
    """Say whether an order or a line may take a modification now. `units` are the units that may; of a bundle its sets.

    Of a quantity `units` are those that may be taken away, and `more` says whether further ones may join; None of all others.
    """

    modification: Modification
    level: Level
    line_id: str | None = None
    units: int
    more: bool | None = None
    denials: tuple[Denial, ...]

    @property
    def allowed(self) -> bool:
        """Return True if the modification may be made for at least one unit."""
        return self.units > 0 or bool(self.more)


def live_by_status(*lines: Line) -> dict[Status, int]:
    """Return the units of lines by status, without cancelled ones."""
    found: dict[Status, int] = {}
    for a in (a for line in lines for a in line.allocations):
        if a.status is not Status.CANCELLED:
            found[a.status] = found.get(a.status, 0) + a.quantity
    return found


def here_by_status(order: Order) -> dict[Status, int]:
    """Return the units of an order that have neither left nor ended, by status."""
    return {s: n for s, n in order.quantities().items() if s not in GONE and s is not Status.CANCELLED}


def parts_of(order: Order, line: Line | Bundle) -> Sequence[Line]:
    """Return the lines that have the units: the components of a bundle, or the line itself."""
    if isinstance(line, Line):
        return (line,)
    from comanda.domain.orders import bundles  # few orders have bundles

    return bundles.components(order, line.line_id)


def sets_or_units(line: Line | Bundle, parts: Sequence[Line]) -> int:
    """Return the live units of a line, or the sets of a bundle of which a unit is live."""
    if isinstance(line, Line):
        return line.live
    from comanda.domain.orders import bundles

    return max((-(-part.live // bundles.ratio(part)) for part in parts), default=0)


def held(order: Order, step: str, line_id: str = "") -> tuple[Denial, ...]:
    """Return a denial for each active hold that blocks a step of the whole order, or of this line."""
    return tuple(
        Denial(code=cancellable.HELD, line_id=line_id or None, hold_id=hold.hold_id, hold_type=hold.type)
        for hold in order.holds
        if hold.active and step in hold.blocks and (line_id in hold.lines if line_id else not hold.lines)
    )


def denied(
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
                code=cancellable.LEFT if status in GONE else cancellable.DENIED,
                line_id=line_id,
                quantity=n,
                status=status,
                reason=matrix.reason(modification, level, status, order.channel),
            )


def barred(
    order: Order,
    modification: Modification,
    level: Level,
    touched: Mapping[Status, int],
    matrix: Matrix,
    line_id: str | None = None,
    held_lines: Iterable[str] = (),
) -> Iterator[Denial]:
    """Yield a denial for each hold of the order or of these lines, and for each touched status, that bars the modification."""
    yield from held(order, modification)
    for held_line in held_lines:
        yield from held(order, modification, held_line)
    yield from denied(order, modification, level, touched, matrix, line_id)
