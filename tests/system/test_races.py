"""Test simultaneous calls: one effect for one key, no unit sold twice, and one winner for each unit."""

import uuid
from collections import Counter
from functools import partial

import httpx
import pytest

from ops.client import Client
from tests.system.retailer import EAST, basket, line
from tests.system.world import WORK, DeployedWorld, Json, eventually, together

CLIENTS = 50  # the tests in process have two hundred, and fifty for twenty units
RACES = 4


def test_fifty_simultaneous_posts_with_one_key_make_one_order_and_one_answer(world: DeployedWorld):
    tea = world.sku(dc_east=CLIENTS)
    wanted, key = basket(line(tea)), str(uuid.uuid4())
    headers = {"Idempotency-Key": key}

    answers = together(
        [lambda: world.shop.send("POST", "/v1/orders", body=wanted, headers=headers)] * CLIENTS, threads=CLIENTS
    )

    assert Counter(answer.status_code for answer in answers) == {201: CLIENTS}
    assert len({answer.text for answer in answers}) == 1
    assert sum("Idempotent-Replayed" in answer.headers for answer in answers) == CLIENTS - 1
    found = world.shop.get("/v1/orders", channel="web", external_id=wanted["external_id"])["items"]
    assert [order["order_id"] for order in found] == [answers[0].json()["order_id"]]
    world.routed(found[0])
    assert world.stock(tea)[EAST]["reserved"] == 1


def test_twenty_clients_for_eight_units_buy_exactly_eight(world: DeployedWorld):
    tea = world.sku(dc_east=5, dc_west=3)

    orders = together([lambda: world.place_order(line(tea))] * 20, threads=10)
    routed = [world.until(order, lambda now: now["status"] != "CREATED", "routed or backordered") for order in orders]

    assert Counter(order["status"] for order in routed) == {"RELEASED": 8, "BACKORDERED": 12}
    assert {node: (row["free"], row["reserved"]) for node, row in world.stock(tea).items()} == {
        "dc-east": (0, 5),
        "dc-west": (0, 3),
    }


def test_a_key_used_for_another_order_is_refused(world: DeployedWorld):
    tea, key = world.sku(dc_east=2), str(uuid.uuid4())
    world.shop.post("/v1/orders", basket(line(tea)), key=key)

    answer = world.shop.send("POST", "/v1/orders", body=basket(line(tea, 2)), headers={"Idempotency-Key": key})

    assert answer.status_code == 422
    assert answer.headers["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize(
    ("before", "step", "status"),
    [(WORK[:2], "pick", "PICKED"), (WORK[:3], "pack", "PACKED")],
    ids=["pick", "pack"],
)
def test_a_cancel_that_races_a_step_of_the_node_is_decided_by_one_of_them_for_every_unit(
    world: DeployedWorld, before: tuple[str, ...], step: str, status: str
):
    tea = world.sku(dc_east=100)
    orders = [world.routed(world.place_order(line(tea, 2))) for _ in range(RACES)]
    wins = Counter[str]()

    for order in orders:
        fulfillment = order["fulfillments"][0]["fulfillment_id"]
        world.work(fulfillment, *before)
        version = world.order(order)["version"]
        headers = {"If-Match": f'"v{version}"', "Idempotency-Key": str(uuid.uuid4())}
        cancelled, stepped = together(
            [
                lambda order=order, headers=headers: world.shop.send(
                    "POST", f"/v1/orders/{order['order_id']}/cancel", body={"reason": "late"}, headers=headers
                ),
                lambda ful=fulfillment: world.office.send(
                    "POST", f"/v1/fulfillments/{ful}/{step}", body={}, headers={"Idempotency-Key": str(uuid.uuid4())}
                ),
            ]
        )
        if cancelled.is_success:
            wins["cancel"] += 1
            assert stepped.status_code == 409, stepped.text
            assert world.order(order)["status"] == "CANCELLED"
        else:
            wins["node"] += 1
            assert (cancelled.status_code, stepped.status_code) in ((412, 200), (409, 200), (503, 200)), cancelled.text
            assert world.order(order)["quantities"] == {status: 2}
            world.work(fulfillment, *WORK[len(before) + 1 :], "ship", by="east")

    assert wins.total() == RACES
    for order in orders:
        world.closed(order)
    left = 100 - 2 * wins["node"]
    assert world.stock(tea)[EAST] == {"free": left, "reserved": 0, "on_hand": left}


