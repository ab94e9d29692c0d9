"""A planner sets the policy of a sku at a node and sees the released units; the figures of a month agree."""

from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.stock import position_reads, stock_changes
from comanda.aws.stock_views import sku_view
from comanda.domain.stock import movements
from comanda.domain.stock.changes import ReservedUnits, undo
from comanda.domain.stock.safety import Safety
from tests.functions.world import Reply, World

HERE = {"sku": "TEA-001", "node_id": "dc-1"}


def say(world: World, reference: str = "P-1", key: str = "", **row: Any) -> Reply:
    body = {"reference": reference, "rows": [{**HERE, **row}]}
    return world.call("POST", "/v1/stock/policies", body, who="office", key=key)


def released(reply: Reply) -> int:
    assert reply.status == 200, reply.body
    units: int = reply.body["rows"][0]["released"]
    return units


def item(world: World) -> dict[str, Any]:
    (row,) = world.aws.items("Stock", "S#TEA-001", "P#")
    found: dict[str, Any] = row
    return found


def figures(world: World, month: str = "2026-11") -> dict[str, Any]:
    found: dict[str, Any] = world.call("GET", "/v1/stock/kpis", who="office", query={"month": month}).body
    return found["safety_released"]


def left(world: World, kind: str, units: int, days_ago: float) -> None:
    """Units that an order had at the shelf have left it, or were not found there."""
    at = world.now - timedelta(days=days_ago)
    day = at.date().isoformat()
    held = ReservedUnits(
        sku="TEA-001", node="dc-1", quantity=units, due=day, source=f"{kind}-{at:%d%H}", line="1", n="1"
    )
    stock_changes.apply([undo(movements.release(held, at))], [])
    stock_changes.apply([{"ship": movements.ship, "short": movements.short}[kind](held, at)], [])


def test_a_position_has_its_own_safety_segments_switches_and_reorder_point(world: World):
    world.stocked(dc_1=10)
    rev = item(world)["rev"]

    reply = say(
        world,
        safety={"*": {"units": 2}, "PICKUP": {"percent": 30}},
        protected={"web": 1},
        pickup=False,
        reorder_point=4,
    )

    (watched,) = sku_view.load("TEA-001").watched
    assert released(reply) == 0
    assert watched.shelf.levels.node_methods == {"*": Safety(units=2), "PICKUP": Safety(percent=30)}
    assert (watched.shelf.protected, watched.shelf.pickup, watched.thresholds.low) == ((("web", 1),), False, 4)
    assert item(world)["rev"] == rev + 1
    assert position_reads.get("TEA-001", "dc-1").free == 10  # type: ignore[union-attr]


def test_a_field_that_is_not_named_stays_and_null_removes_it(world: World):
    world.stocked(dc_1=10)
    say(world, safety={"*": {"units": 2}}, protected={"web": 1}, ship=False)

    say(world, "P-2", protected=None, ship=None)

    assert item(world)["levels"] == {"*": {"units": 2}}
    assert not {"protected", "ship"} & item(world).keys()


def test_a_method_or_channel_that_is_not_named_stays_and_null_removes_it(world: World):
    world.stocked(dc_1=10)
    say(world, safety={"*": {"units": 1}, "PICKUP": {"units": 5}}, protected={"web": 1})

    lowered = say(world, "P-2", safety={"*": {"units": 2}}, protected={"outlet": 3})
    both = {name: item(world)[name] for name in ("levels", "protected")}
    taken = say(world, "P-3", safety={"PICKUP": None}, protected={"web": None, "outlet": None})

    assert both == {"levels": {"*": {"units": 2}, "PICKUP": {"units": 5}}, "protected": {"web": 1, "outlet": 3}}
    assert (released(lowered), released(taken)) == (0, 3)
    assert item(world)["levels"] == {"*": {"units": 2}}
    assert "protected" not in item(world)


def test_a_reference_has_one_content_and_a_repeated_policy_changes_nothing(world: World):
    world.stocked(dc_1=10)
    first = say(world, safety={"*": {"units": 8}})
    say(world, "P-2", safety={"*": {"units": 3}})

    again = say(world, safety={"*": {"units": 8}})
    other = say(world, safety={"*": {"units": 1}})

    rows = [reply.body["rows"][0] for reply in (first, again, other)]
    assert [(row["status"], row.get("code")) for row in rows] == [
        ("APPLIED", None),
        ("DUPLICATE", "applied-before"),
        ("CONFLICT", "other-content"),
    ]
    assert item(world)["levels"] == {"*": {"units": 3}}


def test_the_office_sees_the_policy_of_a_position_and_a_shop_does_not(world: World):
    world.stocked(dc_1=10)
    world.stocked(dc_2=10)
    say(world, safety={"*": {"units": 2}}, protected={"web": 1}, pickup=False, reorder_point=4)

    office = world.call("GET", "/v1/stock/TEA-001", who="office").body["positions"]
    shop = world.call("GET", "/v1/stock/TEA-001").body["positions"]

    assert [one["policy"] for one in office] == [
        {"safety": {"*": {"units": 2}}, "protected": {"web": 1}, "pickup": False, "reorder_point": 4},
        {},
    ]
    assert all("policy" not in one for one in shop)


def test_a_policy_may_be_set_for_a_position_that_does_not_exist_yet(world: World):
    say(world, safety={"*": {"units": 2}})
    world.stocked(dc_1=5)

    position = position_reads.get("TEA-001", "dc-1")
    assert position is not None
    assert (position.free, item(world)["levels"]) == (5, {"*": {"units": 2}})


def test_a_lowered_safety_stock_releases_units_and_is_recorded_once(world: World):
    world.stocked(dc_1=10)
    raised = released(say(world, safety={"*": {"units": 8}}))

    lowered = released(say(world, "P-2", safety={"*": {"units": 3}}))
    again = released(say(world, "P-2", safety={"*": {"units": 3}}))

    assert (raised, lowered, again) == (0, 5, 5)
    assert (figures(world)["units"], len(figures(world)["rows"])) == (5, 1)


def test_only_units_on_hand_are_released(world: World):
    world.stocked(dc_1=4)
    say(world, safety={"*": {"units": 8}})

    assert released(say(world, "P-2", safety={"*": {"units": 1}})) == 3


@pytest.mark.parametrize(("after", "kept"), [("ship", "without_loss"), ("short", "with_loss"), (None, "not_measured")])
def test_a_release_is_without_loss_when_the_shelf_fills_as_much_as_before(world: World, after: str | None, kept: str):
    world.stocked(dc_1=20)
    left(world, "ship", 3, 5)
    left(world, "short", 1, 4)
    say(world, safety={"*": {"units": 8}})
    say(world, "P-2", safety={"*": {"units": 3}})
    world.pass_time(5 * 24 * 3600)
    if after:
        left(world, after, 2, 1)

    found = figures(world)

    assert (found["units"], found[kept]) == (5, 5)
    assert found["rows"][0]["fill_permille_before"] == 750
    assert found["rows"][0]["fill_permille_after"] == {"ship": 1000, "short": 0, None: None}[after]


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({"sku": "NOTHING"}, [("/rows/0/sku", "unknown-sku")]),
        ({"node_id": "moon"}, [("/rows/0/node_id", "unknown-node")]),
        ({"safety": {"*": {"units": -1}}}, [("/rows/0/safety/*/units", "greater-than-equal")]),
        ({"safety": {"*": {"units": 1, "percent": 1}}}, [("/rows/0/safety/*", "value-error")]),
        ({"safety": {"MAIL": {"units": 1}}}, [("/rows/0/safety/MAIL", "literal-error")]),
        ({"protected": {"web": 1.5}}, [("/rows/0/protected/web", "int-type")]),
        ({"protected": {"nochannel": 5}}, [("/rows/0/protected/nochannel", "unknown-channel")]),
        ({"colour": 1}, [("/rows/0/colour", "extra-forbidden")]),
    ],
)
def test_a_wrong_policy_is_refused_with_all_its_errors_and_nothing_is_set(world: World, row: Any, wrong: Any):
    reply = say(world, **row)

    assert (reply.status, reply.errors) == (422, wrong)
    assert world.aws.items("Stock") == []


def test_figures_are_of_a_month(world: World):
    assert world.call("GET", "/v1/stock/kpis", who="office", query={"month": "november"}).status == 422
    for month in ("0001-01", "1999-12", "3000-01"):
        refused = world.call("GET", "/v1/stock/kpis", who="office", query={"month": month})
        assert refused.errors == [("/month", "out-of-range")], month
    assert figures(world, "2026-10")["units"] == 0


@pytest.mark.parametrize(
    ("service", "late", "found"),
    [("Express", False, {"OTHER": 1}), ("EXPRESS", True, {"LATE": 1}), ("GROUND", True, {})],
)
def test_a_shipment_that_left_faster_than_it_was_bought_is_counted_with_its_cause(
    world: World, service: str, late: bool, found: dict[str, int]
):
    world.stocked(dc_1=5)
    order_id = world.placed(("TEA-001", 1))
    world.settle()
    world.steps(order_id, "accept")
    world.pass_time(48 * 3600 if late else 0)
    package = {"package_id": "p-1", "carrier": "UPS", "service": service, "tracking_number": "1Z-1"}

    assert world.step(order_id, "ship", 1, {"packages": [package]}).status == 200

    seen = world.call("GET", "/v1/stock/kpis", who="office", query={"month": "2026-11"}).body["expedited"]
    assert (seen["causes"], seen["count"], seen["without_cost"]) == (found, len(found), len(found))
