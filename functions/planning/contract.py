"""
What planners may send: rule sets in the words of comanda/domain/rules/rule_sets.py, and when a version holds. Unknown fields, wrong
types and numbers out of range are named by pointer; what names something that is not there is found by `rules`.

A list that is not sent says nothing; an empty one is refused, because nobody can tell whether it means all or none.
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
    """The lines that the set speaks for: all that is said must be true. What is not said is anything, but for the method."""

    method: Literal["SHIP"] = "SHIP"  # a pickup is filled at its store, or customer care is asked: no rule chooses
    sellers: Names | None = None
    sourcing_classes: ShopWords | None = None
    skus: Skus | None = None
    category_1: Categories | None = None
    category_2: Categories | None = None
    category_3: Categories | None = None
    regions: Regions | None = None


class LineTest(Contract):
    """True of a line that has one of each list."""

    skus: Skus | None = None
    categories: Categories | None = None
    classes: Categories | None = None
    tags: Names | None = None
    requires: Names | None = None
    services: Services | None = None


class When(Contract):
    """The orders that the rule is for: all that is said must be true. `value_from` is reached, `value_below` is not; both
    are never true of another currency. Days are UTC, both included. A lower priority is more urgent."""

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
    """The nodes that the rule may use: of one of these types, groups and names, with all of these tags. `capacity_left` in
    units; a node with fewer than `min_stock` of a sku keeps them; `pickup`: only those that hand over as well."""

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
    """Percent of each part of the cost; one that is not named counts as it is, 100."""

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
    """The cheapest plan, by these weights."""

    weights: Weights = Weights()


class Splits(Contract):
    """`most` shipments of what the set speaks for. `complete`: what goes whole from one node, or not at all. A shipment, and
    what it leaves to be sent, is worth `min_value` each, or there is no split."""

    most: Annotated[int, Field(ge=1, le=20)] | None = None
    complete: Literal[ORDER, LINE] | None = None  # type: ignore[valid-type]
    min_value: Worth | None = None


class Rest(Contract):
    """What becomes of units without a node: they go to the next rule, or may wait for a supply of the next `future_days` and
    then go into a queue. `cancel_after_days`: those that wait in backorder so long are cancelled."""

    then: Literal[*RESTS] = "backorder"  # type: ignore[valid-type]
    future_days: Annotated[int, Field(ge=0, le=365)] = 0
    cancel_after_days: Annotated[int, Field(ge=1, le=365)] | None = None


class Rule(Contract):
    """Rules run in sequence; each takes what its nodes can send. Either `rank`: nodes in this order, the best first, ties by
    the next word, last by the node's id; or `optimise`: the cheapest plan. `release`: what it places goes to its node now,
    which is what holds where nothing is said, or with the next wave of orders that are looked at together."""

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
    """In force from `starts`, now when it is not said, until `ends`, or until a later start."""

    version: VersionNumber
    starts: Moment | None = None
    ends: Moment | None = None


class Retirement(Contract):
    """From `at`, now when it is not said, no version is in force."""

    at: Moment | None = None


class Shadowing(Contract):
    """`version` is evaluated beside what is in force, without effect, until then. Neither: the shadow ends now."""

    version: VersionNumber | None = None
    until: Moment | None = None

    @model_validator(mode="after")
    def _both_or_neither(self) -> "Shadowing":
        if (self.version is None) != (self.until is None):
            raise PydanticCustomError("both_or_neither", "says version and until, or neither")
        return self


class Trial(Contract):
    """Try a version, the newest when it is not said, on these orders: either `orders`, or those of a channel and UTC day."""

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
    """What is stored of it: what was said, with the defaults that mean something."""
    return model.model_dump(mode="json", exclude_none=True)
