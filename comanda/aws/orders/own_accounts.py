"""
Move money between an order and accounts of gift cards and store credit, in the transaction that saves the order.

An account has one write for all that the version moves on it. So the money of one account may pay and come back in one decision.

Called by   comanda.aws.orders.orders, for orders with payments by such accounts
Returns     writes; that of an account which cannot pay is refused with Invalid, and says nothing of why
Raises      nothing
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.books.by_account import by_account
from comanda.domain.days import utc_day
from comanda.domain.errors import Invalid, StaleOrder
from comanda.domain.gift_cards import account, expiry, movements
from comanda.domain.gift_cards.movements import Entry, Purpose
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order

# The account may pay today, and has what is needed of it.
_MAY_PAY = (
    "balance >= :needed AND currency = :currency AND attribute_not_exists(frozen)"
    " AND (attribute_not_exists(expires_on) OR expires_on >= :today OR returned_until >= :today)"
)


def writes(before: Order | None, order: Order, decision: Decision) -> Iterator[Write]:
    """Yield the writes of what this version moves on accounts of ours."""
    at = decision.event.at
    for account_id, entries in by_account(movements.of_version(before, order, decision.money)).items():
        yield _account_write(account_id, order, entries, at)
        for entry in entries:
            yield _entry_write(entry, order, decision)


def _account_write(account_id: str, order: Order, entries: Sequence[Entry], at: datetime) -> Write:
    moved = sum(entry.amount for entry in entries)
    pays = [entry for entry in entries if entry.purpose is Purpose.REDEEM]
    expression, values = "SET balance = balance + :moved", dict[str, Any](moved=moved)
    if len(pays) < len(entries):
        until = (at + account.GRACE).date()
        expression += ", returned_until = :until, gsi3pk = :page, gsi3sk = :look"
        look = keys.account_look(account_id, expiry.first_look(until))
        values |= {"until": until.isoformat(), "page": look["gsi3pk"], "look": look["gsi3sk"]}
    if not pays:
        return transaction.update(
            settings.orders_table, keys.account(account_id), expression, StaleOrder(order.order_id), **values
        )
    return transaction.update(
        settings.orders_table,
        keys.account(account_id),
        expression,
        Invalid(account.not_usable(pays[0].place or 0, order.payments[pays[0].number - 1].method)),
        condition=_MAY_PAY,
        **values,
        needed=max(0, -moved),
        currency=order.currency,
        today=utc_day(at),
    )


def _entry_write(entry: Entry, order: Order, decision: Decision) -> Write:
    values = {
        **keys.order_entry(entry.account_id, order.order_id, entry.purpose, entry.number),
        "purpose": entry.purpose,
        "amount": entry.amount,
        "currency": order.currency,
        "order_id": order.order_id,
        "by": decision.event.actor,
        "at": views.time(decision.event.at),
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(order.order_id))
