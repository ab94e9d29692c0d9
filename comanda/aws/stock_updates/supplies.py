"""
Supplies: what was ordered, sent or given back, kept line by line, and told to the positions that wait for it.

Called by   functions/stock (POST /v1/stock/supplies, GET), functions/inbox (supply files), the daily task
Returns     a Verdict for each row; see comanda.aws.stock_updates.row_batches
Raises      StockConflict, Throttled (Busy)

A line, the position it goes to, the ledger and the header's version are written in one transaction, so a position's supplies
are what the open lines say. A row is known by the supply, the teller's reference (of a receipt its id) and the line: told
twice, by whomever, it is done once.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.files import applied_rows as book_of_rows
from comanda.aws.files.applied_rows import Book
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import lanes, position_reads, stock_changes
from comanda.aws.stock_updates import stock_facts
from comanda.aws.stock_updates.row_batches import APPLIED, REJECTED, TRIES, Applying, Decided, Effect, Verdict, refused
from comanda.aws.stock_updates.stock_facts import EXPEDITED
from comanda.domain.errors import StockConflict
from comanda.domain.stock import movements, supplies, units_of_measure
from comanda.domain.stock.apply_change import apply_change
from comanda.domain.stock.count_corrections import counted_since, with_correction
from comanda.domain.stock.stock import Position
from comanda.domain.stock.supplies import DAYS_TO_ANSWER
from comanda.domain.stock.supply_line import (
    CREATE,
    OPEN,
    REQUESTED,
    SENT,
    SHIP,
    Difference,
    Refusal,
    Shelves,
    Step,
    StepResult,
    SupplyLine,
)
from comanda.domain.stock.supply_terms import (
    NO_SUCH_LINE,
    NOT_YOUR_SUPPLY,
    differs_from_supply,
    may_take_step,
    with_terms,
)

# One book for all: whoever tells of a receipt, its supply and id say which one it is.
_BOOK = "supplies"
_AT_ONCE = 8  # rows: line, row, counter, and of two positions the change, its ledger's lines and its entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Expedited:
    """What it cost to have units sooner, in minor units, and why."""

    cost: int
    currency: str
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A row: a step of one line. The fields up to `supplier` are a CREATE's."""

    line: int  # number of the row in its source
    supply_id: str
    number: int
    step: Step
    uom: str = ""
    type: str = ""
    sku: str = ""
    node: str = ""
    origin: str = ""
    over_percent: int | None = None
    supplier: str = ""
    expedited: Expedited | None = None
    content: str = ""

    @property
    def identity(self) -> str:
        return f"{self.supply_id}\n{self.step.reference}\n{self.number}"

    @property
    def place(self) -> str:
        return str(self.number)

    @property
    def group(self) -> str:
        return self.supply_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Supply:
    """A header with its lines."""

    supply_id: str
    version: int
    doc: Mapping[str, Any]
    lines: tuple[SupplyLine, ...]


# The code and reason of a row that does something else than it says. A reason begins with the field that it is about.
_ASKED = ("transfer-requested", "origin_node_id: is not yours: it is asked, and agrees or refuses within 3 days")
_DIFFERS = (
    "transfer-difference",
    "quantity: is more than was shipped: the rest moves nothing until a person explains it",
)


def book(now: datetime) -> Book:
    return Book(table=settings.stock_table, partner=_BOOK, kind="steps", now=int(now.timestamp()))


def apply(
    source: str,
    rows: Sequence[Told],
    *,
    theirs: Callable[[str], bool],
    now: Callable[[], datetime],
) -> list[Verdict]:
    """Apply the rows, and return the verdict on each of them.

    `theirs` says whether a node is the caller's. A line exists for the caller when it goes to a node of the caller's, or
    comes from one. The caller adds lines to a supply only when all of its lines exist for the caller. A transfer from
    another caller's node becomes a request.
    """
    admitted: set[str] = set()

    def decide(some: Sequence[Told]) -> Decided:
        return _Deciding(supply_id=some[0].supply_id, theirs=theirs, now=now(), admitted=admitted).decided(some)

    verdicts = Applying[Told](book=book(now()), source=source, decide=decide, most=_AT_ONCE).apply(rows)
    return _without_hidden(rows, verdicts, theirs)


