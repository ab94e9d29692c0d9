"""
Find what our orders moved with payments, in pages of keys: no payment is asked for by itself.

Called by   comanda.aws.books.settlements, missing_settlements
Returns     the money of payments, and of single operations, with the keys of its rows
Raises      Throttled
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.runtime.settings import settings
from comanda.domain.orders.tender import REFERENCE
from comanda.domain.payments.operation import ENDED, Purpose, State
from comanda.domain.reconciliation.settlement import OurMoney, OurMovement

_PURPOSES = (Purpose.CAPTURE, Purpose.REFUND, "release", Purpose.AUTHORIZE)  # of the operations of an order
_AT_ONCE = 3  # numbers of operations that are asked for; most orders have no more
_MOST = 999

type OperationName = tuple[str, str, int]  # order id, purpose, number


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Hold what an order moved with a payment. `unsettled` has the keys of rows that the sweeper still looks at."""

    order_id: str
    money: OurMoney
    unsettled: tuple[keys.Key, ...] = ()


def of_payments(provider: str, references: Iterable[str]) -> dict[str, Found]:
    """Return what was moved with each payment of a provider that an order has, by the provider's reference."""
    pays = {keys.payment(provider, name)["pk"]: name for name in references}
    wanted = [{"pk": pk, "sk": keys.HEADER} for pk in pays]
    orders = {pays[row["pk"]]: row["order_id"] for row in reads.batch(settings.orders_table, wanted)}
    rows = _operations(set(orders.values()))
    return {
        name: _found(order_id, [row for row in rows[order_id] if _is_of(row, provider, name)])
        for name, order_id in orders.items()
    }


def _is_of(row: Mapping[str, Any], provider: str, reference: str) -> bool:
    """Return True for an operation of a payment. Rows of the past have no provider."""
    return (row.get("provider", REFERENCE), row.get("reference")) == (provider, reference)


def of_operations(names: Iterable[OperationName]) -> dict[OperationName, Found]:
    """Return what single operations of the shop moved. Those that do not exist, or are of a provider, are left out."""
    wanted = {keys.money(*name)["pk"] + keys.money(*name)["sk"]: name for name in names}
    rows = reads.batch(settings.orders_table, [keys.money(*name) for name in wanted.values()])
    found = {wanted[row["pk"] + row["sk"]]: row for row in rows if row.get("provider", REFERENCE) == REFERENCE}
    return {name: _found(name[0], [row]) for name, row in found.items()}


def _operations(orders: set[str]) -> dict[str, list[Mapping[str, Any]]]:
    """Return the operations of orders, in the order of their numbers. Their numbers have no gap, whatever their purpose."""
    found: dict[str, list[Mapping[str, Any]]] = {order_id: [] for order_id in orders}
    first, left = 1, set(orders)
    while left and first <= _MOST:
        numbers = range(first, first + _AT_ONCE)
        wanted = [keys.money(o, purpose, n) for o in sorted(left) for purpose in _PURPOSES for n in numbers]
        left = set()
        for row in reads.batch(settings.orders_table, wanted):
            order_id = keys.order_id_of(row)
            found[order_id].append(row)
            if row["number"] == numbers[-1]:
                left.add(order_id)
        first += _AT_ONCE
    return {order_id: sorted(rows, key=lambda row: row["number"]) for order_id, rows in found.items()}


def _found(order_id: str, rows: Iterable[Mapping[str, Any]]) -> Found:
    chosen = [row for row in rows if row["purpose"] in (Purpose.CAPTURE, Purpose.REFUND) or _is_paid_at_once(row)]
    done = [row for row in chosen if row["state"] == State.DONE]
    under_way = [row for row in chosen if row["state"] not in ENDED or row["state"] == State.QUEUED]
    movements = [_movement(row, datetime.fromisoformat(row.get("sent_at") or row["at"])) for row in done]
    movements += [_movement(row, None) for row in under_way]
    return Found(
        order_id=order_id,
        money=OurMoney(currency=chosen[0]["currency"] if chosen else "", movements=tuple(movements)),
        unsettled=tuple({"pk": row["pk"], "sk": row["sk"]} for row in done if "gsi2pk" in row),
    )


def _is_paid_at_once(row: Mapping[str, Any]) -> bool:
    """Return True for a link that took the customer's money, and did not only authorise it."""
    return row["purpose"] == Purpose.AUTHORIZE and row["state"] == State.DONE and bool(row.get("captured"))


def _movement(row: Mapping[str, Any], done_at: datetime | None) -> OurMovement:
    amount = row["captured"] if row["purpose"] == Purpose.AUTHORIZE else row["amount"]
    return OurMovement(is_refund=row["purpose"] == Purpose.REFUND, amount=amount, done_at=done_at)
