"""
Kits: lines of one group leave a node together, in sets. With quantities 2 and 4 there are two sets of one and two units.

Whoever takes units of a kit out of a node's work asks here what must go along, so that only whole sets stay there; and
whoever sets units free, whether they still make whole sets. Those that do not, because the others have left or were
cancelled, are nobody's to send: a person is asked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import gcd

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.work import live_units
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import UNPLACED

INCOMPLETE = "kit-incomplete"

Kit = Mapping[str, int]  # line id: units in one set


def by_group(order: Order) -> dict[str, Kit]:
    """The kits of an order, by group. One line alone is none."""
    groups: dict[str, list[Line]] = {}
    for line in order.lines:
        if line.group is not None:
            groups.setdefault(line.group, []).append(line)
    return {group: _one_set(lines) for group, lines in groups.items() if len(lines) > 1}


def _one_set(lines: list[Line]) -> Kit:
    sets = gcd(*(line.quantity for line in lines))
    return {line.line_id: line.quantity // sets for line in lines}


def broken_sets(order: Order, number: int) -> dict[str, int]:
    """(line id: units) of a fulfillment that the node still has, and that make no whole set."""
    has = live_units(order, number)
    found: dict[str, int] = {}
    for kit in by_group(order).values():
        whole = min(has.get(line_id, 0) // units for line_id, units in kit.items())
        for line_id, units in kit.items():
            if more := has.get(line_id, 0) - whole * units:
                found[line_id] = more
    return found


def lines_of_broken_sets(order: Order, number: int, units: Mapping[str, int]) -> tuple[str, ...]:
    """Return the lines of kits of which these (line id: units) of a fulfillment would leave a part of a set behind.

    What made no whole set before, because the rest of it was sent alone, may go.
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
    """Raise NotAllowed when these units of a fulfillment are a part of a set, of which the rest would stay at the node."""
    if broken := lines_of_broken_sets(order, number, units):
        raise NotAllowed(f"a kit leaves in whole sets: {described(order, broken)}", pointer="/lines")


def described(order: Order, line_ids: Sequence[str]) -> str:
    """Say what one set of each kit among these lines is, for people: "a set is 1 of POT and 2 of CUP"."""
    sets = [kit for kit in by_group(order).values() if not kit.keys().isdisjoint(line_ids)]
    return "; ".join(
        "a set is " + " and ".join(f"{units} of {order.line(line_id).sku}" for line_id, units in kit.items())
        for kit in sets
    )


def ask_about_incomplete(order: Order, why: str) -> Order:
    """The order in which units that nobody has, and that make no whole sets, wait for a person."""
    waits: list[Line] = []
    for kit in by_group(order).values():
        lines = [order.line(line_id) for line_id in kit]
        free = {line.line_id: line.units(lambda a: a.status in UNPLACED) for line in lines}
        whole = min(free[line_id] // units for line_id, units in kit.items())
        if any(free[line_id] != whole * units for line_id, units in kit.items()):
            because = f"{INCOMPLETE}: {why}" if why else INCOMPLETE
            waits += [
                replace(line, waits_in=Queue.CUSTOMER_CARE, because=because)
                for line in lines
                if free[line.line_id] and not line.waits_in
            ]
    return order.with_lines(waits)
