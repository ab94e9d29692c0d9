"""Scans count the units of work that is being picked, each once, and move none: the step `pick` does."""

from functools import partial
from typing import Any

import pytest

from comanda.aws.dynamodb import transaction
from tests.faults import Between
from tests.functions.fulfill.test_pick_waves import accepted
from tests.functions.world import Reply, World


@pytest.fixture
def path(world: World) -> str:
    """Give work of dc-1 that is being picked: two of TEA-001 and three of CUP-001."""
    for sku in ("TEA-001", "CUP-001"):
        world.stocked(sku, dc_1=500)
    return picking(world)


def picking(world: World) -> str:
    path = f"/v1/fulfillments/{accepted(world, ('TEA-001', 2), ('CUP-001', 3))}"
    assert world.call("POST", f"{path}/start-pick", {}, who="dc-1-system").status == 200
    return path


def scan(world: World, path: str, code: str, who: str = "dc-1-system", key: str = "", **more: Any) -> Reply:
    return world.call("POST", f"{path}/scans", {"code": code, **more}, who=who, key=key)


def undo(world: World, path: str, who: str = "dc-1-system", key: str = "") -> Reply:
    return world.call("POST", f"{path}/scans/undo", {}, who=who, key=key)


def scanned(reply: Reply) -> list[tuple[str, int, int]]:
    assert reply.status == 200, reply.body
    return [(row["sku"], row["scanned"], row["left"]) for row in reply.body["lines"]]


def shown(world: World, path: str) -> list[tuple[str, int, int]]:
    return scanned(world.call("GET", f"{path}/scans", who="dc-1-system"))


def test_scans_are_counted_and_the_order_is_not_saved(world: World, path: str) -> None:
    version = world.call("GET", path, who="dc-1-system").headers["ETag"]

    assert scanned(scan(world, path, "TEA-001")) == [("TEA-001", 1, 1), ("CUP-001", 0, 3)]
    reply = scan(world, path, "CUP-001", quantity=3)

    assert scanned(reply) == [("TEA-001", 1, 1), ("CUP-001", 3, 0)]
    assert (reply.body["scanned"], reply.body["left"]) == (4, 1)
    assert shown(world, path) == scanned(reply)
    assert world.call("GET", path, who="dc-1-system").headers["ETag"] == version


@pytest.mark.parametrize(
    ("code", "error"),
    [
        ("4006381333931", None),
        ("]C1010400638133393117301231\u001d10L-7", None),
        ("(01)04006381333931(17)251130", "expired"),
        ("(01)04006381333948", "another-article"),
    ],
)
def test_a_code_of_gs1_is_scanned_and_what_expired_is_refused(world: World, code: str, error: str | None) -> None:
    world.stocked("TEA-001", dc_1=5)
    product = {"title": "Green tea", "gtin": "4006381333931", "class": "goods"}
    order_id = world.placed({"sku": "TEA-001", "quantity": 2, "product": product})
    world.settle()
    world.steps(order_id, "accept", "start-pick")

    reply = scan(world, f"/v1/fulfillments/ful_{order_id[4:]}-001", code)

    if error is None:
        assert (scanned(reply), reply.body["lines"][0]["gtin"]) == ([("TEA-001", 1, 1)], "4006381333931")
    else:
        assert [one["code"] for one in reply.body["errors"]] == [error]


def test_a_scan_that_is_sent_twice_counts_once(world: World, path: str) -> None:
    first, again = (scan(world, path, "TEA-001", key="one") for _ in range(2))

    assert (first.body, again.headers.get("Idempotent-Replayed")) == (again.body, "true")
    assert shown(world, path)[0] == ("TEA-001", 1, 1)
    assert scan(world, path, "CUP-001", key="one").problem == "idempotency-key-reused"
    assert scanned(scan(world, path, "TEA-001", key="two"))[0] == ("TEA-001", 2, 0)


