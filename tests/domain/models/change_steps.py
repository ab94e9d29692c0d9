"""
Change the order after the sale, in the model of an order's life.

A new modification is one function with `@a_change`, which returns a change with values that the model chooses.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from comanda.domain.errors import Invalid, NotAllowed
from comanda.domain.lifecycle.changes import change as change_order
from comanda.domain.lifecycle.changes import pending_changes
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.changed_amounts import (
    AppeasementReason,
    NewAppeasement,
    NewCharge,
    NewDiscount,
    NewPrice,
)
from comanda.domain.lifecycle.changes.changed_units import NewQuantity
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.changes.replaced_units import Replacement
from comanda.domain.lifecycle.changes.wanted_changes import NewNote, NewPriority, NewTags, NewTaxId, Wanted
from comanda.domain.lifecycle.modifications.modification_matrix import Matrix
from comanda.domain.lifecycle.moving.allowed import lines_of
from comanda.domain.lifecycle.moving.wanted import NewMethod, NewNode, NewRequested, NewService, NewShipTo, NewStore
from comanda.domain.lifecycle.node_work.work import live_units
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import Line
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import Tender
from tests.builders import a_line, a_tender
from tests.domain.models.books import Books, action

ADDRESSES = (
    Destination(country="US", region="NY", latitude=40.7, longitude=-74.0),
    Destination(country="US", region="CO", latitude=39.7, longitude=-105.0),
)
COUNTERS = ("store-1", "dc-1")  # the second one has none
DAYS = (None, "2026-11-20", "2026-12-24")
MOST_LINES = 9
MOST_TOGETHER = 3  # changes of one request

type Make = Callable[[Books, Line | Bundle], Wanted]
MADE: list[Make] = []


def a_change(make: Make) -> Make:
    """Let the model try the change that this function makes."""
    MADE.append(make)
    return make


@a_change
def price(books: Books, line: Line | Bundle) -> Wanted:
    return NewPrice(line_id=line.line_id, unit_price=books.choose.one((0, 1, 999, 12_345)))


@a_change
def discount(books: Books, _: Line | Bundle) -> Wanted:
    return NewDiscount(code="SORRY", amount=books.choose.one((1, 33, 500)))


@a_change
def charge(books: Books, _: Line | Bundle) -> Wanted:
    return NewCharge(kind="WRAP", amount=books.choose.one((0, 299)), tax=books.choose.one((0, 24)))


@a_change
def tags(_: Books, __: Line | Bundle) -> Wanted:
    return NewTags(tags=("vip",))


@a_change
def note(_: Books, __: Line | Bundle) -> Wanted:
    return NewNote()


@a_change
def tax_id(_: Books, __: Line | Bundle) -> Wanted:
    return NewTaxId()


@a_change
def priority(books: Books, _: Line | Bundle) -> Wanted:
    return NewPriority(priority=books.choose.number(0, 9))


@a_change
def appeasement(books: Books, _: Line | Bundle) -> Wanted:
    return NewAppeasement(why=books.choose.one(tuple(AppeasementReason)), amount=books.choose.one((1, 50, 700)))


@a_change
def quantity(books: Books, line: Line | Bundle) -> Wanted:
    return NewQuantity(line_id=line.line_id, quantity=books.choose.number(0, line.quantity + 1))


@a_change
def new_line(books: Books, line: Line | Bundle) -> Wanted:
    """Return a change that adds a line like this one; fewer units of it where the order has many lines already."""
    if len(books.order.as_sent()) >= MOST_LINES:
        return quantity(books, line)
    return NewLines(lines=(a_line(line.sku, books.choose.number(1, 3), line_id=_new_name(books)),))


@a_change
def another_sku(books: Books, line: Line | Bundle) -> Wanted:
    """Return a change that replaces units of this line; fewer units of it where the order has many lines already."""
    if len(books.order.as_sent()) >= MOST_LINES:
        return quantity(books, line)
    units, unit_price = books.choose.number(1, line.quantity), books.choose.one((None, None, 250))
    return Replacement(
        line_id=line.line_id,
        quantity=units,
        new_line_id=_new_name(books),
        sku="OTHER",
        title="Other",
        unit_price=unit_price,
    )


@a_change
def ship_to(books: Books, line: Line | Bundle) -> Wanted:
    return NewShipTo(to=books.choose.one(ADDRESSES), line_id=books.choose.one(("", line.line_id)))


@a_change
def requested_day(books: Books, _: Line | Bundle) -> Wanted:
    return NewRequested(not_before=books.choose.one(DAYS), deliver_by=books.choose.one(DAYS))


@a_change
def service(books: Books, line: Line | Bundle) -> Wanted:
    of = books.choose.one(("", line.line_id))
    return NewService(service=books.choose.one(("STANDARD", "EXPRESS")), line_id=of)


@a_change
def method(books: Books, line: Line | Bundle) -> Wanted:
    how = books.choose.one((SHIP, PICKUP))
    return NewMethod(line_id=line.line_id, method=how, node_id=books.choose.one(COUNTERS) if how == PICKUP else "")


@a_change
def store(books: Books, line: Line | Bundle) -> Wanted:
    return NewStore(line_id=line.line_id, node_id=books.choose.one(COUNTERS))


@a_change
def node(books: Books, line: Line | Bundle) -> Wanted:
    return NewNode(line_id=line.line_id, node_id=books.choose.one(("dc-1", "dc-2", "dc-9")), by="office")


def assert_dropped(before: Order, after: Order) -> None:
    """Assert that a dropped change leaves the order as it was, without what was authorised for the change and is not needed."""
    assert replace(after, version=before.version, payments=(), operations=0) == replace(
        before, pending=None, payments=(), operations=0
    )
    assert before.pending is not None
    first = before.pending.first_payment or 0
    assert after.payments[:first] == before.payments[:first]
    for had, has in zip(before.payments, after.payments, strict=True):
        assert replace(has, released=had.released) == had
        assert has.released >= had.released


def _new_name(books: Books) -> str:
    return f"n{next(books.numbers)}"


class ChangeSteps(Books):
    """The books, and the people who change the order after the sale."""

    @action(2)
    def change(self) -> None:
        """Change the order, with a payment for what the changes add, or of more. They do what their preview says of money and units.

        An order that has ended takes no payment beside them.
        """
        together = self.choose.one((1, 1, self.choose.number(2, MOST_TOGETHER)))
        wanted = [self._a_change() for _ in range(together)]
        terms = ChangeTerms(reason="asked to", actor="sales", now=self.now)
        before, matrix = self.order, Matrix()
        try:
            shown = change_order.change(before, wanted, matrix, terms)
        except (Invalid, NotAllowed):
            self.refused += 1
            return
        if shown.decision is None:
            assert shown.denied
            self.refused += 1
            return
        if shown.to_pay and not shown.denied and before.pending is None and self.choose.number(0, 2) == 0:
            self._leave_pending(wanted, shown)
            return
        if self._ended():
            beside = replace(terms, payments=(a_tender(700),))
            self._try(False, lambda: change_order.change(before, wanted, matrix, beside).decision)
        amount = 0 if self._ended() else shown.to_pay + self.choose.one((0, 0, 0, 700))
        paid = replace(terms, payments=(a_tender(amount),) if amount else ())
        made = change_order.change(before, wanted, matrix, paid)
        assert made.decision is not None
        assert (made.to_pay, made.totals, made.recalled) == (0, shown.totals, shown.recalled)
        assert made.asked == shown.asked
        denied = dict(made.denied)
        taken = [one for i, one in enumerate(wanted) if i not in denied]
        self.readdressed = self.readdressed or any(isinstance(one, NewShipTo | NewMethod) for one in taken)
        self._save(made.decision)
        self._check_units(before, taken, shown.cancelled)
        if len(taken) == 1:
            self._check_moved(before, taken[0], shown.recalled, shown.asked)

    def _leave_pending(self, wanted: Sequence[Wanted], shown: change_order.ChangeOutcome) -> None:
        """Let changes wait for their payment: the order goes on with what it had."""
        assert shown.decision is not None
        before, rows, cancels = self.order, shown.decision.event.data["changes"], sum(shown.cancelled.values())
        self._save(
            pending_changes.leave_pending(before, rows, shown.to_pay, "asked", "sales", self.now, cancels=cancels)
        )
        self.waits = tuple(wanted)
        assert replace(self.order, pending=None, version=before.version) == before

    @action()
    def pay(self) -> None:
        """Tell a further authorisation. It makes the pending changes if it covers them, and the order still takes them."""
        ended = self._ended()
        payments = (a_tender(self.choose.one((1, 500, 100_000))),)
        outcome = None if ended or self.order.pending is None else self._outcome_of_pending(payments)
        if outcome and outcome.decision and not outcome.to_pay:
            self._make_pending(outcome)
            return
        before, still = self.order.totals, outcome.to_pay if outcome else None
        self._try(
            not ended,
            lambda: pending_changes.with_payments(self.order, payments, "shop", self.now, still=still),
        )
        assert self.order.totals == before

    @action()
    def review_change(self) -> None:
        """Make the pending change if what is authorised covers it by now, or tell anew what it costs."""
        outcome = self._outcome_of_pending(()) if self.order.pending else None
        if outcome is None or outcome.decision is None:
            return
        if not outcome.to_pay:
            self._make_pending(outcome)
            return
        rows = outcome.decision.event.data["changes"]
        if (anew := pending_changes.told_anew(self.order, rows, outcome.to_pay, self.now)) is not None:
            self._save(anew)
            assert pending_changes.told_anew(self.order, rows, outcome.to_pay, self.now) is None, "told once"

    def _make_pending(self, outcome: change_order.ChangeOutcome) -> None:
        assert outcome.decision is not None
        moves = any(isinstance(one, NewShipTo | NewMethod) for one in self.waits)
        self.readdressed = self.readdressed or moves
        before = self.order.totals.total
        self._save(pending_changes.made(outcome.decision))
        assert self.order.totals == outcome.totals
        assert self.order.totals.total >= before, "a change that waits for money gives none back"

    @action()
    def withdraw_change(self) -> None:
        """Drop the pending change, as the channel or sales may at any time. The order stays as it is."""
        before = self.order
        if self._try(
            before.pending is not None,
            lambda: pending_changes.drop(before, pending_changes.WITHDRAWN, "sales", self.now, "too dear"),
        ):
            assert_dropped(before, self.order)

    def _ended(self) -> bool:
        return self.order.closed or not any(line.live for line in self.order.lines)

    def _outcome_of_pending(self, payments: tuple[Tender, ...]) -> change_order.ChangeOutcome | None:
        terms = ChangeTerms(reason="asked to", actor="sales", now=self.now, payments=payments)
        try:
            outcome = change_order.change(self.order, self.waits, Matrix(), terms)
        except (Invalid, NotAllowed):
            return None
        return outcome if self.order.pending and outcome.fits(self.order.pending) else None

    def _a_change(self) -> Wanted:
        return self.choose.one(MADE)(self, self.choose.one(self.order.as_sent()))

    def _check_units(self, before: Order, taken: Sequence[Wanted], cancelled: Mapping[str, int]) -> None:
        """Check that changes cancelled and added the units that they name, and no others."""
        wanted = {one.line_id: one.quantity for one in taken if isinstance(one, NewQuantity)}
        for line in before.lines:
            gone, now = cancelled.get(line.line_id, 0), self.order.line(line.line_id)
            more = max(0, wanted.get(line.line_id, 0) - line.live)
            if line.component is None:
                assert now.live == line.live - gone + more
        expected: dict[str, int] = {}
        for one in taken:
            if isinstance(one, NewLines):
                expected |= {line.line_id: line.quantity for line in one.lines}
            elif isinstance(one, Replacement):
                expected[one.new_line_id] = one.quantity
        known = {line.line_id for line in before.lines}
        assert {line.line_id: line.live for line in self.order.lines if line.line_id not in known} == expected

    def _check_moved(
        self,
        before: Order,
        wanted: Wanted,
        recalled: Mapping[int, Mapping[str, int]],
        asked: Mapping[int, Mapping[str, int]],
    ) -> None:
        """Check that of lines that go elsewhere only those units are at a node that the node is asked for."""
        if not isinstance(wanted, NewShipTo | NewService) or not (recalled or asked):
            return
        lines: Iterable[Line] = lines_of(before, wanted.modification, wanted.line_id)
        moved = {line.line_id for line in lines if isinstance(wanted, NewShipTo) or line.service != wanted.service}
        for f in self.order.fulfillments:
            there = {i: n for i, n in live_units(self.order, f.number).items() if i in moved}
            assert all(asked[f.number][i] == n for i, n in there.items())
