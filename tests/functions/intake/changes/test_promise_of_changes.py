"""The promise in the preview of a change: the router's own dates, what cannot be promised, and previews that are later by now."""

from typing import Any

import pytest

from tests.functions.intake.changes.test_changes import change_order, previewed
from tests.functions.intake.changes.test_changes_of_lines import PAYMENT, a_line, adding, instead
from tests.functions.world import World, usd

MORE = {"modification": "quantity", "line_id": "1", "quantity": 5}


@pytest.fixture
def order_id(world: World) -> str:
    world.stocked("TEA-001", dc_1=4)
    name = world.placed(("TEA-001", 3))
    world.settle()
    return name


def days(order: dict[str, Any], line_id: str) -> list[tuple[int, str, Any]]:
    (line,) = (row for row in order["lines"] if row["line_id"] == line_id)
    return [(a["quantity"], a["node_id"], a["deliver_on"]) for a in line["allocations"] if a["node_id"]]


def promised(preview: dict[str, Any]) -> list[tuple[str, int, str]]:
    return [(row["line_id"], row["quantity"], row["node_id"]) for row in preview["promise"]["lines"]]


def test_a_preview_promises_what_the_route_does(world: World, order_id: str):
    world.stocked("POT-001", dc_2=9)

    preview = previewed(world, order_id, adding(a_line()))

    (row,) = preview["promise"]["lines"]
    (to,) = preview["promise"]["options"]
    assert (to["destination"], to["recommended"]) == (0, "standard")
    standard = next(one for one in to["options"] if one["option_id"] == "standard")
    assert (standard["complete"], standard["deliver_on"]) == (True, row["deliver_on"])
    assert preview["promise"]["cannot_promise"] == []
    assert change_order(world, order_id, adding(a_line()), payments=[PAYMENT], preview_id=None).status == 200
    world.settle()
    assert days(world.order(order_id), "2") == [(row["quantity"], row["node_id"], row["deliver_on"])]


def test_a_preview_says_what_it_cannot_promise(world: World, order_id: str):
    preview = previewed(world, order_id, MORE)

    assert promised(preview) == [("1", 1, "dc-1")]
    assert [(row["line_id"], row["quantity"]) for row in preview["promise"]["cannot_promise"]] == [("1", 1)]
    assert [one["complete"] for to in preview["promise"]["options"] for one in to["options"]] != []


def test_only_units_that_are_added_or_moved_are_promised(world: World, order_id: str):
    cheaper = {"modification": "price", "line_id": "1", "unit_price": usd(500)}
    fewer = {"modification": "quantity", "line_id": "1", "quantity": 1}

    assert previewed(world, order_id, cheaper, fewer)["promise"] is None


def test_units_that_the_change_gives_back_are_free_for_it(world: World, order_id: str):
    world.stocked("POT-001", dc_1=2)
    assert promised(previewed(world, order_id, instead(2))) == [("2", 2, "dc-1")]
    again = adding(a_line("2", "TEA-001", quantity=3))
    none = {"modification": "quantity", "line_id": "1", "quantity": 0}

    assert promised(previewed(world, order_id, none, again)) == [("2", 3, "dc-1")]


def test_a_change_is_refused_when_its_units_would_come_later_than_its_preview_said(world: World, order_id: str):
    world.stocked("POT-001", dc_1=2)
    preview = previewed(world, order_id, adding(a_line()), payments=[PAYMENT])
    world.placed(("POT-001", 1))
    world.settle()

    body = {"payments": [PAYMENT], "preview_id": preview["preview_id"]}
    stale = change_order(world, order_id, adding(a_line()), **body)

    assert (stale.status, stale.problem) == (409, "preview-stale")
    now = stale.body["preview"]
    assert [row["quantity"] for row in now["promise"]["cannot_promise"]] == [1]
    made = change_order(world, order_id, adding(a_line()), **{**body, "preview_id": now["preview_id"]})
    assert made.status == 200
