"""
The order: one frozen value. A change makes a new one; `Line.move` is the only way a unit changes its status.

Amounts are integer minor units of the order's one currency. Times are aware UTC datetimes. No personal data: who the
customer is and where they live is in the contact, of which an order knows the version and the coarse destination.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from comanda.domain.errors import Held, Invalid, NotAllowed, NotFound, Problem
from comanda.domain.orders.status import AT_NODE, GONE, TRANSACTIONS, UNPLACED, Status, derived

SHIP, PICKUP = "SHIP", "PICKUP"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allocation:
    """So many units of a line, and where they are. `node` and `fulfillment` (its number) stay on cancelled units."""

    quantity: int
    status: Status
    node: str | None = None
    fulfillment: int | None = None
    promise: str | None = None  # the local date of delivery, while it waits for a supply
    implied: tuple[str, ...] = ()  # steps that the partner never told us
    due: str | None = None  # the UTC day under which its stock is reserved, where its fulfillment does not say it
    lane: int = 0  # of a hot position
    ready: bool = False  # what it waited for is on the shelf: to be released
    wave: str | None = None  # the moment of the wave that it waits for, where its rule says so
    release_on: str | None = None  # the UTC day before which it is not released: the customer wants it later


@dataclass(frozen=True, slots=True, kw_only=True)
class Discount:
    code: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeaderPart:
    """A part of the order's header amounts: charges, the tax on them, discounts."""

    charges: int = 0
    charges_tax: int = 0
    discounts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    line_id: str
    sku: str
    quantity: int
    unit_price: int
    tax_rate: str = "0"
    tax: int = 0
    discounts: tuple[Discount, ...] = ()
    order_discount: int = 0  # its part of the order's discounts, carried by all its units as its own discounts are
    kind: str = "PRODUCT"
    method: str = SHIP
    node_id: str | None = None  # where the customer picks it up
    service: str = "STANDARD"
    weight_g: int = 0
    dims_mm: tuple[int, int, int] | None = None  # as the channel says; the directory's go before
    title: str = ""
    gtin: str = ""
    allocations: tuple[Allocation, ...] = ()
    invoiced: int = 0  # units, always the first ones of the line
    header: HeaderPart = HeaderPart()  # carried by the `header_units` units after `header_base`
    header_units: int = 0  # live, not invoiced units when the header was spread: a cancel later does not change that
    header_base: int = 0  # units that were invoiced when the header was spread
    header_billed: HeaderPart = HeaderPart()  # carried by the units up to `header_base`
    excluded: tuple[str, ...] = ()  # nodes that declined or did not find it
    attempts: int = 0  # how often a node gave it back
    waits_in: str | None = None  # the queue of the person who must decide; the router leaves it alone meanwhile
    because: str = ""  # why units of it wait, there or for stock
    called: int = 0  # backordered units that were set free for stock that came, and not routed yet
    group: str | None = None  # lines of one group stay together: a kit, a set
    cancel_on: str | None = None  # the UTC day from which what still waits for stock is cancelled
    held: tuple[str, ...] = ()  # the transactions that active holds of this line stop (`comanda.domain.orders.holds`)

    @property
    def discount(self) -> int:
        return sum(d.amount for d in self.discounts)

    @property
    def cancelled(self) -> int:
        return self.units(lambda a: a.status is Status.CANCELLED)

    @property
    def live(self) -> int:
        return self.quantity - self.cancelled

    def units(self, where: Callable[[Allocation], bool]) -> int:
        return sum(a.quantity for a in self.allocations if where(a))

    def unplaced(self) -> int:
        """Units that the router should take now."""
        return 0 if self.waits_in or self.kept_from_router else self.units(lambda a: a.status in UNPLACED)

    def ready(self) -> int:
        """Scheduled units that may be released now."""
        return 0 if self.kept_from_router else self.units(lambda a: a.ready and a.fulfillment is None)

    @property
    def kept_from_router(self) -> bool:
        """Return whether a hold of the line stands before the router, which schedules and releases in one step."""
        return "schedule" in self.held or "release" in self.held

    def waiting(self) -> int:
        """Units that no node has for want of stock, those too that are on their way to the router."""
        called = min(self.called, self.units(lambda a: a.status is Status.UNSCHEDULED))
        return called + self.units(lambda a: a.status is Status.BACKORDERED)

    def moves(self, transaction: str, quantity: int, **where: object) -> Iterator[Allocation]:
        """The allocations, cut to size, that `transaction` would take `quantity` units from.

        `where` narrows by field values, e.g. fulfillment=2. Raises NotAllowed when there are not that many, Invalid for
        a quantity below 1.
        """
        if quantity < 1:
            message = f"line {self.line_id}: cannot {transaction} {quantity} units"
            raise Invalid(Problem(pointer="/lines", code="too-small", message=message))
        rule, left = TRANSACTIONS[transaction], quantity
        fits = [a for a in self.allocations if all(getattr(a, k) == v for k, v in where.items())]
        for status in rule.takes:
            for allocation in fits:
                if allocation.status is status and left:
                    taken = min(left, allocation.quantity)
                    left -= taken
                    yield replace(allocation, quantity=taken)
        if left:
            has = ", ".join(f"{a.quantity} {a.status}" for a in fits) or "none"
            raise NotAllowed(f"line {self.line_id}: cannot {transaction} {quantity}, has {has}", line=self.line_id)

    def move(
        self,
        transaction: str,
        quantity: int,
        *,
        to: Status | None = None,
        where: Mapping[str, object] | None = None,
        **changes: object,
    ) -> "Line":
        """Move `quantity` units by a transaction of the status table and merge what became alike.

        `to` chooses among the statuses the transaction may leave (default: its only one); `changes` are the new
        field values of the moved allocations. Raises NotAllowed; the sum of allocations never changes.
        """
        rule = TRANSACTIONS[transaction]
        target = to or rule.leaves[0]
        if target not in rule.leaves:
            raise NotAllowed(f"{transaction} cannot leave units {target}")
        taken = tuple(self.moves(transaction, quantity, **(where or {})))
        moved = tuple(replace(a, status=target, **changes) for a in taken)  # type: ignore[arg-type]  # fields by name
        return replace(self, allocations=merged((*_without(self.allocations, taken), *moved)))

    def redated(self, part: Allocation, due: str | None, *, ready: bool, promise: str | None) -> "Line":
        """Return the line with another day for scheduled units, or with these units ready. No status changes. `promise`
        is the new day at the customer's door."""
        moved = replace(part, due=due, ready=ready, promise=promise)
        return replace(self, allocations=merged((*_without(self.allocations, (part,)), moved)))


