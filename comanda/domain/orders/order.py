"""
Define the order: one frozen value with its lines, fulfillments, payments and holds. A change makes a new value.

Amounts are integer minor units of the order's one currency. Times are aware UTC datetimes. An order has no personal data:
the customer's name and address are in the contact; the order keeps the contact's version and a coarse destination.

Called by   everything that reads or changes an order
Returns     new orders
Raises      NotFound for a line or fulfillment that the order does not have, Held when a hold blocks a transaction
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Self

from comanda.domain.errors import Held, NotFound
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.credit import Credit
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.dispute import Dispute
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.orders.line import Allocation, Discount, Line
from comanda.domain.orders.nfe_result import NfeResult
from comanda.domain.orders.pending_change import PendingChange
from comanda.domain.orders.provision import Provision
from comanda.domain.orders.status import AT_NODE, GONE, Status, derived
from comanda.domain.orders.tender import Collected, FailedMovement, Tender
from comanda.domain.orders.values import value


@value(frozen=True, slots=True, kw_only=True)
class Charge:
    kind: str
    amount: int
    tax: int = 0
    tax_rate: str = "0"  # of the table; 0 for a tax that was given
    tax_table: str = ""  # as that of a line
    tax_name: str = ""
    zero_rate_reason: str = ""  # as that of a line
    tax_estimated: bool = False


@value(frozen=True, slots=True, kw_only=True)
class Hold:
    """A reason why named steps of an order may not happen yet. Resolved holds stay, with their resolution."""

    hold_id: str
    type: str
    blocks: tuple[str, ...]
    reason: str
    by: str
    at: datetime
    expires: datetime | None = None
    queue: str = ""  # the queue of its task; empty: no task
    lines: tuple[str, ...] = ()  # the lines that it holds; empty: the whole order
    resolved_at: datetime | None = None
    resolved_by: str | None = None
    resolution: str | None = None
    expired_at: datetime | None = None  # since when a person is asked, because the time of the hold is over
    on_expiry: str = ""  # RESOLVE, CANCEL or ASK; empty: the hold was placed before types said so, and its type says
    contributions: tuple[tuple[str, int], ...] = ()  # to the score of the rule that placed it: id, points
    # The figures when it was resolved: (line id, amount, units, lines) of each held line, and of the order without an id.
    seen: tuple[tuple[str, int, int, int], ...] = ()

    @property
    def active(self) -> bool:
        """Return True until the hold is resolved."""
        return self.resolved_at is None


@value(frozen=True, slots=True, kw_only=True)
class Question:
    """A question of a state machine to a person. It is open until a person answers it."""

    item_id: str
    queue: str
    reason: str
    wait: str  # the machine: "order", or the number of a fulfillment in three digits
    at: datetime


@value(frozen=True, slots=True, kw_only=True)
class Totals:
    """The totals of an order or an invoice: total = goods - discounts + charges + tax, without the tax if the prices include
    it."""

    goods: int
    discounts: int
    charges: int
    tax: int
    total: int


@value(frozen=True, slots=True, kw_only=True)
class Promised:
    """The promise that the customer saw before the order: the option that the order was placed on, its dates and nodes."""

    promise_id: str
    option_id: str
    deliver_on: str | None  # local date in `zone`
    zone: str
    nodes: tuple[str, ...]


# Kinds of orders: what a customer buys, and what is sent again without payment.
SALE, REPLACEMENT = "SALE", "REPLACEMENT"


@value(frozen=True, slots=True, kw_only=True)
class Replaced:
    """Units of another order that this order replaces. They have the same line id here."""

    order_id: str
    line_id: str
    quantity: int


@value(frozen=True, slots=True, kw_only=True)
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
    destinations: tuple[Destination, ...] = ()  # further ones, of lines with an address of their own
    version: int = 0  # 0: not saved yet
    change_version: int = 0  # the version that the last change by a decision made; steps of the work leave it
    contact: int = 1  # version of the contact
    prices_include_tax: bool = False
    priority: int = 5
    draft: bool = False
    fulfillments: tuple[Fulfillment, ...] = ()
    provisions: tuple[Provision, ...] = ()
    charges: tuple[Charge, ...] = ()
    discounts: tuple[Discount, ...] = ()
    payments: tuple[Tender, ...] = ()
    operations: int = 0  # money operations so far
    failed_money: tuple[FailedMovement, ...] = ()  # that a person has not answered, and what is to be collected
    collected: tuple[Collected, ...] = ()  # when the customer got goods
    disputes: tuple[Dispute, ...] = ()  # of payments, as their providers have told of them
    holds: tuple[Hold, ...] = ()
    questions: tuple[Question, ...] = ()
    invoices: tuple[str, ...] = ()
    invoiced_total: int = 0
    invoiced_charges: int = 0  # without their tax
    invoiced_tax: int = 0
    credits: tuple[Credit, ...] = ()
    nfes: tuple[NfeResult, ...] = ()  # what the tax authority of Brazil said of invoices
    requested: tuple[tuple[str, str], ...] = ()
    tags: tuple[str, ...] = ()
    sourcing_class: str = ""  # a word of the channel, for rule sets to match
    kind: str = SALE
    replaces: tuple[Replaced, ...] = ()
    reservation_id: str | None = None
    promised: Promised | None = None
    bundles: tuple[Bundle, ...] = ()  # their components are lines
    pending: PendingChange | None = None  # a change that waits for money
    papers: str = ""  # without which no goods leave: INVOICE or NFE; empty: it is invoiced when they have left
    given_before: bool = False  # persons gave discounts before it was placed: they count as theirs
    closed: bool = False  # the books are closed: nothing of the order is left to ship, invoice or give back

    def line(self, line_id: str) -> Line:
        """Return the line with this id. Raises NotFound."""
        for line in self.lines:
            if line.line_id == line_id:
                return line
        raise NotFound("line", line_id)

    def as_sent(self) -> tuple[Line | Bundle, ...]:
        """Return the lines as the channel sent them: with the bundles in their places."""
        if not self.bundles:
            return self.lines
        rows: list[Line | Bundle] = list(self.lines)
        for bundle in self.bundles:  # in the order of their places
            rows.insert(bundle.place, bundle)
        return tuple(rows)

    def bundle(self, line_id: str) -> Bundle:
        """Return the bundle with this line id. Raises NotFound."""
        for bundle in self.bundles:
            if bundle.line_id == line_id:
                return bundle
        raise NotFound("line", line_id)

    def fulfillment(self, number: int) -> Fulfillment:
        """Return the fulfillment with this number. Raises NotFound."""
        for fulfillment in self.fulfillments:
            if fulfillment.number == number:
                return fulfillment
        raise NotFound("fulfillment", f"{self.order_id}-{number:03d}")

    def destination_of(self, number: int) -> Destination:
        """Return the order's own destination for 0, else the further one of this number."""
        return self.destinations[number - 1] if number else self.destination

    def part_to(self, number: int) -> Self:
        """Return the order as if its lines to one destination were all of it, and that destination its only one."""
        lines = tuple(line for line in self.lines if line.destination == number)
        return replace(self, lines=lines, destination=self.destination_of(number), destinations=())

    def with_lines(self, changed: Iterable[Line]) -> Self:
        """Return the order with these lines in place of the lines with their ids."""
        by_id = {line.line_id: line for line in changed}
        return replace(self, lines=tuple(by_id.get(line.line_id, line) for line in self.lines))

    def with_fulfillment(self, changed: Fulfillment) -> Self:
        """Return the order with this fulfillment, as its next version, in place of the one with its number."""
        changed = replace(changed, version=changed.version + 1)
        return replace(
            self, fulfillments=tuple(changed if f.number == changed.number else f for f in self.fulfillments)
        )

    def quantities(self) -> dict[Status, int]:
        """Return the number of units in each status, over all lines."""
        sums: dict[Status, int] = {}
        for line in self.lines:
            for allocation in line.allocations:
                sums[allocation.status] = sums.get(allocation.status, 0) + allocation.quantity
        return sums

    @property
    def status(self) -> str:
        """Return the order's status, which follows from its units."""
        return derived(self.quantities())

    def units_of(self, number: int) -> Iterator[tuple[Line, Allocation]]:
        """Yield each allocation of the fulfillment with its line, cancelled units too."""
        for line in self.lines:
            for allocation in line.allocations:
                if allocation.fulfillment == number:
                    yield line, allocation

    def fulfillment_status(self, number: int) -> str:
        """Return the status of a fulfillment: the status of its least advanced live unit, or how it ended.

        A shipment is DELIVERED when no unit is on its way and one was delivered, and LOST when all its units are.
        """
        fulfillment = self.fulfillment(number)
        if fulfillment.ended:
            return fulfillment.ended
        steps = [AT_NODE.index(a.status) for _, a in self.units_of(number) if a.status in AT_NODE]
        if steps:
            first = AT_NODE[min(steps)]
            return "OFFERED" if first is Status.RELEASED else first.value
        gone = {a.status for _, a in self.units_of(number)}
        ways = (Status.PICKED_UP, Status.SHIPPED, Status.DELIVERED, Status.LOST)
        return next((status.value for status in ways if status in gone), Status.CANCELLED.value)

    def requested_back(self, number: int) -> dict[str, int]:
        """Return the units (line id: units) of an open recall that the node still has. Empty: none is open."""
        request = self.fulfillment(number).recall
        there: dict[str, int] = {}
        for line, a in self.units_of(number) if request else ():
            if a.status in AT_NODE:
                there[line.line_id] = there.get(line.line_id, 0) + a.quantity
        return {
            line_id: part
            for line_id, n in (request.units if request else ())
            if (part := min(n, there.get(line_id, 0)))
        }

    def ready_at(self) -> set[str]:
        """Return the ids of the nodes that have units to release now."""
        return {str(a.node) for line in self.lines if line.ready() for a in line.allocations if a.to_release}

    def require_unheld(self, transaction: str) -> None:
        """Raise Held when an active hold of the whole order blocks the transaction."""
        for hold in self.holds:
            if hold.active and not hold.lines and transaction in hold.blocks:
                raise Held(hold.hold_id, hold.type, transaction)

    def require_line_unheld(self, line_id: str, transaction: str) -> None:
        """Raise Held when an active hold of the line blocks the transaction."""
        if hold := self.hold_of_line(line_id, transaction):
            raise Held(hold.hold_id, hold.type, transaction)

    def hold_of_line(self, line_id: str, transaction: str) -> Hold | None:
        """Return the first active hold of the line that blocks the transaction, or None."""
        return next((h for h in self.holds if h.active and line_id in h.lines and transaction in h.blocks), None)

    @property
    def kept_from_router(self) -> bool:
        """Return True if a hold of the order stops the router, which schedules and releases in one step."""
        return self.blocked("schedule") or self.blocked("release")

    def blocked(self, transaction: str) -> bool:
        """Return True if an active hold of the whole order blocks the transaction."""
        return any(hold.active and not hold.lines and transaction in hold.blocks for hold in self.holds)

    @property
    def settled(self) -> bool:
        """Return True if every unit has left its node, is provided or is cancelled, and all that left is invoiced."""
        return (
            all(status in GONE or status is Status.CANCELLED for status in self.quantities())
            and all(f.billed or f.ended for f in self.fulfillments)
            and not self.to_invoice()
        )

    def to_invoice(self) -> tuple[Provision, ...]:
        """Return what was provided and has no invoice yet."""
        return tuple(p for p in self.provisions if p.invoice is None)

    @property
    def routable(self) -> bool:
        """Return True if the router has something to place, to release or to schedule. Holds of the order are not seen."""
        return any(line.unplaced() or line.ready() or line.to_schedule() for line in self.lines)

    @property
    def open_authorization(self) -> int:
        """Return the amount that can still be captured, in minor units, if no authorisation has ended."""
        return sum(tender.open for tender in self.payments)

    def unpaid(self, at: datetime, *, renewed: bool = False) -> int:
        """Return how much of the amount to capture is not covered at a time, because authorisations have ended by then, or
        because the customer has not paid what a link or a code asks for.

        The amount is in minor units; 0 if neither is so. `renewed` counts authorisations of payment providers as if they
        lasted, because they are renewed before, and leaves links out.
        """
        over = sum(tender.open for tender in self.payments if tender.ended(at) and not (renewed and tender.outside))
        if not over and (renewed or not any(tender.by_link for tender in self.payments)):
            return 0
        return max(0, self.totals.total - self.accounted - (self.open_authorization - over))

    @property
    def captured(self) -> int:
        """Return the amount that was captured, less refunds, in minor units."""
        return sum(tender.captured - tender.refunded for tender in self.payments)

    @property
    def disputed(self) -> int:
        """Return what banks took back of payments and the shop has not got since, in minor units."""
        return sum(dispute.owed_again for dispute in self.disputes)

    @property
    def credited_total(self) -> int:
        """Return what credit notes took off the invoices, in minor units."""
        return sum(credit.total for credit in self.credits)

    @property
    def accounted(self) -> int:
        """Return what was captured, less refunds, with what no rule takes again: movements that failed, and what is credited."""
        return sum(tender.accounted for tender in self.payments) + self.credited_total
