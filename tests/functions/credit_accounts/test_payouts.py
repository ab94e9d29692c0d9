"""Test that money on a credit account is paid out once, within the limit of who does it, and that what was booked is taken back once."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tests.faults import Between, Crash
from tests.functions.crashes import Crashes, Moment
from tests.functions.credit_accounts.credit import (
    account,
    opened,
    pay,
    pay_out,
    placed,
    set_terms,
    shipped,
    standing,
    take_back,
    with_credit,
)
from tests.functions.credit_accounts.test_approvals import MOST, answered, finance_people, waiting
from tests.functions.gift_cards.test_issue import forget_answers
from tests.functions.world import Reply, World, usd
from tests.invariants import broken


@pytest.fixture
def finance(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    finance_people(world, monkeypatch)
    set_terms(world, limit=usd(9_000))
    return world


def balance(world: World) -> dict[str, int]:
    """Return what the books of the channel have in the accounts of what customers pay."""
    journals = [row["entries"] for row in world.tables()["Orders"] if row["sk"].startswith("J#")]
    sums = {name: sum(one.get(name, 0) for one in journals) for name in ("received", "on_account")}
    return {name: amount for name, amount in sums.items() if amount}


def test_what_a_customer_has_is_paid_out_once(world: World) -> None:
    account_id = with_credit(world)
    assert standing(world, account_id) == (6_000, 0, -1_000)

    paid = pay_out(world, account_id, 600)

    assert (paid.status, paid.body["amount"], paid.body["waits"]) == (201, usd(600), False)
    assert standing(world, account_id) == (5_400, 0, -400)
    assert balance(world) == {"received": 400, "on_account": -400}
    (entry,) = [one for one in account(world, account_id)["entries"] if one["purpose"] == "payout"]
    assert (entry["room"], entry["owed"], entry["paid_on"]) == (usd(-600), usd(600), paid.body["paid_on"])
    assert pay_out(world, account_id, 100).errors == [("/reference", "duplicate")]
    assert pay_out(world, account_id, 100, "t-1").errors == [("/reference", "duplicate")]
    assert pay_out(world, account_id, 401, "o-2").errors == [("/amount", "more-than-credit")]
    assert pay_out(world, account_id, 400, "o-2").status == 201
    assert (standing(world, account_id), balance(world)) == ((5_000, 0, 0), {})
    assert broken(world.tables()) == []


def test_what_open_orders_have_taken_is_not_paid_out(world: World) -> None:
    account_id = with_credit(world)
    set_terms(world, limit=usd(600))
    placed(world, 1_000)

    assert standing(world, account_id) == (600, 1_000, -1_000)
    assert pay_out(world, account_id, 601).errors == [("/amount", "more-than-credit")]
    assert pay_out(world, account_id, 600).status == 201
    assert standing(world, account_id) == (0, 1_000, -400)


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"amount": usd(0)}, [("/amount", "too-small")]),
        ({"amount": {"amount": 5, "currency": "EUR"}}, [("/amount/currency", "mixed-currencies")]),
        ({"paid_on": "2099-01-01"}, [("/paid_on", "out-of-range")]),
        ({"reason": ""}, [("/reason", "string-too-short")]),
    ],
)
def test_a_wrong_payout_is_refused_at_its_field(world: World, changes: Any, errors: Any) -> None:
    assert pay_out(world, opened(world), 100, **changes).errors == errors


def test_a_payout_above_the_limit_waits_for_another_person_of_finance(finance: World) -> None:
    account_id = with_credit(finance, 6)
    above = MOST + 1
    assert pay_out(finance, account_id, 1, who="seller").problem == "forbidden"

    asked = pay_out(finance, account_id, above, who="finance", key="k")

    assert (asked.status, asked.body["waits"], standing(finance, account_id)[2]) == (202, True, -6_000)
    assert pay_out(finance, account_id, above, who="finance", key="k").body == asked.body
    (item,) = waiting(finance)
    assert item["reason"] == "payout-above-limit; paid twice"
    assert (item["data"]["amount"], item["data"]["reference"], item["data"]["by"]) == (str(above), "o-1", "finance")
    for who in ("finance", "office", "seller", "sales"):
        assert answered(finance, item["item_id"], "approve", who=who).problem == "forbidden"
    assert answered(finance, item["item_id"], "refuse", who="seller").problem == "forbidden"
    assert answered(finance, item["item_id"], "approve").status == 200
    assert answered(finance, item["item_id"], "approve").status == 404
    assert (waiting(finance), standing(finance, account_id)[2]) == ([], above - 6_000)
    (entry,) = [one for one in account(finance, account_id)["entries"] if one["purpose"] == "payout"]
    assert (entry["by"], entry["approved_by"]) == ("finance", "lead")
    assert broken(finance.tables()) == []


def test_a_payout_that_cannot_be_made_any_more_is_refused(finance: World) -> None:
    account_id = with_credit(finance, 6)
    assert pay_out(finance, account_id, MOST + 1, who="finance").status == 202
    assert pay_out(finance, account_id, 2_000, "o-2").status == 201
    (item,) = waiting(finance)

    assert answered(finance, item["item_id"], "approve").problem == "not-allowed"
    assert answered(finance, item["item_id"], "refuse").status == 200
    assert (waiting(finance), standing(finance, account_id)[2]) == ([], -4_000)


def test_a_payment_that_is_taken_back_is_owed_again_oldest_invoice_first(world: World) -> None:
    account_id = opened(world)
    for _ in range(2):
        shipped(world, placed(world, 1_000))
        world.pass_time(86_400)
    assert pay(world, account_id, 1_500).status == 201
    assert [one["left"] for one in account(world, account_id)["aging"]["unpaid"]] == [usd(500)]

    back = take_back(world, account_id)

    assert (back.status, back.body["amount"]) == (201, usd(1_500))
    assert standing(world, account_id) == (3_000, 0, 2_000)
    assert [one["left"] for one in account(world, account_id)["aging"]["unpaid"]] == [usd(1_000), usd(1_000)]
    assert "received" not in balance(world)
    (entry,) = [one for one in account(world, account_id)["entries"] if one["purpose"] == "reversal"]
    assert (entry["owed"], entry["reference"], entry["reason"]) == (usd(1_500), "t-1", "the cheque bounced")
    assert take_back(world, account_id).errors == [("/reference", "duplicate")]
    assert take_back(world, account_id, "t-2").status == 404
    assert take_back(world, account_id, who="sales").problem == "forbidden"
    assert broken(world.tables()) == []


def test_a_reversal_above_the_limit_waits_for_another_person_of_finance(finance: World) -> None:
    account_id = with_credit(finance, 6)
    assert take_back(finance, account_id, who="seller").problem == "forbidden"

    asked = [take_back(finance, account_id, who="finance", key="k") for _ in range(2)]

    assert [(one.status, one.body["waits"]) for one in asked] == [(202, True)] * 2
    assert standing(finance, account_id)[2] == -6_000
    (item,) = waiting(finance)
    assert item["reason"] == "reversal-above-limit; the cheque bounced"
    facts = {name: item["data"][name] for name in ("amount", "reference", "by", "customer_id")}
    assert facts == {"amount": "6000", "reference": "t-1", "by": "finance", "customer_id": "c-17"}
    for who in ("finance", "office", "seller", "sales"):
        assert answered(finance, item["item_id"], "approve", who=who).problem == "forbidden"
    assert answered(finance, item["item_id"], "approve").status == 200
    assert (waiting(finance), standing(finance, account_id)[2]) == ([], 0)
    (entry,) = [one for one in account(finance, account_id)["entries"] if one["purpose"] == "reversal"]
    assert (entry["by"], entry["approved_by"], entry["owed"]) == ("finance", "lead", usd(6_000))
    assert take_back(finance, account_id, who="finance").errors == [("/reference", "duplicate")]
    assert broken(finance.tables()) == []


def test_a_reversal_that_was_made_meanwhile_is_approved_no_more(finance: World) -> None:
    account_id = with_credit(finance, 6)
    assert take_back(finance, account_id, who="finance").status == 202
    assert take_back(finance, account_id, who="office").status == 201
    (item,) = waiting(finance)

    refused = answered(finance, item["item_id"], "approve")

    assert (refused.problem, standing(finance, account_id)[2]) == ("not-allowed", 0)
    assert answered(finance, item["item_id"], "refuse").status == 200
    assert waiting(finance) == []


def test_a_payout_that_came_back_is_taken_back(world: World) -> None:
    account_id = with_credit(world)
    assert pay_out(world, account_id, 1_000).status == 201

    assert take_back(world, account_id, "o-1").body["amount"] == usd(-1_000)

    assert standing(world, account_id) == (6_000, 0, -1_000)
    assert broken(world.tables()) == []


def test_a_key_that_is_used_again_after_its_record_is_gone_pays_nothing_out(world: World) -> None:
    account_id = with_credit(world)
    assert pay_out(world, account_id, 100, key="k").status == 201
    forget_answers(world)

    assert pay_out(world, account_id, 100, key="k").errors == [("/reference", "duplicate")]
    assert take_back(world, account_id, key="r").status == 201
    forget_answers(world)
    assert take_back(world, account_id, key="r").errors == [("/reference", "duplicate")]


_ACTS: dict[str, tuple[Callable[..., Reply], tuple[int, int, int]]] = {
    "payout": (lambda world, at, key: pay_out(world, at, 600, key=key), (5_400, 0, -400)),
    "reversal": (lambda world, at, key: take_back(world, at, key=key), (5_000, 0, 0)),
}


@pytest.mark.parametrize("name", _ACTS)
def test_a_crash_at_any_call_books_it_once(world: World, name: str) -> None:
    book, wanted = _ACTS[name]
    account_id = with_credit(world)

    def act(crash: Crash, _: None) -> Reply:
        return crash.outlived(lambda: book(world, account_id, "the-same"))

    for crash, _, reply in Crashes(world, Moment(world).back, act):
        assert (reply.status, standing(world, account_id)) == (201, wanted), crash.happened
        assert broken(world.tables()) == [], crash.happened


@pytest.mark.parametrize("at", [1, 2, 3, 4])
def test_two_payouts_at_once_pay_out_no_more_than_the_customer_has(world: World, at: int) -> None:
    account_id = with_credit(world)

    with Between(at, partial(pay_out, world, account_id, 1_000, "o-2")):
        pay_out(world, account_id, 1_000)

    assert standing(world, account_id) == (5_000, 0, 0)
    assert broken(world.tables()) == []
