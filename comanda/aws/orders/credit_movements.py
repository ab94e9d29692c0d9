"""
Move money between an order and the credit account of its customer, in the transaction that saves the order.

An account has one write for all that the version moves on it, under the condition that it has the room: so two orders never
spend the same room.

Called by   comanda.aws.orders.orders, for orders with payments on account
Returns     writes; that of an account which cannot pay is refused with Invalid
Raises      nothing
"""

from collections.abc import Iterator, Sequence
from typing import Any

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.books.by_account import by_account
from comanda.domain.credit_accounts import account, movements
from comanda.domain.credit_accounts.movements import CreditPurpose, Entry
from comanda.domain.errors import Invalid, StaleOrder
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order


def writes(before: Order | None, order: Order, decision: Decision) -> Iterator[Write]:
    """Yield the writes of what this version moves on credit accounts."""
    entries = movements.of_version(before, order, decision.money, decision.event.at)
    for account_id, moved in by_account(entries).items():
        yield _account_write(account_id, order, moved)
        for entry in moved:
            yield _entry_write(entry, order, decision)
        yield from _day_writes(account_id, order, moved)


def _account_write(account_id: str, order: Order, entries: Sequence[Entry]) -> Write:
    room = sum(entry.room for entry in entries)
    key, expression = keys.credit_account(account_id), "SET room = room + :room, owed = owed + :owed"
    values: dict[str, Any] = {"room": room, "owed": sum(entry.owed for entry in entries)}
    pays = [entry for entry in entries if entry.purpose is CreditPurpose.REDEEM]
    if not pays:
        return transaction.update(settings.orders_table, key, expression, StaleOrder(order.order_id), **values)
    return transaction.update(
        settings.orders_table,
        key,
        expression,
        Invalid(account.not_usable(pays[0].place or 0)),
        condition="room >= :needed AND frozen = :frozen",
        **values,
        needed=max(0, -room),
        frozen=False,
    )


def _day_writes(account_id: str, order: Order, entries: Sequence[Entry]) -> Iterator[Write]:
    """Yield the writes of the sums by the day until which invoices are to be paid: one for each day."""
    for due_on in sorted({entry.due_on for entry in entries if entry.due_on}):
        of_day = [entry.owed for entry in entries if entry.due_on == due_on]
        yield transaction.update(
            settings.orders_table,
            keys.debt_day(account_id, due_on),
            "SET due_on = :due ADD owed :owed, invoices :count",
            StaleOrder(order.order_id),
            due=due_on.isoformat(),
            owed=sum(of_day),
            count=len(of_day),
        )


def _entry_write(entry: Entry, order: Order, decision: Decision) -> Write:
    due_on = entry.due_on
    values = {
        **(
            keys.debt_entry(entry.account_id, due_on, order.order_id, entry.number)
            if due_on
            else keys.credit_order_entry(entry.account_id, order.order_id, entry.purpose, entry.number)
        ),
        "purpose": entry.purpose,
        "room": entry.room,
        "owed": entry.owed,
        "currency": order.currency,
        "order_id": order.order_id,
        "by": decision.event.actor,
        "at": views.time(decision.event.at),
        **({"due_on": due_on.isoformat(), "invoice": entry.invoice} if due_on else {}),
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(order.order_id))
