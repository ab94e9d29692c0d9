"""
Keep which order a payment of a provider pays: its row (`PAY#`) names one order, and no other order captures anything of it.

A shop may tell of a payment with the wrong order. When the provider names another order, the row keeps that name, and the order of
that name takes the payment over; when it names none, the next order that comes with the payment does, and the provider is asked
again. It does so until a person takes the payment as it is for the order that has it.

Called by   comanda.aws.orders.orders (writes), payment_checks (named_write); functions/intake (elsewhere)
Returns     writes; the payments of an order that pay another one
Raises      nothing; a payment that pays an order already refuses the write with Invalid
"""

from collections.abc import Iterator
from datetime import datetime

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Invalid, Problem, StaleOrder
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import Tender

_NOBODY = ""  # in the place of the order's name: the provider names none


def writes(before: Order | None, order: Order, at: datetime) -> Iterator[Write]:
    """Yield the writes by which each new payment of a provider pays this order, and no other. It is checked at once.

    A payment that pays an order already is refused with its place among the new ones. A payment that a person takes as it is
    stays with the order: another one has not taken it over, and does not any more.
    """
    known = () if before is None else before.payments
    for number, tender in enumerate(order.payments[len(known) :]):
        if tender.outside and tender.reference:  # one that is to be authorised has none yet
            yield _claim(order, tender, number, at)
    for was, tender in zip(known, order.payments, strict=False):
        if was.disputed and not tender.disputed:
            yield _while_it_pays(order, tender, "REMOVE belongs_to")


def _claim(order: Order, tender: Tender, number: int, at: datetime) -> Write:
    place = keys.open_payment(at, order.order_id, 0)
    return transaction.update(
        settings.orders_table,
        keys.payment(tender.provider, tender.reference),
        "SET order_id = :order, gsi3pk = :page, gsi3sk = :place REMOVE belongs_to",
        Invalid(
            Problem(
                pointer=f"/payments/{number}/reference", code="duplicate", message="this payment pays an order already"
            )
        ),
        condition="attribute_not_exists(pk) OR belongs_to IN (:order, :name, :nobody)",
        order=order.order_id,
        name=order.external_id or order.order_id,
        nobody=_NOBODY,
        page=place["gsi3pk"],
        place=place["gsi3sk"],
    )


def named_write(order: Order, tender: Tender, name: str = _NOBODY) -> Write:
    """Return the write that keeps which order the provider names, so that this order takes its payment over."""
    return _while_it_pays(order, tender, "SET belongs_to = :name", name=name)


def _while_it_pays(order: Order, tender: Tender, expression: str, **values: str) -> Write:
    """Return a write of the payment's row, as long as it names this order."""
    return transaction.update(
        settings.orders_table,
        keys.payment(tender.provider, tender.reference),
        expression,
        StaleOrder(order.order_id),
        condition="order_id = :order",
        order=order.order_id,
        **values,
    )


def elsewhere(order: Order) -> frozenset[int]:
    """Return the indexes of the payments that differ and pay another order by now."""
    differ = {i: tender for i, tender in enumerate(order.payments) if tender.disputed}
    rows = ((i, reads.get(settings.orders_table, keys.payment(t.provider, t.reference))) for i, t in differ.items())
    return frozenset(i for i, row in rows if row is not None and row["order_id"] != order.order_id)
