"""
Measure how fast reports of money are read and compared: entries of a bank's statement and rows of Stripe's report without AWS, and
whole files of ten thousand rows with AWS stubbed at the wire.

Called by   bench/run.py (`make bench ONLY=reconciliation`)
Returns     figures: milliseconds of CPU for a thousand lines; of a whole file the CPU without the import, the calls, the memory
            that Python's objects take, and what a run takes with slow answers, one after another: a fifth of the room's time
"""

import io
from collections.abc import Callable
from datetime import UTC, datetime
from time import process_time

from bench import money_files
from bench.figures import Figure
from bench.shipped import probe
from comanda.domain.reconciliation import settlement, statement
from comanda.domain.reconciliation.settlement import OurMoney, OurMovement, Settlement, SettlementStatus
from functions.inbox import settlement_file
from functions.inbox.fields import RowAnswer
from infra.rooms import ROOMS
from tests.domain.reconciliation.statements import a_statement, an_entry

LINES = 5_000
MOST_MS = (
    200  # of CPU for a thousand lines: a file of 200,000 lines leaves a run of 15 minutes most of its time for AWS
)
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


FILES = {"report": "rows of a report", "bills": "bills of a carrier"}
_MOST_CALLS = {"report": 2_500, "bills": 11_000}  # no index finds parcels of several numbers at once
_MOST_MEGABYTES = 100
_SLOW_SECONDS = {"TransactWriteItems": 0.05}  # of a transaction of a hundred items; other calls take a fifth of that
_FACTOR = 5


def figures() -> list[Figure]:
    return [
        _figure("entries of a statement read", _read_statement),
        _figure("rows of a report read and compared", _compare_report),
        *(figure for name in FILES for figure in _of_file(name)),
    ]


def _of_file(name: str) -> list[Figure]:
    """Return the figures of a whole file, which the room takes in one run."""
    scene = f"functions.inbox.handler:{name}"
    found, memory = probe(scene, 0), probe(scene, 0, traced=True)["grown_mb"]
    spent = (found["first_ms"] - found["import_ms"] - found["answers_ms"]) / 1_000
    calls: dict[str, int] = found["calls_first"]
    waited = sum(count * _SLOW_SECONDS.get(call, 0.01) for call, count in calls.items())
    what = f"reconciliation: {money_files.LINES:,} {FILES[name]},"
    return [
        Figure(figure=f"{what} CPU", value=round(spent, 2), unit="s"),
        Figure(figure=f"{what} calls", value=sum(calls.values()), unit="calls", bar=_MOST_CALLS[name]),
        Figure(figure=f"{what} memory", value=round(memory, 1), unit="MB", bar=_MOST_MEGABYTES),
        Figure(
            figure=f"{what} run with slow calls one by one",
            value=round(spent + waited, 1),
            unit="s",
            bar=ROOMS["inbox"].seconds / _FACTOR,
        ),
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
