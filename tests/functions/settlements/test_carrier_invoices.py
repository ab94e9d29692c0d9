"""A carrier's bill is kept beside its parcel, once; one that differs from its label asks a person."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.runtime.clients import client
from functions.inbox import handler as room
from functions.inbox.handler import handler
from tests.faults import Crash
from tests.functions.inbox.shipment_files import Snapshot, die_at
from tests.functions.inbox.test_stock_files import BUCKET, as_csv, outcomes, receipt
from tests.functions.settlements import conftest as settlements
from tests.functions.tracking.test_tracking import NUMBER, shipped
from tests.functions.world import World, usd

type Row = dict[str, Any]
QUEUE = "/v1/queues/shipping-costs"


@pytest.fixture
def freight(world: World) -> World:
    """Give the partner `finance` the invoices of carriers, and UPS the limits of 10 percent and 1.00."""
    client("s3").create_bucket(Bucket=BUCKET)
    client("s3").put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    world.entry(directory.PARTNER, "finance", {"name": "Finance", "nodes": [], "carrier_invoices": True})
    world.entry(directory.PARTNER, "acme", {"name": "Acme", "nodes": ["vendor-1"]})
    world.entry(directory.CARRIER, "ups", {"name": "United Parcel", "bill_limits": {"percent": 10, "amount": 100}})
    return world


def put(world: World, *rows: Row, partner: str = "finance") -> Row:
    return settlements.put(world, as_csv(*rows), "carrier-invoices", partner)


def send(world: World, *rows: Row, partner: str = "finance") -> list[Row]:
    event = put(world, *rows, partner=partner)
    handler(event, None)
    return receipt(event)


def a_bill(amount: str = "7.35", **more: Any) -> Row:
    row = {"tracking_number": NUMBER, "carrier": "UPS", "invoice_id": "INV-1", "amount": amount, "currency": "usd"}
    return row | {"billed_on": "2026-11-20", "weight_g": "900", "service": "Ground"} | more


def sent(world: World, label: int = 735) -> str:
    """Return the id of an order that has left in a parcel whose label cost so much."""
    package = {"package_id": "P1", "carrier": "UPS", "tracking_number": NUMBER, "weight_g": 800}
    return shipped(world, package | ({"label_cost": usd(label)} if label else {}))


def bills(world: World) -> list[Row]:
    return [row for row in world.tables()["Orders"] if row["sk"].startswith("BC#")]


def waiting(world: World) -> list[Row]:
    found: list[Row] = world.call("GET", QUEUE, who="office").body["items"]
    return found


def test_a_bill_is_kept_beside_its_estimate(freight: World) -> None:
    order_id = sent(freight)

    found = send(freight, a_bill("7.50", tracking_number="1z999-aa1"))

    assert outcomes(found) == ["APPLIED"]
    assert found[0]["fulfillment_id"] == f"ful_{order_id[4:]}-001"
    (row,) = bills(freight)
    assert (row["amount"], row["estimated"], row["status"], row["weight_g"]) == (750, 735, "WITHIN_LIMITS", 900)
    assert waiting(freight) == []


def test_a_bill_above_both_limits_asks_a_person_until_it_is_answered(freight: World) -> None:
    order_id = sent(freight)
    send(freight, a_bill("9.99"))

    (item,) = waiting(freight)
    assert (item["reason"], item["item_id"]) == ("shipping-cost-differs", f"ful_{order_id[4:]}-001~1Z999AA1")
    facts = {name: item["data"][name] for name in ("amount", "estimated", "weight_g", "weighed_g", "currency")}
    assert facts == {"amount": "999", "estimated": "735", "weight_g": "900", "weighed_g": "800", "currency": "USD"}

    path = f"{QUEUE}/items/{item['item_id']}/resolve"
    assert freight.call("POST", path, {"answer": "done"}, who="office").status == 200
    assert freight.call("POST", path, {"answer": "done"}, who="office").status == 404
    assert (waiting(freight), bills(freight)[0]["status"]) == ([], "ANSWERED")


def test_without_a_label_cost_nobody_is_asked(freight: World) -> None:
    sent(freight, label=0)

    send(freight, a_bill("99.00"))

    assert (waiting(freight), bills(freight)[0]["status"]) == ([], "NO_ESTIMATE")


def test_each_row_that_is_not_kept_says_why(freight: World) -> None:
    sent(freight)
    rows = [
        a_bill("7.35"),
        a_bill("7.35"),
        a_bill("8.00", invoice_id="INV-2"),
        a_bill(tracking_number="1ZNOBODY"),
        a_bill(carrier="Northway"),
        a_bill(billed_on="2026-10-01"),
        a_bill("7,350.00"),
        a_bill("7,350"),
        a_bill("-1.00"),
        a_bill(currency="eur", tracking_number=NUMBER),
    ]

    found = send(freight, *rows)

    assert outcomes(found) == [
        "APPLIED",
        "DUPLICATE applied-before",
        "CONFLICT billed-before",
        "REJECTED unknown-number",
        "REJECTED unknown-number",
        "REJECTED unknown-number",
        "REJECTED malformed",
        "REJECTED malformed",
        "REJECTED out-of-range",
        "REJECTED mixed-currencies",
    ]
    assert len(bills(freight)) == 1
    assert outcomes(send(freight, rows[0])) == ["DUPLICATE applied-before"]


def test_a_parcel_of_two_orders_is_not_guessed(freight: World) -> None:
    sent(freight)
    sent(freight)

    assert outcomes(send(freight, a_bill())) == ["REJECTED several-parcels"]


def test_only_a_partner_that_brings_them_may(freight: World) -> None:
    assert outcomes(send(freight, a_bill(), partner="acme")) == ["REFUSED not-of-partner"]


def test_a_crash_at_any_call_keeps_each_bill_once(freight: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "CHECKPOINT", 2)
    sent(freight)
    event = put(freight, a_bill("9.99"), a_bill(tracking_number="1ZNOBODY"), a_bill("9.99"))
    before = Snapshot.take(freight)  # type: ignore[arg-type]
    points = before.points(event)
    answered, after_all = receipt(event), Snapshot.take(freight)  # type: ignore[arg-type]

    for n, after in points:
        before.restore()
        die_at(n, event, after=after)

        handler(event, None)

        assert receipt(event) == answered, f"call {n}, after={after}"
        assert Snapshot.take(freight) == after_all, f"call {n}, after={after}"  # type: ignore[arg-type]


def test_a_row_costs_little_more_than_the_search_for_its_number(freight: World) -> None:
    event = put(freight, *(a_bill(tracking_number=f"1Z{n:06d}") for n in range(100)))

    with Crash() as counted:
        handler(event, None)

    assert counted.calls.count("Query") <= 100 + 2
    assert len(counted.calls) <= 100 + 15


def test_a_bill_of_a_day_that_is_not_yet_is_refused(freight: World) -> None:
    sent(freight)

    row, _ = send(freight, a_bill(billed_on="2061-01-01"))

    assert (row["status"], row["code"]) == ("REJECTED", "in-the-future")
    assert bills(freight) == []
