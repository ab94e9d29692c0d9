"""
Follow the sets of a bundle through the units of its components.

Called by   comanda.domain.lifecycle and comanda.domain.views; the rooms that show bundles
Returns     lines, sets by status, units of sets
Raises      NotAllowed when a bundle has fewer sets
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise

from comanda.domain.errors import NotAllowed
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import RANK, Status

_LAST = max(RANK.values()) + 1  # cancelled units: the other units of a set decide about it
_LESS = (Status.BACKORDERED, Status.READY_FOR_PICKUP, Status.LOST)  # less advanced than others of their rank
_PLACES = {status: place for place, status in enumerate(Status)}


def by_bundle(order: Order) -> Mapping[str, Sequence[Line]]:
    """Return the components of each bundle, by the bundle's line id."""
    found: dict[str, list[Line]] = {bundle.line_id: [] for bundle in order.bundles}
    for line in order.lines:
        if line.component:
            found[line.component.bundle].append(line)
    return found


def components(order: Order, bundle_id: str) -> Sequence[Line]:
    """Return the components of one bundle."""
    return by_bundle(order)[bundle_id]


def as_line(bundle: Bundle, lines: Sequence[Line]) -> Line:
    """Return a bundle as a line without units, for people to see. It goes as its components go."""
    first = lines[0]
    return Line(
        line_id=bundle.line_id,
        sku=bundle.sku,
        quantity=bundle.quantity,
        unit_price=bundle.unit_price,
        tax_rate=bundle.tax_rate,
        tax=bundle.tax,
        tax_table=bundle.tax_table,
        tax_name=bundle.tax_name,
        zero_rate_reason=bundle.zero_rate_reason,
        tax_estimated=bundle.tax_estimated,
        discounts=bundle.discounts,
        title=bundle.title,
        kind="BUNDLE",
        method=first.method,
        node_id=first.node_id,
        service=first.service,
        destination=first.destination,
        gift=first.gift,
        wrap=first.wrap,
        invoiced=whole_sets({line.line_id: line.invoiced for line in lines}, lines),
        waits_in=next((line.waits_in for line in lines if line.waits_in), None),
        cancel_on=min((line.cancel_on for line in lines if line.cancel_on), default=None),
    )


def whole_sets(units: Mapping[str, int], lines: Iterable[Line]) -> int:
    """Return how many sets these units (line id: units) of all components of a bundle make."""
    return min((units.get(line.line_id, 0) // ratio(line) for line in lines), default=0)


def exact_sets(units: Mapping[str, int], lines: Iterable[Line]) -> int | None:
    """Return how many sets these units (line id: units) of a bundle's components make, None if units are left over."""
    parts = tuple(lines)
    sets = whole_sets(units, parts)
    return sets if all(units.get(line.line_id, 0) == sets * ratio(line) for line in parts) else None


def sets_by_status(lines: Sequence[Line]) -> dict[Status, int]:
    """Return the sets of a bundle in each status: that of the least advanced unit of the set that is not cancelled.

    The most advanced units of the components make the first sets. A set is cancelled when all its units are.
    """
    of_lines = [_Progress(line) for line in lines]
    ends = sorted({0, *(end for one in of_lines for end in one.ends())})
    found: dict[Status, int] = {}
    for first, after in pairwise(ends):
        status = min((one.status_of_set(first) for one in of_lines), key=_progress)
        found[status] = found.get(status, 0) + after - first
    return found


def _progress(status: Status) -> tuple[int, bool, int]:
    return RANK.get(status, _LAST), status not in _LESS, _PLACES[status]


class _Progress:
    """The units of a component, the most advanced ones first, cut into sets."""

    def __init__(self, line: Line) -> None:
        live = sorted(
            (a for a in line.allocations if a.status is not Status.CANCELLED),
            key=lambda a: _progress(a.status),
            reverse=True,
        )
        self.ratio, self.sets = ratio(line), line.quantity // ratio(line)
        self.statuses = [a.status for a in live]
        self.until = list(accumulate(a.quantity for a in live))

    def ends(self) -> Iterable[int]:
        """Yield the sets after which the status may differ."""
        for units in self.until:
            yield units // self.ratio
            yield -(-units // self.ratio)
        yield self.sets

    def status_of_set(self, n: int) -> Status:
        """Return the status of the component's least advanced live unit in set n, from 0."""
        live = self.until[-1] if self.until else 0
        if n * self.ratio >= live:
            return Status.CANCELLED
        last = min((n + 1) * self.ratio, live) - 1
        return self.statuses[bisect_right(self.until, last)]


def units_of_sets(order: Order, quantities: Mapping[str, int]) -> dict[str, int]:
    """Return the units (line id: units) to cancel, with the units of the components in place of a bundle's sets.

    Sets of which a part is cancelled already go first. Raises NotAllowed when a bundle has fewer sets that are not cancelled.
    """
    found: dict[str, int] = {}
    parts = by_bundle(order)
    for line_id, quantity in quantities.items():
        lines = parts.get(line_id)
        if lines is None:
            found[line_id] = quantity
            continue
        live = max(-(-line.live // ratio(line)) for line in lines)
        if quantity > live:
            raise NotAllowed(f"line {line_id}: cannot cancel {quantity} sets, has {live}", line=line_id)
        for line in lines:
            if leaving := line.live - min(line.live, (live - quantity) * ratio(line)):
                found[line.line_id] = leaving
    return found


def units_in_sets(order: Order, quantities: Mapping[str, int]) -> dict[str, int]:
    """Return units (line id: units) with the units of the components in place of a bundle's sets."""
    parts = by_bundle(order)
    found: dict[str, int] = {}
    for line_id, quantity in quantities.items():
        lines = parts.get(line_id)
        found |= {line.line_id: quantity * ratio(line) for line in lines} if lines else {line_id: quantity}
    return found


def with_components(order: Order, line_ids: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of lines, with the components in place of a bundle, and with the lines that leave in sets with them."""
    found: dict[str, None] = {}
    parts = by_bundle(order)
    for line_id in line_ids:
        group = None if line_id in parts else order.line(line_id).group
        together = [line for line in order.lines if line.group == group] if group is not None else parts.get(line_id)
        found |= dict.fromkeys(line.line_id for line in together) if together else {line_id: None}
    return tuple(found)


def ratio(line: Line) -> int:
    """Return how many units of a component make one set: 1 for a line of no bundle."""
    return line.component.ratio if line.component else 1
