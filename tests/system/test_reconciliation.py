"""The finance department's files reach the deployed room inbox, and are compared with money and parcels of orders."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from infra import names
from local import deploy
from tests.domain.reconciliation.statements import a_statement, an_entry
from tests.system.retailer import FINANCE, HOUSE_BANK, line, usd
from tests.system.test_payments import authorized, named, provider, shipped, state
from tests.system.world import WORK, DeployedWorld, Json, eventually

__all__ = ["provider"]

COLUMNS = (
    "balance_transaction_id",
    "created_utc",
    "currency",
    "gross",
    "fee",
    "net",
    "reporting_category",
    "payment_intent_id",
    "automatic_payout_id",
    "source_id",
)
BILL = "tracking_number,carrier,invoice_id,amount,currency,billed_on"


def named_now(kind: str) -> str:
    return f"{kind}_{uuid4().hex[:16]}"


def report(*rows: dict[str, str]) -> str:
    """Return a report of Stripe: a charge of 10.00 with a fee of 0.59 in each row, where it says nothing else."""
    usual = {"currency": "usd", "gross": "10.00", "fee": "0.59", "net": "9.41", "reporting_category": "charge"}
    whole = [usual | {"balance_transaction_id": named_now("txn")} | row for row in rows]
    return "\n".join([",".join(COLUMNS), *(",".join(row.get(name, "") for name in COLUMNS) for row in whole)]) + "\n"


def drop(world: DeployedWorld, partner: str, content: str, kind: str) -> list[Json]:
    """Put a file, and return the lines of its receipt once the file itself is deleted: it names people."""
    receipt = world.drop(partner, "today", content, kind)
    at = {"Bucket": world.deployed[names.FILES], "Prefix": f"inbox/{partner}/{kind}/today"}
    eventually(lambda: not world.aws("s3").list_object_versions(**at).get("Versions"), "the file is deleted")
    return receipt


def waiting(world: DeployedWorld) -> dict[str, Json]:
    """Return the items of the queue `reconcile` by their payments, payouts and entries."""
    return {item["data"]["payment"]: item for item in world.office.pages("/v1/queues/reconcile", limit=100)}


def reasons(world: DeployedWorld) -> dict[str, str]:
    return {name: item["reason"] for name, item in waiting(world).items()}


def statuses(world: DeployedWorld, reporter: str, *days: datetime) -> set[str]:
    """Return the statuses that the reports of these days' months have on them."""
    found = set()
    for month in {f"{day:%Y-%m}" for day in days}:
        shown = world.office.get("/v1/books/reconciliation", provider=reporter, month=month)["days"]
        of_days = (one for one in shown if one["day"] in {f"{day:%Y-%m-%d}" for day in days})
        found |= {one["status"] for day in of_days for one in day["statuses"]}
    return found


