"""A frozen gift card or store credit pays nothing, is refused by name, and keeps what it has until it is unfrozen."""

from typing import Any

import pytest

from comanda.aws.dynamodb import keys
from comanda.domain.gift_cards import codes
from tests.functions.channels import set_channel
from tests.functions.gift_cards.test_expiry import DAY, entity
from tests.functions.gift_cards.test_issue import balance, credit, issue, of_customer
from tests.functions.intake.changes.test_changes import WRAP, change_order
from tests.functions.intake.test_own_payments import (
    CUSTOMER,
    OWN,
    a_draft,
    by_card,
    by_credit,
    ledger,
    left,
    shipped,
)
from tests.functions.world import PEOPLE, Reply, World, usd
from tests.invariants import broken


@pytest.fixture
def world(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    set_channel(world, payment_providers=OWN)
    world.stocked("TEA-001", dc_1=9)
    monkeypatch.setattr("tests.functions.world.PEOPLE", {**PEOPLE, "care": {"roles": ["staff"], "desks": ["care"]}})
    world.aws.put("Directory", **keys.user("care"), roles=["staff"], desks=["care"])
    return world


def change(world: World, account: Any, verb: str, who: str = "finance", key: str = "", reason: str = "stolen") -> Reply:
    return world.call("POST", f"/v1/gift-cards/{account['account_id']}/{verb}", {"reason": reason}, who=who, key=key)


def find(world: World, code: str, who: str = "sales") -> Reply:
    return world.call("POST", "/v1/gift-cards/find", {"code": code}, who=who, key=None)


def test_a_frozen_card_is_refused_by_name_wherever_it_is_to_pay_and_pays_when_it_is_unfrozen(world: World):
    gift, other = issue(world).body, issue(world).body
    order_id = world.placed(("TEA-001", 1), payments=[by_card(other["code"], 1_000)])
    _, confirm, _ = a_draft(world)
    assert change_order(world, order_id, WRAP, pending=True).status == 202
    refused = [("/payments/0/code", "frozen")]

    assert change(world, gift, "freeze").body["frozen"] is True

    assert world.place_order(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)]).errors == refused
    assert confirm(gift["code"]).errors == refused
    pays = {"payments": [by_card(gift["code"], 550)]}
    assert world.call("POST", f"/v1/orders/{order_id}/payments", pays).errors == refused
    assert balance(world, gift["code"]).errors == [("/code", "frozen")]
    assert left(world, gift) == 5_000

    assert change(world, gift, "unfreeze", reason="found again").body["frozen"] is False
    assert confirm(gift["code"]).status in (200, 201)
    world.settle()
    assert broken(world.tables()) == []


def test_the_ledger_says_who_froze_it_and_why_and_the_balance_stays_its_sum(world: World):
    gift = issue(world).body
    change(world, gift, "freeze", who="care")
    change(world, gift, "unfreeze")

    rows = world.call("GET", f"/v1/gift-cards/{gift['account_id']}", who="office").body["entries"]

    assert sorted((row["purpose"], row["amount"], row["by"], row["reason"]) for row in rows) == [
        ("freeze", 0, "care", "stolen"),
        ("issue", 5_000, "shop", "sold at the counter"),
        ("unfreeze", 0, "finance", "stolen"),
    ]
    assert broken(world.tables()) == []


def test_care_and_finance_freeze_finance_alone_unfreezes_and_applications_do_both(world: World):
    gift = issue(world).body

    assert change(world, gift, "freeze", who="sales").problem == "forbidden"
    assert change(world, gift, "freeze", who="shop").problem == "forbidden"
    assert change(world, gift, "freeze", who="care").status == 200
    assert change(world, gift, "unfreeze", who="care").problem == "forbidden"
    assert change(world, gift, "unfreeze", who="office").status == 200
    assert change(world, gift, "unfreeze").problem == "not-allowed"
    assert change(world, gift, "freeze").status == 200
    assert change(world, gift, "freeze").problem == "not-allowed"
    assert change(world, gift, "freeze", reason="").errors[0][0] == "/reason"
    assert change(world, {"account_id": "gc_" + "0" * 32}, "freeze").status == 404


def test_a_repeated_freeze_is_answered_alike_and_done_once(world: World):
    gift = issue(world).body

    first = change(world, gift, "freeze", key="k")
    again = change(world, gift, "freeze", key="k")

    assert (again.status, again.body) == (200, first.body)
    assert ledger(world, gift) == [("freeze", 0), ("issue", 5_000)]


