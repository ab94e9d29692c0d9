"""
Write the statement of a credit account for a month as CSV, for its customer and for accountants.

Called by   functions/credit_accounts/handler.py
Returns     the text of the file
Raises      nothing
"""

import csv
import io
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from comanda.domain import views
from comanda.domain.credit_accounts import statement
from comanda.domain.credit_accounts.account import CreditAccount
from comanda.domain.credit_accounts.statement import Booking, Statement
from comanda.domain.csv_cells import harmless
from comanda.domain.money import decimal

_COLUMNS = (
    "credit_account_id",
    "customer_id",
    "booked_at",
    "purpose",
    "order_id",
    "invoice_number",
    "due_on",
    "reference",
    "moved_on",
    "currency",
    "amount",
    "owed",
)

type InvoiceKey = tuple[str, int]  # order id, and the number within the order


def of_month(ledger: Iterator[Mapping[str, Any]], first: date) -> Statement:
    """Return the statement of a month from all entries of an account."""
    return statement.of_month(map(_booking, ledger), first)


def _booking(row: Mapping[str, Any]) -> Booking:
    return Booking(
        purpose=row["purpose"],
        at=datetime.fromisoformat(row["at"]),
        owed=row["owed"],
        order_id=row.get("order_id", ""),
        invoice=row.get("invoice"),
        due_on=row.get("due_on", ""),
        reference=row.get("reference", ""),
        moved_on=row.get("received_on") or row.get("paid_on", ""),
    )


def invoices_of(found: Statement) -> set[InvoiceKey]:
    """Return the invoices that a statement names."""
    return {(one.order_id, one.invoice) for one, _ in found.bookings if one.invoice is not None}


def csv_of(account: CreditAccount, found: Statement, numbers: Mapping[InvoiceKey, str]) -> str:
    """Return the statement as CSV: what was owed before the month, a row for each change of it, and what is owed after the month.

    `numbers` are those of invoices; one that has none yet is left out.
    """
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\r\n")
    whose, currency = (account.account_id, harmless(account.customer_id)), account.currency
    rows.writerow(_COLUMNS)
    rows.writerow((*whose, "", "opening", *[""] * 5, currency, "", decimal(found.opening, currency)))
    for one, owed in found.bookings:
        number = numbers.get((one.order_id, one.invoice), "") if one.invoice is not None else ""
        facts = (
            views.time(one.at),
            one.purpose,
            one.order_id,
            number,
            one.due_on,
            harmless(one.reference),
            one.moved_on,
        )
        rows.writerow((*whose, *facts, currency, decimal(one.owed, currency), decimal(owed, currency)))
    rows.writerow((*whose, "", "closing", *[""] * 5, currency, "", decimal(found.closing, currency)))
    return written.getvalue()
