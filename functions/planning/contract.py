"""
Define the requests about rule sets, in the words of comanda/domain/rules/rule_sets.py, and the times when a version holds.

Called by   functions/planning/handler.py, openapi
Returns     pydantic models
Raises      pydantic's ValidationError, which becomes Invalid

Unknown fields, wrong types and numbers out of range are named by pointer; `rules` finds names that do not exist. A list that is
not sent is no condition. An empty list is refused, because it could mean all or none.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from comanda.aws.api.contracts import Contract, Country, Currency, Day, Id, Moment, Sku, TextOf, Title, Word, unique
from comanda.domain import text
from comanda.domain.rules.rule_sets import COMPONENTS, LINE, NOW, ORDER, RANKS, RESTS, WAVE
from comanda.domain.shipping.carriers import SERVICES

MOST_RULES = 20
MOST_NAMES = 1_000
MOST_ORDERS = 50
HALF_THE_EARTH_KM = 20_038

Category = Annotated[str, TextOf(text.LINE)]
Region = Annotated[str, TextOf(text.REGION), Field(description="`US`, `US-NY` or `US-New York`")]
type Names = Annotated[list[Id], Field(min_length=1, max_length=MOST_NAMES), AfterValidator(unique)]
type ShopWords = Annotated[list[Word], Field(min_length=1, max_length=MOST_NAMES), AfterValidator(unique)]
type Skus = Annotated[list[Sku], Field(min_length=1, max_length=MOST_NAMES), AfterValidator(unique)]
type Categories = Annotated[list[Category], Field(min_length=1, max_length=MOST_NAMES), AfterValidator(unique)]
type Countries = Annotated[list[Country], Field(min_length=1, max_length=250), AfterValidator(unique)]
type Regions = Annotated[list[Region], Field(min_length=1, max_length=MOST_NAMES), AfterValidator(unique)]
type ServiceWord = Literal[*SERVICES]  # type: ignore[valid-type]
type Services = Annotated[list[ServiceWord], Field(min_length=1, max_length=len(SERVICES)), AfterValidator(unique)]
type Rank = Literal[*RANKS]  # type: ignore[valid-type]  # the domain's words, once
type Percent = Annotated[int, Field(ge=0, le=10_000)]


class Worth(Contract):
    amount: Annotated[int, Field(ge=1, le=10**12)]
    currency: Currency


class AppliesTo(Contract):
    """The lines that the set decides about: every condition that is sent must be true. Without a condition it is any
    line to be shipped."""

    method: Literal["SHIP"] = "SHIP"  # a pickup is filled at its store, or goes to customer care: no rule chooses
    sellers: Names | None = None
    sourcing_classes: ShopWords | None = None
    skus: Skus | None = None
    category_1: Categories | None = None
    category_2: Categories | None = None
    category_3: Categories | None = None
    regions: Regions | None = None


class LineTest(Contract):
    """A test of a line: it must have one value of each list."""

    skus: Skus | None = None
    categories: Categories | None = None
    classes: Categories | None = None
    tags: Names | None = None
    requires: Names | None = None
    services: Services | None = None


class When(Contract):
    """The orders that the rule applies to: every condition that is sent must be true.

    `value_from` is included, `value_below` is not; both are never true of another currency. Days are UTC, both
    included. A lower priority is more urgent.
    """

    channels: Names | None = None
    sourcing_classes: ShopWords | None = None
    countries: Countries | None = None
    regions: Regions | None = None
    tags: ShopWords | None = None
    value_from: Worth | None = None
    value_below: Worth | None = None
    priority_up_to: Annotated[int, Field(ge=0, le=9)] | None = None
    any_line: LineTest | None = None
    all_lines: LineTest | None = None
    from_day: Day | None = None
    to_day: Day | None = None


type NodeType = Literal["WAREHOUSE", "STORE", "VENDOR"]


class Nodes(Contract):
    """The nodes that the rule may use: of one of these types, groups and names, with all of these tags.

    `capacity_left` is in units. A node with fewer than `min_stock` of a sku keeps them. `pickup`: only nodes that hand
    over as well.
    """

    types: Annotated[list[NodeType], Field(min_length=1, max_length=3), AfterValidator(unique)] | None = None
    groups: Names | None = None
    nodes: Names | None = None
    not_nodes: Names | None = None
    tags: Names | None = None
    max_km: Annotated[int, Field(ge=1, le=HALF_THE_EARTH_KM)] | None = None
    capacity_left: Annotated[int, Field(ge=1, le=10_000_000)] | None = None
    min_stock: Annotated[int, Field(ge=1, le=1_000_000)] | None = None
    pickup: bool = False


class Weights(Contract):
    """Percent of each part of the cost. A part that is not named counts as it is, 100."""

    shipping: Percent | None = None
    handling: Percent | None = None
    capacity: Percent | None = None
    stockout: Percent | None = None
    markdown: Percent | None = None
    lateness: Percent | None = None
    carbon: Percent | None = None
    performance: Percent | None = None
    price: Percent | None = None

    @model_validator(mode="after")
    def _something_counts(self) -> "Weights":
        if all(getattr(self, part) == 0 for part in COMPONENTS):
            raise PydanticCustomError("all_zero", "with all weights 0 every plan is as good as any other")
        return self


class Optimise(Contract):
    """Choose the cheapest plan, by these weights."""

    weights: Weights = Weights()


class Splits(Contract):
    """The limits of splitting. `most`: shipments of the lines that the set decides about.

    `complete`: the order, or each line, ships whole from one node or not at all. `min_value`: a shipment, and the rest
    that it leaves to be sent, are each worth so much, or there is no split.
    """

    most: Annotated[int, Field(ge=1, le=20)] | None = None
    complete: Literal[ORDER, LINE] | None = None  # type: ignore[valid-type]
    min_value: Worth | None = None


class Rest(Contract):
    """The fate of units without a node.

    They go to the next rule; or they may wait for a supply of the next `future_days`, and then go into a queue.
    `cancel_after_days`: units that wait in backorder so long are cancelled.
    """

    then: Literal[*RESTS] = "backorder"  # type: ignore[valid-type]
    future_days: Annotated[int, Field(ge=0, le=365)] = 0
    cancel_after_days: Annotated[int, Field(ge=1, le=365)] | None = None


class Rule(Contract):
    """One rule. Rules run in sequence; each takes the units that its nodes can send.

    Either `rank`: nodes in this order, the best first, ties by the next criterion, last by the node's id; or
    `optimise`: the cheapest plan. `release`: its units go to their node now, which is the default, or with the next
    wave of orders that are planned together.
    """

    name: Title
    when: When | None = None
    nodes: Nodes | None = None
    rank: Annotated[list[Rank], Field(min_length=1, max_length=len(RANKS)), AfterValidator(unique)] | None = None
    optimise: Optimise | None = None
    splits: Splits | None = None
    rest: Rest = Rest()
    release: Literal[NOW, WAVE] | None = None  # type: ignore[valid-type]

    @model_validator(mode="after")
    def _one_way(self) -> "Rule":
        if (self.rank is None) == (self.optimise is None):
            raise PydanticCustomError("rank_or_optimise", "says either rank or optimise")
        return self


class RuleSet(Contract):
    name: Title
    description: Annotated[str, TextOf(text.TEXT)] | None = None
    applies_to: AppliesTo = AppliesTo()
    rules: Annotated[list[Rule], Field(min_length=1, max_length=MOST_RULES)]


type VersionNumber = Annotated[int, Field(ge=1, le=999_999)]


class Activation(Contract):
    """A version holds from `starts` (now, if it is not sent) until `ends`, or until a later start."""

    version: VersionNumber
    starts: Moment | None = None
    ends: Moment | None = None


class Retirement(Contract):
    """No version holds from `at` (now, if it is not sent)."""

    at: Moment | None = None


class Shadowing(Contract):
    """`version` runs as a shadow of the sets in force, without effect, until `until`. If neither is sent, the shadow
    ends now."""

    version: VersionNumber | None = None
    until: Moment | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> "Shadowing":
        if (self.version is None) != (self.until is None):
            raise PydanticCustomError("both_or_neither", "says version and until, or neither")
        return self


class Trial(Contract):
    """A dry run of a version (the newest, if it is not sent) on these `orders`, or on those of a channel and UTC
    day."""

    version: VersionNumber | None = None
    orders: Annotated[list[Id], Field(min_length=1, max_length=MOST_ORDERS), AfterValidator(unique)] | None = None
    channel: Id | None = None
    day: Day | None = None
    limit: Annotated[int, Field(ge=1, le=MOST_ORDERS)] = MOST_ORDERS

    @model_validator(mode="after")
    def _one_choice(self) -> "Trial":
        by_day = self.channel is not None and self.day is not None
        some = self.channel is not None or self.day is not None
        if (self.orders is None) == (not some) or some != by_day:
            raise PydanticCustomError("orders_or_day", "says either orders, or channel and day")
        return self


def document(model: Contract) -> dict[str, Any]:
    """Return the stored document: the fields that were sent, with the defaults that have a meaning."""
    return model.model_dump(mode="json", exclude_none=True)
