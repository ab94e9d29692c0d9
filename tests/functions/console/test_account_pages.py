"""The pages of gift cards and credit accounts find, issue, freeze, book and set terms, as far as the person's desk and limits go."""

import re

import pytest

from comanda.aws.books import credit_accounts as credit_accounts_of_books
from comanda.aws.books import waiting_bank_credits
from comanda.aws.books.waiting_bank_credits import Payer
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, transaction
from comanda.domain.errors import KeyReused
from comanda.domain.reconciliation.movement import Movement, MovementKind
from tests.functions.console.account_examples import a_credit_account, a_gift_card, credit_accounts, own_money
from tests.functions.console.test_order_page import fields
from tests.functions.credit_accounts.credit import CUSTOMER
from tests.functions.world import usd


def at_desk(world, *desks, limit=100_000):
    money = {"gift_cards": [usd(limit)], "customer_credit": [usd(limit)]}
    world.aws.put("Directory", **keys.user("sales"), name="Sales", roles=["staff"], desks=list(desks), limits=money)
    directory.forget()


@pytest.fixture(autouse=True)
def desk(world):
    at_desk(world, "finance")


def press(browser, path, do, **typed):
    return browser.post(path, fields(browser.get(path), do) | {"do": do} | typed)


def code_on(page):
    return re.search(r'value="((?:[0-9A-Z]{4}-){4}[0-9A-Z]{4})"', page.text)[1]


ISSUE = {
    "kind": "GIFT_CARD",
    "channel": "web",
    "customer_id": "",
    "amount": "50.00",
    "currency": "usd",
    "reason": "sold",
}


def test_a_card_is_issued_once_and_its_code_stands_on_that_page_alone(sales, world):
    form = fields(sales.get("gift-cards"), "issue") | ISSUE | {"do": "issue"}

    page, again = sales.post("gift-cards", form), sales.post("gift-cards", form)

    code = code_on(page)
    assert code_on(again) == code
    assert sum(row["sk"].startswith("L#issue#") for row in world.tables()["Orders"]) == 1
    account = re.search(r"gift-cards/(gc_[0-9a-f]{32})", page.text)[1]
    shown = sales.get(f"gift-cards/{account}")
    assert "$50.00" in shown.text
    assert code not in shown.text
    assert f"…{code[-4:]}" in shown.text


def test_a_card_is_found_by_its_code_which_no_address_has_and_a_wrong_one_is_told_at_its_field(sales, world):
    code = code_on(press(sales, "gift-cards", "issue", **ISSUE))

    found = sales.post(
        "gift-cards", fields(sales.get("gift-cards"), "find") | {"do": "find", "code": code.lower()}, follow=False
    )
    assert re.search(r"gift-cards/gc_[0-9a-f]{32}$", found.location)
    wrong = press(sales, "gift-cards", "find", code="0000-0000-0000-0000-0000")
    assert wrong.status == 422
    assert "s the code of no gift card" in wrong.text
    assert "0000-0000" not in wrong.text


def test_an_amount_above_the_limit_waits_and_wrong_fields_keep_what_was_typed(sales, world):
    at_desk(world, "finance", limit=1_000)
    page = press(sales, "gift-cards", "issue", **ISSUE)
    assert "The card pays when another person has approved its amount." in page.text

    wrong = press(sales, "gift-cards", "issue", **{**ISSUE, "amount": "x"})
    assert (wrong.status, 'value="x"' in wrong.text) == (422, True)
    wrong = press(sales, "gift-cards", "issue", **{**ISSUE, "currency": "ZZZ"})
    assert (wrong.status, 'value="ZZZ"' in wrong.text) == (422, True)


def test_store_credit_is_given_on_the_way_from_the_page_of_its_customer(sales, world):
    own_money(world)
    order_id = world.placed(("TEA-001", 1), customer=CUSTOMER)
    customer = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body["customer_id"]
    page = sales.get(f"customers/{customer}")
    assert "No store credit and no credit account." in page.text
    assert "gift-cards?channel=web&amp;customer_id=c-17#issue" in page.text
    assert 'value="c-17"' in sales.get("gift-cards?channel=web&customer_id=c-17").text

    done = press(sales, "gift-cards", "issue", **{**ISSUE, "kind": "STORE_CREDIT", "customer_id": "c-17"})

    assert "The money is on the store credit." in done.text
    assert "$50.00" in sales.get(f"customers/{customer}").text


def page_of_a_card(world, sales) -> str:
    """Issue a gift card at its page, and return the address of the card's own page."""
    code = code_on(press(sales, "gift-cards", "issue", **ISSUE))
    card = world.call("POST", "/v1/gift-cards/find", {"code": code}, who="office", key=None).body["items"][0]
    return f"gift-cards/{card['account_id']}"


