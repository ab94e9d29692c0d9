"""
Apply a page of rows: shipment by shipment, each in one transaction with its row identities, or as a plan.

Raises StaleOrder, StockConflict, Throttled, RowTaken (Busy) when a shipment's turn did not come, however often it was tried.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.files import applied_rows as book_of_rows
from comanda.aws.files.applied_rows import Book, Kept, Seen
from comanda.aws.orders import orders
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime import clock
from comanda.aws.stock_updates import stock_facts
from comanda.domain import ids
from comanda.domain.errors import Busy, Held, Invalid, Rejected
from comanda.domain.lifecycle.ship import leave
from comanda.domain.orders.order import Order
from functions.inbox import rules
from functions.inbox.fields import APPLIED, Answer
from functions.inbox.rows import Row
from functions.inbox.rules import Before, Departure, Partner

ONE_TRANSACTION = 30  # rows: with two writes for each one's stock, the order, its event and fulfillments they fit
ROUNDS = 5  # what is busy is tried again after everything else of the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Applying:
    """One version of one file of one partner."""

    partner: Partner
    source: str
    book: Book

    def page(self, rows: Sequence[Row]) -> list[Answer]:
        """The answer to every row. Shipments of one order keep their order."""
        waiting = _shipments(rows)
        seen: Seen | None = book_of_rows.look(self.book, (row.identity for row in rows))
        answers: list[Answer] = []
        for turn in range(ROUNDS):
            busy: dict[str, Busy] = {}
            left: list[list[Row]] = []
            for shipment in waiting:
                order_id = shipment[0].order_id
                if order_id in busy:
                    left.append(shipment)
                    continue
                try:
                    answers += self._shipment(shipment, seen)
                except Busy as error:
                    busy[order_id] = error
                    left.append(shipment)
            if not left:
                return answers
            if turn == ROUNDS - 1:
                raise next(iter(busy.values()))
            waiting, seen = left, None
        raise AssertionError("unreachable")

    def _shipment(self, rows: Sequence[Row], seen: Seen | None) -> list[Answer]:
        """Decide and save one shipment's rows of one order; when somebody else was first, decide again, three times."""
        for attempt in range(orders.TRIES):
            if seen is None:
                seen = book_of_rows.look(self.book, (row.identity for row in rows))
            try:
                return self._decided(rows, seen)
            except Busy:
                if attempt == orders.TRIES - 1:
                    raise
                seen = None
        raise AssertionError("unreachable")

    def _decided(self, rows: Sequence[Row], seen: Seen) -> list[Answer]:
        said = self._said_before(rows, seen)
        known, fresh = rules.known((row for row in rows if row.line not in said), self._before(rows, seen))
        answers = [*said.values(), *known]
        if not fresh:
            return answers
        order = orders.find(fresh[0].order_id)
        if order is None:
            return [*answers, *rules.unknown_order(fresh)]
        leaving, beside = rules.departures(order, self.partner, fresh)
        for departure in leaving:
            try:
                order = self._leave(order, departure, beside, seen)
            except Rejected as error:
                beside = rules.stayed(departure, fresh, beside, error.code, _of(error))
            else:
                ful = ids.fulfillment(order.order_id, departure.number)
                answers += [Answer(line=row.line, status=APPLIED, fulfillment_id=ful) for row in departure.rows]
        return answers + beside

    def _leave(self, order: Order, departure: Departure, beside: Sequence[Answer], seen: Seen) -> Order:
        decision = leave(order, departure.step(self.partner, clock.now()), departure.shipment())
        kept = [
            Kept(
                identity=row.identity,
                content=row.content,
                source=self.source,
                line=row.line,
                effect=ids.fulfillment(order.order_id, departure.number),
                beside=pack([_packed(answer) for answer in beside]) if beside and not i else "",
            )
            for i, row in enumerate(departure.rows)
        ]
        writes, now = self._writes(kept, seen), decision.event.at
        also = [*writes, *stock_facts.shipped(decision.saved, departure.number, now)]
        return orders.save(order, Saving(decision=decision, also=also))

    def _writes(self, kept: Sequence[Kept], seen: Seen) -> Sequence[Write]:
        if len(kept) > ONE_TRANSACTION:
            return book_of_rows.long_batch(self.book, kept)
        return book_of_rows.short_batch(self.book, kept, seen.left)

    def _before(self, rows: Iterable[Row], seen: Seen) -> dict[str, Before]:
        return {
            row.identity: Before(
                content=kept.content,
                same_line=kept.line if kept.source == self.source else None,
                fulfillment_id=kept.effect,
            )
            for row in rows
            if (kept := seen.applied.get(row.identity)) is not None
        }

    def _said_before(self, rows: Iterable[Row], seen: Seen) -> dict[int, Answer]:
        """What was said of these lines when others of their shipment were applied, in a run that did not come to an end:
        the order has moved since, and asking it again might answer otherwise."""
        lines = {row.line for row in rows}
        said: dict[int, Answer] = {}
        for row in rows:
            kept = seen.applied.get(row.identity)
            if kept is not None and kept.source == self.source and kept.beside:
                said |= {a.line: a for a in map(_unpacked, unpack(kept.beside)) if a.line in lines}
        return said


def _shipments(rows: Iterable[Row]) -> list[list[Row]]:
    """The rows of each shipment of each order, in the order of their first lines."""
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row.shipment_id, row.order_id), []).append(row)
    return list(found.values())


def _of(error: Rejected) -> str:
    if isinstance(error, Held):
        return "is on hold"  # why is the retailer's own business
    return "; ".join(p.message for p in error.problems) if isinstance(error, Invalid) else str(error)


def _packed(answer: Answer) -> list[Any]:
    return [answer.line, answer.status, answer.code, answer.reason]


def _unpacked(said: list[Any]) -> Answer:
    line, status, code, reason = said
    return Answer(line=line, status=status, code=code, reason=reason)
