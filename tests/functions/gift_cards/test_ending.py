"""A person of finance ends what a gift card or store credit has, for a reason: it is income, booked once."""

from contextlib import suppress
from datetime import timedelta

import pytest

from comanda.aws.books import expired_accounts
from tests.faults import Crash, Crashed
from tests.functions.channels import set_channel
from tests.functions.gift_cards import test_freezing
from tests.functions.gift_cards.test_expiry import breakage, looks
from tests.functions.gift_cards.test_freezing import change
from tests.functions.gift_cards.test_issue import credit, issue
from tests.functions.intake.test_own_payments import OWN, by_card, ledger, left
from tests.functions.world import World, usd
from tests.invariants import broken

world = test_freezing.world


@pytest.mark.parametrize("frozen", [True, False])
def test_what_a_card_has_is_income_when_finance_ends_it(world: World, frozen: bool):
    set_channel(world, payment_providers=OWN, gift_card_days=5)
    gift = issue(world).body
    if frozen:
        change(world, gift, "freeze")

    done = change(world, gift, "expire", reason="bought with a stolen card")

    assert (done.status, done.body["balance"], done.body["frozen"]) == (200, usd(0), frozen)
    assert (left(world, gift), looks(world)) == (0, [])
    assert breakage(world) == [{"gift_cards": 5_000, "breakage": -5_000}]
    rows = world.call("GET", f"/v1/gift-cards/{gift['account_id']}", who="office").body["entries"]
    (row,) = (row for row in rows if row["purpose"] == "expire")
    assert (row["amount"], row["by"], row["reason"]) == (-5_000, "finance", "bought with a stolen card")
    assert broken(world.tables()) == []


def test_store_credit_is_ended_too(world: World):
    account = credit(world).body

    assert change(world, account, "expire").status == 200

    assert breakage(world) == [{"store_credit": 1_500, "breakage": -1_500}]
    assert broken(world.tables()) == []


def test_a_repeated_request_ends_nothing_twice_and_an_empty_account_is_refused(world: World):
    gift = issue(world).body
    first = change(world, gift, "expire", key="k")

    assert change(world, gift, "expire", key="k").body == first.body
    assert change(world, gift, "expire").problem == "not-allowed"
    assert len(breakage(world)) == 1


@pytest.mark.parametrize("who", ["care", "sales", "shop"])
def test_only_finance_ends_an_account(world: World, who: str):
    gift = issue(world).body

    assert change(world, gift, "expire", who=who).status == 403
    assert left(world, gift) == 5_000


def test_an_end_has_a_reason_and_an_account(world: World):
    gift = issue(world).body

    assert change(world, gift, "expire", reason="").errors[0][0] == "/reason"
    assert change(world, {"account_id": "gc_none"}, "expire").status == 404


def test_a_card_that_pays_in_the_same_moment_is_ended_with_what_is_left(world: World, monkeypatch: pytest.MonkeyPatch):
    gift, real, paid = issue(world).body, expired_accounts.writes, list[str]()

    def after_a_payment(*args, **options):
        if not paid:
            paid.append(world.placed(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)]))
        return real(*args, **options)

    monkeypatch.setattr(expired_accounts, "writes", after_a_payment)

    assert change(world, gift, "expire").status == 200

    assert breakage(world) == [{"gift_cards": 4_000, "breakage": -4_000}]
    assert [row for row in ledger(world, gift) if row[0] == "expire"] == [("expire", -4_000)]
    world.settle()
    assert broken(world.tables()) == []


def test_a_process_that_ends_at_any_call_ends_an_account_once(world: World):
    counted, gift = Crash(), issue(world).body
    with counted:
        change(world, gift, "expire", key="first")
    points = counted.points()
    assert points
    for n, (at, after) in enumerate(points):
        one = issue(world).body
        crash = Crash(at, after=after)
        with crash, suppress(Crashed):
            change(world, one, "expire", key=f"k{n}")
        world.now += timedelta(minutes=2)
        assert change(world, one, "expire", key=f"k{n}").status == 200
        assert [row for row in ledger(world, one) if row[0] == "expire"] == [("expire", -5_000)]
    assert broken(world.tables()) == []
