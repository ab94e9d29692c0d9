"""
Count the earlier orders of a customer, an e-mail, a phone or an address, for hold rules on velocity.

Each order puts a row for each of these that a hold type asks about, in its own transaction. A row is found by a keyed hash, so
that the table has the order's total beside no name. A change that makes the total higher puts the rows again; nothing takes value
off, so that cancels make no room for further orders. Rows end after 90 days.

Each new order raises a number beside the rows that it was judged by, under the condition that it is still the one that was read.
So of orders that come at once, each sees those that were stored before it.

Called by   functions/intake; comanda.aws.customers.customer_erasure, which deletes the rows
Returns     writes, and counts of earlier orders
Raises      Throttled
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from comanda.aws.customers import customers
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import secret
from comanda.aws.runtime.concurrently import run_concurrently
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.errors import OrderBeside, StaleOrder
from comanda.domain.orders import identities
from comanda.domain.orders.hold_rules import ADDRESS, CUSTOMER, EMAIL, PHONE, EarlierOrders
from comanda.domain.orders.order import Order

KEPT = timedelta(days=90)
_MOST = 200  # rows of one kind that are read: the newest, so that a rule about the last hour sees its orders


type Rows = list[tuple[datetime, int, str]]  # (time, total, currency) of orders
type Identities = Mapping[str, Sequence[str]]  # by kind: an order has one of each, and an address for each destination


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """The orders of each identity by its kind, and how many were counted under it."""

    rows: dict[str, list[Rows]] = field(default_factory=dict)
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)


def texts_of(
    order: Order, contact: Mapping[str, Any], kinds: Collection[str] = (CUSTOMER, EMAIL, PHONE, ADDRESS)
) -> dict[str, tuple[str, ...]]:
    """Return what an order counts under: its customer, e-mail, phone and addresses, as far as it has them, by kind."""
    customer = contact.get("customer", {})
    email, found = identities.email(customer.get("email") or ""), dict[str, Iterable[str]]()
    if CUSTOMER in kinds:
        # A guest is known by the e-mail, in all channels; a channel's own id is the channel's word.
        found[CUSTOMER] = (_guest(order, email) or f"{order.channel}/{order.customer_id}",)
    if EMAIL in kinds:
        found[EMAIL] = filter(None, (email,))
    if PHONE in kinds:
        found[PHONE] = filter(None, (identities.phone(customer.get("phone") or ""),))
    if ADDRESS in kinds:
        found[ADDRESS] = dict.fromkeys(map(folded, customers.delivered_to(contact)))
    return {kind: texts for kind, of_kind in found.items() if (texts := tuple(of_kind))}


def _guest(order: Order, email: str) -> str:
    return (email or order.customer_id) if ids.is_guest(order.customer_id) else ""


def folded(address: Mapping[str, Any]) -> str:
    """Return what tells addresses apart, spelt in one way."""
    return identities.address(
        *(address.get(name) or "" for name in ("country", "postal_code", "city", "line1", "line2"))
    )


def spelt_before(order: Order, contact: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what an order counted under before identities were spelt in one way: an erasure deletes these rows, too."""
    customer = contact.get("customer", {})
    own_id = order.customer_id if ids.is_guest(order.customer_id) else f"{order.channel}/{order.customer_id}"
    email, phone = (customer.get("email") or "").strip().casefold(), re.sub(r"\D", "", customer.get("phone") or "")
    return {
        CUSTOMER: (own_id,),
        EMAIL: (email,),
        PHONE: (phone,),
        ADDRESS: tuple(map(_address_before, customers.delivered_to(contact))),
    }


def _address_before(address: Mapping[str, Any]) -> str:
    fields = (address.get(name) or "" for name in ("country", "postal_code", "city", "line1", "line2"))
    plain = unicodedata.normalize("NFKD", "|".join(fields)).casefold()
    return "".join(letter for letter in plain if letter.isalnum() or letter == "|")


def hashed(texts_by_kind: Identities) -> dict[str, tuple[str, ...]]:
    """Return the keyed hash of each identity, by kind. The identities are folded already: equal ones are spelt alike."""
    return {
        kind: tuple(secret.sign(f"velocity-{kind}", text)[:32] for text in texts)
        for kind, texts in texts_by_kind.items()
    }


def writes(order: Order, hashes: Identities) -> list[Write]:
    """Return the writes that count a new order. `hashes` are keyed ones by kind."""
    refused = StaleOrder(order.order_id)
    return [
        transaction.put_once(settings.customers_table, _row(order, kind, identity, order.totals.total), refused)
        for kind, of_kind in hashes.items()
        for identity in of_kind
    ]


