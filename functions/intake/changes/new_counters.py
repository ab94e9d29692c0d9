"""
Check the nodes that changes of an order name: counters at which a customer collects.

Called by   functions/intake/changes/of_moves.py; imported only for changes that name a node, or another method
Returns     a problem for each wrong field
Raises      nothing
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from comanda.aws.directory import counters, directory
from comanda.domain.errors import Problem
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from functions.intake.changes.change_contract import ChangeIn


def problems(order: Order, changes: Sequence[ChangeIn], now: datetime) -> list[Problem]:
    """Return a problem for each counter at which nothing of the order can be collected, and for each field that does not go
    with the method."""
    named = {one.node_id for one in changes if one.node_id is not None}
    nodes = directory.entries(directory.NODE, named)
    outages = directory.entries(directory.OUTAGE, named & nodes.keys())
    channel = directory.find(directory.CHANNEL, order.channel) or {"countries": ()}
    found: list[Problem] = []
    for i, one in enumerate(changes):
        found += _of_method(f"/changes/{i}", one)
        if one.modification == Modification.NODE and one.node_id not in nodes:
            message = f"there is no node {one.node_id}"
            found.append(Problem(pointer=f"/changes/{i}/node_id", code="unknown-node", message=message))
        if one.node_id is not None and (one.modification == Modification.STORE or one.method == PICKUP):
            at, name = f"/changes/{i}/node_id", one.node_id
            if wrong := counters.problem(at, name, nodes.get(name), channel["countries"]):
                found.append(wrong)
            if name in nodes and _closed(outages.get(name, {}), now):
                found.append(Problem(pointer=at, code="closed", message=f"{name} is closed now"))
    return found


def _of_method(at: str, one: ChangeIn) -> Iterator[Problem]:
    if one.method == PICKUP and one.node_id is None:
        yield Problem(pointer=f"{at}/node_id", code="missing", message="a pickup line names its node")
    if one.method == PICKUP and one.ship_to is not None:
        message = "a pickup line goes to its counter, and to no address"
        yield Problem(pointer=f"{at}/ship_to", code="picked-up", message=message)
    if one.method not in (None, PICKUP) and one.node_id is not None:
        message = "the router chooses where it ships from"
        yield Problem(pointer=f"{at}/node_id", code="not-yours-to-choose", message=message)


def _closed(outage: Mapping[str, Any], now: datetime) -> bool:
    """Return True if a closure covers the moment."""
    return any(
        datetime.fromisoformat(one["from"]) <= now
        and (one["until"] is None or now < datetime.fromisoformat(one["until"]))
        for one in outage.get("closures", ())
    )