def _without(allocations: tuple[Allocation, ...], taken: tuple[Allocation, ...]) -> Iterator[Allocation]:
    out = {replace(t, quantity=0): t.quantity for t in taken}
    for allocation in allocations:
        left = allocation.quantity - out.pop(replace(allocation, quantity=0), 0)
        if left:
            yield replace(allocation, quantity=left)


def merged(allocations: Iterable[Allocation]) -> tuple[Allocation, ...]:
    """Allocations that differ in nothing but quantity become one; order of first appearance."""
    sums: dict[Allocation, int] = {}
    for allocation in allocations:
        kind = replace(allocation, quantity=0)
        sums[kind] = sums.get(kind, 0) + allocation.quantity
    return tuple(replace(kind, quantity=quantity) for kind, quantity in sums.items() if quantity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """A carton. `contents` are (line id, quantity). `label_cost`: what its label cost, in minor units of the order's currency;
    0 where nobody said."""

    package_id: str
    contents: tuple[tuple[str, int], ...] = ()
    carrier: str = ""
    service: str = ""
    tracking_number: str = ""
    weight_g: int = 0
    label_cost: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fulfillment:
    """The work of one node for one order, and at most one shipment. Its units are the allocations that name it."""

    number: int
    node: str
    method: str
    service: str
    due: str  # the UTC day under which the stock is reserved
    offered_at: datetime
    accept_by: datetime
    ship_by: datetime
    version: int = 1
    partner: str | None = None
    store: bool = False
    packages: tuple[Package, ...] = ()
    shipment_id: str | None = None
    shipped_at: datetime | None = None
    misses: int = 0  # deadlines missed
    reminded: int = 0  # misses that the node was told of
    late: bool = False  # a person was given the late work
    ended: str | None = None  # DECLINED, SHORTED or CANCELLED: no live unit is left, and why
    invoice: int | None = None  # number of the invoice of its shipment
    ship_on: str | None = None  # the node's local date that was planned
    deliver_on: str | None = None  # the destination's local date, in `zone`
    zone: str = ""
    # (the node's local day, units): the capacity that it took and has not given back. None where the node had no limit.
    work_days: tuple[tuple[str, int], ...] = ()

    @property
    def leaves_by(self) -> str:
        """The transaction by which its units leave the node."""
        return "ship" if self.method == SHIP else "hand-over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tender:
    """One means of payment. 0 <= refunded <= captured; open authorisation = authorized - captured - released."""

    method: str
    reference: str
    authorized: int
    captured: int = 0
    refunded: int = 0
    released: int = 0
    expires_at: datetime | None = None

    @property
    def open(self) -> int:
        return self.authorized - self.captured - self.released

    def ended(self, at: datetime) -> bool:
        """Return whether the open authorisation has ended at this moment, so that no more can be captured from it."""
        return self.expires_at is not None and self.expires_at <= at


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    kind: str
    amount: int
    tax: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """Why named steps may not happen. Resolved holds stay, with who and when."""

    hold_id: str
    type: str
    blocks: tuple[str, ...]
    reason: str
    by: str
    at: datetime
    expires: datetime | None = None
    queue: str = ""  # where its task is
    lines: tuple[str, ...] = ()  # the lines that it holds; none: the whole order
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolution: str | None = None

    @property
    def active(self) -> bool:
        return self.resolved_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A machine's state that asks a person. Open until somebody resolves it."""

    item_id: str
    queue: str
    reason: str
    wait: str  # "order" or the fulfillment's number, three digits
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    goods: int
    discounts: int
    charges: int
    tax: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where it goes, as coarse as routing needs: coordinates rounded to 0.1 degree, the postal code's first digits."""

    country: str
    region: str = ""
    postal_prefix: str = ""
    latitude: float | None = None
    longitude: float | None = None
    address: bool = True  # False: only picked up, the customer gave no address
    precision: str | None = None  # of what was located for it; None: coordinates were given, or there are none


@dataclass(frozen=True, slots=True, kw_only=True)
class Promised:
    """What the customer was promised before the order: the option that the order is worded as, and its dates and nodes."""

    promise_id: str
    option_id: str
    deliver_on: str | None  # local date in `zone`
    zone: str
    nodes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    order_id: str
    channel: str
    external_id: str
    currency: str
    locale: str
    customer_id: str
    placed_at: datetime
    lines: tuple[Line, ...]
    totals: Totals
    destination: Destination
    version: int = 0  # 0: not saved yet
    contact: int = 1  # version of the contact
    prices_include_tax: bool = False
    priority: int = 5
    draft: bool = False
    fulfillments: tuple[Fulfillment, ...] = ()
    charges: tuple[Charge, ...] = ()
    discounts: tuple[Discount, ...] = ()
    payments: tuple[Tender, ...] = ()
    operations: int = 0  # money operations so far
    holds: tuple[Hold, ...] = ()
    questions: tuple[Question, ...] = ()
    invoices: tuple[str, ...] = ()
    invoiced_total: int = 0
    requested: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    sourcing_class: str = ""  # a word of the channel's that rule sets know
    reservation_id: str | None = None
    promised: Promised | None = None
    closed: bool = False  # the order's machine has ended

    def line(self, line_id: str) -> Line:
        for line in self.lines:
            if line.line_id == line_id:
                return line
        raise NotFound("line", line_id)

    def fulfillment(self, number: int) -> Fulfillment:
        for fulfillment in self.fulfillments:
            if fulfillment.number == number:
                return fulfillment
        raise NotFound("fulfillment", f"{self.order_id}-{number:03d}")

    def with_lines(self, changed: Iterable[Line]) -> Self:
        by_id = {line.line_id: line for line in changed}
        return replace(self, lines=tuple(by_id.get(line.line_id, line) for line in self.lines))

    def with_fulfillment(self, changed: Fulfillment) -> Self:
        """Replace it, as its next version."""
        changed = replace(changed, version=changed.version + 1)
        return replace(
            self, fulfillments=tuple(changed if f.number == changed.number else f for f in self.fulfillments)
        )

    def quantities(self) -> dict[Status, int]:
        """How many units are in each status, over all lines."""
        sums: dict[Status, int] = {}
        for line in self.lines:
            for allocation in line.allocations:
                sums[allocation.status] = sums.get(allocation.status, 0) + allocation.quantity
        return sums

    @property
    def status(self) -> str:
        return derived(self.quantities())

    def units_of(self, number: int) -> Iterator[tuple[Line, Allocation]]:
        """Every allocation that names the fulfillment, cancelled ones too."""
        for line in self.lines:
            for allocation in line.allocations:
                if allocation.fulfillment == number:
                    yield line, allocation

    def fulfillment_status(self, number: int) -> str:
        """Its own lifecycle's word: that of its least advanced live unit, or how it ended."""
        fulfillment = self.fulfillment(number)
        if fulfillment.ended:
            return fulfillment.ended
        steps = [AT_NODE.index(a.status) for _, a in self.units_of(number) if a.status in AT_NODE]
        if steps:
            first = AT_NODE[min(steps)]
            return "OFFERED" if first is Status.RELEASED else first.value
        gone = [a.status for _, a in self.units_of(number) if a.status in GONE]
        return (Status.PICKED_UP if Status.PICKED_UP in gone else Status.SHIPPED).value if gone else "CANCELLED"

    def ready_at(self) -> set[str]:
        """The nodes that have units to be released."""
        return {
            str(a.node)
            for line in self.lines
            if line.ready()
            for a in line.allocations
            if a.ready and a.fulfillment is None
        }

    def require_unheld(self, transaction: str) -> None:
        """Raise Held when an active hold of the whole order blocks the transaction."""
        for hold in self.holds:
            if hold.active and not hold.lines and transaction in hold.blocks:
                raise Held(hold.hold_id, hold.type, transaction)

    def require_line_unheld(self, line_id: str, transaction: str) -> None:
        """Raise Held when an active hold of the line blocks the transaction."""
        for hold in self.holds:
            if hold.active and line_id in hold.lines and transaction in hold.blocks:
                raise Held(hold.hold_id, hold.type, transaction)

    @property
    def kept_from_router(self) -> bool:
        """Whether a hold stands before the router, which schedules and releases in one breath."""
        return self.blocked("schedule") or self.blocked("release")

    def blocked(self, transaction: str) -> bool:
        return any(hold.active and not hold.lines and transaction in hold.blocks for hold in self.holds)

    @property
    def settled(self) -> bool:
        """Every unit is gone from its node or cancelled, and every shipment is invoiced."""
        return all(status in GONE or status is Status.CANCELLED for status in self.quantities()) and all(
            f.invoice is not None or f.ended for f in self.fulfillments
        )

    @property
    def open_authorization(self) -> int:
        return sum(tender.open for tender in self.payments)

    def unpaid(self, at: datetime) -> int:
        """Return how much of the amount that is still to be captured cannot be captured at a moment, because
        authorisations have ended by then. Minor units."""
        if not any(tender.ended(at) and tender.open for tender in self.payments):
            return 0
        valid = sum(tender.open for tender in self.payments if not tender.ended(at))
        return max(0, self.totals.total - self.captured - valid)

    @property
    def captured(self) -> int:
        """Money that the retailer has: captured less refunded."""
        return sum(tender.captured - tender.refunded for tender in self.payments)
