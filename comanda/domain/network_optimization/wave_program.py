"""
Choose plans for many orders together, so that all of them cost least. It is a set-partitioning program.

The router proposes plans, one order at a time, at prices of the units that orders compete for (Dantzig-Wolfe, column generation).

    least   sum of the costs of the chosen plans
    with    one plan for each order
            the units that chosen plans use of a sku at a node <= what it has      the dual is the price that orders propose at

Called by   functions/wave, for orders that wait at their nodes; bench/batch.py
Returns     a Choice for each order, which all fit together; the prices; and a bound: no choice of plans costs less
Raises      nothing

A program may choose parts of plans where orders compete. `choose_plans` keeps the plans that are chosen whole, and has the other
orders propose for the remaining stock, or chooses in whole numbers where there is time. `choose_moves` compares the choice with
the plans that orders have. The rules are pure: the solver and the proposals are passed in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from comanda.domain.network_optimization.price_program import NO_LIMIT, Program
from comanda.domain.network_optimization.shadow_prices import Prices

type SkuAtNode = tuple[str, str]  # sku, node
type Uses = tuple[tuple[SkuAtNode, int], ...]  # sorted

_WHOLE = 0.99  # share of a plan from which it counts as chosen whole: the rest is rounding
_CENT = 10_000  # micro-units: prices are rounded to it, so that an order proposes again only when it matters


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One order's plan: its cost without prices, and the units that it uses."""

    cost: int
    uses: Uses

    def cost_at(self, prices: Prices) -> int:
        return self.cost + sum(units * prices.get(place, 0) for place, units in self.uses)


# Returns the best plan of order k at these prices, from this stock, as if it were alone; it always returns one.
type Propose = Callable[[int, Mapping[SkuAtNode, int], Prices], Choice]
type Whole = Callable[[Program], Sequence[float] | None]  # columns in whole numbers; None if there is no time
type Solve = Callable[[Program], tuple[Sequence[float], Sequence[float]]]  # columns, and duals of the rows