@pytest.mark.parametrize(
    ("code", "problem", "says"),
    [
        ("POT-001", "another-article", "is another article; expected: 2 of TEA-001, 3 of CUP-001"),
        ("4012345000017", "another-article", "is another article"),
        ("004012345000000005", "not-an-article", "is the code of an order, a parcel or a pallet"),
        ("(01)04012345000017", "unreadable", "is no code that can be read"),
        ("x" * 401, "too-long", "takes at most 400 characters"),
        (" ", "missing", ""),
        ("TEA\u0000", "unseen-character", ""),
    ],
)
def test_a_wrong_scan_says_what_is_expected(world: World, path: str, code: str, problem: str, says: str) -> None:
    reply = scan(world, path, code)

    assert reply.status == 422, reply.body
    (error,) = reply.body["errors"]
    assert error["pointer"] == "/code"
    assert error["code"] in (problem, "string-too-long", "string-too-short")
    assert says in error["message"]
    assert shown(world, path) == [("TEA-001", 0, 2), ("CUP-001", 0, 3)]


def test_no_more_is_scanned_than_is_to_be_picked(world: World, path: str) -> None:
    assert scan(world, path, "TEA-001", quantity=3).problem == "not-allowed"
    assert scan(world, path, "TEA-001", quantity=2).status == 200

    reply = scan(world, path, "TEA-001")

    assert [(one["code"], one["message"]) for one in reply.body["errors"]] == [
        ("enough", "is an article of which all units are scanned; expected: 3 of CUP-001")
    ]


def test_the_last_scan_is_taken_back_for_ten_minutes(world: World, path: str) -> None:
    scan(world, path, "TEA-001")
    scan(world, path, "CUP-001", quantity=2)

    assert scanned(undo(world, path, key="u")) == [("TEA-001", 1, 1), ("CUP-001", 0, 3)]
    assert undo(world, path, key="u").headers["Idempotent-Replayed"] == "true"
    world.pass_time(601)
    assert undo(world, path).problem == "not-allowed"
    assert shown(world, path)[0] == ("TEA-001", 1, 1)


def test_another_picker_waits_or_takes_a_line(world: World, path: str) -> None:
    scan(world, path, "TEA-001")

    refused = scan(world, path, "CUP-001", "picker")
    assert (refused.status, refused.problem) == (409, "claimed")
    reply = scan(world, path, "CUP-001", "picker", takes_line=True)

    assert [row["picker_id"] for row in reply.body["lines"]] == ["dc-1-system", "picker"]
    assert scan(world, path, "CUP-001").problem == "claimed"
    world.pass_time(601)
    assert scanned(scan(world, path, "CUP-001")) == [("TEA-001", 1, 1), ("CUP-001", 2, 1)]


def test_a_partner_does_not_learn_who_of_the_office_picks(world: World) -> None:
    world.stocked("TEA-001", vendor_1=5)
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    world.steps(order_id, "accept", "start-pick")
    path = f"/v1/fulfillments/ful_{order_id[4:]}-001"
    scan(world, path, "TEA-001", "office")

    refused = scan(world, path, "TEA-001", "acme")
    assert (refused.problem, refused.body["by"]) == ("claimed", None)
    assert "line 1" in refused.body["detail"]
    assert world.call("GET", f"{path}/scans", who="acme").body["lines"][0]["picker_id"] is None
    assert world.call("GET", f"{path}/scans", who="office").body["lines"][0]["picker_id"] == "office"
    world.pass_time(601)
    assert scan(world, path, "TEA-001", "acme").body["lines"][0]["picker_id"] == "acme"


def test_what_is_scanned_is_picked_and_what_is_not_is_asked_about(world: World, path: str) -> None:
    scan(world, path, "TEA-001", quantity=2)

    refused = world.call("POST", f"{path}/pick", {}, who="dc-1-system")
    assert (refused.status, refused.problem) == (409, "not-allowed")
    assert "3 of line 2" in refused.body["detail"]
    short = {"lines": [{"line_id": "2", "quantity": 1}], "reason": "NOT_FOUND"}
    assert world.call("POST", f"{path}/short-pick", short, who="dc-1-system").status == 200
    assert shown(world, path) == [("TEA-001", 2, 0), ("CUP-001", 0, 2)]
    scan(world, path, "CUP-001", quantity=2)
    assert world.call("POST", f"{path}/pick", {}, who="dc-1-system").status == 200

    for reply in (scan(world, path, "TEA-001"), undo(world, path)):
        assert (reply.status, reply.problem) == (409, "not-allowed")
    assert world.call("GET", path, who="dc-1-system").body["status"] == "PICKED"


