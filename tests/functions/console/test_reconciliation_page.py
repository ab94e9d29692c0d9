"""The page of the reconciliation shows a month of a provider to the desk finance, and leads to the queue."""

import pytest

from comanda.aws.dynamodb import keys
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


def test_an_empty_month_says_so(sales):
    assert "Nothing was moved or reported in this month" in sales.get("reconciliation?provider=bank&month=2020-01").text
