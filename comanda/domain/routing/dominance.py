"""
Leave out nodes that no plan needs, because another node could always stand in for them at no higher cost.

Called by   comanda.domain.routing.build_stage
Returns     the needless nodes, or the stage without them
Raises      nothing

The rule is exact. The other node has everything that is wanted of the lines that this node has any of, has room for all of
it, and is nowhere dearer; of two equal nodes the first by id stays. So the cheapest plan of the nodes that stay is the cheapest of all.
"""

from collections.abc import Sequence
from heapq import nsmallest

from comanda.domain.routing.stage import Stage, with_nodes

_STRONG = 24  # nodes that the others are compared with


def needless_by_rates(stage: Stage, unit_rates: Sequence[tuple[int, int]]) -> set[int]:
    """Return nodes that `without_needless` would leave out, for a stage that has no unit costs yet.

    Another node opens for less, and its costs of a kilogram and of a unit are no higher. Nodes that have everything are
    never among them.
    """
    has, full, strong = _strong_nodes(stage)
    everything = (1 << len(stage.quantity)) - 1
    found: set[int] = set()
    for k, mine in enumerate(has):
        fixed, (per_kg, each) = stage.fixed[k], unit_rates[k]
        if full[k] == everything:
            continue
        for theirs, lacks, j in strong:
            if theirs >= fixed:
                break
            if not mine & lacks and unit_rates[j][0] <= per_kg and unit_rates[j][1] <= each:
                found.add(k)
                break
    return found


def without_needless(stage: Stage) -> tuple[Stage, tuple[int, ...]]:
    """Return the stage without needless nodes, and the indices of the nodes that stay."""
    if stage.criteria or len(stage.nodes) < 2:
        return stage, tuple(range(len(stage.nodes)))
    has, _, strong = _strong_nodes(stage)
    stay = tuple([k for k in range(len(stage.nodes)) if has[k] and not _needless(stage, k, has, strong)])
    return with_nodes(stage, stay), stay


def _strong_nodes(stage: Stage) -> tuple[list[int], list[int], list[tuple[int, int, int]]]:
    """Return the masks of `_masks`, and the nodes that others are compared with, the cheapest first: (fixed cost, lines
    that it lacks as bits, node)."""
    has, full = _masks(stage)
    pieces = sum(stage.quantity)
    wide = [
        (stage.fixed[j], j)
        for j in range(len(stage.nodes))
        if full[j] and (stage.capacity is None or (c := stage.capacity[j]) is None or c >= pieces)
    ]
    return has, full, [(fixed, ~full[j], j) for fixed, j in nsmallest(_STRONG, wide)]


def _needless(stage: Stage, k: int, has: Sequence[int], strong: Sequence[tuple[int, int, int]]) -> bool:
    """Return True if one of the strong nodes stands in for the node."""
    mine, fixed = has[k], stage.fixed[k]
    for theirs, lacks, j in strong:
        if theirs > fixed:
            return False
        if not mine & lacks and j != k and _makes_needless(stage, j, k, has):
            return True
    return False


def _masks(stage: Stage) -> tuple[list[int], list[int]]:
    """Return for each node, as bits, the lines that it has any of, and the lines that it has all of."""
    has, full = [0] * len(stage.nodes), [0] * len(stage.nodes)
    for i, (row, wanted) in enumerate(zip(stage.stock, stage.quantity, strict=True)):
        bit = 1 << i
        for j, units in enumerate(row):
            if units > 0:
                has[j] |= bit
                if units >= wanted:
                    full[j] |= bit
    return has, full


def _makes_needless(stage: Stage, j: int, k: int, has: Sequence[int]) -> bool:
    """Return True if node j makes node k needless. Node j has all lines that node k has any of, and opens for no
    more."""
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