def _without_hidden(rows: Sequence[Told], verdicts: list[Verdict], theirs: Callable[[str], bool]) -> list[Verdict]:
    """Return the verdicts, and refuse each row that was told before about a line that does not exist for the caller.
    Another caller told it, about a line of its own."""
    told = {row.line: row for row in rows}
    known = [told[verdict.line] for verdict in verdicts if verdict.status not in (APPLIED, REJECTED)]
    places = {(row.supply_id, row.number): keys.supply_line(row.supply_id, row.number) for row in known}
    lines = {
        (line.supply_id, line.number): line for line in map(_line, reads.batch(settings.stock_table, places.values()))
    }
    hidden = {
        row.line
        for row in known
        if (line := lines.get((row.supply_id, row.number))) is None or not may_take_step(line, row.step.action, theirs)
    }
    return [_no_such_line(told[verdict.line]) if verdict.line in hidden else verdict for verdict in verdicts]


def _no_such_line(row: Told) -> Verdict:
    why = NOT_YOUR_SUPPLY if row.step.action == CREATE else NO_SUCH_LINE
    return refused(row, why.field, why.code, why.message)


def told_by(source: str, row: Told, now: datetime) -> bool:
    """Return whether exactly this request, or file, has told the row before."""
    kept = book_of_rows.look(book(now), (row.identity,)).applied.get(row.identity)
    return kept is not None and (kept.source, kept.line) == (source, row.line)


def find(supply_id: str) -> Supply | None:
    """A supply with all its lines, or None; strongly consistent."""
    found = list(reads.query(settings.stock_table, "pk = :pk", consistent=True, pk=keys.supply(supply_id)["pk"]))
    header = next((row for row in found if row["sk"] == keys.HEADER), None)
    if header is None:
        return None
    lines = tuple(_line(row) for row in found if row["sk"].startswith(keys.LINES))
    return Supply(supply_id=supply_id, version=header["version"], doc=header, lines=lines)


def late(today: str) -> Iterator[SupplyLine]:
    """The open lines whose day has passed, from the index."""
    for shard in range(keys.SHARDS):
        page = keys.supplies_page(shard)
        condition = "gsi3pk = :pk AND gsi3sk < :today"
        rows = reads.query(settings.stock_table, condition, index="GSI3", pk=page, today=today)
        wanted = [{"pk": row["pk"], "sk": row["sk"]} for row in rows]
        yield from map(_line, reads.batch(settings.stock_table, wanted, consistent=False))


def reevaluate(sku: str, node: str, now: datetime) -> bool:
    """Set a position's `free` anew after time alone lowered it: a supply is overdue. Whether that changed anything.

    Raises StockConflict when somebody else changed the position, three times; their change has set it anew then.
    """
    for attempt in range(TRIES):
        there = lanes.read([(sku, node)]).get((sku, node), ())
        changes = [change for lane in there if (change := movements.reevaluate(lane, now)) is not None]
        if not changes:
            return False
        try:
            stock_changes.apply(changes, [])
        except StockConflict:
            if attempt == TRIES - 1:
                raise
        else:
            return True
    raise AssertionError("unreachable")


def _line(row: Mapping[str, Any]) -> SupplyLine:
    return SupplyLine(**{name: row[name] for name in SupplyLine.__slots__ if name in row})


