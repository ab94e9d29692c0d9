"""Decide the invoice of a shipment or of provided units with its capture, and the end of an order's books. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from comanda.domain.billing import ahead, credited_money, failed_money, invoices, paying_out, payments
from comanda.domain.billing.document_numbers import series_of
from comanda.domain.billing.invoices import Invoice
from comanda.domain.credit_accounts.movements import due_on
from comanda.domain.errors import NotAllowed
from comanda.domain.orders import papers
from comanda.domain.orders.decision import Decision, Event, EventType, MoneyOperation, Task
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import GONE


def shipped_units(order: Order, number: int) -> dict[str, int]:
    """Return the units that left with this fulfillment, by line id."""
    units: dict[str, int] = {}
    for line, allocation in order.units_of(number):
        if allocation.status in GONE:
            units[line.line_id] = units.get(line.line_id, 0) + allocation.quantity
    return units


def bill(
    order: Order, number: int, now: datetime, payment_days: int | None = None, prefix: str | None = None
) -> tuple[Decision, Invoice] | None:
    """Decide the invoice of a shipment with its capture. Return None if the shipment is invoiced already.

    It gets its number later, in the series of the node: with a `prefix`, in the seller's own one there. `payment_days` as the seller
    gives its buyers to pay. Raises NotAllowed if
    the fulfillment has not shipped, or if less is authorised than the shipment costs.
    """
    fulfillment = order.fulfillment(number)
    if fulfillment.invoice is not None:
        return None
    if fulfillment.shipped_at is None:
        raise NotAllowed(f"fulfillment {number} has not shipped")
    billed, made = invoices.invoice(
        order,
        shipped_units(order, number),
        number=len(order.invoices) + 1,
        fulfillment=number,
        series=series_of(fulfillment.node, prefix),
        at=now,
        payment_days=payment_days,
    )
    return _captured(billed, made, {"fulfillment": number}, now)


def bill_packed(
    order: Order, number: int, now: datetime, payment_days: int | None = None, prefix: str | None = None
) -> tuple[Decision, Invoice] | None:
    """Decide the invoice of packed goods that may not leave without it. Return None if there is none to issue: they have it, or are
    not all packed any more.

    Their money is captured when they have left. `payment_days` and `prefix` as in `bill`.
    """
    if not papers.waits_for_invoice(order, number):
        return None
    series = series_of(order.fulfillment(number).node, prefix)
    issued = ahead.issue(order, number, ahead.Issuing(series=series, at=now, payment_days=payment_days))
    if issued is None:
        return None
    billed, made = issued
    data = {"fulfillment": number, "invoice": made.invoice_id, "total": made.totals.total, "captured": 0}
    data |= {"currency": order.currency}
    return Decision(order=billed, event=Event(type=EventType.INVOICED, actor="machine", at=now, data=data)), made


def capture_shipped(order: Order, number: int, now: datetime) -> Decision | None:
    """Decide the capture of a shipment that was invoiced before it left. Return None if it was decided before.

    Raises NotAllowed if the fulfillment has not shipped, or if less is authorised than the shipment costs.
    """
    paid, operations = ahead.capture(order, number, now)
    if paid is order:
        return None
    event = Event(
        type=EventType.CAPTURED,
        actor="machine",
        at=now,
        data={
            "fulfillment": number,
            "invoice": order.invoices[(order.fulfillment(number).invoice or 0) - 1],
            "captured": paid.captured - order.captured,
            "currency": order.currency,
        },
    )
    return Decision(order=paid, event=event, money=operations, tasks=_waiting(order, paid, now))


def _waiting(before: Order, paid: Order, now: datetime) -> tuple[Task, ...]:
    """Return the items about money that a capture leaves to be collected."""
    return tuple(failed_money.task(paid, one, now) for one in paid.failed_money[len(before.failed_money) :])


def bill_provided(
    order: Order, now: datetime, payment_days: int | None = None, prefix: str | None = None
) -> tuple[Decision, Invoice] | None:
    """Decide one invoice of everything that was provided and has none. Return None if there is nothing to invoice.

    It gets its number later, in the series of the channel: these units left no node. `payment_days` and `prefix` as in `bill`. Raises
    NotAllowed if less is authorised than they cost.
    """
    units = invoices.provided_units(order)
    if not units:
        return None
    billed, made = invoices.invoice(
        order,
        units,
        number=len(order.invoices) + 1,
        fulfillment=None,
        series=series_of(order.channel, prefix),
        at=now,
        payment_days=payment_days,
    )
    return _captured(billed, made, {"provisions": [p.number for p in order.to_invoice()]}, now)


def _captured(billed: Order, made: Invoice, data: Mapping[str, object], now: datetime) -> tuple[Decision, Invoice]:
    """Decide the capture of an invoice's money, and until when the customer pays it. `data` says in the event what was invoiced."""
    paid, operations = payments.capture(billed, made.number, now)
    made = _due_by_account(made, paid, operations, now)
    event = Event(
        type=EventType.INVOICED,
        actor="machine",
        at=now,
        data={
            **data,
            "invoice": made.invoice_id,
            "total": made.totals.total,
            "captured": paid.captured - billed.captured,
            "currency": billed.currency,
        },
    )
    return Decision(order=paid, event=event, money=operations, tasks=_waiting(billed, paid, now)), made


def _due_by_account(made: Invoice, order: Order, operations: Iterable[MoneyOperation], now: datetime) -> Invoice:
    """Return the invoice with the last day on which the customer pays what is owed on account. The terms of a customer go before
    those of the seller."""
    for operation in operations:
        tender = order.payments[operation.tender]
        if tender.on_account:
            return replace(made, due_on=due_on(now, tender.payment_days or 0).isoformat())
    return made


def close(order: Order, now: datetime) -> Decision | None:
    """Release the money that will never be captured, and close the books. Return None if they are closed already.

    Raises NotAllowed if a unit of the order is neither gone nor cancelled, or if something that left has no invoice.
    """
    if not order.settled:
        raise NotAllowed("the order is not settled")
    if order.closed:
        return None
    settled, given_back = payments.settle(order)
    lowered = credited_money.lower_needless(settled, now)
    settled, operations = lowered.order, (*given_back, *lowered.money)
    event = Event(
        type=EventType.COMPLETED,
        actor="machine",
        at=now,
        data={
            "invoiced": order.invoiced_total,
            "captured": settled.captured,
            "given_back": sum(operation.amount for operation in given_back),
            "currency": order.currency,
        },
    )
    return Decision(
        order=replace(settled, closed=True),
        event=event,
        money=operations,
        tasks=(*paying_out.tasks(settled, operations, now), *lowered.tasks),
        done=lowered.done,
    )
