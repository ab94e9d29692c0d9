"""
Write the items of an order: the order itself, its event, journal, fulfillments, tasks, money operations and records of decisions.

Called by   comanda.aws.orders.orders, which commits the writes of one decision together; functions/route
            (`decision_write`); comanda.aws.customers.customer_erasure (`unchanged`)
Returns     writes whose refusal is StaleOrder: another process saved the order first
Raises      OrderTooLarge for an order that does not fit an item

This file is long because all of it is one transaction: what a decision writes is seen at a glance.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.items import FITS, pack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders.claims import Answered, Item
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.books import journal
from comanda.domain.errors import OrderTooLarge, StaleOrder
from comanda.domain.lifecycle import next_look
from comanda.domain.orders import bought_cards, document, queues
from comanda.domain.orders.decision import Decision, EventType, MoneyOperation, Task
from comanda.domain.orders.fulfillment import Fulfillment, plain_tracking_number
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import AT_NODE, RANK
from comanda.domain.orders.tender import AT_HAND_OVER, OWN, REFERENCE

_FIRST_LOOK = timedelta(days=1)  # at a new parcel


def order_write(order: Order) -> Write:
    """Return the write of the order. It holds only when the stored order has the version before, or does not exist yet."""
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
        # What a list shows of an order, so that it need not unpack the document.
        "external_id": order.external_id,
        "placed_at": views.time(order.placed_at),
        "total": order.totals.total,
        "currency": order.currency,
        "doc": packed,
    }
    stale = StaleOrder(order.order_id)
    version = order.version - 1
    if not version:
        return transaction.put_once(settings.orders_table, values, stale)
    return transaction.put(
        settings.orders_table, values, stale, condition="#v = :version", n_v="version", version=version
    )


def unchanged(order: Order) -> Write:
    """Return the check that the stored order is still of this version."""
    return transaction.check(
        settings.orders_table,
        keys.order(order.order_id),
        "#v = :version",
        StaleOrder(order.order_id),
        n_v="version",
        version=order.version,
    )


def event_write(before: Order | None, order: Order, decision: Decision) -> Write:
    event = decision.event
    values = {
        **keys.event(order.order_id, order.version),
        "order_id": order.order_id,
        "version": order.version,
        "type": event.type,
        "actor": event.actor,
        # A room that works on many orders may have begun before the last event. Times must follow the versions.
        "at": views.time(max(event.at, clock.now())),
        "channel": order.channel,
        "status": order.status,
        "status_before": None if before is None else before.status,
        "data": pack(_data(order, decision)),
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(order.order_id))


def _data(order: Order, decision: Decision) -> dict[str, Any]:
    """Return the data of an event. After the order's end it says so, because nothing else brings the order off the list
    of open ones again. With `to_move` the room pay has money to move, a payment to check, cards to open, or a question."""
    data, asks = decision.event.data, any(failed.purpose == "authorize" for failed in order.failed_money)
    moves = asks or any(_is_work_of_pay(order, decision, operation) for operation in decision.money)
    if moves or any(not tender.checked for tender in order.payments) or bought_cards.to_activate(order):
        data = {**data, "to_move": True}
    if not order.closed:
        return data
    from comanda.domain.lifecycle import closing  # few orders that are saved have ended

    return {**data, **closing.after_the_end(order)}


def fulfillment_writes(before: Order | None, order: Order, at: datetime) -> list[Write]:
    """Return the writes of the fulfillments that changed, as their nodes see them."""
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


def tracking_writes(before: Order | None, order: Order, at: datetime) -> list[Write]:
    """Return the writes by which a fulfillment is found by the tracking numbers of its new packages.

    Such a row may be written although the order is not saved then: whoever finds it compares it with the order. A day later
    the sweeper looks whether the carrier reported the parcel.
    """
    known = set() if before is None else set(_parcels(before))
    return [
        transaction.put(
            settings.orders_table,
            {
                **keys.tracking(carrier, number, ids.fulfillment(order.order_id, fulfillment)),
                **keys.by_tracking_number(plain_tracking_number(number), ids.fulfillment(order.order_id, fulfillment)),
                **keys.parcel_look(at + _FIRST_LOOK, ids.fulfillment(order.order_id, fulfillment)),
            },
            StaleOrder(order.order_id),
        )
        for fulfillment, carrier, number in dict.fromkeys(_parcels(order))
        if (fulfillment, carrier, number) not in known
    ]


def _parcels(order: Order) -> Iterator[tuple[int, str, str]]:
    """Yield fulfillment, carrier and tracking number of each package that has a number."""
    for fulfillment in order.fulfillments:
        for package in fulfillment.packages:
            if package.tracking_number:
                yield fulfillment.number, package.carrier, package.tracking_number


def decision_write(order: Order, decision: Mapping[str, Any]) -> Write:
    """Return the write of the record of a route's decision, under the version of the order that the decision made.

    A record that does not fit an item is written without its inputs, so that it never keeps an order waiting.
    """
    packed = pack(decision)
    if len(packed) > FITS:
        from comanda.domain.routing.record import lean

        packed = pack(lean(decision))
    key = keys.decision(order.order_id, order.version, decision.get("destination", 0))
    values = {**key, "version": order.version, "doc": packed}
    return transaction.put_once(settings.orders_table, values, StaleOrder(order.order_id))


def task_writes(before: Order | None, order: Order, decision: Decision, answered: Answered) -> list[Write]:
    """Return the writes of the tasks that open, change or end with a decision."""
    at = decision.event.at
    waiting, over = queues.task_changes(before, order, at)
    tasks, done = (*decision.tasks, *waiting), (*decision.done, *over)
    return [
        *(_task_write(order, task, at, answered) for task in tasks),
        *(_task_delete(order, item, answered) for item in done),
    ]


def _task_write(order: Order, task: Task, at: datetime, answered: Answered) -> Write:
    """Return the write of a task. A task that waits already keeps its claim, and the time since when it waits."""
    place = (task.due, order.order_id, task.item, task.priority)
    of_node = {} if task.node is None else {**keys.in_queue_of_node(task.queue, task.node, *place), "node": task.node}
    values: dict[str, Any] = {
        **keys.in_queue(task.queue, *place),
        **of_node,
        "order_id": order.order_id,
        "queue": task.queue,
        "item": task.item,
        "reason": task.reason,
        "due": views.time(task.due),
        "data": dict(task.data),
    }
    return transaction.update(
        settings.orders_table,
        keys.task(order.order_id, task.queue, task.item),
        "SET #since = if_not_exists(#since, :since), " + ", ".join(f"#{name} = :{name}" for name in values),
        StaleOrder(order.order_id),
        **answered.condition((task.queue, task.item)),
        **values,
        since=views.time(at),
        **{f"n_{name}": name for name in (*values, "since")},
    )


def _task_delete(order: Order, item: Item, answered: Answered) -> Write:
    key = keys.task(order.order_id, *item)
    return transaction.delete(settings.orders_table, key, StaleOrder(order.order_id), **answered.condition(item))


def money_writes(order: Order, decision: Decision) -> list[Write]:
    """Return the writes of the movements of money that no payment provider has been asked for yet."""
    return [_money_write(order, decision, operation) for operation in decision.money]


def _is_work_of_pay(order: Order, decision: Decision, operation: MoneyOperation) -> bool:
    """Return True if the room pay carries the operation out. The room invoice does the shop's own ones that it decides."""
    tender = order.payments[operation.tender]
    by_invoice = decision.event.type in (EventType.INVOICED, EventType.CAPTURED, EventType.COMPLETED)
    return tender.outside or (tender.provider == REFERENCE and not by_invoice)


