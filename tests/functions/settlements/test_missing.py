"""A person is asked about what we moved and no report has after a week; what is reported or too old is not asked about."""

from typing import Any

import pytest

from comanda.aws.books import missing_settlements
from comanda.aws.directory import directory, money_reports
from comanda.aws.runtime.clients import client
from tests.functions.settlements.conftest import a_row, account, differences, report, send, totals
from tests.functions.settlements.test_settlement_files import marks
from tests.functions.world import World

DAY = 24 * 3600


def sweep_after(world: World, days: int) -> None:
    world.pass_time(days * DAY)
    directory.forget()
    world.sweep()


def test_a_capture_is_missing_after_a_week(inbox: World, captured: Any) -> None:
    order_id, payment = captured()
    sweep_after(inbox, 6)
    assert differences(inbox) == []

    sweep_after(inbox, 2)

    (item,) = differences(inbox)
    assert (item["name"], item["status"], item["ours"], item["order_id"]) == (payment, "MISSING", 1000, order_id)
    assert totals(inbox) == [{"MISSING_items": 1, "MISSING_ours": 1000}]
    assert marks(inbox) == []


def test_a_late_report_ends_the_question(inbox: World, captured: Any) -> None:
    _, payment = captured()
    sweep_after(inbox, 8)

    send(inbox, report(a_row(payment)))

    assert differences(inbox) == []
    moved, fees = sorted(totals(inbox), key=len, reverse=True)
    assert moved == {"MATCHED_items": 1, "MATCHED_ours": 1000, "MATCHED_theirs": 1000}
    assert fees == {"fees": 30}  # on the day of the report


def test_a_part_of_a_report_leaves_the_question(inbox: World, captured: Any) -> None:
    _, payment = captured()
    sweep_after(inbox, 8)

    send(inbox, report(a_row(payment, "4.00")))

    assert [item["status"] for item in differences(inbox)] == ["AMOUNT_DIFFERS"]


def test_less_than_was_captured_is_asked_about_after_a_week(inbox: World, captured: Any) -> None:
    _, payment = captured()
    send(inbox, report(a_row(payment, "4.00")))
    assert account(inbox, payment)["status"] == "WAITING"

    sweep_after(inbox, 8)

    assert [item["status"] for item in differences(inbox)] == ["AMOUNT_DIFFERS"]
    assert {name for name in totals(inbox)[0] if name.endswith("_items")} == {"AMOUNT_DIFFERS_items"}


def test_nothing_is_missing_of_a_provider_whose_reports_nobody_brings_or_from_before(
    inbox: World, captured: Any
) -> None:
    captured()
    tomorrow = {"provider": "stripe", "since": f"{inbox.now.year + 1}-01-01", "missing_after_days": 1}
    inbox.entry(directory.PARTNER, "finance", {"name": "finance", "nodes": [], "settlements": tomorrow})
    sweep_after(inbox, 20)

    assert differences(inbox) == []
    assert marks(inbox) == ["capture"]


def test_a_payout_that_the_bank_does_not_show_is_missing(inbox: World) -> None:
    send(inbox, report(a_row("pi_1", automatic_payout_id="po_1", trace_id="4200107812")))

    sweep_after(inbox, 8)
    sweep_after(inbox, 1)

    assert account(inbox, "po_1", "bank")["status"] == "MISSING"
    assert totals(inbox, "bank") == [{"MISSING_items": 1, "MISSING_ours": 970}]


def test_a_payment_that_no_row_leads_to_is_looked_at_again(inbox: World, captured: Any) -> None:
    _, payment = captured()
    key = {"pk": {"S": f"PAY#stripe#{payment}"}, "sk": {"S": "#"}}
    client("dynamodb").delete_item(TableName="Orders", Key=key)

    sweep_after(inbox, 8)

    assert (differences(inbox), marks(inbox)) == ([], ["capture"])


def test_what_a_file_settles_after_the_index_was_read_is_not_looked_at(
    inbox: World, captured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, payment = captured()
    due = missing_settlements._due

    def settled_meanwhile(*args: Any) -> Any:
        found = due(*args)
        if found:
            monkeypatch.setattr(missing_settlements, "_due", due)
            send(inbox, report(a_row(payment)))
            client("dynamodb").delete_item(
                TableName="Orders", Key={"pk": {"S": f"PAY#stripe#{payment}"}, "sk": {"S": "#"}}
            )
        return found

    monkeypatch.setattr(missing_settlements, "_due", settled_meanwhile)
    inbox.pass_time(8 * DAY)
    directory.forget()
    missing_settlements.find_missing(money_reports.brought(), inbox.now)

    assert account(inbox, payment)["status"] == "MATCHED"
    assert differences(inbox) == []
