"""The deployed books balance: journals rebuild from invoices and tenders, and their trial balance has each of them once."""

import csv
import io
from collections import Counter
from datetime import UTC, datetime

from infra import names
from infra.stages import LOCAL
from ops import money_audit
from tests.system.retailer import WEB, line
from tests.system.world import DeployedWorld

OF_TODAY = f"legal_entity=tea-co&day={datetime.now(UTC):%Y-%m-%d}"


def test_the_audit_rebuilds_the_accounts_of_every_order(world: DeployedWorld):
    world.routed(world.place_order(line(world.sku(dc_east=2))))

    orders, differs = money_audit.of_table(world.aws("dynamodb"), world.deployed[names.ORDERS])

    assert orders > 0
    assert differs == []


def test_a_trial_balance_has_every_journal_until_its_time_once(world: DeployedWorld):
    world.routed(world.place_order(line(world.sku(dc_east=2))))
    folded = world.aws("lambda").invoke(FunctionName=names.function(LOCAL, "tally"), Payload=b"{}")
    assert "FunctionError" not in folded
    today = datetime.now(UTC).date().isoformat()

    found = world.office.get("/v1/books/trial-balance", channel=WEB, day=today)

    moved: Counter[tuple[str, str]] = Counter()
    for row in world.snapshot().orders:
        if row["sk"].startswith("J#") and row["channel"] == WEB and today <= row["at"] <= found["as_of"]:
            for account, amount in row["entries"].items():
                moved[row["currency"], account] += amount
    sums = {
        (one["currency"], account["account"]): account["debit"]["amount"] - account["credit"]["amount"]
        for one in found["currencies"]
        for account in one["accounts"]
    }
    assert {name: amount for name, amount in sums.items() if amount} == {n: a for n, a in moved.items() if a}
    assert all(one["debit"] == one["credit"] for one in found["currencies"])


def test_a_legal_entity_has_its_documents_and_taxes_of_a_day(world: DeployedWorld):
    order = world.routed(world.place_order(line(world.sku(dc_east=2), tax=83)))
    (fulfillment,) = order["fulfillments"]
    world.ship(fulfillment["fulfillment_id"])
    (invoice,) = world.numbered(world.invoiced(order))

    documents, taxes = (
        list(csv.DictReader(io.StringIO(world.office.send("GET", f"/v1/books/{name}?{OF_TODAY}").text)))
        for name in ("documents-file", "taxes-file")
    )

    (listed,) = (one for one in documents if one["order_id"] == order["order_id"])
    assert (listed["number"], listed["tax"], listed["country"]) == (invoice["number"], "0.83", "US")
    of_rate = [one for one in taxes if (one["country"], one["tax_rate"]) == ("US", "0.0825")]
    assert sum(float(one["invoiced_tax"]) for one in of_rate) >= 0.83
    world.closed(order)
