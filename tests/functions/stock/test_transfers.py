"""A transfer takes units from a node only when that node, or the office for it, agrees; every other case waits for a person."""

from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.runtime.clients import client
from comanda.aws.stock import position_reads, stock_changes
from comanda.domain.stock import movements
from comanda.domain.stock.changes import ReservedUnits, undo
from comanda.domain.stock.stock import SELLABLE
from tests.functions.inbox.test_stock_files import BUCKET, as_csv, outcomes, send
from tests.functions.inbox.test_supplies import a_line, create, expected, shown, statuses, tell, the_ledger_adds_up
from tests.functions.stock.test_snapshots import a_row as counted_row
from tests.functions.stock.test_snapshots import count
from tests.functions.world import START, Reply, World

DAY = timedelta(days=1)


def units(node: str) -> int:
    found = position_reads.get("TEA-001", node)
    return found.bucket(SELLABLE) if found else 0


def ask(world: World, quantity: int = 6, who: str = "acme", node: str = "vendor-1", name: str = "T-1") -> Reply:
    line = a_line(quantity=quantity, node=node)
    return create(world, line, type="TRANSFER", origin_node_id="dc-1", name=name, who=who)


def waiting(world: World, queue: str) -> list[dict[str, Any]]:
    reply = world.call("GET", f"/v1/queues/{queue}", who="office")
    assert reply.status == 200, reply.body
    items: list[dict[str, Any]] = reply.body["items"]
    return items


def answer(world: World, verb: str, who: str = "dc-1-system", name: str = "T-1", **body: Any) -> Reply:
    return world.call("POST", f"/v1/stock/supplies/{name}/{verb}", body, who=who)


def resolve(world: World, queue: str, item: dict[str, Any], said: str, key: str = "") -> Reply:
    path = f"/v1/queues/{queue}/items/{item['item_id']}/resolve"
    return world.call("POST", path, {"answer": said}, who="office", key=key)


def test_a_partner_that_owns_one_node_cannot_empty_another(world: World):
    world.stocked(dc_1=10)
    promised = ReservedUnits(sku="TEA-001", node="dc-1", quantity=4, due="2026-11-19", source="o", line="1", n="1")
    stock_changes.apply([undo(movements.release(promised, world.now))], [])

    made = ask(world, 10)
    received = tell(world, "RECEIVE", (1, 10), name="T-1", who="acme")

    assert (statuses(made), statuses(received)) == (["APPLIED transfer-requested"], ["APPLIED transfer-difference"])
    assert (units("dc-1"), position_reads.get("TEA-001", "vendor-1")) == (10, None)
    (asked,), (strange,) = waiting(world, "transfers"), waiting(world, "transfer-differences")
    assert (asked["supply_id"], asked["data"]["told_by"], asked["data"]["units"]) == ("T-1", "acme", "10")
    assert (strange["data"]["origin_node_id"], strange["data"]["node_id"]) == ("dc-1", "vendor-1")
    assert (strange["data"]["told_by"], strange["data"]["units"]) == ("acme", "10")
    assert the_ledger_adds_up("dc-1")


def test_a_partner_that_owns_one_node_cannot_empty_another_by_file(world: World):
    client("s3").create_bucket(Bucket=BUCKET)
    client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    world.entry(directory.PARTNER, "acme", {"name": "Acme", "nodes": ["vendor-1"]})
    world.stocked(dc_1=10)
    step = {"supply_id": "T-1", "line": 1, "reference": "A"}
    made = {**step, "action": "CREATE", "type": "TRANSFER", "sku": "TEA-001", "node": "vendor-1"}
    made |= {"origin_node": "dc-1", "quantity": 10, "eta": "2026-11-25"}
    took = {**step, "reference": "B", "action": "RECEIVE", "quantity": 10}
    ships = {**step, "reference": "C", "action": "SHIP", "quantity": 10}
    nowhere = {**made, "supply_id": "T-2", "origin_node": "moon"}

    lines = send(world, as_csv(made, took, ships, nowhere), "supplies")

    assert outcomes(lines) == [
        "APPLIED transfer-requested",
        "APPLIED transfer-difference",
        "REJECTED unknown-supply",
        "REJECTED unknown-node",
    ]
    assert (units("dc-1"), units("vendor-1")) == (10, 0)
    assert [item["data"]["told_by"] for item in waiting(world, "transfers")] == ["partner:acme"]
    assert [item["data"]["told_by"] for item in waiting(world, "transfer-differences")] == ["partner:acme"]


