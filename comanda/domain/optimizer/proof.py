"""
Find the best plan of an order and rule out all others, by the number of nodes that they use.

Called by   comanda.domain.optimizer.solve; pure, deterministic
Returns     a lower bound, and whether the best plan is proven; the plan itself is in `Best`
Raises      nothing
"""

from bisect import bisect_left
from collections.abc import Sequence
from heapq import nlargest

from comanda.domain.optimizer.bounds import FEW, Bound, ascend, in_floats, node_terms
from comanda.domain.optimizer.branch_and_bound import Search
from comanda.domain.optimizer.coverage import fewest_left, widest
from comanda.domain.optimizer.filling import fill
from comanda.domain.optimizer.problem import NEVER, Problem
from comanda.domain.optimizer.subsets import Best, Subsets

_FEW = 18  # nodes from which the first prices are learnt
_STEPS = 10  # steps towards better prices, for each number of nodes
_MORE_STEPS = 30  # steps when many sets would have to be searched
_WIDE = 20  # at so many times the nodes that are seen, ruling nodes out pays more than ending early
_QUICK = 60  # sets searched before better prices are worth their time
_WIDER = 100  # nodes among which swaps are then tried again
_OPENED = 2.2  # average fixed costs that the first prices spread over an order's pieces
_PASSES = 4  # passes over all numbers of an order before the proof begins
_STEP, _FULL_STEP = 3, 12  # numbers read in a step, for each line and node seen, without and with capacity
_AT_LEAST = 3_000_000  # numbers read for a bound when the budget is used up
_OFTEN = 8  # after so many chosen nodes, lines that are served are dropped
_ROUNDS = 3  # rounds of learning, when further nodes turn out to matter


def find_best(problem: Problem, most: int, best: Best) -> tuple[int, bool]:
    """Find the best plan of at most `most` nodes, into `best`; return (lower bound, proven). `problem.over` becomes the
    pieces that the plan leaves over."""
    if most < 1:
        return 0, True
    proof = Proof(problem, most, best)
    if best.nodes:
        return proof.settled()
    enough = widest(problem, most, best)
    left = fill(problem, enough)[0]
    proven = not best.spent()
    for over in range(fewest_left(problem, most), left) if proven else ():
        problem.over = over
        lower, proven = Proof(problem, most, best).settled()
        if best.nodes:
            return lower, proven
        if not proven:
            break
        if best.spent():
            proven = False
            break
    problem.over = left
    best.offer(problem, enough)
    lower, closed = Proof(problem, most, best).settled()
    return lower, proven and closed


