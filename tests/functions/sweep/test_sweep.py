"""Test the facts that time alone makes: missed deadlines, expiries, and work that was missed."""

import json
from collections import Counter

import pytest

from comanda.aws.events import failed_batches
from comanda.aws.runtime.clients import client
from tests.functions.world import World, usd
from tests.invariants import broken


def offered(world: World) -> str:
    world.stocked("TEA-001", dc_1=5, dc_2=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    return order_id


def facts(world: World, order_id: str) -> list[str]:
    return [row["type"] for row in world.order_items(order_id, "E#")]


def test_a_sweep_changes_no_order_whose_time_has_not_come(world: World):
    offered(world)

    assert world.sweep() == {"looked": 0, "facts": 0, "redriven": 0, "expired": 0}


def test_the_third_missed_deadline_of_a_silent_node_declines_its_units(world: World):
    order_id = offered(world)

    for _ in range(3):
        world.pass_time(3700)
        world.sweep()

    said = Counter(facts(world, order_id))
    order = world.order(order_id)
    assert said["deadline_missed"] + said["reminded"] >= 2, said
    assert [(f["node_id"], f["status"]) for f in order["fulfillments"]] == [("dc-1", "DECLINED"), ("dc-2", "OFFERED")]
    assert world.hops.machines.executions[f"ful_{order_id[4:]}-001-1"].entered == [
        "Release", "Escalate", "Release", "Escalate", "Release", "HandedBack",
    ]  # fmt: skip
    assert broken(world.tables()) == []


def test_begun_work_that_is_late_waits_in_a_queue_for_a_person(world: World):
    order_id = offered(world)
    world.steps(order_id, "accept", "start-pick")

    world.pass_time(3600 * 12)
    world.sweep()

    assert world.waiting(order_id) == ["late-work"]
    assert world.order(order_id)["quantities"] == {"PICKING": 2}
    world.steps(order_id, "pick", "ship")
    world.settle()
    assert world.waiting(order_id) == []
    assert broken(world.tables()) == []


def test_an_order_is_routed_when_its_hold_expires(world: World):
    world.hold_type("REMORSE", "holds", resolved_by="schedule", expires_hours=1)
    world.stocked("TEA-001", dc_1=200)
    order_id = world.placed(("TEA-001", 150))
    world.settle()
    assert world.waiting(order_id) == ["holds"]

    world.pass_time(3601)
    world.sweep()

    assert world.order(order_id)["status"] == "RELEASED"
    assert world.waiting(order_id) == []
    assert broken(world.tables()) == []


def _failed(function: str, mapping: str, about: str, number: int = 1) -> str:
    """Put the record of a batch that a reader of a stream gave up, as Lambda writes it. Returns its key."""
    arn = f"arn:aws:lambda:us-east-1:000000000000:function:comanda-test-{function}"
    record = {"requestContext": {"functionArn": arn}, "payload": json.dumps({"Records": [{"sk": about}]})}
    key = f"aws/lambda/{mapping}/shardId-0/{number}"
    client("s3").put_object(Bucket="comanda-test-failures", Key=key, Body=json.dumps(record).encode())
    return key


def _left() -> list[str]:
    return [entry["Key"] for entry in client("s3").list_objects_v2(Bucket="comanda-test-failures").get("Contents", ())]


def test_failed_batches_of_other_rooms_stay_for_a_person_even_if_they_name_an_order(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    waited = f"B#5#20261129T000000000Z#{order_id}#1"
    others = [
        _failed(room, mapping, waited, n) for room, mapping in (("watch", "m-1"), ("replenish", "m-4")) for n in (1, 2)
    ]
    for room, mapping in (("conduct", "m-2"), ("relay", "m-3")):
        _failed(room, mapping, f"O#{order_id}")

    assert world.sweep()["redriven"] == 2

    assert _left() == sorted(others)
    assert world.sweep()["redriven"] == 0


def test_a_sweep_ignores_records_that_are_no_text_or_are_gone(world: World, monkeypatch: pytest.MonkeyPatch):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    client("s3").put_object(Bucket="comanda-test-failures", Key="aws/lambda/m-1/x", Body=b"\xff\xfe\x00")
    gone = _failed("conduct", "m-2", f"O#{order_id}")
    _failed("conduct", "m-2", f"O#{order_id}", 2)
    read = failed_batches._text

    def taken_meanwhile(key: str) -> str:
        client("s3").delete_object(Bucket="comanda-test-failures", Key=gone)
        return read(key)

    monkeypatch.setattr(failed_batches, "_text", taken_meanwhile)

    assert world.sweep()["redriven"] == 1
    assert _left() == ["aws/lambda/m-1/x"]


def test_a_sweep_repeats_the_failed_batch_of_a_reader_and_deletes_its_record(world: World):
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.hops.seen["conduct"] |= {row["pk"]["S"] + row["sk"]["S"] for row in world.hops.events()}
    client("s3").put_object(Bucket="comanda-test-failures", Key="aws/lambda/x", Body=f"...O#{order_id}...".encode())

    swept = world.sweep()

    assert swept["redriven"] == 1
    assert world.order(order_id)["status"] == "RELEASED"
    assert client("s3").list_objects_v2(Bucket="comanda-test-failures")["KeyCount"] == 0


def test_all_open_orders_are_swept_in_the_pages_that_the_caller_makes(world: World):
    order_ids = {world.placed(("TEA-001", 1)) for _ in range(3)}
    world.settle()
    for order_id in order_ids:
        world.hops.machines.lose(f"{order_id}-1")

    listed = world.hops.invoke("sweep", {"list": True})["open"]
    for order_id in listed:
        swept = world.hops.invoke("sweep", {"orders": [order_id]})
        assert (swept["looked"], swept["redriven"]) == (1, 0)
    world.settle()

    assert set(listed) == order_ids
    assert {f"{order_id}-2" for order_id in order_ids} <= set(world.hops.machines.executions)


def test_an_order_that_raises_an_error_does_not_stop_the_sweep_of_the_others(world: World):
    first, second = offered(world), world.placed(("TEA-001", 1))
    world.settle()
    row = world.order_items(first, "#")[0]
    world.aws.put("Orders", **{**row, "doc": "{"})
    world.pass_time(3700)

    with pytest.raises(ValueError, match="property name"):
        world.sweep()
    with pytest.raises(ValueError, match="property name"):
        world.settle()  # conduct, too, does the others and then says so
    world.settle()

    assert "reminded" in facts(world, second)


def test_a_failed_file_that_names_an_order_is_left_to_a_person(world: World):
    order_id = offered(world)
    failed = {"inbox": "comanda-test-inbox", "conduct": "comanda-test-conduct"}
    for name in failed.values():
        key = f"aws/lambda/async/{name}/2026/11/19/x"
        client("s3").put_object(Bucket="comanda-test-failures", Key=key, Body=f"...{order_id}...".encode())

    assert world.sweep()["redriven"] == 1

    left = client("s3").list_objects_v2(Bucket="comanda-test-failures")["Contents"]
    assert [entry["Key"].split("/")[3] for entry in left] == [failed["inbox"]]


def test_units_without_stock_are_cancelled_and_mailed_when_their_wanted_day_has_passed(world: World):
    world.stocked("TEA-001", dc_1=1)
    order_id = world.placed(("TEA-001", 3), requested={"deliver_by": "2026-11-21"})
    world.settle()
    assert world.order(order_id)["quantities"]["BACKORDERED"] == 2
    assert world.order(order_id)["lines"][0]["cancel_on"] == "2026-11-23"

    world.pass_time(3 * 86_400)  # from the 19th, 12:00
    world.sweep()
    world.settle()
    assert world.order(order_id)["quantities"]["BACKORDERED"] == 2
    world.pass_time(86_400)
    world.sweep()
    world.settle()

    order = world.order(order_id)
    assert (order["quantities"].get("BACKORDERED"), order["quantities"]["CANCELLED"]) == (None, 2)
    assert order["lines"][0]["cancel_on"] is None
    rows = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
    (event,) = [row for row in rows if row["type"] == "cancelled"]
    assert (event["actor"], event["data"]["reason"]) == ("sweep", "no-stock-in-time")
    assert [mail for mail in world.hops.sent if "cancelled" in str(mail["EmailTags"])]
    assert broken(world.tables()) == []


@pytest.mark.parametrize("level", ["order", "line"])
def test_a_cancel_by_a_hold_that_expires_gives_back_the_reservation_of_an_order_that_is_not_routed_yet(
    world: World, level: str
):
    rule = {"total_at_least": usd(1)}
    hold = {"blocks": ["schedule"], "reason": "r", "queue": "holds", "level": level, "expires_hours": 1}
    body = {**hold, "on_expiry": "CANCEL", "applies_when": rule}
    assert world.call("PUT", "/v1/hold-types/AN_HOUR", body, who="office").status == 201
    world.pass_time(61)
    world.stocked("TEA-001", dc_1=5)
    rows = [{"sku": "TEA-001", "quantity": 2, "node_id": "dc-1"}]
    asked = {"request_id": "cart-1", "kind": "HARD", "channel": "web", "lines": rows}
    kept = world.call("POST", "/v1/reservations", asked).body["reservation_id"]
    order_id = world.placed(("TEA-001", 2), reservation_id=kept)
    world.settle()

    world.pass_time(3601)
    world.sweep()
    world.settle()

    order = world.order(order_id)
    assert (order["status"], order["reservation_id"]) == ("CANCELLED", None)
    assert world.call("GET", f"/v1/reservations/{kept}").body["status"] == "RELEASED"
    assert broken(world.tables()) == []
