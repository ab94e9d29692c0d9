"""
A process ends before and after each of its calls of AWS while gift cards are issued and spent, and many spend one card at once.
No amount is lost, and none is spent twice.
"""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from comanda.aws.books import gift_cards
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.runtime import card_codes
from comanda.domain.gift_cards import codes
from tests.faults import conflicts
from tests.functions.channels import set_channel
from tests.functions.storm import one_process_each
from tests.functions.world import Reply, World, a_body, usd
from tests.invariants import broken
from tests.storms.crash_journeys import Journey, cancel, crashed_everywhere, nothing, step
from tests.storms.test_contention import until_served

ISSUED = 5_000


@pytest.fixture
def world(world: World) -> World:
    set_channel(world, payment_providers={"GIFT_CARD": "comanda"})
    return world


def code() -> str:
    """Return the code of the card that `issue` issues: it is made of the request's key."""
    return codes.grouped(card_codes.code_of_request(keys.idempotency("shop", "POST /v1/gift-cards", "card")["pk"]))


def issue(world: World, _: str = "") -> Reply:
    body = {"channel": "web", "amount": usd(ISSUED), "reason": "sold"}
    return world.call("POST", "/v1/gift-cards", body, key="card")


def by_card(amount: int) -> dict[str, Any]:
    return {"method": "GIFT_CARD", "code": code(), "authorized": usd(amount)}


def with_card(world: World) -> str:
    nothing(world)
    issue(world)
    return ""


def order_by_card(world: World, _: str) -> Reply:
    body = a_body(("TEA-001", 2), external_id="WEB-1", payments=[by_card(2_000)])
    return world.call("POST", "/v1/orders", body, key="k")


def placed_by_card(world: World) -> str:
    with_card(world)
    order_id = str(order_by_card(world, "").body["order_id"])
    world.settle()
    return order_id


def one_left(world: World) -> str:
    """An order of two units of which one was cancelled."""
    order_id = placed_by_card(world)
    assert world.change(order_id, "cancel", {"reason": "x", "lines": [{"line_id": "1", "quantity": 1}]}).status == 200
    world.settle()
    return order_id


def wrap(world: World, order_id: str) -> Reply:
    wrapped = {"modification": "charge", "kind": "WRAP", "amount": usd(300)}
    body = {"reason": "asked to", "changes": [wrapped], "payments": [by_card(300)]}
    return world.call("POST", f"/v1/orders/{order_id}/changes", body, who="office", key="k", if_match='"v2"')


def sold(world: World) -> str:
    """An order that sells two cards, and whose work has not begun."""
    nothing(world)
    world.entry(directory.PRODUCT, "GIFT-1", {"title": "Card", "weight_g": 0, "class": "goods", "gift_card": True})
    directory.forget()
    return world.placed({"sku": "GIFT-1", "quantity": 2, "kind": "DIGITAL", "unit_price": usd(900)}, ship_to=None)


def sold_and_paid(world: World) -> str:
    order_id = sold(world)
    world.settle()
    return order_id


def credit_all(world: World, order_id: str) -> Reply:
    body = {"invoice_id": f"inv_{order_id[4:]}-001", "credit": "ALL", "reason": "came back"}
    version = world.order(order_id)["version"]
    path = f"/v1/orders/{order_id}/credit-notes"
    return world.call("POST", path, body, who="office", key="k", if_match=f'"v{version}"')


def bought(balance: int) -> Any:
    """Tell that both cards of an order have this balance, and that their mail was sent once."""

    def facts(world: World, order_id: str) -> dict[str, bool]:
        mails = [row for row in world.order_items(order_id, "M#") if "provided-001" in row["sk"]]
        made = [card_codes.id_of_code(card_codes.code_of_order(order_id, 1, n)) for n in (1, 2)]
        found = [gift_cards.find(account_id) for account_id in made]
        return {
            f"both cards have {balance}": [one and one.balance for one in found] == [balance] * 2,
            "their codes were mailed once": len(mails) == 1,
        }

    return facts


def left(amount: int) -> Any:
    def facts(world: World, _: str) -> dict[str, bool]:
        found = gift_cards.find(card_codes.id_of_code(str(codes.read(code()))))
        return {f"{amount} are left": found is not None and found.balance == amount}

    return facts


JOURNEYS = {
    "issue": Journey(nothing, issue, facts=left(ISSUED)),
    "place by card": Journey(with_card, order_by_card, "RELEASED", facts=left(ISSUED - 2_000)),
    "cancel all": Journey(placed_by_card, cancel, "CANCELLED", facts=left(ISSUED)),
    "ship what is left": Journey(one_left, step("ship"), "SHIPPED", facts=left(ISSUED - 1_000)),
    "sell cards": Journey(
        sold, lambda world, order_id: world.call("GET", f"/v1/orders/{order_id}"), "COMPLETED", facts=bought(900)
    ),
    "take cards back": Journey(sold_and_paid, credit_all, "COMPLETED", room="credit", facts=bought(0)),
    "pay a change by card": Journey(placed_by_card, wrap, "RELEASED", room="intake", facts=left(ISSUED - 2_300)),
}


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_crash_at_any_call_loses_no_amount_and_spends_none_twice(world: World, name: str):
    _, points = crashed_everywhere(world, JOURNEYS[name])

    assert points
    assert [point for point in points if point[1]] == []


@pytest.mark.parametrize("seed", [1, 2])
def test_thirty_clients_on_one_card_spend_what_it_has_and_no_more(world: World, seed: int):
    world.stocked("TEA-001", dc_1=50)
    issue(world)
    bodies = [a_body(("TEA-001", 1), payments=[by_card(1_000)]) for _ in range(30)]

    def buy(n: int) -> Reply:
        return until_served(world, "POST", "/v1/orders", bodies[n], f"k-{n}", who=("shop", "office")[n % 2])

    with one_process_each(), conflicts(seed, p=0.2, throttled=0.1), ThreadPoolExecutor(6) as pool:
        replies = []
        for first in range(0, 30, 10):
            replies += pool.map(buy, range(first, first + 10))
            world.pass_time(61)  # ten wrong codes lock a client for a minute

    outcomes = [reply.status for reply in replies]
    assert outcomes.count(201) == ISSUED // 1_000
    assert outcomes.count(422) == 30 - ISSUED // 1_000
    assert all(reply.errors == [("/payments/0/code", "not-usable")] for reply in replies if reply.status == 422)
    assert left(0)(world, "") == {"0 are left": True}
    world.settle()
    assert broken(world.tables()) == []
