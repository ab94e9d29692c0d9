"""A provider's report is compared with what our orders moved: each row once, whatever file it stands in."""

from typing import Any

import pytest

from comanda.aws.dynamodb import keys
from comanda.aws.files import bucket
from comanda.aws.runtime.clients import client
from functions.inbox import handler as room
from functions.inbox.handler import handler
from tests.faults import Crash
from tests.functions.inbox.shipment_files import Snapshot, die_at
from tests.functions.inbox.test_stock_files import BUCKET, outcomes, receipt
from tests.functions.settlements.conftest import a_row, account, differences, put, report, send, totals
from tests.functions.world import World


def marks(world: World) -> list[str]:
    """The operations that the sweeper still looks for."""
    found = [row for row in world.tables()["Orders"] if str(row.get("gsi2pk", "")).startswith("W#unsettled-stripe")]
    return [row["purpose"] for row in found]


def test_a_charge_of_what_was_captured_matches(inbox: World, captured: Any) -> None:
    order_id, payment = captured()
    assert marks(inbox) == ["capture"]

    found = send(inbox, report(a_row(payment)))

    assert outcomes(found) == ["APPLIED"]
    assert account(inbox, payment)["status"] == "MATCHED"
    assert account(inbox, payment)["order_id"] == order_id
    assert totals(inbox) == [{"MATCHED_items": 1, "MATCHED_ours": 1000, "MATCHED_theirs": 1000, "fees": 30}]
    assert (marks(inbox), differences(inbox)) == ([], [])


def test_a_capture_of_less_than_was_authorised_matches_by_its_sum(inbox: World, captured: Any) -> None:
    _, payment = captured()
    reversal = {"reporting_category": "partial_capture_reversal", "fee": "0.00"}

    send(inbox, report(a_row(payment, "25.00"), a_row(payment, "-15.00", **reversal)))

    assert account(inbox, payment)["status"] == "MATCHED"


def test_a_category_is_known_in_capitals(inbox: World, captured: Any) -> None:
    _, payment = captured()

    send(inbox, report(a_row(payment, reporting_category="Charge")))

    assert account(inbox, payment)["status"] == "MATCHED"


def test_a_payment_of_no_order_is_extra(inbox: World) -> None:
    send(inbox, report(a_row("pi_unknown")))

    (item,) = differences(inbox)
    assert (item["name"], item["status"], item["charged"], item["ours"]) == ("pi_unknown", "EXTRA", 1000, 0)
    assert totals(inbox) == [{"EXTRA_items": 1, "EXTRA_theirs": 1000, "fees": 30}]


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ({"gross": "11.00"}, "AMOUNT_DIFFERS"),
        ({"currency": "eur"}, "CURRENCY_DIFFERS"),
        ({"gross": "9.00"}, "WAITING"),
    ],
)
def test_a_difference_asks_a_person(inbox: World, captured: Any, row: dict[str, str], status: str) -> None:
    _, payment = captured()

    send(inbox, report(a_row(payment, **row)))

    assert account(inbox, payment)["status"] == status
    assert len(differences(inbox)) == (status != "WAITING")


def test_a_chargeback_asks_a_person_until_it_is_won(inbox: World, captured: Any) -> None:
    _, payment = captured()
    send(inbox, report(a_row(payment), a_row(payment, "-10.00", "15.00", reporting_category="dispute")))
    assert [item["status"] for item in differences(inbox)] == ["DISPUTED"]

    send(inbox, report(a_row(payment, "10.00", "0.00", reporting_category="dispute_reversal")))

    assert differences(inbox) == []
    assert totals(inbox) == [{"MATCHED_items": 1, "MATCHED_ours": 1000, "MATCHED_theirs": 1000, "fees": 1530}]


def test_a_refund_that_nobody_asked_for_is_extra_and_fees_are_of_no_order(inbox: World, captured: Any) -> None:
    _, payment = captured()
    fee = a_row("", "-2.00", "0.00", reporting_category="fee")

    send(inbox, report(a_row(payment), a_row(payment, "-10.00", "0.00", reporting_category="refund"), fee))

    assert [item["status"] for item in differences(inbox)] == ["EXTRA"]
    assert totals(inbox)[0]["other"] == -200


def test_the_same_file_and_the_same_row_are_applied_once(inbox: World, captured: Any) -> None:
    _, payment = captured()
    rows = [a_row(payment), a_row("pi_unknown")]
    send(inbox, report(*rows))
    before = inbox.tables()["Orders"]

    again = send(inbox, report(*rows, rows[0], {**rows[0], "gross": "11.00", "net": "10.70"}))

    assert outcomes(again) == ["DUPLICATE applied-before"] * 3 + ["CONFLICT other-content"]
    assert inbox.tables()["Orders"] == before
    known = [row for row in before if row["pk"].startswith("ROW#stripe")]
    assert len(known) == len(rows)
    assert not any("ttl" in row for row in known)  # the sums are kept for ever, so a report of years ago adds nothing


def test_a_wrong_row_is_answered_with_its_fields_and_the_others_are_applied(inbox: World, captured: Any) -> None:
    _, payment = captured()
    wrong = [
        a_row(payment) | {"gross": "1,000.00"},
        a_row(payment, currency="dollars"),
        a_row(payment, created_utc="yesterday"),
        a_row(payment) | {"net": "1.00"},
        a_row(payment, balance_transaction_id=""),
    ]

    found = send(inbox, report(*wrong, a_row(payment)))

    assert outcomes(found) == [
        "REJECTED malformed",
        "REJECTED malformed",
        "REJECTED malformed",
        "REJECTED does-not-add-up",
        "REJECTED missing",
        "APPLIED",
    ]
    assert found[0]["reason"].startswith("gross: takes a decimal number")
    assert account(inbox, payment)["status"] == "MATCHED"