@pytest.mark.parametrize("who", ["dc-1-system", "office", "picker"])
def test_the_origin_or_the_office_agrees_and_then_the_origin_ships(world: World, who: str):
    world.stocked(dc_1=10)
    ask(world)
    early = tell(world, "SHIP", (1, 6), name="T-1", who="dc-1-system", reference="early")

    agreed = answer(world, "approve", who)

    assert statuses(early) == ["REJECTED not-open"]
    assert (agreed.status, agreed.body["status"], statuses(agreed)) == (200, "APPROVED", ["APPLIED"])
    assert expected("vendor-1") == {"T-1.1": ("TRANSFER", "2026-11-25", 6)}
    assert (waiting(world, "transfers"), units("dc-1")) == ([], 10)
    assert statuses(tell(world, "SHIP", (1, 6), name="T-1", who="dc-1-system")) == ["APPLIED"]
    assert statuses(tell(world, "RECEIVE", (1, 6), name="T-1", who="acme")) == ["APPLIED"]
    assert (units("dc-1"), units("vendor-1"), shown(world, "T-1")["lines"][0]["status"]) == (4, 6, "RECEIVED")
    assert the_ledger_adds_up("dc-1")
    assert the_ledger_adds_up("vendor-1")


def test_no_caller_but_the_origin_or_the_office_agrees(world: World):
    world.stocked(dc_1=10)
    ask(world)
    before = world.tables()

    replies = {who: answer(world, "approve", who) for who in ("acme", "rival", "dc-2-system", "other-picker", "shop")}
    nothing = answer(world, "approve", "rival", name="T-9")

    assert {who: reply.status for who, reply in replies.items()} == {
        "acme": 403,
        "rival": 404,
        "dc-2-system": 404,
        "other-picker": 404,
        "shop": 403,
    }
    assert nothing.body["detail"].replace("T-9", "T-1") == replies["rival"].body["detail"]
    assert world.tables() == before


def test_a_repeated_answer_gets_the_same_result_and_a_different_answer_is_too_late(world: World):
    ask(world)
    first = world.call("POST", "/v1/stock/supplies/T-1/approve", {}, who="office", key="k")
    again = world.call("POST", "/v1/stock/supplies/T-1/approve", {}, who="office", key="k")
    other_key = answer(world, "approve")
    too_late = answer(world, "refuse")

    assert (first.status, again.status, again.body) == (200, 200, first.body)
    assert (other_key.status, statuses(other_key)) == (200, ["APPLIED"])
    assert (too_late.status, too_late.problem) == (409, "not-allowed")


def test_lines_are_answered_one_by_one_or_all_at_once(world: World):
    lines = [a_line(n, node="vendor-1") for n in range(1, 13)]
    create(world, *lines, type="TRANSFER", origin_node_id="dc-1", name="T-1", who="acme")

    one = answer(world, "refuse", lines=[3])
    strange = answer(world, "refuse", lines=[1, 99])
    others = answer(world, "approve")

    assert statuses(one) == ["APPLIED"]
    assert (strange.status, strange.errors) == (409, [("/lines/1", "not-allowed")])
    assert statuses(others) == ["APPLIED"] * 11
    assert sorted({line["status"] for line in shown(world, "T-1")["lines"]}) == ["APPROVED", "REFUSED"]


def test_the_office_answers_from_the_queue_too(world: World):
    ask(world)
    (item,) = waiting(world, "transfers")

    wrong = resolve(world, "transfers", item, "retry")
    agreed = resolve(world, "transfers", item, "approve", key="k")
    again = resolve(world, "transfers", item, "approve", key="k")
    gone = resolve(world, "transfers", item, "refuse")

    assert (wrong.status, wrong.errors) == (422, [("/answer", "unknown-answer")])
    assert (agreed.status, agreed.body["status"], again.body) == (200, "APPROVED", agreed.body)
    assert gone.status == 404


