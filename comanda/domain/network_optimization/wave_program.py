"""
Many orders together: whose plan uses which units, so that all of them cost least. A set-partitioning program whose plans
the router proposes, one order at a time, against the prices of what they contend for (Dantzig-Wolfe, column generation).

    least   sum of the costs of the chosen plans
    with    one plan for each order
            the units that chosen plans use of a sku at a node <= what it has      the dual is the price that orders are asked at

Called by   functions/wave, for orders that wait at their nodes; bench/batch.py
Returns     a Choice for each order that all fit together, the prices, and a bound: no choice of plans costs less

Programs choose parts of plans where orders contend: `together` keeps what is chosen whole, has the others propose on what is
left, or choose in whole numbers where there is time. What is chosen is held against what each order has already by `moves`. Pure: who solves programs and who proposes plans is passed in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from comanda.domain.network_optimization.price_program import NO_LIMIT, Program
from comanda.domain.network_optimization.shadow_prices import Prices

type SkuAtNode = tuple[str, str]  # sku, node
type Uses = tuple[tuple[SkuAtNode, int], ...]  # sorted

_WHOLE = 0.99  # of a plan that a program chooses: the rest is what the solver rounds
_CENT = 10_000  # micro-units: prices are rounded to it, so that an order is only asked again when it matters


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One order's plan: what it costs without prices, and the units that it uses."""

    cost: int
    uses: Uses

    def at(self, prices: Prices) -> int:
        return self.cost + sum(units * prices.get(place, 0) for place, units in self.uses)


# The best plan of order k at these prices, on this stock, as if it were alone: it must always find one, if it is to give up.
type Propose = Callable[[int, Mapping[SkuAtNode, int], Prices], Choice]
type Whole = Callable[[Program], Sequence[float] | None]  # columns in whole numbers; None: no time for it
type Solve = Callable[[Program], tuple[Sequence[float], Sequence[float]]]  # columns, and duals of the rows


@dataclass(slots=True)
class Wave:
    """The plans that are known of each order, and what is known of their prices. `skus` of each order."""

    skus: Sequence[frozenset[str]]
    stock: Mapping[SkuAtNode, int]
    propose: Propose
    plans: list[dict[Uses, Choice]] = field(default_factory=list)
    prices: dict[SkuAtNode, int] = field(default_factory=dict)
    bound: int = 0
    _best: list[int] = field(default_factory=list)  # what each order costs at the prices, at least

    def __post_init__(self) -> None:
        self.plans = [{} for _ in self.skus]
        self._best = [0] * len(self.skus)

    def know(self, k: int, choice: Choice) -> bool:
        """A plan of order k; False where it is known."""
        new = choice.uses not in self.plans[k]
        self.plans[k].setdefault(choice.uses, choice)
        return new

    def ask(self, prices: Prices, everyone: bool = False) -> int:
        """Have all orders that these prices concern propose again. Returns how many had a new plan."""
        changed = {
            place[0] for place in prices.keys() | self.prices.keys() if prices.get(place) != self.prices.get(place)
        }
        self.prices = dict(prices)
        new = 0
        for k, skus in enumerate(self.skus):
            if everyone or not skus.isdisjoint(changed):
                found = self.propose(k, self.stock, self.prices)
                self._best[k] = found.at(self.prices)
                new += self.know(k, found)
        given = sum(micros * self.stock.get(place, 0) for place, micros in self.prices.items())
        self.bound = max(self.bound, sum(self._best) - given)
        return new

    def rounds(self, most: int, solve: Solve, until: Callable[[], bool] = lambda: False) -> Sequence[float]:
        """Solve, ask at the prices, solve again: until nobody has a new plan, `most` times, or `until` says so. Returns how much
        of each plan of all orders the last program chooses."""
        every = range(len(self.plans))
        for _ in range(most - 1):
            if until():
                break
            program, _columns = self.master(every, self.stock)
            _, found = solve(program)
            prices = {
                place: round(-found[row] / _CENT) * _CENT for place, row in program.stock.items() if found[row] < 0
            }
            if not self.ask({place: micros for place, micros in prices.items() if micros}):
                break
        return solve(self.master(every, self.stock)[0])[0]

    def master(self, orders: Sequence[int], stock: Mapping[SkuAtNode, int]) -> tuple[Program, list[tuple[int, Choice]]]:
        """The program over the known plans of these orders; and whose plan each column is. Only what can run out has a row."""
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

    def together(self, chosen: Sequence[float], whole: Whole | None = None) -> list[Choice]:
        """A plan for each order, which all fit together. Those that were given parts of plans propose in turn on what is left,
        at half the prices, as fewer compete, and look once more when all are placed. `whole` takes its time: it may choose
        better among all that is known of these, and then everybody looks once more."""
        _, columns = self.master(range(len(self.plans)), self.stock)
        left, found = dict(self.stock), dict[int, Choice]()
        for share, (k, choice) in zip(chosen, columns, strict=True):
            if share > _WHOLE:
                found[k] = _take(left, choice)
        rest, before = [k for k in range(len(self.plans)) if k not in found], dict(left)
        half = {place: micros // 2 for place, micros in self.prices.items()}
        for k in rest:
            found[k] = _take(left, self.propose(k, left, half))
            self.know(k, found[k])
        if rest and whole is not None:
            program, columns = self.master(rest, before)
            shares = whole(program)
            if shares is not None:
                left = before
                for share, (k, choice) in zip(shares, columns, strict=True):
                    if share > _WHOLE:
                        found[k] = _take(left, choice)
        for k in rest if whole is None else sorted(found):
            found[k] = self._once_more(k, found[k], left)
        return [found[k] for k in range(len(self.plans))]

    def _once_more(self, k: int, has: Choice, left: dict[SkuAtNode, int]) -> Choice:
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
    """The orders to move, in this order, so that each finds its units when it comes. `stock`: what is there for all of them,
    with what they have; `least`: micro-units that moving each must save.

    Those that come to each other's places go together or not at all: one gives way, another takes its place, and both must
    save what is asked of both. Who saves most goes first; one that finds its place taken waits until who is there has moved.
    Nobody gives up what he has before he has more: of those that wait for each other in a circle only those move that can,
    and save enough, alone.
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
    """Those that change, by whose places they come to."""
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
    """As many of them as can go, in the order in which they can."""
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