def test_an_order_of_a_frozen_card_goes_on_and_what_it_gives_back_is_on_the_card(world: World):
    gift = issue(world).body
    kept, dropped = (world.placed(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)]) for _ in range(2))
    change(world, gift, "freeze")

    shipped(world, kept)
    assert world.change(dropped, "cancel", {"reason": "x"}).status == 200
    world.settle()

    assert left(world, gift) == 4_000
    assert change(world, gift, "unfreeze").body["balance"] == usd(4_000)
    assert broken(world.tables()) == []


def test_a_frozen_store_credit_pays_nothing_and_gets_no_more_money(world: World):
    store = credit(world).body
    change(world, store, "freeze")

    refused = world.place_order(("TEA-001", 1), payments=[by_credit(1_000)], customer=CUSTOMER)

    assert refused.errors == [("/payments/0/method", "frozen")]
    assert of_customer(world).errors == [("/customer_id", "frozen")]
    assert credit(world).problem == "not-allowed"
    assert left(world, store) == 1_500


def test_a_card_that_is_frozen_while_an_order_is_saved_does_not_pay(world: World, monkeypatch: pytest.MonkeyPatch):
    from comanda.aws.orders import orders

    gift, save = issue(world).body, orders.save

    def after_a_freeze(before: Any, saving: Any) -> Any:
        monkeypatch.setattr(orders, "save", save)
        assert change(world, gift, "freeze").status == 200
        return save(before, saving)

    monkeypatch.setattr(orders, "save", after_a_freeze)
    reply = world.place_order(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)])

    assert reply.errors == [("/payments/0/code", "not-usable")]
    assert left(world, gift) == 5_000


def test_what_is_left_of_a_frozen_card_is_no_income_before_it_is_unfrozen(world: World):
    entity(world, breakage_days=10)
    set_channel(world, gift_card_days=5, legal_entity="tea-co")
    gift = issue(world).body
    change(world, gift, "freeze")

    for days in (16, 31):
        world.pass_time(days * DAY)
        world.sweep()
    assert left(world, gift) == 5_000
    change(world, gift, "unfreeze")
    world.pass_time(31 * DAY)
    world.sweep()
    assert left(world, gift) == 0
    world.settle()
    assert broken(world.tables()) == []


def test_a_person_finds_the_account_of_a_code_whatever_is_left_and_guesses_lock_the_person(world: World):
    gift = issue(world, amount=usd(1_000)).body
    world.placed(("TEA-001", 1), payments=[by_card(gift["code"], 1_000)])
    change(world, gift, "freeze")
    mistyped = gift["code"][:-1] + ("0" if gift["code"][-1] != "0" else "1")

    found = find(world, gift["code"].lower())
    (shown,) = found.body["items"]
    assert (shown["account_id"], shown["balance"], shown["frozen"]) == (gift["account_id"], usd(0), True)
    assert "code" not in shown
    assert find(world, gift["code"], who="shop").problem == "forbidden"
    for _ in range(12):
        assert find(world, mistyped).errors == [("/code", "unknown-code")]
    for n in range(10):
        assert find(world, codes.make(n)).errors == [("/code", "unknown-code")]
    assert find(world, gift["code"]).problem == "too-many-requests"
    assert balance(world, gift["code"], who="sales").problem == "too-many-requests"
    assert find(world, gift["code"], who="finance").status == 200


def test_frozen_cards_are_no_guesses_and_a_locked_sender_hears_nothing_of_them(world: World):
    gift = issue(world).body
    change(world, gift, "freeze")
    frozen = {"payments": [by_card(gift["code"], 1_000)], "customer": CUSTOMER}
    for _ in range(11):
        assert world.place_order(("TEA-001", 1), **frozen).errors == [("/payments/0/code", "frozen")]
    for n in range(10):
        world.place_order(("TEA-001", 1), payments=[by_card(codes.make(n), 1_000)], customer=CUSTOMER)

    assert world.place_order(("TEA-001", 1), **frozen).problem == "too-many-requests"


def test_a_person_finds_the_store_credits_of_a_customer_also_when_they_are_spent_or_frozen(world: World):
    store, _ = credit(world).body, credit(world, amount={"amount": 700, "currency": "EUR"})
    change(world, store, "freeze")

    def find_by(**wanted: str) -> Reply:
        return world.call("POST", "/v1/gift-cards/find", wanted, who="sales", key=None)

    found = find_by(channel="web", customer_id="c-17").body["items"]
    assert [(one["balance"]["amount"], one["frozen"]) for one in found] == [(1_500, True), (700, False)]
    assert find_by(channel="web", customer_id="c-18").body["items"] == []
    assert find_by(channel="moon", customer_id="c-17").errors == [("/channel", "unknown-channel")]
    assert find_by(channel="web").errors == [("/customer_id", "missing")]
    assert find_by(code=codes.make(1), channel="web").errors == [("/channel", "not-taken")]
