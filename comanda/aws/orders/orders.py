"""
Load orders, let a rule decide on an order, and save the decision: the order, its event and all that belongs to it.

Called by   the rooms that read or change orders
Returns     orders as values of the domain; what a rule changed
Raises      NotFound on load; StaleOrder when another process saved the order first; StockConflict, Throttled (Busy)

An order is one item. A decision is written in one transaction, or by a plan (comanda.aws.orders.saga) where it does not fit.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import backorder_rows, capacity, order_items, payment_owners
from comanda.aws.orders.claims import NOTHING_ANSWERED, Answered
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Busy, NotFound, StaleOrder
from comanda.domain.lifecycle import next_look
from comanda.domain.orders import document
from comanda.domain.orders.decision import Decision, Event
from comanda.domain.orders.holds import PAYMENT
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status
from comanda.domain.orders.tender import OWN

if TYPE_CHECKING:  # few decisions are about work that is being picked
    from comanda.aws.orders import pick_sessions

_ROOM = transaction.MOST_ITEMS - 1  # writes of a transaction, beside the write of its plan or a check
TRIES = 3  # decisions on an order before a door answers 503
COLLISIONS = 20  # decisions where another process saved first each time, as when many people work on one order


def load(order_id: str) -> Order:
    """Return the order as it is now, strongly consistent. Raises NotFound."""
    found = find(order_id)
    if found is None:
        raise NotFound("order", order_id)
    return found


def find(order_id: str) -> Order | None:
    """Return the order as it is now, None when there is none."""
    row = reads.get(settings.orders_table, keys.order(order_id))
    return order_of_item(row) if row else None


def order_of_item(row: dict[str, Any]) -> Order:
    """Return the order from the attributes of its item."""
    return document.to_order(unpack(row["doc"]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Saving:
    """A decision, and the writes that belong to it in the same transaction.

    `first` are the writes whose refusal says more than a stale version does: the idempotency record, the natural key.
    `also` are the other writes of the effect. `if_room` are writes that are left out when the transaction is full.
    `answered` are the items of queues that a caller answers, which no other caller may have claimed. `scans` are the pick sessions
    that were read for the decision, by fulfillment.
    """

    decision: Decision
    first: Sequence[Write] = ()
    also: Sequence[Write] = ()
    if_room: Sequence[Write] = ()
    answered: Answered = NOTHING_ANSWERED
    scans: "Mapping[int, pick_sessions.Stored]" = field(default_factory=dict)


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
    decision, scans = _with_scans(before, _up_to_date(before, saving.decision), saving)
    order = decision.saved
    writes = [
        *saving.first,
        order_items.order_write(order),
        order_items.event_write(before, order, decision),
        *order_items.fulfillment_writes(before, order, decision.event.at),
        *order_items.task_writes(before, order, decision, saving.answered),
        *order_items.journal_writes(before, order, decision.event.at),
        *order_items.money_writes(order, decision),
        *payment_owners.writes(before, order, decision.event.at),
        *_own_account_writes(before, order, decision),
        *capacity.writes(order.order_id, decision.capacity),
        *scans,
        *saving.also,
        *_open_row_writes(before, order, decision.event.at),
    ]
    writes += _parcels_that_fit(before, order, decision, _ROOM - len(writes))
    rows = backorder_rows.changed_keys(before, order)
    room = max(0, _ROOM - len(writes))
    writes += backorder_rows.writes(order, rows[:room])
    writes += saving.if_room[: max(0, _ROOM - len(writes))]
    if decision.stock:
        from comanda.aws.orders import saga  # with the code of stock, which an order that is placed does not need

        saga.apply(order.order_id, order.version - 1, decision.stock, writes, decision.event.at)
    else:
        transaction.commit(writes)
    if left := rows[room:]:
        # The order is saved. If this is refused, the next route or sweep of the order writes the rows that are missing.
        with suppress(Busy):
            _write_rows(order, left)
    return order


def _up_to_date(before: Order | None, decision: Decision) -> Decision:
    """Return the decision without what waits for money, if it has ended the reason, without credit that it does not need, and
    with links that ask for what is missing."""
    if any(tender.on_account for tender in decision.order.payments):
        from comanda.domain.billing import unneeded_credit  # few orders are paid on account

        decision = unneeded_credit.released(before, decision)
    if any(tender.requested and tender.asked for tender in decision.order.payments):
        from comanda.domain.lifecycle import payment_links  # few orders are paid by a link

        decision = payment_links.up_to_date(decision)
    if (
        not any(hold.active and hold.type == PAYMENT for hold in decision.order.holds)
        and not decision.order.failed_money
    ):
        return decision
    from comanda.domain.lifecycle.holds import payment_holds  # few orders wait for money

    return payment_holds.up_to_date(decision)


def _with_scans(before: Order | None, decision: Decision, saving: Saving) -> tuple[Decision, Sequence[Write]]:
    """Return the decision with the goods that were scanned in vain, and the writes of the pick sessions that it changes."""
    if before is None or not any(a.status is Status.PICKING for line in before.lines for a in line.allocations):
        return decision, ()
    from comanda.aws.orders import pick_sessions  # few decisions are about work that is being picked

    return pick_sessions.follow(before, decision, saving.scans)


def _open_row_writes(before: Order | None, order: Order, now: datetime) -> list[Write]:
    """Return the write of the row by which the sweeper finds the order, if this version needs another one."""
    if before is None:
        return [order_items.open_row_write(order, now)]
    if before.closed:
        return [order_items.reopened_row_write(order, before.version, now)]
    look = next_look.earlier_look(before, order, now)
    return [] if look is None else [order_items.earlier_look_write(order, look)]


def _own_account_writes(before: Order | None, order: Order, decision: Decision) -> Iterable[Write]:
    if all(tender.provider != OWN for tender in order.payments):
        return ()
    from comanda.aws.orders import own_accounts  # few orders are paid from an account of ours

    found = [*own_accounts.writes(before, order, decision)]
    if any(tender.on_account for tender in order.payments):
        from comanda.aws.orders import credit_movements

        found += credit_movements.writes(before, order, decision)
    return found


def writes_of_new(decision: Decision) -> list[Write]:
    """Return the writes of a new order that another order's decision places. It takes no stock: its machine routes it."""
    order = decision.saved
    return [
        order_items.order_write(order),
        order_items.event_write(None, order, decision),
        *order_items.task_writes(None, order, decision, NOTHING_ANSWERED),
        order_items.open_row_write(order, decision.event.at),
    ]


