"""
Bind an order to the promise and the reservation that it names: it takes the reserved units.

A confirmed order keeps its reservation without a time limit. An order that ends before it was routed gives it back
(`comanda.aws.reservations.of_order`). In between the router takes the reserved units.

Called by   functions/intake/orders.py, for new orders and for confirmed drafts
Raises      Invalid for a reservation or promise that does not exist, is not the caller's, or has ended

Few orders name one of them, so the functions that need the code of reservations and promises import it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from comanda.aws.dynamodb.transaction import Write
from comanda.aws.reservations import of_order
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order, Promised

if TYPE_CHECKING:
    from comanda.domain.reservations.reservations import Reservation


def add_to(
    order: Order,
    reservation_id: str | None,
    promise_id: str | None,
    option_id: str | None,
    owner: str | None,
    now: datetime,
) -> Order:
    """Return the order with its reservation and its promise. They must be the `owner`'s; None: it was checked whose they are.

    `option_id` names the promise's option. Without it the option is the one with the order's methods, services and nodes.
    """
    if reservation_id:
        kept = _live(reservation_id, owner, order.order_id, now)
        if kept.channel not in (None, order.channel):
            raise _wrong("/reservation_id", "another-channel", f"keeps units for the channel {kept.channel}")
        if {line.sku for line in kept.lines}.isdisjoint(line.sku for line in order.lines if not line.is_provided):
            raise _wrong("/reservation_id", "another-basket", "keeps nothing that is ordered")
        order = replace(order, reservation_id=reservation_id)
    if not promise_id:
        return order
    from comanda.aws.routing import promises

    try:
        found = promises.load(promise_id, owner, now)
    except NotFound as error:
        raise _wrong("/promise_id", "unknown-promise", str(error)) from error
    wanted = dict(order.requested)
    # The promise was made for this day, even if the order does not name it.
    if (day := found.get("not_before")) is not None:
        wanted.setdefault("not_before", day)
    promised = _promised(order, found, promise_id, option_id)
    return replace(order, promised=promised, requested=tuple(wanted.items()))


def _promised(order: Order, found: Mapping[str, Any], promise_id: str, option_id: str | None) -> Promised | None:
    """Return what was promised, or None when no option has the order's mixture of methods and services."""
    if found["channel"] != order.channel:
        raise _wrong("/promise_id", "another-channel", f"was made for the channel {found['channel']}")
    sent = [line for line in order.lines if not line.is_provided]  # a promise is about goods
    if _basket(found["lines"].values()) != _basket((line.sku, line.quantity) for line in sent):
        raise _wrong("/promise_id", "another-basket", "was asked for other units than are ordered")
    if option_id is not None and option_id not in found["options"]:
        raise _wrong("/option_id", "unknown-option", f"{promise_id} has no option {option_id}")
    words = {(line.method, line.service, line.node_id) for line in sent}
    for name in sorted(found["options"], key=lambda name: (name != found["recommended"], name)):
        option = found["options"][name]
        nodes = tuple(sorted({f["node"] for f in option["fulfillments"]}))
        store = nodes[0] if option["method"] == PICKUP and nodes else None
        if name == option_id or (option_id is None and words == {(option["method"], option["service"], store)}):
            return Promised(
                promise_id=promise_id,
                option_id=name,
                deliver_on=option["deliver_on"],
                zone=option["zone"] or "",
                nodes=nodes,
            )
    return None


def _basket(rows: Iterable[tuple[str, int]]) -> Counter[str]:
    sums = Counter[str]()
    for sku, quantity in rows:
        sums[sku] += quantity
    return sums


def _wrong(pointer: str, code: str, message: str) -> Invalid:
    return Invalid(Problem(pointer=pointer, code=code, message=message))


def keep_reservation(decision: Decision, owner: str | None, now: datetime) -> tuple[Decision, list[Write]]:
    """Keep the reservation of a new order for it from now on, unless the order is a draft."""
    order = decision.order
    if order.reservation_id is None:
        return decision, []
    found = _live(order.reservation_id, owner, order.order_id, now)
    return (decision, []) if order.draft else of_order.keep(decision, found, now)


def _live(reservation_id: str, owner: str | None, order_id: str, now: datetime) -> "Reservation":
    """Return the owner's reservation. Raises Invalid when it does not exist, has ended, or belongs to another order."""
    from comanda.aws.reservations import reservations
    from comanda.domain.reservations.reservations import (
        ReservationEnded,
        ReservationExpired,
        ReservationPending,
        require_live,
    )

    try:
        found = reservations.load(reservation_id, owner)
        require_live(found, now, order_id)
    except (NotFound, ReservationExpired, ReservationEnded, ReservationPending) as error:
        code = "unknown-reservation" if isinstance(error, NotFound) else error.code
        raise Invalid(Problem(pointer="/reservation_id", code=code, message=str(error))) from error
    return found
