"""
Define the entries of the directory. Unknown fields, wrong types and values out of range are refused by pointer.

Called by   functions/directory; openapi
Returns     pydantic models; carriers and costs have modules of their own
"""

from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator

from comanda.aws.api.contracts import (
    Amount,
    CaseKind,
    CaseTeam,
    Clock,
    Contract,
    Country,
    Day,
    Dims,
    Id,
    Locale,
    NamesOnce,
    NewCurrency,
    SafetyStock,
    TextOf,
    Title,
    UnitOfMeasure,
    Word,
    unique,
    wrong_field,
)
from comanda.aws.api.routes import SCOPES
from comanda.domain import text
from comanda.domain.lifecycle.modifications.modification_matrix import BLOCKABLE, OF_WHOLE_ORDERS
from comanda.domain.orders.queues import OF_ORDERS as QUEUES
from functions.directory.hold_rule_contract import AppliesWhen, HoldScore
from functions.directory.nfe_contract import NfeOfProduct
from functions.directory.order_forms import OrderForm
from functions.directory.payment_providers import PaymentProviders
from functions.directory.settlement_contract import Settlements
from functions.directory.tax_service_contract import TaxService

Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 60)]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is not a time zone of the IANA database")
    return name


def _blockable(name: str) -> str:
    if name not in BLOCKABLE:
        raise ValueError(f"is not one of {', '.join(BLOCKABLE)}")
    return name


def _queue(name: str) -> str:
    if name not in QUEUES:
        raise ValueError(f"is not one of {', '.join(QUEUES)}")
    return name


def _scope(name: str) -> str:
    if name not in SCOPES:
        raise ValueError(f"is not one of {', '.join(SCOPES)}")
    return name


type Ids = Annotated[list[Id], Field(max_length=1000), AfterValidator(unique)]
type Units = Annotated[int, Field(ge=0, le=1_000_000)]
type Days = Annotated[int, Field(ge=0, le=365)]
type Micros = Annotated[int, Field(ge=0, le=10**12)]
type Words = Annotated[list[Id], Field(max_length=50), AfterValidator(unique)]


class NodeHandling(Contract):
    """The cost of a node's own work, in micro-units, if it differs from that of the node's type."""

    per_package_micros: Micros
    per_unit_micros: Micros


class Node(Contract):
    """A warehouse, store or vendor. `calendar` is a calendar's id; the minutes are the node's time to answer and to ship."""

    type: Literal["WAREHOUSE", "STORE", "VENDOR"]
    name: Title
    country: Country
    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    calendar: Id
    ship: bool
    pickup: bool
    accept_minutes: Minutes
    ship_minutes: Minutes
    partner_id: Id | None = None
    city: Title | None = None
    region: Annotated[str, TextOf(text.REGION_NAME)] | None = None
    postal_code: Annotated[str, TextOf(text.NODE_POSTAL_CODE)] | None = None
    processing_minutes: Annotated[int, Field(ge=0, le=14 * 24 * 60)] = 60  # of its open time, until units are packed
    cut_off: Clock | None = None  # local time; a later order is begun on the node's next working day
    units_per_day: Annotated[int, Field(ge=1, le=10_000_000)] | None = None  # null: without a limit
    capacity_lanes: Annotated[int, Field(ge=1, le=64)] = 1  # counters of a day; one takes some fifty orders a second
    safety: SafetyStock | None = None
    receiving_days: Days | None = None  # from the node's door to its shelf
    groups: Words | None = None  # names of groups of nodes, for rules
    tags: Words | None = None  # the goods and skills that it takes: hazmat, cold, engraving
    priority: Annotated[int, Field(ge=1, le=99)] | None = None  # for rules, the lowest first; null is 5
    acceptance_percent: Annotated[int, Field(ge=0, le=100)] | None = None  # of the offers to it; null is all
    handling: NodeHandling | None = None
    gs1_company_prefix: Annotated[str, TextOf(text.COMPANY_PREFIX)] | None = None  # in the SSCC of its packages


type Packs = dict[UnitOfMeasure, Annotated[int, Field(ge=1, le=100_000)]]


class Product(Contract):
    """A product that is sold by its sku. `gift_card`: each unit is a gift card with the unit price on it; null is no."""

    title: Title
    weight_g: Annotated[int, Field(ge=0, le=10_000_000)]
    class_: Annotated[Word, Field(alias="class")]
    department: Title | None = None
    gtin: Annotated[str, TextOf(text.GTIN)] | None = None
    safety: SafetyStock | None = None
    safety_by_channel: Annotated[dict[Id, SafetyStock], Field(max_length=100), NamesOnce] | None = None
    low_units: Units | None = None  # an alert stands at any node with so many units or fewer
    units: Annotated[Packs, Field(max_length=20), NamesOnce] | None = None  # pieces in each unit of measure beside EACH
    categories: Annotated[list[Title], Field(max_length=3)] | None = None  # the widest category first
    tags: Words | None = None
    requires: Words | None = None  # tags that a node must have to send it
    carton_requires: Words | None = None  # tags that its carton must have: hazmat, cold
    dims_mm: Dims | None = None
    markdown_micros: Micros | None = None  # what a unit loses at its next markdown, and saves if it is sold now
    # The price of one unit by channel, on the channel's order form.
    prices: Annotated[dict[Id, Amount], Field(min_length=1, max_length=20), NamesOnce] | None = None
    tax_class: Word | None = None  # the class of goods by which tax tables choose the rate
    gift_card: bool | None = None
    nfe: NfeOfProduct | None = None  # for invoices of Brazil