def test_a_report_and_a_statement_end_as_matched_missing_extra_and_different(world: DeployedWorld, provider: Any):
    name = named()
    intent = authorized(provider, name)
    order = shipped(world, intent, name)
    eventually(lambda: state(world, order, "capture", 1) == "DONE", "the capture")
    today = datetime.now(UTC)
    long_ago = today - timedelta(days=3)
    now, then = f"{today:%Y-%m-%d} 00:00:00", f"{long_ago:%Y-%m-%d} 09:00:00"
    stranger, whole, short, unseen = named_now("pi"), named_now("po"), named_now("po"), named_now("po")
    sent = {"reporting_category": "payout", "gross": "-50.00", "fee": "0.00", "net": "-50.00", "source_id": unseen}
    rows = [
        {"created_utc": now, "payment_intent_id": intent, "automatic_payout_id": whole},
        {"created_utc": now, "payment_intent_id": stranger, "automatic_payout_id": short},
        {"created_utc": then, **sent},
    ]
    entries = [
        an_entry("9.41", currency="USD", day=f"{today:%Y-%m-%d}", bank=named_now("BNK"), text=f"STRIPE {whole}"),
        an_entry("9.00", currency="USD", day=f"{today:%Y-%m-%d}", bank=named_now("BNK"), text=f"STRIPE {short}"),
        an_entry("3.00", currency="USD", day=f"{today:%Y-%m-%d}", bank=named_now("BNK"), text="RENT"),
    ]

    reported = drop(world, FINANCE, report(*rows), "settlements")
    stated = drop(world, HOUSE_BANK, a_statement(*entries).decode(), "statements")

    assert [row["status"] for row in (*reported[:-1], *stated[:-1])] == ["APPLIED"] * 6
    found = reasons(world)
    assert {intent, whole, unseen}.isdisjoint(found)
    assert (found[stranger], found[short]) == ("settlement-extra", "settlement-amount-differs")
    (rent,) = (one for one in waiting(world).values() if one["data"].get("reported") == "300")
    assert (rent["data"]["provider"], rent["reason"]) == ("bank", "settlement-extra")

    more = {"created_utc": now, "payment_intent_id": intent, "gross": "1.00", "fee": "0.00", "net": "1.00"}
    drop(world, FINANCE, report(more), "settlements")
    deploy.sweep(world.instance, everything=False)

    found = reasons(world)
    assert (found[intent], found[unseen]) == ("settlement-amount-differs", "settlement-missing")
    assert waiting(world)[intent]["data"]["order_id"] == order["order_id"]
    assert statuses(world, "bank", today, long_ago) >= {"MATCHED", "MISSING", "EXTRA", "AMOUNT_DIFFERS"}
    items = [waiting(world)[one]["item_id"] for one in (intent, stranger, short, unseen, rent["data"]["payment"])]
    answered = world.office.post("/v1/queues/reconcile/resolve", {"items": items, "answer": "done"})
    assert [row["status"] for row in answered["rows"]] == ["done"] * len(items)
    assert set(items).isdisjoint(item["item_id"] for item in waiting(world).values())
    assert statuses(world, "stripe", today) >= {"RESOLVED"}
    world.closed(order)


def test_a_carriers_bill_finds_its_parcels_and_asks_about_one_that_differs(world: DeployedWorld):
    order = world.routed(world.place_order(line(world.sku(dc_east=2), 2)))
    (fulfillment,) = (one["fulfillment_id"] for one in order["fulfillments"])
    known = [f"BILL{uuid4().hex[:10].upper()}" for _ in range(2)]
    world.work(fulfillment, *WORK)
    packages = [
        {"package_id": one, "carrier": "Road", "tracking_number": one, "label_cost": usd(735)}
        | {"contents": [{"line_id": "1", "quantity": 1}]}
        for one in known
    ]
    world.clients["admin"].post(f"/v1/fulfillments/{fulfillment}/ship", {"packages": packages})
    day, unknown = f"{datetime.now(UTC):%Y-%m-%d}", f"BILL{uuid4().hex[:10].upper()}"
    bills = [
        f"{one},Road,INV-1,{cost},USD,{day}"
        for one, cost in zip((*known, unknown), ("7.40", "9.99", "5.00"), strict=True)
    ]

    def kept() -> Any:
        receipt = world.drop(FINANCE, "road.csv", "\n".join([BILL, *bills]) + "\n", "carrier-invoices")
        return receipt if "REJECTED" not in {row["status"] for row in receipt[:2]} else None

    receipt = eventually(kept, "the parcels' numbers in the index")

    assert [row.get("fulfillment_id") for row in receipt[:2]] == [fulfillment] * 2
    assert (receipt[2]["status"], receipt[2]["code"]) == ("REJECTED", "unknown-number")
    found = world.office.pages("/v1/queues/shipping-costs", limit=100)
    (item,) = (one for one in found if one["data"]["tracking_number"] in known)
    assert (item["item_id"], item["data"]["amount"], item["data"]["estimated"]) == (
        f"{fulfillment}~{known[1]}",
        "999",
        "735",
    )
    world.office.post(f"/v1/queues/shipping-costs/items/{item['item_id']}/resolve", {"answer": "done"})
    world.closed(order)
