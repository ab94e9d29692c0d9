"""
Apply a page of shipment rows: each shipment in one transaction with the identities of its rows, or as a saga.

Called by   functions/inbox/shipment_file.py
Returns     a RowAnswer for each row
Raises      StaleOrder, StockConflict, Throttled, RowTaken (Busy) when a shipment stays busy after all tries
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.files import applied_rows
from comanda.aws.files.applied_rows import AppliedRow, Book, FoundRows
from comanda.aws.orders import orders
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime import clock
from comanda.aws.stock_updates import stock_facts
from comanda.domain import ids
from comanda.domain.errors import Busy, Held, Invalid, Rejected
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from functions.inbox.departures import departures, refuse_departure
from functions.inbox.fields import APPLIED, RowAnswer
from functions.inbox.loading import Departure
from functions.inbox.partner import Partner
from functions.inbox.row_answers import AppliedBefore, answer_applied, unknown_order
from functions.inbox.shipment_rows import ShipmentRow

ONE_TRANSACTION = 30  # rows: with two writes for each one's stock, the order, its event and fulfillments they fit
ROUNDS = 5  # a busy shipment is tried again after all other shipments of the page


@dataclass(frozen=True, slots=True, kw_only=True)
class ShipmentApplier:
    """Apply the shipments of one version of one file of one partner."""

    partner: Partner
    source: str
    book: Book

    def apply(self, rows: Sequence[ShipmentRow]) -> list[RowAnswer]:
        """Apply the rows, and answer each of them. The shipments of one order are applied in the order of the file."""
        waiting = _by_shipment(rows)
        seen: FoundRows | None = applied_rows.find(self.book, (row.identity for row in rows))
        answers: list[RowAnswer] = []
        for turn in range(ROUNDS):
            busy: dict[str, Busy] = {}
            left: list[list[ShipmentRow]] = []
            for shipment in waiting:
                order_id = shipment[0].order_id
                if order_id in busy:
                    left.append(shipment)
                    continue
                try:
                    answers += self._apply_shipment(shipment, seen)
                except Busy as error:
                    busy[order_id] = error
                    left.append(shipment)
            if not left:
                return answers
            if turn == ROUNDS - 1:
                raise next(iter(busy.values()))
            waiting, seen = left, None
        raise AssertionError("unreachable")

    def _apply_shipment(self, rows: Sequence[ShipmentRow], seen: FoundRows | None) -> list[RowAnswer]:
        """Decide and save the rows of one shipment and order. If another writer was first, decide again, up to three times."""
        for attempt in range(orders.TRIES):
            if seen is None:
                seen = applied_rows.find(self.book, (row.identity for row in rows))
            try:
                return self._decide_and_save(rows, seen)
            except Busy:
                if attempt == orders.TRIES - 1:
                    raise
                seen = None
        raise AssertionError("unreachable")

    def _decide_and_save(self, rows: Sequence[ShipmentRow], seen: FoundRows) -> list[RowAnswer]:
        kept = self._kept_answers(rows, seen)
        before, fresh = answer_applied((row for row in rows if row.line not in kept), self._applied_before(rows, seen))
        answers = [*kept.values(), *before]
        if not fresh:
            return answers
        order = orders.find(fresh[0].order_id)
        if order is None:
            return [*answers, *map(unknown_order, fresh)]
        leaving, beside = departures(order, self.partner, fresh)
        for departure in leaving:
            try:
                order = self._save_departure(order, departure, beside, seen)
            except Rejected as error:
                beside = refuse_departure(departure, fresh, beside, error.code, _reason(error))
            else:
                ful = ids.fulfillment(order.order_id, departure.number)
                answers += [RowAnswer(line=row.line, status=APPLIED, fulfillment_id=ful) for row in departure.rows]
        return answers + beside

    def _save_departure(
        self, order: Order, departure: Departure, beside: Sequence[RowAnswer], seen: FoundRows
    ) -> Order:
        """Ship the units of a departure, and save the order with the identities of the rows. Raises Rejected."""
        step = departure.step(self.partner, clock.now())
        decision = orders.decided(order, lambda order: ship(order, step, departure.shipment()))
        assert isinstance(decision, Decision)  # as `ship` makes one
        kept = [
            AppliedRow(
                identity=row.identity,
                content=row.content,
                source=self.source,
                line=row.line,
                effect=ids.fulfillment(order.order_id, departure.number),
                beside=pack([_to_list(answer) for answer in beside]) if beside and not i else "",
            )
            for i, row in enumerate(departure.rows)
        ]
        writes, now = self._writes(kept, seen), decision.event.at
        also = [*writes, *stock_facts.upgraded_shipment(decision.saved, departure.number, now)]
        return orders.save(order, Saving(decision=decision, also=also))

    def _writes(self, kept: Sequence[AppliedRow], seen: FoundRows) -> Sequence[Write]:
        if len(kept) > ONE_TRANSACTION:
            return applied_rows.long_batch(self.book, kept)
        return applied_rows.short_batch(self.book, kept, seen.uncommitted)

    def _applied_before(self, rows: Iterable[ShipmentRow], seen: FoundRows) -> dict[str, AppliedBefore]:
        return {
            row.identity: AppliedBefore(
                content=kept.content,
                same_line=kept.line if kept.source == self.source else None,
                fulfillment_id=kept.effect,
            )
            for row in rows
            if (kept := seen.applied.get(row.identity)) is not None
        }

    def _kept_answers(self, rows: Iterable[ShipmentRow], seen: FoundRows) -> dict[int, RowAnswer]:
        """Return the answers that an earlier, unfinished run gave to these lines when it applied other lines of their shipment.

        The order has changed since then, so deciding these lines again could give another answer.
        """
        lines = {row.line for row in rows}
        answers: dict[int, RowAnswer] = {}
        for row in rows:
            kept = seen.applied.get(row.identity)
            if kept is not None and kept.source == self.source and kept.beside:
                answers |= {a.line: a for a in map(_to_answer, unpack(kept.beside)) if a.line in lines}
        return answers


def _by_shipment(rows: Iterable[ShipmentRow]) -> list[list[ShipmentRow]]:
    """Group the rows by shipment and order, in the order of their first lines."""
    found: dict[tuple[str, str], list[ShipmentRow]] = {}
    for row in rows:
        found.setdefault((row.shipment_id, row.order_id), []).append(row)
    return list(found.values())


def _reason(error: Rejected) -> str:
    """Return the reason of a refusal for the receipt. The reason of a hold is the retailer's own business."""
    if isinstance(error, Held):
        return "is on hold"
    return "; ".join(p.message for p in error.problems) if isinstance(error, Invalid) else str(error)


def _to_list(answer: RowAnswer) -> list[Any]:
    return [answer.line, answer.status, answer.code, answer.reason]


def _to_answer(kept: list[Any]) -> RowAnswer:
    line, status, code, reason = kept
    return RowAnswer(line=line, status=status, code=code, reason=reason)
