"""Keep one order and its stock as the tables would, and write a decision into them: as a whole, or refused loudly."""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count
from typing import TYPE_CHECKING

from comanda.domain.billing import header_amounts, invoices
from comanda.domain.books import journal
from comanda.domain.books.accounts import Account
from comanda.domain.errors import Rejected
from comanda.domain.labels.labels import KINDS, label
from comanda.domain.lifecycle import next_look, place
from comanda.domain.lifecycle.changes.wanted_changes import Wanted
from comanda.domain.lifecycle.holds import payment_holds, review
from comanda.domain.orders import document, queues
from comanda.domain.orders.capacity import Slot
from comanda.domain.orders.decision import Decision, Event, MoneyOperation
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.status import Status
from comanda.domain.orders.tender import AT_HAND_OVER
from comanda.domain.shipping.tracking import Standing
from comanda.domain.stock.apply_change import apply_change
from comanda.domain.stock.changes import Change
from comanda.domain.stock.stock import Position
from tests.builders import (
    CHICAGO,
    DENVER,
    NEW_YORK,
    NOW,
    a_hold_type,
    a_node,
    a_position,
)
from tests.domain.models.choices import SKUS, Choose, an_arbitrary_order
from tests.domain.models.draft_life import DraftLife
from tests.domain.told import plain_sentence, untold

if TYPE_CHECKING:
    from tests.domain.models.case_steps import CaseFile

SECRET = "Grace Hopper"  # words of people: no order, event or case holds them
NODES = (
    a_node("dc-1", CHICAGO, units_per_day=2),
    a_node("dc-2", NEW_YORK, accept_minutes=30, ship_minutes=600),
    a_node("store-1", DENVER, type="STORE"),
)

MINUTES = {node.node_id: node.accept_minutes for node in NODES}
A_DAY = ("2026-11-20", "2026-11-21", "2026-12-24")  # on which a customer wants an order


def action[**P, T](weight: int = 1) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Let the model take the step that this method takes, so often among the others: an order's life is mostly work."""

    def mark(step: Callable[P, T]) -> Callable[P, T]:
        step.weight = weight  # type: ignore[attr-defined]  # a function takes any attribute
        return step

    return mark


@dataclass(frozen=True, slots=True, kw_only=True)
class SentAgain:
    """Begin an order that sends lost units of another one again: by the decision that places it, on the stock that is left."""

    decision: Decision
    now: datetime
    positions: Mapping[tuple[str, str], Position]


def _positions(choose: Choose) -> dict[tuple[str, str], Position]:
    return {
        (sku, node.node_id): a_position(
            sku, node.node_id, choose.number(0, 8), safety=choose.one((0, 0, 0, 2)), ship=choose.number(0, 9) > 0
        )
        for sku in SKUS
        for node in NODES
    }


