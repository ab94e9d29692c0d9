"""
Measure how fast reports of money are read and compared, without AWS: entries of a bank's statement, and rows of Stripe's report.

Called by   bench/run.py (`make bench ONLY=reconciliation`)
Returns     figures: milliseconds of CPU for a thousand lines. How many calls of AWS a row costs is held by
            tests/functions/settlements/test_settlement_files.py
"""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time

from bench.figures import Figure
from comanda.domain.reconciliation import settlement, statement
from comanda.domain.reconciliation.settlement import OurMoney, OurMovement, Settlement, SettlementStatus
from functions.inbox import settlement_file
from functions.inbox.fields import RowAnswer
from tests.domain.reconciliation.statements import a_statement, an_entry

LINES = 5_000
MOST_MS = (
    200  # of CPU for a thousand lines: a file of 200,000 lines leaves a run of 15 minutes most of its time for AWS
)
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def figures() -> list[Figure]:
    return [
        _figure("entries of a statement read", _read_statement),
        _figure("rows of a report read and compared", _compare_report),
    ]


def _figure(name: str, work: Callable[[], None]) -> Figure:
    work()
    started = process_time()
    work()
    spent = (process_time() - started) * 1_000 * 1_000 / LINES
    return Figure(figure=f"reconciliation: a thousand {name}", value=round(spent, 1), unit="ms", bar=MOST_MS)


_STATEMENT = a_statement(*(an_entry("9.40", bank=f"BNK-{n:08d}") for n in range(LINES)))


def _read_statement() -> None:
    found = sum(1 for entry in statement.entries(io.BytesIO(_STATEMENT)) if not entry.problems)
    assert found == LINES


def _compare_report() -> None:
    ours = OurMoney(currency="USD", movements=(OurMovement(is_refund=False, amount=1000, done_at=NOW),))
    for n in range(LINES):
        row = {
            "balance_transaction_id": f"txn_{n}",
            "reporting_category": "charge",
            "currency": "usd",
            "gross": "10.00",
            "fee": "0.30",
            "net": "9.70",
            "created_utc": "2026-11-20 18:00:00",
            "payment_intent_id": f"pi_{n}",
        }
        line = settlement_file.check_row(n, row, NOW)
        assert not isinstance(line, RowAnswer)
        theirs = Settlement(currency="USD", day=line.movement.day).with_movement(line.movement)
        assert settlement.judge(theirs, ours, NOW, settlement.FOREVER) is SettlementStatus.MATCHED
