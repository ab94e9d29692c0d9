"""
Represent sets of nodes as bits: find the nodes that complete an order, and keep the best set so far.

Called by   comanda.domain.optimizer.proof, comanda.domain.optimizer.branch_and_bound; pure, deterministic
Returns     the nodes that hold the missing units; the best set, improved by swaps
Raises      nothing

For each line and number of units, a mask has the nodes that hold so many, so the nodes that complete a set are an AND of masks.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from operator import add

from comanda.domain.optimizer.filling import price
from comanda.domain.optimizer.problem import NEVER, Filling, Problem
from comanda.domain.time_limit import TimeLimit

_BETWEEN_CLOCKS = 32  # checks of the budget for one reading of the clock
_SWAPS = 300  # sets priced while swapping
_NUMBERS = 10_000  # numbers that are read in about the time of pricing one set


# The following classes are workers and not values: plain classes, which load faster than dataclasses.
class Best:
    """The best set so far, and the work that the search for it took."""

    __slots__ = (
        "_asked",
        "_numbers",
        "budget",
        "cost",
        "each",
        "filling",
        "late",
        "nodes",
        "pause",
        "searched",
        "stopped",
    )

    def __init__(self, budget: int, late: TimeLimit, each: int) -> None:
        self.cost = NEVER  # cost of `nodes`; before there are any, more than any plan costs
        self.nodes: list[int] = []
        self.filling: Filling | None = None  # None where no node is full: each line is filled as cheaply as can be
        self.budget, self.late = budget, late
        self.each = each  # the budget that one set takes
        self.searched = self._asked = self._numbers = 0
        self.stopped = False
        self.pause = NEVER  # sets searched after which the current search shall ask for better prices

    def offer(self, problem: Problem, nodes: Sequence[int]) -> bool:
        """Price a set of nodes. Keep it, and return True, if it is better."""
        self.searched += self.each
        if problem.room is not None and self.nodes and self.spent():
            return False  # a plan is known, and no budget is left to repair full nodes
        found = price(problem, nodes, self.cost)
        if found is None or found[0] >= self.cost:
            return False
        self.cost, self.filling = found
        self.nodes = sorted(nodes)
        return True

    def rename(self, names: Mapping[int, int] | Sequence[int]) -> None:
        """Replace each node index of the best set by another one."""
        self.nodes = [names[j] for j in self.nodes]
        if self.filling is not None:
            self.filling = [{names[j]: count for j, count in units.items()} for units in self.filling]

    def charge(self, numbers: int) -> bool:
        """Count numbers that were read, and return True if the budget is used up."""
        self.spend(numbers)
        return self.spent()

    def spend(self, numbers: int) -> None:
        """Count work other than searching sets, by the numbers of lines and nodes that it reads."""
        looks, self._numbers = divmod(self._numbers + numbers, _NUMBERS)
        self.searched += looks
        if looks:
            self._asked = 0  # the clock is read next

    def affords(self, most: int, numbers: int) -> int:
        """Return how often, at most `most` times, work on so many numbers may be done."""
        return max(0, min(most, (self.budget - self.searched) * _NUMBERS // max(1, numbers)))

    def spent(self) -> bool:
        """Return True if the budget is used up, or the time limit is over. The clock is read rarely."""
        if self._asked % _BETWEEN_CLOCKS == 0 and self.late():
            self.stopped = True
        self._asked += 1
        return self.stopped or self.searched >= self.budget

    def paused(self) -> bool:
        """Return True if this search shall end, for now or for good."""
        return self.searched >= self.pause or self.spent()


class Subsets:
    """The nodes worth searching (`core`) as bits, and for each line the nodes that hold so many of its units as a mask."""

    __slots__ = ("_masks", "core", "holds", "problem")

    def __init__(self, problem: Problem, core: list[int]) -> None:
        self.problem, self.core = problem, core
        self.holds = [[row[j] for row in problem.take] for j in core]  # [bit][line]
        self._masks: list[dict[int, int]] = [{} for _ in problem.need]

    def holding(self, line: int, units: int) -> int:
        """Return the nodes that hold at least so many units of a line. Masks are made when they are first needed: few
        are."""
        mask = self._masks[line].get(units)
        if mask is None:
            row, mask, one = self.problem.take[line], 0, 1
            for j in self.core:
                if row[j] >= units:
                    mask |= one
                one += one
            self._masks[line][units] = mask
        return mask

    def completing(self, missing: Sequence[int], over: int, among: int) -> Iterator[int]:
        """Yield the bits of the nodes that hold all missing units, or all but those that may be left over."""
        if over:
            for bit in bits(among):
                short = [max(0, x - t) * s for x, t, s in zip(missing, self.holds[bit], self.problem.size, strict=True)]
                if sum(short) <= over:
                    yield bit
            return
        for line, units in enumerate(missing):
            if units:
                among &= self.holding(line, units)
        yield from bits(among)

    def improve(self, best: Best) -> None:
        """Swap one or two nodes of the best set for one, or drop one, as long as that pays and a budget of swaps
        lasts."""
        best.pause = best.searched + _SWAPS * best.each
        better = bool(best.nodes)
        while better and not best.paused():
            better = self._round(best)

    def _round(self, best: Best) -> bool:
        """Try each swap until one pays, and return True if one did. The units that the whole set holds are added up once."""
        problem = self.problem
        takes = {j: [row[j] for row in problem.take] for j in best.nodes}
        spare = [sum(units) - need for need, *units in zip(problem.need, *takes.values(), strict=True)]
        for out in _nodes_to_drop(best.nodes):
            missing = [-x for x in spare]
            for j in out:
                missing = list(map(add, missing, takes[j]))
            best.spend(4 * len(missing) + (len(missing) * len(self.core) if problem.over else 0))
            if best.paused():
                return False
            missing = [x if x > 0 else 0 for x in missing]  # noqa: FURB136  faster
            if self._find_better(best, [j for j in best.nodes if j not in out], missing):
                return True
        return False

    def _find_better(self, best: Best, kept: list[int], missing: list[int]) -> bool:
        """Price the kept nodes alone, or with one node that completes them. Return True if a set was better."""
        if not any(missing) and best.offer(self.problem, kept):
            return True
        opened = sum(self.problem.fixed[j] for j in kept)
        better = False
        for bit in self.completing(missing, self.problem.over, (1 << len(self.core)) - 1):
            j = self.core[bit]
            if j not in kept and opened + self.problem.fixed[j] < best.cost:
                if best.paused():
                    break
                better = best.offer(self.problem, [*kept, j]) or better
        return better


def _nodes_to_drop(nodes: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Yield each pair of the nodes, then each single node."""
    yield from combinations(nodes, 2)
    for node in nodes:
        yield (node,)


def bits(mask: int) -> Iterator[int]:
    """Yield the bits of a mask, the lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