class Books:
    """The books of one order: the positions that it takes from, the ledger, the queues, and the money."""

    def __init__(
        self, choose: Choose, pairs: Counter[tuple[Status, str]] | None = None, sent_again: "SentAgain | None" = None
    ) -> None:
        self.choose = choose
        self.pairs: Counter[tuple[Status, str]] = Counter() if pairs is None else pairs
        self.now = NOW if sent_again is None else sent_again.now
        self.positions = _positions(choose) if sent_again is None else dict(sent_again.positions)
        self.opening = dict(self.positions)
        self.ledger: dict[tuple[str, str], dict[str, Change]] = {at: {} for at in self.positions}
        self.rebuilt: dict[tuple[str, str], tuple[int, Position]] = {}  # from so many entries of the ledger
        self.checked: tuple[object, ...] = ()  # the state whose identities were checked last
        self.days: Counter[tuple[str, str]] = Counter()  # (node, day) -> units of its capacity
        self.over_limit: Counter[tuple[str, str]] = Counter()  # units of waves that come when no day has room
        self.tasks: set[tuple[str, str]] = set()
        self.invoices: list[invoices.Invoice] = []
        self.money: list[MoneyOperation] = []
        self.unmoved: set[int] = set()  # the numbers of captures that wait until the customer gets the goods
        self.accounts: dict[Account, int] = {}  # the sum of the journals
        self.lost_stock = {at for at, position in self.positions.items() if position.free < 0}
        self.adjustments = 0
        self.refused = 0
        self.standings: dict[int, dict[str, Standing]] = {}  # what scans say: by fulfillment and name of the parcel
        self.states: Counter[tuple[str, str]] = Counter()  # (status of the order, action) -> times tried
        self.numbers = count(1)  # of lines that join the order
        self.waits: tuple[Wanted, ...] = ()  # the changes that are pending, if the order has any
        self.readdressed = False  # a change gave the order, or a line, another address
        self.replacements: list[Decision] = []  # that send lost units again, each by an order of its own
        self.cases: list[CaseFile] = []
        self.steps: list[str] = []
        self.taken = 0  # steps, without those that finished the order
        self.drafted = False
        self.in_waves = choose.number(0, 3) == 0  # the planners' rules release units with the next wave
        self.policy = choose.one((header_amounts.SHARE, header_amounts.KEEP))
        self.impatient = choose.number(0, 3) == 0  # the planners' rules cancel units for which no stock comes in a day
        self.facts: Counter[str] = Counter()  # that time has made
        self.look = self.now  # when the sweeper looks at the order
        decision = self._placed() if sent_again is None else sent_again.decision
        self.order = decision.order
        self._save(decision)

    def _placed(self) -> Decision:
        """Place an order that a channel sends, or that is made of a draft, and that a rule may hold."""
        kinds = (
            ()
            if self.choose.number(0, 4)
            else (a_hold_type(review.SALES_REVIEW, "schedule", queue="sales-review", total_at_least=(0, "USD")),)
        )
        order = self._drafted() if self.choose.number(0, 4) == 0 else None
        if order is None:
            order = an_arbitrary_order(self.choose)
        order = self._with_times(order)
        return place.place_order(order, kinds, "shop", self.now, discount_after_cancel=self.policy)

    def _with_times(self, order: Order) -> Order:
        """Return the order, perhaps with a payment whose authorisation ends, or that is collected when the customer gets the goods,
        and perhaps wanted on a later day."""
        if order.payments and self.choose.number(0, 3) == 0:
            cash = replace(order.payments[0], provider=AT_HAND_OVER, reference="", captured=0, captured_before=0)
            order = replace(order, payments=(cash, *order.payments[1:]))
        elif order.payments and self.choose.number(0, 3) == 0:
            ends = self.now + timedelta(hours=self.choose.one((2, 30, 24 * 7)))
            order = replace(order, payments=(replace(order.payments[0], expires_at=ends), *order.payments[1:]))
        if self.choose.number(0, 4) == 0:
            order = replace(order, requested=(("not_before", self.choose.one(A_DAY)),))
        return order

    def _drafted(self) -> Order | None:
        """Live a draft's life. Return its order, or None if it ended without one."""
        draft = DraftLife(self.choose)
        lived = draft.lived()
        self.steps += [f"draft: {step}" for step in draft.steps]
        if lived is None:
            return None
        (order, self.now), self.drafted = lived, True
        return order

    def state(self) -> tuple[object, ...]:
        """Return everything that the identities are about. Most of it is the very same object after a step that is refused."""
        return (
            self.order,
            self.now,
            *self.positions.values(),
            *(standing for of_work in self.standings.values() for standing in of_work.values()),
            frozenset(self.tasks),
            frozenset(self.days.items()),
            len(self.invoices),
            len(self.money),
            frozenset(self.lost_stock),
            self.readdressed,
            self.look,
        )

    # The parts of a step

    def _save(self, decision: Decision) -> None:
        decision = payment_holds.up_to_date(decision)
        before, self.order = self.order, replace(decision.order, version=self.order.version + 1)
        self._plan_look(before)
        json_text = json.dumps(document.from_order(self.order))
        assert SECRET not in json_text, "an order holds no words of people"
        read = document.to_order(json.loads(json_text))
        assert read == self.order, "a document reads back as it was written"
        assert decision.event.type
        assert SECRET not in json.dumps(decision.event.data), "an event holds no words of people"
        if decision.event.data:
            _assert_told(decision.event)
        touched = [(c.sku, c.node, c.kind) for c in decision.stock]
        if decision.event.actor != "supply":  # it moves the units of each line by themselves
            assert len(set(touched)) == len(touched), "lines of one sku at one node are one movement"
        assert {change.kind for change in decision.stock} <= KINDS["MovementKind"].keys(), "each kind has a label"
        for change in decision.stock:
            self._move_stock(change)
        for slot in decision.capacity:
            self._take_turns(slot)
        put, done = queues.task_changes(before if before.version else None, self.order, self.now)
        puts = [(task.queue, task.item) for task in (*decision.tasks, *put)]
        deletes = [*decision.done, *done]
        assert len({*puts, *deletes}) == len(puts) + len(deletes), "no work item twice in one transaction"
        self.tasks = (self.tasks | set(puts)) - set(deletes)
        for operation in decision.money:
            assert operation.amount > 0
            assert operation.number == len(self.money) + 1
            self.money.append(operation)
        waiting = {one.number for one in self.order.failed_money}
        self.unmoved |= {operation.number for operation in decision.money if operation.number in waiting}
        moved = journal.between(before if before.version else None, self.order)
        assert journal.balanced(moved)
        self.accounts = journal.added((self.accounts, moved))

    def _plan_look(self, before: Order) -> None:
        """Move the sweeper's look as a save does."""
        if not before.version:
            self.look = next_look.next_look(self.order, self.now)
        elif (look := next_look.earlier_look(before, self.order, self.now)) is not None:
            self.look = look

    def _move_stock(self, change: Change) -> None:
        """Write a change of stock as the table's conditional write does."""
        at = (change.sku, change.node)
        position, ledger = self.positions[at], self.ledger[at]
        assert change.movement_id not in ledger, f"{change.movement_id} twice"
        if change.need is not None:
            assert position.free >= change.need
        for due, delta in change.demand:
            assert dict(position.hard).get(due, 0) + delta >= 0
        ledger[change.movement_id] = change
        self.positions[at] = apply_change(position, change)

    def _take_turns(self, slot: Slot) -> None:
        """Book units of a node's day as the table's conditional write does."""
        at = (slot.node, slot.day)
        assert slot.units
        assert slot.limit is None or self.days[at] + slot.units <= slot.limit
        if slot.limit is None and slot.units > 0:
            self.over_limit[at] += slot.units
        self.days[at] += slot.units

    def _try(self, expected: bool, rule: Callable[[], Decision | None]) -> bool:
        """Run a rule, check that it is refused or not as predicted, and save its decision."""
        decision, refusal = None, None
        try:
            decision = rule()
        except Rejected as error:
            refusal = error
        assert (refusal is None) == expected, f"{self.steps[-1]} was {refusal or 'allowed'}"
        if decision is not None:
            self._save(decision)
        self.refused += refusal is not None
        return expected

    def _blocked(self, *transactions: str) -> bool:
        """Return True if a hold of the whole order blocks one of these transactions."""
        return any(self._stops(hold, transactions) for hold in self.order.holds if not hold.lines)

    def _line_blocked(self, line_id: str, *transactions: str) -> bool:
        """Return True if a hold of this line blocks one of these transactions."""
        return any(self._stops(hold, transactions) for hold in self.order.holds if line_id in hold.lines)

    @staticmethod
    def _stops(hold: Hold, transactions: Sequence[str]) -> bool:
        return hold.resolved_at is None and not set(transactions).isdisjoint(hold.blocks)

    def moved(self, purpose: str) -> int:
        """Return the sum of the operations of this purpose that moved money."""
        return sum(one.amount for one in self.money if one.purpose == purpose and one.number not in self.unmoved)

    def units_by_status(self, number: int) -> dict[str, dict[Status, int]]:
        """Return the units of a fulfillment by line id and status."""
        found: dict[str, dict[Status, int]] = {}
        for line in self.order.lines:
            for a in line.allocations:
                if a.fulfillment == number:
                    statuses = found.setdefault(line.line_id, {})
                    statuses[a.status] = statuses.get(a.status, 0) + a.quantity
        return found


def _assert_told(event: Event) -> None:
    """Assert that the event carries the facts that its sentence needs, and that the sentence leaves none of its facts out."""
    said = plain_sentence(event.type, event.data)
    assert len(said) > len(label("EventType", event.type, "en-US")), f"{event.type} {event.data}"
    assert untold(event.type, event.data) == set(), f"{event.type} {event.data}"
