"""
Take a notice of a payment provider once: have the room pay ask the provider about its order, or ask a person about it.

Called by   functions/notices
Returns     nothing
Raises      Throttled (Busy)

A notice is no proof: what it says is not written to any order. It is noted last, so one whose work was cut off does all of it
when it comes again.
"""

from datetime import datetime, timedelta

from aws_lambda_powertools import Logger

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.orders import notice_items, payment_disputes
from comanda.aws.runtime.invoke import start_function
from comanda.aws.runtime.settings import settings
from comanda.domain.payments import notices
from comanda.domain.payments.answer import Notice
from comanda.domain.payments.operation import Purpose

logger = Logger()

_KEPT = timedelta(days=90)  # a provider sends a notice again for some days


def take(provider: str, notice: Notice, now: datetime) -> None:
    """Do what the notice is a reason for, unless it came before."""
    key = keys.provider_event(provider, notice.notice_id)
    if reads.get(settings.orders_table, key) is not None:
        return
    order_id = _order_of(provider, notice.reference) or _order_of_link(notice)
    why = notices.question(notice, order_id)
    if why:
        notice_items.ask(provider, notice, order_id, why, now)
    if order_id is not None and why == notices.DISPUTED:
        payment_disputes.expect(provider, notice.reference, order_id, now)
        start_function(settings.pay_function, {"orders": [order_id], "noticed": True})
    elif not why and order_id is not None and notices.is_reason_to_look(notice):
        start_function(settings.pay_function, {"orders": [order_id], "noticed": True})
    _note(key, now)
    logger.info("provider notice", extra={"happening": notice.happening, "order_id": order_id or "", "asks": why})


def _order_of(provider: str, reference: str) -> str | None:
    """Return the id of the order that a payment pays, None when it pays none."""
    row = reads.get(settings.orders_table, keys.payment(provider, reference)) if reference else None
    return str(row["order_id"]) if row else None


def _order_of_link(notice: Notice) -> str | None:
    """Return the id of the order that asked for the payment of a page: until that is known to be paid it pays none.

    The payment names the operation. A name that no operation has is somebody else's.
    """
    order_id, _, rest = notice.operation_id.partition(f"-{Purpose.AUTHORIZE}-")
    if not rest.isdecimal() or order_id != notice.order_id:
        return None
    row = reads.get(settings.orders_table, keys.money(order_id, Purpose.AUTHORIZE, int(rest)))
    return order_id if row else None


def _note(key: keys.Key, now: datetime) -> None:
    ends = int((now + _KEPT).timestamp())
    single_writes.update(settings.orders_table, key, "SET #ttl = :ttl", n_ttl="ttl", ttl=ends)
