"""The totals of days are the sums of the rows, whatever was reported, linked and answered; the audit names those that are not."""

import pytest

from comanda.aws.dynamodb import keys
from comanda.aws.runtime.clients import client
from ops import money_audit, settlement_audit
from tests.domain.reconciliation.statements import a_statement, an_entry
from tests.functions.settlements.conftest import a_row, differences, report, send
from tests.functions.settlements.test_reconcile_queue import answer
from tests.functions.settlements.test_statement_files import TRACE
from tests.functions.world import World

PAYOUT = {"automatic_payout_id": "po_1TestPayout77", "currency": "eur"}


def audited(world: World) -> list[str]:
    found = settlement_audit.of_rows(world.aws.items("Orders"))
    assert money_audit.of_table(client("dynamodb"), "Orders")[1] == found
    return found


def linked_late(world: World) -> str:
    """Have a payout and its credit reported apart, and linked then. Return the item of the queue that the credit was."""
    send(world, report(a_row("pi_0", "10.00", "0.60", **PAYOUT)))
    send(world, a_statement(an_entry("18.80", reference=TRACE)), "statements")
    (credit,) = [row["name"] for row in differences(world) if row["provider"] == "bank"]
    send(world, report(a_row("pi_1", "10.00", "0.60", trace_id=TRACE, **PAYOUT)))
    return f"bank~{credit}"


def test_totals_are_the_sums_of_what_was_reported_linked_and_answered(inbox: World) -> None:
    linked_late(inbox)
    send(inbox, report(a_row("pi_2"), a_row("pi_3", "5.00")))
    answer(inbox, "stripe~pi_2")

    assert audited(inbox) == []


def test_fees_and_money_of_no_order_are_the_sums_of_the_lines_in_the_currency_of_the_account(inbox: World) -> None:
    converted = a_row("pi_4", "8.00", customer_facing_amount="10.00", customer_facing_currency="eur")
    fee = a_row("", "-3.00", "0.00", reporting_category="fee")
    send(inbox, report(a_row("pi_2"), converted, fee))
    send(inbox, a_statement(an_entry("12.00", indicator="DBIT"), an_entry("7.00", bank="BNK-2")), "statements")

    (totals,) = inbox.aws.items("Orders", **keys.settlement_totals("stripe", "2026-11-20", "USD"))
    assert (totals["fees"], totals["other"]) == (60, -300)
    assert audited(inbox) == []


@pytest.mark.parametrize(
    ("name", "sums"),
    [
        ("EXTRA_theirs", "EXTRA is [1, 0, 1001] by its totals, [1, 0, 1000] by its rows (items, ours, theirs)"),
        ("fees", "fees is 31 by its totals, 30 by its lines"),
        ("other", "other is 1 by its totals, 0 by its lines"),
    ],
)
def test_totals_that_are_no_sums_are_named(inbox: World, name: str, sums: str) -> None:
    send(inbox, report(a_row("pi_2")))
    key = keys.settlement_totals("stripe", "2026-11-20", "USD")
    client("dynamodb").update_item(
        TableName="Orders",
        Key={name: {"S": value} for name, value in key.items()},
        UpdateExpression="ADD #name :more",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":more": {"N": "1"}},
    )

    assert audited(inbox) == [f"RCT#stripe#2026-11 2026-11-20#USD: {sums}"]


def test_lines_from_before_they_had_the_currency_of_their_fees_are_not_judged(inbox: World) -> None:
    send(inbox, report(a_row("pi_4", "8.00", customer_facing_amount="10.00", customer_facing_currency="eur")))
    (line,) = [row for row in inbox.aws.items("Orders") if row["pk"].startswith(keys.REPORTED_LINES)]
    del line["net_currency"]
    inbox.aws.put("Orders", **line)

    assert audited(inbox) == []


def test_the_item_of_a_credit_that_was_linked_is_answered_no_more(inbox: World) -> None:
    item = linked_late(inbox)

    reply = answer(inbox, item)

    assert reply.status == 404
    assert audited(inbox) == []
