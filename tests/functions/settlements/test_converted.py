"""A payment whose currency a provider converts, and a payout that a bank converts, are compared in the currency they were moved in."""

from typing import Any

import pytest

from comanda.aws.files import bucket
from functions.inbox import handler as room
from functions.inbox.handler import handler
from tests.domain.reconciliation.statements import a_statement, an_entry
from tests.functions.inbox.shipment_files import Snapshot, die_at
from tests.functions.inbox.test_stock_files import receipt
from tests.functions.settlements.conftest import a_row, account, differences, put, report, send, totals
from tests.functions.settlements.test_audit_of_totals import audited
from tests.functions.settlements.test_statement_files import paid_out
from tests.functions.world import World

SENT = "<InstdAmt><Amt Ccy='EUR'>9.40</Amt></InstdAmt>"
TRANSACTION = """<TxAmt><Amt Ccy='EUR'>9.40</Amt>
  <CcyXchg><SrcCcy>EUR</SrcCcy><TrgtCcy>BRL</TrgtCcy><XchgRate>6.2</XchgRate></CcyXchg></TxAmt>"""


def in_reais(payment: str, dollars: str, gross: str, **more: Any) -> dict[str, Any]:
    """A row of an account in reais about a payment in dollars. The customer's amount stands where Stripe tells it."""
    facing = {"customer_facing_amount": dollars, "customer_facing_currency": "usd" if dollars else ""}
    return a_row(payment, gross, "0.30", currency="brl", **(facing | more))


def test_a_part_of_a_converted_payment_that_was_not_captured_is_no_difference(inbox: World, captured: Any) -> None:
    _, payment = captured()
    reversal = in_reais(payment, "", "-80.64", reporting_category="partial_capture_reversal")

    send(inbox, report(reversal, in_reais(payment, "25.00", "134.40")))

    assert account(inbox, payment)["status"] == "MATCHED"
    assert totals(inbox) == [
        {"converted": 5376, "fees": 60},
        {"MATCHED_items": 1, "MATCHED_ours": 1000, "MATCHED_theirs": 1000},
    ]
    assert (differences(inbox), audited(inbox)) == ([], [])


def test_a_dispute_of_a_converted_payment_is_one(inbox: World, captured: Any) -> None:
    _, payment = captured()
    send(inbox, report(in_reais(payment, "10.00", "53.76")))

    send(inbox, report(in_reais(payment, "", "-53.76", reporting_category="dispute")))

    (item,) = differences(inbox)
    assert (item["status"], item["currency"]) == ("DISPUTED", "USD")
    (shown,) = inbox.call("GET", "/v1/queues/reconcile", who="office").body["items"]
    assert (shown["data"]["disputed"], shown["data"]["charged"]) == ("1000", "1000")
    assert shown["data"]["converted_currency"] == "BRL"
    assert "converted" not in shown["data"]  # what was charged and disputed is 0 on the account
    assert audited(inbox) == []


def test_a_report_of_all_currencies_adds_up_to_what_its_rows_changed(inbox: World, captured: Any) -> None:
    _, payment = captured()
    rows = [
        in_reais(payment, "", "-80.64", reporting_category="partial_capture_reversal"),
        in_reais(payment, "25.00", "134.40"),
        in_reais(payment, "1.00", "-5.40", reporting_category="refund"),
        a_row("pi_other", "8.00", "0.50", currency="brl"),
        a_row("", "-3.00", "0.00", currency="brl", reporting_category="fee"),
    ]

    for row in rows:
        send(inbox, report(row))

    month = {"provider": "stripe", "month": "2026-11"}
    days = inbox.call("GET", "/v1/books/reconciliation", query=month, who="office").body["days"]
    (reais,) = (day for day in days if day["fees"]["currency"] == "BRL")
    theirs = sum(one["theirs"]["amount"] for one in reais["statuses"])
    sums = {name: reais[name]["amount"] for name in ("fees", "other", "converted")}
    assert theirs - sums["fees"] + sums["other"] + sums["converted"] == sum(
        round(float(row["net"]) * 100) for row in rows
    )
    assert audited(inbox) == []