@dataclass(slots=True, kw_only=True)
class _Deciding:
    """Some rows of one supply, decided one after the other on what the ones before them leave."""

    supply_id: str
    theirs: Callable[[str], bool]
    now: datetime
    admitted: set[str]  # supplies that were seen to be all the caller's: only who sees all of them can have added more
    header: dict[str, Any] | None = None
    lines: dict[int, SupplyLine] = field(default_factory=dict)
    places: dict[tuple[str, str], Position] = field(default_factory=dict)

    def decided(self, rows: Sequence[Told]) -> Decided:
        seen = self._read(rows)
        before = self.header
        effects: list[Effect] = []
        answers: list[Verdict] = []
        for row in rows:
            taken = self._taken(row)
            if isinstance(taken, Refusal):
                answers.append(refused(row, taken.field, taken.code, taken.message))
            else:
                effects.append(self._effect(row, taken))
        beside = (*self._header_write(before), *self._expedited(rows)) if effects else ()
        return Decided(effects=tuple(effects), refused=tuple(answers), seen=seen, beside=beside)

    def _read(self, rows: Sequence[Told]) -> dict[position_reads.Place, Position | None]:
        wanted = [keys.supply(self.supply_id), *(keys.supply_line(self.supply_id, row.number) for row in rows)]
        found = list(reads.batch(settings.stock_table, wanted))
        self.header = next((row for row in found if row["sk"] == keys.HEADER), None)
        self.lines = {line.number: line for line in (_line(row) for row in found if row["sk"] != "#")}
        known = [(line.sku, line.node, line.origin) for line in self.lines.values()]
        new = [(row.sku, row.node, row.origin) for row in rows if row.sku and row.node]
        at = {(sku, node) for sku, *nodes in (*known, *new) for node in nodes if node}
        there = lanes.read(at)
        self.places = {place: found[0] for place, found in there.items()}
        return {(sku, node, 0): self.places.get((sku, node)) for sku, node in at}

    def _taken(self, row: Told) -> StepResult | Refusal:
        line = self.lines.get(row.number)
        if row.step.action == CREATE:
            if not self._may_add():
                return NOT_YOUR_SUPPLY
            made = self._made(row)
            if row.number in self.lines:
                return Refusal("line", "line-taken", "is in this supply already")
            if isinstance(made, Refusal):
                return made
            line = made
        if line is None or not may_take_step(line, row.step.action, self.theirs):
            return NO_SUCH_LINE
        packs = (directory.find(directory.PRODUCT, line.sku) or {}).get("units") or {}
        per_unit = units_of_measure.pieces(row.uom, packs)
        if per_unit is None:
            return Refusal("uom", "unknown-uom", units_of_measure.unknown_unit_message(packs))
        pieces_of_it = row.step.quantity * per_unit if row.step.quantity is not None else None
        has_origin = not line.origin or self.theirs(line.origin)
        step = replace(row.step, quantity=pieces_of_it, has_origin=has_origin)
        if row.step.action == CREATE:
            line = replace(line, quantity=step.quantity or 0)
        self._gather(line, step)
        shelves = Shelves(destination=self._at(line.sku, line.node), origin=self.places.get((line.sku, line.origin)))
        return supplies.take_step(line, step, shelves, self.now)

    def _gather(self, line: SupplyLine, step: Step) -> None:
        """What leaves an origin may lie in all its lanes: brought to the first, and decided on anew."""
        origin, units = self.places.get((line.sku, line.origin)), step.quantity or 0
        out = units if step.action == SHIP else 0
        if step.action == SENT and step.difference is not None:
            out = step.difference.quantity
        if origin is None or not origin.lanes or counted_since(origin, step.occurred):
            return
        if lanes.bring_to(origin, out, self.now, only_free=True):
            raise StockConflict(f"{line.sku} at {line.origin}: lanes")

    def _may_add(self) -> bool:
        if self.header is not None and self.supply_id not in self.admitted:
            found = find(self.supply_id)
            lines = found.lines if found else ()
            if not all(may_take_step(line, CREATE, self.theirs) for line in lines):
                return False
            self.admitted.add(self.supply_id)
        return True

    def _made(self, row: Told) -> SupplyLine | Refusal:
        """The line that a CREATE announces, under the terms of today."""
        line = SupplyLine(
            supply_id=row.supply_id,
            number=row.number,
            type=row.type,
            sku=row.sku,
            node=row.node,
            origin=row.origin,
            eta=row.step.eta,
            quantity=row.step.quantity or 0,
        )
        if self.header is not None and (other := differs_from_supply(line, row.supplier, self.header)):
            return other
        policy = directory.find(directory.STOCK_POLICY, directory.THE_POLICY) or {}
        node = directory.find(directory.NODE, row.node) or {}
        return with_terms(line, policy, node, over_percent=row.over_percent)

    def _at(self, sku: str, node: str) -> Position:
        return self.places.get((sku, node), Position(sku=sku, node=node))

    def _effect(self, row: Told, taken: StepResult) -> Effect:
        for change in taken.changes:
            position = self._at(change.sku, change.node)
            for part in with_correction(position, change):
                position = apply_change(position, part)
            self.places[change.sku, change.node] = position
        line = taken.line
        if self.header is None:
            self.header = {
                **keys.supply(self.supply_id),
                "supply_id": self.supply_id,
                "type": line.type,
                "origin": line.origin or None,
                "supplier": row.supplier or None,
                "version": 0,
                "created_at": self.now.isoformat(),
            }
        elif row.supplier and not self.header.get("supplier"):
            self.header = {**self.header, "supplier": row.supplier}
        self.lines[line.number] = line
        code, reason = "", ""
        if taken.differs is not None:
            code, reason = _DIFFERS
        elif row.step.action == CREATE and line.state == REQUESTED:
            code, reason = _ASKED
        beside = (_line_write(line), *_difference_writes(row.step, taken.differs))
        return Effect(row=row, changes=taken.changes, beside=beside, code=code, reason=reason)

    def _header_write(self, before: Mapping[str, Any] | None) -> list[Write]:
        assert self.header is not None  # a row that had an effect has seen or made it
        version = self.header["version"]
        values = {**self.header, "version": version + 1, "changed_at": self.now.isoformat()}
        stale = StockConflict(f"supply {self.supply_id}")
        if before is None:
            return [transaction.put_once(settings.stock_table, values, stale)]
        return [transaction.put(settings.stock_table, values, stale, condition="#v = :was", n_v="version", was=version)]

    def _expedited(self, rows: Sequence[Told]) -> list[Write]:
        """The fact that somebody paid to have it sooner, once for each telling."""
        said = next(((row.expedited, row.step.reference) for row in rows if row.expedited is not None), None)
        if said is None:
            return []
        expedited, reference = said
        values = {
            "what": "SUPPLY",
            "supply_id": self.supply_id,
            "cost": expedited.cost,
            "currency": expedited.currency,
            "cause": expedited.cause,
        }
        return [stock_facts.fact(EXPEDITED, f"supply.{self.supply_id}.{reference}", self.now, values)]


