"""
Take a report of a payment provider page by page: Stripe's itemized balance reports, a movement of money in each row.

Called by   functions/inbox/handler.py
Returns     a RowAnswer for each line
Raises      StaleSettlement, RowTaken, Throttled (Busy)

Only ids, amounts and days are read. Columns with anything else, such as names, are passed over and kept nowhere.
"""

from datetime import datetime
from hashlib import sha256
from typing import Any

from comanda.aws.books import settlements
from comanda.aws.books.settlements import Outcome, ReportedLine
from comanda.aws.runtime import clock
from comanda.domain.reconciliation import amounts, stripe_report
from comanda.domain.reconciliation.movement import Movement
from comanda.domain.reconciliation.stripe_report import ReportRow
from functions.inbox.fields import (
    APPLIED,
    CONFLICT,
    DUPLICATE,
    Fields,
    RowAnswer,
    Wrong,
    currency,
    identifier,
    past_day,
    word,
)
from functions.inbox.file_kind import FileKind, Page
from functions.inbox.reading import Columns, Record

_IDS = ("payment_intent_id", "charge_id", "source_id", "automatic_payout_id", "trace_id")
COLUMNS = Columns(
    known=frozenset(
        {
            "balance_transaction_id",
            "reporting_category",
            "currency",
            "gross",
            "fee",
            "net",
            "created_utc",
            "created",
            "customer_facing_amount",
            "customer_facing_currency",
            *_IDS,
        }
    ),
    needed=(
        *(
            frozenset({name})
            for name in ("balance_transaction_id", "reporting_category", "currency", "gross", "fee", "net")
        ),
        frozenset({"created_utc", "created"}),
        frozenset({"payment_intent_id", "charge_id"}),
    ),
    others=True,
)


class SettlementFile(FileKind):
    """Rows of a report. Each row stands alone; what is known of a payment is the sum of its rows in all files."""

    columns = COLUMNS

    def take(self, page: Page) -> list[RowAnswer]:
        """Check the rows, take the correct ones, and answer all of them."""
        checked = [check_row(line, record, self.received) for line, record in page]
        answers = [answer for answer in checked if isinstance(answer, RowAnswer)]
        rows = [row for row in checked if isinstance(row, ReportedLine)]
        outcomes = settlements.apply(self.partner.settles, self.source, rows, clock.now())
        return answers + [answer(outcome, "balance_transaction_id") for outcome in outcomes]


def answer(outcome: Outcome, known_by: str) -> RowAnswer:
    """Answer a line. `known_by` is the field by which the same line is known again."""
    if outcome.known is None or outcome.here:
        return RowAnswer(line=outcome.line, status=APPLIED)
    if outcome.known == outcome.content:
        return RowAnswer(
            line=outcome.line, status=DUPLICATE, code="applied-before", reason=f"{known_by}: was applied before"
        )
    reason = f"{known_by}: was used before, with other content"
    return RowAnswer(line=outcome.line, status=CONFLICT, code="other-content", reason=reason)


def check_row(line: int, record: Record, received: datetime) -> ReportedLine | RowAnswer:
    """Return the line, or the answer that names every wrong field."""
    fields = Fields(record)
    unit = fields.take("currency", _currency, needed=True)
    facing_unit = fields.take("customer_facing_currency", _currency)
    of = {name: fields.take(name, identifier) for name in _IDS}
    facing = fields.take("customer_facing_amount", lambda text: amounts.of_table(text, facing_unit or unit or "USD"))
    values: dict[str, Any] = {
        "transaction": fields.take("balance_transaction_id", identifier, needed=True),
        "category": fields.take("reporting_category", lambda text: word(text.lower()), needed=True),
        "day": fields.take("created_utc", lambda text: past_day(text, received))
        or fields.take("created", lambda text: past_day(text, received)),
        **{
            name: fields.take(name, lambda text: amounts.of_table(text, unit or "USD"), needed=True)
            for name in ("gross", "fee", "net")
        },
    }
    fields.need_one("created_utc", "created")
    movement = None if fields.wrong else _movement(fields, values, of, unit, facing, facing_unit)
    refused = fields.refused(line)
    if refused is not None:
        return refused
    assert movement is not None
    facts = (*(str(values[name]) for name in ("category", "gross", "fee", "net")), unit, movement.payment)
    return ReportedLine(line=line, movement=movement, content=sha256("\n".join(facts).encode()).hexdigest())


def _movement(
    fields: Fields, values: dict[str, Any], of: dict[str, str], unit: str, facing: Any, facing_unit: str
) -> Movement | None:
    row = ReportRow(
        **values,
        currency=unit,
        payment=of["payment_intent_id"] or of["charge_id"],
        source=of["source_id"],
        payout=of["automatic_payout_id"],
        trace=of["trace_id"],
        facing_amount=None if facing == "" else facing,
        facing_currency=facing_unit,
    )
    try:
        return stripe_report.movement(row)
    except ValueError as error:
        code, _, message = str(error).partition(": ")
        fields.wrong.append(Wrong("payment_intent_id" if code == "missing" else "net", code, message))
        return None


def _currency(text: str) -> str:
    return currency(text.upper())
