"""Debts are of the invoices that are due last, and is shown by the time for which it is overdue."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.credit_accounts import aging
from comanda.domain.credit_accounts.aging import Debt

TODAY = date(2026, 11, 30)


def debt(days_overdue: int, amount: int, invoice: int = 1) -> Debt:
    due_on = TODAY - timedelta(days=days_overdue)
    return Debt(order_id="ord_x", invoice=invoice, due_on=due_on, amount=amount, unpaid=amount)


def test_each_day_overdue_has_its_period():
    late = (-5, 0, 1, 30, 31, 60, 61, 90, 91, 500)
    found = aging.by_period([debt(days, 10**i) for i, days in enumerate(late)], TODAY)

    assert found == {
        "not_due": 11,
        "days_1_30": 1_100,
        "days_31_60": 110_000,
        "days_61_90": 11_000_000,
        "days_over_90": 1_100_000_000,
    }


def test_a_payment_pays_what_is_due_first():
    debts = [debt(-10, 300, 3), debt(20, 200, 2), debt(80, 100, 1)]

    left = list(aging.unpaid(450, debts))

    assert [(one.invoice, one.unpaid) for one in left] == [(3, 300), (2, 150)]
    assert aging.days_overdue(left, TODAY) == 20
    assert aging.days_overdue([], TODAY) == 0


def test_who_owes_nothing_has_no_unpaid_invoice_and_none_is_read():
    assert list(aging.unpaid(0, iter([debt(1, 5)]))) == []
    assert list(aging.unpaid(-5, iter([debt(1, 5)]))) == []


@given(st.lists(st.tuples(st.integers(-50, 200), st.integers(1, 10_000)), max_size=20), st.data())
def test_the_periods_add_up_to_what_is_owed(rows: list[tuple[int, int]], data: st.DataObject):
    debts = [debt(days, amount, i) for i, (days, amount) in enumerate(sorted(rows))]
    owed = data.draw(st.integers(0, sum(one.amount for one in debts)))

    left = list(aging.unpaid(owed, debts))

    assert sum(aging.by_period(left, TODAY).values()) == owed
    assert all(0 < one.unpaid <= one.amount for one in left)
    paid = debts[len(left) :]
    assert all(one.due_on <= other.due_on for one in paid for other in left)