class Partner(Contract):
    """A partner that runs nodes for the retailer, or ships its own stock. A node names its partner with `partner_id`.
    `settlements` null: it brings no reports of money. `carrier_invoices`: it brings the invoices of carriers."""

    name: Title
    nodes: Ids
    settlements: Settlements | None = None
    carrier_invoices: bool = False


class Channel(Contract):
    """A channel through which a seller sells. `seller` names the seller as rule sets do; null: itself. `locales` are the languages
    of its mails; orders in others are mailed in the first. `discount_after_cancel` decides about the order's discount: a cancelled
    unit takes its share of it along (SHARE, also null), or the others keep it (KEEP). `unknown_places` decides about an address
    that is not located: it counts as the farthest (FARTHEST, also null), or the order is refused (REFUSE). `breakable`: components
    of a bundle may leave, be declined and cancelled without the rest of their set. `customer_cancel_minutes`: so long after the
    order its customer may cancel by link what no node knows of; null: always, 0: never. `order_form` null: it has no public form.
    `payment_providers` name who moves the money of payments, by their methods; the shop moves other money itself. `tax_table` has
    the rates of its taxes, also while `tax_service` says none. `contact_days_after_shipment`: so many days a parcel without news
    delays an erasure; null is 30. `legal_entity` is the seller on its invoices; they have no PDF without. `gift_card_days` and
    `store_credit_days`: so long what it issues can be spent; null: always."""

    name: Title
    seller: Id | None = None
    currencies: Annotated[list[NewCurrency], Field(min_length=1, max_length=50), AfterValidator(unique)]
    countries: Annotated[list[Country], Field(min_length=1, max_length=250), AfterValidator(unique)]
    locales: Annotated[list[Locale], Field(min_length=1, max_length=50), AfterValidator(unique)]
    discount_after_cancel: Literal["SHARE", "KEEP"] | None = None
    unknown_places: Literal["FARTHEST", "REFUSE"] | None = None
    breakable: bool = False
    customer_cancel_minutes: Annotated[int, Field(ge=0, le=129_600)] | None = None
    contact_days_after_shipment: Annotated[int, Field(ge=0, le=400)] | None = None
    order_form: OrderForm | None = None
    payment_providers: PaymentProviders | None = None
    gift_card_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    store_credit_days: Annotated[int, Field(ge=1, le=36_500)] | None = None
    gift_cards_on_account: bool = False
    tax_table: Id | None = None
    tax_service: TaxService | None = None
    legal_entity: Id | None = None