def test_work_that_nobody_scans_is_picked_as_ever(world: World, path: str) -> None:
    assert world.call("POST", f"{path}/pick", {}, who="dc-1-system").status == 200


def test_lines_that_are_named_are_picked_without_a_scan(world: World, path: str) -> None:
    scan(world, path, "TEA-001")
    lines = [{"line_id": "1", "quantity": 2}, {"line_id": "2", "quantity": 3}]

    assert world.call("POST", f"{path}/pick", {"lines": lines}, who="dc-1-system").status == 200


def order_of(path: str) -> str:
    return f"ord_{path.split('ful_')[1][:-4]}"


def cancel(world: World, path: str, *units: tuple[str, int]) -> Reply:
    lines = [{"line_id": line, "quantity": quantity} for line, quantity in units]
    return world.change(order_of(path), "cancel", {"reason": "less", **({"lines": lines} if lines else {})})


def put_back(world: World, path: str) -> list[str]:
    query = {"node_id": "dc-1"}
    return [
        item["reason"] for item in world.call("GET", "/v1/queues/put-back", who="picker", query=query).body["items"]
    ]


def test_units_that_are_cancelled_after_their_scan_are_put_back(world: World, path: str) -> None:
    scan(world, path, "CUP-001", quantity=3)

    assert cancel(world, path, ("2", 1)).status == 200

    assert shown(world, path) == [("TEA-001", 0, 2), ("CUP-001", 2, 0)]
    assert put_back(world, path) == ["1 x CUP-001"]


@pytest.mark.parametrize("how", ["cancel", "recall", "hand-back"])
def test_work_that_ends_while_it_is_scanned_leaves_nothing_in_a_tote(world: World, path: str, how: str) -> None:
    scan(world, path, "CUP-001", quantity=3)
    scan(world, path, "TEA-001")

    if how == "cancel":
        reply = cancel(world, path)
    elif how == "recall":
        asks = {"fulfillment_id": path.rsplit("/", maxsplit=1)[-1], "reason": "elsewhere"}
        assert world.change(order_of(path), "recall", asks).status == 200
        reply = world.call("POST", f"{path}/recall-agree", {}, who="dc-1-system")
    else:
        reply = world.call("POST", f"{path}/hand-back", {"reason": "CANNOT_FINISH"}, who="dc-1-system")

    assert reply.status == 200, reply.body
    assert put_back(world, path) == ["3 x CUP-001; 1 x TEA-001"]
    assert [row["scanned"] for row in world.call("GET", f"{path}/scans", who="picker").body["lines"]] in ([0, 0], [])


def test_scanned_units_that_are_picked_by_their_line_are_not_scanned_again(world: World, path: str) -> None:
    scan(world, path, "CUP-001", quantity=2)

    part = {"lines": [{"line_id": "2", "quantity": 2}]}
    assert world.call("POST", f"{path}/pick", part, who="dc-1-system").status == 200

    assert shown(world, path) == [("TEA-001", 0, 2), ("CUP-001", 0, 1)]
    assert undo(world, path).problem == "not-allowed"
    scan(world, path, "CUP-001")
    assert "2 of line 1" in world.call("POST", f"{path}/pick", {}, who="dc-1-system").body["detail"]
    scan(world, path, "TEA-001", quantity=2)
    assert world.call("POST", f"{path}/pick", {}, who="dc-1-system").status == 200
    assert put_back(world, path) == []


def test_units_that_are_missing_are_not_put_back(world: World, path: str) -> None:
    scan(world, path, "CUP-001", quantity=3)
    short = {"lines": [{"line_id": "2", "quantity": 2}], "reason": "DAMAGED"}

    assert world.call("POST", f"{path}/short-pick", short, who="dc-1-system").status == 200

    assert shown(world, path) == [("TEA-001", 0, 2), ("CUP-001", 1, 0)]
    assert put_back(world, path) == []


def test_scans_follow_the_rest_of_a_shipment(world: World, path: str) -> None:
    scan(world, path, "CUP-001", quantity=2)
    scan(world, path, "TEA-001")
    part = {"lines": [{"line_id": "1", "quantity": 1}, {"line_id": "2", "quantity": 1}]}

    assert world.call("POST", f"{path}/ship", part, who="dc-1-system").status == 200

    assert shown(world, path[:-3] + "002") == [("TEA-001", 0, 1), ("CUP-001", 1, 1)]
    assert undo(world, path[:-3] + "002").problem == "not-allowed"  # this scan was of two, and one has left


