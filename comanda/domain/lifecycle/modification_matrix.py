"""
Decide which changes an order may take after the sale: by the modification, its level, the statuses that it touches, the channel.

A retailer's rules are data, and the first that names a case decides it. The built-in matrix decides all other cases. No rule
makes possible what the table of statuses does not: a unit that has left is not cancelled.

Called by   functions/intake (cancel, allowed changes), functions/directory (checks a matrix), openapi
Returns     statuses that a modification may touch, and the changes that an order may take, with every denial
Raises      nothing
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from comanda.domain.lifecycle import cancel
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import TRANSACTIONS, Status


class Modification(StrEnum):
    """A change that an order may take after the sale. The values are stored in matrices."""

    CANCEL = "cancel"


class Level(StrEnum):
    """Name what a modification is of: the whole order, or one of its lines."""

    ORDER = "order"
    LINE = "line"


BUNDLE, NOTHING_LEFT = "bundle", "nothing-left"  # denials beside those of `comanda.domain.lifecycle.cancel`
DENIALS = (cancel.PACKED, cancel.LEFT, cancel.KIT, cancel.HELD, cancel.DENIED, BUNDLE, NOTHING_LEFT)

# The statuses that a modification can touch at all, and those of them that the built-in matrix allows.
POSSIBLE: Mapping[Modification, frozenset[Status]] = {Modification.CANCEL: frozenset(TRANSACTIONS["cancel"].takes)}
BUILT_IN: Mapping[Modification, frozenset[Status]] = {Modification.CANCEL: cancel.CANCELLABLE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A row of a matrix. Without levels it is for both, without channels for all."""

    modification: Modification
    allow: bool
    statuses: frozenset[Status]
    levels: frozenset[Level] = frozenset()
    channels: frozenset[str] = frozenset()
    reason: str = ""  # the retailer's own words

    def decides(self, modification: Modification, level: Level, status: Status, channel: str) -> bool:
        """Return True if the rule names this case."""
        return (
            modification is self.modification
            and status in self.statuses
            and (not self.levels or level in self.levels)
            and (not self.channels or channel in self.channels)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """A retailer's rules, the first of which decides a case that it names. Without rules it is the built-in matrix."""

    rules: tuple[Rule, ...] = ()

    def rule(self, modification: Modification, level: Level, status: Status, channel: str) -> Rule | None:
        """Return the rule that decides a case, None if the built-in matrix does."""
        return next((one for one in self.rules if one.decides(modification, level, status, channel)), None)

    def allowed(self, modification: Modification, level: Level, channel: str) -> frozenset[Status]:
        """Return the statuses that the modification may touch."""
        found = set()
        for status in POSSIBLE[modification]:
            rule = self.rule(modification, level, status, channel)
            if rule.allow if rule else status in BUILT_IN[modification]:
                found.add(status)
        return frozenset(found)

    def reason(self, modification: Modification, level: Level, status: Status, channel: str) -> str:
        """Return the retailer's words for a denial, empty if it wrote none."""
        rule = self.rule(modification, level, status, channel)
        return rule.reason if rule and not rule.allow else ""


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
    return (_cancel_all(order, matrix), *_cancel_lines(order, matrix))


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


def _cancel_lines(order: Order, matrix: Matrix) -> Iterator[AllowedChange]:
    """Yield what may be cancelled of each line. Components that go with their set are cancelled by their bundle's line."""
    may = matrix.allowed(Modification.CANCEL, Level.LINE, order.channel)
    held = _held(order, "cancel")
    rows = {line.line_id: _cancel_line(order, line, may, matrix) for line in order.lines}
    for line in order.as_sent():
        row = _cancel_bundle(order, line, rows) if isinstance(line, Bundle) else rows[line.line_id]
        units, denials = row
        if isinstance(line, Line) and line.component and line.group is not None:
            units, denials = 0, (Denial(code=BUNDLE, line_id=line.line_id),)
        yield AllowedChange(
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
    left = {a.status: 0 for a in line.allocations if a.status is not Status.CANCELLED}
    for a in line.allocations:
        if a.status in left:
            left[a.status] += a.quantity
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


def _cancel_bundle(order: Order, bundle: Bundle, rows: Mapping[str, _Row]) -> _Row:
    """Return the sets of a bundle that may be cancelled, and the denials of its components."""
    from comanda.domain.orders import bundles  # few orders have bundles

    parts = bundles.components(order, bundle.line_id)
    live = max((-(-line.live // bundles.ratio(line)) for line in parts), default=0)
    stays = max((-(-(line.live - rows[line.line_id][0]) // bundles.ratio(line)) for line in parts), default=0)
    return live - stays, tuple(denial for line in parts for denial in rows[line.line_id][1])


def _held(order: Order, step: str, line_id: str = "") -> tuple[Denial, ...]:
    """Return a denial for each active hold that blocks a step of the whole order, or of this line."""
    return tuple(
        Denial(code=cancel.HELD, line_id=line_id or None, hold_id=hold.hold_id, hold_type=hold.type)
        for hold in order.holds
        if hold.active and step in hold.blocks and (line_id in hold.lines if line_id else not hold.lines)
    )
