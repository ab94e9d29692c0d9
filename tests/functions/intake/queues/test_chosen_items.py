"""Test one answer to chosen items of a queue: each is answered once or refused by itself, and none is lost."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from comanda.aws.dynamodb import keys
from comanda.aws.runtime import deadline
from tests.functions.world import Reply, World, usd
from tests.invariants import broken

LARGE = {"sku": "TEA-001", "quantity": 1, "unit_price": usd(200_000)}
UNKNOWN = "ord_us1_01J0000000000000000000000A.h1"


@pytest.fixture(autouse=True)
def review(world: World) -> None:
    world.hold_type()


def reviewed(world: World, **changes: Any) -> str:
    """Place an order that waits for a review, and return the id of its item."""
    return f"{world.placed(LARGE, **changes)}.h1"


def answered(world: World, queue: str, items: list[str], answer: str, who: str = "sales", **how: Any) -> Reply:
    key = how.pop("key", "")
    body = {"items": items, "answer": answer, **how}
    return world.call("POST", f"/v1/queues/{queue}/resolve", body, who=who, key=key)


def results(reply: Reply) -> list[str]:
    """Return the result of each row: `done`, or the type of its problem."""
    assert reply.status == 200, reply.body
    return [
        row["status"]
        if row["problem"] is None
        else f"{row['status']} {row['problem']['type'].removeprefix('urn:comanda:problem:')}"
        for row in reply.body["rows"]
    ]


def order_of(item: str) -> str:
    return item.partition(".")[0]


def test_twenty_chosen_orders_are_confirmed_and_the_others_wait(world: World):
    world.stocked("TEA-001", dc_1=50)
    chosen, others = [reviewed(world) for _ in range(20)], [reviewed(world) for _ in range(2)]

    reply = answered(world, "sales-review", chosen, "confirm")
    world.settle()

    assert results(reply) == ["done"] * 20
    assert [row["item_id"] for row in reply.body["rows"]] == chosen
    assert {world.order(order_of(item))["status"] for item in chosen} == {"RELEASED"}
    left = world.call("GET", "/v1/queues/sales-review", who="sales").body["items"]
    assert sorted(item["item_id"] for item in left) == sorted(others)
    assert broken(world.tables()) == []


def test_chosen_orders_are_rejected_with_a_reason_and_drafts_confirmed(world: World):
    chosen = [reviewed(world) for _ in range(2)]
    drafts = [f"{world.placed(('TEA-001', 1), draft=True)}.draft" for _ in range(2)]

    rejected = answered(world, "sales-review", chosen, "reject", reason="no such address")

    assert results(rejected) == ["done", "done"]
    assert results(answered(world, "drafts", drafts[:1], "confirm")) == ["done"]
    assert results(answered(world, "drafts", drafts[1:], "reject", reason="a test")) == ["done"]
    event = world.order_items(order_of(chosen[0]), "E#")[-1]
    assert (event["type"], event["actor"]) == ("rejected", "sales")
    statuses = [world.order(order_of(item))["status"] for item in (*chosen, *drafts)]
    assert statuses == ["CANCELLED", "CANCELLED", "CREATED", "CANCELLED"]


def test_holds_are_resolved_in_whatever_queue_they_wait(world: World):
    world.hold_type("ASKED", "holds", applies_when=None)
    world.hold_type("FRAUD", "sales-review", applies_when=None)
    asked, fraud = world.placed(("TEA-001", 1)), world.placed(("TEA-001", 1))
    world.change(asked, "holds", {"type": "ASKED", "reason": "x"})
    world.change(fraud, "holds", {"type": "FRAUD", "reason": "x"})

    rows = [
        answered(world, queue, [f"{order_id}.h1"], "resolve", resolution="is fine")
        for queue, order_id in (("holds", asked), ("sales-review", fraud))
    ]

    assert [results(row) for row in rows] == [["done"], ["done"]]
    assert world.order(asked)["holds"][0]["resolution"] == "is fine"


def test_a_confirm_ends_a_hold_of_any_type_that_waits_in_the_queue_of_sales_and_no_other_hold(world: World):
    world.hold_type("FORM_REVIEW", "sales-review", applies_when=None)
    world.hold_type("FRAUD", "holds", blocks=["ship"], applies_when=None)
    order_id = world.placed(("TEA-001", 1))
    for kind in ("FRAUD", "FORM_REVIEW"):
        world.change(order_id, "holds", {"type": kind, "reason": "x"})

    confirmed = answered(world, "sales-review", [f"{order_id}.h2"], "confirm")

    assert results(confirmed) == ["done"]
    assert [hold["type"] for hold in world.order(order_id)["holds"] if not hold["resolution"]] == ["FRAUD"]


def test_an_order_in_review_twice_is_confirmed_by_either_item(world: World):
    """The other item is then gone, and says so."""
    item = reviewed(world)
    world.change(order_of(item), "holds", {"type": "SALES_REVIEW", "reason": "again"})

    reply = answered(world, "sales-review", [item, item.replace(".h1", ".h2")], "confirm")

    assert results(reply) == ["done", "refused not-found"]


def test_a_row_that_is_refused_says_why_and_keeps_no_other_from_its_answer(world: World):
    first, gone, claimed, last = (reviewed(world) for _ in range(4))
    world.change(order_of(gone), "confirm")
    world.call("POST", f"/v1/queues/sales-review/items/{claimed}/claim", {}, who="office")
    strange = [UNKNOWN, "nonsense", "ord_br1_01J0000000000000000000000A.h1", "مرحبا 🙂"]

    reply = answered(world, "sales-review", [first, gone, claimed, *strange, last], "confirm")

    assert results(reply) == [
        "done",
        "refused not-found",
        "refused claimed",
        "refused not-found",
        "refused not-found",
        "refused wrong-region",
        "refused not-found",
        "done",
    ]
    assert reply.body["rows"][2]["problem"]["by"] == "office"
    assert world.order(order_of(claimed))["version"] == 1


def test_the_answers_of_other_queues_are_given_to_chosen_items_too(world: World):
    short = [world.placed(("POT-001", 1)) for _ in range(3)]
    world.settle()
    items = [f"{order_id}.backorder" for order_id in short]

    reply = answered(world, "backorder", items[:2], "retry")

    assert results(reply) == ["done", "done"]
    assert [world.order(order_id)["status"] for order_id in short] == ["UNSCHEDULED", "UNSCHEDULED", "BACKORDERED"]


def test_transfers_are_approved_together_and_repeated_without_effect(world: World):
    world.stocked("TEA-001", dc_1=9)
    made = {"supply_id": "T-1", "type": "TRANSFER", "origin_node_id": "dc-1", "reference": "A", "action": "CREATE"}
    lines = [{"line": n, "sku": "TEA-001", "node_id": "dc-2", "quantity": 3, "eta": "2026-11-25"} for n in (1, 2)]
    world.call("POST", "/v1/stock/supplies", {**made, "lines": lines}, who="dc-2-system")
    items = [item["item_id"] for item in world.call("GET", "/v1/queues/transfers", who="sales").body["items"]]

    first = answered(world, "transfers", [*items, "T-9~0001"], "approve", key="k")
    again = answered(world, "transfers", [*items, "T-9~0001"], "approve", key="k")

    assert len(items) == 2
    assert results(first) == ["done", "done", "refused not-found"]
    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")


def test_a_repeated_request_gets_the_same_rows_and_does_nothing_twice(world: World):
    chosen = [reviewed(world) for _ in range(3)]
    first = answered(world, "sales-review", [*chosen, UNKNOWN], "confirm", key="k")
    before = world.tables()

    again = answered(world, "sales-review", [*chosen, UNKNOWN], "confirm", key="k")
    other = answered(world, "sales-review", chosen[:1], "confirm", key="k")

    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert (other.status, other.problem) == (422, "idempotency-key-reused")
    assert world.tables() == before


def test_rows_that_the_time_does_not_reach_are_unfinished_and_the_same_request_answers_them(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    chosen = [reviewed(world) for _ in range(4)]
    check, left = deadline.check, [2]

    def over() -> None:
        if not left[0]:
            raise deadline.Unfinished("the time is over")
        left[0] -= 1
        check()

    monkeypatch.setattr(deadline, "check", over)
    first = answered(world, "sales-review", chosen, "confirm", key="k")
    other = answered(world, "sales-review", [reviewed(world)], "confirm", key="k")
    left[0] = 99
    again = answered(world, "sales-review", chosen, "confirm", key="k")

    assert results(first) == ["done", "done", "unfinished unfinished", "unfinished unfinished"]
    assert (other.status, other.problem) == (422, "idempotency-key-reused")
    assert results(again) == ["done"] * 4
    versions = {world.order(order_of(item))["version"] for item in chosen}
    assert versions == {2}


def test_two_requests_with_the_same_items_at_once_answer_each_item_once(world: World):
    world.stocked("TEA-001", dc_1=50)
    chosen = [reviewed(world) for _ in range(6)]

    with ThreadPoolExecutor(4) as pool:
        same = [pool.submit(answered, world, "sales-review", chosen, "confirm", key="k") for _ in range(2)]
        others = [pool.submit(answered, world, "sales-review", chosen, "confirm") for _ in range(2)]

    rows = [results(reply.result()) for reply in (*same, *others)]
    assert rows[0] == rows[1]
    for item, *found in zip(chosen, *(rows[n] for n in (0, 2, 3)), strict=True):
        assert sum(result == "done" for result in found) == 1, (item, found)
        assert world.order(order_of(item))["version"] == 2


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"items": [], "answer": "confirm"}, [("/items", "too-short")]),
        ({"items": [UNKNOWN] * 2, "answer": "confirm"}, [("/items/1", "duplicate")]),
        ({"items": [f"{n}" for n in range(101)], "answer": "confirm"}, [("/items", "too-long")]),
        ({"items": [" "], "answer": "confirm"}, [("/items/0", "string-too-short")]),
        ({"items": ["\ud800"], "answer": "confirm"}, None),
        ({"items": ["x" * 1300], "answer": "confirm"}, [("/items/0", "string-too-long")]),
        ({"items": [7], "answer": "confirm"}, [("/items/0", "string-type")]),
        ({"items": [UNKNOWN], "answer": "retry"}, [("/answer", "unknown-answer")]),
        ({"items": [UNKNOWN], "answer": "reject"}, [("/reason", "missing")]),
        ({"items": [UNKNOWN], "answer": "confirm", "reason": "x"}, [("/reason", "not-taken")]),
        ({"items": [UNKNOWN], "answer": "resolve"}, [("/resolution", "missing")]),
        ({"items": [UNKNOWN], "answer": "confirm", "all": True}, [("/all", "extra-forbidden")]),
    ],
)
def test_a_request_that_is_wrong_as_a_whole_answers_no_item(
    world: World, body: dict[str, Any], errors: list[tuple[str, str]] | None
):
    reviewed(world)
    before = world.tables()

    reply = world.call("POST", "/v1/queues/sales-review/resolve", body, who="sales")

    assert reply.status == 422 or errors is None, reply.body
    if errors is not None:
        assert reply.errors == errors
    assert world.tables() == before


def test_an_answer_needs_its_own_scope(world: World):
    item = reviewed(world)
    world.aws.put("Directory", **keys.client("answerer"), kind="admin", scopes=["orders/write"])

    reply = answered(world, "sales-review", [item], "confirm", who="answerer")

    assert (reply.status, reply.problem) == (403, "forbidden")
    assert "orders/confirm" in reply.body["detail"]
    assert world.order(order_of(item))["version"] == 1


def test_an_unknown_queue_is_not_found(world: World):
    assert answered(world, "nowhere", [UNKNOWN], "confirm").status == 404


def test_only_a_claim_against_a_carrier_takes_a_reference(world: World):
    world.placed(("POT-001", 1))
    world.settle()
    (item,) = world.call("GET", "/v1/queues/backorder", who="office").body["items"]
    path = f"/v1/queues/backorder/items/{item['item_id']}/resolve"

    refused = world.call("POST", path, {"answer": "retry", "reference": "CLM-1"}, who="office")

    assert (refused.status, refused.errors) == (422, [("/reference", "not-taken")])
    assert world.call("POST", path, {"answer": "retry"}, who="office").status == 200
