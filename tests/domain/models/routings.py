"""Make inputs for the router: rules, shelves and orders that Hypothesis draws, and one large network."""

from dataclasses import replace
from datetime import time
from random import Random

from hypothesis import strategies as st

from comanda.domain.orders.queues import Queue
from comanda.domain.routing.costs import Costs, Handling, Level
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Rules
from comanda.domain.rules import rule_sets
from comanda.domain.rules.rule_sets import Goods, NodeFilter, Rest, Rule, RuleSet, Splits
from comanda.domain.stock.stock import Supply
from tests.builders import CHICAGO, a_line, a_node, a_position, an_order, placed
from tests.domain.models.journeys import EVERY_DAY, a_calendar, a_carrier, standard_and_express

SKUS = ("TEA", "POT", "CUP", "MAT")
COSTS = Costs(
    handling={"WAREHOUSE": Handling(per_package=400_000, per_unit=50_000)},
    last_units={"STORE": Level(micros=2_000_000, units=3)},
    overstock={"WAREHOUSE": Level(micros=9_000_000, units=6)},  # more than a unit costs, so that its cost is below zero
    full_node=500_000,
)
PLAIN = standard_and_express(per_km=2_000, per_kg=300_000)


def a_set(*rules, name="mine", version=1, **changes):
    return RuleSet(rule_set_id=name, version=version, rules=rules or (Rule(name="cheapest"),), **changes)


def a_routing(*nodes, positions, rules=(), **changes):
    fields = {"carriers": (a_carrier(*PLAIN),), "costs": COSTS}
    return RouterInputs(positions=positions, nodes=nodes, rules=Rules(sets=rules), **(fields | changes))


def drawn_splits():
    return st.builds(
        Splits,
        most=st.none() | st.integers(1, 3),
        complete=st.sampled_from((None, None, rule_sets.ORDER, rule_sets.LINE)),
        min_value=st.none() | st.tuples(st.integers(1, 4_000), st.just("USD")),
    )


def drawn_rules():
    ranks = st.lists(st.sampled_from(rule_sets.RANKS), min_size=1, max_size=3, unique=True).map(tuple)
    weights = st.dictionaries(st.sampled_from(rule_sets.COMPONENTS), st.integers(0, 300), max_size=3)
    filters = st.builds(
        NodeFilter, types=st.sampled_from(((), ("STORE",))), min_stock=st.none() | st.integers(1, 3), max_km=st.none()
    )
    rests = st.builds(
        Rest,
        then=st.sampled_from((rule_sets.NEXT, Queue.BACKORDER, Queue.ROUTING)),
        future_days=st.sampled_from((0, 30)),
    )
    rule = st.builds(
        Rule,
        name=st.just("drawn"),
        nodes=filters,
        rank=st.just(()) | ranks,
        weights=weights.map(lambda chosen: tuple(sorted(chosen.items()))),
        splits=drawn_splits(),
        rest=rests,
    )
    return st.lists(rule, min_size=1, max_size=3).map(lambda chosen: (a_set(*chosen),))


@st.composite
def drawn_routings(draw):
    """Draw an order of one to five lines, and one to six nodes: some with little room, some that expect supplies."""
    nodes, positions = [], []
    for n in range(draw(st.integers(1, 6))):
        node = a_node(
            f"n-{n}",
            (CHICAGO[0] + draw(st.integers(-5, 5)), CHICAGO[1] + draw(st.integers(-5, 5))),
            type=draw(st.sampled_from(("WAREHOUSE", "STORE"))),
            units_per_day=draw(st.none() | st.integers(1, 6)),
            priority=draw(st.integers(1, 3)),
            acceptance_percent=draw(st.sampled_from((100, 60))),
            calendar=a_calendar("America/Chicago", EVERY_DAY),
            cut_off=time(16),
        )
        nodes.append(node)
        for sku in SKUS:
            if units := draw(st.integers(0, 9)):
                coming = draw(st.booleans())
                supply = Supply(supply_id=f"po-{n}", type="PURCHASE_ORDER", eta="2026-12-01", quantity=4)
                positions.append(a_position(sku, node.node_id, units, supplies=(supply,) if coming else ()))
    lines = [
        a_line(draw(st.sampled_from(SKUS)), draw(st.integers(1, 6)), draw(st.sampled_from((100, 1_999))))
        for _ in range(draw(st.integers(1, 5)))
    ]
    order = placed(an_order(*lines))
    grouped = draw(st.booleans())
    order = replace(
        order,
        requested=draw(st.sampled_from(((), (("deliver_by", "2026-11-24"),)))),
        lines=tuple(
            replace(
                line,
                group="kit" if grouped and n < 2 else None,
                excluded=("n-0",) if draw(st.integers(0, 4)) == 0 else (),
                weight_g=draw(st.sampled_from((0, 250, 4_000))),
            )
            for n, line in enumerate(order.lines)
        ),
    )
    sets = draw(st.just(()) | drawn_rules())
    prices = {(sku, "n-0"): -700_000 for sku in SKUS} if draw(st.booleans()) else {}
    goods = {"TEA": Goods(markdown_micros=12_000_000)}
    return order, a_routing(*nodes, positions=positions, rules=sets, prices=prices, goods=goods)


def a_large_routing(lines, nodes, seed=1, rules=()):
    """Make an order of so many lines, of which no node has all, and a network of so many nodes."""
    dice = Random(seed)
    network = [
        a_node(
            f"node-{n:04d}", (30 + 15 * dice.random(), -118 + 40 * dice.random()), calendar=a_calendar(hours=EVERY_DAY)
        )
        for n in range(nodes)
    ]
    skus = [f"SKU-{n:05d}" for n in range(lines)]
    positions = [
        a_position(s, node.node_id, dice.randint(1, 9)) for node in network for s in skus if dice.random() < 0.6
    ]
    order = placed(an_order(*(a_line(sku, dice.randint(1, 3)) for sku in skus)))
    return order, a_routing(*network, positions=positions, rules=rules)
