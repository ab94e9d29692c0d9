"""Reasons of cancels are data: words, the party to blame, and where the units go."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from tests.functions.world import World
from tests.invariants import broken

OWN = {
    "titles": {
        "en-US": "Recalled by its maker",
        "pt-BR": "Recolhido pelo fabricante",
        "es": "Retirado por el fabricante",
    },
    "blame": "retailer",
    "units_go": "QUARANTINE",
}


def on_hand(world: World) -> tuple[dict[str, int], int]:
    (position,) = world.call("GET", "/v1/stock/TEA-001", who="office", query={"node_id": "dc-1"}).body["positions"]
    return position["on_hand"], position["free"]


@pytest.fixture
def at_node(world: World) -> str:
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(order_id, "accept", "pick")
    return order_id


def put(world: World, code: str, **changes: Any) -> Any:
    reply = world.call("PUT", f"/v1/cancel-reasons/{code}", OWN | changes, who="office")
    directory.forget()
    return reply


def test_units_of_an_own_reason_go_into_quarantine_and_the_order_says_why(world: World, at_node: str):
    assert put(world, "maker-recall").status == 201

    reply = world.change(at_node, "cancel", {"reason_code": "maker-recall", "reason": "lot 7"}, who="shop")
    world.settle()

    (allocation,) = reply.body["lines"][0]["allocations"]
    assert (allocation["cancel_reason"], allocation["blame"]) == ("maker-recall", "retailer")
    assert on_hand(world) == ({"sellable": 3, "quarantine": 2}, 3)
    (task,) = world.call("GET", "/v1/queues/put-back", who="office").body["items"]
    assert task["reason"] == "quarantine: 2 x TEA-001"
    history = world.call("GET", f"/v1/orders/{at_node}/events", who="office", query={"locale": "pt-BR"}).body["items"]
    (told,) = (event["words"]["text"] for event in history if event["type"] == "cancelled")
    assert told == (
        "Cancelado: 2 unidades de A TEA-001 (linha 1), Recolhido pelo fabricante: lot 7; responsável: Varejista; "
        "em quarentena: 2 unidades; total US$\xa00,00"
    )
    assert broken(world.tables()) == []


@pytest.mark.parametrize(
    ("who", "left"), [("shop", ({"sellable": 5}, 4)), ("sales", ({"sellable": 3, "quarantine": 2}, 2))]
)
@pytest.mark.parametrize("verb", ["cancel", "changes"])
def test_a_shop_takes_no_stock_from_sale_that_lies_on_a_shelf(
    world: World, who: str, verb: str, left: tuple[dict[str, int], int]
):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    fewer = {
        "changes": {"changes": [{"modification": "quantity", "line_id": "1", "quantity": 1}]},
        "cancel": {"lines": [{"line_id": "1", "quantity": 2}]},
    }

    reply = world.change(order_id, verb, {"reason_code": "damaged"} | fewer[verb], who=who)
    world.settle()

    assert reply.status == 200, reply.body
    assert on_hand(world) == left
    assert broken(world.tables()) == []


def test_a_reason_that_sends_units_back_to_sale_makes_them_free(world: World, at_node: str):
    world.change(at_node, "cancel", {"reason_code": "ordered-by-mistake"})

    assert on_hand(world) == ({"sellable": 5}, 5)


@pytest.mark.parametrize("code", ["no-stock-in-time", "no-show", "customer-refused", "not-found"])
def test_nobody_gives_the_reasons_of_what_happens_at_nodes_and_to_stock(world: World, at_node: str, code: str):
    refused = world.change(at_node, "cancel", {"reason_code": code})

    assert refused.errors == [("/reason_code", "unknown-cancel-reason")]


def test_a_reason_in_words_alone_blames_nobody(world: World, at_node: str):
    reply = world.change(at_node, "cancel", {"reason": "the customer changed her mind"})

    (allocation,) = reply.body["lines"][0]["allocations"]
    assert not {"cancel_reason", "blame"} & allocation.keys()


@pytest.mark.parametrize("verb", ["cancel", "changes"])
@pytest.mark.parametrize(
    ("said", "at", "code"),
    [
        ({}, "/reason", "missing"),
        ({"reason_code": "because"}, "/reason_code", "unknown-cancel-reason"),
        ({"reason_code": "retired"}, "/reason_code", "unknown-cancel-reason"),
        ({"reason_code": "a b"}, "/reason_code", None),
    ],
)
def test_an_unknown_reason_is_refused_by_name(
    world: World, at_node: str, verb: str, said: dict[str, str], at: str, code: str | None
):
    put(world, "retired", active=False)
    fewer = {"changes": [{"modification": "quantity", "line_id": "1", "quantity": 1}]} if verb == "changes" else {}

    reply = world.change(at_node, verb, said | fewer)

    assert (reply.status, [error["pointer"] for error in reply.body["errors"]]) == (422, [at])
    assert code in (None, reply.body["errors"][0]["code"])
    assert world.order(at_node)["status"] == "PICKED"


def test_a_quantity_change_names_a_reason(world: World, at_node: str):
    fewer = {"changes": [{"modification": "quantity", "line_id": "1", "quantity": 1}], "reason_code": "damaged"}

    reply = world.change(at_node, "changes", fewer)
    world.settle()

    assert ("damaged", "node") in {
        (a.get("cancel_reason"), a.get("blame")) for a in reply.body["lines"][0]["allocations"]
    }
    assert on_hand(world) == ({"sellable": 4, "quarantine": 1}, 3)
    assert broken(world.tables()) == []


def test_the_built_in_reasons_are_listed_and_may_be_replaced_except_those_of_the_system(world: World):
    listed = world.call("GET", "/v1/cancel-reasons", who="shop").body["items"]

    assert {"fraud": 0, "customer-request": 0}.items() <= {one["id"]: one["version"] for one in listed}.items()
    assert world.call("GET", "/v1/cancel-reasons/fraud", who="shop").body["blame"] == "fraud"
    assert put(world, "fraud").status == 201
    assert world.call("GET", "/v1/cancel-reasons/fraud", who="shop").body["units_go"] == "QUARANTINE"
    refused = put(world, "no-stock-in-time")
    assert (refused.status, refused.body["errors"][0]["code"]) == (422, "built-in")
    assert world.call("PUT", "/v1/cancel-reasons/own", OWN, who="shop").status == 403
    assert world.call("GET", "/v1/cancel-reasons/nothing", who="shop").status == 404


def test_a_reason_has_words_in_each_language_and_a_party_to_blame(world: World):
    titles = {"en-US": "Recalled", "pt-BR": "Recolhido"}

    assert put(world, "own", titles=titles).body["errors"][0]["pointer"] == "/titles/es"
    assert put(world, "own", blame="me").body["errors"][0]["pointer"] == "/blame"