@pytest.mark.parametrize("content", ["", "balance_transaction_id\n1\n"], ids=["taken", "refused"])
def test_a_report_is_deleted_when_it_is_answered_and_its_event_may_come_again(inbox: World, content: str) -> None:
    event = put(inbox, content or report(a_row("pi_1")), "settlements")
    handler(event, None)
    answered, tables = receipt(event), inbox.tables()

    handler(event, None)

    left = client("s3").list_object_versions(Bucket=BUCKET, Prefix="inbox/finance/")
    assert not left.get("Versions")
    assert not left.get("DeleteMarkers")
    assert (receipt(event), inbox.tables()) == (answered, tables)


def test_a_report_that_was_answered_before_a_crash_is_deleted_by_its_next_event(
    inbox: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = put(inbox, report(a_row("pi_1")), "settlements")
    with monkeypatch.context() as crashed:
        crashed.setattr(bucket, "delete", lambda *_: None)
        handler(event, None)

    handler(event, None)

    assert not client("s3").list_object_versions(Bucket=BUCKET, Prefix="inbox/finance/").get("Versions")


def test_a_row_that_names_another_payment_than_before_is_no_repetition(inbox: World, captured: Any) -> None:
    _, payment = captured()
    row = a_row("", charge_id="ch_1")
    send(inbox, report(row))

    assert outcomes(send(inbox, report(row | {"payment_intent_id": payment}))) == ["CONFLICT other-content"]


def test_nothing_of_a_person_is_kept(inbox: World, captured: Any) -> None:
    _, payment = captured()

    found = send(inbox, report(a_row(payment)))

    assert "jane" not in str(inbox.tables()) + str(found)


def test_an_operation_of_before_there_were_providers_is_no_hindrance(inbox: World, captured: Any) -> None:
    order_id, payment = captured()
    old = {"purpose": "release", "number": 2, "state": "DONE", "amount": 1, "currency": "USD", "at": "2026-01-01"}
    inbox.aws.put("Orders", **keys.money(order_id, "release", 2), **old)

    send(inbox, report(a_row(payment)))

    assert account(inbox, payment)["status"] == "MATCHED"


@pytest.mark.parametrize(
    ("partner", "kind"), [("acme", "settlements"), ("finance", "statements"), ("house-bank", "settlements")]
)
def test_only_the_partner_of_a_provider_brings_its_reports(inbox: World, partner: str, kind: str) -> None:
    found = send(inbox, report(a_row("pi_1")), kind, partner)

    assert outcomes(found) == ["REFUSED not-of-partner"]


def test_a_row_costs_a_fraction_of_a_call(inbox: World) -> None:
    rows = [a_row(f"pi_{n}", automatic_payout_id="po_1") for n in range(200)]
    event = put(inbox, report(*rows), "settlements")

    with Crash() as counted:
        handler(event, None)

    assert outcomes(receipt(event)) == ["APPLIED"] * 200
    assert len(counted.calls) < 200 / 8
    assert counted.calls.count("TransactWriteItems") <= 200 / 20 + 3
    assert totals(inbox)[0]["EXTRA_items"] == 200
    assert account(inbox, "po_1", "bank")["summed"] == 200 * 970


def test_a_crash_at_any_call_applies_each_row_once(
    inbox: World, captured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "CHECKPOINT", 2)
    monkeypatch.setattr(bucket, "delete", lambda *_: None)  # the same version is taken again and again here
    _, payment = captured()
    refund = a_row(payment, "-1.00", "0.00", reporting_category="refund")
    paid_out = a_row(payment, automatic_payout_id="po_1", trace_id="4200107812")
    event = put(inbox, report(paid_out, a_row("pi_unknown"), refund, a_row("pi_other")), "settlements")
    before = Snapshot.take(inbox)  # type: ignore[arg-type]
    points = before.points(event)
    answered, after_all = receipt(event), Snapshot.take(inbox)  # type: ignore[arg-type]
    assert len(differences(inbox)) == 3
    assert len(points) > 15

    for n, after in points:
        before.restore()
        die_at(n, event, after=after)

        handler(event, None)

        assert receipt(event) == answered, f"call {n}, after={after}"
        assert Snapshot.take(inbox) == after_all, f"call {n}, after={after}"  # type: ignore[arg-type]


def test_a_line_of_a_day_that_is_not_yet_is_refused(inbox: World, captured: Any) -> None:
    _, payment = captured()

    row, _ = send(inbox, report(a_row(payment, created_utc="2061-01-01 00:00:00")))

    assert (row["status"], row["code"]) == ("REJECTED", "in-the-future")


def test_the_report_adds_up_to_what_the_files_rows_changed_without_payouts(inbox: World, captured: Any) -> None:
    _, payment = captured()
    rows = [
        a_row(payment),
        a_row(payment, "-4.00", "0.00", reporting_category="refund"),
        a_row("pi_other", "7.77", "0.52"),
        a_row("pi_disputed", "-9.99", "15.00", reporting_category="dispute"),
        a_row("", "3.00", "0.25", source_id="ch_another"),  # a charge of another account
        a_row("", "-1.25", "0.10", reporting_category="adjustment"),
        a_row("", "-2.00", "0.00", reporting_category="fee"),
    ]
    payout = a_row("", "-20.00", "0.00", reporting_category="payout", source_id="po_1TestPayout77")

    assert outcomes(send(inbox, report(*rows, payout, rows[2]))) == ["APPLIED"] * 8 + ["DUPLICATE applied-before"]

    (found,) = totals(inbox)
    theirs = sum(amount for name, amount in found.items() if name.endswith("_theirs"))
    assert theirs - found["fees"] + found["other"] == sum(round(float(row["net"]) * 100) for row in rows)
