"""
Look through sets of nodes that can ship a whole order, and prove that none is missed.

Called by   comanda.domain.optimizer; pure, deterministic
Returns     the best set found; whether the search went to its end
Raises      nothing

Nodes are bits, by ascending reduced cost. For each line and number of units, a mask says which nodes hold that many, so
the nodes that complete a set are an AND of masks. A set is grown by its hardest line, the one that the fewest nodes hold:
one branch for each of them, those before it ruled out; and one that leaves the line over, where that may be.
A branch ends when no more than `budget` sets were looked at, or its bound reaches the best known cost: what its nodes
cost less the most that lines can pay them, plus the least reduced costs that are still to come.
"""

from collections.abc import Callable, Iterator, Sequence
from operator import mul

from comanda.domain.bounds import Bound
from comanda.domain.sourcing import NEVER, Problem, price

_BETWEEN_CLOCKS = 32  # looks at the budget


# What follows are workers, not values: plain classes, which also load faster than dataclasses.
class Best:
    """The best set so far, and what looking for it took."""

    __slots__ = ("_asked", "budget", "cost", "late", "nodes", "pause", "searched", "stopped")

    def __init__(self, budget: int, late: Callable[[], bool]) -> None:
        self.cost = NEVER  # of `nodes`; before there are any, more than any plan costs
        self.nodes: list[int] = []
        self.budget, self.late = budget, late
        self.searched = self._asked = 0
        self.stopped = False
        self.pause = NEVER  # sets looked at, when the search at hand shall ask for better prices

    def offer(self, problem: Problem, nodes: Sequence[int]) -> bool:
        """Price a set; keep it when it is better."""
        self.searched += 1
        cost = price(problem, nodes)
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


class Branch:
    """A set that is being grown."""

    __slots__ = ("best", "chosen", "least", "missing", "opened", "over", "pays")

    def __init__(
        self,
        chosen: list[int],
        missing: list[int],
        over: int,
        opened: int,
        pays: list[int],
        best: list[int],
        least: int,
    ) -> None:
        self.chosen = chosen  # bits
        self.missing = missing  # units of each line that the chosen do not hold
        self.over = over  # pieces that may still be left over
        self.opened = opened  # fixed costs
        self.pays = pays  # what each line could pay the chosen for all they hold of it
        self.best = best  # the most that a unit of each line pays to one of them
        self.least = (
            least  # what no set that holds the chosen costs less than, before the reduced costs of further ones
        )


class Subsets:
    """The nodes worth looking at, as bits."""

    __slots__ = ("core", "holds", "masks", "problem")

    def __init__(self, problem: Problem, core: list[int]) -> None:
        self.problem, self.core = problem, core
        self.holds = [[row[j] for row in problem.take] for j in core]  # [bit][line]
        self.masks = [[0] * (need + 1) for need in problem.need]  # [line][units]: nodes that hold so many, or more
        for bit, units in enumerate(self.holds):
            one = 1 << bit
            for mask, count in zip(self.masks, units, strict=True):
                mask[count] |= one
        for mask in self.masks:
            for count in range(len(mask) - 2, -1, -1):
                mask[count] |= mask[count + 1]

    def completing(self, missing: Sequence[int], over: int, among: int) -> Iterator[int]:
        """Bits of the nodes that hold all that is missing, or all but what may be left over."""
        if over:
            for bit in bits(among):
                short = [max(0, x - t) * s for x, t, s in zip(missing, self.holds[bit], self.problem.size, strict=True)]
                if sum(short) <= over:
                    yield bit
            return
        for mask, units in zip(self.masks, missing, strict=True):
            if units:
                among &= mask[units]
        yield from bits(among)

    def missing(self, nodes: Sequence[int]) -> list[int]:
        """Units of each line that these nodes (not bits) do not hold."""
        takes = zip(self.problem.need, self.problem.take, strict=True)
        return [max(0, need - sum([take[j] for j in nodes])) for need, take in takes]

    def improve(self, best: Best) -> None:
        """Swap one or two nodes of the best set for one, or drop one, as long as that pays."""
        better = bool(best.nodes)
        while better and not best.spent():
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


