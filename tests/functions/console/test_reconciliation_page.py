"""The page of the reconciliation shows a month of a provider to the desk finance, and leads to the queue."""

from html import unescape

import pytest

from comanda.aws.books.settlement_rows import Comparison, Totals
from comanda.aws.dynamodb import keys, transaction
from comanda.domain.reconciliation.settlement import Settlement, SettlementStatus
from tests.functions.console.examples import a_reconciliation


@pytest.fixture(autouse=True)
def desk(world):
    """Put the sales person at the desk of finance."""
    world.aws.put("Directory", **keys.user("sales"), name="Sales", roles=["staff"], desks=["finance"])


def test_a_month_is_shown_with_its_differences(sales, world):
    page = sales.get(a_reconciliation(world))

    assert page.status == 200
    assert "Reported, not ours" in page.text
    assert "$1.00" in page.text
    assert 'data-tone="bad"' in page.text
    assert "Fees and other money" in page.text
    assert "queues/reconcile" in page.text


def test_without_a_choice_this_month_of_stripe_is_shown(sales, world):
    a_reconciliation(world)

    for path in ("reconciliation", "reconciliation?provider=paypal&month=soon"):
        page = sales.get(path)
        assert (page.status, f'value="{world.now:%Y-%m}"' in page.text) == (200, True)


@pytest.mark.parametrize(("locale", "counted"), [("en-US", "Payouts"), ("pt-BR", "Repasses"), ("es", "Transferencias")])
def test_what_a_bank_shows_is_counted_as_payouts(sales_in, world, locale, counted):
    theirs = Settlement(currency="USD", day="2026-11-20", charged=940, announced=940)
    totals = Totals()
    totals.count(Comparison(provider="bank", name="po_1", theirs=theirs, status=SettlementStatus.MATCHED, ours=940))
    transaction.commit(totals.writes())

    page = sales_in(locale).get("reconciliation?provider=bank&month=2026-11")

    assert f'data-label="{counted}"' in page.text


def test_an_empty_month_says_so(sales):
    assert "Nothing was moved or reported in this month" in sales.get("reconciliation?provider=bank&month=2020-01").text
    assert "as=csv" not in sales.get("reconciliation?provider=bank&month=2020-01").text


def test_a_month_is_saved_as_the_file_of_the_api(sales, world):
    address = a_reconciliation(world)
    assert f"{address}&as=csv" in unescape(sales.get(address).text)

    saved = sales.get(f"{address}&as=csv")

    assert saved.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert saved.headers["Content-Disposition"] == 'attachment; filename="reconciliation-stripe-2026-11.csv"'
    head, first, *_ = saved.text.split("\r\n")
    assert head.startswith("provider,day,currency,status")
    assert first.startswith("stripe,2026-11-")
