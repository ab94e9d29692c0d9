"""
Define a line of an order and its allocations: how many units are in which status, and at which node.

`Line.move` is the only way in which a unit changes its status. Values are frozen: a change makes a new one. Amounts are
integer minor units of the order's currency.

Called by   comanda.domain.lifecycle and comanda.domain.scheduling, which move units
Returns     new lines
Raises      NotAllowed when the status table refuses a move, Invalid for a quantity below 1
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from enum import Enum
from typing import Final, Literal, TypedDict, Unpack

from comanda.domain.errors import Invalid, NotAllowed, Problem
from comanda.domain.money import share_of_units
from comanda.domain.orders.component import NOTHING, Component, SetAmount
from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.status import TRANSACTIONS, UNPLACED, Status
from comanda.domain.orders.values import value

# Lines of these kinds need no node and no stock: their units are scheduled by themselves, and then provided.
PROVIDED_KINDS = frozenset({"DIGITAL", "SERVICE"})

Span = tuple[int, int]  # (first, last): units first+1 .. last of a line


@value(frozen=True, slots=True, kw_only=True)
class Allocation:
    """Units of a line that have the same status, node and dates. Cancelled units keep their `node` and `fulfillment`."""

    quantity: int
    status: Status
    node: str | None = None
    fulfillment: int | None = None  # its number in the order
    promise: str | None = None  # the local date of delivery, while the units wait for a supply
    implied: tuple[str, ...] = ()  # the node's steps that the partner did not report
    due: str | None = None  # the UTC day of the stock reservation, where the fulfillment does not give it
    lane: int = 0  # of a hot position
    ready: bool = False  # the goods that the units waited for are on the shelf: the router releases the units next
    wave: str | None = None  # the start, in ISO 8601, of the wave that the units wait for; None: no wave
    release_on: str | None = None  # the UTC day before which the units are not released: the customer wants them later
    reason: str = ""  # of cancelled units: its code
    blame: str = ""  # of cancelled units: a Blame

    @property
    def to_release(self) -> bool:
        """Return True if the router releases the units next. Units that were cancelled meanwhile are not released."""
        return self.ready and self.fulfillment is None and self.status is Status.SCHEDULED


class _Any(Enum):
    ANY = "any"


type _AnyValue = Literal[_Any.ANY]
ANY: Final = _Any.ANY


@value(frozen=True, slots=True, kw_only=True)
class Units:
    """Select units of a line by the values of their fields. A field that is not given selects any value, None too."""

    status: Status | _AnyValue = ANY
    among: frozenset[Status] | _AnyValue = ANY  # statuses
    node: str | _AnyValue | None = ANY
    fulfillment: int | _AnyValue | None = ANY
    promise: str | _AnyValue | None = ANY
    due: str | _AnyValue | None = ANY
    lane: int | _AnyValue = ANY
    ready: bool | _AnyValue = ANY
    wave: str | _AnyValue | None = ANY

    def includes(self, a: Allocation) -> bool:
        """Return True if the allocation has every value that is given."""
        return (
            (self.status is ANY or a.status is self.status)
            and (self.among is ANY or a.status in self.among)
            and (self.node is ANY or a.node == self.node)
            and (self.fulfillment is ANY or a.fulfillment == self.fulfillment)
            and (self.promise is ANY or a.promise == self.promise)
            and (self.due is ANY or a.due == self.due)
            and (self.lane is ANY or a.lane == self.lane)
            and (self.ready is ANY or a.ready == self.ready)
            and (self.wave is ANY or a.wave == self.wave)
        )


ALL_UNITS: Final = Units()


class Changes(TypedDict, total=False):
    """The new values of the fields of moved units. The other fields keep their values."""

    node: str | None
    fulfillment: int | None
    promise: str | None
    implied: tuple[str, ...]
    due: str | None
    lane: int
    ready: bool
    wave: str | None
    release_on: str | None
    reason: str
    blame: str


@value(frozen=True, slots=True, kw_only=True)
class Discount:
    code: str
    amount: int
    by: str = ""  # who gave it after the sale; empty: it came with the order
    appeasement: bool = False  # given because something went wrong: its code says what
    of_application: bool = False  # given after the sale by an application, whom no limit of persons binds


@value(frozen=True, slots=True, kw_only=True)
class HeaderPart:
    """A part of the order's header amounts: charges, the tax on them, discounts, and the taxes that these take off."""

    charges: int = 0
    charges_tax: int = 0  # before any is taken off
    discounts: int = 0
    goods_tax: int = 0  # of the units, before any is taken off; 0 where none is
    goods_tax_off: int = 0
    charges_tax_off: int = 0