def writes_of_count(order: Order, counted: Counted, kinds: Collection[str]) -> list[Write]:
    """Return the writes that refuse a new order whose identities of these kinds have further orders by now. Each raises
    OrderBeside."""
    ends = int((order.placed_at + KEPT).timestamp())
    return [
        transaction.put(
            settings.customers_table,
            {**keys.velocity_count(kind, identity), "number": number + 1, "ttl": ends},
            OrderBeside(),
            **_still(number),
        )
        for (kind, identity), number in counted.numbers.items()
        if kind in kinds
    ]


def _still(number: int) -> dict[str, Any]:
    if not number:
        return {"condition": "attribute_not_exists(pk)"}
    return {"condition": "#number = :read", "n_number": "number", "read": number}


def _row(order: Order, kind: str, identity: str, total: int) -> dict[str, Any]:
    return {
        **keys.velocity(kind, identity, order.placed_at, order.order_id),
        "total": total,
        "currency": order.currency,
        "ttl": int((order.placed_at + KEPT).timestamp()),
    }


def writes_of_change(order: Order, known: Identities, hashes: Identities, *, dearer: bool) -> list[Write]:
    """Return the writes that count a changed order under identities that are not known of it, and its higher total under all.

    An order counts with the highest total that it had. Nothing else writes its rows, so what is read here stays true until the
    order is saved in the same transaction.
    """
    asked = [
        (kind, identity)
        for kind, of_kind in hashes.items()
        for identity in of_kind
        if dearer or identity not in known.get(kind, ())
    ]
    stored = [keys.velocity(kind, identity, order.placed_at, order.order_id) for kind, identity in asked]
    found = reads.batch(settings.customers_table, stored)
    totals = {row["pk"]: int(row["total"]) for row in found} if stored else {}
    refused = StaleOrder(order.order_id)
    return [
        transaction.put(
            settings.customers_table,
            _row(order, kind, identity, max(order.totals.total, totals.get(key["pk"], 0))),
            refused,
        )
        for (kind, identity), key in zip(asked, stored, strict=True)
    ]


def earlier(
    hashes: Identities, hours: Mapping[str, int], at: datetime, except_order: str = ""
) -> dict[str, list[Rows]]:
    """Return (time, total, currency) of the orders before a time, for each identity of a kind. `hours` are the longest that a
    rule asks about; `except_order` is the id of an order that does not count."""
    return _read(hashes, hours, at, keys.after_time(at), except_order).rows


def counted(hashes: Identities, hours: Mapping[str, int], at: datetime) -> Counted:
    """Return the orders that a new order of this time is judged by, also those that came after it and were stored before it."""
    return _read(hashes, hours, at, keys.velocity_count("", "")["sk"], "")


def _read(hashes: Identities, hours: Mapping[str, int], at: datetime, until: str, except_order: str) -> Counted:
    asked = [(kind, identity) for kind in hours for identity in hashes.get(kind, ())]
    steps = [
        partial(_orders_of, kind, identity, at - timedelta(hours=hours[kind]), until, except_order)
        for kind, identity in asked
    ]
    # Threads cost more than they save for one read.
    read = [step() for step in steps] if len(steps) < 2 else [step() for step in run_concurrently(steps)]
    found = Counted()
    for (kind, identity), (of_identity, number) in zip(asked, read, strict=True):
        found.rows.setdefault(kind, []).append(of_identity)
        found.numbers[kind, identity] = number
    return found


def _orders_of(kind: str, identity: str, since: datetime, until: str, except_order: str) -> tuple[Rows, int]:
    """Return the orders of an identity, and how many were counted under it if `until` includes that."""
    found = reads.query(
        settings.customers_table,
        "pk = :pk AND sk BETWEEN :since AND :until",
        consistent=True,
        only=("sk", "total", "currency", "number"),
        together=_MOST + 1,
        newest=True,
        pk=keys.velocity_page(kind, identity),
        since=keys.time(since),
        until=until,
    )
    rows: Rows = []
    number = 0
    for row in found:
        if keys.is_velocity_count(row):
            number = int(row["number"])
            continue
        placed_at, order_id = keys.order_of_velocity(row)
        if order_id != except_order:
            rows.append((placed_at, int(row["total"]), row["currency"]))
        if len(rows) == _MOST:
            break
    return rows, number


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