@pytest.mark.parametrize("details", [SENT, TRANSACTION])
@pytest.mark.parametrize("bank_first", [True, False])
def test_a_payout_that_the_bank_converts_is_what_its_sender_sent(inbox: World, details: str, bank_first: bool) -> None:
    part = f"""<TxDtls><Refs><EndToEndId>4200107812</EndToEndId></Refs><AmtDtls>{details}</AmtDtls></TxDtls>"""
    statement = a_statement(an_entry("58.28", currency="BRL", parts=[part]))
    files = [(statement, "statements"), (paid_out("10.00"), "settlements")]

    for content, kind in files if bank_first else files[::-1]:
        send(inbox, content, kind)

    assert {row["status"] for row in differences(inbox) if row["provider"] == "bank"} == set()
    assert totals(inbox, "bank") == [
        {"converted": 5828},
        {"MATCHED_items": 1, "MATCHED_ours": 940, "MATCHED_theirs": 940},
    ]
    assert audited(inbox) == []


def test_a_payout_in_the_bank_s_currency_is_what_the_bank_booked(inbox: World) -> None:
    dollars = "<AmtDtls><InstdAmt><Amt Ccy='USD'>10.90</Amt></InstdAmt></AmtDtls>"
    part = f"<TxDtls><Refs><EndToEndId>4200107812</EndToEndId></Refs>{dollars}</TxDtls>"
    send(inbox, paid_out("10.00"))

    send(inbox, a_statement(an_entry("9.40", parts=[part])), "statements")

    assert account(inbox, "po_1TestPayout77", "bank")["status"] == "MATCHED"


@pytest.mark.parametrize("amount", ["ten", "0.00", "-9.40"])
def test_what_was_sent_and_cannot_be_read_leaves_the_entry_as_it_is(inbox: World, amount: str) -> None:
    send(inbox, paid_out("10.00"))
    details = f"<AmtDtls><InstdAmt><Amt Ccy='EUR'>{amount}</Amt></InstdAmt></AmtDtls>"
    part = f"<TxDtls><Refs><EndToEndId>4200107812</EndToEndId></Refs>{details}</TxDtls>"

    send(inbox, a_statement(an_entry("58.28", currency="BRL", parts=[part])), "statements")

    assert account(inbox, "po_1TestPayout77", "bank")["status"] == "CURRENCY_DIFFERS"


def test_a_statement_that_is_cut_at_any_call_goes_on_and_counts_each_entry_once(
    inbox: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "CHECKPOINT", 2)
    monkeypatch.setattr(bucket, "delete", lambda *_: None)  # the same version is taken again and again here
    send(inbox, paid_out("10.00"))
    part = f"<TxDtls><Refs><EndToEndId>4200107812</EndToEndId></Refs><AmtDtls>{SENT}</AmtDtls></TxDtls>"
    entries = [
        an_entry("58.28", currency="BRL", parts=[part]),
        an_entry("7.00", bank="BNK-0002", text="rent"),
        an_entry("3.00", bank="BNK-0003", indicator="DBIT"),
        an_entry("1.00", bank="BNK-0004", reference="4200107812"),
        an_entry("1.00", bank="BNK-0004", reference="4200107812"),
    ]
    event = put(inbox, a_statement(*entries), "statements")
    before = Snapshot.take(inbox)  # type: ignore[arg-type]
    points = before.points(event)
    answered, after_all = receipt(event), Snapshot.take(inbox)  # type: ignore[arg-type]
    assert account(inbox, "po_1TestPayout77", "bank")["charged"] == 940 + 200
    assert audited(inbox) == []
    assert len(points) > 15

    for n, after in points:
        before.restore()
        die_at(n, event, after=after)

        handler(event, None)

        assert receipt(event) == answered, f"call {n}, after={after}"
        assert Snapshot.take(inbox) == after_all, f"call {n}, after={after}"  # type: ignore[arg-type]


def test_a_report_of_a_converted_payment_that_is_cut_at_any_call_counts_each_row_once(
    inbox: World, captured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "CHECKPOINT", 1)
    monkeypatch.setattr(bucket, "delete", lambda *_: None)
    _, payment = captured()
    reversal = in_reais(payment, "", "-80.64", reporting_category="partial_capture_reversal")
    event = put(inbox, report(reversal, in_reais(payment, "25.00", "134.40")), "settlements")
    before = Snapshot.take(inbox)  # type: ignore[arg-type]
    points = before.points(event)
    after_all = Snapshot.take(inbox)  # type: ignore[arg-type]
    assert audited(inbox) == []

    for n, after in points:
        before.restore()
        die_at(n, event, after=after)

        handler(event, None)

        assert Snapshot.take(inbox) == after_all, f"call {n}, after={after}"  # type: ignore[arg-type]
