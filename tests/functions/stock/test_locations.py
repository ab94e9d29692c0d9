"""The newest list of locations counts, whoever sends lists and in whatever order they come."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from comanda.aws.stock import locations
from comanda.domain.picking.location import Location
from tests.functions.world import START, Reply, World

PATH = "/v1/nodes/dc-1/locations"
SKUS = ("TEA-001", "CUP-001", "POT-001")


def at(rack: int, zone: str = "A") -> dict[str, Any]:
    return {"zone": zone, "aisle": 3, "rack": rack, "bin": None}


def put(
    world: World, *rows: tuple[str, Any], as_of: datetime = START, who: str = "dc-1-system", path: str = PATH
) -> Reply:
    body = {"as_of": as_of.isoformat(), "rows": [{"sku": sku, "location": where} for sku, where in rows]}
    return world.call("PUT", path, body, who=who)


def statuses(reply: Reply) -> list[str]:
    assert reply.status == 200, reply.body
    return [row["status"] for row in reply.body["rows"]]


def listed(world: World, who: str = "dc-1-system", **query: Any) -> dict[str, Any]:
    reply = world.call("GET", PATH, who=who, query=query)
    assert reply.status == 200, reply.body
    return {row["sku"]: row["location"] for row in reply.body["items"]}


def test_a_node_stores_its_locations_and_reads_them_by_sku(world: World):
    assert statuses(put(world, ("TEA-001", at(12)), ("CUP-001", {**at(4), "bin": "2"}))) == ["APPLIED", "APPLIED"]

    assert listed(world) == {"CUP-001": {**at(4), "bin": "2"}, "TEA-001": at(12)}
    assert listed(world, who="office") == listed(world)
    assert locations.find("dc-1", SKUS) == {
        "TEA-001": Location("A", 3, 12),
        "CUP-001": Location("A", 3, 4, "2"),
        "POT-001": None,
    }


def test_the_same_list_twice_leaves_what_it_left_once(world: World):
    once = put(world, ("TEA-001", at(12)))
    before = listed(world)

    assert put(world, ("TEA-001", at(12))).body == once.body
    assert listed(world) == before


def test_a_late_list_changes_nothing_that_a_newer_one_said(world: World):
    put(world, ("TEA-001", at(12)), as_of=START)

    late = put(world, ("TEA-001", at(1)), ("CUP-001", at(2)), as_of=START - timedelta(hours=1))

    assert statuses(late) == ["CONFLICT", "APPLIED"]
    assert late.body["rows"][0]["code"] == "newer-list"
    assert listed(world) == {"TEA-001": at(12), "CUP-001": at(2)}


def test_a_location_that_is_taken_away_stays_away_when_an_older_list_comes(world: World):
    put(world, ("TEA-001", at(12)), as_of=START - timedelta(hours=2))
    put(world, ("TEA-001", None), as_of=START)

    assert statuses(put(world, ("TEA-001", at(12)), as_of=START - timedelta(hours=1))) == ["CONFLICT"]
    assert listed(world) == {}
    assert locations.find("dc-1", ["TEA-001"]) == {"TEA-001": None}


def test_two_lists_at_once_leave_the_newer_one(world: World, monkeypatch: pytest.MonkeyPatch):
    """The older list reads that there is no row, and the newer one is stored before it writes."""
    commit = locations.transaction.commit

    def meanwhile(writes: Any) -> None:
        monkeypatch.setattr(locations.transaction, "commit", commit)
        put(world, ("TEA-001", at(12)), as_of=START)
        commit(writes)

    monkeypatch.setattr(locations.transaction, "commit", meanwhile)
    older = put(world, ("TEA-001", at(1)), as_of=START - timedelta(hours=1))

    assert (older.status, older.problem) == (503, "stock-conflict")
    assert statuses(put(world, ("TEA-001", at(1)), as_of=START - timedelta(hours=1))) == ["CONFLICT"]
    assert listed(world) == {"TEA-001": at(12)}


def test_mistakes_are_told_by_row_and_nothing_is_stored(world: World):
    reply = put(world, ("TEA-001", at(1)), ("NOPE", at(2)), ("TEA-001", at(3)))

    assert reply.status == 422
    assert [(error["pointer"], error["code"]) for error in reply.body["errors"]] == [
        ("/rows/1/sku", "unknown-sku"),
        ("/rows/2/sku", "duplicate"),
    ]
    assert listed(world) == {}


@pytest.mark.parametrize("field", ["aisle", "rack"])
@pytest.mark.parametrize("number", [0, 1000, -1, 1.5, "3"])
def test_aisles_and_racks_are_numbers_from_1(world: World, field: str, number: object):
    reply = put(world, ("TEA-001", {**at(1), field: number}))

    assert (reply.status, reply.body["errors"][0]["pointer"]) == (422, f"/rows/0/location/{field}")


def test_a_list_is_not_of_the_future(world: World):
    reply = put(world, ("TEA-001", at(1)), as_of=START + timedelta(hours=1))

    assert reply.body["errors"] == [{"pointer": "/as_of", "code": "in-the-future", "message": "is later than now"}]


def test_other_nodes_are_not_there(world: World):
    put(world, ("TEA-001", at(1)))

    assert put(world, ("TEA-001", at(2)), who="dc-2-system").status == 404
    assert world.call("GET", PATH, who="dc-2-system").status == 404
    assert put(world, ("TEA-001", at(2)), who="office", path="/v1/nodes/nowhere/locations").status == 404
    assert put(world, ("TEA-001", at(2)), who="shop").status == 403
    assert listed(world) == {"TEA-001": at(1)}


def test_a_list_is_read_page_by_page(world: World):
    put(world, *[(sku, at(n)) for n, sku in enumerate(SKUS, 1)])

    seen, query = [], {"limit": "1"}
    while True:
        page = world.call("GET", PATH, who="dc-1-system", query=query).body
        seen += [row["sku"] for row in page["items"]]
        if not page["next"]:
            break
        query = {"limit": "1", "cursor": page["next"]}

    assert seen == sorted(SKUS)
