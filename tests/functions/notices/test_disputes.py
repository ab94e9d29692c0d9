"""A notice of a dispute freezes the cards that its order sold, and stands on the order, in the books and in a queue."""

from typing import Any

import pytest

from comanda.aws.books import frozen_accounts
from comanda.aws.directory import directory
from tests.functions.intake.test_own_payments import books
from tests.functions.notices.test_notices import waiting
from tests.functions.pay.test_bought_cards import cards, resolved
from tests.functions.pay.test_pay import later
from tests.functions.world import World
from tests.invariants import broken

__all__ = ["cards"]
CREATED = "charge.dispute.created"


@pytest.fixture
def sold(world: World, cards: str, connected: None) -> str:
    """Return the id of an order whose card is active."""
    resolved(world, cards)
    return cards


def account_of(world: World, order_id: str) -> dict[str, Any]:
    (account_id,) = world.order(order_id)["provisions"][0]["gift_cards"]["account_ids"]
    return dict(world.call("GET", f"/v1/gift-cards/{account_id}", who="office").body)


def disputed(sdk: Any, door: Any) -> Any:
    (intent,) = sdk.payment_intents.list().data
    return door("POST", "/_dispute", payment_intent=intent.id)


def states(world: World, order_id: str) -> list[tuple[str, int, str]]:
    return [(one["state"], one["amount"]["amount"], one["dispute_id"]) for one in world.order(order_id)["disputes"]]


def test_a_dispute_freezes_the_sold_card_and_is_owed_again(world: World, sold: str, sdk, door, send, events) -> None:
    dispute = disputed(sdk, door)
    for event in events(CREATED, "charge.dispute.funds_withdrawn"):
        assert send(event).status == 200
        assert send(event).status == 200
    world.settle()

    account = account_of(world, sold)
    assert (account["frozen"], account["balance"]["amount"]) == (True, 1_000)
    frozen = [row for row in account["entries"] if row["purpose"] == "freeze"]
    assert [(row["reason"], row["by"], row["order_id"]) for row in frozen] == [("disputed-payment", "payments", sold)]
    assert states(world, sold) == [("OPEN", 1_000, dispute["id"])]
    assert {**books(world, sold)} == {"captured": 1_000, "disputed": -1_000, "receivable": 1_000, "gift_cards": -1_000}
    (item,) = waiting(world)
    assert (item["reason"], item["data"]["dispute"], item["data"]["order_id"]) == (
        "disputed-payment",
        dispute["id"],
        sold,
    )
    told = world.call("GET", f"/v1/orders/{sold}/events", who="office", query={"limit": "100"}).body["items"]
    assert [event["type"] for event in told].count("payment_disputed") == 1
    assert broken(world.tables()) == []


def test_a_dispute_in_another_currency_asks_a_person_and_freezes_the_card(
    world: World, sold: str, stripe, sdk, door, send, events
) -> None:
    dispute = disputed(sdk, door)
    with stripe.account.store.transaction():
        stripe.account.put({**stripe.account.get("dispute", dispute["id"]), "amount": 930, "currency": "eur"})
    (event,) = events(CREATED)
    for _ in range(2):
        assert send(event).status == 200
        world.settle()

    assert states(world, sold) == []
    (item,) = waiting(world)
    assert item["reason"] == "disputed-in-another-currency"
    facts = {name: item["data"][name] for name in ("dispute", "amount", "currency", "order_id")}
    assert facts == {"dispute": dispute["id"], "amount": "930", "currency": "EUR", "order_id": sold}
    assert account_of(world, sold)["frozen"]
    assert broken(world.tables()) == []


@pytest.mark.parametrize(("status", "owed"), [("won", 0), ("lost", 1_000)])
def test_the_end_of_a_dispute_moves_the_books_and_unfreezes_nothing(
    world: World, sold: str, sdk, door, send, events, status: str, owed: int
) -> None:
    dispute = disputed(sdk, door)
    for event in events(CREATED):
        send(event)
    world.settle()
    door("POST", "/_dispute", dispute=dispute["id"], status=status)
    for event in events("charge.dispute.closed", "charge.dispute.funds_reinstated"):
        send(event)
    world.settle()

    assert states(world, sold) == [(status.upper(), 1_000, dispute["id"])]
    assert books(world, sold).get("receivable", 0) == owed
    assert account_of(world, sold)["frozen"]
    assert broken(world.tables()) == []


def test_a_card_that_a_person_unfroze_is_not_frozen_again_for_the_same_dispute(
    world: World, sold: str, sdk, door, send, events
) -> None:
    disputed(sdk, door)
    created, withdrawn = events(CREATED, "charge.dispute.funds_withdrawn")
    send(created)
    world.settle()
    path = f"/v1/gift-cards/{account_of(world, sold)['account_id']}/unfreeze"
    assert world.call("POST", path, {"reason": "the customer is known"}, who="office").status == 200

    send(withdrawn)
    world.settle()

    assert not account_of(world, sold)["frozen"]


def test_a_card_that_is_not_active_yet_stays_so_until_the_dispute_is_won(
    world: World, cards: str, sdk, door, send, events, connected
) -> None:
    (intent,) = sdk.payment_intents.list().data
    sdk.payment_intents.capture(intent.id)
    dispute = disputed(sdk, door)
    for event in events(CREATED):
        send(event)
    world.settle()
    assert states(world, cards) == [("OPEN", 1_000, dispute["id"])]
    resolved(world, cards)
    assert not world.order(cards)["provisions"][0]["gift_cards"]["active"]


def test_a_provider_that_does_not_answer_is_asked_again_by_the_sweeper(
    world: World, sold: str, sdk, door, send, events
) -> None:
    disputed(sdk, door)
    (event,) = events(CREATED)
    door("POST", "/_faults", faults=[{"kind": "timeout_before", "path": "/v1/disputes"}])
    send(event)
    world.settle()
    assert states(world, sold) == []
    door("DELETE", "/_faults")

    later(world, hours=1)

    assert account_of(world, sold)["frozen"]
    assert len(states(world, sold)) == 1
    later(world, hours=1)
    assert len(states(world, sold)) == 1
    assert broken(world.tables()) == []


def test_a_crash_between_the_freeze_and_the_order_is_repeated(
    world: World, sold: str, sdk, door, send, events, monkeypatch: pytest.MonkeyPatch
) -> None:
    disputed(sdk, door)
    (event,) = events(CREATED)
    freeze = frozen_accounts.freeze

    def then_crash(*given: Any) -> None:
        freeze(*given)
        raise RuntimeError("crash")

    monkeypatch.setattr(frozen_accounts, "freeze", then_crash)
    send(event)
    with pytest.raises(RuntimeError):
        world.settle()
    monkeypatch.setattr(frozen_accounts, "freeze", freeze)
    assert account_of(world, sold)["frozen"]
    assert states(world, sold) == []

    later(world, hours=1)

    assert len(states(world, sold)) == 1
    assert [row["purpose"] for row in account_of(world, sold)["entries"]].count("freeze") == 1


def test_a_dispute_of_a_payment_that_pays_no_order_is_a_question(
    world: World, stripe, authorized, sdk, door, send, events
) -> None:
    intent = authorized(700)
    sdk.payment_intents.capture(intent.id)
    door("POST", "/_dispute", payment_intent=intent.id)
    for event in events(CREATED):
        send(event)

    assert [item["reason"] for item in waiting(world)] == ["no-order"]
    directory.forget()
