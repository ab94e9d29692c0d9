"""A process that ends at any call leaves a step done or not done: the same request, the stream and the sweeper do the rest."""

from collections.abc import Callable
from contextlib import suppress

import pytest

from comanda.aws.cases import case_tokens
from tests.faults import Crash, Crashed
from tests.functions.cases.desk import case, closed_cases, open_case, opened, send_mail
from tests.functions.crashes import Crashes, Moment
from tests.functions.drafts.acts import create
from tests.functions.erase.test_erase import ADA, closed, customer_of, erase
from tests.functions.world import Reply, World

pytestmark = pytest.mark.usefixtures("few_pages")

type Act = Callable[[World, str, str], Reply]


def _step(verb: str, **body: object) -> Act:
    return lambda world, _order, name: world.call("POST", f"/v1/cases/{name}/{verb}", body, who="office", key="k")


ACTS: dict[str, Act] = {
    "open": lambda world, order, _: open_case(world, order, who="shop", key="k", text="once"),
    "note": _step("note", text="once"),
    "assign": _step("assign", owner="finance"),
    "wait": _step("wait", **{"for": "CUSTOMER"}, text="once"),
    "close": _step("close", outcome="ANSWERED", text="once"),
    "mail opens": lambda world, order, _: send_mail(
        world, key="k", text="once", reply_token=case_tokens.write(order, world.now)
    ),
    "mail answers": lambda world, _, name: send_mail(
        world, key="k", text="once", reply_token=case_tokens.write(name, world.now)
    ),
}


def published(world: World) -> list[str]:
    """Return the versions and types of every event of a case that is on the bus, each once."""
    found = [event for event in world.hops.published if event["type"].startswith("comanda.case.")]
    return sorted({f"{event['id']} {event['type']}" for event in found})


def stored(world: World) -> list[str]:
    return sorted(
        f"{row['case_id']}#{row['version']} comanda.case.{row['type']}.v1"
        for row in world.tables()["Orders"]
        if row["sk"].startswith("CE#")
    )


def _rest(world: World) -> None:
    world.settle()
    world.pass_time(301)
    world.sweep()


@pytest.mark.parametrize("act", ACTS)
def test_a_step_that_ends_at_any_call_is_done_once(world: World, act: str):
    order_id = world.placed(("TEA-001", 1))
    name = opened(world, order_id)
    world.settle()
    moment, counted = Moment(world), Crash()
    with counted:
        assert ACTS[act](world, order_id, name).status in (200, 201)
    points = counted.points()
    for at, after in points:
        moment.back()
        with Crash(at, after=after), suppress(Crashed):
            ACTS[act](world, order_id, name)
        reply = ACTS[act](world, order_id, name)
        assert reply.status in (200, 201), reply.body
        _rest(world)
        texts = [text["text"] for row in (1, 2) for text in _texts(world, order_id, row)]
        assert texts.count("once") == (act != "assign")
        assert published(world) == stored(world)
        assert len(stored(world)) == 2
        assert not [row for row in world.tables()["Orders"] if str(row.get("gsi3pk")).startswith("W#case-events")]
    print(f"cases: {act}: {len(points)} of {len(points)} crashes repaired")  # noqa: T201  a published figure


def _texts(world: World, order_id: str, number: int) -> list[dict[str, str]]:
    reply = world.call("GET", f"/v1/cases/cas_{order_id[4:]}-{number:03d}", who="office")
    return list(reply.body["items"]) if reply.status == 200 else []


def test_a_reminder_that_ends_at_any_call_comes_once(world: World):
    name = opened(world, world.placed(("TEA-001", 1)))
    world.settle()
    world.pass_time(9 * 3600)

    def remind(_: Crash, __: None) -> None:
        with suppress(Crashed):
            world.hops.invoke("sweep", {"orders": [], "all": True})
            world.settle()

    runs = Crashes(world, Moment(world).back, remind)
    for _ in runs:
        for _ in range(2):
            _rest(world)
            world.sweep()
        assert [event["type"] for event in case(world, name)["events"]] == ["opened", "overdue"]
        assert published(world) == stored(world)
    print(f"cases: reminder: {len(runs)} of {len(runs)} crashes repaired")  # noqa: T201  a published figure


def test_an_erasure_that_ends_at_any_call_leaves_no_words(world: World):
    order_id = closed(world)
    customer_id = customer_of(order_id)
    closed_cases(world, opened(world, order_id, text="a canary"))
    opened(world, customer_id=customer_id, text="a canary")
    send_mail(world, text="a canary")
    create(world, customer=ADA, note="a canary")
    bobs = opened(world, closed(world, {"name": "Bob", "email": "bob@example.org"}), text="of Bob")
    send_mail(world, text="a canary", message_id="<2@x>", reply_token=case_tokens.write(bobs, world.now))
    moment, counted = Moment(world), Crash()
    with counted:
        assert erase(world, customer_id).status == 200
    points = counted.points()
    for at, after in points:
        moment.back()
        with Crash(at, after=after), suppress(Crashed):
            erase(world, customer_id)
        assert erase(world, customer_id).status in (200, 404)
        world.pass_time(600)
        world.sweep()
        assert "canary" not in str(world.tables()["Customers"])
        left = [row for row in world.tables()["Customers"] if row["sk"].startswith(("Q#", "T#", "SENT#", "PREPARED#"))]
        assert [bobs in str(row) for row in left] == [True, True]
        assert world.order(order_id)["customer_id"].startswith("g_")
    print(f"cases: erasure: {len(points)} of {len(points)} crashes finished")  # noqa: T201  a published figure
