"""
Compute lower bounds of the cost of an order: Lagrangian bounds for plans of so many nodes.

Called by   comanda.domain.optimizer.proof; pure
Returns     prices of the lines, the bound that they prove, and each node's reduced cost
Raises      nothing

Give every unit of line i a price v_i. A node's reduced cost is its fixed cost, less the most that it can earn at these
prices with the units that it holds and may ship. Then for any prices

    cost(S) >= sum of need_i v_i - (the `over` dearest pieces) + sum over S of reduced_j

so plans of `low` to `high` nodes cost at least the first two terms, plus the `low` least reduced costs, plus further negative
ones up to `high`. A bound for each number of nodes is far tighter than one for all plans: a linear relaxation prefers to open
one and a half nodes, and most of its gap comes from that.
Good prices are found by deflected subgradient steps in floating point (Polyak's length, aimed by a margin above the best
known plan), then rounded: the bound that is used is computed in integers over all nodes, and holds for any prices.
"""

from collections.abc import Sequence
from operator import mul, sub

from comanda.domain.optimizer.problem import Problem

_MEMORY = 0.5  # share of the last direction in each step
FEW = {
    1: 200,
    2: 16,
    3: 10,
    4: 8,
    5: 7,
    6: 6,
}  # {nodes of a plan: nodes that may be left, so that their sets are soon searched}
_PATIENCE = 3  # steps without a better bound, before they are shortened


class Bound:
    """The bound that these prices prove for plans of `low` to `high` nodes, where no plan has more than `most`."""

    __slots__ = ("base", "loose", "order", "picked", "prices", "reduced", "value")

    def __init__(self, problem: Problem, prices: list[int], low: int, high: int, most: int) -> None:
        self.prices = prices
        self.reduced = reduced = _reduced_costs(problem, prices)
        self.order = sorted(range(len(reduced)), key=reduced.__getitem__)  # nodes by reduced cost, ties by index
        self.base = sum(
            map(mul, problem.need, prices)
        )  # the prices of all lines, without the pieces that may be left over
        if problem.over:
            self.base -= int(_best_earning(prices, _leftover_terms(problem), problem.size)[0])
        gains = [j for j in self.order[:high] if reduced[j] < 0]
        self.picked = gains if len(gains) >= low else self.order[:low]  # the nodes that the bound is made of
        self.value = self.base + sum([reduced[j] for j in self.picked])  # no plan of `low` to `high` nodes costs less
        self.loose = self.base + sum([reduced[j] for j in self.order[:most] if reduced[j] < 0])  # no plan at all


# A node's unit costs, units, fixed cost and room (None where it has enough). In floats for the steps, else in integers.
NodeTerms = tuple[Sequence[float], Sequence[float], float, float | None]


def node_terms(problem: Problem, nodes: Sequence[int]) -> list[NodeTerms]:
    """Return the terms of these nodes with all their lines, in integers."""
    made: list[NodeTerms] = []
    for j in nodes:
        take = [row[j] for row in problem.take]
        room = None if problem.room is None else problem.room[j]
        if room is not None and room >= sum(map(mul, take, problem.size)):
            room = None
        made.append(([row[j] for row in problem.cost], take, problem.fixed[j], room))
    return made


def in_floats(table: Sequence[NodeTerms]) -> list[NodeTerms]:
    """Return the terms in floats. Arithmetic on floats only is twice as fast as on floats and integers."""
    return [
        ([float(c) for c in cost], [float(t) for t in take], float(fixed), room) for cost, take, fixed, room in table
    ]


