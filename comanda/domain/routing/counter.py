"""
Count the sets of pickup lines that the customer's store can hand over.

Called by   comanda.domain.routing.assignment
Returns     the sets that are wanted, those that the store has, and why it has no more
Raises      nothing

A plain line is one set: it is handed over whole. The lines of a kit and the components of a bundle are handed over in the sets in
which they would be shipped.
"""

from collections.abc import Sequence

from comanda.domain.routing.candidates import TakenUnits
from comanda.domain.routing.plan import Want
from comanda.domain.routing.reachable import ReachableNetwork
from comanda.domain.routing.stage_rows import sets_of

CLOSED = "pickup-node-closed"
DECLINED = "pickup-declined"
OUT_OF_STOCK = "pickup-out-of-stock"
NO_CAPACITY = "pickup-no-capacity"


def count_sets(wants: Sequence[Want], network: ReachableNetwork, taken: TakenUnits) -> tuple[int, int, str]:
    """Return the sets of lines that are picked up together, how many of them their store has, and why it has no more.

    The reason is empty if it has all of them.
    """
    in_sets = len(wants) > 1 or (wants[0].group is not None and wants[0].in_set > 0)
    sets = sets_of((want, want.quantity) for want in wants) if in_sets else 1
    node = network.nodes.get(wants[0].node_id or "")
    if node is None or not node.pickup or not network.works(node):
        return sets, 0, CLOSED
    if any(node.node_id in want.excluded for want in wants):
        return sets, 0, DECLINED
    each: dict[str, int] = {}
    for want in wants:
        each[want.sku] = each.get(want.sku, 0) + want.quantity // sets
    shelf = network.counter(node.node_id)
    stocked = min(sets, *(taken.left(shelf, node.node_id, sku) // units for sku, units in each.items()))
    room = taken.room(node.node_id, {}, None)
    fit = stocked if room is None else min(stocked, room // sum(each.values()))
    return sets, fit, NO_CAPACITY if fit < stocked else OUT_OF_STOCK if stocked < sets else ""
