"""
The Orders table: an order is one item, saved with its event and everything its decision says in one transaction.

Raises NotFound on load; StaleOrder when somebody saved first; StockConflict, Throttled (Busy).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws import capacity, keys, plans, reads, transaction
from comanda.aws.items import FITS, pack, unpack
from comanda.aws.settings import settings
from comanda.aws.transaction import Write
from comanda.domain import document, looks, preorders, queues, views
from comanda.domain.decision import Decision, MoneyOperation, Task
from comanda.domain.errors import Busy, NotFound, OrderTooLarge, StaleOrder, StockConflict
from comanda.domain.order import Fulfillment, Order
from comanda.domain.status import AT_NODE, RANK

_FEW = 25  # backorder rows that still fit beside an order in its transaction
TRIES = 3  # a door decides again so often before it answers 503


def load(order_id: str) -> Order:
    """The order as it is now. Raises NotFound."""
    found = find(order_id)
    if found is None:
        raise NotFound("order", order_id)
    return found


def find(order_id: str) -> Order | None:
    row = reads.get(settings.orders_table, keys.order(order_id))
    return of_item(row) if row else None


def of_item(row: dict[str, Any]) -> Order:
    """The order in its item's attributes."""
    return document.to_order(unpack(row["doc"]))


More = Callable[[Order], Sequence[Write]]  # writes that belong to the order as it will be saved


def _none(_: Order) -> Sequence[Write]:
    return ()


def save(before: Order | None, decision: Decision, *, first: More = _none, also: More = _none) -> Order:
    """Write a decision whole, or not at all, and return the order as saved.

    `first` makes writes whose refusal says more than a stale version does (the idempotency record, the natural key);
    `also` makes those that belong to the effect. Raises StaleOrder, StockConflict, Throttled, OrderTooLarge, and the refusals of `first`
    and `also`.
    """
    version = 0 if before is None else before.version
    order = replace(decision.order, version=version + 1)
    tasks, done = queues.moved(before, order, decision.event.at)
    opened, closed = _waiting_writes(before, order)
    if many := len(opened) + len(closed) > _FEW:
        _in_pages(opened)  # a row that no order stands behind is harmless: readers judge it by the order
    writes = [
        *first(order),
        _order_write(order, version),
        _event_write(order, decision),
        *_fulfillment_writes(before, order, decision.event.at),
        *(_task_write(order, task) for task in (*decision.tasks, *tasks)),
        *(_delete_task(order, queue, name) for queue, name in (*decision.done, *done)),
        *([] if many else [*opened, *closed]),
        *(money_write(order, operation, decision.event.at) for operation in decision.money),
        *capacity.writes(order.order_id, decision.capacity),
        *also(order),
    ]
    if before is None:
        writes.append(_open_row(order, decision.event.at))
    plans.apply(order.order_id, version, decision.stock, writes, decision.event.at)
    if many:
        _in_pages(closed)
    return order


def decide(
    order_id: str, rule: Callable[[Order], Decision | None], *, first: More = _none, also: More = _none
) -> Order:
    """Load, decide, save; when somebody else was first, decide again on what is true now, three times.

    A rule that answers None finds nothing to do: the order is returned as it is. Raises what the rule raises, and the
    last Busy error when three tries were not enough.
    """
    for attempt in range(TRIES):
        order = load(order_id)
        decision = rule(order)
        if decision is None:
            return order
        try:
            return save(order, decision, first=first, also=also)
        except Busy:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _order_write(order: Order, version: int) -> Write:
    packed = pack(document.of_order(order))
    if len(packed) > FITS:
        raise OrderTooLarge(f"{len(packed)} bytes packed, {FITS} fit")
    values = {
        **keys.order(order.order_id),
        **keys.by_customer(order.customer_id, order.placed_at, order.order_id),
        **keys.by_day(order.channel, order.placed_at, order.order_id),
        "version": order.version,
        "status": order.status,
        "channel": order.channel,
        "customer": order.customer_id,
        "contact": order.contact,
        "doc": packed,
    }
    stale = StaleOrder(order.order_id)
    if not version:
        return transaction.put_once(settings.orders_table, values, stale)
    return transaction.put(
        settings.orders_table, values, stale, condition="#v = :version", n_v="version", version=version
    )


def _event_write(order: Order, decision: Decision) -> Write:
    event = decision.event
    values = {
        **keys.event(order.order_id, order.version),
        "order_id": order.order_id,
        "version": order.version,
        "type": event.type,
        "actor": event.actor,
        "at": views.time(event.at),
        "channel": order.channel,
        "status": order.status,
        "data": pack(event.data),
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(order.order_id))


def _fulfillment_writes(before: Order | None, order: Order, at: datetime) -> list[Write]:
    was = {} if before is None else {f.number: views.fulfillment(before, f) for f in before.fulfillments}
    out: list[Write] = []
    for fulfillment in order.fulfillments:
        view = views.fulfillment(order, fulfillment)
        if was.get(fulfillment.number) != view:
            out.append(_fulfillment_write(order, fulfillment, view, at))
    return out


