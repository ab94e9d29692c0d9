"""
Measure `batch:`: 10,000 orders x 200 nodes, 2,000 skus, routed together: the saving against one by one, and the time.

`order by order` is the router's optimiser for each order in turn, on the stock that is left. `priced` starts from the prices
of the network's linear program: two rounds of plans that orders propose at the prices of contended stock; fractional plans
are made whole in turn. `exact` repeats rounds until no order has a new plan or most of the time is over; HiGHS makes the rest
whole, and its bound is proven. Both begin with the result of order by order, as a wave does. Times are processor time.

The next day has other orders on the same stock. It is routed order by order with the prices that the network's program finds
in the first day's orders; with those of the mean of four days before, as the nightly job finds them; and, for comparison, with
those of its own orders, which no job can know in advance. batch_world.py describes the days.
"""

from collections.abc import Mapping, Sequence
from statistics import fmean
from time import process_time

from bench.batch_world import NODES, ORDERS, SKUS, Asked, Place, World, a_day, a_world, wanted
from bench.figures import Figure
from comanda.aws.routing import solver
from comanda.domain.network_optimization.price_program import (
    PIECES_A_SHIPMENT,
    Market,
    Program,
    prices_from_duals,
    programs,
)
from comanda.domain.network_optimization.shadow_prices import Prices
from comanda.domain.network_optimization.wave_program import Choice, Wave
from comanda.domain.optimizer.solve import Instance
from comanda.domain.optimizer.solve import solve as cheapest

SEED = 2026
_WORLDS = 2
_DAYS = 4  # before: of as many the nightly job knows the same weekday
_EXACT_SECONDS = 32.0  # for rounds of plans; the solver has the rest of the minute
_WHOLE_SECONDS = 8.0