@value(frozen=True, slots=True, kw_only=True)
class Added:
    """Units, or sets of a bundle, that one change added to a line. They carry no discount, have a tax of their own, and are
    the first ones to leave."""

    quantity: int
    tax: int = 0
    set_tax: SetAmount = NOTHING  # a component's part of the tax of the sets
    usual: int | None = None  # what these units cost before persons changed it; None: what they cost


class Sold:
    """Units, or sets of a bundle, that were sold at one price. Those that joined last are the first ones to leave."""

    __slots__ = ()

    quantity: int
    unit_price: int
    tax: int
    discounts: tuple[Discount, ...]
    usual: int | None
    added: tuple[Added, ...]

    @property
    def sold(self) -> int:
        """Return the number of units with which the line joined the order. They carry its discounts."""
        return self.quantity - sum(one.quantity for one in self.added) if self.added else self.quantity

    @property
    def tax_of_sold(self) -> int:
        """Return the tax of the units that carry the discounts."""
        return self.tax - sum([one.tax for one in self.added])

    @property
    def discount(self) -> int:
        """Return the sum of the line's own discounts."""
        return sum([d.amount for d in self.discounts])

    def usual_of(self, units: int) -> int:
        """Return what the first units usually cost."""
        sold = self.sold
        part = min(units, sold)
        found = part * self.unit_price if self.usual is None else share_of_units(self.usual, 0, part, sold)
        left = units - part
        for one in self.added if left else ():
            part = min(left, one.quantity)
            found += part * self.unit_price if one.usual is None else share_of_units(one.usual, 0, part, one.quantity)
            left -= part
        return found


