"""
Decide the money of lost units that a person refunds, where the customer has not paid all of their invoice.

Money goes back only as far as it came. What was never paid is credited: the customer owes it no more. So a parcel that is paid at
its delivery, and that never arrives, has a credit note and no refund.

Called by   functions/intake/queues/lost_items.py
Returns     the decision of the answer, with the credit note that it issues
Raises      NotFound without such an item; NotAllowed as long as the units have no invoice, or it has no number
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from comanda.domain.billing import collecting, credit_notes, credited_money
from comanda.domain.billing.credit_lines import CreditLine
from comanda.domain.billing.credit_notes import Asked, CreditNote, Units
from comanda.domain.billing.invoices import Invoice
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.parcels.lost_units import REFUND, decided, find_loss
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.fulfillment import Loss
from comanda.domain.orders.order import Order


def is_owed(order: Order, item: str) -> bool:
    """Return True if the customer still owes a part of what the invoice of these lost units may be lowered by."""
    fulfillment, _ = find_loss(order, item)
    if fulfillment.billed and fulfillment.invoice is not None:
        return credited_money.owed(order, fulfillment.invoice) > 0
    if collecting.due(order, fulfillment.number):
        raise NotAllowed("the shipment is not invoiced yet: answer again in a minute", pointer="/answer")
    return False


def refunded(
    order: Order, item: str, invoice: Invoice, earlier: Sequence[Sequence[CreditLine]], actor: str, now: datetime
) -> tuple[Decision, CreditNote | None]:
    """Apply the answer `refund`. `earlier` are the lines of the invoice's credit notes so far, in order.

    The units are credited at once when nothing of them was paid. Otherwise money goes back, which people of another desk decide:
    the task says how much it is. Units that cost nothing, or were credited before, need neither.
    """
    answer = decided(order, item, REFUND, actor, now, {})
    _, loss = find_loss(order, item)
    units = _creditable(loss, invoice, earlier)
    if not units or not _worth(invoice, earlier, units, included=order.prices_include_tax):
        return replace(answer, tasks=()), None
    asked = Asked(wanted=Units(units=units), reason=f"lost on its way: {loss.reason}", by=actor)
    credited, note = credit_notes.credit(order, invoice, earlier, asked, now)
    if note.refunds:
        back = sum(one.amount for one in note.refunds)
        facts = (("amount", str(back)), ("currency", order.currency))
        return replace(answer, tasks=tuple(replace(one, data=(*one.data, *facts)) for one in answer.tasks)), None
    answer = decided(credited.order, item, REFUND, actor, now, {})
    return replace(
        credited,
        order=answer.order,
        event=replace(credited.event, data={**credited.event.data, **answer.event.data}),
        done=(*credited.done, *answer.done),
    ), note


def _creditable(loss: Loss, invoice: Invoice, earlier: Sequence[Sequence[CreditLine]]) -> dict[str, int]:
    """Return the lost units that are invoiced and not credited, by line id."""
    lines = credit_notes.open_lines(invoice, earlier)
    left = {line_id: min(n, lines[line_id].units) for line_id, n in loss.units if line_id in lines}
    return {line_id: n for line_id, n in left.items() if n}


def _worth(invoice: Invoice, earlier: Sequence[Sequence[CreditLine]], units: dict[str, int], *, included: bool) -> int:
    lines = credit_notes.open_lines(invoice, earlier)
    rows = [lines[line_id].next_units(n, keep_charges=False) for line_id, n in units.items()]
    return sum(row.amounts.total(included=included) for row in rows)
