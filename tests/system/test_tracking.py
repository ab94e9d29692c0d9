"""A carrier's own client tells what became of parcels, and a partner by its file: on the deployed stage, from outside."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.system.retailer import ACME, WEST, line
from tests.system.world import DeployedWorld, eventually, refused


def _shipped(world: DeployedWorld, units: int = 2) -> tuple[Any, str]:
    """Return an order that the partner has shipped by road, and its tracking number."""
    order = world.routed(world.place_order(line(world.sku(dc_west=units), units), to=WEST))
    (fulfillment,) = order["fulfillments"]
    number = f"R {uuid.uuid4().hex[:12].upper()}"
    package = {"package_id": "p1", "carrier": "ROAD", "tracking_number": number}
    world.clients["acme"].post(f"/v1/fulfillments/{fulfillment['fulfillment_id']}/ship", {"packages": [package]})
    return world.invoiced(order), number


def _at(**ago: int) -> str:
    return (datetime.now(UTC) - timedelta(**ago)).isoformat(timespec="milliseconds")


def _tell(world: DeployedWorld, number: str, *scans: dict[str, Any], by: str = "road") -> list[str]:
    """Tell scans, again while the index does not know the number yet: it may lag a second behind the shipment."""
    body = {"events": [{"tracking_number": number, **scan} for scan in scans]}
    rows = world.clients[by].post("/v1/tracking-events", body)["rows"]
    return [" ".join(filter(None, (row["status"], row.get("code")))) for row in rows]


def test_a_carriers_client_delivers_an_order_and_its_customer_hears_of_it(world: DeployedWorld):
    order, number = _shipped(world)
    out = {"code": "ofd", "occurred_at": _at(minutes=2), "location": "Reno"}
    eventually(lambda: _tell(world, number, out)[0].startswith(("APPLIED", "DUPLICATE")), "the parcel is known")

    assert len(world.mailed(order, 3)) == 3
    assert _tell(world, number, {"code": "DLV", "occurred_at": _at(minutes=1)}, out) == [
        "APPLIED",
        "DUPLICATE applied-before",
    ]
    done = world.until(order, lambda now: now["status"] == "COMPLETED", "delivered")

    assert done["quantities"] == {"DELIVERED": 2}
    mails = world.mailed(order, 4)
    assert [subject for subject in mails if "comes today" in subject] == [mails[2]]
    fulfillment = done["fulfillments"][0]["fulfillment_id"]
    shown = world.office.get(f"/v1/fulfillments/{fulfillment}")
    assert shown["packages"][0]["tracking"]["status"] == "DELIVERED"
    scans = world.shop.get(f"/v1/fulfillments/{fulfillment}/tracking")["items"]
    assert [scan["status"] for scan in scans] == ["OUT_FOR_DELIVERY", "DELIVERED"]
    assert "delivered" in world.timeline(order)


def test_a_partners_file_tells_of_its_own_parcels_and_a_problem_waits_for_a_person(world: DeployedWorld):
    order, number = _shipped(world)
    eventually(
        lambda: _tell(world, number, {"code": "XX", "occurred_at": _at(minutes=9)})[0] != "REJECTED unknown-number"
    )
    rows = [
        f"{number},RETURNED,{_at(minutes=3)},Box is wet",
        f"{number},IN_TRANSIT,{_at(minutes=5)},",
        "R0,DELIVERED,x,",
    ]

    content = "\n".join(["tracking_number,status,occurred_at,note", *rows]) + "\n"
    receipt = world.drop(ACME, "scans.csv", content, kind="tracking")

    assert [row["status"] for row in receipt[:-1]] == ["APPLIED", "APPLIED", "REJECTED"]
    item = world.queue("delivery-exceptions", order)
    assert (item["reason"], item["data"]["note"]) == ("RETURNED", "Box is wet")
    path = f"/v1/queues/delivery-exceptions/items/{item['item_id']}/resolve"
    assert world.office.post(path, {"answer": "lose"})["quantities"] == {"LOST": 2}
    lost = world.queue("lost", order)
    world.office.post(f"/v1/queues/lost/items/{lost['item_id']}/resolve", {"answer": "refund"})
    refund = world.queue("refunds", order)
    world.office.post(f"/v1/queues/refunds/items/{refund['item_id']}/resolve", {"answer": "done"})


def test_nobody_tells_about_anothers_parcels(world: DeployedWorld):
    order, number = _shipped(world)
    scan = {"status": "DELIVERED", "occurred_at": _at(minutes=1)}
    eventually(
        lambda: _tell(world, number, {"code": "XX", "occurred_at": _at(minutes=9)})[0] != "REJECTED unknown-number"
    )

    for by in ("rail", "globex"):
        theirs, nobodys = (
            world.clients[by].post("/v1/tracking-events", {"events": [{**scan, "tracking_number": n}]})
            for n in (number, "R 000")
        )
        assert str(theirs).replace(number, "") == str(nobodys).replace("R 000", "")
        assert theirs["rows"][0]["status"] == "REJECTED"
    assert refused(
        lambda: world.shop.post("/v1/tracking-events", {"events": [{**scan, "tracking_number": number}]})
    ).status in (401, 403)
    fulfillment = order["fulfillments"][0]["fulfillment_id"]
    for by in ("road", "rail"):
        assert refused(lambda by=by: world.clients[by].get(f"/v1/fulfillments/{fulfillment}/tracking")).status in (
            401,
            403,
        )  # type: ignore[misc]
    assert world.order(order)["quantities"] == {"SHIPPED": 2}
