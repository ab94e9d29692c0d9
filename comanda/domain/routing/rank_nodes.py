"""
Rank nodes: take node after node in the order of a rule's criteria, as much as each can send.

Called by   comanda.domain.routing.solve_stage, for stages with criteria
Returns     the choice
Raises      nothing
"""

from collections.abc import Mapping, Sequence

from comanda.domain.optimizer.solve import Together
from comanda.domain.routing.stage import Stage, StageResult
from comanda.domain.rules.rule_sets import COVERAGE


def rank_nodes(stage: Stage) -> StageResult:
    """Take the node that the criteria put first now, with all that it can send; repeat until nothing more can be sent."""
    left = list(stage.quantity)
    sets = {i: group for group in stage.together for i in group.lines}
    chosen: list[tuple[int, int, int]] = []
    open_nodes = list(range(len(stage.nodes)))
    most = len(open_nodes) if stage.max_nodes is None else stage.max_nodes
    covers = {j: sum(_sends(stage, j, left, sets).values()) for j in open_nodes}
    while any(left) and most > 0 and open_nodes:
        j = _first_node(stage, open_nodes, left, sets, covers)
        if j is None:
            break
        for i, pieces in sorted(_sends(stage, j, left, sets).items()):
            chosen.append((i, j, pieces))
            left[i] -= pieces
        open_nodes.remove(j)
        most -= 1
    return StageResult(assignment=tuple(sorted(chosen)))


def _first_node(
    stage: Stage, open_nodes: Sequence[int], left: Sequence[int], sets: Mapping[int, Together], covers: dict[int, int]
) -> int | None:
    """Return the node that the criteria put first of those that can send some of what is left; None where none can.

    `covers`: the pieces that each node can send, at most; the nodes that are counted again are brought up to date in it.
    """
    best: tuple[tuple[int, ...], int] | None = None
    for j in open_nodes:
        # The pieces that a node can send only fall, so the last count is a bound: few nodes are counted again.
        if not covers[j] or (best is not None and _key(stage, j, covers[j]) >= best[0]):
            continue
        sends = _sends(stage, j, left, sets)
        covers[j] = sum(sends.values())
        key = _key(stage, j, covers[j])
        if covers[j] and (best is None or key < best[0]) and _worth_sending(stage, sends, left):
            best = key, j
    return None if best is None else best[1]


def _key(stage: Stage, j: int, covers: int) -> tuple[int, ...]:
    ranks = stage.ranks[j]
    return tuple(-covers if name == COVERAGE else rank for name, rank in zip(stage.criteria, ranks, strict=True))


def _worth_sending(stage: Stage, sends: Mapping[int, int], left: Sequence[int]) -> bool:
    """Return True if the shipment, and what it leaves, both reach the minimum value. A shipment of all that is left does."""
    if not stage.min_value or sum(sends.values()) == sum(left):
        return True
    part = sum(stage.value[i] * pieces for i, pieces in sends.items())
    everything = sum(value * pieces for value, pieces in zip(stage.value, left, strict=True))
    return min(part, everything - part) >= stage.min_value


def _sends(stage: Stage, j: int, left: Sequence[int], sets: Mapping[int, Together]) -> dict[int, int]:
    """Return the pieces by line that the node can send of what is left. Lines that belong together go in whole sets."""
    room = stage.capacity[j] if stage.capacity is not None else None
    found: dict[int, int] = {}
    for i, wanted in enumerate(left):
        group = sets.get(i)
        if not wanted or i in found or (group is not None and i != group.lines[0]):
            continue
        if group is None:
            pieces = min(wanted, stage.stock[i][j]) if room is None else min(wanted, stage.stock[i][j], room)
            each = {i: 1}
        else:
            each = {k: stage.quantity[k] // group.sets for k in group.lines if stage.quantity[k]}
            pieces = min(min(left[k], stage.stock[k][j]) // size for k, size in each.items())
            pieces = pieces if room is None else min(pieces, room // sum(each.values()))
        for k, size in each.items():
            if pieces * size > 0:
                found[k] = pieces * size
        if room is not None:
            room -= pieces * sum(each.values())
    return found