@dataclass(slots=True)
class Wave:
    """The known plans of each order, and the facts known of their prices. `skus` of each order."""

    skus: Sequence[frozenset[str]]
    stock: Mapping[SkuAtNode, int]
    propose: Propose
    plans: list[dict[Uses, Choice]] = field(default_factory=list)
    prices: dict[SkuAtNode, int] = field(default_factory=dict)
    bound: int = 0
    _best: list[int] = field(default_factory=list)  # the least cost of each order at the prices

    def __post_init__(self) -> None:
        self.plans = [{} for _ in self.skus]
        self._best = [0] * len(self.skus)

    def add_plan(self, k: int, choice: Choice) -> bool:
        """Add a plan of order k. Return False if it is known."""
        new = choice.uses not in self.plans[k]
        self.plans[k].setdefault(choice.uses, choice)
        return new

    def collect_proposals(self, prices: Prices, everyone: bool = False) -> int:
        """Let each order whose prices have changed propose a plan again. Return how many orders proposed a new plan."""
        changed = {
            place[0] for place in prices.keys() | self.prices.keys() if prices.get(place) != self.prices.get(place)
        }
        self.prices = dict(prices)
        new = 0
        for k, skus in enumerate(self.skus):
            if everyone or not skus.isdisjoint(changed):
                found = self.propose(k, self.stock, self.prices)
                self._best[k] = found.cost_at(self.prices)
                new += self.add_plan(k, found)
        given = sum(micros * self.stock.get(place, 0) for place, micros in self.prices.items())
        self.bound = max(self.bound, sum(self._best) - given)
        return new

    def run_rounds(self, most: int, solve: Solve, until: Callable[[], bool] = lambda: False) -> Sequence[float]:
        """Solve, collect proposals at the prices, and solve again, `most` times at most.

        Stops when no order has a new plan, or when `until` returns True. Returns how much of each plan of all orders
        the last program chooses.
        """
        every = range(len(self.plans))
        for _ in range(most - 1):
            if until():
                break
            program, _columns = self.master_program(every, self.stock)
            _, found = solve(program)
            prices = {
                place: round(-found[row] / _CENT) * _CENT for place, row in program.stock.items() if found[row] < 0
            }
            if not self.collect_proposals({place: micros for place, micros in prices.items() if micros}):
                break
        return solve(self.master_program(every, self.stock)[0])[0]

    def master_program(
        self, orders: Sequence[int], stock: Mapping[SkuAtNode, int]
    ) -> tuple[Program, list[tuple[int, Choice]]]:
        """Return the program over the known plans of these orders, and the order and plan of each column. Only units
        that can run out have a row."""
        columns: list[tuple[int, Choice]] = []
        rows: list[tuple[float, float, tuple[tuple[int, float], ...]]] = []
        used: dict[SkuAtNode, list[tuple[int, float]]] = {}
        for k in orders:
            begun = len(columns)
            for choice in self.plans[k].values():
                if all(stock.get(place, 0) >= units for place, units in choice.uses):
                    for place, units in choice.uses:
                        used.setdefault(place, []).append((len(columns), float(units)))
                    columns.append((k, choice))
            rows.append((1.0, 1.0, tuple((column, 1.0) for column in range(begun, len(columns)))))
        at: dict[SkuAtNode, int] = {}
        for place, entries in used.items():
            if sum(units for _, units in entries) > stock.get(place, 0):
                at[place] = len(rows)
                rows.append((-NO_LIMIT, float(stock.get(place, 0)), tuple(entries)))
        costs = tuple(float(choice.cost) for _, choice in columns)
        return Program(costs=costs, rows=tuple(rows), stock=at, full={}), columns

    def choose_plans(self, chosen: Sequence[float], whole: Whole | None = None) -> list[Choice]:
        """Return a plan for each order, which all fit together.

        Orders that were given parts of plans propose in turn for the remaining stock, at half the prices, because fewer
        compete; they propose again when all have a plan. `whole` takes time: it may choose better among all known plans
        of these orders, and then every order proposes again.
        """
        _, columns = self.master_program(range(len(self.plans)), self.stock)
        left, found = dict(self.stock), dict[int, Choice]()
        for share, (k, choice) in zip(chosen, columns, strict=True):
            if share > _WHOLE:
                found[k] = _take(left, choice)
        rest, before = [k for k in range(len(self.plans)) if k not in found], dict(left)
        half = {place: micros // 2 for place, micros in self.prices.items()}
        for k in rest:
            found[k] = _take(left, self.propose(k, left, half))
            self.add_plan(k, found[k])
        if rest and whole is not None:
            program, columns = self.master_program(rest, before)
            shares = whole(program)
            if shares is not None:
                left = before
                for share, (k, choice) in zip(shares, columns, strict=True):
                    if share > _WHOLE:
                        found[k] = _take(left, choice)
        for k in rest if whole is None else sorted(found):
            found[k] = self._propose_again(k, found[k], left)
        return [found[k] for k in range(len(self.plans))]

    def _propose_again(self, k: int, has: Choice, left: dict[SkuAtNode, int]) -> Choice:
        for place, units in has.uses:
            left[place] += units
        best = self.propose(k, left, {})
        return _take(left, best if best.cost < has.cost else has)


def _take(left: dict[SkuAtNode, int], choice: Choice) -> Choice:
    for place, units in choice.uses:
        left[place] -= units
    return choice


def choose_moves(
    now: Sequence[Choice], better: Sequence[Choice], stock: Mapping[SkuAtNode, int], least: Sequence[int]
) -> tuple[int, ...]:
    """Return the orders to move, in the order in which each finds its units.

    `stock`: the units that are there for all of them, including those that they have. `least`: micro-units that moving
    each must save.

    Orders that take over each other's units move together or not at all: one gives way, another takes its place, and
    both must save the sum of both minimums. The order that saves most goes first; an order whose units are still taken
    waits until they are free. No order gives up its units before it has others: of orders that wait for each other in a
    circle, only those move that can, and save enough, alone.
    """
    left = dict(stock)
    for choice in now:
        for place, units in choice.uses:
            left[place] = left.get(place, 0) - units
    saves = [had.cost - has.cost for had, has in zip(now, better, strict=True)]
    found: list[int] = []
    for bundle in sorted(_group_moves(now, better), key=lambda ks: (-sum(saves[k] for k in ks), ks)):
        turns = sorted(bundle, key=lambda k: (-saves[k], k))
        pays = sum(saves[k] for k in bundle) >= sum(least[k] for k in bundle)
        went = _in_turn(turns, now, better, dict(left)) if pays else []
        if len(went) < len(bundle):
            went = _in_turn([k for k in turns if saves[k] >= least[k]], now, better, dict(left))
        for k in went:
            _swap(left, now[k], better[k])
        found += went
    return tuple(found)


def _group_moves(now: Sequence[Choice], better: Sequence[Choice]) -> list[list[int]]:
    """Group the orders whose plans change: an order is grouped with every order whose units it would take over."""
    changing = [k for k in range(len(now)) if now[k].uses != better[k].uses]
    leaves: dict[SkuAtNode, list[int]] = {}
    for k in changing:
        for place, _ in now[k].uses:
            leaves.setdefault(place, []).append(k)
    bundle_of = {k: [k] for k in changing}
    for k in changing:
        for place, _ in better[k].uses:
            for other in leaves.get(place, ()):
                mine, theirs = bundle_of[k], bundle_of[other]
                if mine is not theirs:
                    mine += theirs
                    bundle_of |= dict.fromkeys(theirs, mine)
    return [sorted(bundle) for k, bundle in bundle_of.items() if k == min(bundle)]


def _in_turn(
    turns: Sequence[int], now: Sequence[Choice], better: Sequence[Choice], left: dict[SkuAtNode, int]
) -> list[int]:
    """Return as many of these orders as can move, in the order in which they can."""
    wait, found = list(turns), list[int]()
    while (fits := next((k for k in wait if _fits(now[k], better[k], left)), None)) is not None:
        wait.remove(fits)
        found.append(fits)
        _swap(left, now[fits], better[fits])
    return found


def _swap(left: dict[SkuAtNode, int], had: Choice, has: Choice) -> None:
    for place, units in had.uses:
        left[place] += units
    _take(left, has)


def _fits(now: Choice, better: Choice, left: Mapping[SkuAtNode, int]) -> bool:
    mine = dict(now.uses)
    return all(left.get(place, 0) + mine.get(place, 0) >= units for place, units in better.uses)
