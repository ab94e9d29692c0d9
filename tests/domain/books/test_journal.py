"""Each version of an order moves money between accounts, and loses none of it."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest

from comanda.domain.billing.invoices import invoice
from comanda.domain.billing.payments import capture, settle
from comanda.domain.books import journal
from comanda.domain.books.accounts import Account, standing
from tests.builders import NOW, a_line, a_tender, an_order, placed


def an_order_of_two(**fields):
    """Two pieces at 10.00 with 1.90 tax each, and shipping of 5.00 with 0.95 tax, all authorised."""
    return placed(an_order(a_line(quantity=2, tax=380), shipping=500, shipping_tax=95, **fields))


def billed(order):
    """The order with all its units invoiced and captured, as if they had been provided."""
    made, _ = invoice(order, {"1": 2}, number=1, fulfillment=None, series="web", at=NOW)
    return capture(made, 1)[0]


def test_a_new_order_moves_its_authorisation_and_nothing_else():
    assert journal.between(None, an_order_of_two()) == {Account.AUTHORISED: 2975, Account.TO_CAPTURE: -2975}


def test_a_new_order_without_payment_moves_nothing():
    assert journal.between(None, placed(an_order(a_line(unit_price=0), paid=()))) == {}


def test_an_invoice_is_owed_until_it_is_captured_in_the_same_version():
    order = an_order_of_two()

    assert journal.between(order, billed(order)) == {
        Account.CAPTURED: 2975,
        Account.REVENUE: -2000,
        Account.CHARGES: -500,
        Account.TAX: -475,
        Account.AUTHORISED: -2975,
        Account.TO_CAPTURE: 2975,
    }


def test_charges_and_revenue_are_without_tax_where_prices_include_it():
    order = an_order_of_two(prices_include_tax=True)
    moved = journal.between(order, billed(order))

    assert order.totals.total == moved[Account.CAPTURED] == 2500
    assert (moved[Account.REVENUE], moved[Account.CHARGES], moved[Account.TAX]) == (-1620, -405, -475)


def test_what_is_given_back_at_the_end_leaves_the_authorisation_and_the_captured_money():
    order = placed(an_order(a_line(unit_price=0), payments=(a_tender(100), a_tender(50, captured=20))))
    settled, _ = settle(order)

    assert journal.between(order, settled) == {
        Account.RECEIVABLE: 20,
        Account.REFUNDED: -20,
        Account.AUTHORISED: -130,
        Account.TO_CAPTURE: 130,
    }


def test_money_that_was_taken_before_the_invoice_is_owed_to_the_customer():
    order = placed(an_order(a_line(unit_price=500), payments=(a_tender(500, captured=500),)))

    assert standing(order) == {Account.RECEIVABLE: -500, Account.CAPTURED: 500}


def test_a_version_that_moves_no_money_has_no_journal():
    order = an_order_of_two()

    assert journal.between(order, replace(order, version=2, placed_at=order.placed_at - timedelta(hours=1))) == {}


def test_the_journals_of_an_order_add_up_to_its_accounts():
    order = an_order_of_two()
    half, _ = invoice(order, {"1": 1}, number=1, fulfillment=None, series="web", at=NOW)
    paid, _ = capture(half, 1)
    closed, _ = settle(replace(paid, totals=replace(paid.totals, total=paid.invoiced_total)))
    versions = [None, order, half, paid, closed]

    journals = [journal.between(before, after) for before, after in pairwise(versions)]

    assert journal.added(journals) == standing(closed)
    assert all(map(journal.balanced, journals))


@pytest.mark.parametrize("moved", [{Account.TAX: 1}, {Account.CAPTURED: 5, Account.RECEIVABLE: -4}])
def test_entries_that_do_not_cancel_out_are_not_balanced(moved):
    assert not journal.balanced(moved)


def test_a_capture_moves_what_is_owed_to_what_is_captured():
    owed = replace(an_order_of_two(), invoiced_total=700)
    paid, _ = capture(owed, 1)

    assert journal.between(owed, paid) == {
        Account.RECEIVABLE: -700,
        Account.CAPTURED: 700,
        Account.AUTHORISED: -700,
        Account.TO_CAPTURE: 700,
    }