def test_care_freezes_and_finance_alone_lets_it_pay_again(new_browser, world):
    own_money(world)
    at_desk(world, "care")
    sales = new_browser().enter("sales")
    path = page_of_a_card(world, sales)

    assert "It pays nothing from here on." in press(sales, path, "freeze", reason="stolen").text
    frozen = sales.get(path)
    assert "For the desk finance alone." in frozen.text
    assert "stolen" in frozen.text
    key = re.findall(r'name="key" value="(\w+)"', frozen.text)[-1]
    assert sales.post(path, {"key": key, "reason": "found", "do": "unfreeze"}).status == 403

    at_desk(world, "finance")
    sales = new_browser().enter("sales")
    assert "It pays again." in press(sales, path, "unfreeze", reason="found").text
    assert press(sales, path, "freeze", reason=" ").status == 422


def test_finance_alone_ends_what_a_card_has(new_browser, world):
    own_money(world)
    at_desk(world, "care")
    sales = new_browser().enter("sales")
    path = page_of_a_card(world, sales)
    page = sales.get(path)
    assert "End it" in page.text
    key = re.findall(r'name="key" value="(\w+)"', page.text)[-1]
    assert sales.post(path, {"key": key, "reason": "stolen", "do": "expire"}).status == 403

    at_desk(world, "finance")
    sales = new_browser().enter("sales")
    assert press(sales, path, "expire", reason=" ").status == 422
    done = press(sales, path, "expire", reason="bought with a stolen card")

    assert "What it had is income now." in done.text
    assert "bought with a stolen card" in done.text
    assert "End it" not in done.text


def test_the_page_of_an_order_leads_to_the_card_that_paid_it(sales, world):
    path = a_gift_card(world)
    entries = world.call("GET", f"/v1/{path}", who="office").body["entries"]
    (order_id,) = (row["order_id"] for row in entries if row["order_id"])

    assert path in sales.get(f"orders/{order_id}").text


def test_finance_books_a_payment_once_and_hears_what_is_wrong_with_it(browser, world):
    path = a_credit_account(world)
    sales = browser.enter("sales")
    page = sales.get(path)
    assert "An invoice is overdue for too long" in page.text
    form = fields(page, "pay") | {"do": "pay", "amount": "5.00", "reference": "SEPA-2", "received_on": "2026-12-01"}

    assert "The payment is booked." in sales.post(path, form).text
    sales.post(path, form)

    assert world.call("GET", f"/v1/{path}", who="office").body["owed"] == usd(1_000)
    twice = press(sales, path, "pay", amount="1", reference="SEPA-2", received_on="2026-12-01")
    assert (twice.status, 'value="SEPA-2"' in twice.text) == (422, True)
    assert press(sales, path, "pay", amount="99", reference="SEPA-3", received_on="2026-12-01").status == 422
    assert press(sales, path, "pay", amount="1,2,3", reference="SEPA-3", received_on="2026-12-01").status == 422


def test_finance_freezes_an_account_and_keeps_its_terms(browser, world):
    path = a_credit_account(world)
    sales = browser.enter("sales")

    assert "It pays no new order from here on." in press(sales, path, "freeze", reason="insolvent").text
    frozen = world.call("GET", f"/v1/{path}", who="office").body
    assert (frozen["frozen"], frozen["limit"], frozen["payment_days"], frozen["blocked_after"]) == (
        True,
        usd(500_000),
        30,
        5,
    )
    at_desk(world, "finance", limit=1_000_000)
    assert "It pays new orders again." in press(sales, path, "unfreeze", reason="paid").text


def test_the_page_saves_the_statement_of_this_month_and_the_last_one(browser, world):
    path = a_credit_account(world)
    sales = browser.enter("sales")
    page = sales.get(path).text
    assert f"{world.now:%Y-%m}" == "2026-12"
    assert all(f"?statement={month}" in page for month in ("2026-11", "2026-12"))

    saved = sales.get(f"{path}?statement=2026-11")

    assert saved.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert [line.split(",")[3] for line in saved.text.split("\r\n")[1:-1]] == [
        "opening",
        "capture",
        "payment",
        "closing",
    ]
    assert sales.get(f"{path}?statement=soon").status == 422


