"""
Search the sets of exactly so many nodes that can ship a whole order, and miss none: branch and bound.

Called by   comanda.domain.optimizer.proof; pure, deterministic
Returns     the best set, in `Best`; True if the search went to its end
Raises      nothing

Nodes are bits, by ascending reduced cost. A set grows by its hardest line, the line that the fewest nodes hold: there is one
branch for each of these nodes, with the earlier ones ruled out, and one that leaves the line over where that may be. A branch
ends when its bound reaches the best known cost: the fixed costs of its nodes, less the most that lines can pay them, plus the
least reduced costs of the nodes that are still to come.
"""

from collections.abc import Sequence
from operator import mul

from comanda.domain.optimizer.problem import NEVER, Problem
from comanda.domain.optimizer.subsets import Best, Subsets, bits


class Branch:
    """A set of nodes that is being grown."""

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
        self.pays = pays  # by line, the most that it could pay the chosen for all that they hold of it
        self.best = best  # the most that a unit of each line pays to one of them
        # No set that holds the chosen nodes costs less, before the reduced costs of further nodes.
        self.least = least


class Search:
    """The search of all sets of exactly `count` nodes that may cost less than the best known."""

    __slots__ = ("base", "best", "margins", "pays", "prices", "problem", "reduced", "subsets")

    def __init__(self, problem: Problem, prices: list[int], base: int, core: dict[int, int], best: Best) -> None:
        """Prepare a search. `core`: the nodes worth searching with their reduced costs at these prices, the least
        first."""
        self.problem, self.prices, self.base, self.best = problem, prices, base, best
        self.subsets = Subsets(problem, list(core))
        self.reduced = list(core.values())
        self.margins = [
            [p - row[j] if row[j] < p else 0 for p, row in zip(prices, problem.cost, strict=True)] for j in core
        ]
        self.pays = [list(map(mul, *both)) for both in zip(self.margins, self.subsets.holds, strict=True)]

    def run(self, count: int) -> bool:
        """Search all sets. Return False if the budget ended before."""
        none = [0] * len(self.problem.need)
        root = Branch([], self.problem.need, self.problem.over, 0, none, none, self.base)
        return self._grow(root, count, (1 << len(self.reduced)) - 1)

    def _grow(self, branch: Branch, more: int, among: int) -> bool:
        best = self.best
        if best.paused():
            return False
        best.searched += best.each
        if more == 1:
            return self._complete(branch, among)
        hardest, holders = self._hardest(branch.missing, among)
        for bit in bits(holders):
            among ^= 1 << bit
            further = self._further(more - 1, among)
            if branch.least + self.reduced[bit] + further >= best.cost:
                break  # no later holder is worth more
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
        """Return (the missing line that the fewest nodes hold, those nodes), or (-1, all nodes) if nothing is
        missing."""
        fewest, hardest, holders = len(self.reduced) + 1, -1, among
        for i, units in enumerate(missing):
            if units:
                found = among & self.subsets.holding(i, 1)
                if found.bit_count() < fewest:
                    fewest, hardest, holders = found.bit_count(), i, found
        return hardest, holders

    def _complete(self, branch: Branch, among: int) -> bool:
        core, best = self.subsets.core, self.best
        chosen = [core[bit] for bit in branch.chosen]
        best.searched += best.each * (among.bit_count() // 16 if branch.over else 0)  # these are checked one by one
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
        least = self.base + max(sum([self.reduced[k] for k in chosen]), opened - paid)
        held = self.subsets.holds[bit]
        missing = [x - t if x > t else 0 for x, t in zip(branch.missing, held, strict=True)]
        return Branch(chosen, missing, branch.over, opened, pays, dear, max(least, branch.least + self.reduced[bit]))

    def _further(self, more: int, among: int) -> int:
        """Return the least that so many further nodes add. Return more than any plan costs if there are not so many."""
        total = 0
        for bit in bits(among):
            if not more:
                break
            total += self.reduced[bit]
            more -= 1
        return NEVER if more else total
