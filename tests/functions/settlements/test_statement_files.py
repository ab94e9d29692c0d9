"""A bank's statement is compared with what providers paid out: each entry once, whatever statement it stands in."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from mockbank.server import Config, make_server

from comanda.aws.dynamodb import transaction
from comanda.domain.errors import Throttled
from functions.inbox.handler import handler
from tests.domain.reconciliation.statements import V02, a_statement, an_entry
from tests.functions.inbox.test_stock_files import outcomes
from tests.functions.settlements.conftest import a_row, account, differences, put, report, send, totals
from tests.functions.settlements.test_settlement_files import marks
from tests.functions.world import World

TRACE = "4200107812"


def paid_out(*gross: str) -> str:
    """A report of charges that one payout of 9.40 for each ten euros pays out."""
    facts = {"automatic_payout_id": "po_1TestPayout77", "trace_id": TRACE, "currency": "eur"}
    return report(*[a_row(f"pi_{n}", amount, "0.60", **facts) for n, amount in enumerate(gross)])


def test_a_credit_is_the_sum_of_what_was_paid_out(inbox: World) -> None:
    send(inbox, paid_out("10.00", "10.00"))
    found = send(inbox, a_statement(an_entry("18.80", reference=TRACE)), "statements")

    assert outcomes(found) == ["APPLIED"]
    payout = account(inbox, "po_1TestPayout77", "bank")
    assert (payout["status"], payout["charged"], payout["summed"]) == ("MATCHED", 1880, 1880)
    assert totals(inbox, "bank") == [{"MATCHED_items": 1, "MATCHED_ours": 1880, "MATCHED_theirs": 1880}]
    assert not [row for row in inbox.tables()["Orders"] if "unsettled-bank" in str(row.get("gsi2pk"))]


def test_a_payout_with_a_fee_of_its_own_is_what_it_sends(inbox: World) -> None:
    facts = {"reporting_category": "payout", "source_id": "po_1TestPayout77", "trace_id": TRACE, "currency": "eur"}
    send(inbox, report(a_row("", "-9.40", "0.10", **facts)))
    send(inbox, a_statement(an_entry("9.40", reference=TRACE)), "statements")

    assert account(inbox, "po_1TestPayout77", "bank")["status"] == "MATCHED"


def test_the_bank_may_be_first(inbox: World) -> None:
    send(inbox, a_statement(an_entry("9.40", reference=TRACE)), "statements")
    assert [item["status"] for item in differences(inbox)] == ["EXTRA"]

    send(inbox, paid_out("10.00"))

    assert totals(inbox, "bank") == [{"MATCHED_items": 1, "MATCHED_ours": 940, "MATCHED_theirs": 940}]
    assert [item["name"] for item in differences(inbox)] == ["pi_0"]  # of which no order is known


def test_a_payout_and_a_credit_that_are_linked_late_are_one(inbox: World) -> None:
    """The report of the first day names the payout, the bank its trace id, and only a later report names both."""
    payout = {"automatic_payout_id": "po_1TestPayout77", "currency": "eur"}
    send(inbox, report(a_row("pi_0", "10.00", "0.60", **payout)))
    send(inbox, a_statement(an_entry("18.80", reference=TRACE)), "statements")
    assert {item["status"] for item in differences(inbox)} == {"EXTRA"}  # the credit, and the payment of no order

    send(inbox, report(a_row("pi_1", "10.00", "0.60", trace_id=TRACE, **payout)))

    found = account(inbox, "po_1TestPayout77", "bank")
    assert (found["status"], found["charged"], found["summed"]) == ("MATCHED", 1880, 1880)
    assert totals(inbox, "bank") == [{"MATCHED_items": 1, "MATCHED_ours": 1880, "MATCHED_theirs": 1880}]
    assert [item["name"] for item in differences(inbox)] == ["pi_0", "pi_1"]


def test_what_comes_under_a_merged_name_belongs_to_the_payout(inbox: World) -> None:
    payout = {"automatic_payout_id": "po_1TestPayout77", "currency": "eur"}
    send(inbox, report(a_row("pi_0", "10.00", "0.60", **payout)))
    send(inbox, a_statement(an_entry("18.80", reference=TRACE)), "statements")
    send(inbox, report(a_row("pi_1", "10.00", "0.60", trace_id=TRACE, **payout)))

    send(inbox, a_statement(an_entry("1.00", reference=TRACE, bank="BNK-0002")), "statements")

    found = account(inbox, "po_1TestPayout77", "bank")
    assert (found["status"], found["charged"], found["summed"]) == ("AMOUNT_DIFFERS", 1980, 1880)
    assert totals(inbox, "bank") == [
        {"AMOUNT_DIFFERS_items": 1, "AMOUNT_DIFFERS_ours": 1880, "AMOUNT_DIFFERS_theirs": 1980}
    ]


@pytest.mark.parametrize("turn", [1, -1])
def test_lines_of_one_file_link_a_payout_and_a_credit_in_any_order(inbox: World, turn: int) -> None:
    payout = {"automatic_payout_id": "po_1TestPayout77", "currency": "eur"}
    rows = [a_row("pi_0", "10.00", "0.60", **payout), a_row("pi_1", "10.00", "0.60", trace_id=TRACE, **payout)]
    send(inbox, a_statement(an_entry("18.80", reference=TRACE)), "statements")

    send(inbox, report(*rows[::turn]))

    assert totals(inbox, "bank") == [{"MATCHED_items": 1, "MATCHED_ours": 1880, "MATCHED_theirs": 1880}]


def test_a_report_that_links_a_payout_late_is_applied_once_at_any_crash(
    inbox: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    payout = {"automatic_payout_id": "po_1TestPayout77", "currency": "eur"}
    send(inbox, report(a_row("pi_0", "10.00", "0.60", **payout)))
    send(inbox, a_statement(an_entry("18.80", reference=TRACE)), "statements")
    content = report(a_row("pi_1", "10.00", "0.60", trace_id=TRACE, **payout))
    commit = transaction.commit

    def fails(_writes: object) -> None:
        raise Throttled("commit")

    def fails_after(writes: object) -> None:
        commit(writes)  # type: ignore[arg-type]
        raise Throttled("commit")

    event = put(inbox, content, "settlements")
    for failing in (fails, fails_after):
        monkeypatch.setattr(transaction, "commit", failing)
        with pytest.raises(Throttled):
            handler(event, None)
        monkeypatch.setattr(transaction, "commit", commit)

    handler(event, None)

    assert totals(inbox, "bank") == [{"MATCHED_items": 1, "MATCHED_ours": 1880, "MATCHED_theirs": 1880}]


@pytest.mark.parametrize(
    ("entry", "status"),
    [
        (an_entry("9.00", reference=TRACE), "AMOUNT_DIFFERS"),
        (an_entry("9.40", reference=TRACE, currency="USD"), "CURRENCY_DIFFERS"),
        (an_entry("9.40", reference=TRACE, indicator="DBIT"), "AMOUNT_DIFFERS"),
    ],
)
def test_a_credit_that_differs_asks_a_person(inbox: World, entry: str, status: str) -> None:
    send(inbox, paid_out("10.00"))

    send(inbox, a_statement(entry), "statements")

    assert account(inbox, "po_1TestPayout77", "bank")["status"] == status


def test_the_same_entry_counts_once_in_all_statements_and_other_debits_are_of_no_order(inbox: World) -> None:
    rent = an_entry("500.00", indicator="DBIT", bank="BNK-0002", text="rent")
    first = send(inbox, a_statement(an_entry("9.40"), rent), "statements")
    again = send(inbox, a_statement(an_entry("9.40"), version=V02, name="STMT-2"), "statements")

    assert (outcomes(first), outcomes(again)) == (["APPLIED"] * 2, ["DUPLICATE applied-before"])
    assert totals(inbox, "bank") == [{"EXTRA_items": 1, "EXTRA_theirs": 940, "other": -50000}]


def test_a_refund_that_the_shop_paid_itself_is_known_by_its_id(inbox: World) -> None:
    inbox.stocked("TEA-001", dc_1=1)
    order_id = inbox.placed(
        payments=[{"method": "CASH", "reference": "c", "authorized": {"amount": 1000, "currency": "USD"}}]
    )
    inbox.settle()
    inbox.steps(order_id, "ship")
    inbox.settle()

    entry = an_entry("10.00", currency="USD", text=f"order {order_id}-capture-1")
    send(inbox, a_statement(entry), "statements")

    assert account(inbox, f"{order_id}-capture-1", "bank")["status"] == "MATCHED"


def test_an_operation_of_a_payment_provider_is_not_looked_for_at_the_bank(inbox: World, captured: Any) -> None:
    order_id, _ = captured()

    send(inbox, a_statement(an_entry("10.00", currency="USD", text=f"{order_id}-capture-1")), "statements")

    assert [item["status"] for item in differences(inbox)] == ["EXTRA"]
    assert marks(inbox) == ["capture"]


def test_two_credits_with_one_reference_of_the_bank_are_two(inbox: World) -> None:
    first, second = an_entry("9.40"), an_entry("5.00", day="2026-11-19")

    send(inbox, a_statement(first, second), "statements")

    assert sorted(item["charged"] for item in differences(inbox)) == [500, 940]


def test_wrong_and_announced_entries_are_answered_and_stop_no_other(inbox: World) -> None:
    announced = an_entry("9.40", bank="BNK-0002", status="<Sts><Cd>PDNG</Cd></Sts>")

    found = send(inbox, a_statement(an_entry("nine"), announced, an_entry("9.40", bank="BNK-0003")), "statements")

    assert outcomes(found) == ["REJECTED malformed", "APPLIED not-booked", "APPLIED"]
    assert found[0]["reason"].startswith("amount: takes a decimal number")
    assert "(line 4, column 1)" in found[0]["reason"]


def test_an_entry_that_is_booked_on_a_day_that_is_not_yet_is_refused(inbox: World) -> None:
    later = f"{inbox.now + timedelta(days=3):%Y-%m-%d}"
    right, wrong = an_entry("9.40", reference=TRACE), an_entry("8.00", bank="BNK-2", day=later)

    found = send(inbox, a_statement(wrong, right), "statements")

    assert outcomes(found) == ["REJECTED in-the-future", "APPLIED"]
    assert found[0]["reason"].startswith("booking_date: is later than the file (line ")
    assert [item["charged"] for item in differences(inbox)] == [940]


@pytest.mark.parametrize(
    ("content", "outcome"),
    [
        (b"<x/>", "REFUSED unknown-format"),
        (b"", "REFUSED empty"),
        (b"a,b\n", "REFUSED structure"),
        (a_statement(), "REFUSED empty"),
        (a_statement(an_entry(), head='<!DOCTYPE Document [<!ENTITY a "b">]>'), "REFUSED document-type"),
    ],
)
def test_what_is_no_statement_is_refused(inbox: World, content: bytes, outcome: str) -> None:
    assert outcomes(send(inbox, content, "statements")) == [outcome]


def test_nothing_of_a_person_or_an_account_is_kept(inbox: World) -> None:
    found = send(inbox, a_statement(an_entry("9.40", text="Jane Doe DE89370400440532013000")), "statements")

    kept = str(inbox.tables()) + str(found)
    assert "Jane" not in kept
    assert "DE89" not in kept


@pytest.fixture
def bank() -> Iterator[str]:
    """The address of a bank that writes statements, where it is 20 November."""
    server = make_server(Config(port=0, quiet=True, clock="2026-11-20T09:00"))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_statement_of_another_hand_is_understood(inbox: World, bank: str) -> None:
    send(inbox, paid_out("10.00", "10.00"))
    credit = {"account": "ACME", "amount": 1880, "debtor": {"name": "Stripe"}, "note": f"STRIPE {TRACE}"}
    another = {"account": "ACME", "amount": 500, "debtor": {"name": "Jane Doe"}, "note": "thanks"}
    with httpx.Client(base_url=bank, trust_env=False) as door:
        for one in (credit, another):
            assert door.post("/_mock/credits", json=one).status_code == 201
        door.post("/_mock/advance?days=1")
        listed = door.get("/_mock/messages?type=camt.053").json()
        statements = [door.get(f"/_mock/mailbox/{one['id']}").text for one in listed]

    found = send(inbox, next(one for one in statements if "STRIPE" in one), "statements")

    assert outcomes(found) == ["APPLIED"] * 2
    assert account(inbox, "po_1TestPayout77", "bank")["status"] == "MATCHED"
    assert "Jane" not in str(inbox.tables())
