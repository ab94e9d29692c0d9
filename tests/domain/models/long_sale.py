"""
Let an order that is sold and changed have a whole life: declines, short picks, losses, replacements, and changes that wait.

After each step the order agrees with an accountant's books, and its tenders, invoices and journals keep the identities of money.
"""

from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from dataclasses import replace

from comanda.domain.billing import credit_notes
from comanda.domain.billing.credit_notes import CreditNote
from comanda.domain.billing.invoices import Invoice
from comanda.domain.books import journal
from comanda.domain.errors import Invalid, NotAllowed
from comanda.domain.lifecycle.changes import pending_changes
from comanda.domain.lifecycle.changes.change import ChangeOutcome, change
from comanda.domain.lifecycle.changes.changed_amounts import NewPrice
from comanda.domain.lifecycle.modifications.modification_matrix import Matrix
from comanda.domain.lifecycle.node_work.decline import decline, hand_back, short_pick
from comanda.domain.lifecycle.parcels.deliver import deliver, lose
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders import surplus
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.decline_reasons import BUILT_IN
from comanda.domain.orders.dispute import lost
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from comanda.domain.orders.tender import TO_COLLECT, Tender
from tests.builders import a_step, worked
from tests.domain.models.accountant import Refused
from tests.domain.models.choices import Choose, Seeded
from tests.domain.models.sale import STEPS, WORK, Asked, Sale, Tried, enter

type Wish = Callable[[], Asked]


