"""
Call the doors of one sku from many threads, while AWS cancels transactions and throttles.

Called by   tests/storms/test_storm.py for some hundred calls; bench for a minute
Returns     the number of successes and refusals of each action

The threads reserve, release, buy, cancel, ship, adjust, count and let time pass. The true number of units on the shelf is kept
beside the system, and counts tell it. So at the end the system must agree with it to the unit.
"""

import itertools
import random
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from time import sleep
from typing import Any

from comanda.aws.runtime.clients import client
from comanda.domain.errors import Busy
from tests.functions.world import Reply, World, a_body

TEA, NODE = "TEA-001", "dc-1"
PATIENCE = 60


class Storm:
    def __init__(self, world: World, seed: int, units: int) -> None:
        self.world, self.random, self.done = world, random.Random(seed), Counter[str]()
        self.shelf = units  # in truth
        self._truth, self._clock = threading.Lock(), threading.Lock()
        self._number = 0
        self.reservations: list[str] = []
        self.orders: list[str] = []
        world.stocked(TEA, **{NODE.replace("-", "_"): units})

    def run(self, threads: int, goes_on: Callable[[int], bool]) -> Counter[str]:
        """Act in all threads as long as `goes_on` is true of the number of acts that one of them has done."""
        with one_process_each(), ThreadPoolExecutor(threads) as pool:
            for one in [pool.submit(self._act, goes_on) for _ in range(threads)]:
                one.result()
        return self.done

    def _act(self, goes_on: Callable[[int], bool]) -> None:
        for _ in itertools.takewhile(goes_on, itertools.count()):
            act = self.random.choices(list(_ACTIONS), weights=list(_ACTIONS.values()))[0]
            outcome = act(self)
            self.done[f"{act.__name__}: {outcome}"] += 1

    def call(self, method: str, path: str, body: Any, **more: Any) -> Reply:
        """Call a door again with the same key while the answer is 503 or 429."""
        key = self.number("k")
        for _ in range(PATIENCE):
            reply = self.world.call(method, path, body, key=key, **more)
            if reply.status not in (429, 503):
                return reply
        raise AssertionError("never served")

    def number(self, prefix: str) -> str:
        """Return another id, and pass a millisecond."""
        with self._clock:
            self._number += 1
            self.world.now += timedelta(milliseconds=1)
            return f"{prefix}-{self._number}"

    def any_of(self, names: list[str]) -> str | None:
        with self._clock:
            return self.random.choice(names) if names else None


@contextmanager
def one_process_each() -> Iterator[None]:
    """Let threads change only where a process waits for DynamoDB.

    Lambda serves one request at a time in each process, and a resolver knows one event.
    """
    before = sys.getswitchinterval()
    sys.setswitchinterval(60)
    events = client("dynamodb").meta.events
    events.register("before-call.dynamodb", _let_others, unique_id="storm")
    try:
        yield
    finally:
        events.unregister("before-call.dynamodb", unique_id="storm")
        sys.setswitchinterval(before)


def _let_others(**_: Any) -> None:
    sleep(0)


def reserve(storm: Storm) -> str:
    lines = [{"sku": TEA, "node_id": NODE, "quantity": storm.random.randint(1, 4)}]
    kind: dict[str, Any] = {"kind": "SOFT", "ttl_seconds": 60} if storm.random.random() < 0.8 else {"kind": "HARD"}
    reply = storm.call("POST", "/v1/reservations", {"request_id": storm.number("r"), "lines": lines, **kind})
    if reply.status in (200, 201):
        storm.reservations.append(reply.body["reservation_id"])
        return "done"
    assert (reply.status, reply.problem) in {(409, "out-of-stock"), (409, "not-available")}, reply.body
    return "out of stock"


def _on_reservation(storm: Storm, verb: str, body: dict[str, Any]) -> str:
    name = storm.any_of(storm.reservations)
    if name is None:
        return "none"
    reply = storm.call("POST", f"/v1/reservations/{name}/{verb}", body)
    assert reply.status in (200, 409), reply.body
    return "done" if reply.status == 200 else reply.problem


