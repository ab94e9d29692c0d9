"""Make small orders, networks and rule sets of every awkward kind for the router, so that its invariants can be checked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from comanda.domain.nodes.node import Node
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.queues import Queue
from comanda.domain.routing.assign import Assigned, assign
from comanda.domain.routing.costs import Costs, Handling, Level
from comanda.domain.routing.order_rates import OrderRates
from comanda.domain.routing.plan import Limits, Rules, Want
from comanda.domain.routing.reachable import ReachableNetwork
from comanda.domain.rules.rule_sets import (
    LINE,
    NEXT,
    ORDER,
    RANKS,
    WAVE,
    AppliesTo,
    Goods,
    LineTest,
    NodeFilter,
    OrderFacts,
    Rest,
    Rule,
    RuleSet,
    Splits,
    When,
)
from comanda.domain.shipping.carriers import Carrier
from comanda.domain.shipping.rate_cards import RateCard, Tariff
from comanda.domain.stock.stock import Position, Supply
from tests.builders import ALWAYS_OPEN, CHICAGO, DENVER, NEW_YORK, NOW, a_node, a_position
from tests.domain.models.choices import Choose
from tests.domain.models.journeys import EVERY_DAY, a_calendar, a_carrier, a_service

SKUS = ("JAR", "POT", "TEA")
NODES = tuple(f"n-{i}" for i in range(1, 6))
TAGS = ("cold", "hazmat")
WORTH = {"JAR": 500, "POT": 2_000, "TEA": 300}
GRAMS = {"JAR": 900, "POT": 4_000, "TEA": 100}
_SHOP = a_calendar("America/Denver", EVERY_DAY, "2026-11-20")
_WEIGHED = ("shipping", "carbon", "stockout", "markdown", "performance", "price")


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignmentInputs:
    """All inputs of one assignment."""

    wants: tuple[Want, ...]
    nodes: tuple[Node, ...]
    positions: tuple[Position, ...]
    sets: tuple[RuleSet, ...]
    carriers: tuple[Carrier, ...]
    costs: Costs
    prices: dict[tuple[str, str], int]
    taken: dict[tuple[str, str], int]
    limits: Limits
    asked: OrderFacts
    future_days: int

    def assigned(self) -> tuple[Assigned, OrderRates]:
        to = Destination(country="US", region="IL", postal_prefix="606", latitude=CHICAGO[0], longitude=CHICAGO[1])
        rules = Rules(sets=self.sets, future_days=self.future_days)
        network = ReachableNetwork(self.positions, self.nodes, to, rules, NOW, self.taken)
        rates = OrderRates(network, self.carriers, self.costs, self.prices, self.asked)
        return assign(self.wants, network, self.limits, rates), rates

    def rule(self, key: str, name: str) -> Rule:
        found = [rule for one in self.sets if one.key == key for rule in one.rules if rule.name == name]
        return found[0] if found else Rule(name="cheapest", rest=Rest(future_days=self.future_days))


def any_inputs(choose: Choose) -> AssignmentInputs:
    """Choose an order, and the nodes, stock, rules, carriers and costs from which it is sent."""
    nodes = tuple(_node(choose, node_id) for node_id in NODES[: choose.number(1, len(NODES))])
    goods = {sku: _goods(choose) for sku in SKUS}
    return AssignmentInputs(
        wants=(
            *(_want(choose, str(n), goods) for n in range(1, choose.number(1, 4) + 1)),
            *(_components(choose, goods) if choose.number(0, 4) == 0 else ()),
        ),
        nodes=nodes,
        positions=tuple(_position(choose, sku, node) for node in nodes for sku in SKUS if choose.number(0, 3)),
        sets=tuple(_rule_set(choose, n) for n in range(choose.one((0, 1, 1, 2)))),
        carriers=tuple(_carrier(choose, n) for n in range(choose.number(0, 2))),
        costs=_costs(choose),
        prices={(sku, node.node_id): 700_000 for node in nodes for sku in SKUS} if choose.number(0, 3) == 0 else {},
        taken={(node.node_id, "2026-11-19"): 3 for node in nodes},
        limits=Limits(splits=choose.one((1, 2, 20, 20))),
        asked=OrderFacts(
            channel="web",
            country="US",
            region="IL",
            currency="USD",
            value=choose.one((1_000, 9_000)),
            deliver_by=choose.one((None, None, "2026-11-21", "2026-11-24")),
            whole=choose.number(0, 9) == 0,
        ),
        future_days=choose.one((0, 0, 30)),
    )


def with_one_plain_rule(told: AssignmentInputs) -> AssignmentInputs:
    """Return the inputs with one plain rule: the cheapest plan from the shelves, with any number of shipments."""
    wants = tuple(replace(want, group=None, in_set=0, service="STANDARD") for want in told.wants)
    return replace(
        told,
        wants=wants,
        sets=(),
        future_days=0,
        limits=Limits(splits=20),
        asked=replace(told.asked, whole=False, deliver_by=None),
    )


def _node(choose: Choose, node_id: str) -> Node:
    return a_node(
        node_id,
        choose.one((CHICAGO, DENVER, NEW_YORK)),
        type=choose.one(("STORE", "WAREHOUSE")),
        calendar=choose.one((ALWAYS_OPEN, ALWAYS_OPEN, _SHOP)),
        ship=choose.number(0, 9) != 0,
        units_per_day=choose.one((None, None, None, 1, 2)),
        groups=choose.one(((), ("east",), ("east", "west"))),
        tags=choose.one(((), TAGS[:1], TAGS)),
        priority=choose.number(1, 3),
        acceptance_percent=choose.one((100, 60)),
        handling=choose.one((None, (400_000, 100_000))),
    )


def _goods(choose: Choose) -> Goods:
    return Goods(
        class_=choose.one(("food", "tools")),
        requires=choose.one(((), (), ("cold",), ("hazmat", "cold"))),
        dims_mm=choose.one((None, (300, 200, 100))),
        markdown_micros=choose.one((0, 0, 6_000_000)),
    )


def _want(choose: Choose, line_id: str, goods: dict[str, Goods]) -> Want:
    sku = choose.one(SKUS)
    return Want(
        line_id=line_id,
        sku=sku,
        quantity=choose.number(1, 4),
        service=choose.one(("STANDARD", "STANDARD", "EXPRESS")),
        excluded=choose.one(((), (), NODES[:1], NODES[1:3])),
        weight_g=GRAMS[sku],
        group=choose.one((None, None, None, "kit-1", "kit-2")),
        goods=goods[sku],
        value=WORTH[sku],
    )


def _components(choose: Choose, goods: dict[str, Goods]) -> tuple[Want, ...]:
    """Return the components of one to three sets of a bundle."""
    sets, service = choose.number(1, 3), choose.one(("STANDARD", "EXPRESS"))
    ratios = [choose.number(1, 3) for _ in range(choose.number(1, 2))]
    return tuple(
        replace(_want(choose, f"b{n}", goods), quantity=sets * ratio, in_set=ratio, group="bundle b", service=service)
        for n, ratio in enumerate(ratios, 1)
    )


def _position(choose: Choose, sku: str, node: Node) -> Position:
    supplies = ()
    if choose.number(0, 5) == 0:
        supplies = (Supply(supply_id="po-1", type="PURCHASE_ORDER", eta="2026-11-30", quantity=choose.number(1, 4)),)
    return a_position(
        sku,
        node.node_id,
        choose.number(0, 5),
        ship=choose.number(0, 9) != 0,
        safety=choose.number(0, 1),
        supplies=supplies,
    )


def _carrier(choose: Choose, n: int) -> Carrier:
    card = None
    if choose.number(0, 1):
        near = Tariff(steps=((1_000, 4_000_000), (5_000, 7_000_000)), per_kg=1_500_000)
        far = Tariff(steps=((500, 8_000_000), (5_000, 16_000_000)), per_kg=2_000_000)
        card = RateCard(
            card_id=f"card-{n}",
            version=1,
            currency="USD",
            zones={"near": near, "far": far},
            bands=((500, "near"), (None, "far")),
            dim_divisor=5_000,
            round_up_g=500,
        )
    services = [a_service(card=card, per_kg=500_000, bands=((500, 2), (None, choose.number(3, 5))))]
    if choose.number(0, 1):
        services.append(a_service("EXPRESS", mode="AIR", base=15_000_000, bands=((None, 1),)))
    return a_carrier(*services, carrier_id=f"carrier-{n}")


def _costs(choose: Choose) -> Costs:
    return Costs(
        full_node=choose.one((0, 2_000_000)),
        handling={"STORE": Handling(per_package=500_000, per_unit=250_000)} if choose.number(0, 1) else {},
        last_units={"STORE": Level(micros=3_000_000, units=4)} if choose.number(0, 1) else {},
        overstock={"WAREHOUSE": Level(micros=9_000_000, units=2)} if choose.number(0, 2) == 0 else {},
    )


def _rule_set(choose: Choose, n: int) -> RuleSet:
    many = choose.number(1, 2)
    return RuleSet(
        rule_set_id=f"set-{n}",
        version=1,
        rules=tuple(_rule(choose, f"rule-{k}", last=k == many) for k in range(1, many + 1)),
        applies_to=AppliesTo(skus=choose.one(((), (), SKUS[:2]))),
    )


def _rule(choose: Choose, name: str, *, last: bool) -> Rule:
    rank = tuple(dict.fromkeys(choose.one(RANKS) for _ in range(choose.number(0, 2))))
    weights = () if rank else tuple((one, choose.one((0, 50, 300))) for one in _WEIGHED[: choose.one((0, 0, 6))])
    return Rule(
        name=name,
        when=choose.one(
            (When(), When(), When(), When(value_from=(5_000, "USD")), When(any_line=LineTest(skus=("TEA",))))
        ),
        nodes=_filter(choose),
        rank=rank,
        weights=weights,
        splits=Splits(
            most=choose.one((None, None, 1, 2)),
            complete=choose.one((None, None, None, ORDER, LINE)),
            min_value=choose.one((None, None, None, (1_500, "USD"))),
        ),
        rest=Rest(then=Queue.BACKORDER if last else NEXT, future_days=choose.one((0, 30)), cancel_after_days=7),
        release=choose.one(("now", "now", WAVE)),
    )


def _filter(choose: Choose) -> NodeFilter:
    return choose.one(
        (
            NodeFilter(),
            NodeFilter(),
            NodeFilter(),
            NodeFilter(types=("WAREHOUSE",)),
            NodeFilter(groups=("west",)),
            NodeFilter(not_nodes=NODES[:2]),
            NodeFilter(tags=("cold",)),
            NodeFilter(max_km=1_300),
            NodeFilter(capacity_left=3),
            NodeFilter(min_stock=2),
            NodeFilter(pickup=True),
        )
    )


def shuffled(told: AssignmentInputs, order: Sequence[int]) -> AssignmentInputs:
    """Return the inputs with nodes, positions, rule sets and carriers in another order."""
    turn = order[0] if order else 0

    def turned[T](values: tuple[T, ...]) -> tuple[T, ...]:
        at = turn % max(1, len(values))
        return (*values[at:][::-1], *values[:at][::-1])

    return replace(
        told,
        nodes=turned(told.nodes),
        positions=turned(told.positions),
        sets=turned(told.sets),
        carriers=turned(told.carriers),
    )
