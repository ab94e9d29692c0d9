"""
Dominance: nodes that no plan needs, because another could always stand in for them at no higher cost.

Exact: the other has everything that is wanted of the lines that this one has any of, room for all of it, and is nowhere
dearer; of two alike the first by id stays. So the cheapest plan of what stays is the cheapest of all.
"""

from collections.abc import Sequence

from comanda.domain import stages
from comanda.domain.stages import Stage

_STRONG = 24  # nodes that others are compared with


def narrowed(stage: Stage) -> tuple[Stage, tuple[int, ...]]:
    """The stage without such nodes, and the indices of those that stay."""
    if stage.criteria or len(stage.nodes) < 2:
        return stage, tuple(range(len(stage.nodes)))
    has, full = _masks(stage)
    pieces = sum(stage.quantity)
    wide = [
        j
        for j in range(len(stage.nodes))
        if full[j] and (stage.capacity is None or (c := stage.capacity[j]) is None or c >= pieces)
    ]
    wide.sort(key=lambda j: (stage.fixed[j], j))
    strong = wide[:_STRONG]
    order = [(stage.fixed[j], ~full[j], j) for j in strong]
    stay = tuple([k for k in range(len(stage.nodes)) if has[k] and not _needless(stage, k, has, order)])
    return stages.only(stage, stay), stay


def _needless(stage: Stage, k: int, has: Sequence[int], strong: Sequence[tuple[int, int, int]]) -> bool:
    """Whether one of the strong nodes, (fixed, lines that it has not all of, node) and cheapest first, stands in for it."""
    mine, fixed = has[k], stage.fixed[k]
    for theirs, lacks, j in strong:
        if theirs > fixed:
            return False
        if not mine & lacks and j != k and _rules(stage, j, k, has):
            return True
    return False


def _masks(stage: Stage) -> tuple[list[int], list[int]]:
    """For each node as bits: the lines that it has any of, and those that it has all of."""
    has, full = [0] * len(stage.nodes), [0] * len(stage.nodes)
    for i, (row, wanted) in enumerate(zip(stage.stock, stage.quantity, strict=True)):
        bit = 1 << i
        for j, units in enumerate(row):
            if units > 0:
                has[j] |= bit
                if units >= wanted:
                    full[j] |= bit
    return has, full


def _rules(stage: Stage, j: int, k: int, has: Sequence[int]) -> bool:
    """Whether node j, which has all of what node k has any of and opens for no more, makes it needless."""
    better = stage.fixed[j] < stage.fixed[k]
    mask, i = has[k], 0
    while mask:
        if mask & 1:
            row = stage.cost[i]
            if row[j] > row[k]:
                return False
            better = better or row[j] < row[k]
        mask >>= 1
        i += 1
    return better or has[j] != has[k] or j < k
