"""
Claim an item of a queue of orders for ten minutes, claim the most urgent one that nobody has, and give a claim back.

Called by   functions/intake/handler.py: POST /v1/queues/{queue}/claim and the claim and release of an item
Returns     the item as it is now
Raises      NotFound for a queue or an item that does not exist, NotAllowed for a queue of transfers; Claimed while another
            caller has the item
"""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.contracts import Nothing
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.dynamodb import list_pages, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import claims
from comanda.aws.orders.orders import TRIES
from comanda.aws.runtime import clock, deadline
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.errors import NotAllowed, StaleOrder
from comanda.domain.orders import queues
from comanda.domain.orders.claims import new_claim, require_free
from functions.intake.queues import queue_contract, queue_items
from functions.intake.queues.queue_items import ItemId

type Change = Callable[[dict[str, Any]], tuple[Write, dict[str, Any]]]  # row -> the write, and the row after it


def claim_item(event: dict[str, Any], queue: str, item_id: str) -> Response[str]:
    """Claim an item, or begin the ten minutes of the caller's own claim anew."""
    who, now = caller(event), clock.now()
    wanted = _parse(who, queue, item_id)

    def claim(row: dict[str, Any]) -> tuple[Write, dict[str, Any]]:
        return _claim(row, wanted, who, now)

    return _change(event, who, wanted, claim, now)


def release_item(event: dict[str, Any], queue: str, item_id: str) -> Response[str]:
    """Give a claim back. An item that the caller has not claimed, or no longer, stays as it is."""
    who, now = caller(event), clock.now()
    wanted = _parse(who, queue, item_id)

    def release(row: dict[str, Any]) -> tuple[Write, dict[str, Any]]:
        require_free(claims.claim_of(row), who.id, now, names=who.office)
        free = {name: value for name, value in row.items() if name not in ("claimed_by", "claimed_until")}
        return claims.release_write(wanted.order_id, wanted.item, who.id, now), free

    return _change(event, who, wanted, release, now)


def claim_next(event: dict[str, Any], queue: str) -> Response[str]:
    """Claim the most urgent item that nobody has, also not the caller. The item is null when there is none."""
    who, now = caller(event), clock.now()
    _require_claimable(who, queue)
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        node = http.read(event, queue_contract.NextIn).node_id
        queue_items.require_node(who, queue, node)
        if not any(_claimed(request, row, who, now) for row in _unclaimed(queue, node, now)):
            transaction.commit([request.record(Answer(status=200, body={"item": None}))])
    return request.response()


def _require_claimable(who: Caller, queue: str) -> None:
    """Raise NotFound for a queue that is not the caller's, NotAllowed for one whose items are not an order's."""
    queue_items.require_queue(who, queue, "orders/write")
    if queue in queues.OF_NO_ORDER:
        raise NotAllowed(f"items of {queue} are not claimed: one answer ends them")


def _parse(who: Caller, queue: str, item_id: str) -> ItemId:
    _require_claimable(who, queue)
    return queue_items.parse(queue, item_id)


def _change(event: dict[str, Any], who: Caller, wanted: ItemId, change: Change, now: datetime) -> Response[str]:
    """Change the claim of an item, and answer with the item. When another caller was faster, it is decided again."""
    with idempotency.begin(
        event, who, settings.orders_table, now, require_own=lambda: queue_items.load(wanted, who)
    ) as request:
        http.read(event, Nothing)

        def change_and_save() -> None:
            write, after = change(queue_items.load(wanted, who))
            (item,) = queue_items.shown([after], who, now)
            transaction.commit([request.record(Answer(status=200, body=item)), write])

        retry(TRIES, change_and_save, on=StaleOrder)
    return request.response()


def _claim(row: dict[str, Any], wanted: ItemId, who: Caller, now: datetime) -> tuple[Write, dict[str, Any]]:
    claim = new_claim(claims.claim_of(row), who.id, now, names=who.office)
    after = {**row, "claimed_by": claim.by, "claimed_until": views.time(claim.until)}
    return claims.claim_write(wanted.order_id, wanted.item, claim, now), after


def _unclaimed(queue: str, node: str | None, now: datetime) -> Iterator[dict[str, Any]]:
    """Yield the items of a queue that nobody has, the most urgent first. The index may be a moment behind."""
    after: str | None = ""
    while after is not None:
        deadline.check()
        rows, after = queue_items.page(queue, node, None, after, list_pages.USUAL)
        for row in rows:
            claim = claims.claim_of(row)
            if claim is None or not claim.lives(now):
                yield row


def _claimed(request: IdempotentRequest, row: dict[str, Any], who: Caller, now: datetime) -> bool:
    """Claim an item and record the answer. Return False when another caller was faster, or the item is gone."""
    wanted = ItemId(order_id=row["order_id"], queue=row["queue"], name=row["item"])
    write, after = _claim(row, wanted, who, now)
    (item,) = queue_items.shown([after], who, now)
    try:
        transaction.commit([request.record(Answer(status=200, body={"item": item})), write])
    except StaleOrder:
        return False
    return True