def _parcels_that_fit(before: Order | None, order: Order, decision: Decision, room: int) -> list[Write]:
    """Return the writes of tracking numbers that fit the transaction. The others are written at once: without their
    order they are found and not shown."""
    parcels = order_items.tracking_writes(before, order, decision.event.at)
    fit = max(0, room - 2 * len(decision.stock))
    for first in range(fit, len(parcels), _ROOM):
        transaction.commit(parcels[first : first + _ROOM])
    return parcels[:fit]


def decide(order_id: str, rule: Callable[[Order], Saving | Decision | None]) -> Saved:
    """Load the order, let the rule decide, and save. When another process saved first, the rule decides again.

    A rule that returns None finds nothing to do. Raises what the rule raises, StaleOrder after 20 tries, and any other Busy
    error after three.
    """
    for attempt in range(COLLISIONS):
        order = load(order_id)
        choice = decided(order, rule)
        if choice is None:
            return Saved(order=order, event=None)
        event = choice.event if isinstance(choice, Decision) else choice.decision.event
        try:
            return Saved(order=save(order, choice), event=event)
        except Busy as error:
            if attempt + 1 >= (COLLISIONS if isinstance(error, StaleOrder) else TRIES):
                raise
    raise AssertionError("unreachable")


def decided(order: Order, rule: Callable[[Order], Saving | Decision | None]) -> Saving | Decision | None:
    """Let the rule decide. If goods are invoiced that have not left, it is called up to three times, and the last time counts."""
    if not (order.papers or any(f.invoiced_ahead for f in order.fulfillments)):
        return rule(order)
    from comanda.aws.orders import invoices  # of sellers that invoice goods before they leave
    from comanda.domain.billing import ahead

    said: list[Saving | Decision | None] = []

    def step(seen: Order) -> Decision | None:
        said.append(rule(seen))
        return said[-1].decision if isinstance(said[-1], Saving) else said[-1]

    decision = ahead.decide(order, lambda: invoices.all_of(order), step)
    last = said[-1]
    return replace(last, decision=decision) if decision is not None and isinstance(last, Saving) else decision


def correct_backorder_rows(order_id: str, row_keys: Iterable[backorder_rows.RowKey]) -> None:
    """Delete the rows at these keys that the order does not have, and write the rows that it has.

    Raises Busy when the order changes at every try.
    """
    _write_rows(load(order_id), list(row_keys))


def repair_backorder_rows(order: Order) -> None:
    """Write the order's rows that are missing, because a process ended after it had saved the order. Raises Busy."""
    wanted = backorder_rows.rows_of_order(order)
    if not wanted:
        return
    there = {(row["pk"], row["sk"]): row for row in reads.batch(settings.stock_table, map(_key, wanted))}
    if wrong := [key for key, row in wanted.items() if there.get(key) != row]:
        _write_rows(order, wrong)


def _key(row_key: backorder_rows.RowKey) -> keys.Key:
    return {"pk": row_key[0], "sk": row_key[1]}


def _write_rows(order: Order, row_keys: list[backorder_rows.RowKey]) -> None:
    """Write the rows at these keys as the order has them, one transaction after the other.

    Each transaction holds only while the order has this version: else it would undo the rows of a later save.
    """
    for attempt in range(TRIES):
        still = order_items.unchanged(order)
        try:
            for first in range(0, len(row_keys), _ROOM):
                transaction.commit([still, *backorder_rows.writes(order, row_keys[first : first + _ROOM])])
        except StaleOrder:
            if attempt == TRIES - 1:
                raise
            order = load(order.order_id)
        else:
            return


def id_of_natural_key(channel: str, external_id: str) -> str | None:
    """Return the id of the order that the channel gave this external id, None when there is none."""
    row = reads.get(settings.orders_table, keys.natural(channel, external_id))
    return str(row["order_id"]) if row else None


def load_task(order_id: str, queue: str, name: str) -> dict[str, Any]:
    """Return the row of the order's task of this name in the queue. Raises NotFound."""
    row = reads.get(settings.orders_table, keys.task(order_id, queue, name))
    if row is None:
        raise NotFound(f"item of queue {queue}", f"{order_id}.{name}")
    return row


def children(order_id: str, prefix: str) -> list[dict[str, Any]]:
    """Return the rows of an order whose sort keys begin with `prefix`, such as `keys.EVENTS`."""
    condition, partition = "pk = :pk AND begins_with(sk, :sk)", keys.order(order_id)["pk"]
    return list(reads.query(settings.orders_table, condition, consistent=True, pk=partition, sk=prefix))
