"""A partner confirms its shipments by files: CSV and JSON Lines in, receipts out."""

import json
from datetime import UTC, datetime
from typing import Any

from infra import names
from tests.system.retailer import ACME, EAST, WEST, line
from tests.system.world import DeployedWorld, eventually

HEADER = "shipment_id,order_id,line_id,sku,quantity,carrier,tracking_number,package_id,shipped_at"


def _picked(world: DeployedWorld, *lines: Any) -> Any:
    """Return an order that the partner has picked and packed."""
    order = world.routed(world.place_order(*lines, to=WEST))
    (fulfillment,) = order["fulfillments"]
    assert fulfillment["node_id"] == WEST
    world.work(fulfillment["fulfillment_id"], "accept", "start-pick", "pick", "pack", by="acme")
    return order


def _row(order: Any, quantity: Any = 1, line_id: str = "1", shipment: str = "S-1") -> dict[str, Any]:
    return {
        "shipment_id": f"{shipment}-{order['order_id'][-6:]}",
        "order_id": order["order_id"],
        "line_id": line_id,
        "sku": "",
        "quantity": quantity,
        "carrier": "UPS",
        "tracking_number": "1Z999",
        "package_id": "p1",
        "shipped_at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
    }


def _csv(*rows: dict[str, Any]) -> str:
    return "\n".join([HEADER, *(",".join(str(row[name]) for name in HEADER.split(",")) for row in rows)]) + "\n"


def _statuses(receipt: list[Any]) -> list[str]:
    return [row["status"] for row in receipt[:-1]]


def test_a_partners_csv_ships_its_good_rows_and_names_the_bad_one(world: DeployedWorld):
    order = _picked(world, line(world.sku(dc_west=2), 2, price=650))

    receipt = world.drop(ACME, "one.csv", _csv(_row(order, 2), _row(order, "many", shipment="S-2")))
    world.invoiced(order)

    assert _statuses(receipt) == ["APPLIED", "REJECTED"]
    assert receipt[1]["line"] == 3
    assert receipt[1]["reason"].startswith("quantity")
    assert receipt[-1]["totals"] == {"lines": 2, "APPLIED": 1, "DUPLICATE": 0, "CONFLICT": 0, "REJECTED": 1}
    assert world.closed(order)[-3:] == ["shipped", "invoiced", "completed"]
    assert len(world.mailed(order, 2)) == 2


def test_the_same_file_twice_ships_once(world: DeployedWorld):
    order = _picked(world, line(world.sku(dc_west=2)))
    content = _csv(_row(order))

    first = world.drop(ACME, "again.csv", content)
    second = world.drop(ACME, "again.csv", content)
    changed = world.drop(ACME, "changed.csv", _csv(_row(order, 2)))

    assert (_statuses(first), _statuses(second), _statuses(changed)) == (["APPLIED"], ["DUPLICATE"], ["CONFLICT"])
    assert world.closed(order).count("shipped") == 1


def test_a_partners_json_lines_are_taken_like_its_csv(world: DeployedWorld):
    tea, mug = world.sku(dc_west=1), world.sku(dc_west=3)
    order = _picked(world, line(tea), line(mug, 3))
    rows = [_row(order), _row(order, 3, "2")]

    receipt = world.drop(ACME, "both.jsonl", "".join(json.dumps(row) + "\n" for row in rows))

    assert _statuses(receipt) == ["APPLIED", "APPLIED"]
    assert world.closed(order).count("shipped") == 1
    assert world.stock(mug)[WEST]["on_hand"] == 0


def test_another_partners_order_is_as_if_it_did_not_exist(world: DeployedWorld):
    tea = world.sku(dc_east=1)
    order = world.routed(world.place_order(line(tea)))
    assert order["fulfillments"][0]["node_id"] == EAST
    none = {"order_id": "ord_us1_00000000000000000000000000"}

    theirs, nobodys = (world.drop(ACME, "x.csv", _csv(row)) for row in (_row(order), _row(none)))

    assert theirs[0]["status"] == nobodys[0]["status"] == "REJECTED"
    assert (theirs[0]["code"], theirs[0]["reason"]) == (nobodys[0]["code"], nobodys[0]["reason"])
    assert world.order(order)["fulfillments"][0]["status"] == "OFFERED"


def test_a_file_that_is_not_text_is_refused_whole(world: DeployedWorld):
    receipt = world.drop(ACME, "photo.csv", "\0\0\0\0")

    assert [row["status"] for row in receipt[:-1]] == ["REFUSED"]
    assert receipt[-1]["totals"]["APPLIED"] == 0


def test_a_file_in_no_partners_folder_becomes_a_notice_to_the_retailer(world: DeployedWorld):
    s3, told = world.aws("s3"), world.deployed[names.FAILURES]
    places = [f"inbox/{ACME}/shipment/today.csv", f"inbox/{ACME}/shipments/today.csv/", "inbox/acne/stock/today.csv"]
    for key in places:
        s3.put_object(Bucket=world.deployed[names.FILES], Key=key, Body=b"shipment_id,sku\nS-1,TEA\n")

    def notices() -> list[Any]:
        listed = s3.list_objects_v2(Bucket=told, Prefix="files/misplaced/").get("Contents", ())
        return [json.loads(s3.get_object(Bucket=told, Key=entry["Key"])["Body"].read()) for entry in listed]

    eventually(lambda: {notice["file"] for notice in notices()} >= set(places), "notices")
    codes = {notice["file"]: notice["code"] for notice in notices()}
    assert [codes[key] for key in places] == ["unknown-kind", "unknown-place", "unknown-partner"]
