"""
Store the task tokens of waiting states, and the row by which the sweeper finds every open order.

Called by   functions/wait, release and conduct for tokens; functions/relay, sweep and invoice for the row
Raises      the edge of a state that has its answer already

Park, then look: a state writes its token and then reads the order. Act, then look: `conduct` reads the token after the
fact was written. At least one of the two sees the other, so no answer is lost.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.dynamodb.items import item
from comanda.aws.orders import orders, saga
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain import errors
from comanda.domain.errors import ComandaError
from comanda.domain.lifecycle import closing, next_look
from comanda.domain.orders.order import Order
from comanda.domain.orders.verdict import verdict

_EDGES: dict[str, type[ComandaError]] = {
    edge.__name__: edge
    for edge in (
        errors.Settled,
        errors.Provided,
        errors.RouteAgain,
        errors.Declined,
        errors.Cancelled,
        errors.Silent,
        errors.Shipped,
        errors.Resolved,
        errors.HeldNow,
        errors.Packed,
    )
}


def write_token(event: dict[str, Any], now: datetime) -> None:
    """Store the token of a state that waits. The event is {"order_id", "wait", "state", "token"}."""
    values = {
        **keys.token(event["order_id"], event["wait"]),
        "order_id": event["order_id"],
        "wait": event["wait"],
        "state": event["state"],
        "token": event["token"],
        "at": keys.time(now),
    }
    client("dynamodb").put_item(TableName=settings.orders_table, Item=item(values))


def tokens(order_id: str) -> list[dict[str, Any]]:
    """Return {"wait", "state", "token"} of each waiting state of the order's machines."""
    return orders.children(order_id, keys.TOKENS)


def delete_token(order_id: str, wait: str, token: str) -> None:
    """Delete a token that was answered, unless the state has stored another one since."""
    row = keys.token(order_id, wait)
    single_writes.delete(settings.orders_table, row, condition="#parked = :token", n_parked="token", token=token)


def raise_known_edge(state: str, wait: str, order: Order) -> None:
    """Raise the edge that the state has to take, when the order already has its answer."""
    answer = verdict(state, wait, order)
    if answer is not None:
        raise _EDGES[answer]


def set_next_look(order: Order, now: datetime) -> None:
    """Set when the sweeper looks at an open order next. A closed order stays closed.

    Nothing is set if a later version of the order has set an earlier look in the meantime.
    """
    index_key = keys.in_queue("open", next_look.next_look(order, now), order.order_id, "0")
    single_writes.update(
        settings.orders_table,
        keys.open_row(order.order_id),
        "SET gsi3sk = :sk",
        condition="attribute_exists(pk) AND (attribute_not_exists(latest) OR latest <= :version)",
        sk=index_key["gsi3sk"],
        version=order.version,
    )


def _look_soon(order_id: str, now: datetime) -> None:
    single_writes.update(
        settings.orders_table,
        keys.open_row(order_id),
        "SET gsi3sk = :sk",
        condition="attribute_exists(pk)",
        sk=keys.in_queue("open", now + next_look.SOON, order_id, "0")["gsi3sk"],
    )


def mark_relayed(order_id: str, first: int, last: int) -> None:
    """Note that the order's events `first` to `last` are on the bus, if all events before them are.

    Otherwise the mark stays before the gap, and the next look publishes the gap with all events after it.
    """
    single_writes.update(
        settings.orders_table,
        keys.open_row(order_id),
        "SET relayed = :last",
        condition="attribute_exists(pk) AND relayed < :last AND relayed >= :before",
        last=last,
        before=first - 1,
    )


def open_row(order_id: str) -> dict[str, Any] | None:
    """Return the row {"relayed": version} of an open order, None for a closed order."""
    return reads.get(settings.orders_table, keys.open_row(order_id))


def all_mailed(order_id: str, shipments: Iterable[int]) -> bool:
    """Return whether the customer was mailed about each of these shipments, or has no address to mail to."""
    return closing.all_mailed(shipments, _mailed(order_id))


def _mailed(order_id: str) -> set[str]:
    """Return the names of the mails to the customer that were sent, or that have no address to go to."""
    rows = (mail["sk"] for mail in orders.children(order_id, keys.MAILS) if mail["state"] != "claimed")
    return {sk.removeprefix(keys.MAILS).removesuffix("#customer") for sk in rows if sk.endswith("#customer")}


def forget_if_done(order_id: str, version: int, shipments: Iterable[int], now: datetime) -> bool:
    """Take a completed order off the sweeper's list, and return True, when nothing of the order is left to do.

    All events must be on the bus, the mails of the shipments sent, the money operations done, and no plan unfinished.
    Otherwise set the next look to soon and return False.
    """
    row = open_row(order_id)
    if row is None:
        return True
    is_done = closing.may_forget(
        version=version,
        relayed=row["relayed"],
        shipments=shipments,
        mailed=_mailed(order_id),
        money=[operation["state"] for operation in orders.children(order_id, keys.MONEY)],
        plans=saga.unfinished(order_id),
    )
    if not is_done:
        _look_soon(order_id, now)
        return False
    # An event that came in between names its version: then the row is kept. A plan that began has a row of its own.
    return single_writes.delete(
        settings.orders_table,
        keys.open_row(order_id),
        condition="gsi3sk = :seen AND (attribute_not_exists(latest) OR latest <= :version)",
        seen=row["gsi3sk"],
        version=version,
    )