def _fulfillment_write(order: Order, fulfillment: Fulfillment, view: dict[str, Any], at: datetime) -> Write:
    ranks = [RANK[a.status] for _, a in order.units_of(fulfillment.number) if a.status in AT_NODE]
    done = None if ranks else fulfillment.shipped_at or at
    values = {
        **keys.fulfillment(order.order_id, fulfillment.number),
        **keys.node_work(
            fulfillment.node,
            fulfillment.store,
            done,
            min(ranks, default=99),
            fulfillment.ship_by,
            order.priority,
            view["fulfillment_id"],
        ),
        "node": fulfillment.node,
        "partner": fulfillment.partner,
        "status": view["status"],
        "doc": pack(view),
    }
    return transaction.put(settings.orders_table, values, StaleOrder(order.order_id))


def decision_write(order: Order, decision: Mapping[str, Any]) -> Write:
    """The record of a route's decision, under the version that it made."""
    values = {
        **keys.decision(order.order_id, order.version),
        "version": order.version,
        "doc": pack(decision),
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(order.order_id))


def _task_write(order: Order, task: Task) -> Write:
    values = {
        **keys.task(order.order_id, task.queue, task.item),
        **keys.in_queue(task.queue, task.due, order.order_id, task.item, task.priority),
        "order_id": order.order_id,
        "queue": task.queue,
        "item": task.item,
        "reason": task.reason,
        "due": views.time(task.due),
        "data": dict(task.data),
    }
    return transaction.put(settings.orders_table, values, StaleOrder(order.order_id))


def _delete_task(order: Order, queue: str, name: str) -> Write:
    key = keys.task(order.order_id, queue, name)
    return transaction.delete(settings.orders_table, key, StaleOrder(order.order_id))


def _waiting_rows(order: Order | None) -> dict[tuple[str, str], dict[str, Any]]:
    """The rows of the Stock table that say who waits: for any stock of a sku, or for a day's supply of it at a node."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    if order is None:
        return found
    turn = (order.priority, order.placed_at, order.order_id)
    for line in order.lines:
        if units := line.waiting():
            key = keys.backorder(line.sku, *turn, line.line_id)
            called = units - queues.backordered(line)
            found[key["pk"], key["sk"]] = {"line": line.line_id, "quantity": units, "called": called}
    for (line_id, node, due), units in preorders.waiting(order).items():
        key = keys.preorder(order.line(line_id).sku, node, *turn, line_id, due)
        found[key["pk"], key["sk"]] = {"line": line_id, "quantity": units, "node": node, "due": due}
    for (pk, _), values in found.items():
        values |= {
            "order_id": order.order_id,
            "sku": keys.sku_of(pk),
            "priority": order.priority,
            "placed_at": keys.time(order.placed_at),
            "channel": order.channel,
        }
    return found


def _waiting_writes(before: Order | None, order: Order) -> tuple[list[Write], list[Write]]:
    """Rows of what began to wait, or waits in another number, and the end of what no longer does."""
    was, now = _waiting_rows(before), _waiting_rows(order)
    opened = [
        transaction.put(
            settings.stock_table, {"pk": pk, "sk": sk, **values}, StockConflict(f"a row of {values['sku']}")
        )
        for (pk, sk), values in now.items()
        if was.get((pk, sk)) != values
    ]
    closed = [
        transaction.delete(settings.stock_table, {"pk": pk, "sk": sk}, StockConflict(f"a row of {values['sku']}"))
        for (pk, sk), values in was.items()
        if (pk, sk) not in now
    ]
    return opened, closed


def _in_pages(writes: Sequence[Write]) -> None:
    for first in range(0, len(writes), transaction.MOST_ITEMS):
        transaction.commit(writes[first : first + transaction.MOST_ITEMS])


def money_write(order: Order, operation: MoneyOperation, at: datetime) -> Write:
    values = {
        **keys.money(order.order_id, operation.purpose, operation.number),
        "state": "REQUESTED",
        "purpose": operation.purpose,
        "number": operation.number,
        "tender": operation.tender,
        "reference": order.payments[operation.tender].reference,
        "amount": operation.amount,
        "currency": order.currency,
        "invoice": operation.invoice,
        "at": views.time(at),
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(order.order_id))


def _open_row(order: Order, at: datetime) -> Write:
    values = {
        **keys.open_row(order.order_id),
        **keys.in_queue("open", looks.next_look(order, at), order.order_id, "0"),
        "order_id": order.order_id,
        "relayed": 0,
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(order.order_id))


def by_natural_key(channel: str, external_id: str) -> str | None:
    """The id of the order that a channel knows by its own id."""
    row = reads.get(settings.orders_table, keys.natural(channel, external_id))
    return str(row["order_id"]) if row else None


def require_task(order_id: str, queue: str, name: str) -> None:
    """Raises NotFound when this does not wait in the queue."""
    if reads.get(settings.orders_table, keys.task(order_id, queue, name)) is None:
        raise NotFound(f"item of queue {queue}", f"{order_id}.{name}")


def children(order_id: str, prefix: str, *, consistent: bool = True) -> list[dict[str, Any]]:
    """The attributes of an order's children whose sort key begins so: events `E#`, decisions `D#`, tokens `T#` ..."""
    condition, of = "pk = :pk AND begins_with(sk, :sk)", keys.order(order_id)["pk"]
    return list(reads.query(settings.orders_table, condition, consistent=consistent, pk=of, sk=prefix))
