"""Changes of the wanted day and of the service over the door: only work that does not fit moves, and the new date is mailed."""

from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from tests.aws.directory.test_carriers import CARRIER, SERVICE
from tests.functions.intake.changes.test_changes import change_order, previewed
from tests.functions.intake.changes.test_moves import GRAN, finished, nodes_of, refusals
from tests.functions.world import ALWAYS, World, at_counter, usd
from tests.invariants import broken

EXPRESS = SERVICE | {"service": "EXPRESS", "mode": "AIR", "bands": [{"days": 1}], "lanes": []}
FASTER = {"modification": "service", "service": "EXPRESS"}


@pytest.fixture
def order_id(world: World) -> str:
    """Return an order whose units are with a node, in a world with a carrier."""
    world.call("PUT", "/v1/calendars/carriers", ALWAYS, who="office")
    road = CARRIER | {"calendar": "carriers", "services": [SERVICE, EXPRESS], "collections": []}
    world.call("PUT", "/v1/carriers/road", road, who="office")
    for name, at in (("dc-1", (41.9, -87.6)), ("dc-2", (40.7, -74.0))):
        world.node(name, at, region="IL")
    packs.rebuild(("dc-1", "dc-2"))
    packs.rebuild(("road",), directory.CARRIER)
    directory.forget()
    world.stocked("TEA-001", dc_1=9, dc_2=9)
    name = world.placed(("TEA-001", 3))
    world.settle()
    world.hops.sent.clear()
    return name


def day(world: World, days: int) -> str:
    return (world.now + timedelta(days=days)).date().isoformat()


def wanted(**days: str) -> dict[str, Any]:
    return {"modification": "requested", "requested": days}


def reserved(world: World) -> list[tuple[str, int]]:
    """Return the reserved units of tea at dc-1, by the day under which they are reserved."""
    (position,) = world.aws.items("Stock", "S#TEA-001", "P#dc-1")
    return [(due, units) for due, units in position["hard"].items() if units]


def mails(world: World) -> list[str]:
    simple = [mail["Content"]["Simple"] for mail in world.hops.sent if "delayed-" in str(mail["EmailTags"])]
    return [f"{one['Subject']['Data']}\n{one['Body']['Text']['Data']}" for one in simple]


def test_a_later_day_reserves_the_units_under_it_and_is_mailed(world: World, order_id: str):
    later = day(world, 35)
    preview = previewed(world, order_id, wanted(not_before=later))
    assert [work["node_id"] for work in preview["recalled"]] == ["dc-1"]

    made = change_order(world, order_id, wanted(not_before=later), preview_id=preview["preview_id"])
    assert made.status == 200, made.body
    world.settle()

    order = world.order(order_id)
    assert order["quantities"] == {"SCHEDULED": 3}
    assert order["requested"] == {"deliver_by": None, "not_before": later}
    ((due, units),) = reserved(world)
    assert (due < later, due > day(world, 25), units) == (True, True, 3)
    (mail,) = mails(world)
    assert mail.startswith("A new date for your order")
    assert "Thursday, December 24, 2026" in mail
    assert broken(world.tables()) == []
    world.settle()
    world.pass_time(timedelta(days=35).total_seconds())
    world.sweep()
    assert finished(world, order_id)["status"] == "SHIPPED"


def test_another_later_day_moves_the_reservation_to_it(world: World, order_id: str):
    for days in (35, 20):
        assert change_order(world, order_id, wanted(not_before=day(world, days))).status == 200
        world.settle()

    ((due, units),) = reserved(world)
    assert (day(world, 10) < due < day(world, 20), units) == (True, 3)
    assert len(mails(world)) == 2
    assert broken(world.tables()) == []


def test_no_day_any_more_releases_the_units(world: World, order_id: str):
    assert change_order(world, order_id, wanted(not_before=day(world, 35))).status == 200
    world.settle()

    assert change_order(world, order_id, wanted()).status == 200
    world.settle()

    assert world.order(order_id)["quantities"] == {"RELEASED": 3}
    assert world.order(order_id)["requested"] == {"deliver_by": None, "not_before": None}
    assert finished(world, order_id)["status"] == "SHIPPED"


def test_a_day_that_the_work_keeps_moves_nothing(world: World, order_id: str):
    before = world.order(order_id)["fulfillments"]

    assert previewed(world, order_id, wanted(deliver_by=day(world, 30)))["recalled"] == []
    assert change_order(world, order_id, wanted(deliver_by=day(world, 30))).status == 200
    world.settle()

    assert world.order(order_id)["fulfillments"] == before
    assert mails(world) == []


