"""
Rule sets: what a planner says about where orders are sent from, and which set speaks for a line.

The set that is more exact wins: one that names a seller goes before one that does not, then a sourcing class, a sku, the
three categories, a region; whatever is not named is anything. The method is always exact. Rules of a set run in sequence:
each takes what its nodes can ship, and says what becomes of the rest.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from comanda.domain.orders.line import SHIP
from comanda.domain.orders.queues import Queue

NEXT = "next"  # the rest is the next rule's
RESTS = (NEXT, Queue.BACKORDER.value, Queue.ROUTING.value, Queue.CUSTOMER_CARE.value)

# What nodes can be ranked by; the best first, ties by the next criterion, last by node id.
COVERAGE = "coverage"  # units of what is left that it can ship, most first
PRIORITY = "priority"  # the number that the node's entry has, lowest first
DISTANCE = "distance"
COST = "cost"  # of all that it can ship, a unit
DATE = "date"  # of delivery
CARBON = "carbon"
LOAD = "load"  # share of today's capacity that is taken
BALANCE = "stock-balance"  # units left on its shelves when it ships, most first
ACCEPTANCE = "acceptance-rate"  # percent of offers that it takes, most first
RANKS = (COVERAGE, PRIORITY, DISTANCE, COST, DATE, CARBON, LOAD, BALANCE, ACCEPTANCE)

# The parts of a cost, in the order in which they are told. Weights are percent: 100 takes a part as it is.
COMPONENTS = (
    "shipping",
    "handling",
    "capacity",
    "stockout",
    "markdown",
    "lateness",
    "carbon",
    "performance",
    "price",
)

# When units that have their node go to it: at once, or with the next wave of orders that are looked at together.
NOW, WAVE = "now", "wave"

# What must stay together.
ORDER, LINE, GROUP = "order", "line", "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A product, as far as rules and costs ask. `requires`: tags that a node must have to send it (hazmat, cold, a skill).
    `markdown_micros`: what a unit that is sold now saves of its next markdown. `dims_mm`: length, width, height."""

    class_: str = ""
    categories: tuple[str, ...] = ()  # up to three, the widest first
    tags: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    dims_mm: tuple[int, int, int] | None = None
    markdown_micros: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """An order, as far as rules ask. `value` in minor units of `currency`; `deliver_by`: the local date that was promised or
    asked for. A lower `priority` is more urgent. `whole`: the customer chose to get all of it in one shipment."""

    seller: str = ""
    channel: str = ""
    sourcing_class: str = ""
    country: str = ""
    region: str = ""
    currency: str = ""
    value: int = 0
    priority: int = 5
    tags: tuple[str, ...] = ()
    deliver_by: str | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliesTo:
    """Nothing named is anything, but for the method."""

    method: str = SHIP
    sellers: tuple[str, ...] = ()
    sourcing_classes: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    category_1: tuple[str, ...] = ()
    category_2: tuple[str, ...] = ()
    category_3: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()  # "US" or "US-NY"

    def exactness(self, asked: OrderFacts, sku: str, goods: Goods, method: str) -> tuple[bool, ...] | None:
        """What it names, the weightiest first; None where it does not apply."""
        if method != self.method:
            return None
        category = (*goods.categories, "", "", "")
        named = (
            (self.sellers, {asked.seller}),
            (self.sourcing_classes, {asked.sourcing_class}),
            (self.skus, {sku}),
            (self.category_1, {category[0]}),
            (self.category_2, {category[1]}),
            (self.category_3, {category[2]}),
            (self.regions, {asked.country, f"{asked.country}-{asked.region}"}),
        )
        if any(names and theirs.isdisjoint(names) for names, theirs in named):
            return None
        return tuple(bool(names) for names, _ in named)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTest:
    """True of a line that has one of each list that is not empty."""

    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    def holds(self, sku: str, service: str, goods: Goods) -> bool:
        tests = (
            (self.skus, {sku}),
            (self.categories, goods.categories),
            (self.classes, {goods.class_}),
            (self.tags, goods.tags),
            (self.requires, goods.requires),
            (self.services, {service}),
        )
        return all(not wanted or set(wanted) & set(has) for wanted, has in tests)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """The orders that a rule is for: all that is said must be true. Amounts are (minor units, currency), and never true of
    another currency; dates are UTC days, both included."""

    channels: tuple[str, ...] = ()
    sourcing_classes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # of the order, one of them
    value_from: tuple[int, str] | None = None
    value_below: tuple[int, str] | None = None
    priority_up_to: int | None = None
    any_line: LineTest | None = None
    all_lines: LineTest | None = None
    from_day: str | None = None
    to_day: str | None = None

    def holds(self, asked: OrderFacts, lines: Sequence[tuple[str, str, Goods]], now: datetime) -> bool:
        """`lines`: (sku, service, goods) of those that the set speaks for."""
        today = now.date().isoformat()
        lists = (
            (self.channels, {asked.channel}),
            (self.sourcing_classes, {asked.sourcing_class}),
            (self.countries, {asked.country}),
            (self.regions, {asked.country, f"{asked.country}-{asked.region}"}),
            (self.tags, asked.tags),
        )
        return (
            all(not wanted or set(wanted) & set(has) for wanted, has in lists)
            and (self.value_from is None or (_in(asked, self.value_from) and asked.value >= self.value_from[0]))
            and (self.value_below is None or (_in(asked, self.value_below) and asked.value < self.value_below[0]))
            and (self.priority_up_to is None or asked.priority <= self.priority_up_to)
            and (self.from_day is None or self.from_day <= today)
            and (self.to_day is None or today <= self.to_day)
            and (self.any_line is None or any(self.any_line.holds(*line) for line in lines))
            and (self.all_lines is None or all(self.all_lines.holds(*line) for line in lines))
        )