def test_a_request_without_an_answer_for_three_days_is_refused(world: World):
    world.stocked(dc_1=10)
    ask(world)
    ask(world, name="T-2")
    world.now = START + 3 * DAY - timedelta(seconds=1)
    world.sweep()
    before = shown(world, "T-1")["status"]
    world.now = START + 3 * DAY

    too_late = answer(world, "approve", name="T-2")
    world.sweep()
    world.sweep()

    assert (before, too_late.status) == ("REQUESTED", 409)
    assert too_late.body["detail"] == "nobody answered the request for 3 days: it is refused"
    assert (shown(world, "T-1")["status"], shown(world, "T-2")["status"]) == ("REFUSED", "REFUSED")
    assert waiting(world, "transfers") == []
    assert statuses(tell(world, "RECEIVE", (1, 1), name="T-1", who="acme")) == ["REJECTED not-open"]


def test_a_transfer_between_own_nodes_needs_no_request_and_a_request_can_be_cancelled(world: World):
    here = create(world, a_line(node="dc-2"), type="TRANSFER", origin_node_id="dc-1", name="T-1", who="office")
    ask(world, name="T-2")

    back = tell(world, "CANCEL", 1, name="T-2", who="acme")

    assert (statuses(here), shown(world, "T-1")["status"]) == (["APPLIED"], "CREATED")
    assert (statuses(back), shown(world, "T-2")["status"], waiting(world, "transfers")) == (
        ["APPLIED"],
        "CANCELLED",
        [],
    )


def test_a_transfer_cannot_grow_beyond_the_agreed_units(world: World):
    ask(world)
    answer(world, "approve")

    more = tell(world, "CHANGE", {"line": 1, "quantity": 7}, name="T-1", who="acme")
    another = create(
        world, a_line(2, node="vendor-1"), type="TRANSFER", origin_node_id="dc-1", name="T-1", who="acme", reference="B"
    )

    assert statuses(more) == ["REJECTED not-approved"]
    assert (statuses(another), shown(world, "T-1")["status"]) == (["APPLIED transfer-requested"], "REQUESTED")


# Differences


@pytest.fixture
def differing(world: World) -> World:
    """A transfer of ten of which the origin shipped four, and the destination says that seven came."""
    world.stocked(dc_1=10)
    ask(world, 10)
    answer(world, "approve")
    tell(world, "SHIP", (1, 4), name="T-1", who="dc-1-system")
    assert statuses(tell(world, "RECEIVE", (1, 7), name="T-1", who="acme")) == ["APPLIED transfer-difference"]
    assert (units("dc-1"), units("vendor-1")) == (6, 4)
    return world


@pytest.mark.parametrize(
    ("said", "origin", "here", "received", "comes"),
    [("sent", 3, 7, 7, 3), ("found", 6, 7, 4, 6), ("nothing", 6, 4, 4, 6)],
)
def test_a_person_explains_units_that_were_received_and_not_shipped(
    differing: World, said: str, origin: int, here: int, received: int, comes: int
):
    (item,) = waiting(differing, "transfer-differences")

    first = resolve(differing, "transfer-differences", item, said, key="k")
    again = resolve(differing, "transfer-differences", item, said, key="k")
    another = resolve(differing, "transfer-differences", item, "found")

    assert (first.status, again.status, again.body, another.status) == (200, 200, first.body, 404)
    assert (units("dc-1"), units("vendor-1")) == (origin, here)
    line = shown(differing, "T-1")["lines"][0]
    assert (line["received"], line["differing"], waiting(differing, "transfer-differences")) == (received, 0, [])
    assert sum(quantity for _, _, quantity in expected("vendor-1").values()) == comes
    assert the_ledger_adds_up("dc-1")
    assert the_ledger_adds_up("vendor-1")


