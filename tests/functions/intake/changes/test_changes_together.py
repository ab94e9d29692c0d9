"""Many change one order at once, while it is picked and partly cancelled; and processes end in the midst of a change."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.faults import Crash, Crashed
from tests.functions.storm import one_process_each
from tests.functions.world import Reply, World, usd
from tests.invariants import broken

AGENTS = 20
MOST_TRIES = 200


def a_charge(name: str) -> dict[str, Any]:
    """Return the body of a change that adds one dollar with its payment."""
    payment = {"method": "CARD", "reference": f"auth-{name}", "authorized": usd(100)}
    change = {"modification": "charge", "kind": name, "amount": usd(100)}
    return {"reason": "asked to", "changes": [change], "payments": [payment]}


def until_taken(world: World, order_id: str, verb: str, body: dict[str, Any], who: str) -> list[Reply]:
    """Send a change on the version that the caller reads, again and again until it is not refused for its version."""
    replies: list[Reply] = []
    for _ in range(MOST_TRIES):
        etag = world.call("GET", f"/v1/orders/{order_id}", who=who).etag
        replies.append(world.call("POST", f"/v1/orders/{order_id}/{verb}", body, who=who, if_match=etag))
        if replies[-1].status != 412:
            return replies
    raise AssertionError("never taken")


def test_twenty_agents_a_picker_and_a_customer_make_one_story(world: World):
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    agents = [f"agent-{n}" for n in range(AGENTS)]
    for name in agents:
        world.aws.put("Directory", **keys.client(name), kind="staff")
    one = {"reason": "no", "lines": [{"line_id": "1", "quantity": 1}]}

    def charge(n: int) -> list[Reply]:
        return until_taken(world, order_id, "changes", a_charge(f"WRAP_{n}"), agents[n])

    def pick(_: int) -> list[Reply]:
        return [world.step(order_id, step) for step in ("accept", "start-pick")]

    def cancel(_: int) -> list[Reply]:
        return until_taken(world, order_id, "cancel", one, "shop")

    work = [*((charge, n) for n in range(AGENTS)), (pick, 0), (cancel, 0)]
    with one_process_each(), ThreadPoolExecutor(AGENTS + 2) as pool:
        replies = [reply for made in pool.map(lambda job: job[0](job[1]), work) for reply in made]

    assert not [reply.body for reply in replies if reply.status >= 500]
    assert sorted(reply.status for reply in replies if reply.status != 412) == [200] * (AGENTS + 3)
    order = world.order(order_id)
    assert sorted(charge["kind"] for charge in order["charges"]) == sorted(f"WRAP_{n}" for n in range(AGENTS))
    assert order["quantities"] == {"PICKING": 2, "CANCELLED": 1}
    assert order["totals"]["charges"]["amount"] == 100 * AGENTS
    events = world.call("GET", f"/v1/orders/{order_id}/events", who="office", query={"limit": "100"}).body["items"]
    assert [event["version"] for event in events] == list(range(1, order["version"] + 1))
    assert [event["type"] for event in events].count("changed") == AGENTS
    world.settle()
    world.steps(order_id, "pick", "ship")
    world.settle()
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []


def test_a_process_that_ends_in_the_midst_of_a_change_makes_it_once(world: World):
    world.stocked("TEA-001", dc_1=50)

    def change(order_id: str, etag: str, key: str) -> Reply:
        fewer = {"modification": "quantity", "line_id": "1", "quantity": 1}
        note = {"modification": "note", "note": "second floor"}
        wanted = {**a_charge("WRAP"), "reason": "fewer"}
        wanted["changes"] = [fewer, note, *wanted["changes"]]
        return world.call("POST", f"/v1/orders/{order_id}/changes", wanted, who="office", if_match=etag, key=key)

    def begun() -> tuple[str, str]:
        order_id = world.placed(("TEA-001", 3))
        world.settle()
        world.steps(order_id, "accept", "pick")
        world.settle()
        etag = world.call("GET", f"/v1/orders/{order_id}", who="office").etag
        directory.forget()  # a process begins without it
        return order_id, etag

    order_id, etag = begun()
    with Crash() as counting:
        counting.begin("intake")
        assert change(order_id, etag, "k").status == 200
    points = counting.points()
    assert len(points) >= 2
    for n, (at, after) in enumerate(points):
        order_id, etag = begun()
        with Crash(at, after=after) as crash:
            crash.begin("intake")
            with suppress(Crashed):
                change(order_id, etag, f"k-{n}")
            assert crash.happened
            crash.revive()
            assert change(order_id, etag, f"k-{n}").status == 200, crash.happened
        world.settle()
        order = world.order(order_id)
        assert order["quantities"] == {"PICKED": 1, "CANCELLED": 2}, crash.happened
        assert len(order["charges"]) == 1
        assert world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body["note"] == "second floor"
        assert broken(world.tables()) == [], crash.happened


def test_agents_who_send_one_order_elsewhere_while_it_is_picked_make_one_story(world: World):
    world.stocked("TEA-001", dc_1=9, dc_2=9)
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    agents = [f"agent-{n}" for n in range(6)]
    for name in agents:
        world.aws.put("Directory", **keys.client(name), kind="staff")

    def move(n: int) -> list[Reply]:
        city, region, code = (("New York", "NY", "10001"), ("Denver", "CO", "80202"))[n % 2]
        there = {"city": city, "region": region, "postal_code": code, "country": "US"}
        change = {"modification": "ship_to", "ship_to": {"name": f"Agent {n}", "line1": f"{n} Elm St", **there}}
        return until_taken(world, order_id, "changes", {"reason": "moved", "changes": [change]}, agents[n])

    def pick(_: int) -> list[Reply]:
        return [world.step(order_id, step) for step in ("accept", "start-pick", "pick")]

    work = [*((move, n) for n in range(len(agents))), (pick, 0)]
    with one_process_each(), ThreadPoolExecutor(len(work)) as pool:
        replies = [reply for made in pool.map(lambda job: job[0](job[1]), work) for reply in made]

    assert not [reply.body for reply in replies if reply.status >= 500]
    assert [reply.status for reply in replies].count(200) >= len(agents)
    world.settle()
    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body
    order = world.order(order_id)
    events = world.call("GET", f"/v1/orders/{order_id}/events", who="office", query={"limit": "100"}).body["items"]
    areas = [event["data"]["changes"][0]["after"] for event in events if event["type"] == "changed"]
    assert len(areas) == len(agents)
    assert f"US-{order['destination']['region']}" == areas[-1]
    assert contact["ship_to"]["region"] == order["destination"]["region"]
    assert len(contact.get("ship_tos", ())) == len(order["destinations"])
    for work_at_node in order["fulfillments"]:
        if work_at_node["status"] in ("OFFERED", "ACCEPTED", "PICKING", "PICKED"):
            world.steps(order_id, "ship", number=int(work_at_node["fulfillment_id"][-3:]))
    world.settle()
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []
