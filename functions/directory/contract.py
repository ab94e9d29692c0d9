"""What strangers may send to the directory: unknown fields, wrong types and values out of range are named by pointer."""

from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, Field, model_validator

from comanda.aws.api.contracts import (
    Amount,
    Clock,
    Contract,
    Country,
    Currency,
    Day,
    Id,
    Locale,
    NamesOnce,
    SafetyStock,
    TextOf,
    Title,
    UnitOfMeasure,
    Word,
    once_each,
)
from comanda.aws.api.routes import SCOPES
from comanda.domain import text
from comanda.domain.orders.queues import OF_ORDERS as QUEUES
from comanda.domain.orders.status import TRANSACTIONS

Minutes = Annotated[int, Field(ge=1, le=60 * 24 * 60)]


def _known_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("is not a time zone of the IANA database")
    return name


def _blockable(name: str) -> str:
    if name not in TRANSACTIONS:
        raise ValueError(f"is not one of {', '.join(sorted(TRANSACTIONS))}")
    return name


def _queue(name: str) -> str:
    if name not in QUEUES:
        raise ValueError(f"is not one of {', '.join(QUEUES)}")
    return name


def _scope(name: str) -> str:
    if name not in SCOPES:
        raise ValueError(f"is not one of {', '.join(SCOPES)}")
    return name


type Ids = Annotated[list[Id], Field(max_length=1000), AfterValidator(once_each)]


type Units = Annotated[int, Field(ge=0, le=1_000_000)]
type Days = Annotated[int, Field(ge=0, le=365)]
type Micros = Annotated[int, Field(ge=0, le=10**12)]
type Millimetres = Annotated[int, Field(ge=1, le=20_000)]
type Dims = Annotated[list[Millimetres], Field(min_length=3, max_length=3)]  # length, width, height
type Words = Annotated[list[Id], Field(max_length=50), AfterValidator(once_each)]


class NodeHandling(Contract):
    """What its own work costs, in micro-units, where that differs from its type's."""

    per_package_micros: Micros
    per_unit_micros: Micros


class Node(Contract):
    """A warehouse, store or vendor. `calendar` is a calendar's id; the minutes are its time to answer and to ship."""

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
    processing_minutes: Annotated[int, Field(ge=0, le=14 * 24 * 60)] = 60  # of its open time, until goods are packed
    cut_off: Clock | None = None  # local: later orders are begun on its next working day
    units_per_day: Annotated[int, Field(ge=1, le=10_000_000)] | None = None  # null: as many as come
    capacity_lanes: Annotated[int, Field(ge=1, le=64)] = 1  # counters of a day: one takes some fifty orders a second
    safety: SafetyStock | None = None
    receiving_days: Days | None = None  # from its door to its shelf
    groups: Words | None = None  # what planners call it and its like
    tags: Words | None = None  # what it may and can do: hazmat, cold, a skill
    priority: Annotated[int, Field(ge=1, le=99)] | None = None  # a planner's, the lowest first; null is 5
    acceptance_percent: Annotated[int, Field(ge=0, le=100)] | None = None  # of its offers, that it takes; null is all
    handling: NodeHandling | None = None


type Packs = dict[UnitOfMeasure, Annotated[int, Field(ge=1, le=100_000)]]


class Product(Contract):
    title: Title
    weight_g: Annotated[int, Field(ge=0, le=10_000_000)]
    class_: Annotated[Word, Field(alias="class")]
    department: Title | None = None
    gtin: Annotated[str, TextOf(text.GTIN)] | None = None
    safety: SafetyStock | None = None
    safety_by_channel: Annotated[dict[Id, SafetyStock], Field(max_length=100), NamesOnce] | None = None
    low_units: Units | None = None  # alerted at so many and fewer, at any node
    # How many pieces a unit of measure holds, beside EACH; stock is counted in pieces.
    units: Annotated[Packs, Field(max_length=20), NamesOnce] | None = None
    categories: Annotated[list[Title], Field(max_length=3)] | None = None  # the widest first
    tags: Words | None = None
    requires: Words | None = None  # tags that a node must have to send it
    dims_mm: Dims | None = None
    markdown_micros: Micros | None = None  # what a unit that is sold now saves of its next markdown


class Partner(Contract):
    """Who runs nodes for the retailer, or ships its own stock. A node says with `partner_id` whose it is."""

    name: Title
    nodes: Ids


class Channel(Contract):
    """A channel through which a seller sells. `seller` names the seller as rule sets do; null is the channel itself.
    `locales` are the languages of its mails; an order of another language is mailed in the first.
    `discount_after_cancel` says whether a cancelled unit takes its share of the order's discount along (SHARE, also
    null), or the discount stays whole for what is left (KEEP). `unknown_places` says whether an address that cannot be
    located counts as the farthest (FARTHEST, also null) or is refused (REFUSE)."""

    name: Title
    seller: Id | None = None
    currencies: Annotated[list[Currency], Field(min_length=1, max_length=50), AfterValidator(once_each)]
    countries: Annotated[list[Country], Field(min_length=1, max_length=250), AfterValidator(once_each)]
    locales: Annotated[list[Locale], Field(min_length=1, max_length=50), AfterValidator(once_each)]
    discount_after_cancel: Literal["SHARE", "KEEP"] | None = None
    unknown_places: Literal["FARTHEST", "REFUSE"] | None = None


