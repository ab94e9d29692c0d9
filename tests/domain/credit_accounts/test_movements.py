"""Whatever orders reserve, capture and give back, whatever customers pay and however limits change: the room adds up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import payments
from comanda.domain.books import journal
from comanda.domain.books.accounts import Account as BooksAccount
from comanda.domain.books.accounts import standing
from comanda.domain.credit_accounts import movements
from comanda.domain.credit_accounts.account import CreditAccount, Terms
from comanda.domain.credit_accounts.movements import CreditPurpose
from comanda.domain.credit_accounts.payment import CustomerPayment
from comanda.domain.gift_cards import movements as gift_card_movements
from comanda.domain.orders.decision import MoneyOperation
from comanda.domain.orders.order import Order, Totals
from comanda.domain.orders.tender import OWN, Tender
from tests.builders import a_line, an_order, an_order_id

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
ACCOUNT = "ac_" + "1" * 32
AMOUNTS = st.integers(1, 1_000_000)


class Ledger:
    """An account as its row has it, changed as transactions change it: whole, or not at all."""

    def __init__(self, limit: int) -> None:
        self.account = CreditAccount(
            account_id=ACCOUNT,
            channel="web",
            customer_id="c-17",
            currency="USD",
            terms=Terms(limit=limit, payment_days=30),
            room=limit,
            owed=0,
            version=1,
            opened_at=NOW,
        )
        self.orders: dict[str, Order] = {}
        self.received = 0
        self.keys: set[tuple[str, str, int]] = set()

    def save(self, before: Order | None, after: Order, money: Sequence[MoneyOperation]) -> bool:
        entries = movements.of_version(before, after, money, NOW)
        room, owed = sum(one.room for one in entries), sum(one.owed for one in entries)
        if any(one.purpose is CreditPurpose.REDEEM for one in entries) and self.account.room < max(0, -room):
            return False
        for one in entries:
            key = (after.order_id, one.purpose, one.number)
            assert key not in self.keys
            self.keys.add(key)
            assert (one.due_on is not None) == (one.purpose is CreditPurpose.CAPTURE)
        assert journal.balanced(journal.between(before, after))
        assert gift_card_movements.of_version(before, after, money) == ()
        self.account = replace(self.account, room=self.account.room + room, owed=self.account.owed + owed)
        self.orders[after.order_id] = after
        self.check()
        return True

    def limit(self, limit: int) -> None:
        moved = limit - self.account.terms.limit
        terms = replace(self.account.terms, limit=limit)
        self.account = replace(self.account, terms=terms, room=self.account.room + moved)
        self.check()

    def pay(self, amount: int) -> None:
        if amount <= self.account.owed:
            paid = CustomerPayment(amount=amount, reference="t", received_on=date(2026, 11, 30), by="x", at=NOW)
            assert sum(paid.journal.values()) == 0
            self.account = replace(
                self.account, room=self.account.room + amount, owed=self.account.owed + paid.journal["on_account"]
            )
            self.received += amount
        self.check()

    def check(self) -> None:
        tenders = [tender for order in self.orders.values() for tender in order.payments]
        assert self.account.reserved == sum(tender.open for tender in tenders) >= 0
        assert self.account.owed == sum(t.captured - t.refunded for t in tenders) - self.received
        books = [standing(order) for order in self.orders.values()]
        assert all(sum(one.values()) == 0 for one in books)
        assert self.account.owed == sum(one.get(BooksAccount.ON_ACCOUNT, 0) for one in books) - self.received


def of_total(total: int) -> Totals:
    return Totals(goods=total, discounts=0, charges=0, tax=0, total=total)


def on_account(amount: int) -> Tender:
    return Tender(method="ON_ACCOUNT", reference=ACCOUNT, authorized=amount, provider=OWN, payment_days=30)


def an_order_of(n: int, amounts: Sequence[int]) -> Order:
    made = tuple(map(on_account, amounts))
    return replace(an_order(a_line()), order_id=an_order_id(n), payments=made, totals=of_total(sum(amounts)))


TENDERS = st.lists(AMOUNTS, min_size=1, max_size=3)
OF_ORDER = st.tuples(st.integers(0, 5), AMOUNTS)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("place"), TENDERS),
        st.tuples(st.sampled_from(["pay more", "invoice", "costs less", "end"]), OF_ORDER),
        st.tuples(st.just("limit"), st.integers(0, 2_000_000)),
        st.tuples(st.just("customer pays"), AMOUNTS),
    ),
    max_size=30,
)


@given(steps=STEPS, limit=st.integers(0, 2_000_000))
def test_room_reservations_and_debts_add_up_to_the_limit(steps, limit: int):
    ledger = Ledger(limit)
    for n, (step, given_) in enumerate(steps):
        if step == "place":
            room = ledger.account.room
            assert ledger.save(None, an_order_of(n + 1, given_), ()) == (room >= sum(given_))
        elif step == "limit":
            ledger.limit(given_)
        elif step == "customer pays":
            ledger.pay(given_)
        elif ledger.orders:
            known = [*ledger.orders.values()]
            change(ledger, known[given_[0] % len(known)], step, given_[1])
    for order in [*ledger.orders.values()]:
        ended, money = payments.settle(replace(order, totals=of_total(0), invoiced_total=0))
        assert ledger.save(order, ended, money)
    assert ledger.account.room == ledger.account.terms.limit + ledger.received  # all is given back, and what was paid
    assert ledger.account.owed == -ledger.received


def change(ledger: Ledger, order: Order, step: str, amount: int) -> None:
    if step == "pay more":
        total = of_total(order.totals.total + amount)
        ledger.save(order, replace(order, payments=(*order.payments, on_account(amount)), totals=total), ())
        return
    if step == "invoice":
        part = min(amount, max(0, order.totals.total - order.invoiced_total), order.open_authorization)
        after, money = payments.capture(replace(order, invoiced_total=order.invoiced_total + part), 1)
    elif step == "costs less":
        less = max(0, order.totals.total - amount)
        after, money = replace(order, totals=of_total(less), invoiced_total=min(order.invoiced_total, less)), ()
    else:
        after, money = payments.settle(order)
    assert ledger.save(order, after, money)


@pytest.mark.parametrize(
    ("days", "due_on"), [(0, date(2026, 11, 30)), (30, date(2026, 12, 30)), (45, date(2027, 1, 14))]
)
def test_an_invoice_is_due_so_many_days_after_it(days: int, due_on: date):
    order = an_order_of(1, [500])
    order = replace(order, payments=(replace(order.payments[0], payment_days=days),))
    paid, captures = payments.capture(replace(order, invoiced_total=500), 1)

    (entry,) = movements.of_version(order, paid, captures, NOW)

    assert (entry.room, entry.owed, entry.due_on, entry.invoice) == (0, 500, due_on, 1)


def test_payments_of_others_move_no_account():
    theirs = Tender(method="ON_ACCOUNT", reference="po-1", authorized=5)
    order = replace(an_order(a_line()), payments=(theirs,))
    ended, money = payments.settle(replace(order, totals=of_total(0)))

    assert movements.of_version(None, order, (), NOW) == ()
    assert movements.of_version(order, ended, money, NOW) == ()
    assert BooksAccount.ON_ACCOUNT not in standing(replace(order, payments=(replace(theirs, captured=5),)))
