"""The reports of money that `make seed` brings are taken: their charge waits for a person, and their payout matches."""

from comanda.aws.directory import directory
from local.retailer import money_reports
from tests.functions.settlements.conftest import account, differences, send
from tests.functions.world import World
from tests.invariants import broken


def test_the_seeded_reports_are_taken_once_in_any_order(inbox: World) -> None:
    for name, document in money_reports.PARTNERS.items():
        inbox.entry(directory.PARTNER, name, document)
    directory.forget()

    files = list(money_reports.files("2026-11-19").items())
    found = []
    for key, content in (*files, *reversed(files)):
        _, partner, kind, _ = key.split("/")
        found += [row["status"] for row in send(inbox, content, kind, partner) if "status" in row]

    assert found == ["APPLIED", "APPLIED", "DUPLICATE", "DUPLICATE"]

    assert account(inbox, "pi_1SeedCharge0001")["status"] == "EXTRA"
    payout = account(inbox, "po_1SeedPayout0001", "bank")
    assert (payout["status"], payout["charged"], payout["summed"]) == ("MATCHED", 1_940, 1_940)
    assert [item["name"] for item in differences(inbox)] == ["pi_1SeedCharge0001"]
    assert broken(inbox.tables()) == []
