"""Terms are set by finance and by the retailer's systems, and move the room by the difference of both limits."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.functions.credit_accounts.credit import (
    account,
    opened,
    pay,
    placed,
    set_terms,
    shipped,
    standing,
)
from tests.functions.gift_cards.test_issue import forget_answers
from tests.functions.world import World, usd
from tests.invariants import broken


def limited(world: World, amount: int, name: str = "finance") -> None:
    limits = {"customer_credit": [usd(amount)]}
    world.aws.put("Directory", **keys.user(name), roles=["staff"], desks=["finance"], limits=limits)
    directory.forget()


def test_an_account_is_opened_once_and_then_changed(world: World):
    first = set_terms(world, key="k")
    again = set_terms(world, key="k")
    account_id = first.body["credit_account_id"]

    assert (first.status, again.body) == (201, first.body)
    assert first.headers["Location"] == f"/v1/credit-accounts/{account_id}"
    placed(world, 2_000, 2)
    lower = set_terms(world, limit=usd(1_500), payment_days=14)
    assert (lower.status, lower.body["room"]["amount"], lower.body["payment_days"]) == (200, -500, 14)
    assert standing(world, account_id) == (-500, 2_000, 0)
    assert set_terms(world, limit=usd(3_000)).body["room"] == usd(1_000)
    world.settle()
    assert broken(world.tables()) == []


def test_a_limit_of_nothing_closes_an_account(world: World):
    account_id = opened(world)
    shipped(world, placed(world, 1_000))
    set_terms(world, limit=usd(0))

    assert standing(world, account_id) == (-1_000, 0, 1_000)
    assert pay(world, account_id, 1_000).status == 201
    assert standing(world, account_id) == (0, 0, 0)


def test_each_currency_and_channel_has_an_account_of_its_own(world: World):
    ids = {
        opened(world),
        opened(world, customer_id="c-18"),
        opened(world, channel="outlet"),
        opened(world, limit={"amount": 5, "currency": "EUR"}),
    }
    assert len(ids) == 4


def test_a_shop_reads_the_accounts_of_its_own_channels_alone(world: World):
    own, others = opened(world), opened(world, channel="outlet")

    assert account(world, own, who="shop")["room"] == usd(5_000)
    assert world.call("GET", f"/v1/credit-accounts/{others}").problem == "not-found"
    listed = [
        world.call("GET", "/v1/credit-accounts", query={"channel": name}).body["items"] for name in ("web", "outlet")
    ]
    assert [[one["credit_account_id"] for one in items] for items in listed] == [[own], []]


def test_a_key_that_is_used_again_after_its_record_is_gone_changes_nothing(world: World):
    account_id = opened(world, key="k")
    forget_answers(world)

    assert set_terms(world, key="k").problem == "idempotency-key-reused"
    assert len(account(world, account_id)["entries"]) == 1


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"channel": "nowhere"}, [("/channel", "unknown-channel")]),
        ({"limit": {"amount": 5, "currency": "BRL"}}, [("/limit/currency", "not-sold-in")]),
        ({"limit": usd(-5)}, [("/limit/amount", "greater-than-equal")]),
        ({"payment_days": 366}, [("/payment_days", "less-than-equal")]),
        ({"blocked_after": -1}, [("/blocked_after", "greater-than-equal")]),
        ({"customer_id": "g_0a"}, [("/customer_id", "not-usable")]),
        ({"reason": " "}, [("/reason", "string-too-short")]),
    ],
)
def test_wrong_terms_are_refused_at_their_field(world: World, changes: Any, errors: Any):
    assert set_terms(world, **changes).errors == errors
    assert [row for row in world.tables()["Orders"] if row["pk"].startswith("AC")] == []


def test_people_of_finance_set_terms_up_to_their_limit(world: World):
    assert set_terms(world, who="shop").problem == "forbidden"
    assert set_terms(world, who="sales").problem == "forbidden"
    assert set_terms(world, who="finance").errors == [("/limit", "above-limit")]
    limited(world, 5_000)
    assert set_terms(world, who="finance").status == 201
    assert set_terms(world, who="finance", limit={"amount": 1, "currency": "EUR"}).errors == [("/limit", "above-limit")]
    assert pay(world, opened(world), 1, who="sales").problem == "forbidden"


def test_a_shop_reads_the_accounts_of_its_channels_alone(world: World):
    account_id = opened(world)
    opened(world, customer_id="c-18")
    listed = world.call("GET", "/v1/credit-accounts", who="shop", query={"channel": "web", "customer_id": "c-17"})
    assert [one["credit_account_id"] for one in listed.body["items"]] == [account_id]
    first = world.call("GET", "/v1/credit-accounts", who="office", query={"channel": "web", "limit": "1"}).body
    rest = world.call(
        "GET", "/v1/credit-accounts", who="office", query={"channel": "web", "cursor": first["next"]}
    ).body
    assert [one["customer_id"] for one in (*first["items"], *rest["items"])] == ["c-17", "c-18"]
    assert rest["next"] is None

    assert account(world, account_id, who="shop")["room"] == usd(5_000)
    assert world.call("GET", "/v1/credit-accounts", who="office", query={}).errors == [("/channel", "missing")]
    strange = world.call("GET", "/v1/credit-accounts", who="other-shop", query={"channel": "web"})
    assert strange.body["items"] == []
    assert world.call("GET", f"/v1/credit-accounts/{account_id}", who="other-shop").status == 404
    for name in ("ac_" + "0" * 32, "x", "gc_" + "0" * 32):
        assert world.call("GET", f"/v1/credit-accounts/{name}", who="office").status == 404


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"amount": usd(0)}, [("/amount", "too-small")]),
        ({"amount": {"amount": 5, "currency": "EUR"}}, [("/amount/currency", "mixed-currencies")]),
        ({"received_on": "2099-01-01"}, [("/received_on", "out-of-range")]),
        ({"received_on": "1999-12-31"}, [("/received_on", "out-of-range")]),
        ({"received_on": "2026-02-30"}, [("/received_on", "not-a-day")]),
        ({"reference": ""}, [("/reference", "string-too-short")]),
    ],
)
def test_a_wrong_payment_is_refused_at_its_field(world: World, changes: Any, errors: Any):
    assert pay(world, opened(world), 100, **changes).errors == errors


def test_texts_that_are_long_in_a_key_are_taken(world: World):
    long = "\N{CJK UNIFIED IDEOGRAPH-65E5}" * 128
    account_id = opened(world, customer_id=long)
    other = opened(world, customer_id=long[:-1])
    listed = [
        world.call("GET", "/v1/credit-accounts", who="office", query={"channel": "web", "customer_id": customer}).body
        for customer in (long, long[:-1])
    ]
    assert [[row["credit_account_id"] for row in page["items"]] for page in listed] == [[account_id], [other]]

    assert pay(world, account_id, 1, reference=long).errors == [("/amount", "more-than-owed")]
