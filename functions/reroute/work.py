"""The work of nodes that are closed or can do less: found in their lists, page by page, and taken back order by order."""

from collections.abc import Callable, Iterator
from datetime import datetime
from functools import partial
from typing import Any

from comanda.aws.dynamodb import keys, list_pages, reads
from comanda.aws.dynamodb.items import unpack
from comanda.aws.orders import backorder_queue, capacity, orders
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.settings import settings
from comanda.domain.lifecycle import outage
from comanda.domain.nodes import closures
from comanda.domain.nodes.calendars import local_day
from comanda.domain.nodes.node import Node
from comanda.domain.orders import queues
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import RANK, Status
from comanda.domain.routing import workload

_BEGUN = f"{RANK[Status.PICKING]:02d}"  # what comes before it in a node's list is not begun
_END = "99"


class NodeWork:
    """One look at some nodes. What it does once it may do again: it asks each order what is true of it."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.done = {"taken_back": 0, "asked": 0, "called": 0}

    def at(self, nodes: list[Node]) -> None:
        more = [node.node_id for node in nodes if closures.can_do_more(node, self.now)]
        do_all([*(partial(self._at, node) for node in nodes), *([partial(self.call, more)] if more else [])])

    def _at(self, node: Node) -> None:
        if node.closed(self.now):
            do_all(partial(self._withdraw, *place, "taken_back") for place in _open_fulfillments(node, "", _BEGUN))
            do_all(partial(self._withdraw, *place, "asked") for place in _open_fulfillments(node, _BEGUN, _END))
        elif node.units_per_day is not None:
            do_all(partial(self._lighten, node, day) for day in self._days(node))

    def _days(self, node: Node) -> list[str]:
        """Those of which something else was just said, and no others: what was promised is begun over the limit of a day."""
        today = local_day(node.calendar, self.now).isoformat()
        usual = workload.days(node, self.now) if node.reduced_every_day else ()
        return sorted({*usual, *(day for day in node.reduced_days if day >= today)})

    def _withdraw(self, order_id: str, number: int, what: str) -> None:
        self._decide(order_id, lambda order: outage.withdraw(order, number, self.now), what)

    def _decide(self, order_id: str, rule: Callable[[Order], Decision | None], what: str) -> bool:
        changed = orders.decide(order_id, rule).changed
        self.done[what] += changed
        return changed

    def _lighten(self, node: Node, day: str) -> None:
        """Give back what is more than the day holds: of the lowest priority first, and of it what was offered last."""
        limit = 0 if day in node.calendar.closed else node.units_on(day) or 0
        if capacity.planned_units_of_day(node, day) <= limit:
            return
        for order_id, number in _least_urgent(node):
            back = partial(outage.withdraw_from_day, number=number, day=day, now=self.now)
            if self._decide(order_id, back, "taken_back") and capacity.planned_units_of_day(node, day) <= limit:
                return

    def call(self, nodes: list[str] | None) -> None:
        """Ask replenish to look at all lines that wait for a sku that these nodes keep, once for all of the nodes. None
        is any node."""
        found: dict[str, None] = {}
        for shard in range(keys.SHARDS):
            page = keys.queue_page(Queue.BACKORDER, shard)
            for row in reads.query(settings.orders_table, "gsi3pk = :pk", index="GSI3", pk=page):
                found[keys.order_id_of(row)] = None
        skus: dict[str, None] = {}
        for order in map(orders.load, found):  # once, however many of its lines wait
            skus |= {line.sku: None for line in order.lines if queues.backordered(line)}
        if nodes is None:
            self.call_skus(sorted(skus))
            return
        places = [keys.position(sku, node) for sku in skus for node in nodes]
        kept = {row["sku"] for row in reads.batch(settings.stock_table, places, consistent=False, only=("sku",))}
        self.call_skus(sorted(kept))

    def call_skus(self, skus: list[str]) -> None:
        """Ask replenish to look at all lines that wait for any of these skus."""
        backorder_queue.invoke_replenish(skus)
        self.done["called"] += len(skus)


def _open_fulfillments(node: Node, first: str, last: str) -> Iterator[tuple[str, int]]:
    """(order, fulfillment) of a node's open work between two ranks."""
    for row in _work_rows(node, first, last):
        yield keys.order_id_of(row), keys.fulfillment_number_of(row)


def _work_rows(node: Node, first: str, last: str) -> list[dict[str, Any]]:
    """Read whole before anything is taken: the list grows shorter as it is."""
    return [
        row
        for page in list_pages.node(node.node_id, "open", node.type == "STORE")
        for row in reads.query(
            settings.orders_table,
            "gsi3pk = :pk AND gsi3sk BETWEEN :first AND :last",
            index="GSI3",
            pk=page,
            first=first or "00",
            last=last,
        )
    ]


def _least_urgent(node: Node) -> list[tuple[str, int]]:
    wanted = [{"pk": row["pk"], "sk": row["sk"]} for row in _work_rows(node, "", _BEGUN)]
    found = [unpack(row["doc"]) for row in reads.batch(settings.orders_table, wanted, consistent=False)]
    found.sort(key=lambda view: (view["priority"], view["offered_at"], view["fulfillment_id"]), reverse=True)
    return [(view["order_id"], int(view["fulfillment_id"].rpartition("-")[2])) for view in found]
