"""Make inputs for the router: rules, shelves and orders chosen at random, and one large network."""

from dataclasses import replace
from datetime import time
from random import Random

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
_EVERY_DAY = a_calendar("America/Chicago", EVERY_DAY)
PLAIN = standard_and_express(per_km=2_000, per_kg=300_000)


def a_set(*rules, name="mine", version=1, **changes):
    return RuleSet(rule_set_id=name, version=version, rules=rules or (Rule(name="cheapest"),), **changes)


def a_routing(*nodes, positions, rules=(), **changes):
    fields = {"carriers": (a_carrier(*PLAIN),), "costs": COSTS}
    return RouterInputs(positions=positions, nodes=nodes, rules=Rules(sets=rules), **(fields | changes))


def _splits(choose):
    return Splits(
        most=choose.one((None, choose.number(1, 3))),
        complete=choose.one((None, None, rule_sets.ORDER, rule_sets.LINE)),
        min_value=choose.one((None, (choose.number(1, 4_000), "USD"))),
    )


def _rule(choose):
    ranks = [choose.one(rule_sets.RANKS) for _ in range(choose.one((0, choose.number(1, 3))))]
    weights = {choose.one(rule_sets.COMPONENTS): choose.number(0, 300) for _ in range(choose.number(0, 3))}
    return Rule(
        name="any",
        nodes=NodeFilter(types=choose.one(((), ("STORE",))), min_stock=choose.one((None, choose.number(1, 3)))),
        rank=tuple(dict.fromkeys(ranks)),
        weights=tuple(sorted(weights.items())),
        splits=_splits(choose),
        rest=Rest(then=choose.one((rule_sets.NEXT, Queue.BACKORDER, Queue.ROUTING)), future_days=choose.one((0, 30))),
    )


def any_routing(choose):
    """Choose an order of one to five lines, and one to six nodes: some with little room, some that expect supplies."""
    nodes, positions = [], []
    for n in range(choose.number(1, 6)):
        node = a_node(
            f"n-{n}",
            (CHICAGO[0] + choose.number(-5, 5), CHICAGO[1] + choose.number(-5, 5)),
            type=choose.one(("WAREHOUSE", "STORE")),
            units_per_day=choose.one((None, choose.number(1, 6))),
            priority=choose.number(1, 3),
            acceptance_percent=choose.one((100, 60)),
            calendar=_EVERY_DAY,
            cut_off=time(16),
        )
        nodes.append(node)
        supply = Supply(supply_id=f"po-{n}", type="PURCHASE_ORDER", eta="2026-12-01", quantity=4)
        positions += [
            a_position(sku, node.node_id, units, supplies=choose.one(((), (supply,))))
            for sku in SKUS
            if (units := choose.number(0, 9))
        ]
    lines = [
        a_line(choose.one(SKUS), choose.number(1, 6), choose.one((100, 1_999))) for _ in range(choose.number(1, 5))
    ]
    order = placed(an_order(*lines))
    grouped = choose.one((False, True))
    order = replace(
        order,
        requested=choose.one(((), (("deliver_by", "2026-11-24"),))),
        lines=tuple(
            replace(
                line,
                group="kit" if grouped and n < 2 else None,
                excluded=("n-0",) if choose.number(0, 4) == 0 else (),
                weight_g=choose.one((0, 250, 4_000)),
            )
            for n, line in enumerate(order.lines)
        ),
    )
    sets = choose.one(((), (a_set(*(_rule(choose) for _ in range(choose.number(1, 3)))),)))
    prices = choose.one(({}, {(sku, "n-0"): -700_000 for sku in SKUS}))
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