class LongSale(Sale):
    """A sale, its nodes and carriers, and a change that waits for its payment. `wishes` are what waits."""

    def __init__(self, choose: Choose) -> None:
        self.wishes: tuple[Wish, ...] = ()
        self.journal: Counter[str] = Counter()
        self.notes: dict[int, list[CreditNote]] = {}
        super().__init__(choose)
        self._note_journal(None)

    def act(self) -> None:
        before = self.order
        name = self.choose.one((*ALL_STEPS, *WORK, *WORK, *OFTEN))
        self.steps.append(name)
        self.tried[name] += ALL_STEPS[name](self)
        self._review()
        self._note_journal(before)
        self.agree()

    def finish(self) -> None:
        before = self.order
        super().finish()
        self._note_journal(before)

    # The identities of money

    def agree_on_money(self) -> None:
        super().agree_on_money()
        order = self.order
        assert sum(made.totals.total for made in self.invoices) == order.invoiced_total
        for tender in order.payments:
            assert 0 <= tender.refunded <= tender.captured
            assert tender.released >= 0
            assert tender.open >= 0
        covered = order.captured + self.given_back + order.open_authorization
        assert covered >= max(order.totals.total, order.invoiced_total)
        assert order.totals.total >= order.invoiced_total >= 0

    def _note_journal(self, before: object) -> None:
        """Add what the order moved since then to its accounts: they are balanced, and say what its invoices do."""
        moved = journal.between(before, self.order)  # type: ignore[arg-type]  # an order, or None
        assert journal.balanced(moved)
        self.journal.update({account.value: amount for account, amount in moved.items()})
        invoiced, order = sum(made.totals.total for made in self.invoices), self.order
        credited, tax = (
            sum(getattr(note.totals, name) for notes in self.notes.values() for note in notes)
            for name in ("total", "tax")
        )
        has_paid = order.captured - order.disputed + sum(one.written_off for one in order.disputes)
        assert self.journal["receivable"] == invoiced - credited - has_paid
        assert self.journal["tax"] == tax - sum(made.totals.tax for made in self.invoices)
        assert self.journal["credits"] == credited - tax

    def credit(self) -> bool:
        """Credit a part of an invoice, or the rest of it. What was captured of it goes back."""
        if not self.invoices:
            return False
        made = self.choose.one(self.invoices)
        notes = self.notes.setdefault(made.number, [])
        asked = credit_notes.Asked(wanted=self._creditable(made, notes), reason="sorry", by="ann")
        owed = self.owed(made.number)
        try:
            decision, note = credit_notes.credit(
                self.order, replace(made, serial=1), [note.lines for note in notes], asked, self.now
            )
        except (Invalid, NotAllowed):
            return False
        notes.append(note)
        assert sum(one.totals.total for one in notes) <= made.totals.total
        if sum(one.totals.total for one in notes) == made.totals.total:
            assert sum(one.totals.tax for one in notes) == made.totals.tax, "no tax is left of what nobody can credit"
        elif self.taxes_fit:
            assert 0 <= note.totals.tax <= note.totals.total + len(note.lines)
        assert note.lowered == min(note.totals.total, owed), "what is still owed is lowered, and the rest goes back"
        assert sum(one.amount for one in note.refunds) == note.totals.total - note.lowered
        self.given_back += note.totals.total
        self.save(decision)
        return True

    def owed(self, invoice: int) -> int:
        """Return what is invoiced, and neither credited nor paid. Refunds that failed are owed to the customer, not by them. What is
        to be collected with the goods of another invoice is paid by then. Invoices whose capture waits or was given up are not
        paid by money for goods without an invoice."""
        order = self.order
        paid = order.captured - sum(tender.unrefunded for tender in order.payments) - lost(order.disputes)
        unpaid = sum(tender.uncaptured + tender.written_off for tender in order.payments)
        paid = min(paid, order.invoiced_total - order.credited_total - unpaid)
        paid += sum(one.amount for one in order.failed_money if one.reason == TO_COLLECT and one.invoice != invoice)
        return max(0, order.invoiced_total - order.credited_total - paid)

    def _creditable(self, made: Invoice, notes: list[CreditNote]) -> credit_notes.Wanted:
        left = credit_notes.open_lines(made, [note.lines for note in notes])
        kind, line = self.choose.number(0, 3), self.choose.one(list(left.values()))
        if kind == 0 and line.units:
            units = {line.line_id: self.choose.number(1, line.units)}
            return credit_notes.Units(units=units, keep_charges=self.choose.number(0, 1) == 1)
        if kind == 1:
            return credit_notes.Charges()
        return credit_notes.Amount(amount=self.choose.number(1, 5 * self.unit)) if kind == 2 else credit_notes.All()

    # What nodes and carriers do

    def decline(self) -> bool:
        """Give units of a fulfillment back: all, or whole sets."""
        how = self.choose.one(("decline", "hand-back", "short-pick", "short-pick"))
        numbers = self._open()
        if not numbers:
            return False
        number = self.choose.one(numbers)
        step = replace(a_step(number), units=self._some(number))
        if not step.units:
            return False
        try:
            return self._worked(self._given_back(how, number, step))
        except NotAllowed:
            return False

    def _given_back(self, how: str, number: int, step: object) -> Decision:
        order = self.order
        if how == "decline":
            return decline(order, step, BUILT_IN["OTHER"])  # type: ignore[arg-type]
        if order.fulfillment_status(number) == "OFFERED":
            order = worked(order, "accept", "start-pick", number=number)
        if how == "hand-back":
            return hand_back(order, step, "CANNOT_FINISH")  # type: ignore[arg-type]
        return short_pick(order, step, "NOT_FOUND", cancel=self.choose.number(0, 1) == 1)  # type: ignore[arg-type]

    def _some(self, number: int) -> dict[str, int]:
        has, units = self._at_node(number), dict[str, int]()
        for names in self._leaving_together():
            some = self.choose.number(0, min(has.get(name, 0) // self._ratio(name) for name in names))
            units |= {name: some * self._ratio(name) for name in names if some}
        return units

    def _worked(self, decision: Decision | None) -> bool:
        """Save a decision that moves no money but that of the units that it cancels."""
        if decision is None:
            return False
        before = {line.line_id: line.live for line in self.order.lines}
        self.save(decision)
        most = self.books.totals()["total"]
        for line in self.order.lines:
            if line.live < before[line.line_id]:
                self.books.cancel(line.line_id, line.live)
        self.books.cost_no_more_than(most)
        return True

    def parcel(self) -> bool:
        """Deliver a shipment, lose it, or decide what becomes of what is lost: no line costs less for that."""
        sent = [f.number for f in self.order.fulfillments if f.shipped_at and self._on_way(f.number)]
        if sent and self.choose.number(0, 2):
            number = self.choose.one(sent)
            late = self.choose.number(0, 2)
            step = a_step(number)
            return self._worked(lose(self.order, step, "NOT_ARRIVED") if late else deliver(self.order, step, self.now))
        lost = [loss.item for f in self.order.fulfillments for loss in f.losses if not loss.answer]
        if not lost:
            return False
        answer = self.choose.one(("refund", "claim"))
        try:
            return self._worked(resume(self.order, Queue.LOST, self.choose.one(lost), answer, "care", self.now))
        except NotAllowed:
            return False

    def _on_way(self, number: int) -> bool:
        return any(a.status is Status.SHIPPED for _, a in self.order.units_of(number))

    # A change that waits for its payment

    def leave_pending(self) -> bool:
        if self.order.pending is not None:
            return False
        wishes = tuple(self._a_wish() for _ in range(self.choose.number(1, 2)))
        asked = [wish() for wish in wishes]
        try:
            shown = change(self.order, [one.wanted for one in asked], Matrix(), self.terms())
        except Invalid:
            return False
        if shown.denied or not shown.to_pay:
            return False
        cancels = sum(shown.cancelled.values())
        wanted = [{"modification": "charge"}]
        self.save(
            pending_changes.leave_pending(self.order, wanted, shown.to_pay, "x", "sales", self.now, cancels=cancels)
        )
        self.wishes = wishes
        return True

    def _a_wish(self) -> Wish:
        sold = self._sold()
        match self.choose.one(("charge", "price", "more")):
            case "charge":
                asked = self._new_charge()
                return lambda: asked
            case "price":
                price = sold.unit_price + self.choose.one((1, 3 * self.unit))
                wanted = NewPrice(line_id=sold.line_id, unit_price=price)
                return lambda: Asked(wanted, lambda books: books.reprice(sold.line_id, price))
        left = self._has(sold) + self.choose.number(1, 2)
        return lambda: self.quantity_of(sold.line_id, left)

    def pay(self) -> bool:
        """Tell an authorisation: it makes the pending change if it covers it."""
        if not any(line.live for line in self.order.lines) or (self.order.pending is None and self.choose.number(0, 4)):
            return False
        most = self.order.pending.to_pay if self.order.pending else 0
        tenders = self.paid_with(self.choose.one((1, most // 2 + 1, most + 1)))
        outcome = self._outcome(tenders)
        if outcome is not None and outcome.decision and not outcome.to_pay:
            return self._make(outcome.decision)
        still = outcome.to_pay if outcome else None
        self.save(pending_changes.with_payments(self.order, tenders, "shop", self.now, still=still))
        return True

    def _review(self) -> None:
        """Make the pending change if the order's payments cover it by now, or tell its amount anew."""
        if not surplus.needs_review(self.order, self.now):
            return
        outcome = self._outcome(())
        if outcome is None or outcome.decision is None:
            return
        if not outcome.to_pay:
            self.tried["made when covered"] += self._make(outcome.decision)
            return
        rows = outcome.decision.event.data["changes"]
        if (anew := pending_changes.told_anew(self.order, rows, outcome.to_pay, self.now)) is not None:
            self.save(anew)
            self.tried["told anew"] += 1

    def _make(self, decision: Decision) -> bool:
        enter(self.books, [wish() for wish in self.wishes])
        self.save(pending_changes.made(decision))
        self.wishes = ()
        return True

    def _outcome(self, payments: tuple[Tender, ...]) -> ChangeOutcome | None:
        """Return what the pending change does now, with the amount that the accountant finds. None: it is not possible."""
        pending, order = self.order.pending, self.order
        if pending is None:
            return None
        asked = [wish() for wish in self.wishes]
        try:
            made = change(order, [one.wanted for one in asked], Matrix(), self.terms(*payments))
        except Invalid:
            return None
        if not made.fits(pending):
            return None
        books = deepcopy(self.books)
        try:
            enter(books, asked)
        except Refused as refused:
            raise AssertionError("the product takes a change that the accountant refuses") from refused
        costs = books.totals()["total"]
        lacks = min(costs - order.totals.total, costs - self.covered())
        assert made.to_pay == max(0, lacks - sum(tender.open for tender in payments))
        return made

    def _cancel_rest(self) -> bool:
        self._drop()
        return super()._cancel_rest()

    def _drop(self) -> None:
        """Drop what waits, as the end of an order does."""
        if (dropped := pending_changes.drop_not_possible(self.order, self.now)) is not None:
            self.save(dropped)
            self.wishes = ()


ALL_STEPS: dict[str, Callable[[LongSale], bool]] = {
    **STEPS,
    "credit": LongSale.credit,
    "decline": LongSale.decline,
    "parcel": LongSale.parcel,
    "leave pending": LongSale.leave_pending,
    "pay": LongSale.pay,
}
OFTEN = ("leave pending", "leave pending", "quantity", "quantity", "price", "replace", "decline", "parcel", "pay")


def drive(seed: int, sales: int, *, steps: int = 40) -> Tried:
    """Make so many steps of each of these sales, and end them. Returns how often each step was made."""
    tried = Tried()
    for n in range(sales):
        sale = LongSale(Seeded(seed * 1_000_003 + n))
        for _ in range(steps):
            sale.act()
        sale.finish()
        tried += sale.tried
    return tried
