"""
The Orders table: an order is one item, saved with its event and everything its decision says in one transaction.

Raises NotFound on load; StaleOrder when somebody saved first; StockConflict, Throttled (Busy).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import FITS, pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import backorder_rows, capacity
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.errors import Busy, NotFound, OrderTooLarge, StaleOrder
from comanda.domain.lifecycle import next_look
from comanda.domain.orders import document, queues
from comanda.domain.orders.decision import Decision, Event, MoneyOperation, Task
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import AT_NODE, RANK

_ROOM = transaction.MOST_ITEMS - 1  # writes beside one of a plan's, or a check
TRIES = 3  # a door decides again so often before it answers 503


def load(order_id: str) -> Order:
    """The order as it is now. Raises NotFound."""
    found = find(order_id)
    if found is None:
        raise NotFound("order", order_id)
    return found


def find(order_id: str) -> Order | None:
    row = reads.get(settings.orders_table, keys.order(order_id))
    return order_of_item(row) if row else None


def order_of_item(row: dict[str, Any]) -> Order:
    """The order in its item's attributes."""
    return document.to_order(unpack(row["doc"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """A decision, and the writes that belong to it in the same transaction.

    `first` are the writes whose refusal says more than a stale version does: the idempotency record, the natural key.
    `also` are the other writes of the effect. `if_room` are writes that are left out when the transaction is full.
    """

    decision: Decision
    first: Sequence[Write] = ()
    also: Sequence[Write] = ()
    if_room: Sequence[Write] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """The order after a rule decided on it. `event` is the event that was written, None when nothing was to do."""

    order: Order
    event: Event | None

    @property
    def changed(self) -> bool:
        return self.event is not None


def save(before: Order | None, saving: Saving | Decision) -> Order:
    """Write a decision whole, or not at all, and return the order as saved. `before` is None for a new order.

    Raises StaleOrder, StockConflict, Throttled, OrderTooLarge, and the refusals of the writes of `saving`.
    """
    if isinstance(saving, Decision):
        saving = Saving(decision=saving)
    decision, order = saving.decision, saving.decision.saved
    tasks, done = queues.task_changes(before, order, decision.event.at)
    writes = [
        *saving.first,
        _order_write(order),
        _event_write(order, decision),
        *_fulfillment_writes(before, order, decision.event.at),
        *(_task_write(order, task) for task in (*decision.tasks, *tasks)),
        *(_delete_task(order, queue, name) for queue, name in (*decision.done, *done)),
        *(money_write(order, operation, decision.event.at) for operation in decision.money),
        *capacity.writes(order.order_id, decision.capacity),
        *saving.also,
    ]
    if before is None:
        writes.append(_open_row(order, decision.event.at))
    rows = backorder_rows.changed_keys(before, order)
    room = max(0, _ROOM - len(writes))
    writes += backorder_rows.writes(order, rows[:room])
    writes += saving.if_room[: max(0, _ROOM - len(writes))]
    if decision.stock:
        from comanda.aws.orders import saga  # and all that knows stock: an order that is placed moves none

        saga.apply(order.order_id, order.version - 1, decision.stock, writes, decision.event.at)
    else:
        transaction.commit(writes)
    with suppress(Busy):  # the order is saved: whoever routes or sweeps it next puts right what is left of its rows
        _put_right(order, rows[room:])
    return order


def decide(order_id: str, rule: Callable[[Order], Saving | Decision | None]) -> Saved:
    """Load the order, let the rule decide, and save. When another process saved first, the rule decides again.

    A rule that returns None finds nothing to do. Raises what the rule raises, and the last Busy error when three tries
    were not enough.
    """
    for attempt in range(TRIES):
        order = load(order_id)
        decided = rule(order)
        if decided is None:
            return Saved(order=order, event=None)
        event = decided.event if isinstance(decided, Decision) else decided.decision.event
        try:
            return Saved(order=save(order, decided), event=event)
        except Busy:
            if attempt == TRIES - 1:
                raise
    raise AssertionError("unreachable")


def _order_write(order: Order) -> Write:
    packed = pack(document.from_order(order))
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
    version = order.version - 1
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
        # A room that looks at many orders may have begun before the last event: times follow the versions all the same.
        "at": views.time(max(event.at, clock.now())),
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
    """The record of a route's decision, under the version that it made; where it does not fit an item, without its inputs:
    an order is never kept waiting for what is told of it."""
    packed = pack(decision)
    if len(packed) > FITS:
        from comanda.domain.routing.record import lean

        packed = pack(lean(decision))
    values = {**keys.decision(order.order_id, order.version), "version": order.version, "doc": packed}
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


def correct_backorder_rows(order_id: str, places: Iterable[backorder_rows.RowKey]) -> None:
    """Delete those of these waiting rows that the order does not have, and write the rest as the order has them.

    Raises Busy when the order changes all the while.
    """
    _put_right(load(order_id), list(places))


def repair_backorder_rows(order: Order) -> None:
    """Write what is missing of the order's rows, because somebody saved it and ended. Raises Busy."""
    wanted = backorder_rows.rows_of_order(order)
    if not wanted:
        return
    there = {(row["pk"], row["sk"]): row for row in reads.batch(settings.stock_table, map(_key, wanted))}
    if wrong := [place for place, row in wanted.items() if there.get(place) != row]:
        _put_right(order, wrong)


def _key(place: backorder_rows.RowKey) -> keys.Key:
    return {"pk": place[0], "sk": place[1]}


def _put_right(order: Order, places: list[backorder_rows.RowKey]) -> None:
    """Make rows what the order says, page by page, while it says so: else they would undo what a later save wrote."""
    for attempt in range(TRIES):
        still = transaction.check(
            settings.orders_table,
            keys.order(order.order_id),
            "#v = :version",
            StaleOrder(order.order_id),
            n_v="version",
            version=order.version,
        )
        try:
            for first in range(0, len(places), _ROOM):
                transaction.commit([still, *backorder_rows.writes(order, places[first : first + _ROOM])])
        except StaleOrder:
            if attempt == TRIES - 1:
                raise
            order = load(order.order_id)
        else:
            return


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
        **keys.in_queue("open", next_look.next_look(order, at), order.order_id, "0"),
        "order_id": order.order_id,
        "relayed": 0,
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(order.order_id))


def id_of_natural_key(channel: str, external_id: str) -> str | None:
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
