"""Reasons of declines are data: words, the party to blame, what becomes of the stock, and whether the node is asked again."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from tests.functions.world import World
from tests.invariants import broken

OWN = {
    "titles": {
        "en-US": "Broken in the shop window",
        "pt-BR": "Quebrado na vitrine",
        "es": "Roto en el escaparate",
    },
    "blame": "retailer",
    "units_go": "QUARANTINE",
}


@pytest.fixture
def offered(world: World) -> str:
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    return order_id


def put(world: World, code: str, **changes: Any) -> Any:
    reply = world.call("PUT", f"/v1/decline-reasons/{code}", OWN | changes, who="office")
    directory.forget()
    return reply


def on_hand(world: World) -> tuple[dict[str, int], int]:
    (position,) = world.call("GET", "/v1/stock/TEA-001", who="office", query={"node_id": "dc-1"}).body["positions"]
    return position["on_hand"], position["free"]


@pytest.mark.parametrize(
    ("units_go", "stock"),
    [
        ("QUARANTINE", ({"sellable": 3, "quarantine": 2}, 3)),
        ("MISSING", ({"sellable": 3}, 3)),
        ("SALE", ({"sellable": 5}, 5)),
    ],
)
def test_an_own_reason_says_what_becomes_of_the_stock(
    world: World, offered: str, units_go: str, stock: tuple[dict[str, int], int]
):
    assert put(world, "window", units_go=units_go).status == 201

    reply = world.step(offered, "decline", body={"reason": "window"})
    world.settle()

    assert reply.status == 200
    assert on_hand(world) == stock
    assert world.order(offered)["status"] == "BACKORDERED"
    assert broken(world.tables()) == []


def test_the_timeline_says_an_own_reason_in_the_words_of_that_day(world: World, offered: str):
    put(world, "window")
    world.step(offered, "decline", body={"reason": "window"})
    put(world, "window", titles=OWN["titles"] | {"es": "Otro"})

    history = world.call("GET", f"/v1/orders/{offered}/events", who="office", query={"locale": "es"}).body["items"]

    (told,) = (event["words"]["text"] for event in history if event["type"] == "line_declined")
    assert told.endswith(
        "2 unidades de A TEA-001 (línea 1), Roto en el escaparate; responsable: Minorista; en cuarentena: 2 unidades"
    )


def test_a_node_is_asked_again_only_for_a_reason_that_allows_it(world: World, offered: str):
    put(world, "later", units_go="SALE", ask_again=True)

    world.step(offered, "decline", body={"reason": "later"})
    world.settle()
    again = world.order(offered)
    world.step(offered, "decline", 2, {"reason": "OTHER"})
    world.settle()

    assert (again["status"], again["fulfillments"][-1]["node_id"]) == ("RELEASED", "dc-1")
    assert world.order(offered)["status"] == "BACKORDERED"


def test_a_node_that_is_asked_again_without_end_reaches_a_person(world: World, offered: str):
    put(world, "later", units_go="SALE", ask_again=True)

    tried = 0
    while world.order(offered)["status"] == "RELEASED":
        tried += 1
        assert world.step(offered, "decline", tried, {"reason": "later"}).status == 200
        world.settle()

    (item,) = world.call("GET", "/v1/queues/routing", who="office").body["items"]
    assert (item["order_id"], item["reason"]) == (offered, "too-many-declines")


def test_a_reason_that_is_not_in_use_is_refused_by_name(world: World, offered: str):
    put(world, "window", active=False)

    refused = world.step(offered, "decline", body={"reason": "window"})

    assert (refused.status, refused.errors) == (422, [("/reason", "unknown-decline-reason")])
    assert world.order(offered)["status"] == "RELEASED"


def test_nodes_read_the_reasons_and_the_office_replaces_all_but_that_of_the_system(world: World):
    listed = world.call("GET", "/v1/decline-reasons", who="picker").body["items"]

    assert {one["id"]: one["version"] for one in listed} == dict.fromkeys(
        ("NO_STOCK", "NO_CAPACITY", "CLOSED", "DAMAGED", "OTHER", "SILENT"), 0
    )
    assert world.call("GET", "/v1/decline-reasons/NO_STOCK", who="picker").body["units_go"] == "MISSING"
    assert put(world, "DAMAGED", units_go="MISSING").status == 201
    assert world.call("GET", "/v1/decline-reasons/DAMAGED", who="picker").body["units_go"] == "MISSING"
    assert put(world, "SILENT").errors == [("/id", "built-in")]
    assert world.call("PUT", "/v1/decline-reasons/own", OWN, who="picker").status == 403
    assert put(world, "own", titles={"en-US": "x"}).body["errors"][0]["pointer"] == "/titles/pt-BR"
