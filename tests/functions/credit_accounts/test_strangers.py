"""Callers with the ids of another's money learn nothing of it and move nothing: credit accounts, payment links, finance's reports."""

from typing import Any

import pytest

from tests.functions.credit_accounts.credit import opened, pay_out, set_terms, take_back, with_credit
from tests.functions.credit_accounts.test_approvals import MOST, answered, finance_people, waiting
from tests.functions.world import World, usd

APPLICATIONS = ("shop", "other-shop", "form", "dc-1-system", "acme", "mailbox", "ups")
PERSONS = ("sales", "picker")
STRANGERS = (*APPLICATIONS, *PERSONS)
BOOKINGS = {
    "payments": {"amount": usd(1), "reference": "x", "received_on": "2026-11-19"},
    "payouts": {"amount": usd(1), "reference": "x", "paid_on": "2026-11-19", "reason": "x"},
    "reversals": {"reference": "t-1", "reason": "x"},
}


def bodies(world: World) -> list[Any]:
    return [row for row in world.tables()["Orders"] if row["pk"].startswith(("AC#", "ACL#", "CT#"))]


@pytest.mark.parametrize("who", STRANGERS)
def test_nobody_but_finance_and_the_back_office_moves_money_on_an_account(world: World, who: str) -> None:
    account_id = with_credit(world)
    before = bodies(world)
    for step, body in BOOKINGS.items():
        reply = world.call("POST", f"/v1/credit-accounts/{account_id}/{step}", body, who=who)
        assert (reply.status, reply.problem) == (403, "forbidden"), step
        unknown = world.call("POST", f"/v1/credit-accounts/ac_{'0' * 32}/{step}", body, who=who)
        assert unknown.body["detail"] == reply.body["detail"], step  # the answer does not say which accounts there are
    assert set_terms(world, who=who, limit=usd(9_999)).status == 403
    assert bodies(world) == before


@pytest.mark.parametrize("who", APPLICATIONS)
def test_an_application_neither_sees_nor_answers_what_waits_for_a_second_person(
    world: World, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    finance_people(world, monkeypatch)
    account_id = with_credit(world, 6)
    assert pay_out(world, account_id, MOST + 1, who="finance").status == 202
    assert take_back(world, account_id, who="finance").status == 202
    items = waiting(world)
    assert len(items) == 2
    before = bodies(world)

    assert world.call("GET", "/v1/queues/credit-accounts", who=who).status in {403, 404}
    for one in items:
        for answer in ("approve", "refuse"):
            assert answered(world, one["item_id"], answer, who=who).status in {403, 404}
    assert bodies(world) == before


@pytest.mark.parametrize("who", [one for one in STRANGERS if one != "sales"])  # people of the office read the books
def test_only_the_office_reads_the_reports_of_finance(world: World, who: str) -> None:
    queries = {
        "trial-balance": {"channel": "web", "day": "2026-11-19"},
        "trial-balance-file": {"channel": "web", "month": "2026-11"},
        "documents-file": {"legal_entity": "tea-co", "month": "2026-11"},
        "taxes-file": {"legal_entity": "tea-co", "month": "2026-11"},
        "reconciliation": {"provider": "stripe", "month": "2026-11"},
        "reconciliation-file": {"provider": "stripe", "month": "2026-11"},
    }
    for name, query in queries.items():
        assert world.call("GET", f"/v1/books/{name}", who=who, query=query).problem == "forbidden", name


def test_a_page_of_accounts_is_no_way_to_those_of_another_channel(world: World) -> None:
    for number in (1, 2):
        opened(world, customer_id=f"c-{number}")
    first = world.call("GET", "/v1/credit-accounts", who="shop", query={"channel": "web", "limit": "1"}).body
    assert (len(first["items"]), first["next"] is not None) == (1, True)

    taken = {"channel": "web", "limit": "1", "cursor": first["next"]}
    for who, query in (("other-shop", taken), ("other-shop", {**taken, "channel": "outlet"})):
        reply = world.call("GET", "/v1/credit-accounts", who=who, query=query)
        assert reply.body.get("items", []) == []


@pytest.mark.parametrize("who", STRANGERS[1:-2])
def test_nobody_asks_the_customer_of_another_channel_to_pay(world: World, who: str) -> None:
    order_id = world.placed()
    world.settle()
    etag = world.call("GET", f"/v1/orders/{order_id}", who="office").etag
    mails, events = len(world.hops.sent), len(world.order_items(order_id, "E#"))
    path = f"/v1/orders/{order_id}/payment-links"
    for body in ({"method": "LINK"}, {"method": "LINK", "again": True}, {"method": "CASH"}, {}):
        reply = world.call("POST", path, body, who=who, if_match=etag)
        assert reply.status in {403, 404}, body
        unknown = path.replace(order_id, f"{order_id[:-1]}{'0' if order_id[-1] != '0' else '1'}")
        assert world.call("POST", unknown, body, who=who, if_match=etag).status == reply.status, body
    world.settle()
    assert (len(world.hops.sent), len(world.order_items(order_id, "E#"))) == (mails, events)
