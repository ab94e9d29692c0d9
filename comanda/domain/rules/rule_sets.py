"""
Define rule sets, in which a planner says from where orders are sent, and choose the set that applies to a line.

The most exact set wins: a set that names a seller comes before a set that does not, then a sourcing class, a sku, the three
categories, a region. A set without names for one of these applies to all of them. The method must always be equal. The rules
of a set run in sequence: each places the units that its nodes can ship, and says what happens to the rest.

Called by   comanda.domain.routing, comanda.domain.evaluation; comanda.aws.directory reads the sets
Returns     rule sets
Raises      nothing
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.queues import Queue

NEXT = "next"  # the next rule places the rest
RESTS = (NEXT, Queue.BACKORDER.value, Queue.ROUTING.value, Queue.CUSTOMER_CARE.value)

# The criteria by which nodes can be ranked: the best first, ties by the next criterion, last by node id.
COVERAGE = "coverage"  # units of the rest that the node can ship, most first
PRIORITY = "priority"  # the number in the node's entry, lowest first
DISTANCE = "distance"
COST = "cost"  # a unit, of all units that the node can ship
DATE = "date"  # of delivery
CARBON = "carbon"
LOAD = "load"  # the share of today's capacity that is taken
BALANCE = "stock-balance"  # units that stay on the node's shelves after it ships, most first
ACCEPTANCE = "acceptance-rate"  # percent of offers that the node accepts, most first
RANKS = (COVERAGE, PRIORITY, DISTANCE, COST, DATE, CARBON, LOAD, BALANCE, ACCEPTANCE)

# The parts of a cost, in the order of reports. Weights are percent: 100 leaves a part as it is.
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

# When units are released to their node: at once, or with the next wave, which optimises the orders of an hour together.
NOW, WAVE = "now", "wave"

# The units that must stay together: all of the order, of a line, or of a group of lines.
ORDER, LINE, GROUP = "order", "line", "group"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """The facts about a product that rules and costs use.

    `requires` are tags that a node must have to send it (hazmat, cold, a skill). `markdown_micros` is the part of its next
    markdown that a unit saves if it is sold now, in micro-units of the currency. `dims_mm` are length, width and height.
    """

    class_: str = ""
    categories: tuple[str, ...] = ()  # up to three, the widest first
    tags: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    dims_mm: tuple[int, int, int] | None = None
    markdown_micros: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderFacts:
    """The facts about an order that rules use.

    `value` is in minor units of `currency`. `deliver_by` is the local date that was promised or wanted; None: no date. A lower
    `priority` is more urgent. `whole` means that the customer wants one shipment.
    """

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
    """The lines to which a rule set applies. An empty field applies to all lines; the method must be equal."""

    method: str = SHIP
    sellers: tuple[str, ...] = ()
    sourcing_classes: tuple[str, ...] = ()
    skus: tuple[str, ...] = ()
    category_1: tuple[str, ...] = ()
    category_2: tuple[str, ...] = ()
    category_3: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()  # "US" or "US-NY"

    def exactness(self, order: OrderFacts, sku: str, goods: Goods, method: str) -> tuple[bool, ...] | None:
        """Return, for each field from the most to the least exact one, True if the set names it. None: it does not apply."""
        if method != self.method:
            return None
        category = (*goods.categories, "", "", "")
        named = (
            (self.sellers, {order.seller}),
            (self.sourcing_classes, {order.sourcing_class}),
            (self.skus, {sku}),
            (self.category_1, {category[0]}),
            (self.category_2, {category[1]}),
            (self.category_3, {category[2]}),
            (self.regions, {order.country, f"{order.country}-{order.region}"}),
        )
        if any(names and theirs.isdisjoint(names) for names, theirs in named):
            return None
        return tuple(bool(names) for names, _ in named)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineTest:
    """A condition on a line: it has one value of each list that is not empty."""

    skus: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    services: tuple[str, ...] = ()

    def matches(self, sku: str, service: str, goods: Goods) -> bool:
        """Return True if the line fulfils the condition."""
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
    """The condition on an order under which a rule runs: every field that is given must match.

    Amounts are (minor units, currency) and never match another currency. Days are UTC days, both included.
    """

    channels: tuple[str, ...] = ()
    sourcing_classes: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()  # the order has one of them
    value_from: tuple[int, str] | None = None
    value_below: tuple[int, str] | None = None
    priority_up_to: int | None = None
    any_line: LineTest | None = None
    all_lines: LineTest | None = None
    from_day: str | None = None
    to_day: str | None = None

    def matches(self, order: OrderFacts, lines: Sequence[tuple[str, str, Goods]], now: datetime) -> bool:
        """Return True if every condition that is given is true.

        `lines` are (sku, service, goods) of the lines of the rule set, not of the whole order.
        """
        return (
            self._matches_lists(order)
            and self._matches_numbers(order)
            and self._matches_day(now)
            and (self.any_line is None or any(self.any_line.matches(*line) for line in lines))
            and (self.all_lines is None or all(self.all_lines.matches(*line) for line in lines))
        )

    def _matches_lists(self, order: OrderFacts) -> bool:
        lists = (
            (self.channels, {order.channel}),
            (self.sourcing_classes, {order.sourcing_class}),
            (self.countries, {order.country}),
            (self.regions, {order.country, f"{order.country}-{order.region}"}),
            (self.tags, order.tags),
        )
        return all(not wanted or set(wanted) & set(has) for wanted, has in lists)

    def _matches_numbers(self, order: OrderFacts) -> bool:
        least, below, priority = self.value_from, self.value_below, self.priority_up_to
        return (
            (least is None or (order.currency == least[1] and order.value >= least[0]))
            and (below is None or (order.currency == below[1] and order.value < below[0]))
            and (priority is None or order.priority <= priority)
        )

    def _matches_day(self, now: datetime) -> bool:
        today = now.date().isoformat()
        return (self.from_day is None or self.from_day <= today) and (self.to_day is None or today <= self.to_day)


@dataclass(frozen=True, slots=True, kw_only=True)
class NodeFilter:
    """The nodes that a rule may use.

    `capacity_left` is the least free capacity in units, over the days that the router plans ahead. A node with fewer than
    `min_stock` units of a sku keeps them. A node must have all `tags`.
    """

    types: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()  # the node is in one of them
    nodes: tuple[str, ...] = ()
    not_nodes: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    max_km: int | None = None
    capacity_left: int | None = None
    min_stock: int | None = None
    pickup: bool = False  # True: only nodes at which customers pick up too


@dataclass(frozen=True, slots=True, kw_only=True)
class Splits:
    """The limits of splitting.

    `most` is the highest number of shipments for the lines of the set; None: no limit. `complete` is what one node must send
    whole. A split is allowed only if the shipment and the rest are each worth `min_value` (minor units, currency).
    """

    most: int | None = None
    complete: str | None = None  # ORDER or LINE; lines of one group always stay together
    min_value: tuple[int, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """The treatment of units for which a rule found no node.

    First they may wait for a dated supply of the next `future_days` days; then they go where `then` says. Units that wait for
    `cancel_after_days` in the backorder queue are cancelled; None: never.
    """

    then: str = Queue.BACKORDER.value
    future_days: int = 0
    cancel_after_days: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule of a set: it takes nodes in the order of `rank`, or, without `rank`, the cheapest plan.

    `weights` are (component, percent) of the cost's parts; a part without a weight counts 100. `release` says when the units
    that it places are released: NOW, or with the next WAVE.
    """

    name: str
    when: When = field(default_factory=When)
    nodes: NodeFilter = field(default_factory=NodeFilter)
    rank: tuple[str, ...] = ()
    weights: tuple[tuple[str, int], ...] = ()
    splits: Splits = field(default_factory=Splits)
    rest: Rest = field(default_factory=Rest)
    release: str = NOW

    def weight(self, component: str) -> int:
        """Return the weight of a part of the cost in percent."""
        return dict(self.weights).get(component, 100)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSet:
    """One version of a rule set, which never changes. It is in force from `starts` until `ends`, which is not included."""

    rule_set_id: str
    version: int
    rules: tuple[Rule, ...]
    applies_to: AppliesTo = field(default_factory=AppliesTo)
    starts: datetime | None = None
    ends: datetime | None = None

    @property
    def key(self) -> str:
        """Return the id and the version, as decisions record them."""
        return f"{self.rule_set_id}@{self.version}"

    def in_force(self, now: datetime) -> bool:
        """Return True if this version is in force at this time."""
        return (self.starts is None or self.starts <= now) and (self.ends is None or now < self.ends)


def built_in(future_days: int) -> RuleSet:
    """Return the rule set for lines to which no other set applies: the cheapest plan, from any node."""
    rule = Rule(name="cheapest", rest=Rest(future_days=future_days))
    return RuleSet(rule_set_id="built-in", version=1, rules=(rule,))


def choose(
    sets: Iterable[RuleSet], order: OrderFacts, sku: str, goods: Goods, method: str, now: datetime
) -> RuleSet | None:
    """Return the most exact set in force that applies to the line. None when no set applies.

    Among equally exact sets the one that began last wins, then the first by id.
    """
    best: tuple[tuple[bool, ...], str] | None = None
    found: RuleSet | None = None
    for rule_set in sorted(sets, key=lambda one: one.rule_set_id):
        named = rule_set.applies_to.exactness(order, sku, goods, method) if rule_set.in_force(now) else None
        if named is None:
            continue
        rank = (named, rule_set.starts.isoformat() if rule_set.starts else "")
        if best is None or rank > best:
            best, found = rank, rule_set
    return found
