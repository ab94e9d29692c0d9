"""
Take work back from nodes that are closed or can do less, order by order, and call the lines that nodes may now serve.

Called by   functions/reroute/handler.py
Returns     counts, in `done`
Raises      the first error of an order, after all other orders were decided
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from comanda.aws.orders import backorder_queue, capacity, node_work, open_orders, orders
from comanda.aws.runtime.batch import do_all
from comanda.domain.lifecycle.node_work import outage
from comanda.domain.nodes import closures
from comanda.domain.nodes.calendars import local_day
from comanda.domain.nodes.node import Node
from comanda.domain.orders import queues
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.routing import workload


class NodeWork:
    """One run over the work of some nodes. A run may be repeated: it decides on each order as it is now."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.done = {"taken_back": 0, "asked": 0, "called": 0}

    def take_back(self, nodes: list[Node]) -> None:
        """Take back the work that these nodes cannot do, and call the lines that they may now serve."""
        more = [node.node_id for node in nodes if closures.can_do_more(node, self.now)]
        call = [partial(self.call_waiting_lines, more)] if more else []
        do_all([*(partial(self._take_back, node) for node in nodes), *call])

    def call_waiting_lines(self, nodes: list[str] | None) -> None:
        """Ask replenish to check all lines that wait for a sku that these nodes keep, once for all of the nodes.

        None is any node.
        """
        skus: dict[str, None] = {}
        # Each order is read once, however many of its lines wait.
        for order in map(orders.load, dict.fromkeys(open_orders.in_queue(Queue.BACKORDER))):
            skus |= {line.sku: None for line in order.lines if queues.backordered(line)}
        self.call_skus(sorted(skus) if nodes is None else node_work.skus_kept(skus, nodes))

    def call_skus(self, skus: list[str]) -> None:
        """Ask replenish to check all lines that wait for any of these skus."""
        backorder_queue.invoke_replenish(skus)
        self.done["called"] += len(skus)

    def _take_back(self, node: Node) -> None:
        if node.closed(self.now):
            do_all(partial(self._withdraw, *work, "taken_back") for work in node_work.not_begun(node))
            do_all(partial(self._withdraw, *work, "asked") for work in node_work.begun(node))
        elif node.units_per_day is not None:
            do_all(partial(self._withdraw_from_day, node, day) for day in self._reduced_days(node))

    def _reduced_days(self, node: Node) -> list[str]:
        """Return the local days whose capacity was just reduced.

        Other days are left alone: promised units may be begun over the limit of a day.
        """
        today = local_day(node.calendar, self.now).isoformat()
        usual = workload.days(node, self.now) if node.reduced_every_day else ()
        return sorted({*usual, *(day for day in node.reduced_days if day >= today)})

    def _withdraw(self, order_id: str, number: int, count: str) -> None:
        self._decide(order_id, lambda order: outage.withdraw(order, number, self.now), count)

    def _withdraw_from_day(self, node: Node, day: str) -> None:
        """Take back the units that are more than the day holds: the lowest priority first, and of it the last offer first."""
        limit = 0 if day in node.calendar.closed else node.units_on(day) or 0
        if capacity.planned_units_of_day(node, day) <= limit:
            return
        for order_id, number in node_work.not_begun_least_urgent_first(node):
            back = partial(outage.withdraw_from_day, number=number, day=day, now=self.now)
            if self._decide(order_id, back, "taken_back") and capacity.planned_units_of_day(node, day) <= limit:
                return

    def _decide(self, order_id: str, rule: Callable[[Order], Decision | None], count: str) -> bool:
        changed = orders.decide(order_id, rule).changed
        self.done[count] += changed
        return changed
