"""The deployed books balance: journals rebuild from invoices and tenders, and their trial balance has each of them once."""

from collections import Counter
from datetime import UTC, datetime

from infra import names
from infra.stages import LOCAL
from ops import money_audit
from tests.system.retailer import WEB, line
from tests.system.world import DeployedWorld


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
