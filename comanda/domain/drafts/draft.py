"""
Define a draft: a sale that is being prepared, by a shop as a customer's cart, or by an agent on the phone.

    OPEN   -> QUOTED | CONFIRMED | EXPIRED | ABANDONED
    QUOTED -> OPEN (by any change) | CONFIRMED | EXPIRED | ABANDONED

A draft is a document of its own. It has no stock, no machine and no natural key; confirming it makes an order. Amounts are
integer minor units of the draft's one currency. A draft has no personal data: names, addresses and notes are in its contact.
A claim is a lease and no status: one caller works on the draft until it ends.

Called by   comanda.domain.drafts, comanda.aws.drafts, functions/drafts; the rooms that confirm, mail and show drafts
Returns     values; a change makes a new one
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from comanda.domain.orders.claims import Claim
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import Discount
from comanda.domain.orders.order import Totals

MOST_LINES = 1_000
NO_TOTALS = Totals(goods=0, discounts=0, charges=0, tax=0, total=0)


class DraftStatus(StrEnum):
    OPEN = "OPEN"  # it is being built
    QUOTED = "QUOTED"  # it is offered to the customer at its prices; a change opens it again
    CONFIRMED = "CONFIRMED"  # an order was made of it
    EXPIRED = "EXPIRED"  # its time was over before it was confirmed
    ABANDONED = "ABANDONED"  # its shop or an agent gave it up


LIVE = frozenset({DraftStatus.OPEN, DraftStatus.QUOTED})  # it may be changed, claimed, quoted, confirmed and given up


class PriceSource(StrEnum):
    LIST = "LIST"  # a price list has it
    CALLER = "CALLER"  # the caller sent it


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftPrice:
    """The price of a unit, and where it is from. A person who sends a price says why.

    `listed` is what a unit cost by the list when a person set the line; of a bundle, what its components cost if that is more.
    """

    amount: int
    source: PriceSource
    reason: str = ""  # of a price that a person sent
    price_list: str = ""  # the list, and its version, that a price of a list is from
    person: bool = False  # a person set the line
    listed: int | None = None
    listed_rate: str | None = None  # the list's rate of tax, if the line has that


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Keep what the shop said of a line before a person set it anew."""

    quantity: int
    amount: int
    tax_rate: str = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The way that units reach the customer. Lines of one `group` leave one node together."""

    method: str = "SHIP"
    node_id: str | None = None  # the node at which the customer picks the units up
    service: str = "STANDARD"
    group: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftLine:
    """A line of a draft. A COMPONENT has no price of its own: its bundle has it."""

    line_id: str
    sku: str
    quantity: int
    price: DraftPrice
    kind: str = "PRODUCT"
    parent_line_id: str | None = None
    ratio: int | None = None
    price_share: int | None = None
    tax_rate: str = "0"  # a decimal fraction of the price: 0.0825
    tax_table: str = ""  # the table, and its version, that was asked for the rate; empty: the rate was given
    tax_name: str = ""  # of the table's row with the rate; empty: no row has one
    zero_rate_reason: str = ""  # of the table's row, if its rate is 0
    tax_estimated: bool = False
    discounts: tuple[Discount, ...] = ()
    delivery: Delivery | None = None  # None: as the draft says
    title: str = ""
    destination: Destination | None = None  # of an address of its own, which is in the contact; None: as the draft
    gift: bool = False  # the message is in the contact
    wrap: bool = False
    told: Told | None = None

    @property
    def goods(self) -> int:
        """Return the price of all its units."""
        return self.quantity * self.price.amount

    @property
    def discount(self) -> int:
        """Return the sum of its own discounts."""
        return sum(d.amount for d in self.discounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftCharge:
    kind: str
    amount: int
    tax_rate: str = "0"
    tax_table: str = ""  # as that of a line
    tax_name: str = ""
    zero_rate_reason: str = ""
    tax_estimated: bool = False
    promised: str = ""  # the option of a promise whose carriers ask for it, when a person added it; "": it was given


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """The last offer of a draft at its prices. `revision` counts the offers of the draft, whose numbers differ by it."""

    base: str  # the number of the first one
    revision: int
    quoted_at: datetime
    valid_until: datetime

    @property
    def number(self) -> str:
        """Return the number that the customer names: Q-7K3M-29QX, and from the second offer on Q-7K3M-29QX-2."""
        return self.base if self.revision == 1 else f"{self.base}-{self.revision}"


def revision_of(number: str) -> int:
    """Return which offer of its draft a quote's number is of."""
    _, _, suffix = number.removeprefix("Q-").partition("-")[2].partition("-")
    return int(suffix or 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A draft. `version` counts everything that happens to it, and is the version of its last event."""

    draft_id: str
    channel: str
    currency: str
    locale: str
    created_at: datetime
    updated_at: datetime  # of the last change
    expires_at: datetime  # a quote's validity, or the end of a cart that nobody touches
    status: DraftStatus = DraftStatus.OPEN
    version: int = 0
    change_version: int = 0  # of the last change, or of the last quote; a claim is neither
    prices_include_tax: bool = False
    cart: bool = False  # its channel stored it as the customer's open cart; a pointer says which cart is the open one
    customer_id: str | None = None  # `cus_...`; None: nobody is named yet
    contact: int = 0  # the version of the draft that wrote its contact; 0: it has none
    erased: bool = False  # its customer was: no link opens it any more
    destination: Destination | None = None
    delivery: Delivery = Delivery()  # of lines without one of their own
    lines: tuple[DraftLine, ...] = ()
    charges: tuple[DraftCharge, ...] = ()
    usual_charges: tuple[DraftCharge, ...] = ()  # as the shop told them
    discounts: tuple[Discount, ...] = ()
    tags: tuple[str, ...] = ()
    promise_id: str | None = None
    option_id: str | None = None
    reservation_id: str | None = None
    prices_until: datetime | None = None  # until then the prices of its lines are held; None: no time was named
    quote: Quote | None = None  # the last one; a change of the draft ends it
    claim: Claim | None = None  # the last one, which may have ended
    order_id: str | None = None  # of a CONFIRMED draft
    totals: Totals = NO_TOTALS

    def by_table(self) -> "Iterator[tuple[str, DraftLine | DraftCharge]]":
        """Yield the lines and charges for whose rates a tax table was asked, with their places in the draft."""
        yield from ((f"/lines/{i}", line) for i, line in enumerate(self.lines) if line.tax_table)
        yield from ((f"/charges/{i}", one) for i, one in enumerate(self.charges) if one.tax_table)

    @property
    def has_table_rates(self) -> bool:
        """Return True if a tax table was asked for the rate of a line or a charge."""
        return any(True for _ in self.by_table())

    @property
    def lacks_rates(self) -> bool:
        """Return True if the tax table has no rate for a line or a charge."""
        return any(not one.tax_name for _, one in self.by_table())

    @property
    def says_why_untaxed(self) -> bool:
        """Return True if a line or a charge says why its rate is 0."""
        return any(line.zero_rate_reason for line in self.lines) or any(one.zero_rate_reason for one in self.charges)

    @property
    def tax_estimated(self) -> bool:
        """Return True if the tax of a line or a charge is an estimate."""
        return any(line.tax_estimated for line in self.lines) or any(one.tax_estimated for one in self.charges)

    def status_at(self, now: datetime) -> DraftStatus:
        """Return the status, which is EXPIRED as soon as the time is over, even if that was not written yet."""
        return DraftStatus.EXPIRED if self.status in LIVE and self.expires_at <= now else self.status

    def is_live(self, now: datetime) -> bool:
        """Return True while the draft can still become an order."""
        return self.status_at(now) in LIVE

    def claim_at(self, now: datetime) -> Claim | None:
        """Return the claim that lives at this time. A draft that has ended has none."""
        return self.claim if self.claim and self.claim.lives(now) and self.is_live(now) else None

    def deliveries(self) -> dict[str, Delivery]:
        """Return how each line reaches the customer, by line id: a component as its bundle, another line as the draft says."""
        own = {line.line_id: line.delivery for line in self.lines}
        return {
            line.line_id: line.delivery or own.get(line.parent_line_id or "") or self.delivery for line in self.lines
        }