@pytest.mark.parametrize("do", ["freeze", "terms"])
def test_terms_that_another_person_changed_meanwhile_are_not_replaced(browser, world, do):
    path = a_credit_account(world)
    sales = browser.enter("sales")
    before = world.call("GET", f"/v1/{path}", who="office").body
    form = fields(sales.get(path), do) | {"do": do, "reason": "insolvent"}
    assert form["version"] == '"v1"'
    kept = {name: before[name] for name in ("channel", "customer_id", "payment_days", "blocked_after")}
    lowered = {**kept, "limit": usd(100), "reason": "late"}
    assert world.call("POST", "/v1/credit-accounts", lowered, who="office").status == 200

    pressed = sales.post(path, form | {"amount": "400", "payment_days": "45"} if do == "terms" else form)

    assert pressed.status == 412
    account = world.call("GET", f"/v1/{path}", who="office").body
    assert (account["limit"], account["frozen"], account["payment_days"]) == (usd(100), False, 30)


def test_terms_are_set_within_the_limit_and_wait_above_it(browser, world):
    path = a_credit_account(world)
    sales = browser.enter("sales")
    typed = {"amount": "9000", "payment_days": "45", "blocked_after": "", "reason": "more"}

    assert "Another person has to approve this." in press(sales, path, "terms", **typed).text
    assert "Terms that wait for a second person" in sales.get("credit-accounts?channel=web").text
    at_desk(world, "finance", limit=1_000_000)
    assert "The terms hold." in press(sales, path, "terms", **typed).text
    account = world.call("GET", f"/v1/{path}", who="office").body
    assert (account["limit"], account["payment_days"], account["blocked_after"]) == (usd(900_000), 45, None)
    assert press(sales, path, "terms", **{**typed, "payment_days": "x"}).status == 422


def test_an_account_is_opened_from_the_list_which_names_those_of_a_channel(browser, world):
    path = credit_accounts(world)
    sales = browser.enter("sales")
    listed = sales.get(path)
    for words in ("c-17", "c-18", "$5,000.00", "$9,000.00"):
        assert words in listed.text
    typed = {"channel": "web", "customer_id": "c-20", "amount": "100", "currency": "USD", "payment_days": "14"}

    done = press(sales, "credit-accounts", "terms", **typed, blocked_after="", reason="new")

    assert "The terms hold." in done.text
    assert "c-20" in sales.get("credit-accounts?channel=web&customer_id=c-20").text


def test_pages_of_money_are_for_their_desks(browser, world):
    path = a_credit_account(world)
    at_desk(world, "planner")
    sales = browser.enter("sales")
    for page in ("gift-cards", "credit-accounts", path):
        assert sales.get(page).status == 403


def test_a_payment_is_taken_back_and_what_a_customer_has_is_paid_out(browser, world):
    path = a_credit_account(world)
    at_desk(world, "finance", limit=1_000)
    sales = browser.enter("sales")
    press(sales, path, "pay", amount="15.00", reference="SEPA-2", received_on="2026-12-01")
    order_id = world.call("GET", f"/v1/{path}", who="office").body["entries"][0]["order_id"]
    credit = {"invoice_id": f"inv_{order_id[4:]}-001", "credit": "ALL", "reason_code": "damaged"}
    assert world.change(order_id, "credit-notes", credit).status == 201
    world.settle()
    assert world.call("GET", f"/v1/{path}", who="office").body["owed"] == usd(-2_000)

    typed = {"amount": "12.00", "reference": "OUT-1", "paid_on": "2026-12-02", "reason": "asked for it"}
    assert "Another person has to approve this." in press(sales, path, "payout", **typed).text
    assert sales.get("credit-accounts?channel=web").status == 200
    assert (
        "The payout is booked." in press(sales, path, "payout", **{**typed, "amount": "5", "reference": "OUT-2"}).text
    )
    assert world.call("GET", f"/v1/{path}", who="office").body["owed"] == usd(-1_500)
    back = {"reference": "SEPA-2", "reason": "bounced"}
    assert "Another person has to approve this." in press(sales, path, "reverse", **back).text
    at_desk(world, "finance")
    assert "It is taken back." in press(sales, path, "reverse", **back).text
    assert world.call("GET", f"/v1/{path}", who="office").body["owed"] == usd(0)
    assert "SEPA-2" not in sales.get(path).text.partition('id="field-reverse-reference"')[2].partition("</select>")[0]


def test_the_queue_shows_what_a_bank_got_for_an_account(browser, world):
    path = a_credit_account(world)
    account = credit_accounts_of_books.load(path.removeprefix("credit-accounts/"))
    movement = Movement(
        movement_id="f" * 64, kind=MovementKind.CREDIT, amount=1_500, currency="USD", day="2026-12-01", net=1_500
    )
    write = waiting_bank_credits.wait_write(Payer(account=account), movement, world.now, KeyReused("x"))
    transaction.commit([write])
    sales = browser.enter("sales")

    page = sales.get("queues/credit-accounts")

    assert "The bank got money for this account: book it as a payment" in page.text
    assert "c-17" in page.text
    assert sales.get("credit-accounts?channel=web").status == 200
