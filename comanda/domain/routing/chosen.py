"""
Assign lines for which a person chose the node: whole, at that node alone, or not at all.

Called by   comanda.domain.routing.assignment; functions/intake, which asks before the choice is stored
Returns     why a node cannot send what was chosen
Raises      nothing

A person's choice goes before the rules of planners. It does not go before the limits of a node: what it ships, its hours, its
stock, its room, and the tags that goods require.
"""

from collections.abc import Iterable, Sequence

from comanda.domain.routing.candidates import TakenUnits
from comanda.domain.routing.plan import Want
from comanda.domain.routing.reachable import NO_CAPACITY, ReachableNetwork

CHOSEN = "chosen-"  # begins the reasons why units wait for a person, because the chosen node cannot send them


def kits_of(wants: Iterable[Want]) -> list[list[Want]]:
    """Return the lines that leave together."""
    found: dict[str, list[Want]] = {}
    for want in wants:
        found.setdefault(want.group or f" {want.line_id}", []).append(want)
    return list(found.values())


def why_not(wants: Sequence[Want], network: ReachableNetwork, taken: TakenUnits) -> str | None:
    """Return why the chosen node cannot send all units of these lines now, None if it can."""
    name = wants[0].chosen
    if name not in network.nodes:
        return "unknown"
    if name in network.unfit:
        return network.unfit[name]
    if any(name in want.excluded for want in wants):
        return "declined"
    tags = set(network.nodes[name].tags)
    if any(not set(want.goods.requires) <= tags for want in wants):
        return "lacks-tag"
    shelf = network.shelves.get(name, {})
    needed: dict[str, int] = {}
    for want in wants:
        needed[want.sku] = needed.get(want.sku, 0) + want.quantity
    if any(taken.left(shelf, name, sku) < units for sku, units in needed.items()):
        return "no-stock"
    room = taken.room(name, shelf, None)
    return NO_CAPACITY if room is not None and room < sum(needed.values()) else None