def _in(asked: OrderFacts, amount: tuple[int, str]) -> bool:
    return asked.currency == amount[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFilter:
    """The nodes that a rule may use. `capacity_left` in units of the days that one looks ahead; `min_stock`: a node with
    fewer of a sku keeps them; `tags`: it has all of them."""

    types: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()  # one of them
    nodes: tuple[str, ...] = ()
    not_nodes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    max_km: int | None = None
    capacity_left: int | None = None
    min_stock: int | None = None
    pickup: bool = False  # only those that hand over as well


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """`most`: shipments of what the set speaks for. `complete`: what goes whole from one node or not at all. A shipment, and
    what it leaves to be sent, is worth `min_value` (minor units, currency), or there is no split."""

    most: int | None = None
    complete: str | None = None  # ORDER or LINE; lines of one group always stay together
    min_value: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What becomes of units that the rule found no node for. `future_days`: before that they may wait for a dated supply of
    so many days to come. `cancel_after_days`: units that wait in the backorder queue so long are cancelled."""

    then: str = Queue.BACKORDER.value
    future_days: int = 0
    cancel_after_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Either `rank`, nodes in that order, or else the cheapest plan by `weights` (component -> percent, 100 where none).
    `release`: what it places goes NOW, or with the next WAVE."""

    name: str
    when: When = field(default_factory=When)
    nodes: NodeFilter = field(default_factory=NodeFilter)
    rank: tuple[str, ...] = ()
    weights: tuple[tuple[str, int], ...] = ()
    splits: Splits = field(default_factory=Splits)
    rest: Rest = field(default_factory=Rest)
    release: str = NOW

    def weight(self, component: str) -> int:
        return dict(self.weights).get(component, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """One version of a set; it never changes. It is in force from `starts` until `ends`, which is not included."""

    rule_set_id: str
    version: int
    rules: tuple[Rule, ...]
    applies_to: AppliesTo = field(default_factory=AppliesTo)
    starts: datetime | None = None
    ends: datetime | None = None

    @property
    def key(self) -> str:
        return f"{self.rule_set_id}@{self.version}"

    def in_force(self, now: datetime) -> bool:
        return (self.starts is None or self.starts <= now) and (self.ends is None or now < self.ends)


def built_in(future_days: int = 0, method: str = SHIP) -> RuleSet:
    """What holds where no set speaks: the cheapest plan, from any node."""
    rule = Rule(name="cheapest", rest=Rest(future_days=future_days))
    return RuleSet(rule_set_id="built-in", version=1, rules=(rule,), applies_to=AppliesTo(method=method))


def choose(
    sets: Iterable[RuleSet], asked: OrderFacts, sku: str, goods: Goods, method: str, now: datetime
) -> RuleSet | None:
    """The most exact set in force that applies; of equals the one that began last, then the first by id."""
    best: tuple[tuple[bool, ...], str] | None = None
    found: RuleSet | None = None
    for rule_set in sorted(sets, key=lambda one: one.rule_set_id):
        named = rule_set.applies_to.exactness(asked, sku, goods, method) if rule_set.in_force(now) else None
        if named is None:
            continue
        rank = (named, rule_set.starts.isoformat() if rule_set.starts else "")
        if best is None or rank > best:
            best, found = rank, rule_set
    return found