class Day:
    """One day's orders, in the form in which plans are proposed."""

    def __init__(self, world: World, orders: Sequence[Asked]) -> None:
        self.world, self.orders = world, orders
        self.at: dict[str, set[str]] = {}
        for sku, node in world.stock:
            self.at.setdefault(sku, set()).add(node)

    def propose(self, k: int, stock: Mapping[Place, int], prices: Prices) -> Choice:
        world, basket = self.world, self.orders[k].basket
        skus, shipment = list(basket), world.shipment[self.orders[k].metro]
        nodes = sorted({node for sku in skus for node in self.at.get(sku, ()) if stock.get((sku, node))})
        nodes.append(world.lost)
        found = cheapest(
            Instance(
                quantity=tuple(basket.values()),
                fixed=tuple(shipment[node] for node in nodes),
                cost=tuple(tuple(world.piece[node] + prices.get((sku, node), 0) for node in nodes) for sku in skus),
                stock=tuple((*(stock.get((sku, node), 0) for node in nodes[:-1]), basket[sku]) for sku in skus),
            )
        )
        cost = sum(shipment[nodes[j]] for j in found.nodes)
        uses: dict[Place, int] = {}
        for i, j, pieces in found.assignment:
            cost += pieces * world.piece[nodes[j]]
            if nodes[j] != world.lost:
                uses[skus[i], nodes[j]] = pieces
        return Choice(cost=cost, uses=tuple(sorted(uses.items())))

    def one_by_one(self, prices: Prices) -> list[Choice]:
        left, found = dict(self.world.stock), []
        for k in range(len(self.orders)):
            found.append(self.propose(k, left, prices))
            for place, pieces in found[-1].uses:
                left[place] -= pieces
        return found

    def network_prices(self, of_days: int = 1) -> Prices:
        """Return prices as functions/price finds them, if these are the orders of so many days."""
        world = self.world
        demand = {
            sku: {metro: pieces / of_days for metro, pieces in of_sku.items()}
            for sku, of_sku in wanted(self.orders).items()
        }
        stock: dict[str, dict[str, int]] = {}
        for (sku, node), pieces in world.stock.items():
            stock.setdefault(sku, {})[node] = pieces
        share = {
            metro: {node: of[node] // PIECES_A_SHIPMENT + world.piece[node] for node in world.nodes[:-1]}
            for metro, of in world.shipment.items()
        }
        lost = max(of[world.lost] for of in world.shipment.values()) // PIECES_A_SHIPMENT + world.piece[world.lost]
        market = Market(demand=demand, stock=stock, cost=share, capacity={}, lost=dict.fromkeys(share, lost))
        found: dict[Place, int] = {}
        for program in programs(market):
            found.update(prices_from_duals(program, solver.solve(program, seconds=60).duals))
        return found


def figures() -> list[Figure]:
    rows = [_measured(SEED + n) for n in range(_WORLDS)]
    what, mean = f"batch: {ORDERS:,} orders x {NODES} nodes, {SKUS:,} skus, {a_world(SEED).source}, ", _means(rows)
    return [
        _figure(what + "priced", mean["priced s"], "s CPU", 10),
        _figure(what + "exact", mean["exact s"], "s CPU", 60),
        _figure(what + "priced, below order by order", mean["priced"], "%", 3, better="more"),
        _figure(what + "exact, below order by order", mean["exact"], "%", 3, better="more"),
        _figure(what + "exact, of them at most saved: proven", mean["bound"], "%"),
        _figure(what + "order by order, one order", mean["one ms"], "ms CPU"),
        _figure(what + "pieces that nobody sends, exact (order by order beside)", mean["lost"], "%",
                baseline=mean["lost before"]),
        _figure(what + "prices of the network", mean["network s"], "s CPU"),
        _figure(what + "order by order with prices of the same orders, below without", mean["same"], "%"),
        _figure(what + "order by order with prices learnt the day before, below without", mean["next"], "%"),
        _figure(what + "the same, learnt of the four days before", mean["of four"], "%"),
        _figure(what + "part of the gain that is kept, of one day", 100 * mean["next"] / mean["own"], "%"),
        _figure(what + "part of the gain that is kept, of four days", 100 * mean["of four"] / mean["own"], "%"),
    ]  # fmt: skip


def _measured(seed: int) -> dict[str, float]:
    world = a_world(seed)
    first, second = Day(world, a_day(world, seed)), Day(world, a_day(world, seed + 1))
    begun = process_time()
    alone = first.one_by_one({})
    took = {"one ms": (process_time() - begun) / ORDERS * 1000}
    cost, begun = _cost(alone), process_time()
    prices = first.network_prices()
    took["network s"] = process_time() - begun
    wave = Wave(skus=[frozenset(order.basket) for order in first.orders], stock=world.stock, propose=first.propose)
    for k, choice in enumerate(alone):
        wave.add_plan(k, choice)
    wave.collect_proposals(prices, everyone=True)
    chosen = wave.run_rounds(2, _solved)
    priced = wave.choose_plans(chosen)
    took["priced s"] = process_time() - begun
    chosen = wave.run_rounds(20, _solved, until=lambda: process_time() - begun > _EXACT_SECONDS)
    exact = wave.choose_plans(chosen, _whole)
    took["exact s"] = process_time() - begun
    alone_next = _cost(second.one_by_one({}))
    before = Day(world, [order for day in range(_DAYS) for order in a_day(world, seed - day)])
    return took | {
        "priced": _below(_cost(priced), cost),
        "exact": _below(_cost(exact), cost),
        "bound": _below(wave.bound, cost),
        "lost": _lost(first, exact),
        "lost before": _lost(first, alone),
        "same": _below(_cost(first.one_by_one(prices)), cost),
        "next": _below(_cost(second.one_by_one(prices)), alone_next),
        "of four": _below(_cost(second.one_by_one(before.network_prices(_DAYS))), alone_next),
        "own": _below(_cost(second.one_by_one(second.network_prices())), alone_next),
    }


def _solved(program: Program) -> tuple[Sequence[float], Sequence[float]]:
    answer = solver.solve(program, seconds=60)
    return answer.columns, answer.duals


def _whole(program: Program) -> Sequence[float] | None:
    """Return the whole plans that HiGHS finds, or None if it finds none in its time: the plans made whole in turn stay."""
    try:
        return solver.solve(program, seconds=_WHOLE_SECONDS, whole=True).columns
    except solver.Unsolved:
        return None


def _cost(choices: Sequence[Choice]) -> int:
    return sum(choice.cost for choice in choices)


def _lost(day: Day, choices: Sequence[Choice]) -> float:
    asked = sum(sum(order.basket.values()) for order in day.orders)
    return 100 * (1 - sum(pieces for choice in choices for _, pieces in choice.uses) / asked)


def _below(cost: float, before: float) -> float:
    return 100 * (1 - cost / before)


def _means(rows: Sequence[Mapping[str, float]]) -> dict[str, float]:
    return {name: fmean(row[name] for row in rows) for name in rows[0]}


def _figure(
    name: str, value: float, unit: str, bar: float | None = None, *, better: str = "less", baseline: float | None = None
) -> Figure:
    return Figure(
        figure=name,
        value=round(value, 2),
        unit=unit,
        bar=bar,
        better="more" if better == "more" else "less",
        seed=SEED,
        baseline=None if baseline is None else round(baseline, 2),
    )
