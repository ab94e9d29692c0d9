"""Test that an erasure takes a customer out of credit accounts on which nobody owes anything, and out of no others."""

from functools import partial

import pytest

from comanda.aws.books import erased_debtors
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, single_writes
from tests.faults import Between, Crash, Crashed
from tests.functions.crashes import Crashes, Moment
from tests.functions.credit_accounts.credit import (
    CUSTOMER,
    opened,
    pay,
    pay_out,
    placed,
    set_terms,
    shipped,
    standing,
    take_back,
    taken_by_us,
)
from tests.functions.credit_accounts.test_approvals import MOST, answered, finance_people, waiting
from tests.functions.erase.test_erase import customer_of, erase
from tests.functions.world import Reply, World, usd
from tests.invariants import broken


@pytest.fixture
def world(world: World) -> World:
    taken_by_us(world)
    world.stocked("TEA-001", dc_1=20)
    return world


@pytest.fixture
def finance(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    entry = directory.find(directory.CHANNEL, "web") or {}
    world.entry(directory.CHANNEL, "web", {**entry, "currencies": ["USD", "EUR"]})
    finance_people(world, monkeypatch)
    for name in ("finance", "lead"):
        limits = {"customer_credit": [usd(MOST), {"amount": MOST, "currency": "EUR"}]}
        world.aws.put("Directory", **keys.user(name), roles=["staff"], desks=["finance"], limits=limits)
    directory.forget()
    return world


def whose(world: World) -> set[str]:
    """Return the customers that credit accounts and their list name."""
    rows = [row for row in world.tables()["Orders"] if row["pk"].startswith(("AC#", "ACL#"))]
    return {row["customer_id"] for row in rows if "customer_id" in row} | {
        row["sk"].split("#")[1] for row in rows if row["pk"].startswith("ACL#")
    }


def delivered(world: World, paid: int) -> tuple[str, str]:
    """Return an account, and the customer of its order, which cost 10.00 and of which so much was paid."""
    account_id = opened(world, blocked_after=9)
    order_id = placed(world, 1_000)
    shipped(world, order_id)
    world.step(order_id, "deliver")
    world.settle()
    if paid:
        assert pay(world, account_id, paid).status == 201
    return account_id, customer_of(order_id)


def test_an_erased_customer_without_a_debt_is_named_by_no_account(world: World) -> None:
    account_id, customer_id = delivered(world, 1_000)

    assert erase(world, customer_id).status == 200

    (nobody,) = whose(world)
    assert nobody.startswith("g_")
    assert standing(world, account_id) == (0, 0, 0)
    shown = world.call("GET", f"/v1/credit-accounts/{account_id}", who="office").body
    assert (shown["frozen"], shown["limit"], shown["blocked_after"]) == (True, usd(0), None)
    assert CUSTOMER["id"] not in str(shown)
    query = {"channel": "web", "customer_id": CUSTOMER["id"]}
    assert world.call("GET", "/v1/credit-accounts", who="office", query=query).body["items"] == []
    assert broken(world.tables()) == []


def test_a_debt_keeps_its_debtor_until_it_is_paid(world: World) -> None:
    account_id, customer_id = delivered(world, 999)

    assert erase(world, customer_id).status == 200

    assert (whose(world), standing(world, account_id)) == ({CUSTOMER["id"]}, (4_999, 0, 1))
    again = world.place_order(("TEA-001", 1), payments=ON_ACCOUNT, customer=CUSTOMER)
    assert again.errors == [("/payments/0/method", "not-usable")]
    for _ in range(2):
        world.pass_time(2 * 86_400)
        world.sweep()
    assert whose(world) == {CUSTOMER["id"]}
    assert pay(world, account_id, 1, "t-2").status == 201
    world.pass_time(2 * 86_400)
    for _ in range(2):
        world.sweep()
    (nobody,) = whose(world)
    assert nobody.startswith("g_")
    assert standing(world, account_id) == (0, 0, 0)
    assert broken(world.tables()) == []


def test_a_debtor_who_comes_back_is_not_forgotten(world: World) -> None:
    account_id, customer_id = delivered(world, 999)
    erase(world, customer_id)
    set_terms(world)
    assert pay(world, account_id, 1, "t-2").status == 201

    world.pass_time(2 * 86_400)
    world.sweep()

    assert (whose(world), standing(world, account_id)) == ({CUSTOMER["id"]}, (5_000, 0, 0))
    assert broken(world.tables()) == []


def test_terms_of_a_frozen_account_do_not_keep_an_erased_debtor(world: World) -> None:
    account_id, customer_id = delivered(world, 999)
    erase(world, customer_id)
    for days in (0, 9):
        assert set_terms(world, limit=usd(0), blocked_after=days, frozen=True).status == 200
    assert pay(world, account_id, 1, "t-2").status == 201

    world.pass_time(2 * 86_400)
    world.sweep()

    (nobody,) = whose(world)
    assert nobody.startswith("g_")
    assert standing(world, account_id) == (0, 0, 0)
    assert broken(world.tables()) == []


def test_terms_that_wait_for_an_erased_customer_wait_no_more(finance: World) -> None:
    """That holds for the account that there was, and for one in a currency in which there was none."""
    account_id, customer_id = delivered(finance, 1_000)
    assert set_terms(finance, who="finance", limit=usd(MOST + 1)).status == 202
    assert set_terms(finance, who="finance", limit={"amount": MOST + 1, "currency": "EUR"}).status == 202
    assert set_terms(finance, who="finance", limit=usd(MOST + 1), customer_id="c-1").status == 202
    items = sorted(waiting(finance), key=lambda one: one["data"]["customer_id"], reverse=True)
    assert [one["data"]["customer_id"] for one in items] == [CUSTOMER["id"], CUSTOMER["id"], "c-1"]

    assert erase(finance, customer_id).status == 200

    assert waiting(finance) == items[2:]
    assert CUSTOMER["id"] not in str([row for row in finance.tables()["Orders"] if row["pk"].startswith(("CT", "AC"))])
    assert [answered(finance, one["item_id"], "approve").status for one in items] == [404, 404, 200]
    assert standing(finance, account_id) == (0, 0, 0)
    assert broken(finance.tables()) == []


def test_terms_that_were_answered_and_are_still_listed_do_not_stop_the_erasure(finance: World) -> None:
    _, customer_id = delivered(finance, 1_000)
    assert set_terms(finance, who="finance", limit=usd(MOST + 1)).status == 202
    (item,) = waiting(finance)
    single_writes.delete("Orders", keys.waiting_terms(item["item_id"]), condition="attribute_exists(pk)")

    assert erase(finance, customer_id).status == 200

    (nobody,) = whose(finance)
    assert nobody.startswith("g_")


def test_terms_from_before_the_list_open_no_account_for_a_customer_who_was_erased_since(finance: World) -> None:
    _, customer_id = delivered(finance, 1_000)
    assert set_terms(finance, who="finance", limit={"amount": MOST + 1, "currency": "EUR"}).status == 202
    (item,) = waiting(finance)
    listed = keys.waiting_terms_of("web", CUSTOMER["id"], item["item_id"])
    single_writes.delete("Orders", listed, condition="attribute_exists(pk)")
    assert erase(finance, customer_id).status == 200

    refused = answered(finance, item["item_id"], "approve")

    assert (refused.status, refused.problem) == (409, "not-allowed")
    assert answered(finance, item["item_id"], "refuse").status == 200
    assert (CUSTOMER["id"] in whose(finance), waiting(finance)) == (False, [])


def test_terms_that_are_approved_during_the_erasure_leave_no_account_of_the_customer(finance: World) -> None:
    _, customer_id = delivered(finance, 1_000)
    assert set_terms(finance, who="finance", limit={"amount": MOST + 1, "currency": "EUR"}).status == 202
    (item,) = waiting(finance)
    moment, counted = Moment(finance), Between(0, lambda: None)
    with counted:
        erase(finance, customer_id)
    for at in range(1, counted.calls + 1, 2):
        moment.back()
        with Between(at, lambda: answered(finance, item["item_id"], "approve")):
            assert erase(finance, customer_id).status == 200
        assert (CUSTOMER["id"] in whose(finance), waiting(finance)) == (False, []), at


def test_a_payout_that_waits_names_nobody_after_the_erasure_and_is_refused(finance: World) -> None:
    account_id, customer_id = delivered(finance, 1_000)
    asked = pay_out(finance, account_id, MOST + 1, who="finance")
    assert asked.status == 202, asked.body
    (item,) = waiting(finance)
    assert item["data"]["customer_id"] == CUSTOMER["id"]

    assert erase(finance, customer_id).status == 200

    (item,) = waiting(finance)
    assert item["data"]["customer_id"].startswith("g_")
    refused = answered(finance, item["item_id"], "approve")
    assert (refused.problem, refused.body["detail"]) == (
        "not-allowed",
        "the customer was erased and this account is closed: refuse this",
    )
    assert answered(finance, item["item_id"], "refuse").status == 200
    assert CUSTOMER["id"] not in str([row for row in finance.tables()["Orders"] if row["pk"].startswith(("CT", "AC"))])


def test_a_reversal_on_a_closed_account_waits_for_a_second_person_and_is_seen(finance: World) -> None:
    """An application waits, too, because the debt that it brings back has no debtor."""
    account_id, customer_id = delivered(finance, 1_000)
    assert erase(finance, customer_id).status == 200

    asked = take_back(finance, account_id)

    assert (asked.status, asked.body["waits"], standing(finance, account_id)) == (202, True, (0, 0, 0))
    (item,) = waiting(finance)
    assert item["reason"] == "reversal-on-closed-account; the cheque bounced"
    assert answered(finance, item["item_id"], "approve").status == 200
    assert standing(finance, account_id) == (-1_000, 0, 1_000)
    listed = finance.call("GET", "/v1/credit-accounts", who="office", query={"channel": "web"}).body["items"]
    assert [(one["credit_account_id"], one["owed"]) for one in listed] == [(account_id, usd(1_000))]
    assert whose(finance) == {listed[0]["customer_id"]}
    assert broken(finance.tables()) == []

    assert set_terms(finance).status == 200
    listed = finance.call("GET", "/v1/credit-accounts", who="office", query={"channel": "web"}).body["items"]
    assert [(one["customer_id"], one["owed"]) for one in listed] == [(CUSTOMER["id"], usd(1_000))]


@pytest.mark.parametrize("at", range(1, 7))
def test_a_reversal_during_the_erasure_keeps_the_debtor_or_waits_for_a_second_person(world: World, at: int) -> None:
    account_id, customer_id = delivered(world, 1_000)

    with Between(at, partial(erase, world, customer_id)):
        reply = take_back(world, account_id)

    whom = CUSTOMER["id"] if reply.status == 201 else f"g_{account_id.removeprefix('ac_')}"
    assert (reply.status, standing(world, account_id)[2], whose(world)) in ((201, 1_000, {whom}), (202, 0, {whom}))
    assert broken(world.tables()) == []


def test_who_comes_back_has_the_account_again(world: World) -> None:
    account_id, customer_id = delivered(world, 1_000)
    erase(world, customer_id)

    again = set_terms(world, limit=usd(700))

    assert (again.status, again.body["credit_account_id"], again.body["customer_id"]) == (200, account_id, "c-17")
    assert (whose(world), standing(world, account_id)) == ({"c-17"}, (700, 0, 0))
    assert set_terms(world, limit=usd(800)).status == 200
    assert broken(world.tables()) == []


def test_an_order_that_is_placed_meanwhile_keeps_the_account(world: World) -> None:
    account_id, customer_id = delivered(world, 1_000)
    moment, counted = Moment(world), Between(0, lambda: None)
    moment.back()
    with counted:
        erase(world, customer_id)
    for at in range(1, counted.calls + 1, 3):
        moment.back()
        with Between(at, lambda: world.place_order(("TEA-001", 1), payments=ON_ACCOUNT, customer=CUSTOMER)):
            erase(world, customer_id)
        room, reserved, owed = standing(world, account_id)
        assert (room, reserved, owed) in ((0, 0, 0), (4_000, 1_000, 0)), at
        assert (CUSTOMER["id"] in whose(world)) == (reserved > 0), at


ON_ACCOUNT = [{"method": "ON_ACCOUNT", "authorized": usd(1_000)}]


def test_a_crash_at_any_call_leaves_an_account_that_the_next_call_closes(world: World) -> None:
    account_id, customer_id = delivered(world, 1_000)

    def act(crash: Crash, _: None) -> Reply:
        return crash.outlived(lambda: erase(world, customer_id))

    for crash, _, reply in Crashes(world, Moment(world).back, act):
        assert reply.status == 200, crash.happened
        assert CUSTOMER["id"] not in whose(world), crash.happened
        assert standing(world, account_id) == (0, 0, 0), crash.happened
        assert broken(world.tables()) == [], crash.happened


def test_a_crash_of_the_sweeper_at_any_call_forgets_the_debtor_in_the_end(world: World) -> None:
    account_id, customer_id = delivered(world, 999)
    erase(world, customer_id)
    assert pay(world, account_id, 1, "t-2").status == 201
    world.pass_time(2 * 86_400)
    moment, counted = Moment(world), Crash()
    with counted:
        erased_debtors.review(account_id, world.now)
    assert CUSTOMER["id"] not in whose(world)
    for at, after in counted.points():
        moment.back()
        with (crash := Crash(at, after=after)), pytest.raises(Crashed):
            erased_debtors.review(account_id, world.now)
        world.sweep()
        assert CUSTOMER["id"] not in whose(world), crash.happened
        assert broken(world.tables()) == [], crash.happened
