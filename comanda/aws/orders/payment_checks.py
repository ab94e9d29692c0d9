"""
Ask providers whether the payments that a shop named are authorised for their order, before it is released.

Called by   functions/pay
Returns     nothing; the order knows what was found
Raises      StaleOrder, Throttled (Busy); what `provider` raises

The row by which a payment pays one order alone (`PAY#`) has a place among the open payments until the provider has answered.
"""

from datetime import datetime, timedelta

from comanda.aws.dynamodb import keys, single_writes
from comanda.aws.orders import notice_items, orders, payment_renewals
from comanda.aws.orders.payment_movements import ProviderByName
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain.lifecycle.holds import payment_checks, renewals
from comanda.domain.payments.answer import Answer, Outcome, Payment, Standing, mismatch

_AGAIN = timedelta(minutes=5)  # after a provider did not answer


def check(order_id: str, provider: ProviderByName) -> None:
    """Ask about each payment of an order that is not checked. `provider` returns the provider of a name."""
    order = orders.load(order_id)
    found: dict[int, tuple[str, ...]] = {}
    ends: dict[int, datetime] = {}
    for i, tender in enumerate(order.payments):
        if tender.checked:
            continue
        payment = provider(tender.provider).payment(tender.reference)
        if not isinstance(payment, Answer):
            known = (order.order_id, order.external_id)
            found[i] = mismatch(
                payment,
                orders=known,
                amount=tender.authorized,
                currency=order.currency,
                captured=tender.captured_before,
            )
            if payment.ends_at is not None:
                ends[i] = payment.ends_at
        elif payment.outcome is Outcome.DECLINED:
            found[i] = (payment_checks.UNKNOWN,)
        else:
            _ask_again(order_id, tender.provider, tender.reference)
    if not found:
        return
    saved = orders.decide(order_id, lambda order: payment_checks.decide(order, found, clock.now(), ends)).order
    for tender in saved.payments:
        if tender.checked and tender.outside:
            _end(tender.provider, tender.reference)


def ask_about_open(order_id: str, provider: ProviderByName) -> None:
    """Ask about the authorisations of which an order needs more, because their provider has told that something happened."""
    order, now = orders.load(order_id), clock.now()
    over = [
        i
        for i, tender in enumerate(order.payments)
        if tender.outside and tender.checked and tender.open and not tender.ended(now)
        if _has_ended(provider(tender.provider).payment(tender.reference))
    ]
    if over:
        waiting = payment_renewals.unsent(orders.children(order_id, keys.MONEY))
        orders.decide(order_id, lambda order: renewals.ended(order, over, clock.now(), waiting))


def _has_ended(payment: Payment | Answer) -> bool:
    return isinstance(payment, Payment) and payment.standing is Standing.ENDED


def _ask_again(order_id: str, provider: str, reference: str) -> None:
    due = keys.open_payment(clock.now() + _AGAIN, order_id, 0)
    key = keys.payment(provider, reference)
    single_writes.update(
        settings.orders_table, key, "SET gsi3sk = :sk", condition="attribute_exists(gsi3sk)", sk=due["gsi3sk"]
    )


def _end(provider: str, reference: str) -> None:
    """End the looks at a payment that the order has noted as checked, and the question which order it is for."""
    key = keys.payment(provider, reference)
    single_writes.update(
        settings.orders_table, key, "REMOVE gsi3pk, gsi3sk", condition="attribute_not_exists(disputed)"
    )
    notice_items.forget(provider, reference)
