"""
A process ends before and after each of its calls of AWS, while a draft is begun, changed, claimed, given up or erased.

Nothing is repaired by hand: the caller asks again, the stream delivers again, and the sweeper looks. Then the draft has taken
its step once, each step is on the bus, and its rows are the same as without the crash.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from tests.faults import Crash
from tests.functions.crashes import Crashes, Moment
from tests.functions.drafts.acts import ADA, CHICAGO, a_cart, a_row, act, create, patch
from tests.functions.world import Reply, World

pytestmark = pytest.mark.usefixtures("few_pages")


@dataclass(frozen=True)
class Journey:
    """The drafts before, the request, and the steps that are on the bus in the end."""

    before: Callable[[World], Any]
    ask: Callable[[World, Any], Reply]
    steps: tuple[str, ...]


def two_carts(world: World) -> Any:
    world.stocked("TEA-001", dc_1=5)
    line = {"sku": "TEA-001", "quantity": 1, "node_id": "dc-1"}
    body = {"request_id": "r", "kind": "SOFT", "ttl_seconds": 300, "lines": [line]}
    kept = world.call("POST", "/v1/reservations", body).body
    create(world, customer={"id": "78", "name": "Bob"})
    cart = create(world, ship_to=CHICAGO, reservation_id=kept["reservation_id"])
    world.settle()
    world.pass_time(1)  # ids of one millisecond have no order
    return cart


def claimed(world: World) -> Any:
    found = act(world, two_carts(world), "claim").body
    world.settle()
    return found


def change(world: World, cart: Any) -> Reply:
    """Change the customer of a cart: its contact, its search rows and the pointers of two customers change with it."""
    fields = {"customer": {"id": "78", "name": "Bob Ray"}, "set_lines": [a_row("2")], "open_cart": True}
    return patch(world, cart, key="k", **fields)


JOURNEYS = {
    "create": Journey(
        before=two_carts,
        ask=lambda world, _: world.call("POST", "/v1/drafts", a_cart(note="x", customer=ADA), key="k"),
        steps=("created", "created", "created"),
    ),
    "change": Journey(before=two_carts, ask=change, steps=("created", "created", "changed")),
    "claim": Journey(
        before=two_carts,
        ask=lambda world, cart: act(world, cart, "claim", key="k"),
        steps=("created", "created", "claimed"),
    ),
    "change of a claimed draft": Journey(
        before=claimed,
        ask=lambda world, cart: patch(world, cart, who="sales", key="k", tags=["phone"]),
        steps=("created", "created", "claimed", "changed"),
    ),
    "release": Journey(
        before=claimed,
        ask=lambda world, cart: act(world, cart, "release", key="k"),
        steps=("created", "created", "claimed", "released"),
    ),
    "abandon": Journey(
        before=two_carts,
        ask=lambda world, cart: act(world, cart, "abandon", who="shop", key="k"),
        steps=("abandoned", "created", "created"),
    ),
    "erase": Journey(
        before=two_carts,
        ask=lambda world, cart: world.call("DELETE", f"/v1/customers/{cart['customer_id']}", who="office", key=None),
        steps=("created", "created", "erased"),
    ),
}


def lived_through(world: World, journey: Journey, given: Any, crash: Crash) -> Reply:
    """The caller asks until it is answered; then everything follows, and the sweeper looks twice."""
    reply = crash.outlived(lambda: journey.ask(world, given))
    crash.outlived(world.settle)
    for _ in range(2):
        world.pass_time(600)
        crash.outlived(world.sweep)
    return reply


def standing(world: World) -> list[tuple[str, ...]]:
    """Return the keys of all rows of drafts, without ids that each run makes anew, and what they say."""
    rows = [row for table in ("Orders", "Customers") for row in world.tables()[table]]
    names = sorted({row["pk"].removeprefix("DR#") for row in rows if row["pk"].startswith("DR#drf_")})
    number = {name: f"draft {n}" for n, name in enumerate(names)}

    def plain(text: str) -> str:
        for name, shown in number.items():
            text = text.replace(name, shown)
        return text

    of_drafts = [row for row in rows if not row["pk"].startswith(("IDEM#", "AU#"))]
    told = ("status", "version", "relayed", "latest", "ttl", "draft", "step", "claimed_by")
    return sorted(tuple(plain(str(row.get(name))) for name in ("pk", "sk", *told)) for row in of_drafts)


def steps_on_the_bus(world: World) -> tuple[str, ...]:
    events = {one["id"]: one["data"]["step"] for one in world.hops.published if one["type"].startswith("comanda.draft")}
    return tuple(sorted(events.values()))


@pytest.mark.parametrize("name", JOURNEYS)
def test_a_crash_at_any_call_leaves_nothing_half_done(world: World, name: str):
    journey = JOURNEYS[name]
    given = journey.before(world)
    runs = Crashes(world, Moment(world).back, lambda crash, _: lived_through(world, journey, given, crash))
    assert steps_on_the_bus(world) == tuple(sorted(journey.steps))
    wanted = standing(world)

    for crash, _, reply in runs:
        assert reply.status in (200, 201), (crash.happened, reply.body)
        assert steps_on_the_bus(world) == tuple(sorted(journey.steps)), crash.happened
        assert standing(world) == wanted, crash.happened
    print(f"drafts, {name}: {len(runs)} crashes, none left a trace")  # noqa: T201  # a published figure


def test_a_crash_while_a_draft_expires_is_repaired_by_the_next_sweep(world: World):
    cart = create(world)
    world.settle()
    world.now += timedelta(days=32)

    def swept(crash: Crash, _: None) -> None:
        for _ in range(3):
            crash.outlived(world.sweep)
            world.pass_time(600)

    runs = Crashes(world, Moment(world).back, swept)
    wanted = standing(world)
    for crash, _, _ in runs:
        assert steps_on_the_bus(world) == ("created", "expired"), crash.happened
        assert standing(world) == wanted, crash.happened
    assert world.call("GET", f"/v1/drafts/{cart['draft_id']}").body["status"] == "EXPIRED"
    print(f"drafts, expiry: {len(runs)} crashes, each repaired by the next sweep")  # noqa: T201  # a published figure
