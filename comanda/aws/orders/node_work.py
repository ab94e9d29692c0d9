"""
List the open work of a node, as its lists in the Orders table have it.

Called by   functions/reroute, which takes work back from nodes that cannot do it
Returns     (order id, number of the fulfillment); the skus that nodes keep
Raises      Throttled

A list is read whole before its work is changed, because it grows shorter with each change.
"""

from collections.abc import Iterable
from typing import Any

from comanda.aws.dynamodb import keys, list_pages, reads
from comanda.aws.dynamodb.items import unpack
from comanda.aws.runtime.settings import settings
from comanda.domain.nodes.node import Node
from comanda.domain.orders.status import RANK, Status

type OpenFulfillment = tuple[str, int]

_FIRST, _BEGUN, _LAST = "00", f"{RANK[Status.PICKING]:02d}", "99"  # ranks: work before picking is not begun


def not_begun(node: Node) -> list[OpenFulfillment]:
    """Return the fulfillments that the node has not begun to pick."""
    return [_fulfillment(row) for row in _rows_between(node, _FIRST, _BEGUN)]


def begun(node: Node) -> list[OpenFulfillment]:
    """Return the open fulfillments that the node has begun to pick."""
    return [_fulfillment(row) for row in _rows_between(node, _BEGUN, _LAST)]


def not_begun_least_urgent_first(node: Node) -> list[OpenFulfillment]:
    """Return the fulfillments that are not begun: the lowest priority first, and of it the last offer first."""
    wanted = [{"pk": row["pk"], "sk": row["sk"]} for row in _rows_between(node, _FIRST, _BEGUN)]
    views = [unpack(row["doc"]) for row in reads.batch(settings.orders_table, wanted, consistent=False)]
    views.sort(key=lambda view: (view["priority"], view["offered_at"], view["fulfillment_id"]), reverse=True)
    return [(view["order_id"], int(view["fulfillment_id"].rpartition("-")[2])) for view in views]


def skus_kept(skus: Iterable[str], nodes: Iterable[str]) -> list[str]:
    """Return those of the skus that one of these nodes keeps, sorted."""
    nodes = list(nodes)
    positions = [keys.position(sku, node) for sku in skus for node in nodes]
    return sorted({row["sku"] for row in reads.batch(settings.stock_table, positions, consistent=False, only=("sku",))})


def _fulfillment(row: dict[str, Any]) -> OpenFulfillment:
    return keys.order_id_of(row), keys.fulfillment_number_of(row)


def _rows_between(node: Node, first: str, last: str) -> list[dict[str, Any]]:
    """Return the rows of the node's open work between two ranks, both included."""
    return [
        row
        for page in list_pages.node(node.node_id, "open", node.type == "STORE")
        for row in reads.query(
            settings.orders_table,
            "gsi3pk = :pk AND gsi3sk BETWEEN :first AND :last",
            index="GSI3",
            pk=page,
            first=first,
            last=last,
        )
    ]
