"""
Count the earlier orders of a customer, an e-mail, a phone or an address, for hold rules on velocity.

Each order puts a row for each of these that a hold type asks about, in its own transaction. A row is found by a keyed hash, so
that the table has the order's channel and total beside no name. Rows end after 90 days.

Called by   functions/intake; comanda.aws.customers.customer_erasure, which deletes the rows
Returns     writes, and counts of earlier orders
Raises      Throttled
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import secret
from comanda.aws.runtime.concurrently import run_concurrently
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import StaleOrder
from comanda.domain.orders.hold_rules import ADDRESS, CUSTOMER, EMAIL, PHONE, EarlierOrders
from comanda.domain.orders.order import Order

KEPT = timedelta(days=90)
_MOST = 200  # rows that are read of one kind: a customer with more orders than that is beyond every limit


def texts_of(order: Order, contact: Mapping[str, Any]) -> dict[str, str]:
    """Return what an order counts under: its customer, e-mail, phone and address, as far as it has them, by kind."""
    customer, delivered = contact.get("customer", {}), delivered_to(contact)
    found = {
        # A guest's id is made of the e-mail, and is the same in all channels; a channel's own id is the channel's word.
        CUSTOMER: order.customer_id if order.customer_id.startswith("g_") else f"{order.channel}/{order.customer_id}",
        EMAIL: (customer.get("email") or "").strip().casefold(),
        PHONE: re.sub(r"\D", "", customer.get("phone") or ""),
        ADDRESS: folded(delivered[0]) if delivered else "",
    }
    return {kind: text for kind, text in found.items() if text}


def delivered_to(contact: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the addresses of the order: its own, if it has one, and those of its lines."""
    return [address for address in (contact.get("ship_to"), *contact.get("ship_tos", ())) if address]


def folded(address: Mapping[str, Any]) -> str:
    """Return what tells addresses apart, spelt in one way: letters without accents, digits, and no case."""
    fields = (address.get(name) or "" for name in ("country", "postal_code", "city", "line1", "line2"))
    plain = unicodedata.normalize("NFKD", "|".join(fields)).casefold()
    return "".join(letter for letter in plain if letter.isalnum() or letter == "|")


def hashed(identities: Mapping[str, str]) -> dict[str, str]:
    """Return the keyed hash of each identity, by kind. The identities are folded already: equal ones are spelt alike."""
    return {kind: secret.sign(f"velocity-{kind}", text)[:32] for kind, text in identities.items()}


def writes(order: Order, identities: Mapping[str, str]) -> list[Write]:
    """Return the writes that count a new order. `identities` are keyed hashes by kind."""
    refused = StaleOrder(order.order_id)
    return [
        transaction.put_once(settings.customers_table, _row(order, kind, identity), refused)
        for kind, identity in identities.items()
    ]


def _row(order: Order, kind: str, identity: str) -> dict[str, Any]:
    return {
        **keys.velocity(kind, identity, order.placed_at, order.order_id),
        "total": order.totals.total,
        "currency": order.currency,
        "ttl": int((order.placed_at + KEPT).timestamp()),
    }


def writes_of_address(order: Order, identities: Mapping[str, str]) -> list[Write]:
    """Return the write that counts an order under another address than the one that it came with. An order that goes back to
    an earlier address is counted there already."""
    refused = StaleOrder(order.order_id)
    return [
        transaction.put(settings.customers_table, _row(order, kind, identity), refused)
        for kind, identity in identities.items()
        if kind == ADDRESS
    ]


def earlier(
    identities: Mapping[str, str], hours: Mapping[str, int], at: datetime, except_order: str = ""
) -> dict[str, list[tuple[datetime, int, str]]]:
    """Return (time, total, currency) of the orders before a time, by kind. `hours` are the longest that a rule asks about;
    `except_order` is the id of an order that does not count."""
    asked = [kind for kind in hours if kind in identities]
    steps = [
        partial(_orders_of, kind, identities[kind], at - timedelta(hours=hours[kind]), at, except_order)
        for kind in asked
    ]
    if len(asked) < 2:  # threads cost more than they save
        return {kind: step() for kind, step in zip(asked, steps, strict=True)}
    return {kind: rows() for kind, rows in zip(asked, run_concurrently(steps), strict=True)}


def _orders_of(
    kind: str, identity: str, since: datetime, until: datetime, except_order: str
) -> list[tuple[datetime, int, str]]:
    found = reads.query(
        settings.customers_table,
        "pk = :pk AND sk BETWEEN :since AND :until",
        consistent=True,
        only=("sk", "total", "currency"),
        together=_MOST,
        pk=keys.velocity_page(kind, identity),
        since=keys.time(since),
        until=keys.after_time(until),
    )
    rows = []
    for row in found:
        placed_at, order_id = keys.order_of_velocity(row)
        if order_id != except_order:
            rows.append((placed_at, int(row["total"]), row["currency"]))
        if len(rows) == _MOST:
            break
    return rows


def within(rows: Iterable[tuple[datetime, int, str]], at: datetime, hours: int) -> EarlierOrders:
    """Return the count and the totals of the rows of the hours before a time."""
    since = at - timedelta(hours=hours)
    orders = 0
    totals: dict[str, int] = {}
    for placed_at, total, currency in rows:
        if placed_at >= since:
            orders += 1
            totals[currency] = totals.get(currency, 0) + total
    return EarlierOrders(orders=orders, totals=totals)
