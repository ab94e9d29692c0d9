"""
Find the items of the queues of orders, and show them with the facts of their orders and with their claims.

Called by   functions/intake/queues/queues.py, claims.py and answers.py
Returns     items as the API shows them
Raises      NotFound for what does not wait in the queue, or is not the caller's
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.aws.api.callers import Caller
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, list_pages, reads
from comanda.aws.orders import claims, orders
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.orders import queues

_FACTS = ("external_id", "channel", "status", "placed_at")  # of an order, as its row has them
# What an item that cannot be claimed, and that belongs to no order, says of both.
NEITHER = {
    "claimed_by": None,
    "claimed_by_name": None,
    "claimed_until": None,
    "claimed_by_me": False,
    "external_id": None,
    "order": None,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemId:
    """The name of an item: its order, and its name within the order and the queue."""

    order_id: str
    queue: str
    name: str

    @property
    def item(self) -> claims.Item:
        return self.queue, self.name


def require_queue(who: Caller, queue: str, *scopes: str) -> None:
    """Raise NotFound for a queue that does not exist, or that is not the caller's.

    The office has all queues, with one of these scopes. A node's own callers have the queues of its work.
    """
    of_work = queue in queues.OF_NODES and "fulfillments/work" in who.scopes
    if queue not in queues.ALL or not (of_work or (who.office and not who.scopes.isdisjoint(scopes))):
        raise NotFound("queue", queue)


def require_node(who: Caller, queue: str, node: str | None) -> None:
    """Check the node that a caller names for its part of a queue; the office may do without.

    Raises NotFound for a node that is not the caller's, Invalid for one that is missing or not taken.
    """
    if node is None:
        if who.office:
            return
        raise Invalid(Problem(pointer="/node_id", code="missing", message="say of which of your nodes"))
    if queue not in queues.OF_NODES:
        message = f"is taken for {' and '.join(queues.OF_NODES)} alone"
        raise Invalid(Problem(pointer="/node_id", code="not-taken", message=message))
    entry = directory.find(directory.NODE, node)
    if entry is None or not who.sees_node(node, entry.get("partner_id")):
        raise NotFound("node", node)


def order_of(queue: str, node: str | None, order_id: str | None) -> str | None:
    """Return the id of the order whose items a caller asks for; None for all orders.

    Raises Invalid for a queue whose items belong to no order, and beside a node; NotFound.
    """
    if order_id is None:
        return None
    if queue in queues.OF_NO_ORDER or node is not None:
        message = "is not taken beside node_id" if node else "is not taken for a queue whose items belong to no order"
        raise Invalid(Problem(pointer="/order_id", code="not-taken", message=message))
    return ids.parse("ord", order_id, settings.cell)[0]


def page(
    queue: str, node: str | None, order_id: str | None, after: str, limit: int
) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of the items of a queue of orders, or of those of one node: the most urgent first. Those of one order
    come in the order of their names."""
    if order_id is not None:
        return list_pages.children(order_id, keys.tasks_of_queue(queue), after, limit)
    if node is None:
        return list_pages.page("GSI3", list_pages.queue(queue), after, limit)
    return list_pages.page("GSI2", [keys.queue_page_of_node(queue, node)], after, limit)


def claimed(who: Caller, now: datetime, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of the items that the caller has claimed, the one whose claim ends first at the top."""
    rows, more = list_pages.page("GSI1", [keys.claims_page(who.id)], after or keys.time(now), limit)
    return [row for row in rows if _is_claimed(row, who, now)], more


def _is_claimed(row: Mapping[str, Any], who: Caller, now: datetime) -> bool:
    """Return True if the claim lives and is the caller's, who still works where the item is: an index may lag."""
    claim = claims.claim_of(row)
    mine = claim is not None and claim.by == who.id and claim.lives(now)
    return mine and (who.office or _sees_node(who, row.get("node")))


def parse(queue: str, item_id: str) -> ItemId:
    """Read the id of an item that a caller sent. Raises NotFound, WrongRegion."""
    name_of_order, _, name = item_id.partition(".")
    order_id, _ = ids.parse("ord", name_of_order, settings.cell)
    return ItemId(order_id=order_id, queue=queue, name=name)


def load(wanted: ItemId, who: Caller) -> dict[str, Any]:
    """Return the row of an item that waits. Raises NotFound, also for an item of a node that is not the caller's."""
    row = orders.load_task(wanted.order_id, wanted.queue, wanted.name)
    if not who.office and not _sees_node(who, row.get("node")):
        raise NotFound(f"item of queue {wanted.queue}", f"{wanted.order_id}.{wanted.name}")
    return row


def _sees_node(who: Caller, node: str | None) -> bool:
    if node is None:
        return False
    entry = directory.find(directory.NODE, node)
    return who.sees_node(node, entry.get("partner_id") if entry else None)


def shown(rows: Sequence[Mapping[str, Any]], who: Caller, now: datetime) -> list[dict[str, Any]]:
    """Return the items as a caller sees them. The facts of all their orders are read in one batch.

    A node's own callers get the number of the order alone, which stands on its packing slip.
    """
    facts = _facts(row["order_id"] for row in rows)
    return [{**_item(row, who, now), **_of_order(facts.get(row["order_id"]), who)} for row in rows]


def _of_order(fact: dict[str, Any] | None, who: Caller) -> dict[str, Any]:
    return {"external_id": fact and fact["external_id"], "order": fact if who.office else None}


def named(items: Sequence[Mapping[str, Any]], who: Caller) -> list[dict[str, Any]]:
    """Return the items with the names of those who have claimed them, for the office."""
    people = (
        directory.names_of_callers(item["claimed_by"] for item in items if item["claimed_by"]) if who.office else {}
    )
    return [{**item, "claimed_by_name": people.get(item["claimed_by"])} for item in items]


def _item(row: Mapping[str, Any], who: Caller, now: datetime) -> dict[str, Any]:
    claim = claims.claim_of(row)
    if claim is not None and not claim.lives(now):
        claim = None
    return {
        "item_id": f"{row['order_id']}.{row['item']}",
        **{name: row[name] for name in ("order_id", "queue", "reason", "due", "data")},
        "since": row.get("since", row["due"]),
        "claimed_by": claim and (claim.by if who.office or claim.by == who.id else None),
        "claimed_by_name": None,  # answers to claims are kept, and no kept answer has a name
        "claimed_until": claim and views.time(claim.until),
        "claimed_by_me": claim is not None and claim.by == who.id,
    }


def _facts(order_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    wanted = [keys.order(order_id) for order_id in dict.fromkeys(order_ids)]
    rows = reads.batch(
        settings.orders_table, wanted, consistent=False, only=("pk", *_FACTS, "version", "total", "currency")
    )
    return {keys.order_id_of(row): _fact(row) for row in rows}


def _fact(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a list shows of an order. An order of an earlier version of Comanda may lack some of it."""
    total = views.money(row["total"], row["currency"]) if "total" in row else None
    return {**{name: row.get(name) for name in _FACTS}, "version": row["version"], "total": total}