def test_units_that_the_origin_ships_meanwhile_leave_it_once(differing: World):
    tell(differing, "SHIP", (1, 3), name="T-1", who="dc-1-system", reference="late")
    (item,) = waiting(differing, "transfer-differences")

    resolve(differing, "transfer-differences", item, "sent")

    assert (units("dc-1"), units("vendor-1")) == (3, 7)
    assert the_ledger_adds_up("vendor-1")


def test_units_that_a_count_has_found_since_are_not_counted_twice(differing: World):
    (item,) = waiting(differing, "transfer-differences")
    differing.pass_time(7200)
    count(differing, counted_row(7, node="vendor-1"), at=START + timedelta(hours=1))
    count(differing, counted_row(3), at=START + timedelta(hours=1), reference="C-2")

    resolve(differing, "transfer-differences", item, "sent")

    assert (units("dc-1"), units("vendor-1")) == (3, 7)


def test_an_origin_without_the_units_cannot_have_sent_them(differing: World):
    lost = {"sku": "TEA-001", "node_id": "dc-1", "quantity": -4}
    body = {"adjustment_id": "A-1", "reason": "water", "rows": [lost]}
    assert differing.call("POST", "/v1/stock/adjustments", body, who="office").status == 200
    (item,) = waiting(differing, "transfer-differences")

    refused = resolve(differing, "transfer-differences", item, "sent")

    assert (refused.status, refused.problem) == (409, "not-allowed")
    assert refused.body["detail"] == "the quantity is more than the 2 that dc-1 has"
    assert waiting(differing, "transfer-differences") == [item]


def test_a_repeated_receipt_makes_one_difference(differing: World):
    again = tell(differing, "RECEIVE", (1, 7), name="T-1", who="acme")
    too_many = tell(differing, "RECEIVE", (1, 4), name="T-1", who="acme", reference="more")

    assert (statuses(again), statuses(too_many)) == (["DUPLICATE applied-before"], ["REJECTED more-than-announced"])
    assert len(waiting(differing, "transfer-differences")) == 1


def test_a_caller_learns_nothing_of_the_supplies_of_other_callers(world: World):
    create(world, a_line())
    tell(world, "RECEIVE", (1, 4), reference="R-1")

    same = tell(world, "RECEIVE", (1, 4), reference="R-1", who="acme")
    other = tell(world, "RECEIVE", (1, 5), reference="R-1", who="acme")
    nothing = tell(world, "RECEIVE", (1, 5), reference="R-1", who="acme", name="PO-9")

    assert same.body["rows"] == other.body["rows"] == nothing.body["rows"]
    assert statuses(same) == ["REJECTED unknown-supply"]


def test_units_that_came_before_the_origin_agreed_are_explained_as_sent_only_afterwards(world: World):
    world.stocked(dc_1=10)
    ask(world)
    tell(world, "RECEIVE", (1, 6), name="T-1", who="acme")
    (item,) = waiting(world, "transfer-differences")

    early = resolve(world, "transfer-differences", item, "sent")
    answer(world, "approve")
    late = resolve(world, "transfer-differences", item, "sent")

    assert (early.status, early.body["detail"]) == (409, "the line is REQUESTED")
    assert (late.status, late.body["status"]) == (200, "CLOSED")
    assert (units("dc-1"), units("vendor-1")) == (4, 6)
    assert the_ledger_adds_up("dc-1")
    assert the_ledger_adds_up("vendor-1")


def test_units_received_for_a_refused_request_can_still_be_explained(world: World):
    world.stocked(dc_1=10)
    ask(world)
    tell(world, "RECEIVE", (1, 6), name="T-1", who="acme")
    answer(world, "refuse")
    (item,) = waiting(world, "transfer-differences")

    sent = resolve(world, "transfer-differences", item, "sent")
    found = resolve(world, "transfer-differences", item, "found")

    assert (sent.status, found.status) == (409, 200)
    assert (units("dc-1"), units("vendor-1"), shown(world, "T-1")["status"]) == (10, 6, "REFUSED")
    assert the_ledger_adds_up("vendor-1")
