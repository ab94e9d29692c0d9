"""
Random lives of many orders: customers, nodes, sales and time do what they like, in any order, while processes end in the
middle. Whatever happens, every request is answered and everything holds that always holds. LIVES=30 lives thirty of them.
"""

import os
import random
from collections import Counter
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from tests.faults import Crash, Crashed
from tests.functions.hops import is_busy
from tests.functions.world import SKUS, Reply, World, at_counter, usd
from tests.invariants import broken

FIRST, DEEDS = 3, 40
NOTE = {"kind": "NOTE", "text": "as it was asked for"}
REFUSALS = {404, 409, 412, 422}
ENDS = {"SHIPPED", "DELIVERED", "LOST", "PICKED_UP", "PROVIDED", "CANCELLED", "BACKORDERED"}
STEPS = (
    *("accept", "start-pick", "pick", "pack", "ship", "ready", "hand-over", "decline", "short-pick"),
    *("hand-back", "no-show", "recall-agree", "recall-refuse", "deliver", "lose"),
)
REASONS = {
    "decline": ("NO_STOCK", "CLOSED", "DAMAGED"),
    "short-pick": ("NOT_FOUND", "DAMAGED"),
    "hand-back": ("CANNOT_FINISH", "CUSTOMER_REFUSED"),
    "recall-refuse": ("LEAVING",),
    "lose": ("CARRIER_LOST", "NOT_ARRIVED"),
}
_DONE = ("late-work", "refused-recalls", "put-back", "refunds", "pay-outs", "fiscal")  # queues whose items are done


