"""Any texts in a row of money are read, or answered with the fields that are wrong: checks raise no error."""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from comanda.aws.books.settlements import ReportedLine
from comanda.aws.orders.billed_parcels import Bill
from functions.inbox import carrier_invoice_file, settlement_file
from functions.inbox.fields import RowAnswer

RECEIVED = datetime(2026, 12, 1, tzinfo=UTC)

ODD = st.sampled_from(
    ["", "0", "1.00", "-1", "1e9", "9999-12-31", "2026-11-20", "usd", "XTS", "\ud800", "\u0661", "#N/A", "po_1"]
)
CELL = st.none() | ODD | st.text(st.characters(codec=None), max_size=30) | st.integers()
BILL = {
    "tracking_number": "1Z9",
    "carrier": "UPS",
    "invoice_id": "INV-1",
    "amount": "7.35",
    "currency": "USD",
    "billed_on": "2026-11-20",
}
REPORTED = {
    "balance_transaction_id": "txn_1",
    "reporting_category": "charge",
    "currency": "usd",
    "gross": "10.00",
    "fee": "0.30",
    "net": "9.70",
    "created_utc": "2026-11-20 18:00:00",
    "payment_intent_id": "pi_1",
}


def changed(row: dict[str, str], columns: frozenset[str]) -> Any:
    """A row in which some cells hold anything."""
    return st.dictionaries(st.sampled_from(sorted(columns)), CELL, max_size=4).map(lambda cells: row | cells)


@settings(max_examples=300, deadline=None)
@given(changed(REPORTED, settlement_file.COLUMNS.known))
def test_any_row_of_a_settlement_is_read_or_answered(row: dict[str, Any]) -> None:
    found = settlement_file.check_row(2, row, RECEIVED)

    assert isinstance(found, ReportedLine) or (isinstance(found, RowAnswer) and found.status == "REJECTED")


@settings(max_examples=300, deadline=None)
@given(changed(BILL, carrier_invoice_file.COLUMNS.known))
def test_any_row_of_a_bill_is_read_or_answered(row: dict[str, Any]) -> None:
    found = carrier_invoice_file._check_row(2, row, RECEIVED)

    assert isinstance(found, Bill) or (isinstance(found, RowAnswer) and found.status == "REJECTED")


def test_the_rows_are_right_before_they_are_changed() -> None:
    assert isinstance(settlement_file.check_row(2, REPORTED, RECEIVED), ReportedLine)
    assert isinstance(carrier_invoice_file._check_row(2, BILL, RECEIVED), Bill)
