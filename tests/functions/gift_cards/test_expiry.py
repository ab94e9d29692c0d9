"""The rest of expired gift cards and store credit becomes income when the legal entity says so, once, and never what may be spent."""

from typing import Any

import pytest

from comanda.aws.books import expired_accounts, gift_cards
from comanda.aws.directory import directory
from comanda.domain.errors import StaleOrder
from tests.functions.channels import set_channel
from tests.functions.gift_cards.test_issue import balance, credit, issue, of_customer
from tests.functions.intake.test_own_payments import by_card, ledger, left
from tests.functions.world import TEA_COMPANY, World
from tests.invariants import broken

DAY = 86_400


@pytest.fixture
def world(world: World) -> World:
    entity(world, breakage_days=10)
    own = {"GIFT_CARD": "comanda", "STORE_CREDIT": "comanda"}
    set_channel(world, payment_providers=own, gift_card_days=5, store_credit_days=5, legal_entity="tea-co")
    world.stocked("TEA-001", dc_1=9)
    return world


def entity(world: World, **more: Any) -> None:
    world.entry(directory.LEGAL_ENTITY, "tea-co", {**TEA_COMPANY, **more})
    directory.forget()


def days_pass(world: World, days: int) -> None:
    world.pass_time(days * DAY)
    world.sweep()
    world.settle()


def breakage(world: World) -> list[dict[str, int]]:
    rows = [row for row in world.tables()["Orders"] if row["sk"].startswith("J#expire#")]
    return [dict(row["entries"]) for row in rows]


def looks(world: World) -> list[str]:
    return [row["gsi3sk"][:10] for row in world.tables()["Orders"] if "accounts-expire" in str(row.get("gsi3pk"))]


def test_an_expired_card_is_income_after_the_days_of_the_legal_entity(world: World):
    card = issue(world).body
    assert looks(world) == ["2026-11-25"]
    days_pass(world, 15)
    assert (left(world, card), breakage(world)) == (5_000, [])

    days_pass(world, 1)
    days_pass(world, 1)

    assert (left(world, card), looks(world)) == (0, [])
    assert breakage(world) == [{"gift_cards": 5_000, "breakage": -5_000}]
    assert ledger(world, card) == [("expire", -5_000), ("issue", 5_000)]
    assert broken(world.tables()) == []


def test_store_credit_has_an_account_of_its_own_in_the_books(world: World):
    credit(world)
    days_pass(world, 16)

    assert breakage(world) == [{"store_credit": 1_500, "breakage": -1_500}]
    assert of_customer(world).status == 422
    assert broken(world.tables()) == []


def test_what_expired_stays_owed_where_the_law_lets_nobody_have_it(world: World):
    entity(world)
    card = issue(world).body
    days_pass(world, 100)

    assert (left(world, card), breakage(world)) == (5_000, [])
    entity(world, breakage_days=10)
    days_pass(world, 31)
    assert left(world, card) == 0
    assert broken(world.tables()) == []


def test_a_card_without_an_end_is_never_looked_at(world: World):
    set_channel(world, gift_card_days=None)
    card = issue(world).body
    days_pass(world, 400)

    assert (left(world, card), looks(world)) == (5_000, [])


def test_what_comes_back_to_an_emptied_card_can_be_spent_for_thirty_days_and_expires_then(world: World):
    card = issue(world).body
    order_id = world.placed(("TEA-001", 1), payments=[by_card(card["code"], 1_000)])
    world.settle()
    days_pass(world, 16)
    assert left(world, card) == 0
    assert world.change(order_id, "cancel", {"reason": "x"}).status == 200
    world.settle()
    days_pass(world, 29)
    assert balance(world, card["code"]).body["balance"]["amount"] == 1_000

    days_pass(world, 20)

    assert left(world, card) == 0
    assert sorted(entry["gift_cards"] for entry in breakage(world)) == [1_000, 4_000]
    assert broken(world.tables()) == []


def test_more_credit_gives_an_emptied_account_a_new_last_day(world: World):
    credit(world)
    days_pass(world, 16)
    account = credit(world).body
    assert left(world, account) == 1_500
    days_pass(world, 16)

    assert left(world, account) == 0
    assert len(breakage(world)) == 2
    assert broken(world.tables()) == []


def test_a_card_that_is_used_while_it_expires_is_not_emptied(world: World, monkeypatch: pytest.MonkeyPatch):
    card = issue(world).body
    order_id = world.placed(("TEA-001", 1), payments=[by_card(card["code"], 1_000)])
    world.settle()
    world.pass_time(16 * DAY)
    find = gift_cards.find

    def before_a_return(account_id: str) -> Any:
        found = find(account_id)
        monkeypatch.setattr(gift_cards, "find", find)
        assert world.change(order_id, "cancel", {"reason": "x"}).status == 200
        world.settle()
        return found

    monkeypatch.setattr(gift_cards, "find", before_a_return)
    with pytest.raises(StaleOrder):
        expired_accounts.review(card["account_id"], lambda _: 10, world.now)

    assert (left(world, card), breakage(world)) == (5_000, [])
    assert broken(world.tables()) == []
