"""
Understand a row of Stripe's itemized reports: "Payout reconciliation" and "Balance change from activity".

Called by   functions/inbox/settlement_file.py, which has checked the fields
Returns     a Movement
Raises      ValueError with "code: message" for a row that does not add up, or that names no payment

A capture of less than was authorised has two rows: a charge of all that was authorised, and `partial_capture_reversal`.
A row that names no payment and no charge has its source, such as another charge: no order of ours knows that, so a person is asked.
Rows are in the currency of the account; `customer_facing_amount` and its currency are what the customer paid.
Source: docs.stripe.com/reports/report-types and docs.stripe.com/reports/reporting-categories.
"""

from dataclasses import dataclass

from comanda.domain.reconciliation.movement import OF_PAYMENTS, Movement, MovementKind

_KINDS = {
    "charge": MovementKind.CHARGE,
    "charge_failure": MovementKind.CHARGE,
    "partial_capture_reversal": MovementKind.CHARGE,
    "refund": MovementKind.REFUND,
    "refund_failure": MovementKind.REFUND,
    "dispute": MovementKind.DISPUTE,
    "dispute_reversal": MovementKind.DISPUTE,
    "payout": MovementKind.PAYOUT,
    "payout_reversal": MovementKind.PAYOUT,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow:
    """The checked fields of a row. Amounts are in minor units; `facing_amount` is None where Stripe gives none."""

    transaction: str
    category: str
    currency: str
    gross: int
    fee: int
    net: int
    day: str
    payment: str = ""
    source: str = ""
    payout: str = ""
    trace: str = ""
    facing_amount: int | None = None
    facing_currency: str = ""


def movement(row: ReportRow) -> Movement:
    """Return the movement of a row. Raises ValueError when its amounts contradict each other, or it names no payment."""
    if row.gross - row.fee != row.net:
        raise ValueError("does-not-add-up: is not gross less fee")
    kind = _KINDS.get(row.category, MovementKind.OTHER)
    payment = (row.payment or row.source) if kind in OF_PAYMENTS else ""
    if kind in OF_PAYMENTS and not payment:
        raise ValueError("missing: is needed for money of a payment, or else charge_id or source_id")
    payout = row.source if kind is MovementKind.PAYOUT else row.payout
    amount, currency = _paid(row) if kind in OF_PAYMENTS else (row.gross, row.currency)
    return Movement(
        movement_id=row.transaction,
        kind=kind,
        amount=amount,
        currency=currency,
        day=row.day,
        net=row.net,
        fee=row.fee,
        net_currency=row.currency,
        payment=payment,
        names=tuple(name for name in (payout, row.trace) if name) if payout else (),
    )


def _paid(row: ReportRow) -> tuple[int, str]:
    """Return what the customer paid or got, with the sign of `gross`. It differs when Stripe has converted it."""
    if row.facing_amount is None or row.facing_currency in ("", row.currency):
        return row.gross, row.currency
    return (-1 if row.gross < 0 else 1) * abs(row.facing_amount), row.facing_currency