class Proof:
    """The facts known of one order so far: first prices, the nodes that look best at them, and a plan of these
    nodes."""

    __slots__ = ("best", "most", "names", "prices", "problem", "seen", "table")

    def __init__(self, problem: Problem, most: int, best: Best) -> None:
        self.problem, self.most, self.best = problem, most, best
        self.names = list(range(len(problem.fixed)))  # the original index of each node, once nodes are ruled out
        share = _OPENED * sum(problem.fixed) / len(problem.fixed) / problem.pieces
        self.prices = [min(cost) + share * size for cost, size in zip(problem.cost, problem.size, strict=True)]
        first = Bound(problem, [int(p) for p in self.prices], 1, most, most)
        self._see(_first_nodes(problem, first.order))
        best.spend(_PASSES * len(problem.need) * len(problem.fixed))
        if not best.nodes and not best.offer(problem, _greedy(problem, most, self.seen)):
            best.cost = dearest(problem, most)
            return
        Subsets(problem, self.seen).improve(best)
        self._narrow(first)

    def settled(self) -> tuple[int, bool]:
        """Return (lower bound, proven), after ruling out plans of as many nodes as the best plan has, of more, and of
        fewer."""
        best, open_bounds = self.best, []
        usual = len(best.nodes) or self.most
        classes = [(1, usual - 1), (usual + 1, self.most), (usual, usual)]
        if usual == 1:  # ruling out plans of more nodes leaves few nodes for the plans of one
            classes = [(1, 1), (2, self.most)]
        if self._wide():  # one bound for all plans first: it leaves few nodes for those that follow
            self._narrow(self._bounded(1, self.most))
        while classes:
            low, high = classes.pop()
            high = min(high, len(self.problem.fixed))
            if low > high:
                continue
            found = self._bounded(low, high)
            late = best.spent()
            if found.value >= best.cost:
                self._narrow(found)
                continue
            best.offer(self.problem, found.picked)
            if low == high:
                found, closed = self._searched(found, low)
            else:
                closed = not late
            if not closed:
                open_bounds.append(found.value)
            elif low > usual and low < high:
                classes += [(low + 1, high), (low, low)]
            elif low < high:
                classes += [(low, high - 1), (high, high)]
            self._narrow(found)
        best.rename(self.names)
        lower = min([*open_bounds, best.cost])
        return lower, lower == best.cost and self.problem.whole

    def _searched(self, found: Bound, count: int) -> tuple[Bound, bool]:
        """Search the sets of `count` nodes. If that takes long, find better prices and search again.

        Returns the best bound, and True if the search went to its end.
        """
        best = self.best
        for allowance in (_QUICK, best.budget):
            best.pause = best.searched + allowance * best.each
            if found.value >= best.cost:
                return found, True
            limit = best.cost - found.value + found.reduced[found.order[count - 1]]
            core = {j: found.reduced[j] for j in found.order if found.reduced[j] < limit}
            if Search(self.problem, found.prices, found.base, core, best).run(count):
                return found, True
            if not best.spent():
                Subsets(self.problem, found.order[:_WIDER]).improve(best)
                better = self._bounded(count, count, thorough=True)
                found = max(found, better, key=lambda one: one.value)
        return found, False

    def _bounded(self, low: int, high: int, *, thorough: bool = False) -> Bound:
        """Return the best bound for plans of so many nodes that a few steps find."""
        steps = _MORE_STEPS if thorough else _STEPS
        few = 0 if thorough or self._wide() or low < high else FEW.get(low, 0)
        for _ in range(_ROUNDS):
            cost = self.best.cost
            numbers = len(self.problem.need) * len(self.seen) * (_STEP if self.problem.room is None else _FULL_STEP)
            steps = max(self.best.affords(steps, numbers), min(steps, _AT_LEAST // numbers))
            self.prices = ascend(self.problem, self.table, self.prices, low, high, cost, cost // 100, steps, few)
            self.best.spend(steps * numbers + len(self.problem.need) * len(self.problem.fixed))
            found = Bound(self.problem, [round(p) for p in self.prices], low, high, self.most)
            if found.value >= self.best.cost or set(found.picked) <= set(self.seen):
                break
            self._see([*self.seen, *(j for j in found.order[: len(found.picked) + 8] if j not in self.seen)])
        return found

    def _wide(self) -> bool:
        return len(self.problem.fixed) > _WIDE * len(self.seen)

    def _see(self, nodes: list[int]) -> None:
        self.seen = nodes  # the nodes from which prices are learnt
        self.table = in_floats(node_terms(self.problem, nodes))

    def _narrow(self, found: Bound) -> None:
        """Remove nodes that no better plan can use: a plan with one costs at least the loose bound and its reduced
        cost."""
        worth = self.best.cost - found.loose
        count = bisect_left(found.order, worth, key=found.reduced.__getitem__)
        if worth > 0 and count < 0.7 * len(found.order):
            kept = sorted({*found.order[:count], *self.best.nodes})
            place = {j: k for k, j in enumerate(kept)}
            self.problem = self.problem.narrowed(kept)
            self.names = [self.names[j] for j in kept]
            self.best.rename(place)
            self._see([place[j] for j in self.seen if j in place])


def dearest(problem: Problem, most: int) -> int:
    """Return a cost above that of any plan."""
    units = [max([c for c in cost if c < NEVER]) for cost in problem.cost]
    return (
        1
        + sum(nlargest(most, problem.fixed))
        + sum(max(0, c) * need for c, need in zip(units, problem.need, strict=True))
    )


def _first_nodes(problem: Problem, order: Sequence[int]) -> list[int]:
    """Return the first nodes, and further ones for each line of which the first hold less than twice the need."""
    seen = list(order[:_FEW])
    for need, take in zip(problem.need, problem.take, strict=True):
        held = sum([take[j] for j in seen])
        if held < 2 * need:
            more = [j for j in order[_FEW:] if take[j] and j not in seen]
            while held < 2 * need and more:
                held += take[more[0]]
                seen.append(more.pop(0))
    if problem.room is not None:
        held, pieces = sum([problem.room[j] for j in seen]), problem.pieces
        for j in order:
            if held < 2 * pieces and j not in seen:
                held += problem.room[j]
                seen.append(j)
    return seen


def _greedy(problem: Problem, most: int, nodes: Sequence[int]) -> list[int]:
    """Choose one node after the other, each time the one with the least cost for a piece that is still missing."""
    rooms = problem.room or [NEVER] * len(problem.fixed)
    lines = list(enumerate(zip(problem.cost, problem.take, problem.size, strict=True)))
    columns = {j: [(i, cost[j], take[j], size) for i, (cost, take, size) in lines if take[j]] for j in nodes}
    chosen: list[int] = []
    missing = list(problem.need)
    while any(missing) and len(chosen) < most and not problem.spends(sum(map(len, columns.values()))):
        found: tuple[float, int, list[tuple[int, int]]] | None = None
        for j, column in columns.items():
            units, total, pieces = _units_of_node(column, missing, rooms[j])
            if units:
                each = (problem.fixed[j] + total) / pieces
                if found is None or each < found[0]:
                    found = each, j, units
        if found is None:
            break
        chosen.append(found[1])
        del columns[found[1]]
        for i, count in found[2]:
            missing[i] -= count
        if len(chosen) % _OFTEN == 0:  # lines that are served are dropped
            columns = {j: [one for one in column if missing[one[0]]] for j, column in columns.items()}
    return chosen


def _units_of_node(
    column: Sequence[tuple[int, int, int, int]], missing: Sequence[int], most: int
) -> tuple[list[tuple[int, int]], int, int]:
    """Return ((line, units) that the node of this column can ship of the missing units, their cost, their pieces)."""
    units, total, room = list[tuple[int, int]](), 0, most
    for i, cost, take, size in column:
        if wanted := missing[i]:
            count = min(take if take < wanted else wanted, room // size)  # noqa: FURB136  faster
            if count:
                units.append((i, count))
                total += count * cost
                room -= count * size
            elif not room:
                break
    return units, total, most - room
