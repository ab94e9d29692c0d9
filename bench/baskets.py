"""
Measure `router:` on real baskets: the cost, splits and emissions of each policy, order after order on stock that falls.

baskets_world.py says which data is real; prices are those of rates.py. Every policy is a rule set and goes through
comanda.domain.routing.route.route. Costs are those of the priced plan: the card's price of the real parcels and the nodes'
work. Costs that no policy pays at once (last units of a shop, carbon at its price) are reported beside it.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import fmean

from bench import baskets_world, chart
from bench.baskets_world import NOW, Scene
from bench.figures import Figure
from bench.rates import a_carrier, costs
from comanda.domain.orders.order import Order
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Limits, Plan, Rules
from comanda.domain.routing.route import route
from comanda.domain.rules.rule_sets import COST, COVERAGE, DISTANCE, NEXT, ORDER, Rest, Rule, RuleSet, Splits
from comanda.domain.stock.plain_position import plain
from comanda.domain.stock.stock import Position

ORDERS = 400
PICTURE = Path(__file__).resolve().parents[1] / "docs" / "images" / "real-baskets.svg"

_PAID = ("shipping", "handling")
POLICIES: dict[str, tuple[Rule, ...]] = {
    "nearest": (Rule(name="nearest", rank=(DISTANCE,)),),
    "cheapest node by node": (Rule(name="cheapest", rank=(COST,)),),
    "fewest splits": (
        Rule(name="in one", splits=Splits(complete=ORDER), rest=Rest(then=NEXT)),
        Rule(name="in few", rank=(COVERAGE, COST)),
    ),
    "ours, the cheapest plan": (Rule(name="cheapest plan"),),
}


@dataclass(slots=True)
class Told:
    """The results of a policy for each order: dollars paid, all components in dollars, shipments, kilograms of CO2e, share of
    units without a node."""

    paid: list[float] = field(default_factory=list)
    all_in: list[float] = field(default_factory=list)
    shipments: list[int] = field(default_factory=list)
    carbon: list[float] = field(default_factory=list)
    left: int = 0
    units: int = 0

    def add(self, plan: Plan) -> None:
        rows = plan.decision["fulfillments"]
        parts = Counter[str]()
        for row in rows:
            parts.update(row["priced_micros"])
        self.paid.append(sum(parts[name] for name in _PAID) / 1e6)
        self.all_in.append(sum(parts.values()) / 1e6)
        self.shipments.append(len(rows))
        self.carbon.append(sum(row.get("carbon_g", 0) for row in rows) / 1e3)
        self.left += sum(one.quantity for one in plan.leftovers)
        self.units += sum(one.quantity for one in plan.leftovers) + sum(f.units for f in plan.fulfillments)


def figures() -> list[Figure]:
    try:
        scene = baskets_world.scene(ORDERS)
    except ModuleNotFoundError:
        return []  # the demo's data is not installed
    told = {name: played(scene, rules) for name, rules in POLICIES.items()}
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(told, scene))
    return [*_figures(told)]


def played(scene: Scene, rules: tuple[Rule, ...]) -> Told:
    """Route all orders one after the other. Units that an order takes are gone for the next."""
    sets = (RuleSet(rule_set_id="bench", version=1, rules=rules),)
    world = RouterInputs(positions=(), nodes=scene.nodes, carriers=(a_carrier(),), rules=Rules(sets=sets), costs=costs(),
                  limits=Limits(), goods=scene.goods)  # fmt: skip
    shelves: dict[str, dict[str, int]] = {}
    for (sku, node), units in scene.stock.items():
        shelves.setdefault(sku, {})[node] = units
    told = Told()
    for order in scene.orders:
        plan = route(order, replace(world, positions=tuple(_there(order, shelves))), NOW)
        for f in plan.fulfillments:
            for line in f.lines:
                shelves[line.sku][f.node.node_id] -= line.quantity
        told.add(plan)
    return told


def _there(order: Order, shelves: dict[str, dict[str, int]]) -> Iterator[Position]:
    for sku in sorted({line.sku for line in order.lines}):
        for node, units in shelves.get(sku, {}).items():
            if units:
                yield plain(sku, node, units)


def _figures(told: dict[str, Told]) -> Iterator[Figure]:
    first = next(iter(told.values()))
    for name, one in told.items():
        what = f"router: {ORDERS} real baskets, 457 stores and 5 centres, {name}, "
        for says, value, unit, base in (
            ("shipping and handling an order", fmean(one.paid), "$", fmean(first.paid)),
            ("with scarcity and carbon at their prices", fmean(one.all_in), "$", fmean(first.all_in)),
            ("shipments an order", fmean(one.shipments), "shipments", fmean(first.shipments)),
            ("CO2e an order", fmean(one.carbon), "kg", fmean(first.carbon)),
            ("units without a node", 100 * one.left / one.units, "%", 100 * first.left / first.units),
        ):
            yield Figure(
                figure=what + says, value=round(value, 3), unit=unit, seed=baskets_world.SEED, baseline=round(base, 3)
            )


def picture(told: dict[str, Told], scene: Scene) -> str:
    return chart.bars(
        f"{len(scene.orders)} real baskets, 457 stores and 5 centres: an order, on average",
        tuple(told),
        {
            "Shipping and handling, $": [fmean(one.paid) for one in told.values()],
            "Shipments": [fmean(one.shipments) for one in told.values()],
            "CO2e, kg": [fmean(one.carbon) for one in told.values()],
        },
    )
