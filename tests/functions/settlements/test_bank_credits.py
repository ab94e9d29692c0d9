"""A bank's credit that names a customer's account is proposed as a payment on it, once, and a person books it."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.domain.reconciliation.statements import a_statement, an_entry
from tests.functions.credit_accounts.credit import account, opened, placed, shipped, taken_by_us
from tests.functions.credit_accounts.test_approvals import waiting
from tests.functions.settlements.conftest import differences, send
from tests.functions.world import Reply, World, usd
from tests.invariants import broken


@pytest.fixture
def debtor(inbox: World) -> str:
    """Return the id of an account on which 20.00 are owed."""
    taken_by_us(inbox)
    inbox.stocked("TEA-001", dc_1=20)
    inbox.aws.put("Directory", **keys.user("finance"), roles=["staff"], desks=["finance"])
    directory.forget()
    account_id = opened(inbox)
    shipped(inbox, placed(inbox, 2_000, units=2))
    return account_id


def came(world: World, amount: str = "20.00", **entry: Any) -> list[dict[str, Any]]:
    return send(world, a_statement(an_entry(amount, currency="USD", **entry)), "statements")


def answered(world: World, answer: str = "approve", who: str = "finance", key: str = "") -> Reply:
    (item,) = waiting(world)
    path = f"/v1/queues/credit-accounts/items/{item['item_id']}/resolve"
    return world.call("POST", path, {"answer": answer}, who=who, key=key)


def invoice_of(world: World, account_id: str) -> str:
    return str(account(world, account_id)["aging"]["unpaid"][0]["invoice_id"])


def owed(world: World, account_id: str) -> int:
    return int(account(world, account_id)["owed"]["amount"])


@pytest.mark.parametrize("where", ["reference", "text"])
@pytest.mark.parametrize("by", ["account", "digits", "invoice", "number"])
def test_a_credit_that_names_the_account_waits_and_is_booked_by_one_answer(
    inbox: World, debtor: str, where: str, by: str
) -> None:
    invoice_id = invoice_of(inbox, debtor)
    number = inbox.call("GET", f"/v1/invoices/{invoice_id}", who="office").body["number"]
    name = {"account": debtor, "digits": debtor[3:], "invoice": invoice_id, "number": number}[by]
    came(inbox, **{where: name if where == "reference" else f"Invoice {name}, thanks"})

    (item,) = waiting(inbox)
    assert (item["reason"], item["data"]["customer_id"], item["data"]["amount"]) == ("bank-credit", "c-17", "2000")
    assert item["data"].get("invoice_id") == (invoice_id if by in ("invoice", "number") else None)
    assert (differences(inbox), owed(inbox, debtor)) == ([], 2_000)

    assert answered(inbox).status == 200

    entries = account(inbox, debtor)["entries"]
    (paid,) = [row for row in entries if row["purpose"] == "payment"]
    assert (paid["owed"], paid["received_on"], paid["by"]) == (usd(-2_000), "2026-11-20", "finance")
    assert paid["reference"].startswith("bank-")
    assert (owed(inbox, debtor), waiting(inbox)) == (0, [])
    inbox.settle()
    assert broken(inbox.tables()) == []


@pytest.mark.parametrize("sign", ["~", " ", ".", ""])
def test_a_number_with_a_prefix_names_its_invoice_whatever_stands_for_the_tilde(
    inbox: World, debtor: str, sign: str
) -> None:
    doc = inbox.call("GET", "/v1/legal-entities/tea-co", who="office").body
    sent = {name: value for name, value in doc.items() if name not in ("id", "version")}
    assert inbox.call("PUT", "/v1/legal-entities/tea-co", {**sent, "number_prefix": "TEA"}, who="office").status == 200
    web = directory.find(directory.CHANNEL, "web") or {}
    inbox.entry(directory.CHANNEL, "web", {**web, "legal_entity": "tea-co"})
    directory.forget()
    shipped(inbox, placed(inbox, 1_000))
    unpaid = [one["invoice_id"] for one in account(inbox, debtor)["aging"]["unpaid"]]
    numbers = {inbox.call("GET", f"/v1/invoices/{one}", who="office").body["number"]: one for one in unpaid}
    number, other = "TEA~dc-1-000001", "dc-1-000001"  # the second is the invoice of before
    assert numbers.keys() == {number, other}

    came(inbox, "10.00", text=f"we pay {number.replace('~', sign)}")

    (item,) = waiting(inbox)
    assert item["data"]["invoice_id"] == numbers[number]


def test_an_entry_is_proposed_and_booked_once_whatever_statements_it_stands_in(inbox: World, debtor: str) -> None:
    for name in ("STMT-1", "STMT-2"):
        entry = an_entry("10.00", currency="USD", reference=debtor)
        send(inbox, a_statement(entry, name=name), "statements")
    assert len(waiting(inbox)) == 1
    assert answered(inbox).status == 200

    came(inbox, "10.00", reference=debtor)

    assert (waiting(inbox), owed(inbox, debtor)) == ([], 1_000)


def test_a_refused_credit_pays_nothing_and_is_not_proposed_again(inbox: World, debtor: str) -> None:
    came(inbox, reference=debtor)
    assert answered(inbox, "refuse").status == 200

    came(inbox, reference=debtor)

    assert (waiting(inbox), owed(inbox, debtor)) == ([], 2_000)


def test_a_credit_of_more_than_is_owed_is_refused_and_waits(inbox: World, debtor: str) -> None:
    came(inbox, "20.01", reference=debtor)

    assert answered(inbox).problem == "not-allowed"
    assert (len(waiting(inbox)), owed(inbox, debtor)) == (1, 2_000)


def test_only_finance_answers_and_no_application_books(inbox: World, debtor: str) -> None:
    came(inbox, reference=debtor)

    assert answered(inbox, who="sales").problem == "forbidden"
    assert answered(inbox, who="office").problem == "forbidden"
    assert answered(inbox, key="k").status == 200
    assert owed(inbox, debtor) == 0


@pytest.mark.parametrize("why", ["nobody", "two", "currency", "payout", "debit", "shop's own payment"])
def test_what_names_no_one_account_is_a_difference_or_nothing(inbox: World, debtor: str, why: str) -> None:
    other = opened(inbox, customer_id="c-18")
    entry: dict[str, Any] = {"currency": "USD", "reference": debtor}
    if why == "nobody":
        entry["reference"] = "ac_" + "0" * 32
    elif why == "two":
        entry["text"] = f"and {other}"
    elif why == "currency":
        entry["currency"] = "EUR"
    elif why == "payout":
        entry["text"] = "po_1TestPayout77"
    elif why == "debit":
        entry["indicator"] = "DBIT"
    else:
        order_id = inbox.placed(("TEA-001", 1))
        shipped(inbox, order_id)
        entry["reference"] = f"inv_{order_id[4:]}-001"
    send(inbox, a_statement(an_entry("20.00", **entry)), "statements")

    assert waiting(inbox) == []
    assert len(differences(inbox)) == (0 if why == "debit" else 1)