def _line_write(line: SupplyLine) -> Write:
    """The line as it is: under the header's version, so nobody else has touched it."""
    values = {
        **keys.supply_line(line.supply_id, line.number),
        **{name: getattr(line, name) for name in SupplyLine.__slots__},
        **_place(line),
    }
    return transaction.put(settings.stock_table, values, StockConflict(f"supply {line.supply_id}"))


def _place(line: SupplyLine) -> keys.Key:
    """Return the line's index key: among the lines that are awaited, or in the queue of the lines that ask their
    origin. Empty for all other lines."""
    if line.state == REQUESTED:
        until = datetime.fromisoformat(line.asked_at) + DAYS_TO_ANSWER
        return keys.transfer_request(until, line.supply_id, line.number)
    return keys.supply_due(line.eta, line.supply_id, line.number) if line.state == OPEN else {}


def _difference_writes(step: Step, new: Difference | None) -> list[Write]:
    """Return the writes that put a difference into its queue, or that delete it because a person explained it."""
    if step.difference is not None:
        known = step.difference
        gone = StockConflict(f"difference of {known.supply_id}")
        return [
            transaction.delete(
                settings.stock_table,
                keys.difference(known.supply_id, known.number, known.reference),
                gone,
                condition="attribute_exists(pk)",
            )
        ]
    if new is None:
        return []
    at = datetime.fromisoformat(new.at)
    values = {
        **keys.difference(new.supply_id, new.number, new.reference),
        **keys.transfer_difference(at, new.supply_id, new.number, new.reference),
        **{name: getattr(new, name) for name in Difference.__slots__},
    }
    return [transaction.put(settings.stock_table, values, StockConflict(f"difference of {new.supply_id}"))]
