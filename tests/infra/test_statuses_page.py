"""The page of statuses is generated, and it says of each transaction by which route or by what it is taken."""

from comanda.domain.orders.status import TRANSACTIONS, Status
from openapi import statuses_page


def test_the_committed_page_is_what_the_code_generates() -> None:
    assert statuses_page.FILE.read_text(encoding="utf-8") == statuses_page.page(), "run `comanda statuses`"


def test_no_transaction_is_without_a_caller_or_a_cause() -> None:
    page = statuses_page.page()

    for name in TRANSACTIONS:
        assert statuses_page._route(name) or name in statuses_page._BY_ITSELF, name
        assert f"| {name} | " in page
    for status in Status:
        assert f"\n| {status} | " in page