class Hours(Contract):
    """Local opening hours of one weekday, 0 = Monday. A night shift is two rows."""

    weekday: Annotated[int, Field(ge=0, le=6)]
    opens: Clock
    closes: Clock

    @model_validator(mode="after")
    def _opens_first(self) -> "Hours":
        if time.fromisoformat(self.opens) >= time.fromisoformat(self.closes):
            raise ValueError("closes before it opens")
        return self


class Holidays(Contract):
    """Public holidays of a country, or of a region of it, that are days without work: this year's and the next two's."""

    country: Country
    region: Annotated[str, TextOf(text.REGION_NAME)] | None = None


class Calendar(Contract):
    timezone: Annotated[str, AfterValidator(_known_zone)]
    hours: Annotated[list[Hours], Field(min_length=1, max_length=50)]
    closed: Annotated[list[Day], Field(max_length=2000)] = []
    holidays: Holidays | None = None
    name: Title | None = None


class AppliesWhen(Contract):
    """A new order gets the hold when all that is said here is true of it."""

    total_at_least: Amount
    channels: Ids = []
    tags: Annotated[list[Word], Field(max_length=50)] = []


class HoldType(Contract):
    """A type of hold. `applies_when` null: no rule places the hold, only a person or another system does. `level` says
    whether it holds the whole order or lines of it; a rule holds the lines whose goods, less their discounts, are worth
    `total_at_least`. `roles` are the only ones that resolve it; without any, every caller that may resolve holds does.
    `resolved_by` schedule: it ends by itself when it expires; event: another system resolves it, a client of its own,
    and no person does."""

    level: Literal["order", "line"] = "order"
    blocks: Annotated[
        list[Annotated[str, AfterValidator(_blockable), Field(json_schema_extra={"enum": sorted(TRANSACTIONS)})]],
        Field(min_length=1, max_length=30),
    ]
    reason: Title
    queue: Annotated[str, AfterValidator(_queue), Field(json_schema_extra={"enum": [*QUEUES]})]
    applies_when: AppliesWhen | None = None
    resolved_by: Literal["person", "schedule", "event"] = "person"
    expires_hours: Annotated[int, Field(ge=1, le=24 * 365)] | None = None
    roles: Annotated[list[Id], Field(max_length=20)] = []

    @model_validator(mode="after")
    def _of_units(self) -> "HoldType":
        whole = [name for name in self.blocks if name in ("confirm", "reject")]
        if self.level == "line" and whole:
            raise ValueError(f"a hold of a line blocks no {' or '.join(whole)}: that is done with the whole order")
        return self


class SafetyLevels(Contract):
    """Safety stock from the most general level up; what a node, a sku or a position says for itself goes before."""

    default: SafetyStock | None = None
    channels: Annotated[dict[Id, SafetyStock], Field(max_length=100), NamesOnce] = {}
    node_types: dict[Literal["WAREHOUSE", "STORE", "VENDOR"], SafetyStock] = {}
    classes: Annotated[dict[Word, SafetyStock], Field(max_length=500), NamesOnce] = {}


class SupplyTerms(Contract):
    """How far a type of supply is believed: percent of it that nobody may count on, days that it may be late; and how many
    percent more than was announced may be received."""

    excluded_percent: Annotated[int, Field(ge=0, le=100)] = 0
    grace_days: Days = 3
    over_receipt_percent: Annotated[int, Field(ge=0, le=100)] = 0


class DemandTerms(Contract):
    """What suggestions are made with: days from order to shelf and how much they vary, share of cycles without a stockout."""

    lead_days: Annotated[int, Field(ge=1, le=365)] = 14
    lead_days_sigma: Days = 0
    service_percent: Annotated[int, Field(ge=50, le=99)] = 95


class StockPolicy(Contract):
    """What holds for all stock unless something more special is said. `stale_days`, `low_units`: 0 never alerts."""

    safety: SafetyLevels = SafetyLevels()
    supplies: dict[Literal["IN_TRANSIT", "PURCHASE_ORDER", "TRANSFER", "RETURN"], SupplyTerms] = {}
    demand: DemandTerms = DemandTerms()
    low_units: Units = 0
    stale_days: Days = 0


class Client(Contract):
    """An application that will call the API: what it is, what is its own, and the scopes of its tokens."""

    name: Title
    kind: Literal["channel", "partner", "node", "admin"]
    channels: Ids = []
    nodes: Ids = []
    partner: Id | None = None
    scopes: Annotated[
        list[Annotated[str, AfterValidator(_scope), Field(json_schema_extra={"enum": [*SCOPES]})]],
        Field(min_length=1, max_length=50),
        AfterValidator(once_each),
    ]


def document(model: Contract) -> dict[str, Any]:
    """What is stored of it: the field names of the API, without what was left out."""
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)
