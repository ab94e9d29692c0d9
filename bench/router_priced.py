"""
Measure `router:`: the loss from choosing by a linear model. Small orders are priced by the rate card, against every way to send them.

1-4 lines of 1-3 units (0.1-6 kg, half of them bulky), 2-6 nodes anywhere in the country, warehouses and stores, with 0-4 of
each. The plan of comanda.domain.routing.route.route is priced as it is stored: real parcels in cartons, steps, dimensional weight,
fuel, a package's handling. The least of all ways is found node by node over all bundles that are still wanted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import product
from random import Random
from statistics import fmean

from bench.figures import Figure
from bench.rates import ALWAYS, a_carrier, costs
from comanda.domain.nodes.node import Node
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import Allocation, Line
from comanda.domain.orders.methods import SHIP
from comanda.domain.orders.order import Order, Totals
from comanda.domain.orders.status import Status
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.order_rates import OrderRates, WantedSku
from comanda.domain.routing.plan import PlannedFulfillment, PlannedLine, Want
from comanda.domain.routing.reachable import ReachableNetwork
from comanda.domain.routing.route import order_facts, route, with_dates
from comanda.domain.routing.stage_costs import StageCosts, priced
from comanda.domain.rules.rule_sets import Goods, Rule
from comanda.domain.stock.plain_position import plain

SEED, COUNT = 2026, 400
_NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
Units = tuple[int, ...]  # by line


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Costs in micro-units: of our plan by the card, of our plan by the model, and the least of all ways."""

    ours: int
    modelled: int
    least: int

    @property
    def gap(self) -> float:
        return 100 * (self.ours / self.least - 1)


def figures() -> list[Figure]:
    found = list(_compared())
    gaps = sorted(one.gap for one in found)
    what = f"router: {len(found)} orders of 1-4 lines x 2-6 nodes, priced by the card, "
    return [
        _figure(what + "mean gap to the least of all ways", fmean(gaps), "%"),
        _figure(what + "p95 of that gap", gaps[round(0.95 * (len(gaps) - 1))], "%"),
        _figure(what + "the very least", 100 * fmean(gap < 1e-9 for gap in gaps), "%"),
        _figure(what + "worse than the least by more than 5 %", 100 * fmean(gap > 5 for gap in gaps), "%"),
        _figure(
            what + "the model beside the card, mean",
            100 * fmean(abs(one.modelled / one.ours - 1) for one in found),
            "%",
        ),
    ]


def _figure(name: str, value: float, unit: str) -> Figure:
    return Figure(figure=name, value=round(value, 3), unit=unit, seed=SEED)


def _compared() -> Iterator[Compared]:
    made = seed = 0
    while made < COUNT:
        order, world = _an_order(Random(f"{SEED}:{seed}"))
        seed += 1
        plan = route(order, world, _NOW)
        if plan.leftovers:
            continue  # units are missing, so costs cannot be compared
        made += 1
        rows = plan.decision["fulfillments"]
        yield Compared(
            ours=sum(sum(row["priced_micros"].values()) for row in rows),
            modelled=sum(sum(row["modelled_micros"].values()) for row in rows),
            least=_least(order, world),
        )


def _least(order: Order, world: RouterInputs) -> int:
    """Return the least cost of the nodes so far, by the number of units of each line that are still wanted."""
    network = ReachableNetwork(world.positions, world.nodes, order.destination, world.rules, _NOW)
    rates = OrderRates(network, world.carriers, world.costs, world.prices, order_facts(order, world))
    wants = {
        line.line_id: Want(
            line_id=line.line_id,
            sku=line.sku,
            quantity=line.quantity,
            weight_g=line.weight_g,
            goods=world.goods[line.sku],
        )
        for line in order.lines
    }
    rows = [WantedSku(sku=w.sku, units=w.quantity, grams=w.weight_g, goods=w.goods) for w in wants.values()]
    table = StageCosts(rates, "STANDARD", rows, Rule(name="any"))
    best: dict[Units, int] = {tuple(row.units for row in rows): 0}
    for node in world.nodes:
        have = [network.shelves.get(node.node_id, {}).get(row.sku, 0) for row in rows]
        bundles = list(product(*(range(min(row.units, units) + 1) for row, units in zip(rows, have, strict=True))))
        micros = {bundle: _micros(node, bundle, have, rows, wants, table) for bundle in bundles}
        after: dict[Units, int] = {}
        for wanted, so_far in best.items():
            for bundle, cost in micros.items():
                left = tuple(a - b for a, b in zip(wanted, bundle, strict=True))
                if min(left) >= 0 and so_far + cost < after.get(left, 1 << 62):
                    after[left] = so_far + cost
        best = after
    return best[(0,) * len(rows)]


def _micros(
    node: Node, bundle: Units, have: list[int], rows: list[WantedSku], wants: dict[str, Want], table: StageCosts
) -> int:
    if not any(bundle):
        return 0
    sends = [(row, count, units) for row, count, units in zip(rows, bundle, have, strict=True) if count]
    lines = tuple(
        PlannedLine(line_id=line_id, sku=want.sku, quantity=count)
        for (line_id, want), count in zip(wants.items(), bundle, strict=True)
        if count
    )
    one = PlannedFulfillment(node=node, method=SHIP, service="STANDARD", lines=lines, modelled=table.parts(node, sends))
    rates = table.rates
    (sent,) = with_dates([one], wants.values(), rates.network, rates.costs, rates.arrivals.carriers)
    return sum(priced(sent, rates))


def _an_order(dice: Random) -> tuple[Order, RouterInputs]:
    nodes = tuple(
        Node(
            node_id=f"n-{n}",
            type=dice.choice(("STORE", "WAREHOUSE")),
            country="US",
            latitude=dice.uniform(28, 46),
            longitude=dice.uniform(-120, -74),
            calendar=ALWAYS,
            acceptance_percent=dice.choice((100, 95, 80)),
        )
        for n in range(dice.randint(2, 6))
    )
    skus = [f"S-{i}" for i in range(dice.randint(1, 4))]
    goods: dict[str, Goods] = {}
    lines = []
    for n, sku in enumerate(skus, 1):
        grams = dice.choice((100, 300, 700, 1_500, 3_000, 6_000))
        side = round((grams * dice.choice((2_000, 9_000))) ** (1 / 3))  # 500 or 111 grams a litre
        goods[sku] = Goods(dims_mm=(side, side, side))
        count = dice.randint(1, 3)
        units = (Allocation(quantity=count, status=Status.CREATED),)
        lines.append(Line(line_id=str(n), sku=sku, quantity=count, unit_price=1_000, weight_g=grams, allocations=units))
    total = sum(line.quantity * line.unit_price for line in lines)
    order = Order(
        order_id="small",
        external_id="small",
        channel="web",
        currency="USD",
        locale="en-US",
        customer_id="anybody",
        placed_at=_NOW,
        destination=Destination(
            country="US", region="", postal_prefix="", latitude=dice.uniform(28, 46), longitude=dice.uniform(-120, -74)
        ),
        lines=tuple(lines),
        totals=Totals(goods=total, discounts=0, charges=0, tax=0, total=total),
    )
    stock = [(sku, node.node_id, dice.choice((0, 0, 1, 2, 4))) for node in nodes for sku in skus]
    positions = tuple(plain(sku, node, units) for sku, node, units in stock if units)
    return order, RouterInputs(positions=positions, nodes=nodes, carriers=(a_carrier(),), costs=costs(), goods=goods)