def ascend(
    problem: Problem,
    seen: Sequence[NodeTerms],
    prices: Sequence[float],
    low: int,
    high: int,
    best_known: int,
    margin: int,
    steps: int,
    few: int,
) -> list[float]:
    """Return better prices for plans of `low` to `high` of these nodes.

    Stops early if the prices prove `best_known` the best, or leave at most `few` nodes, whose sets are soon searched
    (0: goes on).
    """
    need = [float(x) for x in problem.need]
    best, found, length, waited = float("-inf"), list(prices), 1.0, 0
    now, direction = found, [0.0] * len(need)
    for _ in range(steps):
        value, reduced, missing = _evaluate(problem, seen, now, low, high)
        if value > best:
            best, found, waited = value, now, 0
            if value >= best_known:
                break
            if few and (len(seen) <= few or sorted(reduced)[few] >= best_known - value + sorted(reduced)[low - 1]):
                break
        else:
            waited += 1
            if waited == _PATIENCE:
                length, waited = length * 0.6, 0
        direction = [_MEMORY * d + x for d, x in zip(direction, missing, strict=True)]
        square = sum([d * d / x for d, x in zip(direction, need, strict=True)])
        if square < 1e-9:  # every line is served exactly once: no prices are better
            break
        step = length * (best_known + margin - value) / square
        now = [p + step * d / x for p, d, x in zip(now, direction, need, strict=True)]
    return found


def _evaluate(
    problem: Problem, seen: Sequence[NodeTerms], prices: Sequence[float], low: int, high: int
) -> tuple[float, list[float], Sequence[float]]:
    """Return (the bound at these prices, reduced costs, units of each line that the bound's plan lacks)."""
    size = problem.size
    reduced = [
        fixed - (sum([(p - c) * t for p, c, t in zip(prices, cost, take, strict=True) if p > c]) if room is None
                 else _best_earning(prices, (cost, take, fixed, room), size)[0])
        for cost, take, fixed, room in seen
    ]  # fmt: skip
    order = sorted(range(len(reduced)), key=reduced.__getitem__)
    picked = [k for k in order[:high] if reduced[k] < 0]
    if len(picked) < low:
        picked = order[:low]
    value = sum(map(mul, problem.need, prices)) + sum([reduced[k] for k in picked])
    missing: Sequence[float] = problem.need
    for k in picked:
        cost, take, _, room = seen[k]
        if room is None:
            missing = [x - t if c < p else x for x, t, c, p in zip(missing, take, cost, prices, strict=True)]
        else:
            missing = list(map(sub, missing, _best_earning(prices, seen[k], size)[1]))
    if problem.over:
        worth, waived = _best_earning(prices, _leftover_terms(problem), size)
        value -= worth
        missing = list(map(sub, missing, waived))
    return value, reduced, missing


def _leftover_terms(problem: Problem) -> NodeTerms:
    """Return the terms of a node that stands for leaving pieces over: as many as may be, for nothing."""
    return [0] * len(problem.need), problem.need, 0, problem.over


def _reduced_costs(problem: Problem, prices: Sequence[int]) -> list[int]:
    """Return the reduced cost of every node at these prices, in integers."""
    reduced = problem.fixed
    for price, cost, take in zip(prices, problem.cost, problem.take, strict=True):
        reduced = [r - (price - c) * t if c < price else r for r, c, t in zip(reduced, cost, take, strict=True)]
    if problem.room is not None:
        reduced = list(reduced)
        for j, row in enumerate(node_terms(problem, range(len(reduced)))):
            if row[3] is not None:
                reduced[j] = problem.fixed[j] - int(_best_earning(prices, row, problem.size)[0])
    return reduced


def _best_earning(prices: Sequence[float], row: NodeTerms, size: Sequence[int]) -> tuple[float, list[float]]:
    """Return (the most that a node can earn within its room, rounded up; the units of each line for it). The best paid
    pieces come first."""
    cost, take, _, left = row
    wanted = [((c - p) / s, i) for i, (p, c, s) in enumerate(zip(prices, cost, size, strict=True)) if c < p]
    units: list[float] = [0.0] * len(take)
    earned: float = 0
    left = 0 if left is None else left
    for _, i in sorted(wanted):
        margin = prices[i] - cost[i]
        count = min(take[i], left // size[i])
        earned += margin * count
        left -= count * size[i]
        units[i] = count
        if count < take[i]:
            earned += -(-margin * left // size[i])
            units[i] += left / size[i]
            break
    return earned, units