def release(storm: Storm) -> str:
    return _on_reservation(storm, "release", {})


def promote(storm: Storm) -> str:
    return _on_reservation(storm, "promote", {})


def extend(storm: Storm) -> str:
    return _on_reservation(storm, "extend", {"ttl_seconds": 300})


def buy(storm: Storm) -> str:
    """Place an order. Half of the orders bring a reservation."""
    body = a_body((TEA, storm.random.randint(1, 4)))
    brought = storm.any_of(storm.reservations) if storm.random.random() < 0.5 else None
    reply = storm.call("POST", "/v1/orders", {**body, **({"reservation_id": brought} if brought else {})})
    if reply.status == 422:
        assert {code for _, code in reply.errors} <= {"reservation-ended", "reservation-expired"}, reply.body
        return "reservation over"
    assert reply.status == 201, reply.body
    storm.orders.append(reply.body["order_id"])
    for _ in range(PATIENCE):
        try:
            storm.world.hops.invoke("route", {"state": "Route", "order_id": reply.body["order_id"]})
        except Busy:
            continue
        return "done"
    raise AssertionError("never routed")


def cancel(storm: Storm) -> str:
    order_id = storm.any_of(storm.orders)
    if order_id is None:
        return "none"
    etag = storm.call("GET", f"/v1/orders/{order_id}", None, who="office").etag
    reply = storm.call("POST", f"/v1/orders/{order_id}/cancel", {"reason": "storm"}, who="office", if_match=etag)
    assert reply.status in (200, 409, 412), reply.body
    return "done" if reply.status == 200 else reply.problem


def ship(storm: Storm) -> str:
    order_id = storm.any_of(storm.orders)
    if order_id is None:
        return "none"
    found = storm.call("GET", f"/v1/orders/{order_id}", None, who="office").body["fulfillments"]
    if not found:
        return "nothing"
    number = storm.number("s")
    with storm._truth:  # a count sees a unit on the shelf, or it has left: never half
        at = storm.world.now.isoformat()
        body = {"shipment_id": number, "shipped_at": at, "packages": []}
        reply = storm.call("POST", f"/v1/fulfillments/{found[0]['fulfillment_id']}/ship", body, who="office")
        if reply.status == 200:
            storm.shelf -= sum(line["quantities"].get("SHIPPED", 0) for line in reply.body["lines"])
            return "done"
    assert reply.status == 409, reply.body
    return reply.problem


def adjust(storm: Storm) -> str:
    delta = storm.random.choice((-2, -1, 1, 2, 3))
    row = {"sku": TEA, "node_id": NODE, "quantity": delta}
    with storm._truth:
        body = {"adjustment_id": storm.number("a"), "reason": "found", "rows": [row]}
        reply = storm.call("POST", "/v1/stock/adjustments", body, who="office")
        if reply.status == 200 and reply.body["rows"][0]["status"] == "APPLIED":
            storm.shelf += delta
            return "done"
    return "refused"


def count(storm: Storm) -> str:
    """Send a count of the true units while other calls go on."""
    with storm._truth:
        row = {"sku": TEA, "node_id": NODE, "quantity": storm.shelf}
        reference = storm.number("c")
        body = {"reference": reference, "counted_at": storm.world.now.isoformat(), "rows": [row]}
        storm.number("later")
    reply = storm.call("POST", "/v1/stock/snapshots", body, who="office")
    assert reply.status == 200, reply.body
    return str(reply.body["rows"][0].get("code") or reply.body["rows"][0]["status"]).lower()


def let_time_pass(storm: Storm) -> str:
    with storm._clock:
        storm.world.now += timedelta(minutes=storm.random.choice((1, 4)))
    return "done"


_ACTIONS: dict[Callable[[Storm], str], int] = {
    reserve: 10, release: 3, promote: 3, extend: 2, buy: 6, cancel: 3, ship: 4, adjust: 4, count: 2, let_time_pass: 1,
}  # fmt: skip
