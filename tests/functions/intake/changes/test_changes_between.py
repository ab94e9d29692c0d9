"""
Let something else happen at any moment of a change after the sale: each of the two is made whole or refused by its name.

What was made is in the history once, what was refused is not, and the order ends with books that agree.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from comanda.aws.directory import directory
from tests.faults import Between
from tests.functions.crashes import Moment
from tests.functions.intake.changes.test_changes_of_lines import HOME, a_line, adding, instead
from tests.functions.world import Reply, World, usd
from tests.invariants import broken

MOST_POINTS = 3  # calls of AWS before which the other thing happens, in a run of the suite
PAYMENT = {"method": "CARD", "reference": "auth-2", "authorized": usd(5000)}
WRAP = {"modification": "charge", "kind": "GIFT_WRAP", "amount": usd(300)}
OTHER_WRAP = {"modification": "charge", "kind": "BOX", "amount": usd(200)}


class Stage:
    """An order that a node has accepted, with a change that waits for its payment, and the previews of two others."""

    def __init__(self, world: World) -> None:
        self.world = world
        for sku in ("TEA-001", "POT-001"):
            world.stocked(sku, dc_1=9, dc_2=9)
        self.order_id = world.placed(("TEA-001", 3), ("POT-001", 2))
        world.settle()
        world.steps(self.order_id, "accept")
        world.settle()
        self.keys = 0
        assert self.change(WRAP, pending=True).status == 202
        world.settle()
        self.etag = world.call("GET", f"/v1/orders/{self.order_id}", who="office").etag
        self.previews = {name: self.change(one, preview=True).body["preview_id"] for name, one in CHANGES.items()}

    def change(self, *changes: dict[str, Any], **body: Any) -> Reply:
        sent = {"reason": "asked to", "changes": list(changes), **body}
        return self.post("changes", sent, who="office")

    def make(self, name: str) -> Reply:
        return self.change(CHANGES[name], preview_id=self.previews[name], payments=[PAYMENT])

    def post(self, verb: str, body: Any, who: str = "office") -> Reply:
        etag = getattr(self, "etag", None) or self.world.call("GET", f"/v1/orders/{self.order_id}", who="office").etag
        self.keys += 1
        return self.world.call(
            "POST", f"/v1/orders/{self.order_id}/{verb}", body, who=who, if_match=etag, key=f"k-{self.keys}"
        )

    def pay(self) -> Reply:
        self.keys += 1
        payment = {"method": "CARD", "reference": "auth-3", "authorized": usd(300)}
        path = f"/v1/orders/{self.order_id}/payments"
        return self.world.call("POST", path, {"payments": [payment]}, who="shop", key=f"k-{self.keys}")

    def types(self) -> Counter[str]:
        path = f"/v1/orders/{self.order_id}/events"
        rows = self.world.call("GET", path, who="office", query={"limit": "100"}).body["items"]
        return Counter(row["type"] for row in rows)


CHANGES: Mapping[str, dict[str, Any]] = {
    "fewer": {"modification": "quantity", "line_id": "1", "quantity": 1},
    "none": {"modification": "quantity", "line_id": "1", "quantity": 0},
    "dearer": {"modification": "price", "line_id": "1", "unit_price": usd(1500)},
    "instead": instead(2, new_line_id="9"),
    "more": adding(a_line("8")),
    "elsewhere": {"modification": "ship_to", "ship_to": {**HOME, "name": "Grace Hopper"}},
    "sorry": {"modification": "discount", "code": "SORRY", "amount": usd(500)},
}
# (what happens, the event that tells of it once it was made)
ACTS: Mapping[str, tuple[Callable[[Stage], Reply], str]] = {
    **{name: (lambda s, name=name: s.make(name), "changed") for name in CHANGES},  # type: ignore[misc]  # it is bound
    "pay": (Stage.pay, ""),
    "withdraw": (lambda s: s.post("pending-change/withdraw", {"reason": "no"}), "change_dropped"),
    "another pending": (lambda s: s.change(OTHER_WRAP, pending=True), "change_pending"),
    "cancel": (lambda s: s.post("cancel", {"reason": "x", "lines": [{"line_id": "1", "quantity": 1}]}, "shop"), "cancelled"),
    "cancel all": (lambda s: s.post("cancel", {"reason": "x"}, "shop"), "cancelled"),
    "ship": (lambda s: s.world.step(s.order_id, "ship", key="ship"), "shipped"),
    "hand back": (lambda s: s.world.step(s.order_id, "hand-back", body={"reason": "OTHER"}, key="back"), "handed_back"),
    "a preview": (lambda s: s.change(CHANGES["fewer"], preview=True), ""),
}  # fmt: skip
# What a payment makes of the change that waits: it is made, goes on waiting or is gone, or is not possible any more.
OF_PAYMENTS = {"changed", "payment_added", "change_dropped"}
# What may be answered to what came second, by the type of the problem.
REFUSALS = {"if-match-stale", "preview-stale", "not-allowed", "change-pending", "needs-payment", "invalid", "held"}
OUTER = (*CHANGES, "pay", "another pending")
INNER = tuple(ACTS)
PAIRS = [(outer, inner) for i, outer in enumerate(OUTER) for j, inner in enumerate(INNER) if (i + j) % 6 == 0]


def _points(calls: int) -> list[int]:
    most = min(MOST_POINTS, calls)
    return sorted({1 + round(i * (calls - 1) / max(1, most - 1)) for i in range(most)})


@pytest.mark.parametrize(("outer", "inner"), PAIRS)
def test_whatever_happens_at_a_moment_of_a_change_both_are_made_whole_or_refused(world: World, outer: str, inner: str):
    stage = Stage(world)
    moment = Moment(world)
    with Between() as counted:
        ACTS[outer][0](stage)
    for at in _points(counted.calls):
        moment.back()
        directory.forget()
        before = stage.types()
        between = Between(at, lambda: ACTS[inner][0](stage))
        with between:
            first = ACTS[outer][0](stage)
        second = between.answer or ACTS[inner][0](stage)
        _check_told(stage, before, (outer, first), (inner, second))
        _end(stage)
        assert broken(world.tables()) == [], at


def _check_told(stage: Stage, before: Counter[str], *made: tuple[str, Reply]) -> None:
    """Check that the history has what was made, once, and nothing of what was refused."""
    told, paid = stage.types() - before, 0
    for name, reply in made:
        assert reply.status < 500, reply.body
        if reply.status >= 400:
            assert reply.problem in REFUSALS, (name, reply.body)
        elif name == "pay":
            paid += 1
        elif event := ACTS[name][1]:
            told[event] -= 1
    left = {event: n for event, n in told.items() if n}
    # What the other thing leaves covered may make the change that waits, or drop it, without a payment.
    assert paid <= sum(left.values()) <= paid + 1, [(name, reply.status, left) for name, reply in made]
    assert left.keys() <= OF_PAYMENTS


def _end(stage: Stage) -> None:
    """Do all work that is left, until the order has ended."""
    world = stage.world
    world.settle()
    for _ in range(6):
        order = world.order(stage.order_id)
        for row in order["fulfillments"]:
            number = int(row["fulfillment_id"][-3:])
            if row["status"] == "OFFERED":
                world.step(stage.order_id, "accept", number)
            if row["status"] not in ("CANCELLED", "SHIPPED", "HANDED_BACK", "RECALLED"):
                world.step(stage.order_id, "ship", number)
        world.settle()
    assert world.order(stage.order_id)["status"] in ("SHIPPED", "CANCELLED"), world.order(stage.order_id)["quantities"]
