"""
Commit the facts that time alone has made, and repeat what was missed. No fact is lost, at worst it is late.

Called by   a schedule every few minutes, with {}: looks at the open orders whose time has come;
            ops with {"all": true}: at all open orders. `comanda sweep --all`, and every start of the embedded AWS, do the
            same in pages that a run surely ends: {"list": true} answers {"open": [order ids]}, {"orders": [order ids]}
            looks at these alone, {"orders": [], "all": true} does all that is not one order's
Returns     {"looked": orders, "facts": deadlines and expiries committed, "redriven": failed batches taken up,
            "expired": reservations whose time was over}
Raises      an error, after every other order was looked at: the next run does it
"""

import json
from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.directory import directory, rule_sets
from comanda.aws.events import failed_batches
from comanda.aws.orders import backorder_queue, open_orders, orders, saga, task_tokens
from comanda.aws.reservations import expiry
from comanda.aws.runtime import clock
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.aws.stock_updates import transfers
from comanda.domain.lifecycle import preorders
from comanda.domain.nodes import closures
from functions.sweep.rules import due

logger = Logger()
metrics = Metrics()

_TOGETHER = 25  # orders in one asynchronous look


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    now = clock.now()
    if event.get("list"):
        return {"open": open_orders.due(None)}
    whole = "orders" not in event or bool(event.get("all"))
    found = event["orders"] if "orders" in event else open_orders.due(None if event.get("all") else now)
    batches = failed_batches.find_failed() if whole else []
    nodes = directory.nodes()
    swept = Sweep(now, {node.node_id: node.accept_minutes for node in nodes})
    steps: list[Callable[[], object]] = [partial(_redrive, batch) for batch in batches]
    for page in _pages(found):  # page by page, so that a run that ends early has moved some orders to their end
        steps += [partial(swept.decide, order_id) for order_id in page]
        steps.append(partial(_have_looked, page))
        steps += [partial(swept.look_again, order_id) for order_id in page]
    steps.append(swept.have_replenished)
    if whole:
        steps += [
            swept.take_back,
            swept.refuse_requests,
            partial(_have_files_looked_for, everything=bool(event.get("all"))),
            partial(_have_watched, [n.node_id for n in nodes if closures.to_watch(n, now)]),
            partial(_have_called, now),
        ]
    do_all(steps)
    done = {"looked": len(found), "facts": swept.facts, "redriven": len(batches), "expired": swept.expired}
    logger.info("swept", extra={**done, "transfers_refused": swept.refused})
    metrics.add_metric("OrdersLookedAt", MetricUnit.Count, len(found))
    return done


class Sweep:
    """One run: what time it is, what it has decided."""

    def __init__(self, now: datetime, accept_minutes: dict[str, int]) -> None:
        self.now, self.accept_minutes = now, accept_minutes
        self.resolves = directory.resolved_by_schedule()
        self.facts = self.expired = self.refused = 0
        self.skus: set[str] = set()  # of which units wait for their shelf to be looked at, because their day has come

    def decide(self, order_id: str) -> None:
        """Give back what a crashed plan took, and commit the fact that time made."""
        saga.recover(order_id, self.now)
        saved = orders.decide(order_id, lambda order: due(order, self.accept_minutes, self.resolves, self.now))
        self.facts += saved.changed

    def take_back(self) -> None:
        """End the reservations whose time is over."""
        self.expired = expiry.sweep(self.now)

    def have_replenished(self) -> None:
        """Ask replenish to release what customers want sent by now."""
        backorder_queue.have_served(sorted(self.skus))

    def refuse_requests(self) -> None:
        """Refuse the transfers that their origin did not answer in time."""
        self.refused = transfers.refuse_unanswered(self.now)

    def look_again(self, order_id: str) -> None:
        """Put its rows right and set the next look, or take a completed order off the list."""
        order = orders.load(order_id)
        self.skus.update(preorders.day_came(order, self.now))
        orders.repair_rows(order)
        if order.closed:
            shipments = [f.number for f in order.fulfillments if f.shipped_at is not None]
            task_tokens.close(order_id, order.version, shipments, self.now)
        elif not saga.unfinished(order_id):  # a plan that is half applied has said itself when to look
            task_tokens.look_again(order, self.now)


def _redrive(batch: failed_batches.Batch) -> None:
    for page in _pages(list(batch.order_ids)):
        _have_looked(page)
    failed_batches.delete(batch)


def _have_called(now: datetime) -> None:
    """Ask reroute to look at all lines that wait for stock when a rule set has just begun or ended. The rule set may
    let a node serve them."""
    times = [at for one in rule_sets.book().sets for at in (one.starts, one.ends)]
    if any(at is not None and now - closures.LATELY <= at <= now for at in times):
        payload = json.dumps({"waiting": True}).encode()
        client("lambda").invoke(FunctionName=settings.reroute_function, InvocationType="Event", Payload=payload)


def _have_watched(nodes: list[str]) -> None:
    """Ask reroute to look at what nodes have that are closed, or can do less: a router may have known it too late."""
    if nodes:
        payload = json.dumps({"nodes": nodes}).encode()
        client("lambda").invoke(FunctionName=settings.reroute_function, InvocationType="Event", Payload=payload)


def _have_files_looked_for(*, everything: bool) -> None:
    """Ask inbox to take up partners' files that were not answered."""
    payload = json.dumps({"look": {"all": everything}}).encode()
    client("lambda").invoke(FunctionName=settings.inbox_function, InvocationType="Event", Payload=payload)


def _pages(order_ids: list[str]) -> list[list[str]]:
    unique = list(dict.fromkeys(order_ids))
    return [unique[first : first + _TOGETHER] for first in range(0, len(unique), _TOGETHER)]


def _have_looked(order_ids: list[str]) -> None:
    """Ask conduct and relay, each with its own rights, to do what their streams may have missed."""
    payload = json.dumps({"look": order_ids}).encode()
    for function in (settings.conduct_function, settings.relay_function):
        client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=payload)