class Hours(Contract):
    """The local opening hours of one weekday, 0 is Monday. A night shift is two rows."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    opens: Clock
    closes: Clock

    @model_validator(mode="after")
    def _opens_first(self) -> "Hours":
        if time.fromisoformat(self.opens) >= time.fromisoformat(self.closes):
            raise ValueError("closes before it opens")
        return self


class Holidays(Contract):
    """The public holidays of a country, or of a region of it, as days without work. The pack has this year and the next two."""

    country: Country
    region: Annotated[str, TextOf(text.REGION_NAME)] | None = None


class Calendar(Contract):
    """A calendar of nodes or carriers: time zone, opening hours, and days without work."""

    timezone: Annotated[str, AfterValidator(_known_zone)]
    hours: Annotated[list[Hours], Field(min_length=1, max_length=50)]
    closed: Annotated[list[Day], Field(max_length=2000)] = []
    holidays: Holidays | None = None
    name: Title | None = None


class HoldType(Contract):
    """A type of hold. A rule places it: a condition (`applies_when`) or a `score`; without both, only a person or another system
    does. No rule places a type that is not `active`: it can be tried on stored orders first.
    `level` is the whole order or lines of it; a rule holds the lines of which its condition is true. `total_at_least` is then
    of an article's goods, less their discounts, and `units_at_least` of its units, in all lines that have it. Only callers with one of `roles` resolve the hold; without roles, every caller that
    may resolve holds. `resolved_by` schedule: the hold ends when it expires; event: another system resolves it, with a client of
    its own, and no person does. `on_expiry`: RESOLVE the hold, CANCEL what can be cancelled, or ASK a person, who finds it in its
    queue, while the stock of units that no node works on is given back."""

    level: Literal["order", "line"] = "order"
    blocks: Annotated[
        list[Annotated[str, AfterValidator(_blockable), Field(json_schema_extra={"enum": [*BLOCKABLE]})]],
        Field(min_length=1, max_length=30),
        AfterValidator(unique),
    ]
    reason: Title
    queue: Annotated[str, AfterValidator(_queue), Field(json_schema_extra={"enum": [*QUEUES]})]
    active: bool = True
    applies_when: AppliesWhen | None = None
    score: HoldScore | None = None
    resolved_by: Literal["person", "schedule", "event"] = "person"
    expires_hours: Annotated[int, Field(ge=1, le=24 * 365)] | None = None
    expires_minutes: Annotated[int, Field(ge=5, le=60 * 24 * 365)] | None = None
    on_expiry: Literal["RESOLVE", "CANCEL", "ASK"] | None = None
    roles: Annotated[list[Id], Field(max_length=20), AfterValidator(unique)] = []

    @model_validator(mode="after")
    def _blocks_of_lines(self) -> "HoldType":
        whole = [name for name in self.blocks if name in OF_WHOLE_ORDERS]
        if self.level == "line" and whole:
            raise wrong_field(
                "blocks", f"a hold of a line blocks no {' or '.join(whole)}: that is done with the whole order"
            )
        return self

    @model_validator(mode="after")
    def _one_rule(self) -> "HoldType":
        if self.applies_when is not None and self.score is not None:
            raise wrong_field("score", "has applies_when or score, not both")
        if self.score is not None and self.level == "line":
            raise wrong_field("level", "a score is of the whole order: its level is order")
        return self

    @model_validator(mode="after")
    def _one_expiry(self) -> "HoldType":
        if self.expires_hours is not None and self.expires_minutes is not None:
            raise wrong_field("expires_minutes", "has expires_hours or expires_minutes, not both")
        if self.on_expiry is not None and self.expires_hours is None and self.expires_minutes is None:
            raise wrong_field("on_expiry", "needs expires_hours or expires_minutes")
        if self.resolved_by == "schedule" and self.expires_hours is None and self.expires_minutes is None:
            raise wrong_field(
                "expires_hours", "a hold that ends when it expires needs expires_hours or expires_minutes"
            )
        if self.resolved_by == "schedule" and self.on_expiry not in (None, "RESOLVE"):
            raise wrong_field("on_expiry", "a hold that ends when it expires has on_expiry RESOLVE")
        return self


class SafetyLevels(Contract):
    """Safety stock by level, from the most general up. The safety stock of a node, product or position goes before these."""

    default: SafetyStock | None = None
    channels: Annotated[dict[Id, SafetyStock], Field(max_length=100), NamesOnce] = {}
    node_types: dict[Literal["WAREHOUSE", "STORE", "VENDOR"], SafetyStock] = {}
    classes: Annotated[dict[Word, SafetyStock], Field(max_length=500), NamesOnce] = {}


class SupplyTerms(Contract):
    """The terms of a type of supply: the percent of it that is not promised, the days that it may be late, and the percent
    that may be received beyond the announced quantity."""

    excluded_percent: Annotated[int, Field(ge=0, le=100)] = 0
    grace_days: Days = 3
    over_receipt_percent: Annotated[int, Field(ge=0, le=100)] = 0


class DemandTerms(Contract):
    """The terms of suggestions: the days from a supply's order to the shelf, how much they vary, and the percent of cycles without a
    stockout."""

    lead_days: Annotated[int, Field(ge=1, le=365)] = 14
    lead_days_sigma: Days = 0
    service_percent: Annotated[int, Field(ge=50, le=99)] = 95


class StockPolicy(Contract):
    """The policy of all stock, for fields that no node, product or position sets. `stale_days` and `low_units` of 0 never raise
    alerts."""

    safety: SafetyLevels = SafetyLevels()
    supplies: dict[Literal["IN_TRANSIT", "PURCHASE_ORDER", "TRANSFER", "RETURN"], SupplyTerms] = {}
    demand: DemandTerms = DemandTerms()
    low_units: Units = 0
    stale_days: Days = 0


class CaseTerm(Contract):
    """The team that gets new cases of a kind, the hours until such a case is due, and those until a case that waits for the
    customer or a partner is due again."""

    team: CaseTeam = "care"
    due_hours: Annotated[int, Field(ge=1, le=24 * 90)]
    wait_hours: Annotated[int, Field(ge=1, le=24 * 90)] = 72


class CaseTerms(Contract):
    """The terms of each kind of case: which team gets new ones, and by when they are due. A kind that is left out has the built-in terms."""

    kinds: dict[CaseKind, CaseTerm]


class Client(Contract):
    """An application that calls the API: its kind, its own channels, nodes, partner or carrier, and the scopes of its tokens. A
    client of kind `form` is the order form of one channel, one of kind `carrier` reports scans of one carrier, one of kind `mailbox`
    passes on mails."""

    name: Title
    kind: Literal["channel", "form", "partner", "node", "carrier", "mailbox", "admin"]
    channels: Ids = []
    nodes: Ids = []
    partner: Id | None = None
    carrier: Id | None = None
    scopes: Annotated[
        list[Annotated[str, AfterValidator(_scope), Field(json_schema_extra={"enum": [*SCOPES]})]],
        Field(min_length=1, max_length=50),
        AfterValidator(unique),
    ]


def document(model: Contract) -> dict[str, Any]:
    """Return the document that is stored: with the field names of the API, and without fields that were left out."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)