def _money_write(order: Order, decision: Decision, operation: MoneyOperation) -> Write:
    """Return the write of a movement of money. One of the room pay is due at once, one of our accounts is done with it."""
    provider, at = order.payments[operation.tender].provider, decision.event.at
    due = keys.open_payment(at, order.order_id, operation.number) if _is_work_of_pay(order, decision, operation) else {}
    values = {
        **keys.money(order.order_id, operation.purpose, operation.number),
        **due,
        "provider": provider,
        "rev": 1,
        "state": _first_state(order, operation, provider),
        "purpose": operation.purpose,
        "number": operation.number,
        "tender": operation.tender,
        "reference": order.payments[operation.tender].reference,
        "amount": operation.amount,
        "currency": order.currency,
        "invoice": operation.invoice,
        **({} if operation.credit_note is None else {"credit_note": operation.credit_note}),
        "at": views.time(at),
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(order.order_id))


def _first_state(order: Order, operation: MoneyOperation, provider: str) -> str:
    """Return the state of a new movement. What is collected at the hand-over is known: it was told, or waits to be."""
    if provider != AT_HAND_OVER:
        return "DONE" if provider == OWN else "WRITTEN"
    return "QUEUED" if any(one.number == operation.number for one in order.failed_money) else "DONE"


def journal_writes(before: Order | None, order: Order, at: datetime) -> list[Write]:
    """Return the write of what this version moved between the order's accounts. No journal is written if it moved nothing."""
    if not (moved := journal.between(before, order)):
        return []
    at = max(at, clock.now())  # as that of the event
    values = {
        **keys.journal(order.order_id, order.version),
        **keys.journal_of_day(order.channel, at, order.order_id, order.version),
        "order_id": order.order_id,
        "version": order.version,
        "channel": order.channel,
        "at": views.time(at),
        "currency": order.currency,
        "entries": dict(moved),
    }
    return [transaction.put_once(settings.orders_table, values, StaleOrder(order.order_id))]


def open_row_write(order: Order, at: datetime) -> Write:
    """Return the write of the row by which the sweeper finds the open order."""
    values = {
        **keys.open_row(order.order_id),
        **keys.in_queue("open", next_look.next_look(order, at), order.order_id, "0"),
        "order_id": order.order_id,
        "relayed": 0,
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(order.order_id))


def earlier_look_write(order: Order, look: datetime) -> Write:
    """Return the write by which the sweeper looks at an open order earlier, because this version has an earlier deadline."""
    values: dict[str, Any] = {
        **keys.in_queue("open", look, order.order_id, "0"),
        "order_id": order.order_id,
        "latest": order.version,
    }
    return _row_update(order, 0, values)


def reopened_row_write(order: Order, before: int, at: datetime) -> Write:
    """Return the write by which the sweeper finds a completed order until its new event is on the bus. `before` is the
    version before the event."""
    values: dict[str, Any] = {
        **keys.in_queue("open", at + next_look.SOON, order.order_id, "0"),
        "order_id": order.order_id,
        "latest": order.version,
    }
    return _row_update(order, before, values)


def _row_update(order: Order, relayed: int, values: dict[str, Any]) -> Write:
    """Return the write that sets these values of an open row. A row that is missing is made anew, with its events up to
    `relayed` on the bus."""
    return transaction.update(
        settings.orders_table,
        keys.open_row(order.order_id),
        "SET relayed = if_not_exists(relayed, :relayed), " + ", ".join(f"{name} = :{name}" for name in values),
        StaleOrder(order.order_id),
        relayed=relayed,
        **values,
    )