def test_a_node_that_has_begun_is_asked_about_a_later_day(world: World, order_id: str):
    world.steps(order_id, "accept", "start-pick")

    assert change_order(world, order_id, wanted(not_before=day(world, 35))).status == 200
    world.settle()
    assert world.order(order_id)["quantities"] == {"PICKING": 3}
    world.steps(order_id, "recall-agree")
    world.settle()

    assert world.order(order_id)["quantities"] == {"SCHEDULED": 3}
    assert len(mails(world)) == 1
    assert broken(world.tables()) == []


@pytest.mark.parametrize(
    ("days", "wrong"),
    [
        ((-5, None), [("/changes/0/requested/deliver_by", "in-the-past")]),
        ((None, -5), [("/changes/0/requested/not_before", "in-the-past")]),
        ((3, 4), [("/changes/0/requested/not_before", "after-deliver-by")]),
        ((2000, None), [("/changes/0/requested/deliver_by", "too-far")]),
    ],
)
def test_a_wrong_day_is_named(
    world: World, order_id: str, days: tuple[int | None, int | None], wrong: list[tuple[str, str]]
):
    names = ("deliver_by", "not_before")
    given = {name: day(world, n) for name, n in zip(names, days, strict=True) if n is not None}

    assert refusals(world, order_id, wanted(**given)) == wrong


def test_a_day_without_its_field_and_a_day_for_a_line_are_refused(world: World, order_id: str):
    assert refusals(world, order_id, {"modification": "requested"}) == [("/changes/0/requested", "missing")]
    of_line = {**wanted(), "line_id": "1"}
    assert refusals(world, order_id, of_line) == [("/changes/0/line_id", "not-for-kind")]


def test_a_faster_service_and_its_charge_are_made_together(world: World, order_id: str):
    fee = {"modification": "charge", "kind": "EXPRESS", "amount": usd(900)}
    payment = {"method": "CARD", "reference": "auth-2", "authorized": usd(900)}
    slow = world.order(order_id)["fulfillments"][0]["deliver_on"]

    assert change_order(world, order_id, FASTER, fee).problem == "needs-payment"
    assert change_order(world, order_id, FASTER, fee, payments=[payment]).status == 200
    world.settle()

    order = world.order(order_id)
    assert [line["fulfillment"]["service"] for line in order["lines"]] == ["EXPRESS"]
    work = order["fulfillments"][-1]
    assert (work["service"], work["deliver_on"] <= slow) == ("EXPRESS", True)
    assert len(mails(world)) == 1
    assert finished(world, order_id)["totals"]["charges"]["amount"] == 900


def test_a_line_gets_a_service_of_its_own_and_the_other_stays(world: World, order_id: str):
    order_id = world.placed(("TEA-001", 1), ("TEA-001", 1))
    world.settle()

    assert change_order(world, order_id, {**FASTER, "line_id": "2"}).status == 200
    world.settle()

    found = {f["service"]: f["status"] for f in world.order(order_id)["fulfillments"]}
    assert found == {"STANDARD": "OFFERED", "EXPRESS": "OFFERED"}
    assert finished(world, order_id)["status"] == "SHIPPED"


def test_the_service_that_it_has_is_no_change(world: World, order_id: str):
    same = {"modification": "service", "service": "STANDARD"}

    assert change_order(world, order_id, same).errors == [("/changes/0/service", "the-same")]

    assert nodes_of(world, order_id) == {"dc-1": 3}


def test_a_service_to_another_address_moves_each_unit_once(world: World, order_id: str):
    to_gran = {"modification": "ship_to", "ship_to": GRAN}

    assert change_order(world, order_id, FASTER, to_gran, wanted(not_before=day(world, 9))).status == 200
    world.settle()

    assert world.order(order_id)["quantities"] == {"SCHEDULED": 3}
    assert broken(world.tables()) == []


@pytest.mark.parametrize(
    ("change", "wrong"),
    [
        ({"modification": "service"}, [("/changes/0/service", "missing")]),
        ({"modification": "service", "service": "ROCKET"}, [("/changes/0/service", "not-one-of")]),
        ({**FASTER, "line_id": "9"}, [("/changes/0/line_id", "unknown-line")]),
    ],
)
def test_a_wrong_service_is_named(world: World, order_id: str, change: dict[str, Any], wrong: list[tuple[str, str]]):
    assert [pointer for pointer, _ in refusals(world, order_id, change)] == [pointer for pointer, _ in wrong]


def test_a_pickup_line_has_no_service(world: World):
    world.stocked("TEA-001", store_1=5)
    order_id = world.placed(at_counter("TEA-001", 1))
    world.settle()

    assert refusals(world, order_id, {**FASTER, "line_id": "1"}) == [("/changes/0/service", "picked-up")]
    assert refusals(world, order_id, FASTER) == [("/changes/0/service", "picked-up")]
