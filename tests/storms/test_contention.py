"""Many at once, while AWS cancels transactions and throttles calls: nothing is sold twice, nothing is stuck."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from comanda.domain.errors import Busy
from tests.faults import conflicts
from tests.functions.world import Reply, World, a_body
from tests.invariants import broken

PATIENCE = 40  # tries of a client, or of a machine, before it is an error of ours


def until_served(world: World, method: str, path: str, body: Any, key: str, **more: Any) -> Reply:
    """A client that comes again, with the same key, while the answer is 503 or 429."""
    for _ in range(PATIENCE):
        reply = world.call(method, path, body, key=key, **more)
        if reply.status not in (429, 503):
            return reply
        assert reply.headers["Retry-After"]
        assert reply.headers["Content-Type"] == "application/problem+json"
    raise AssertionError("never served")


def until_routed(world: World, order_id: str) -> None:
    """A machine that enters Route again."""
    for _ in range(PATIENCE):
        try:
            world.hops.invoke("route", {"state": "Route", "order_id": order_id})
        except Busy:
            continue
        return
    raise AssertionError("never routed")


@pytest.mark.parametrize("seed", [1, 2])
def test_fifty_clients_on_twenty_units_buy_exactly_twenty(world: World, seed: int):
    world.stocked("TEA-001", dc_1=20)
    bodies = [a_body(("TEA-001", 1)) for _ in range(50)]

    def buy(n: int) -> str:
        reply = until_served(world, "POST", "/v1/orders", bodies[n], f"k-{n}")
        assert reply.status == 201, reply.body
        until_routed(world, reply.body["order_id"])
        return str(reply.body["order_id"])

    with conflicts(seed) as injected, ThreadPoolExecutor(8) as pool:
        order_ids = list(pool.map(buy, range(50)))

    orders = [world.order(order_id) for order_id in order_ids]
    sold = sum(order["quantities"].get("RELEASED", 0) for order in orders)
    waiting = sum(order["quantities"].get("BACKORDERED", 0) for order in orders)
    position = world.call("GET", "/v1/stock/TEA-001", who="office").body
    assert (sold, waiting) == (20, 30)
    assert world.aws.items("Stock", "S#TEA-001", "P#")[0]["free"] == 0, position
    assert injected["conflict"] > 10, injected
    assert injected["throttled"] > 100, injected
    world.settle()
    assert broken(world.tables()) == []


def test_an_api_room_tries_three_times_before_its_caller_must_try_again(world: World):
    with conflicts(6, throttled=0) as injected:
        replies = [world.place_order(("TEA-001", 1)) for _ in range(60)]

    refused = [reply for reply in replies if reply.status != 201]
    assert injected["conflict"] >= 18
    assert len(refused) <= 4
    assert {(reply.status, reply.problem, reply.headers["Retry-After"]) for reply in refused} <= {
        (503, "stock-conflict", "1")
    }


def test_pickers_and_a_customer_at_once_leave_each_unit_in_one_place(world: World):
    world.stocked("TEA-001", dc_1=30)
    order_ids = [world.placed(("TEA-001", 3)) for _ in range(6)]
    world.settle()

    def pick(order_id: str) -> list[int]:
        done = []
        for step in ("accept", "pick", "pack", "ship"):
            path = f"/v1/fulfillments/ful_{order_id[4:]}-001/{step}"
            done.append(until_served(world, "POST", path, {}, f"{order_id}-{step}", who="dc-1-system").status)
        return done

    def cancel(order_id: str) -> int:
        for _ in range(PATIENCE):
            etag = until_served(world, "GET", f"/v1/orders/{order_id}", None, "").etag
            body = {"reason": "changed my mind", "lines": [{"line_id": "1", "quantity": 1}]}
            reply = until_served(
                world, "POST", f"/v1/orders/{order_id}/cancel", body, f"{order_id}-{etag}", if_match=etag
            )
            if reply.status != 412:
                return reply.status
        raise AssertionError("never decided")

    with conflicts(3) as injected, ThreadPoolExecutor(8) as pool:
        cancelled = pool.map(cancel, order_ids)
        picked = pool.map(pick, order_ids)
        answers = [(set(steps), answer) for steps, answer in zip(picked, cancelled, strict=True)]

    assert all(answer in (200, 409) for _, answer in answers), answers
    assert sum(injected.values()) > 30
    world.settle()
    for order_id in order_ids:
        assert sum(world.order(order_id)["quantities"].values()) == 3
    assert broken(world.tables()) == []


def test_a_picker_a_customer_and_the_office_at_once_tell_one_story(world: World):
    world.stocked("TEA-001", dc_1=30, dc_2=30)
    order_ids = [world.placed(("TEA-001", 3)) for _ in range(6)]
    world.settle()
    for order_id in order_ids:
        world.steps(order_id, "accept")

    def work(order_id: str) -> list[int]:
        done = []
        for step in ("start-pick", "pick", "recall-agree", "pack", "ship"):
            path = f"/v1/fulfillments/ful_{order_id[4:]}-001/{step}"
            done.append(until_served(world, "POST", path, {}, f"{order_id}-{step}", who="dc-1-system").status)
        return done

    def change(order_id: str, verb: str, who: str) -> int:
        for _ in range(PATIENCE):
            etag = until_served(world, "GET", f"/v1/orders/{order_id}", None, "", who=who).etag
            body = {"reason": "x", "lines": [{"line_id": "1", "quantity": 1}]}
            path, key = f"/v1/orders/{order_id}/{verb}", f"{order_id}-{verb}-{etag}"
            reply = until_served(world, "POST", path, body, key, if_match=etag, who=who)
            if reply.status != 412:
                return reply.status
        raise AssertionError("never decided")

    with conflicts(7) as injected, ThreadPoolExecutor(8) as pool:
        cancelled = pool.map(lambda one: change(one, "cancel", "shop"), order_ids)
        recalled = pool.map(lambda one: change(one, "recall", "office"), order_ids)
        worked = pool.map(work, order_ids)
        answers = {status for steps in worked for status in steps} | {*cancelled} | {*recalled}

    assert answers <= {200, 409}, answers
    assert sum(injected.values()) > 30
    world.settle()
    world.pass_time(3 * 3600)
    world.sweep(everything=True)
    for order_id in order_ids:
        order = world.order(order_id)
        assert sum(order["quantities"].values()) == 3
        assert order["quantities"].get("CANCELLED", 0) <= 1
    assert broken(world.tables()) == []


def test_invoices_of_one_node_are_numbered_without_a_gap_however_many_ship_at_once(world: World):
    world.stocked("TEA-001", dc_1=30)
    order_ids = [world.placed(("TEA-001", 1)) for _ in range(10)]
    world.settle()
    for order_id in order_ids:
        world.steps(order_id, "ship")

    def invoice(order_id: str) -> None:
        for _ in range(PATIENCE):
            try:
                world.hops.invoke("invoice", {"state": "Invoice", "order_id": order_id, "fulfillment": 1})
            except Busy:
                continue
            return
        raise AssertionError("never invoiced")

    with conflicts(4), ThreadPoolExecutor(8) as pool:
        list(pool.map(invoice, order_ids))
    world.settle()

    serials = sorted(row["number"] for row in world.aws.items("Orders") if row["sk"].startswith("I#"))
    assert serials == list(range(1, 11))
    assert broken(world.tables()) == []


def test_an_orders_life_under_faults_ends_as_it_does_without_them(world: World):
    world.stocked("TEA-001", dc_1=3, dc_2=4)
    with conflicts(5, p=0.2, throttled=0.2) as injected:
        body = a_body(("TEA-001", 5))
        order_id = until_served(world, "POST", "/v1/orders", body, "k").body["order_id"]
        world.settle()
        for number in (1, 2):
            for step in ("accept", "pick", "ship"):
                path = f"/v1/fulfillments/ful_{order_id[4:]}-{number:03d}/{step}"
                reply = until_served(world, "POST", path, {}, f"{step}-{number}", who="office")
                assert reply.status == 200, reply.body
        for _ in range(10):
            world.pass_time(600)
            world.settle()
            until_swept(world)

    assert sum(injected.values()) > 30
    assert world.order(order_id)["status"] == "SHIPPED"
    assert broken(world.tables()) == []


def until_swept(world: World) -> None:
    for _ in range(PATIENCE):
        try:
            world.sweep()
        except Busy:
            continue
        return
    raise AssertionError("never swept")
