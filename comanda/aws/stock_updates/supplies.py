"""
Apply rows of supplies: units that were ordered, sent or given back, line by line, and the positions that expect them.

Called by   functions/stock (POST /v1/stock/supplies), functions/inbox (supply files), functions/daily;
            comanda.aws.stock_updates.transfers
Returns     a Verdict for each row; see comanda.aws.stock_updates.row_batches
Raises      StockConflict, Throttled (Busy)

A line, the position at its destination, the ledger and the header's version are written in one transaction, so a position's
supplies always agree with the open lines. A row is identified by the supply, the sender's reference (for a receipt, its id)
and the line. A repeated row is applied once, whichever caller sends it.
"""

from collections.abc import Callable, Sequence
from datetime import datetime

from comanda.aws.files import applied_rows
from comanda.aws.files.applied_rows import Book
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import lanes, stock_changes
from comanda.aws.stock_updates import supply_reads, supply_writes
from comanda.aws.stock_updates.row_batches import (
    APPLIED,
    REJECTED,
    TRIES,
    Decided,
    Effect,
    RowApplier,
    Verdict,
    refused,
)
from comanda.aws.stock_updates.supply_decisions import SupplyDecisions
from comanda.aws.stock_updates.supply_rows import SupplyRow
from comanda.domain.errors import StockConflict
from comanda.domain.stock import movements
from comanda.domain.stock.stock import Position, PositionKey
from comanda.domain.stock.supply_line import CREATE, REQUESTED, Refusal, StepResult
from comanda.domain.stock.supply_terms import NO_SUCH_LINE, NOT_YOUR_SUPPLY, may_take_step

# All callers share one book: the identity of a row names its supply and the sender's reference.
_BOOK = "supplies"
_AT_ONCE = 8  # rows: line, row, counter, and of two positions the change, its ledger's lines and its entry

# The code and reason of a row that is applied in another way than it was sent. A reason begins with the field that it is about.
_ASKED = ("transfer-requested", "origin_node_id: is not yours: it is asked, and agrees or refuses within 3 days")
_DIFFERS = (
    "transfer-difference",
    "quantity: is more than was shipped: the rest moves nothing until a person explains it",
)


def apply(
    source: str,
    rows: Sequence[SupplyRow],
    *,
    owns: Callable[[str], bool],
    now: Callable[[], datetime],
) -> list[Verdict]:
    """Apply the rows, and return the verdict on each of them.

    `owns` tests whether a node is the caller's. A line exists for the caller if the caller owns the node at one of its ends.
    The caller adds lines to a supply only if all of its lines exist for the caller. A transfer from another caller's node
    becomes a request.
    """
    admitted: set[str] = set()

    def decide(some: Sequence[SupplyRow]) -> Decided:
        return _decide(some, owns, admitted, now())

    verdicts = RowApplier[SupplyRow](book=_book(now()), source=source, decide=decide, most=_AT_ONCE).apply(rows)
    return _without_hidden(rows, verdicts, owns)


def was_applied(source: str, row: SupplyRow, now: datetime) -> bool:
    """Return True if this row of this source, a request or a file, was applied before."""
    kept = applied_rows.find(_book(now), (row.identity,)).applied.get(row.identity)
    return kept is not None and (kept.source, kept.line) == (source, row.line)


def reevaluate(sku: str, node: str, now: datetime) -> bool:
    """Compute a position's `free` again after time alone lowered it: a supply is overdue. Return True if it changed.

    Raises StockConflict if other writers changed the position three times; their changes have computed `free` again.
    """

    def compute_and_save() -> bool:
        there = lanes.read([(sku, node)]).get((sku, node), ())
        changes = [change for lane in there if (change := movements.reevaluate(lane, now)) is not None]
        if changes:
            stock_changes.apply(changes, [])
        return bool(changes)

    return retry(TRIES, compute_and_save, on=StockConflict)


def _book(now: datetime) -> Book:
    return Book(table=settings.stock_table, partner=_BOOK, kind="steps", now=int(now.timestamp()))


def _decide(rows: Sequence[SupplyRow], owns: Callable[[str], bool], admitted: set[str], now: datetime) -> Decided:
    """Read the supply of these rows, decide them, and return their effects and refusals."""
    state = supply_reads.load_state(rows, owns, admitted)
    decisions = SupplyDecisions(state, owns, now)
    results = [(row, decisions.decide(row)) for row in rows]
    _bring_to_first_lane(decisions.scattered, now)
    effects = tuple(_effect(row, result) for row, result in results if isinstance(result, StepResult))
    refusals = tuple(_refuse(row, result) for row, result in results if isinstance(result, Refusal))
    seen: dict[PositionKey, Position | None]
    seen = {(sku, node, 0): state.positions.get((sku, node)) for sku, node in state.places}
    if not effects or decisions.header is None:
        return Decided(effects=(), refused=refusals, seen=seen)
    header = supply_writes.header_write(state.supply_id, state.header, decisions.header, now)
    beside = (*header, *supply_writes.expedited_facts(rows, now))
    return Decided(effects=effects, refused=refusals, seen=seen, beside=beside)


def _bring_to_first_lane(scattered: Sequence[tuple[Position, int]], now: datetime) -> None:
    """Move units that leave an origin to its first lane. Raises StockConflict if units moved: the rows are decided again."""
    for origin, units in scattered:
        if lanes.fill_lane(origin, units, now, only_free=True):
            raise StockConflict(f"{origin.sku} at {origin.node}: lanes")


def _effect(row: SupplyRow, result: StepResult) -> Effect:
    code, reason = "", ""
    if result.differs is not None:
        code, reason = _DIFFERS
    elif row.step.action == CREATE and result.line.state == REQUESTED:
        code, reason = _ASKED
    beside = (supply_writes.line_write(result.line), *supply_writes.difference_writes(row.step, result.differs))
    return Effect(row=row, changes=result.changes, beside=beside, code=code, reason=reason)


def _without_hidden(rows: Sequence[SupplyRow], verdicts: list[Verdict], owns: Callable[[str], bool]) -> list[Verdict]:
    """Refuse each row that was applied before on a line that does not exist for the caller; keep all other verdicts.

    Another caller sent such a row, about a line of its own.
    """
    by_line = {row.line: row for row in rows}
    repeated = [by_line[verdict.line] for verdict in verdicts if verdict.status not in (APPLIED, REJECTED)]
    lines = supply_reads.lines_of(repeated)
    hidden = {
        row.line
        for row in repeated
        if (line := lines.get((row.supply_id, row.number))) is None or not may_take_step(line, row.step.action, owns)
    }
    return [_refuse_hidden(by_line[verdict.line]) if verdict.line in hidden else verdict for verdict in verdicts]


def _refuse_hidden(row: SupplyRow) -> Verdict:
    return _refuse(row, NOT_YOUR_SUPPLY if row.step.action == CREATE else NO_SUCH_LINE)


def _refuse(row: SupplyRow, why: Refusal) -> Verdict:
    return refused(row, why.field, why.code, why.message)