class Life:
    """One history. Every deed is chosen by the seed; `done` counts the answers."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.chance = world, random.Random(seed)
        self.orders: list[str] = []
        self.done: Counter[str] = Counter()
        self.deeds: tuple[Callable[[], None], ...] = (
            *(self.place_order,) * 3, *(self.work,) * 8, *(self.cancel,) * 2, self.recall, self.provide, self.receive, self.review, self.hold, self.resolve,
            self.time, self.settle, self.settle,
        )  # fmt: skip

    def live(self) -> None:
        for _ in range(FIRST):
            self.place_order()
        for _ in range(DEEDS):
            self.chance.choice(self.deeds)()
            if self.chance.random() < 0.3:
                self.check()
        self.check()

    def check(self) -> None:
        self.world.settle()
        assert broken(self.world.tables()) == []

    def ask_until_answered(self, what: str, ask: Callable[[], Reply]) -> Reply:
        """Send a request again until it is answered. Sometimes a process ends in the middle."""
        crash = Crash(self.chance.randint(1, 12) if self.chance.random() < 0.3 else 0, after=self.chance.random() < 0.5)
        self.world.hops.revive = crash.revive
        with crash:
            for _ in range(3):
                try:
                    reply = ask()
                except Crashed:
                    crash.revive()
                    continue
                if reply.status != 503:
                    break
            if self.chance.random() < 0.5:
                self.world.settle()
        assert reply.status in REFUSALS | {200, 201}, reply.body
        self.done[f"{what} {reply.status}"] += 1
        return reply

    def place_order(self) -> None:
        lines: list[Any] = []
        for _ in range(self.chance.randint(1, 3)):
            sku, units = self.chance.choice(SKUS), self.chance.randint(1, 4)
            price = {"unit_price": usd(self.chance.randint(0, 999)), "tax": {"amount": usd(self.chance.randint(0, 99))}}
            line = at_counter(sku, units) if self.chance.random() < 0.3 else {"sku": sku, "quantity": units}
            if self.chance.random() < 0.15:
                line = {"sku": sku, "quantity": units, "kind": self.chance.choice(("DIGITAL", "SERVICE"))}
            lines.append({**line, **price})
        draft, key = self.chance.random() < 0.1, uuid4().hex
        external_id = uuid4().hex
        reply = self.ask_until_answered(
            "place",
            lambda: self.world.place_order(*lines, key=key, draft=draft, external_id=external_id, locale="en-US"),
        )
        assert reply.status == 201
        self.orders.append(reply.body["order_id"])

    def some_order(self) -> dict[str, Any] | None:
        return self.world.order(self.chance.choice(self.orders)) if self.orders else None

    def work(self) -> None:
        order = self.some_order()
        if order is None or not order["fulfillments"]:
            return
        fulfillment = self.chance.choice(order["fulfillments"])
        usual = {
            "OFFERED": "accept",
            "ACCEPTED": "pick",
            "PICKING": "pick",
            "PICKED": "pack",
            "READY_FOR_PICKUP": "hand-over",
            "SHIPPED": "deliver",
        }
        usual["PACKED"] = "ship" if fulfillment["method"] == "SHIP" else "ready"
        step = usual.get(fulfillment["status"], "ship") if self.chance.random() < 0.6 else self.chance.choice(STEPS)
        number, key = int(fulfillment["fulfillment_id"][-3:]), uuid4().hex
        body: dict[str, Any] = {}
        if fulfillment["lines"] and step != "recall-refuse" and (step == "short-pick" or self.chance.random() < 0.3):
            line = self.chance.choice(fulfillment["lines"])
            units = self.chance.randint(1, line["quantity"])
            body["lines"] = [{"line_id": line["line_id"], "quantity": units}]
        if step in REASONS:
            body["reason"] = self.chance.choice(REASONS[step])
        self.ask_until_answered(step, lambda: self.world.step(order["order_id"], step, number, body, key=key))

    def changed(self, what: str, order: dict[str, Any], verb: str, body: Any) -> None:
        key, etag = uuid4().hex, f'"v{order["version"]}"'
        path = f"/v1/orders/{order['order_id']}/{verb}"
        self.ask_until_answered(what, lambda: self.world.call("POST", path, body, who="office", key=key, if_match=etag))

    def recall(self) -> None:
        order = self.some_order()
        if order is None or not order["fulfillments"]:
            return
        work = self.chance.choice(order["fulfillments"])["fulfillment_id"]
        body = {"reason": "x", "fulfillment_id": work, "exclude_node": self.chance.random() < 0.5}
        self.changed("recall", order, "recall", body)

    def cancel(self) -> None:
        order = self.some_order()
        if order is None:
            return
        body: dict[str, Any] = {"reason": "x"}
        if self.chance.random() < 0.6:
            line = self.chance.choice(order["lines"])
            body["lines"] = [{"line_id": line["line_id"], "quantity": self.chance.randint(1, line["quantity"])}]
        self.changed("cancel", order, "cancel", body)

    def provide(self) -> None:
        order = self.some_order()
        if order is None:
            return
        line, key = self.chance.choice(order["lines"]), uuid4().hex
        body = {"line_id": line["line_id"], "quantity": self.chance.randint(1, line["quantity"]), "proof": NOTE}
        path = f"/v1/orders/{order['order_id']}/provide"
        self.ask_until_answered("provide", lambda: self.world.call("POST", path, body, key=key))

    def receive(self) -> None:
        node = self.chance.choice(("dc_1", "dc_2", "store_1", "vendor_1"))
        self.world.stocked(self.chance.choice(SKUS), **{node: self.chance.randint(1, 6)})

    def review(self) -> None:
        order = self.some_order()
        if order is not None:
            verb = self.chance.choice(("confirm", "reject"))
            self.changed(verb, order, verb, {"reason": "x"} if verb == "reject" else {})

    def hold(self) -> None:
        order = self.some_order()
        if order is None:
            return
        active = [held["hold_id"] for held in order["holds"] if held["active"]]
        if active and self.chance.random() < 0.7:
            self.changed("resolve hold", order, f"holds/{active[0]}/resolve", {"resolution": "x"})
        else:
            self.changed("hold", order, "holds", {"type": "FRAUD", "reason": "x"})

    def resolve(self) -> None:
        queue = self.chance.choice(
            (
                *("backorder", "routing", "customer-care", "late-work", "refused-recalls", "put-back", "exceptions"),
                *("lost", "refunds"),
            )
        )
        items = self.world.call("GET", f"/v1/queues/{queue}", who="sales").body["items"]
        if not items:
            return
        answer = "done" if queue in _DONE else "retry"
        if queue == "customer-care" and self.chance.random() < 0.5:
            answer = "ship"
        if queue in ("lost", "refunds"):
            answer = self.chance.choice(("resend", "refund", "done"))
        path, key = f"/v1/queues/{queue}/items/{self.chance.choice(items)['item_id']}/resolve", uuid4().hex
        self.ask_until_answered(
            f"resolve {queue}", lambda: self.world.call("POST", path, {"answer": answer}, who="sales", key=key)
        )

    def time(self) -> None:
        self.world.pass_time(self.chance.choice((60, 600, 3600, 4 * 3600, 26 * 3600)))
        self._swept()

    def _swept(self) -> None:
        try:
            self.world.sweep()
        except Exception as error:
            if not is_busy(error):
                raise

    def settle(self) -> None:
        self.world.settle()

    def end(self) -> None:
        """Everybody finishes: nodes ship, people answer, time passes; every order ends or waits for stock."""
        for _ in range(8):
            self._count_replacements()
            if all(not self.world.order_items(order_id, "W#") for order_id in self.orders):
                break
            for order_id in self.orders:
                self._finished(self.world.order(order_id))
            for queue in ("customer-care", "routing", "exceptions", *_DONE, "lost"):
                for item in self.world.call("GET", f"/v1/queues/{queue}", who="sales").body["items"]:
                    answer = "done" if queue in _DONE else "retry"
                    if queue == "lost":
                        answer = "done" if item["reason"].startswith("found-") else "refund"
                    elif queue == "customer-care":
                        answer = "ship"
                    path = f"/v1/queues/{queue}/items/{item['item_id']}/resolve"
                    self.world.call("POST", path, {"answer": answer}, who="sales")
            self.world.settle()
            self.world.pass_time(26 * 3600)
            self._swept()
        self.check()
        for order_id in self.orders:
            order = self.world.order(order_id)
            assert set(order["quantities"]) <= ENDS, order
            on_list = bool(self.world.order_items(order_id, "W#open"))
            assert on_list == ("BACKORDERED" in order["quantities"]), order

    def _count_replacements(self) -> None:
        """Count the orders by which lost units were sent again: they must end too."""
        for order_id in self.orders:
            for loss in self.world.order(order_id)["losses"]:
                new = loss["replacement_order_id"]
                if new and new not in self.orders:
                    self.orders.append(new)

    def _finished(self, order: dict[str, Any]) -> None:
        order_id = order["order_id"]
        for held in order["holds"]:
            if held["active"]:
                self.world.change(order_id, f"holds/{held['hold_id']}/resolve", {"resolution": "x"})
        if order["draft"]:
            self.world.change(order_id, "confirm")
        self.world.settle()
        for line in self.world.order(order_id)["lines"]:
            units = sum(a["quantity"] for a in line["allocations"] if a["status"] == "SCHEDULED")
            if line["kind"] != "PRODUCT" and units:
                body = {"line_id": line["line_id"], "quantity": units, "proof": NOTE}
                assert self.world.call("POST", f"/v1/orders/{order_id}/provide", body).status == 200
        for fulfillment in self.world.order(order_id)["fulfillments"]:
            leave = "ship" if fulfillment["method"] == "SHIP" else "hand-over"
            reply = self.world.step(order_id, leave, int(fulfillment["fulfillment_id"][-3:]))
            assert reply.status in (200, 409), reply.body


@pytest.mark.parametrize("seed", range(int(os.environ.get("LIVES", "1"))))
def test_every_identity_holds_after_any_steps_of_people_and_processes(world: World, seed: int):
    world.hold_type("SALES_REVIEW", "sales-review", applies_when={"total_at_least": usd(4000)})
    world.hold_type("FRAUD", "holds", blocks=["schedule", "ship", "hand-over"], applies_when=None)
    for sku in SKUS:
        world.stocked(sku, dc_1=4, dc_2=5, store_1=3, vendor_1=2)
    life = Life(world, seed)

    life.live()
    life.end()

    assert life.done["place 201"] >= FIRST
