"""
Keep kits whole: lines of one group leave a node together, in sets.

Lines of 2 and 4 units are two sets of one and two units. The components of a bundle are a kit too, unless their channel sells
them singly: their ratios say what a set is.

When units of a kit leave a node's work, `broken_sets` names the units that must come back with them, so that only whole sets
stay at the node. When units become routable and make no whole set, because the rest of the set was shipped or cancelled,
`ask_about_incomplete` lets them wait for a person.

Called by   comanda.domain.lifecycle: all that moves units; functions/inbox, functions/replenish
Returns     kits, units and lines
Raises      NotAllowed when a shipment would break a set
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import gcd

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.node_work.work import live_units
from comanda.domain.orders import bundles
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import UNPLACED

INCOMPLETE = "kit-incomplete"

Kit = Mapping[str, int]  # line id: units in one set


def by_group(order: Order) -> dict[str, Kit]:
    """Return the kits of an order by their group. A group of one line is no kit, unless a set is several of its units."""
    groups: dict[str, list[Line]] = {}
    for line in order.lines:
        if line.group is not None:
            groups.setdefault(line.group, []).append(line)
    sets = {group: _one_set(lines) for group, lines in groups.items()}
    return {group: kit for group, kit in sets.items() if len(kit) > 1 or groups[group][0].component}


def _one_set(lines: list[Line]) -> Kit:
    sets = gcd(*(line.quantity for line in lines))
    return {line.line_id: line.component.ratio if line.component else line.quantity // sets for line in lines}


def broken_sets(order: Order, number: int) -> dict[str, int]:
    """Return the units (line id: units) of a fulfillment that the node still has, and that make no whole set."""
    has = live_units(order, number)
    found: dict[str, int] = {}
    for kit in by_group(order).values():
        whole = min(has.get(line_id, 0) // units for line_id, units in kit.items())
        for line_id, units in kit.items():
            if more := has.get(line_id, 0) - whole * units:
                found[line_id] = more
    return found


def lines_of_broken_sets(order: Order, number: int, units: Mapping[str, int]) -> tuple[str, ...]:
    """Return the lines of the kits whose sets would break if these units (line id: units) left a fulfillment.

    Units that made no whole set before, because the rest of the set was shipped alone, may leave.
    """
    before, has = broken_sets(order, number), live_units(order, number)
    found: list[str] = []
    for kit in by_group(order).values():
        left = {line_id: has.get(line_id, 0) - units.get(line_id, 0) for line_id in kit}
        whole = min(left[line_id] // each for line_id, each in kit.items())
        if any(left[line_id] - whole * each > before.get(line_id, 0) for line_id, each in kit.items()):
            found += kit
    return tuple(found)


def require_whole(order: Order, number: int, units: Mapping[str, int]) -> None:
    """Raise NotAllowed if these units of a fulfillment would leave a part of a set at the node."""
    if broken := lines_of_broken_sets(order, number, units):
        raise NotAllowed(f"a kit leaves in whole sets: {describe_sets(order, broken)}", pointer="/lines")


def require_whole_bundles(order: Order, units: Mapping[str, int]) -> None:
    """Raise NotAllowed if cancelling these units (line id: units) would leave a part of a set of a bundle.

    Units that make no whole set already, because the rest of their set was cancelled, may be cancelled.
    """
    for bundle_id, parts in bundles.by_bundle(order).items():
        lines = [line for line in parts if line.group is not None]
        before = {line.line_id: line.live for line in lines}
        after = {line_id: live - units.get(line_id, 0) for line_id, live in before.items()}
        if before == after:
            continue
        named = next(line_id for line_id in before if units.get(line_id))
        sets = [bundles.whole_sets(live, lines) for live in (before, after)]
        for line in lines:
            rest = [live[line.line_id] - n * bundles.ratio(line) for live, n in zip((before, after), sets, strict=True)]
            if rest[1] > rest[0]:
                says = f"line {named} is a part of the bundle {bundle_id}: cancel whole sets of line {bundle_id}"
                raise NotAllowed(says, line=named, pointer="/lines")


def describe_sets(order: Order, line_ids: Sequence[str]) -> str:
    """Say what one set of each kit among these lines is, for people: "a set is 1 of POT and 2 of CUP"."""
    sets = [kit for kit in by_group(order).values() if not kit.keys().isdisjoint(line_ids)]
    return "; ".join(
        "a set is " + " and ".join(f"{units} of {order.line(line_id).sku}" for line_id, units in kit.items())
        for kit in sets
    )


def lines_without_sets(order: Order) -> tuple[str, ...]:
    """Return the lines of the kits whose units without a node make no whole sets."""
    found: list[str] = []
    for kit in by_group(order).values():
        free = {line_id: order.line(line_id).units(lambda a: a.status in UNPLACED) for line_id in kit}
        whole = min(free[line_id] // units for line_id, units in kit.items())
        if any(free[line_id] != whole * units for line_id, units in kit.items()):
            found += kit
    return tuple(found)


def ask_about_incomplete(order: Order, why: str) -> Order:
    """Return the order with the routable units that make no whole set waiting for customer care.

    `why` is the reason to show with them; it may be empty.
    """
    because = f"{INCOMPLETE}: {why}" if why else INCOMPLETE
    lines = (order.line(line_id) for line_id in lines_without_sets(order))
    return order.with_lines(
        replace(line, waits_in=Queue.CUSTOMER_CARE, because=because)
        for line in lines
        if not line.waits_in and line.units(lambda a: a.status in UNPLACED)
    )
