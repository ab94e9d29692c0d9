"""
Pay an order that is sold, changed, shipped and credited at providers which fail at random, by cards, gift cards, links, at the
hand-over and by the shop itself.

After each step the order agrees with an accountant's books, each payment with its operations, and these with the provider's own
books. At the end, when the provider has stopped failing, all that was invoiced and not credited is paid, and nothing else is.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from comanda.domain.billing import collecting, disputes, failed_money, unneeded_credit
from comanda.domain.books.accounts import standing
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle import payment_links
from comanda.domain.lifecycle.changes import pending_changes
from comanda.domain.lifecycle.holds import authorisations, hold_expiry, payment_holds, renewals, review
from comanda.domain.lifecycle.place import place_order
from comanda.domain.lifecycle.resume import ANSWERS, resume
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.holds import OF_MONEY
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from comanda.domain.orders.tender import AT_HAND_OVER, REFERENCE, TO_COLLECT, FailedMovement, Tender
from functions.invoice.rules import close
from tests.builders import saved
from tests.domain.models import long_sale
from tests.domain.models.bank_disputes import BankDisputes
from tests.domain.models.choices import Choose, Seeded
from tests.domain.models.long_sale import LongSale
from tests.domain.models.provider_money import WRITTEN, Row

_PROVIDERS = ("stripe", "stripe", "stripe", "reference", "comanda", AT_HAND_OVER)
_HOURS = 400  # in which an order ends after the provider has stopped failing


class PaidSale(LongSale, BankDisputes):
    """A sale whose payments are moved by providers."""

    def __init__(self, choose: Choose) -> None:
        BankDisputes.__init__(self)
        self.currency = ""
        LongSale.__init__(self, choose)

    def act(self, names: Sequence[str] = ()) -> None:
        before = self.order
        name = self.choose.one(names or self._names())
        self.steps.append(name)
        self.tried[name] += STEPS[name](self)
        self._review()
        self._note_journal(before)
        self.agree()

    def _names(self) -> Sequence[str]:
        """Return the steps of which the next one is made: what waits for a customer is rare, and a third of the steps then."""
        is_asked = self.choose.number(0, 2) == 0
        if is_asked and self.link_rows():
            return OF_LINKS
        if is_asked and self.waits_for_banks():
            return OF_BANKS
        cash = any(one.reason == TO_COLLECT for one in self.order.failed_money)
        return OF_CASH if is_asked and (cash or any(collecting.items_of_more(self.order))) else NAMES

    # The store and the payments

    def save_new(self, order: Order, discount_after_cancel: str) -> None:
        kind = self.payment_kind()
        kinds = (kind,) if kind else ()
        self.save(place_order(order, kinds, "shop", self.now, discount_after_cancel=discount_after_cancel))

    def save(self, decision: Decision) -> None:
        before = getattr(self, "order", None)
        decision = replace(decision, event=replace(decision.event, at=self.now))  # builders' steps are all of one time
        decision = unneeded_credit.released(before, decision)
        decision = payment_holds.up_to_date(payment_links.up_to_date(decision))
        assert payment_links.up_to_date(decision) is decision, "links ask once for what is missing"
        again = payment_holds.up_to_date(replace(decision, done=(), money=()))
        assert decision.tasks or not again.done, "what has no reason ends at once"
        self.order = saved(decision)
        self.note(before, decision)
        self.check_links(self.order)
        assert not before or not before.pending or self.order.pending or not self.needless_of_links()
        self._end_needless_questions()  # the event of a save calls the room pay while such a question is open

    def _end_needless_questions(self) -> None:
        if (over := renewals.not_needed(self.order, self.now, self.unsent())) is not None:
            self.save(over)

    def first_payments(self, total: int, currency: str) -> tuple[Tender, ...]:
        self.currency = currency
        first = self.choose.one((total, total, total // 3, total // 3, total - 1, 0))
        paid = self.paid_with(first)
        left = total - sum(one.authorized for one in paid)
        by_link = left > 0 and self.choose.number(0, 3) == 0
        paid += (self.a_link(left, currency),) if by_link else self.paid_with(total - first)
        return paid if self.choose.number(0, 1) else paid[::-1]

    def paid_with(self, amount: int) -> tuple[Tender, ...]:
        if amount <= 0:
            return ()
        return (self.a_payment(amount, self.currency, self.choose.one(_PROVIDERS)),)

    def covered(self) -> int:
        valid = sum(tender.open for tender in self.order.payments if not tender.ended(self.now))
        return self.order.accounted + valid

    # What is compared

    def agree_on_money(self) -> None:
        order = self.order
        self.check_payments()
        self.check_cards()
        self.check_waiting()
        self.check_release()
        assert not sum(standing(order).values()), "the books balance"
        assert sum(made.totals.total for made in self.invoices) == order.invoiced_total
        assert order.accounted + order.open_authorization >= order.invoiced_total, "what is invoiced can be captured"
        lacks = order.totals.total - self.covered()
        assert order.closed or lacks <= order.unpaid(self.now), "the order knows what money it lacks"

    # Steps

    def time_passes(self) -> bool:
        self.now += timedelta(hours=self.choose.one((1, 5, 13, 26, 70)))
        self._find_facts()
        return True

    def _find_facts(self) -> None:
        if (dropped := pending_changes.drop_expired(self.order, self.now)) is not None:
            self.save(dropped)
            self.wishes = ()
        for _ in range(20):
            if (ended := hold_expiry.end_expired_hold(self.order, frozenset(), self.now)) is not None:
                self._worked(ended)
                continue
            fact = renewals.begin(self.order, self.now) or authorisations.hold_if_ended(self.order, self.now)
            if fact is None:
                return
            self.save(fact)
        raise AssertionError("the facts of a time come to an end")

    def provider_works(self) -> bool:
        row = self.next_row()
        if row is None:
            return False
        self._work(row, fails=True)
        return True

    def _work(self, row: Row, *, fails: bool) -> None:
        self._save_if_any(self.work(row, fails=fails))
        self._end_needless_questions()

    def refund_comes_back(self) -> bool:
        return self._save_if_any(self.comes_back())

    def _save_if_any(self, decision: Decision | None) -> bool:
        if decision is not None:
            self.save(decision)
        return decision is not None

    def answer(self) -> bool:
        """Let a person answer about a movement of money that failed."""
        if not self.order.failed_money:
            return False
        one = self.choose.one(self.order.failed_money)
        pay_out = failed_money.queue_item(one)[0] == Queue.PAY_OUTS
        reply = self.choose.one(ANSWERS[Queue.PAY_OUTS] if pay_out else failed_money.ANSWERS[one.purpose])
        return self._answer(one, reply)

    def _answer(self, one: FailedMovement, reply: str) -> bool:
        queue, item = failed_money.queue_item(one)
        try:
            self.save(resume(self.order, queue, item, reply, "ann", self.now))
        except NotAllowed:  # a refund waits for the answer about its capture
            return False
        return True

    def collect(self) -> bool:
        """Let a carrier tell what it has collected for a shipment: all, a part, nothing, or too much."""
        due = {f.number: collecting.due(self.order, f.number) for f in self.order.fulfillments if f.invoice is not None}
        numbers = [number for number, amount in due.items() if amount]
        if not numbers:
            return False
        number = self.choose.one(numbers)
        amount = self.choose.one((0, 1, due[number], due[number] + 7))
        return self._collect(number, amount)

    def collect_ahead(self) -> bool:
        """Let a counter collect for work that it has, before it is invoiced."""
        numbers = [number for number in self._open() if collecting.due(self.order, number)]
        if not numbers:
            return False
        number = self.choose.one(numbers)
        pickup = replace(self.order.fulfillment(number), method=PICKUP)  # a counter has the goods
        self.order = replace(
            self.order, fulfillments=tuple(pickup if f.number == number else f for f in self.order.fulfillments)
        )
        due = collecting.due(self.order, number)
        return self._collect(number, self.choose.one((1, due, due, due + 7)))

    def _collect(self, number: int, amount: int) -> bool:
        told = (number, amount, f"cash-{len(self.order.collected)}")
        decision = collecting.collect(self.order, *told, "till", self.now)
        if decision is None:
            return False
        self.save(decision)
        assert collecting.collect(self.order, *told, "till", self.now) is None, "the same money is told once"
        return True

    def count_cash(self) -> bool:
        """Let a person deal with money that was more than due."""
        items = list(collecting.items_of_more(self.order))
        if items:
            self.save(resume(self.order, Queue.PAYMENTS, self.choose.one(items), "done", "ann", self.now))
        return bool(items)

    def resolve(self) -> bool:
        """Let a person resolve a hold of missing money: the ended authorisations count as renewed."""
        asked = [hold for hold in self.order.holds if hold.active and hold.queue]
        if not asked:
            return False
        return self._resolve(self.choose.one(asked))

    def _resolve(self, hold: Hold) -> bool:
        try:
            self.save(review.resolve(self.order, hold.hold_id, hold.queue, "paid", "ann", self.now))
        except NotAllowed:
            assert hold.by in OF_MONEY
            assert any(tender.by_link for tender in self.order.payments), "only customers end what waits for a link"
            assert self.order.unpaid(self.now)
            return False
        return True

    def offer(self) -> bool:
        return False if self.order.blocked("release") else self._offer()

    def provide(self) -> bool:
        unpaid = self.order.blocked("release") or self.order.unpaid(self.now)  # nothing is provided then
        return False if unpaid else super().provide()

    def _bill(self, number: int) -> None:
        units = self.to_bill[number]
        try:
            super()._bill(number)
        except NotAllowed:
            assert self.order.unpaid(self.now), "an invoice fails only for money that has ended"
            self.to_bill[number] = units

    def _bill_provided(self) -> None:
        try:
            super()._bill_provided()
        except NotAllowed:
            assert self.order.unpaid(self.now), "an invoice fails only for money that has ended"

    # The end

    def finish(self) -> None:
        """Let the provider succeed from now on, and people answer what waits: the order ends with its money to the cent.

        Then credit what is closed, with a provider that fails again, and let that end.
        """
        self._end()
        for _ in range(AFTER_STEPS):
            self.act(OF_BANKS if self.waits_for_banks() and self.choose.number(0, 1) else AFTER)
        self._end()
        self._check_the_provider()

    def _end(self) -> None:
        for _ in range(_HOURS):
            self._end_an_hour()
            waits = self.order.failed_money or any(collecting.items_of_more(self.order)) or self.link_rows()
            waits = waits or any(disputes.items(self.order))
            if self.order.closed and not waits and self.next_row() is None:
                break
        order = self.order
        assert order.closed, "an order ends"
        assert not self.tasks
        assert not any(row.state == WRITTEN for row in self.rows)
        assert order.open_authorization == 0
        assert order.invoiced_total == order.totals.total == self.books.invoiced()
        kept = order.disputed - sum(one.written_off for one in order.disputes)
        assert order.accounted - kept == order.invoiced_total, "banks have what was not owed, or was given up"

    def _end_an_hour(self) -> None:
        before = self.order
        self.now += timedelta(hours=1)
        self._find_facts()
        self._end_links()
        self.end_disputes()
        while (row := self.next_row()) is not None:
            self._work(row, fails=False)
            self.agree()
        for one in self.order.failed_money:
            reply = failed_money.DONE if failed_money.DONE in failed_money.ANSWERS[one.purpose] else failed_money.PAID
            if self._answer(one, reply):
                break
        self.count_cash()
        for hold in self.order.holds:
            asked = hold in self.order.holds and hold.active and hold.queue
            if asked and not self._resolve(hold):
                self._pay_at_the_end()
        self._end_work()
        self._note_journal(before)
        self.agree()

    def _end_links(self) -> None:
        """Let customers pay what they are asked for, or not. The provider answers about each link."""
        for page in [page for page in self.pages if not page.paid and not page.over(self.now)]:
            if self.choose.number(0, 3) == 0:
                self.pay_page(page, exactly=True)
        for row in self.link_rows():
            self.work_on_link(row, fails=False)
            self.agree()

    def _pay_at_the_end(self) -> None:
        """Pay what a customer did not pay by link: by another one, or by money that the shop moves itself."""
        asks = any(tender.by_link and tender.asked for tender in self.order.payments)
        if asks or (self.choose.number(0, 1) and self.ask()):
            return
        given = (self.a_payment(self.order.unpaid(self.now), self.currency, REFERENCE),)
        self.save(pending_changes.with_payments(self.order, given, "shop", self.now))

    def _end_work(self) -> None:
        for number in self._open():
            self._ship(number, whole=True)
        if any(a.status is not Status.CANCELLED for line in self.order.lines for a in line.allocations):
            self._cancel_rest()
        for number in sorted(self.to_bill):
            self._bill(number)
        self._bill_provided()
        if self.order.settled and not self.order.closed:
            self._drop()
            self._save_if_any(close(self.order, self.now))

    def _check_the_provider(self) -> None:
        """Compare what really moved with what the order says: persons move the rest by other ways."""
        self.check_pages()
        for tender in self.order.payments:
            if tender.outside and tender.reference:
                held = self.held[tender.reference]
                assert held.captured == tender.captured
                assert held.refunded == tender.refunded - tender.repaid


STEPS: dict[str, Callable[[PaidSale], bool]] = {
    **long_sale.ALL_STEPS,
    "offer": PaidSale.offer,
    "provide": PaidSale.provide,
    "time passes": PaidSale.time_passes,
    "provider works": PaidSale.provider_works,
    "refund comes back": PaidSale.refund_comes_back,
    "answer": PaidSale.answer,
    "resolve": PaidSale.resolve,
    "collect": PaidSale.collect,
    "collect ahead": PaidSale.collect_ahead,
    "ask": PaidSale.ask,
    "pay link": PaidSale.pay_link,
    "tell link": PaidSale.tell_link,
    "link works": PaidSale.link_works,
    "count cash": PaidSale.count_cash,
    "increase": PaidSale.increase,
    "dispute opened": PaidSale.open_dispute,
    "dispute decided": PaidSale.decide_dispute,
    "dispute told": PaidSale.tell_disputes,
    "dispute answered": PaidSale.answer_dispute,
}
OF_BANKS = ("dispute decided", "dispute told", "dispute told", "dispute answered", "dispute answered")
AFTER = (
    "pay link",
    "link works",
    "credit",
    "collect",
    "provider works",
    "provider works",
    "refund comes back",
    "answer",
    "time passes",
    *["dispute opened"] * 3,
    *OF_BANKS,
)
AFTER_STEPS = 12
OF_LINKS = ("link works", "link works", "link works", "pay link", "pay link", "pay link", "tell link", "ask")
OF_CASH = ("collect", "count cash", "collect ahead")
MONEY = (
    *["provider works"] * 12,
    *["credit"] * 4,
    *["refund comes back"] * 8,
    "time passes",
    "answer",
    "answer",
    *["resolve"] * 3,
    *["collect"] * 8,
    *["collect ahead"] * 3,
    *["count cash"] * 4,
    *["ask"] * 4,
    *["increase"] * 4,
    *["dispute opened"] * 12,
)
NAMES = (*STEPS, *long_sale.WORK, *long_sale.WORK, *long_sale.WORK, "bill", "bill", *long_sale.OFTEN, *MONEY)


class Violation(AssertionError):
    """An identity did not hold. Carries the seed and the steps that lead there."""


def drive(seed: int, sales: int, *, steps: int = 40) -> Counter[str]:
    """Make so many steps of each of these sales, and end them. Returns how often each step was made. Raises Violation."""
    tried = Counter[str]()
    for n in range(sales):
        sale = PaidSale(Seeded(seed * 1_000_003 + n))
        try:
            for _ in range(steps):
                sale.act()
            sale.finish()
        except Exception as error:
            raise Violation(f"seed {seed}, sale {n}: {sale.steps}: {error!r}") from error
        tried["steps"] += steps + AFTER_STEPS
        tried += sale.tried + Counter({f"event {name}": times for name, times in sale.facts.items()}) + sale.of_pages
    return tried
