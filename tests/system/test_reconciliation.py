"""The finance department's files reach the deployed room inbox, and are compared with money and parcels of orders."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from infra import names
from tests.system.retailer import FINANCE, line
from tests.system.test_payments import authorized, named, provider, shipped, state
from tests.system.world import DeployedWorld, eventually

__all__ = ["provider"]

HEADER = "balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,payment_intent_id"


def test_a_report_matches_a_capture_and_asks_about_a_payment_of_no_order(world: DeployedWorld, provider: Any):
    name = named()
    intent = authorized(provider, name)
    order = shipped(world, intent, name)
    eventually(lambda: state(world, order, "capture", 1) == "DONE", "the capture")
    month, stranger = f"{datetime.now(UTC):%Y-%m}", f"pi_{uuid4().hex[:16]}"
    rows = [
        f"txn_{uuid4().hex[:16]},{month}-01 09:00:00,usd,10.00,0.59,9.41,charge,{one}" for one in (intent, stranger)
    ]

    receipt = world.drop(FINANCE, "report.csv", "\n".join([HEADER, *rows]) + "\n", "settlements")

    assert [row["status"] for row in receipt[:-1]] == ["APPLIED", "APPLIED"]
    files = world.deployed[names.FILES]
    at = {"Bucket": files, "Prefix": f"inbox/{FINANCE}/settlements/report.csv"}
    eventually(lambda: not world.aws("s3").list_object_versions(**at).get("Versions"), "the file is deleted")
    found = world.office.pages("/v1/queues/reconcile")
    named_here = {item["data"]["payment"]: item for item in found}
    assert intent not in named_here
    item = named_here[stranger]
    assert item["reason"] == "settlement-extra"
    world.office.post(f"/v1/queues/reconcile/items/{item['item_id']}/resolve", {"answer": "done"})
    days = world.office.get("/v1/books/reconciliation", provider="stripe", month=month)["days"]
    statuses = {one["status"] for day in days for one in day["statuses"]}
    assert {"MATCHED", "RESOLVED"} <= statuses


def test_a_bill_of_a_carrier_finds_its_parcel(world: DeployedWorld):
    order = world.routed(world.place_order(line(world.sku(dc_east=1))))
    (fulfillment,) = order["fulfillments"]
    world.ship(fulfillment["fulfillment_id"])
    number = f"1Z{fulfillment['fulfillment_id'][-12:-4]}"
    bill = f"{number},UPS,INV-1,7.35,USD,{datetime.now(UTC):%Y-%m-%d}"

    def kept() -> Any:
        head = "tracking_number,carrier,invoice_id,amount,currency,billed_on"
        receipt = world.drop(FINANCE, "ups.csv", f"{head}\n{bill}\n", "carrier-invoices")
        return receipt if receipt[0]["status"] in ("APPLIED", "DUPLICATE") else None

    receipt = eventually(kept, "the parcel's number in the index")
    assert receipt[0]["fulfillment_id"] == fulfillment["fulfillment_id"]