@pytest.mark.parametrize("scanned_before", [False, True])
@pytest.mark.parametrize("cancels_between", [True, False])
def test_a_cancel_beside_a_scan_loses_no_unit(
    world: World, path: str, cancels_between: bool, scanned_before: bool
) -> None:
    """Two units are scanned while one of them is cancelled, between any two calls of either."""
    for at in range(1, 20):
        work = picking(world)
        if scanned_before:
            scan(world, work, "CUP-001")
        told = len(put_back(world, work))
        scans, cancels = partial(scan, world, work, "TEA-001", quantity=2), partial(cancel, world, work, ("1", 1))
        with Between(at, cancels if cancels_between else scans) as other:
            reply = scans() if cancels_between else cancels()
        if other.answer is None:
            return
        first, second = (other.answer, reply) if cancels_between else (reply, other.answer)
        assert first.status == 200, (at, first.body)
        counted = 1 if second.status == 200 else 0
        assert shown(world, work)[0] == ("TEA-001", counted, 1 - counted), at
        assert put_back(world, work)[told:] == ["1 x TEA-001"] * counted, at
    pytest.fail("it makes more calls than were tried")


def test_an_undo_beside_a_pick_takes_back_nothing_that_is_picked(world: World, path: str) -> None:
    for at in range(1, 9):
        work = picking(world)
        scan(world, work, "TEA-001", quantity=2)
        scan(world, work, "CUP-001", quantity=3)
        with Between(at, partial(undo, world, work)) as other:
            reply = world.call("POST", f"{work}/pick", {}, who="dc-1-system")
        if other.answer is None:
            break
        assert (reply.status == 200) != (other.answer.status == 200), (at, reply.body, other.answer.body)


@pytest.mark.parametrize(
    ("steps", "says"),
    [
        ((), "the work is OFFERED: accept it, then begin it with start-pick"),
        (("accept",), "the work is ACCEPTED: begin it with start-pick"),
        (("accept", "start-pick", "pick"), "the work is PICKED: there is nothing to scan"),
    ],
)
def test_work_that_is_not_being_picked_says_so(world: World, steps: tuple[str, ...], says: str) -> None:
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 1))
    world.settle()
    world.steps(order_id, *steps)

    reply = scan(world, f"/v1/fulfillments/ful_{order_id[4:]}-001", "TEA-001")

    assert (reply.status, reply.body["detail"]) == (409, says)


@pytest.mark.parametrize("who", ["dc-2-system", "shop"])
def test_work_of_another_node_is_not_scanned(world: World, path: str, who: str) -> None:
    for reply in (scan(world, path, "TEA-001", who), scan(world, path, "", who), undo(world, path, who)):
        assert reply.status in (403, 404)
    assert world.call("GET", f"{path}/scans", who=who).status in (403, 404)


def test_two_pickers_at_once_count_each_scan(world: World, path: str) -> None:
    scan(world, path, "TEA-001")
    scan(world, path, "CUP-001", "picker", takes_line=True)
    with Between() as counted:
        scan(world, path, "TEA-001")
    undo(world, path)
    for at in range(1, counted.calls + 1):
        before = {sku: count for sku, count, _ in shown(world, path)}
        with Between(at, partial(scan, world, path, "CUP-001", "picker", key=f"p{at}")) as other:
            reply = scan(world, path, "TEA-001", key=f"a{at}")
        assert (reply.status, other.answer.status) == (200, 200), at
        after = {sku: count for sku, count, _ in shown(world, path)}
        assert after == {sku: count + 1 for sku, count in before.items()}, at
        undo(world, path, key=f"ua{at}")
        undo(world, path, "picker", key=f"up{at}")


def test_a_lost_answer_leaves_one_scan(world: World, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = transaction.commit

    def lost(*args: Any, **more: Any) -> None:
        real(*args, **more)
        raise TimeoutError

    with monkeypatch.context() as patch:
        patch.setattr(transaction, "commit", lost)
        assert scan(world, path, "TEA-001", key="k").status == 500
    assert scan(world, path, "TEA-001", key="k").status == 200
    assert shown(world, path)[0] == ("TEA-001", 1, 1)
