"""
Ask providers whether the payments that a shop named are authorised for their order, before it is released.

Called by   functions/pay
Returns     nothing; the order knows what was found
Raises      StaleOrder, Throttled (Busy); what `provider` raises

The row by which a payment pays one order alone (`PAY#`) has a place among the open payments until the provider has answered.
"""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial

from comanda.aws.dynamodb import keys, single_writes
from comanda.aws.orders import notice_items, orders, payment_owners, payment_renewals
from comanda.aws.orders.orders import Saving
from comanda.aws.orders.payment_movements import ProviderByName
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain.lifecycle.holds import payment_checks, renewals
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import Tender
from comanda.domain.payments.answer import Answer, Outcome, Payment, Standing, mismatch

_AGAIN = timedelta(minutes=5)  # after a provider did not answer


def check(order_id: str, provider: ProviderByName) -> None:
    """Ask about each payment of an order that is not checked. `provider` returns the provider of a name."""
    order = orders.load(order_id)
    found: dict[int, tuple[str, ...]] = {}
    known: dict[int, Payment] = {}
    for i, tender in enumerate(order.payments):
        if tender.checked:
            continue
        payment = provider(tender.provider).payment(tender.reference)
        if not isinstance(payment, Answer):
            found[i], known[i] = _differences(order, tender, payment), payment
        elif payment.outcome is Outcome.DECLINED:
            found[i] = (payment_checks.UNKNOWN,)
        else:
            _ask_again(order_id, tender.provider, tender.reference)
    if not found:
        return
    saved = orders.decide(order_id, partial(_noted, found=found, known=known)).order
    for tender in saved.payments:
        if tender.checked and tender.outside:
            _end(order_id, tender.provider, tender.reference)


def _noted(order: Order, found: Mapping[int, tuple[str, ...]], known: Mapping[int, Payment]) -> Saving | None:
    """Return what is saved of the answers: what differs, and of a payment of another order or of none, the name of that order."""
    ends = {i: payment.ends_at for i, payment in known.items() if payment.ends_at is not None}
    decision = payment_checks.decide(order, found, clock.now(), ends)
    if decision is None:
        return None
    named = {i: payment.order_id for i, payment in known.items()}
    others = [
        payment_owners.named_write(order, order.payments[i], named.get(i, ""))
        for i in found
        if named.get(i) not in _names(order) and not order.payments[i].checked
    ]
    return Saving(decision=decision, also=others)


def _differences(order: Order, tender: Tender, payment: Payment) -> tuple[str, ...]:
    return mismatch(
        payment,
        orders=_names(order),
        amount=tender.authorized,
        currency=order.currency,
        captured=tender.captured_before,
    )


def _names(order: Order) -> tuple[str, ...]:
    """Return the names by which a provider may know the order."""
    return (order.order_id, order.external_id) if order.external_id else (order.order_id,)


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


def _end(order_id: str, provider: str, reference: str) -> None:
    """End the looks at a payment that the order has noted as checked, and the question which order it is for."""
    key = keys.payment(provider, reference)
    single_writes.update(
        settings.orders_table,
        key,
        "REMOVE gsi3pk, gsi3sk",
        condition="order_id = :order AND attribute_not_exists(disputed)",  # another order has its own looks
        order=order_id,
    )
    notice_items.forget(provider, reference)
