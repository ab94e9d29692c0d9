"""
Sets of nodes as bits: which of them complete an order, and which set is the best so far.

Called by   comanda.domain.proof, comanda.domain.branching; pure, deterministic
Returns     the nodes that hold what is missing; the best set, improved by swaps
Raises      nothing

For each line and number of units, a mask says which nodes hold that many, so the nodes that complete a set are an AND of
masks.
"""

from collections.abc import Callable, Iterator, Sequence

from comanda.domain.sourcing import NEVER, Problem, price

_BETWEEN_CLOCKS = 32  # looks at the budget
_SWAPS = 300  # sets looked at while swapping


# What follows are workers, not values: plain classes, which also load faster than dataclasses.
class Best:
    """The best set so far, and what looking for it took."""

    __slots__ = ("_asked", "budget", "cost", "each", "late", "nodes", "pause", "searched", "stopped")

    def __init__(self, budget: int, late: Callable[[], bool], each: int) -> None:
        self.cost = NEVER  # of `nodes`; before there are any, more than any plan costs
        self.nodes: list[int] = []
        self.budget, self.late = budget, late
        self.each = each  # what looking at one set counts for
        self.searched = self._asked = 0
        self.stopped = False
        self.pause = NEVER  # sets looked at, when the search at hand shall ask for better prices

    def offer(self, problem: Problem, nodes: Sequence[int]) -> bool:
        """Price a set; keep it when it is better."""
        self.searched += self.each
        cost = price(problem, nodes, self.cost)
        if cost is None or cost >= self.cost:
            return False
        self.cost, self.nodes = cost, sorted(nodes)
        return True

    def spent(self) -> bool:
        """Is the budget used up? The clock is asked rarely, and only ever ends what would not end well."""
        if self._asked % _BETWEEN_CLOCKS == 0 and self.late():
            self.stopped = True
        self._asked += 1
        return self.stopped or self.searched >= self.budget

    def paused(self) -> bool:
        """Shall this search end, for now or for good?"""
        return self.searched >= self.pause or self.spent()


class Subsets:
    """The nodes worth looking at, as bits."""

    __slots__ = ("_masks", "core", "holds", "problem")

    def __init__(self, problem: Problem, core: list[int]) -> None:
        self.problem, self.core = problem, core
        self.holds = [[row[j] for row in problem.take] for j in core]  # [bit][line]
        self._masks: list[dict[int, int]] = [{} for _ in problem.need]

    def holding(self, line: int, units: int) -> int:
        """The nodes that hold so many units of a line, or more. Made when first asked for: few are."""
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
        """Bits of the nodes that hold all that is missing, or all but what may be left over."""
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

    def missing(self, nodes: Sequence[int]) -> list[int]:
        """Units of each line that these nodes (not bits) do not hold."""
        takes = zip(self.problem.need, self.problem.take, strict=True)
        return [max(0, need - sum([take[j] for j in nodes])) for need, take in takes]

    def improve(self, best: Best) -> None:
        """Swap one or two nodes of the best set for one, or drop one, as long as that pays and for a while."""
        best.pause = best.searched + _SWAPS * best.each
        better = bool(best.nodes)
        while better and not best.paused():
            better = any(self._swapped(best, kept) for kept in _kept(best.nodes))

    def _swapped(self, best: Best, kept: list[int]) -> bool:
        missing = self.missing(kept)
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


def _kept(nodes: Sequence[int]) -> Iterator[list[int]]:
    """The set without each pair of its nodes, then without each one."""
    for k, a in enumerate(nodes):
        for b in nodes[k + 1 :]:
            yield [j for j in nodes if j not in (a, b)]
    for a in nodes:
        yield [j for j in nodes if j != a]


def bits(mask: int) -> Iterator[int]:
    """The bits of a mask, lowest first."""
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
