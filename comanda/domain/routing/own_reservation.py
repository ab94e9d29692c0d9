"""
Use the order's own reservation first: its units ship from the node, and on the day, for which they are reserved.

Called by   comanda.domain.routing.assignment
Returns     the reserved units that can be used, node by node
Raises      nothing

A reservation goes before the preferences of rules. It does not go before the limits of a node: tags that goods require, room,
and whole kits. The router finds a node for reserved units that cannot be used.
"""

from collections.abc import Iterator, Mapping, Sequence

from comanda.domain.nodes.node import Node
from comanda.domain.routing.candidates import TakenUnits
from comanda.domain.routing.plan import Want
from comanda.domain.routing.reachable import ReachableNetwork
from comanda.domain.routing.stage_rows import sets_of
from comanda.domain.stock.changes import ReservedUnits

NodeAndDay = tuple[str, str | None]  # node, and the day of its supply
ReservedUse = tuple[str, str | None, list[tuple[Want, int]]]


def use_reserved_units(
    wants: Sequence[Want], kept: Sequence[ReservedUnits], network: ReachableNetwork, taken: TakenUnits, today: str
) -> Iterator[ReservedUse]:
    """Yield (node, due, [(want, units)]) of the order's reservation. The caller takes the units before it asks for the
    next ones, so that the node's room is counted."""
    units: dict[NodeAndDay, dict[str, int]] = {}
    for one in kept:
        if one.node in network.km:  # else the node may not ship there, or is closed: the router finds another node
            reserved = units.setdefault((one.node, one.due if one.due > today else None), {})
            reserved[one.sku] = reserved.get(one.sku, 0) + one.quantity
    left = {want.line_id: want.quantity for want in wants}
    kits: dict[str, list[Want]] = {}
    for want in wants:
        kits.setdefault(want.group or f" {want.line_id}", []).append(want)
    for (node_id, due), has in units.items():
        for lines in kits.values():
            got = _whole_sets(lines, left, has, network.nodes[node_id])
            room = taken.room(node_id, network.shelves.get(node_id, {}), None) if due is None else None
            got = got if room is None else _fit_into_room(got, room, whole=_is_kit(lines))
            for want, part in got:
                left[want.line_id] -= part
                has[want.sku] -= part
            if got:
                yield node_id, due, got


def _whole_sets(
    lines: Sequence[Want], left: Mapping[str, int], has: Mapping[str, int], node: Node
) -> list[tuple[Want, int]]:
    """Return as many units of a line, or whole sets of a kit, as are reserved at the node and may leave it."""
    open_lines = [want for want in lines if left[want.line_id]]
    if not open_lines or any(
        node.node_id in want.excluded or not set(want.goods.requires) <= set(node.tags) for want in open_lines
    ):
        return []
    if not _is_kit(lines):
        part = min(left[lines[0].line_id], has.get(lines[0].sku, 0))
        return [(lines[0], part)] if part else []
    sets = sets_of((want, left[want.line_id]) for want in lines)
    if not sets:
        return []
    each: dict[str, int] = {}
    for want in lines:
        each[want.sku] = each.get(want.sku, 0) + left[want.line_id] // sets
    whole = min(sets, *(has.get(sku, 0) // size for sku, size in each.items()))
    return [(want, left[want.line_id] // sets * whole) for want in lines] if whole else []


def _is_kit(lines: Sequence[Want]) -> bool:
    """Return True if the lines leave in sets of more than one unit."""
    return len(lines) > 1 or (lines[0].group is not None and lines[0].in_set > 1)


def _fit_into_room(got: list[tuple[Want, int]], room: int, *, whole: bool) -> list[tuple[Want, int]]:
    """Return as many of these units as the node has room for. A kit is cut to whole sets."""
    units = sum(part for _, part in got)
    if units <= room:
        return got
    if not whole:
        return [(got[0][0], room)] if room else []
    sets = sets_of(got)
    fit = sets * room // units
    return [(want, part // sets * fit) for want, part in got] if fit else []
