"""
The sweeper acts on every deadline at its next round, although the events that set the deadline were lost.

Before each case the sweeper has looked at the order, and has planned the next look for what the order had then.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from comanda.aws.directory import packs
from infra.stages import STAGES
from tests.functions.intake.changes.test_changes import WRAP, change_order
from tests.functions.intake.changes.test_changes_of_lines import PAYMENT
from tests.functions.route.test_in_time import patient
from tests.functions.wave.test_wave import AT_HOME, waves
from tests.functions.world import CHICAGO, World, usd
from tests.invariants import broken

ROUND = 60 * max(stage.sweep_minutes for stage in STAGES.values())  # seconds between two rounds of the sweeper, at most


@dataclass(frozen=True, slots=True)
class Case:
    """A save that sets a deadline `seconds` later, on an order that `begin` places, and the fact that time makes then."""

    begin: Callable[[World], str]
    save: Callable[[World, str], None]
    seconds: float
    fact: str


HOUR, DAY = 3600, 24 * 3600


def offered(world: World) -> str:
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    return order_id


def picked(world: World) -> str:
    """Place an order whose node has begun, and has three days for the work."""
    world.node("dc-1", CHICAGO, ship_minutes=3 * 24 * 60)
    packs.rebuild(("dc-1",))
    order_id = offered(world)
    world.steps(order_id, "accept", "pick")
    return order_id


def with_hold_type(begin: Callable[[World], str], *blocks: str, **changes: Any) -> Callable[[World], str]:
    """Return `begin` in a world with a type of hold that blocks these steps."""

    def in_world(world: World) -> str:
        world.hold_type("ENGRAVING", "holds", blocks=list(blocks), **{"applies_when": None, **changes})
        return begin(world)

    return in_world


def held(world: World) -> str:
    """Place an order whose node need not answer while a hold stops it."""
    order_id = offered(world)
    hold(world, order_id)
    return order_id


def unrouted(world: World) -> str:
    world.stocked("TEA-001", dc_1=9)
    return world.placed(("TEA-001", 3))


def declined(world: World) -> str:
    world.stocked("TEA-001", dc_2=9)
    order_id = offered(world)
    assert world.step(order_id, "decline", body={"reason": "NO_STOCK"}).status == 200
    return order_id


def in_waves(world: World) -> str:
    waves(world)
    world.stocked("TEA-001", dc_1=9)
    return world.placed(("TEA-001", 3), ship_to=AT_HOME)


def impatient(world: World) -> str:
    """Place an order whose units are cancelled when no stock has come on the third day."""
    patient(world)
    return world.placed(("TEA-001", 3))


def hold(world: World, order_id: str) -> None:
    assert world.change(order_id, "holds", {"type": "ENGRAVING", "reason": "x"}).status == 200


def resolve(world: World, order_id: str) -> None:
    assert world.change(order_id, "holds/h1/resolve", {"resolution": "done"}).status == 200


def recall(world: World, order_id: str) -> None:
    body = {"reason": "wrong", "fulfillment_id": f"ful_{order_id[4:]}-001"}
    assert world.change(order_id, "recall", body).status == 200


def changed(*changes: dict[str, Any], status: int = 200, **body: Any) -> Callable[[World, str], None]:
    """Return the save of these changes of the order."""

    def save(world: World, order_id: str) -> None:
        made = change_order(world, order_id, *changes, **body)
        assert made.status == status, made.body

    return save


def route(world: World, order_id: str) -> None:
    world.hops.invoke("route", {"state": "Route", "order_id": order_id})


LATER = {"modification": "requested", "requested": {"not_before": "2026-12-24"}}
PAID_UNTIL = {**PAYMENT, "expires_at": "2026-11-19T15:00:00Z"}
CASES = {
    "a hold is placed": Case(with_hold_type(picked, "ship", expires_minutes=90), hold, 1.5 * HOUR, "hold_expired"),
    "a hold is added by a change": Case(
        with_hold_type(picked, "ship", expires_minutes=90, applies_when={"total_at_least": usd(3_200)}),
        changed({"modification": "quantity", "line_id": "1", "quantity": 4}, payments=[PAYMENT]),
        1.5 * HOUR,
        "hold_expired",
    ),
    "a hold ends, and the node has to answer again": Case(
        with_hold_type(held, "accept", "pick", "ship"), resolve, HOUR, "silent"
    ),
    "a recall is requested": Case(picked, recall, 2 * HOUR, "recall_unanswered"),
    "a change requests work back": Case(picked, changed(LATER), 2 * HOUR, "recall_unanswered"),
    "a change waits for its payment": Case(picked, changed(WRAP, status=202, pending=True), DAY, "change_dropped"),
    "an authorisation that ends pays for a change": Case(
        picked, changed(WRAP, payments=[PAID_UNTIL]), 3 * HOUR, "held"
    ),
    "units are routed": Case(unrouted, route, HOUR, "silent"),
    "units are routed again": Case(declined, route, HOUR, "silent"),
    "units wait for a wave": Case(in_waves, route, 1.5 * HOUR, "wave_released"),
    "units wait for stock": Case(impatient, route, 2.5 * DAY, "cancelled"),
}


@pytest.mark.parametrize("name", CASES)
def test_a_deadline_is_acted_on_at_the_next_round_although_its_event_was_lost(world: World, name: str):
    case = CASES[name]
    order_id = case.begin(world)
    world.hops.invoke("sweep", {"all": True})
    world.hops.asynchronous.clear()
    case.save(world, order_id)
    before = len(facts(world, order_id))

    world.pass_time(case.seconds - 1)
    world.hops.invoke("sweep", {})
    assert len(facts(world, order_id)) == before

    world.pass_time(1 + ROUND)
    world.hops.invoke("sweep", {})

    assert facts(world, order_id)[before:] == [case.fact]
    world.sweep(everything=True)
    assert broken(world.tables()) == []


def test_all_deadlines_of_a_time_are_acted_on_in_one_round(world: World):
    world.stocked("TEA-001", dc_1=2, dc_2=2)
    order_id = world.placed(("TEA-001", 4))
    world.settle()

    world.pass_time(HOUR + ROUND)

    assert world.sweep()["facts"] == 2
    assert facts(world, order_id).count("silent") == 2


TOMORROW, IN_A_MONTH = "2026-11-20", "2026-12-19"


@pytest.mark.parametrize("first", [None, TOMORROW, IN_A_MONTH])
def test_units_that_are_wanted_on_a_day_are_released_at_its_first_round_although_every_event_was_lost(
    world: World, first: str | None
):
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 3), requested={"not_before": first} if first else None)
    if first != TOMORROW:
        world.settle()
        world.hops.invoke("sweep", {"all": True})
        changed({"modification": "requested", "requested": {"not_before": TOMORROW}})(world, order_id)
    world.hops.stopped.update(("conduct", "relay"))
    route(world, order_id)
    assert world.order(order_id)["quantities"] == {"SCHEDULED": 3}

    world.pass_time(DAY / 2 - 1)
    world.sweep()
    assert "stock_arrived" not in facts(world, order_id)
    world.pass_time(1 + ROUND)
    world.sweep()
    assert "stock_arrived" in facts(world, order_id)

    world.hops.stopped.clear()
    world.settle()
    assert world.order(order_id)["quantities"] == {"RELEASED": 3}
    assert broken(world.tables()) == []


def facts(world: World, order_id: str) -> list[str]:
    return [row["type"] for row in world.order_items(order_id, "E#")]