def test_a_change_of_an_older_version_of_an_order_is_refused(world: DeployedWorld):
    order = world.place_order(line(world.sku(dc_east=1)))
    world.routed(order)

    headers = {"If-Match": '"v1"', "Idempotency-Key": str(uuid.uuid4())}
    stale = world.shop.send("POST", f"/v1/orders/{order['order_id']}/cancel", body={"reason": "x"}, headers=headers)
    del headers["If-Match"]
    blind = world.shop.send("POST", f"/v1/orders/{order['order_id']}/cancel", body={"reason": "x"}, headers=headers)

    assert (stale.status_code, blind.status_code) == (412, 428)
    assert world.order(order)["status"] == "RELEASED"


def test_simultaneous_steps_of_two_nodes_on_one_order_both_count(world: DeployedWorld):
    tea, mug = world.sku(dc_east=1), world.sku(dc_west=1)
    order = world.routed(world.place_order(line(tea), line(mug)), 2)

    together([lambda f=f: world.ship(f["fulfillment_id"]) for f in order["fulfillments"]])

    assert world.closed(order).count("shipped") == 2
    assert eventually(lambda: len(world.mails(order)) == 3, "three mails")


AGENTS = 20


def until_taken(world: DeployedWorld, order: Json, verb: str, body: Json, by: Client) -> list[httpx.Response]:
    """Send a change on the version that the caller reads, again and again until it is not refused for its version."""
    answers: list[httpx.Response] = []
    key = str(uuid.uuid4())
    while not answers or answers[-1].status_code == 412:
        headers = {"If-Match": f'"v{world.order(order)["version"]}"', "Idempotency-Key": key}
        answers.append(by.send("POST", f"/v1/orders/{order['order_id']}/{verb}", body=body, headers=headers))
    return answers


def test_twenty_agents_a_picker_and_a_customer_make_one_story(world: DeployedWorld):
    order = world.routed(world.place_order(line(world.sku(dc_east=9), 3)))
    fulfillment = order["fulfillments"][0]["fulfillment_id"]
    dollar = {"amount": 100, "currency": "USD"}
    one = {"reason": "no", "lines": [{"line_id": "1", "quantity": 1}]}

    def charge(n: int) -> list[httpx.Response]:
        change = {"modification": "charge", "kind": f"WRAP_{n}", "amount": dollar}
        payment = {"method": "CARD", "reference": f"auth-{n}", "authorized": dollar}
        body = {"reason": "asked to", "changes": [change], "payments": [payment]}
        return until_taken(world, order, "changes", body, world.office)

    def pick() -> list[httpx.Response]:
        path = f"/v1/fulfillments/{fulfillment}"
        headers = ({"Idempotency-Key": str(uuid.uuid4())} for _ in range(2))
        steps = zip(("accept", "start-pick"), headers, strict=True)
        return [world.office.send("POST", f"{path}/{step}", body={}, headers=header) for step, header in steps]

    jobs = [
        *(partial(charge, n) for n in range(AGENTS)),
        pick,
        partial(until_taken, world, order, "cancel", one, world.shop),
    ]
    answers = [answer for made in together(jobs, threads=len(jobs)) for answer in made]

    assert [answer.text for answer in answers if answer.status_code >= 500] == []
    assert Counter(answer.status_code for answer in answers if answer.status_code != 412) == {200: AGENTS + 3}
    now = world.order(order)
    assert {one["kind"] for one in now["charges"]} >= {f"WRAP_{n}" for n in range(AGENTS)}
    assert now["quantities"] == {"PICKING": 2, "CANCELLED": 1}
    events = world.office.get(f"/v1/orders/{order['order_id']}/events", limit=100)["items"]
    assert [event["version"] for event in events] == list(range(1, now["version"] + 1))
    assert [event["type"] for event in events].count("changed") == AGENTS
    world.work(fulfillment, *WORK[2:], "ship")
    world.closed(order)
