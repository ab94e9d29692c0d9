"""Each write that makes a position more than plain changes its `glance`, and no write changes `glance` back wrongly."""

from typing import Any

import pytest

from comanda.aws.stock import lanes, plain_marks, position_reads
from comanda.domain.stock.plain_position import Plain
from comanda.domain.stock.stock import Position
from tests.functions.daily.test_daily import the_night
from tests.functions.stock.test_policies import say
from tests.functions.world import World

SKU, NODE = "TEA-001", "dc-1"
KEPT = {"request_id": "cart-1", "lines": [{"sku": SKU, "quantity": 2, "node_id": NODE}], "ttl_seconds": 600}


def tell(world: World, action: str, line: Any, **fields: Any) -> None:
    body = {"supply_id": "PO-1", "reference": action, "action": action, "lines": [{"line": 1, **line}], **fields}
    reply = world.call("POST", "/v1/stock/supplies", body, who="office")
    assert reply.body["rows"][0]["status"] == "APPLIED", reply.body


def create(world: World) -> None:
    line = {"sku": SKU, "quantity": 5, "eta": "2026-11-25", "node_id": NODE}
    tell(world, "CREATE", line, type="PURCHASE_ORDER")


def keep(world: World) -> str:
    reply = world.call("POST", "/v1/reservations", KEPT)
    assert reply.status == 201
    return str(reply.body["reservation_id"])


def item(world: World, node: str = NODE) -> dict[str, Any]:
    (row,) = world.aws.items("Stock", f"S#{SKU}", f"P#{node}")
    return dict(row)


def _glances() -> tuple[Position, ...]:
    return position_reads.load_glances_with_prices([SKU], None)[0]


def is_seen_as_it_is() -> bool:
    """Check that a reader of glances and a reader of whole items see the same; return True if the position is plain."""
    names = (
        "node",
        "lane",
        "free",
        "available",
        "soft",
        "supplies",
        "safety",
        "ship",
        "pickup",
        "lanes",
        "levels",
        "protected",
    )

    def shown(position: Position) -> tuple[Any, ...]:
        return tuple(getattr(position, name) for name in names)

    whole, seen = position_reads.load([SKU]), _glances()
    assert sorted(map(shown, seen), key=str) == sorted(map(shown, whole), key=str)
    return any(type(position) is Plain for position in seen if position.node == NODE)


@pytest.mark.parametrize(
    "make",
    [
        lambda world: say(world, safety={"*": {"units": 2}}),
        lambda world: say(world, protected={"web": 1}),
        lambda world: say(world, ship=False),
        lambda world: say(world, pickup=False),
        lambda world: lanes.split(SKU, NODE, 2, world.now),
        create,
        keep,
    ],
    ids=["safety", "protected", "ship", "pickup", "lanes", "supply", "softly kept"],
)
def test_whatever_makes_a_position_more_than_its_units_is_seen_at_a_glance(world: World, make: Any):
    world.stocked(dc_1=10, dc_2=3)
    assert is_seen_as_it_is()

    make(world)

    assert not is_seen_as_it_is()
    world.stocked(dc_1=1)
    assert not is_seen_as_it_is()


def test_a_position_that_begins_with_words_or_a_supply_is_more_from_the_start(world: World):
    assert say(world, protected={"web": 1}).status == 200
    assert not is_seen_as_it_is()


def test_a_supply_that_makes_its_position_is_seen_at_a_glance(world: World):
    create(world)

    assert not is_seen_as_it_is()
    tell(world, "RECEIVE", {"quantity": 5})
    assert is_seen_as_it_is()


def test_a_position_whose_policy_is_removed_is_plain(world: World):
    world.stocked(dc_1=10)
    say(world, "P-1", ship=False, safety={"*": {"units": 2}})

    say(world, "P-2", key="2", ship=None, safety={"*": None}, reorder_point=3)

    assert is_seen_as_it_is()


def test_a_position_without_units_that_is_split_is_more_before_any_unit_moves(world: World):
    say(world, reorder_point=3)
    assert is_seen_as_it_is()

    lanes.split(SKU, NODE, 2, world.now)

    assert not is_seen_as_it_is()


def test_a_position_without_lanes_is_plain_again(world: World):
    world.stocked(dc_1=10)
    lanes.split(SKU, NODE, 2, world.now)

    lanes.merge(SKU, NODE, world.now)

    assert is_seen_as_it_is()


def test_a_position_is_read_whole_after_an_unread_release_until_the_nightly_run(world: World):
    world.stocked(dc_1=10)
    name = keep(world)
    assert world.call("POST", f"/v1/reservations/{name}/release", {}).status == 200
    assert not is_seen_as_it_is()

    the_night(world)

    assert is_seen_as_it_is()


def test_items_from_before_the_glance_are_read_whole_until_they_are_marked(world: World):
    world.stocked(dc_1=10, dc_2=3)
    create(world)
    for node in (NODE, "dc-2"):
        row = item(world, node)
        del row["glance"]
        world.aws.put("Stock", **row)
    assert not is_seen_as_it_is()
    assert type(_glances()[1]) is Position

    assert plain_marks.mend(SKU) == 2

    assert {type(p) for p in _glances() if p.node == "dc-2"} == {Plain}
    assert not is_seen_as_it_is()
    assert plain_marks.mend(SKU) == 0