class Search:
    """All sets of exactly `count` nodes that may cost less than the best known."""

    __slots__ = ("best", "bound", "margins", "pays", "problem", "reduced", "subsets")

    def __init__(self, problem: Problem, bound: Bound, count: int, best: Best) -> None:
        limit = best.cost - bound.value + bound.reduced[bound.order[count - 1]]
        core = [j for j in bound.order if bound.reduced[j] < limit]
        self.problem, self.bound, self.best = problem, bound, best
        self.subsets = Subsets(problem, core)
        self.reduced = [bound.reduced[j] for j in core]
        self.margins = [
            [p - row[j] if row[j] < p else 0 for p, row in zip(bound.prices, problem.cost, strict=True)] for j in core
        ]
        self.pays = [list(map(mul, *both)) for both in zip(self.margins, self.subsets.holds, strict=True)]

    def run(self, count: int) -> bool:
        """Look at them all. False when the budget ended before."""
        none = [0] * len(self.problem.need)
        root = Branch([], self.problem.need, self.problem.over, 0, none, none, self.bound.base)
        return self._grow(root, count, (1 << len(self.reduced)) - 1)

    def _grow(self, branch: Branch, more: int, among: int) -> bool:
        best = self.best
        if best.paused():
            return False
        best.searched += 1
        if more == 1:
            return self._complete(branch, among)
        hardest, holders = self._hardest(branch.missing, among)
        for bit in bits(holders):
            among ^= 1 << bit
            further = self._further(more - 1, among)
            if branch.least + self.reduced[bit] + further >= best.cost:
                break  # nor is a holder that follows worth more
            grown = self._with(branch, bit)
            if grown.least + further < best.cost and not self._grow(grown, more - 1, among):
                return False
        left = branch.missing[hardest] * self.problem.size[hardest] if hardest >= 0 else 0
        if not left or left > branch.over:
            return True
        among &= ~holders
        missing = [0 if i == hardest else units for i, units in enumerate(branch.missing)]
        rest = Branch(branch.chosen, missing, branch.over - left, branch.opened, branch.pays, branch.best, branch.least)
        return self._grow(rest, more, among)

    def _hardest(self, missing: Sequence[int], among: int) -> tuple[int, int]:
        """(the missing line that fewest nodes hold, those nodes); (-1, all) where nothing is missing."""
        fewest, hardest, holders = len(self.reduced) + 1, -1, among
        for i, units in enumerate(missing):
            if units:
                found = among & self.subsets.masks[i][1]
                if found.bit_count() < fewest:
                    fewest, hardest, holders = found.bit_count(), i, found
        return hardest, holders

    def _complete(self, branch: Branch, among: int) -> bool:
        core, best = self.subsets.core, self.best
        chosen = [core[bit] for bit in branch.chosen]
        for bit in self.subsets.completing(branch.missing, branch.over, among):
            if branch.least + self.reduced[bit] >= best.cost:
                return True
            if self._with(branch, bit).least < best.cost:
                if best.paused():
                    return False
                best.offer(self.problem, [*chosen, core[bit]])
        return True

    def _with(self, branch: Branch, bit: int) -> Branch:
        chosen = [*branch.chosen, bit]
        opened = branch.opened + self.problem.fixed[self.subsets.core[bit]]
        pays = [x + y for x, y in zip(branch.pays, self.pays[bit], strict=True)]
        dear = [x if x > y else y for x, y in zip(branch.best, self.margins[bit], strict=True)]  # noqa: FURB136  faster
        paid = sum(map(min, pays, map(mul, dear, self.problem.need)))
        least = self.bound.base + max(sum([self.reduced[k] for k in chosen]), opened - paid)
        held = self.subsets.holds[bit]
        missing = [x - t if x > t else 0 for x, t in zip(branch.missing, held, strict=True)]
        return Branch(chosen, missing, branch.over, opened, pays, dear, max(least, branch.least + self.reduced[bit]))

    def _further(self, more: int, among: int) -> int:
        """The least that so many further nodes add; where there are not so many, more than any plan costs."""
        total = 0
        for bit in bits(among):
            if not more:
                break
            total += self.reduced[bit]
            more -= 1
        return NEVER if more else total
