"""Whatever orders reserve, capture, release and refund of an account: it never goes below zero, and no amount is lost or twice."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import payments
from comanda.domain.books import journal
from comanda.domain.books.accounts import Account as BooksAccount
from comanda.domain.books.accounts import standing
from comanda.domain.books.by_account import by_account
from comanda.domain.gift_cards import account, movements
from comanda.domain.gift_cards.account import GIFT_CARD, KINDS, STORE_CREDIT, Account
from comanda.domain.gift_cards.movements import Entry, Purpose
from comanda.domain.orders.decision import MoneyOperation
from comanda.domain.orders.order import Order, Totals
from comanda.domain.orders.tender import OWN, Tender
from tests.builders import a_line, an_order, an_order_id

DAY = date(2026, 11, 30)
AMOUNTS = st.integers(1, 1_000_000)
CARDS = ("gc_" + "1" * 32, "gc_" + "2" * 32, "sc_" + "3" * 32)


class Accounts:
    """The accounts as their rows have them, changed as the transaction of an order changes them: whole, or not at all."""

    def __init__(self, currency: str, amounts: Sequence[int], days: int | None) -> None:
        self.today, self.currency = DAY, currency
        self.issued = dict(zip(CARDS, amounts, strict=True))
        kinds = (GIFT_CARD, GIFT_CARD, STORE_CREDIT)
        self.rows = {
            name: Account(
                account_id=name,
                kind=kind,
                channel="web",
                currency=currency,
                balance=amount,
                opened_at=datetime(2026, 11, 30, tzinfo=UTC),
                expires_on=account.last_day(DAY, days),
            )
            for (name, amount), kind in zip(self.issued.items(), kinds, strict=True)
        }
        self.entries: dict[tuple[str, str, str, int], int] = {}
        self.orders: dict[str, Order] = {}

    def save(self, before: Order | None, after: Order, money: Sequence[MoneyOperation]) -> bool:
        found = by_account(movements.of_version(before, after, money))
        if not all(self._may(name, entries) for name, entries in found.items()):
            return False
        for name, entries in found.items():
            row, moved = self.rows[name], sum(entry.amount for entry in entries)
            back = any(entry.purpose is not Purpose.REDEEM for entry in entries)
            until = self.today + account.GRACE if back else row.returned_until
            self.rows[name] = replace(row, balance=row.balance + moved, returned_until=until)
            for entry in entries:
                key = (name, after.order_id, entry.purpose, entry.number)
                assert key not in self.entries
                self.entries[key] = entry.amount
        moved_books = journal.between(before, after)
        assert journal.balanced(moved_books)
        self.orders[after.order_id] = after
        self.check()
        return True

    def _may(self, name: str, entries: Sequence[Entry]) -> bool:
        if all(entry.purpose is not Purpose.REDEEM for entry in entries):
            return True
        row, moved = self.rows[name], sum(entry.amount for entry in entries)
        return not row.has_expired(self.today) and row.balance >= max(0, -moved)

    def check(self) -> None:
        for name, row in self.rows.items():
            moved = sum(amount for key, amount in self.entries.items() if key[0] == name)
            tenders = [t for order in self.orders.values() for t in order.payments if t.reference == name]
            kept = sum(t.authorized - t.released - t.refunded for t in tenders)
            assert row.balance == self.issued[name] + moved >= 0
            assert row.balance + kept == self.issued[name]
        for order in self.orders.values():
            books = standing(order)
            assert sum(books.values()) == 0
            assert books.get(BooksAccount.CAPTURED, 0) == books.get(BooksAccount.REFUNDED, 0) == 0
            spent = books.get(BooksAccount.GIFT_CARDS, 0) + books.get(BooksAccount.STORE_CREDIT, 0)
            assert spent == sum(t.captured - t.refunded for t in order.payments) >= 0


def of_total(total: int) -> Totals:
    return Totals(goods=total, discounts=0, charges=0, tax=0, total=total)


def an_order_of(n: int, currency: str, tenders: Sequence[tuple[str, int]]) -> Order:
    made = tuple(
        Tender(method=KINDS[name.startswith("sc")], reference=name, authorized=amount, provider=OWN)
        for name, amount in tenders
    )
    order = an_order(a_line())
    total = of_total(sum(amount for _, amount in tenders))
    return replace(order, order_id=an_order_id(n), currency=currency, payments=made, totals=total)


TENDERS = st.lists(st.tuples(st.sampled_from(CARDS), AMOUNTS), min_size=1, max_size=3)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("place"), TENDERS),
        st.tuples(st.just("pay more"), st.tuples(st.integers(0, 5), TENDERS)),
        st.tuples(st.just("invoice"), st.tuples(st.integers(0, 5), AMOUNTS)),
        st.tuples(st.just("costs less"), st.tuples(st.integers(0, 5), AMOUNTS)),
        st.tuples(st.just("end"), st.tuples(st.integers(0, 5))),
        st.tuples(st.just("days pass"), st.integers(1, 40)),
    ),
    max_size=25,
)


@pytest.mark.parametrize("currency", ["BRL", "USD", "JPY", "BHD"])
@given(steps=STEPS, amounts=st.tuples(AMOUNTS, AMOUNTS, AMOUNTS), days=st.none() | st.integers(1, 60))
def test_no_amount_is_lost_or_spent_twice(currency: str, steps, amounts, days):
    accounts = Accounts(currency, amounts, days)
    for n, (step, given_) in enumerate(steps):
        if step == "days pass":
            accounts.today += timedelta(days=given_)
        elif step == "place":
            order = an_order_of(n + 1, currency, given_)
            before = {name: row.balance for name, row in accounts.rows.items()}
            wanted = {name: sum(a for one, a in given_ if one == name) for name, _ in given_}
            good = all(accounts.rows[one].pays(a, currency, accounts.today) for one, a in wanted.items())
            assert accounts.save(None, order, ()) == good
            assert good or {name: row.balance for name, row in accounts.rows.items()} == before
        elif accounts.orders:
            known = [*accounts.orders.values()]
            change(accounts, known[given_[0] % len(known)], step, given_)
    for order in [*accounts.orders.values()]:
        ended, money = payments.settle(replace(order, totals=of_total(0)))
        assert accounts.save(order, ended, money)
    for name, row in accounts.rows.items():
        invoiced = sum(
            t.captured - t.refunded for o in accounts.orders.values() for t in o.payments if t.reference == name
        )
        assert row.balance == accounts.issued[name] - invoiced


def change(accounts: Accounts, order: Order, step: str, given_) -> None:
    if step == "pay more":
        more = an_order_of(1, order.currency, given_[1]).payments
        total = of_total(order.totals.total + sum(tender.authorized for tender in more))
        accounts.save(order, replace(order, payments=(*order.payments, *more), totals=total), ())
        return
    if step == "invoice":
        part = min(given_[1], max(0, order.totals.total - order.invoiced_total), order.open_authorization)
        after, money = payments.capture(replace(order, invoiced_total=order.invoiced_total + part), 1)
    elif step == "costs less":  # units are cancelled, or the order gets a discount after it was invoiced
        less = max(0, order.totals.total - given_[1])
        after, money = replace(order, totals=of_total(less), invoiced_total=min(order.invoiced_total, less)), ()
    else:
        after, money = payments.settle(order)
    assert accounts.save(order, after, money)


def test_a_capture_moves_nothing_on_the_account_and_a_refund_brings_it_back():
    order = an_order_of(1, "USD", [(CARDS[0], 500)])
    paid, captures = payments.capture(replace(order, invoiced_total=500), 1)
    assert movements.of_version(order, paid, captures) == ()

    refunded, back = payments.settle(replace(paid, totals=of_total(200), invoiced_total=200))
    (entry,) = movements.of_version(paid, refunded, back)
    assert (entry.purpose, entry.amount, entry.account_id) == (Purpose.REFUND, 300, CARDS[0])


def test_payments_of_others_move_no_account():
    order = replace(an_order(a_line()), payments=(Tender(method="GIFT_CARD", reference="theirs", authorized=5),))
    ended, money = payments.settle(replace(order, totals=of_total(0)))

    assert movements.of_version(None, order, ()) == ()
    assert movements.of_version(order, ended, money) == ()
    assert BooksAccount.GIFT_CARDS not in standing(replace(order, payments=(replace(order.payments[0], captured=5),)))
