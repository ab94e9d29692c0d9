"""
Take a carrier's invoice page by page: what a parcel cost in each row.

Called by   functions/inbox/handler.py
Returns     a RowAnswer for each line
Raises      StaleOrder, Throttled (Busy)
"""

from dataclasses import replace
from datetime import datetime
from hashlib import sha256

from comanda.aws.directory import carrier_labels
from comanda.aws.orders import billed_parcels
from comanda.aws.orders.billed_parcels import Bill, BillOutcome, Carriers
from comanda.aws.runtime import clock
from comanda.domain.reconciliation import amounts
from functions.inbox.fields import (
    APPLIED,
    CONFLICT,
    DUPLICATE,
    REJECTED,
    Fields,
    RowAnswer,
    Wrong,
    currency,
    free_text,
    identifier,
    past_day,
    weight,
)
from functions.inbox.fields import tracking as tracking_number
from functions.inbox.file_kind import FileKind, Page
from functions.inbox.reading import Columns, Record

_NEEDED = ("tracking_number", "carrier", "invoice_id", "amount", "currency", "billed_on")
COLUMNS = Columns(
    known=frozenset({*_NEEDED, "weight_g"}), needed=tuple(frozenset({name}) for name in _NEEDED), others=True
)


class CarrierInvoiceFile(FileKind):
    """Rows of an invoice: what the carrier bills for one parcel, in each row."""

    columns = COLUMNS

    def take(self, page: Page) -> list[RowAnswer]:
        """Check the rows, keep the correct ones, and answer all of them."""
        checked = [_check_row(line, record, self.received) for line, record in page]
        answers = [answer for answer in checked if isinstance(answer, RowAnswer)]
        bills = [row for row in checked if isinstance(row, Bill)]
        carriers = Carriers(names=carrier_labels.names, limits=carrier_labels.bill_limits)
        return answers + [_answer(one) for one in billed_parcels.apply(self.source, bills, carriers, clock.now())]


def _answer(outcome: BillOutcome) -> RowAnswer:
    if outcome.code:
        status = CONFLICT if outcome.fulfillment_id else REJECTED
        return RowAnswer(line=outcome.line, status=status, code=outcome.code, reason=outcome.reason)
    if outcome.before:
        reason = "tracking_number: the same bill was taken before"
        return RowAnswer(line=outcome.line, status=DUPLICATE, code="applied-before", reason=reason)
    return RowAnswer(line=outcome.line, status=APPLIED, fulfillment_id=outcome.fulfillment_id)


def _check_row(line: int, record: Record, received: datetime) -> Bill | RowAnswer:
    """Return the bill, or the answer that names every wrong field."""
    fields = Fields(record)
    unit = fields.take("currency", lambda text: currency(text.upper()), needed=True)
    bill = Bill(
        line=line,
        number=fields.take("tracking_number", tracking_number, needed=True),
        carrier=fields.take("carrier", free_text, needed=True),
        invoice=fields.take("invoice_id", identifier, needed=True),
        amount=fields.take("amount", lambda text: amounts.of_table(text, unit or "USD"), needed=True) or 0,
        currency=unit,
        day=fields.take("billed_on", lambda text: past_day(text, received), needed=True),
        weight_g=fields.take("weight_g", weight) or 0,
        content="",
    )
    if bill.amount < 0:
        fields.wrong.append(Wrong("amount", "out-of-range", "is negative: a credit of a carrier is not taken"))
    values = (bill.invoice, bill.amount, bill.currency, bill.day, bill.weight_g)
    content = sha256("\n".join(map(str, values)).encode()).hexdigest()
    return fields.refused(line) or replace(bill, content=content)