@value(frozen=True, slots=True, kw_only=True)
class Line(Sold):
    line_id: str
    sku: str
    quantity: int
    unit_price: int
    tax_rate: str = "0"
    tax: int = 0  # of all units
    tax_table: str = ""  # the table, and its version, that was asked for the rate; empty: the rate or the tax was given
    tax_name: str = ""  # of the table's row with the rate; empty: no row has one
    zero_rate_reason: str = ""  # why a rate of 0 is 0: a `ZeroRateReason`; empty: nothing says why
    tax_estimated: bool = False
    tax_parts: tuple[
        tuple[int, int], ...
    ] = ()  # (units, tax) of its first units, if a change taxed the later ones anew
    tax_share: tuple[int, int] | None = None  # (tax, net value) that the line came with, if it came without a rate
    discounts: tuple[Discount, ...] = ()
    order_discount: int = 0  # the line's part of the order's discounts, shared by its units like its own discounts
    kind: str = "PRODUCT"
    gift_card: bool = False  # each unit is a gift card of its unit price
    method: str = SHIP
    node_id: str | None = None  # the node at which the customer picks the line up
    service: str = "STANDARD"
    weight_g: int = 0
    dims_mm: tuple[int, int, int] | None = None  # from the channel; the directory's dimensions take precedence
    title: str = ""
    gtin: str = ""
    allocations: tuple[Allocation, ...] = ()
    invoiced: int = 0  # units, always the first ones of the line
    standing: tuple[
        Span, ...
    ] = ()  # their places as sold, by invoice. Empty: no void let units before them join the others
    header: HeaderPart = HeaderPart()  # carried by the `header_units` units after `header_base`
    header_units: int = 0  # live, not invoiced units when the header was spread: a cancel later does not change that
    header_base: int = 0  # units that were invoiced when the header was spread
    header_billed: HeaderPart = HeaderPart()  # carried by the units up to `header_base`
    excluded: tuple[str, ...] = ()  # nodes that declined the line or did not find it
    attempts: int = 0  # how often a node gave units back
    waits_in: str | None = None  # the queue of the person who must decide; the router leaves the line alone meanwhile
    because: str = ""  # why units of the line wait, in a queue or for stock
    called: int = 0  # backordered units that may be routed because stock came, and are not routed yet
    group: str | None = None  # lines of one group stay together: a kit, a set
    cancel_on: str | None = None  # the UTC day from which units that still wait for stock are cancelled
    gift: bool = False  # the contact has its message
    wrap: bool = False  # the gift is to be wrapped
    destination: int = 0  # 0: the order's own; n: the n-th of its further destinations (`Order.destinations`)
    chosen: str = ""  # the node that a person chose for the units that the router places next
    chosen_by: str = ""
    held: tuple[str, ...] = ()  # the transactions that active holds of this line block (`comanda.domain.orders.holds`)
    replaces_line: str | None = None  # the line whose units these units replaced after the sale
    component: Component | None = None  # of a bundle, which has the price: here price, discounts and tax are 0
    usual: int | None = None  # what the units that were sold cost before persons changed it; None: what they cost
    added: tuple[Added, ...] = ()  # its last units, in the order in which changes added them

    @property
    def cancelled(self) -> int:
        """Return the number of cancelled units."""
        return sum([a.quantity for a in self.allocations if a.status is Status.CANCELLED])

    @property
    def live(self) -> int:
        """Return the number of units that are not cancelled."""
        return self.quantity - self.cancelled

    def units(self, where: Callable[[Allocation], bool]) -> int:
        """Return the number of units whose allocation fulfils the condition."""
        return sum([a.quantity for a in self.allocations if where(a)])

    def unplaced(self) -> int:
        """Return the number of units that the router should place now."""
        return (
            0
            if self.waits_in or self.kept_from_router or self.is_provided
            else self.units(lambda a: a.status in UNPLACED)
        )

    @property
    def is_provided(self) -> bool:
        """Return True for a digital line or a service: its units are provided, not sent from a node."""
        return self.kind in PROVIDED_KINDS

    def to_schedule(self) -> int:
        """Return the number of units that are to be scheduled now without a node, because they are provided."""
        if not self.is_provided or self.kept_from_router:
            return 0
        return self.units(lambda a: a.status in UNPLACED)

    def ready(self) -> int:
        """Return the number of scheduled units that may be released now."""
        return 0 if self.kept_from_router else self.units(lambda a: a.to_release)

    @property
    def kept_from_router(self) -> bool:
        """Return True if a hold of the line stops the router, which schedules and releases in one step."""
        return "schedule" in self.held or "release" in self.held

    def waiting(self) -> int:
        """Return the number of units that have no node because stock is missing. Units that may be routed again because
        stock came, and are not routed yet, count too."""
        called = self.called and min(self.called, self.units(lambda a: a.status is Status.UNSCHEDULED))
        return called + self.units(lambda a: a.status is Status.BACKORDERED)

    def moves(self, transaction: str, quantity: int, where: Units = ALL_UNITS) -> Iterator[Allocation]:
        """Yield the allocations, cut to size, from which `transaction` would take `quantity` of the selected units.

        Raises NotAllowed when there are not that many, Invalid for a quantity below 1.
        """
        if quantity < 1:
            message = f"line {self.line_id}: cannot {transaction} {quantity} units"
            raise Invalid(Problem(pointer="/lines", code="too-small", message=message))
        rule, left = TRANSACTIONS[transaction], quantity
        fits = [a for a in self.allocations if where.includes(a)]
        for status in rule.takes:
            for allocation in fits:
                if allocation.status is status and left:
                    part = min(left, allocation.quantity)
                    left -= part
                    yield replace(allocation, quantity=part)
        if left:
            sums: dict[Status, int] = {}
            for allocation in fits:
                sums[allocation.status] = sums.get(allocation.status, 0) + allocation.quantity
            has = ", ".join(f"{units} {status}" for status, units in sums.items()) or "none"
            raise NotAllowed(f"line {self.line_id}: cannot {transaction} {quantity}, has {has}", line=self.line_id)

    def move(
        self,
        transaction: str,
        quantity: int,
        *,
        to: Status | None = None,
        where: Units = ALL_UNITS,
        **changes: Unpack[Changes],
    ) -> "Line":
        """Move `quantity` of the selected units by a transaction of the status table, and merge equal allocations.

        `to` chooses among the statuses in which the transaction may leave units (default: its first). `changes` are the new
        field values of the moved units. Raises NotAllowed; the sum of the allocations never changes.
        """
        rule = TRANSACTIONS[transaction]
        target = to or rule.leaves[0]
        if target not in rule.leaves:
            raise NotAllowed(f"{transaction} cannot leave units {target}")
        before = tuple(self.moves(transaction, quantity, where))
        after = tuple(replace(a, status=target, **changes) for a in before)
        return replace(self, allocations=merged((*_without_units(self.allocations, before), *after)))

    def redated(self, part: Allocation, due: str | None, *, ready: bool, promise: str | None) -> "Line":
        """Return the line with another day for scheduled units, or with these units ready. No status changes. `promise`
        is the new day at the customer's door."""
        moved = replace(part, due=due, ready=ready, promise=promise)
        return replace(self, allocations=merged((*_without_units(self.allocations, (part,)), moved)))


def _without_units(allocations: tuple[Allocation, ...], removed: tuple[Allocation, ...]) -> Iterator[Allocation]:
    out = {replace(part, quantity=0): part.quantity for part in removed}
    for allocation in allocations:
        left = allocation.quantity - out.pop(replace(allocation, quantity=0), 0)
        if left:
            yield replace(allocation, quantity=left)


def merged(allocations: Iterable[Allocation]) -> tuple[Allocation, ...]:
    """Merge allocations that differ only in quantity. The order of first appearance stays."""
    sums: dict[Allocation, int] = {}
    for allocation in allocations:
        kind = replace(allocation, quantity=0)
        sums[kind] = sums.get(kind, 0) + allocation.quantity
    return tuple(replace(kind, quantity=quantity) for kind, quantity in sums.items() if quantity)
