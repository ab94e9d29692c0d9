"""People of sales see what waits, take it one by one or together, and review each order."""

import re
from html import unescape

import pytest

from comanda.aws.books.settlement_rows import Comparison, write
from comanda.aws.console import sessions
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, transaction
from comanda.aws.orders import notice_items
from comanda.domain.payments import notices
from comanda.domain.payments.answer import Happening, Notice
from comanda.domain.reconciliation.settlement import Settlement, SettlementStatus
from functions.console import render
from tests.builders import ORDER_ID
from tests.functions.console.test_order_page import fields
from tests.functions.credit.test_nfe_told import key_of_nfe, tell
from tests.functions.documents.brazil import CUSTOMER, sells_in_brazil, sold
from tests.functions.world import PEOPLE

QUEUE = "queues/sales-review"


@pytest.fixture
def held(world):
    """Give three large orders that wait for sales."""
    world.hold_type()
    world.stocked("TEA-001", dc_1=500)
    made = [world.placed(("TEA-001", 100 + i)) for i in range(3)]
    world.settle()
    return made


def pressed(page, verb, item=None):
    """Return the form of the first row that has a button to claim or release its item, or of the row of an item."""
    found = item or re.search(rf'value="{verb}-([^"]+)"', page.text)[1]
    return {**page.fields(page_form(page, 'id="claims"')), "do": f"{verb}-{found}"}


def page_form(page, mark):
    forms = re.findall(r"<form\b.*?</form>", page.text, re.DOTALL)
    return next(i for i, form in enumerate(forms) if mark in form)


def items(page):
    return re.findall(r'name="chosen" value="([^"]+)"', page.text)


def test_the_queue_shows_each_order_with_its_value_and_its_reason(sales, held, world):
    page = sales.get(QUEUE)

    assert page.status == 200
    assert len(items(page)) == 3
    for words in ("large order", "$1,000.00", "web"):
        assert words in page.text


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es"])
def test_queue_review_and_list_render_in_each_language(sales_in, held, locale):
    browser = sales_in(locale)

    for path, words in ((QUEUE, "Who has it"), (f"orders/{held[0]}/review", "Verify"), ("orders", "Orders")):
        page = browser.get(path)
        assert page.status == 200
        assert render.translate(words, locale) in page.text


def test_the_next_item_is_claimed_and_opened_for_review(sales, held, world):
    page = sales.post(QUEUE, fields(sales.get(QUEUE), "next"))

    assert page.status == 200
    assert "Your answer" in page.text
    (mine,) = [
        row for row in world.call("GET", "/v1/queues/sales-review", who="sales").body["items"] if row["claimed_by_me"]
    ]
    assert mine["order_id"] in page.address


def test_an_item_that_somebody_else_has_is_not_offered(sales, held, world):
    path = f"/v1/queues/sales-review/items/{items(sales.get(QUEUE))[0]}/claim"
    assert world.call("POST", path, {}, who="office").status == 200

    page = sales.get(QUEUE)

    assert page.text.count('value="claim-') == 2
    assert "Somebody else" in page.text


def test_a_colleague_who_has_an_item_and_who_confirmed_an_order_is_named(sales, held, world, monkeypatch):
    monkeypatch.setitem(PEOPLE, "fatima", {"roles": ["staff"]})
    world.aws.put("Directory", **keys.user("fatima"), roles=["staff"], name="\u0641\u0627\u0637\u0645\u0629 <b>")
    assert world.call("POST", f"/v1/queues/sales-review/items/{held[0]}.h1/claim", {}, who="fatima").status == 200

    assert "<bdi>\u0641\u0627\u0637\u0645\u0629 &lt;b&gt;</bdi>" in sales.get(QUEUE).text
    assert world.change(held[0], "confirm", who="fatima").status == 200
    page = sales.get(f"orders/{held[0]}").text
    assert '<span dir="auto">\u0641\u0627\u0637\u0645\u0629 &lt;b&gt;</span>' in page
    assert '<span dir="auto">fatima</span>' not in page


def test_home_shows_what_the_person_has_claimed_and_until_when(sales, held):
    assert "Yours now" not in sales.get().text
    form = pressed(sales.get(QUEUE), "claim")
    sales.post(QUEUE, form)

    page = sales.get()

    assert "Yours now" in page.text
    assert f"orders/{form['do'].removeprefix('claim-').partition('.')[0]}/review?queue=sales-review" in page.text


def test_two_rows_claimed_from_one_page_are_two_claims_and_a_second_click_is_none(sales, held, world):
    page = sales.get(QUEUE)
    first, second = (pressed(page, "claim", item) for item in items(page)[:2])

    for form in (first, first, second):
        assert "It is yours for ten minutes." in sales.post(QUEUE, form).text

    listed = world.call("GET", "/v1/queues/sales-review", who="sales").body["items"]
    assert [item["claimed_by_me"] for item in listed].count(True) == 2


def test_a_claimed_item_is_given_back(sales, held):
    claimed = sales.post(QUEUE, pressed(sales.get(QUEUE), "claim"))
    assert "It is yours for ten minutes." in claimed.text
    assert "Yours" in claimed.text

    assert "Yours" not in sales.post(QUEUE, pressed(claimed, "release")).text


def test_marked_orders_are_confirmed_together_with_a_result_for_each(sales, held, world):
    page = sales.get(QUEUE)
    marked = items(page)
    world.change(marked[0].partition(".")[0], "confirm", who="sales")
    form = {**fields(page, "answer-confirm"), "chosen": marked, "reason": "", "resolution": ""}

    done = sales.post(QUEUE, form)

    assert done.status == 200
    assert "What became of the marked rows" in done.text
    assert done.text.count("Not done") == 1
    assert all(not world.order(order_id)["holds"][0]["active"] for order_id in held)


def test_a_rejection_without_a_reason_is_refused_and_the_marks_stay_free(sales, held, world):
    page = sales.get(QUEUE)
    form = {**fields(page, "answer-reject"), "chosen": items(page), "reason": " ", "resolution": ""}

    assert sales.post(QUEUE, form).status == 422
    assert all(world.order(order_id)["holds"][0]["active"] for order_id in held)


def test_an_answer_without_a_marked_row_says_so(sales, held):
    page = sales.get(QUEUE)

    refused = sales.post(QUEUE, fields(page, "answer-confirm"))

    assert refused.status == 422
    assert "Mark the rows first." in refused.text


def test_more_than_a_hundred_marked_rows_are_refused(sales, held):
    form = {**fields(sales.get(QUEUE), "answer-confirm"), "chosen": [f"x.{i}" for i in range(101)]}

    assert sales.post(QUEUE, form).status == 413


def test_a_queue_that_does_not_exist_is_not_found(sales):
    assert sales.get("queues/no-such-queue").status == 404


def test_an_order_is_confirmed_from_its_review_once_and_leads_back_to_the_queue(sales, held, world):
    path = f"orders/{held[0]}/review"
    form = {**fields(sales.get(path), "confirm"), "reason": ""}

    pages = [sales.post(path, form) for _ in range(2)]

    assert [page.status for page in pages] == [200, 200]
    assert "The order was confirmed." in pages[0].text
    assert pages[0].address.endswith(QUEUE)
    assert not world.order(held[0])["holds"][0]["active"]


def test_a_rejection_keeps_what_was_typed_when_somebody_else_was_first(sales, held, world):
    path = f"orders/{held[0]}/review"
    form = {**fields(sales.get(path), "reject"), "reason": "address is a locker <b>"}
    world.change(held[0], "confirm", who="office")

    page = sales.post(path, form)

    assert page.status == 412
    assert "address is a locker &lt;b&gt;" in page.text
    assert "What changed since" in page.text


def test_the_review_shows_the_address_its_precision_and_the_last_orders_of_the_customer(sales, held, world):
    page = sales.get(f"orders/{held[2]}/review")

    for words in ("Ada", "Address was located by", "Last orders of this customer", "Blocks: Schedule."):
        assert words in page.text


def test_the_list_of_orders_shows_a_day_of_a_channel(sales, held, world):
    page = sales.get(f"orders?channel=web&day={world.now:%Y-%m-%d}")

    assert page.status == 200
    assert page.text.count("data-row") == 3
    assert "No order fits these filters." in sales.get("orders?channel=web&day=2020-01-01").text


def test_a_day_that_is_none_is_refused_beside_its_field(sales):
    page = sales.get("orders?channel=web&day=tomorrow")

    assert page.status == 200
    assert "a UTC day, YYYY-MM-DD" in page.text


@pytest.mark.parametrize("named", ["a b", "محمد", "a\r\nHost: b", "../../x", "\U0001f381"])
def test_an_item_that_can_be_none_is_not_found_and_the_queue_is_shown(sales, held, named):
    sent = pressed(sales.get(QUEUE), "claim", named)

    page = sales.post(QUEUE, sent)

    assert page.status == 404
    assert "Nothing was changed." in page.text
    assert len(items(page)) == 3


def test_a_place_in_a_list_that_is_not_valid_leads_to_the_first_page(sales):
    page = sales.get(f"{QUEUE}?cursor=abc")

    assert page.status == 400
    assert "Begin at the first page" in page.text
    assert "could not be loaded" not in page.text


def test_an_order_that_waits_for_sales_leads_to_its_review(sales, held):
    page = sales.get(f"orders/{held[0]}")

    assert f'href="{held[0]}/review"' in page.text


def test_a_hold_of_another_queue_is_resolved_on_the_page_of_its_order(sales, world):
    world.hold_type("FRAUD", "holds")
    world.stocked("TEA-001", dc_1=500)
    order_id = world.placed(("TEA-001", 100))
    world.settle()

    opened = sales.post("queues/holds", fields(sales.get("queues/holds"), "next"))

    assert opened.address.endswith(f"orders/{order_id}")
    assert 'value="resolve"' in opened.text
    assert f"{order_id}/review" not in opened.text
    assert 'value="confirm"' not in sales.get(f"orders/{order_id}/review").text


TYPED = 'she "said" <b>no</b> {{7*7}} محمد'


def test_a_form_that_was_sent_after_the_session_ended_is_sent_again_whole_after_sign_in(sales, held, world):
    path = f"orders/{held[0]}/review"
    sent = fields(sales.get(path), "reject") | {"reason": TYPED}
    sales.cookies.clear()

    ended = sales.post(path, sent)

    assert ended.status == 401
    assert "Nothing was done" in ended.text
    assert sales.sign_in("sales").status == 200
    again = fields(ended, "reject")
    assert again == sent
    assert sales.post(path, again).status == 200
    assert world.order(held[0])["status"] == "CANCELLED"


def test_a_form_beyond_the_limit_of_pages_is_kept_and_sent_again_later(sales, held, monkeypatch):
    path = f"orders/{held[0]}/review"
    sent = fields(sales.get(path), "reject") | {"reason": TYPED}
    monkeypatch.setattr(sessions, "count_page", lambda *_: False)

    assert fields(sales.post(path, sent), "reject") == sent


def test_a_form_that_no_page_of_ours_sends_is_not_shown_again(browser):
    page = browser.post("me", {"key": "no key", "reason": TYPED})

    assert page.status == 401
    assert "محمد" not in page.text
    assert "7*7" not in page.text


@pytest.mark.parametrize(
    ("locale", "blank", "too_long"),
    [
        ("pt-BR", "Não pode ficar vazio", "Aceita no máximo 100 caracteres"),
        ("es", "No puede quedar vacío", "Acepta 100 caracteres como máximo"),
        ("en-US", "is blank", "takes at most 100 characters"),
    ],
)
def test_what_is_wrong_with_a_field_is_said_in_the_readers_language(sales_in, held, locale, blank, too_long):
    browser = sales_in(locale)
    path = f"orders/{held[0]}/review"
    form = fields(browser.get(path), "reject")

    for typed, words in ((" ", blank), ("x" * 101, too_long)):
        page = browser.post(path, {**form, "reason": typed})
        assert page.status == 422
        assert page.text.count(words) == 2  # above the form, and beside the field


def test_a_refusal_of_the_whole_form_is_said_in_the_readers_language(sales_in, held, world):
    browser = sales_in("pt-BR")
    marked = items(browser.get(QUEUE))
    world.change(marked[0].partition(".")[0], "confirm", who="office")
    form = {**fields(browser.get(QUEUE), "answer-confirm"), "chosen": marked, "reason": "", "resolution": ""}

    done = browser.post(QUEUE, form)

    assert "Não encontrado" in done.text
    assert "not found" not in done.text


@pytest.mark.parametrize("queue", ["", "?queue=sales-review"])
def test_the_review_shows_who_has_claimed_the_order_and_until_when(sales, held, world, queue):
    path = f"orders/{held[0]}/review{queue}"
    assert "Until then only this person can answer." not in sales.get(path).text
    world.call("POST", f"/v1/queues/sales-review/items/{held[0]}.h1/claim", {}, who="office")

    page = sales.get(path)

    assert "Somebody else" in page.text
    assert "Until then only this person can answer." in page.text
    assert 'data-countdown="2026-' in page.text
    world.pass_time(601)
    assert "Until then only this person can answer." not in sales.get(path).text


def test_the_review_says_that_a_claim_is_ones_own_and_stands_without_the_list_of_claims(sales, held, gateway):
    assert "Yours" in sales.post(QUEUE, fields(sales.get(QUEUE), "next")).text
    gateway.broken.add("/v1/queues/sales-review")

    assert "Your answer" in sales.get(f"orders/{held[0]}/review").text


def test_an_issue_that_waits_for_a_second_person_is_approved_on_the_page_of_its_queue(sales, world):
    limits = {"gift_cards": [{"amount": 100, "currency": "USD"}]}
    for name in ("sales", "picker"):
        world.aws.put("Directory", **keys.user(name), roles=["staff"], limits=limits)
    directory.forget()
    body = {"channel": "web", "amount": {"amount": 12_345, "currency": "USD"}, "reason": "sorry"}
    assert world.call("POST", "/v1/gift-cards", body, who="picker").status == 202

    page = sales.get("queues/gift-cards")

    for words in ("Gift cards to approve", "$123.45", "Above the limit of the person who asks for it; sorry", "web"):
        assert words in page.text
    item = world.call("GET", "/v1/queues/gift-cards", who="office").body["items"][0]["item_id"]
    done = sales.post("queues/gift-cards", {**fields(page, "answer-approve"), "chosen": [item]})
    assert done.status == 200
    assert "Done" in done.text
    assert world.call("GET", "/v1/queues/gift-cards", who="office").body["items"] == []


def test_differences_of_money_and_bills_of_carriers_are_on_the_pages_of_their_queues(sales, world):
    theirs = Settlement(currency="USD", day="2026-11-20", charged=1_250)
    extra = Comparison(
        provider="stripe", name="pi_1", theirs=theirs, status=SettlementStatus.EXTRA, ours=1_000, order_id=ORDER_ID
    )
    bill = {
        "order_id": ORDER_ID,
        "fulfillment": 1,
        "name": "1Z9",
        "carrier": "UPS",
        "invoice": "I-1",
        "day": "2026-11-20",
    }
    bill |= {"currency": "USD", "amount": 999, "estimated": 735, "weight_g": 0, "weighed_g": 0, "status": "DIFFERS"}
    bill |= keys.billed_parcel(ORDER_ID, 1, "1Z9") | keys.shipping_cost_place(world.now, ORDER_ID, 1, "1Z9")
    transaction.commit([write(extra, world.now)])
    world.aws.put("Orders", **bill, due=world.now.isoformat())

    compared, billed = sales.get("queues/reconcile"), sales.get("queues/shipping-costs")

    assert cells(compared) == {
        "Payment or payout": "pi_1",
        "Provider": "Stripe",
        "Order": ORDER_ID,
        "Ours": "$10.00",
        "Reported": "$12.50",
        "Difference": "$2.50",
        "Reason": "Reported, and not moved by us",
    }
    assert cells(billed) == {
        "Parcel": "1Z9",
        "Carrier": "UPS",
        "Order": ORDER_ID,
        "Label": "$7.35",
        "Billed": "$9.99",
        "Reason": "The carrier bills another amount than the label cost",
    }
    assert compared.text.count(f'href="../orders/{ORDER_ID}"') == 1
    item = world.call("GET", "/v1/queues/reconcile", who="office").body["items"][0]["item_id"]
    done = sales.post("queues/reconcile", {**fields(compared, "answer-done"), "chosen": [item]})
    assert (done.status, "Done" in done.text, "orders/stripe" in done.text) == (200, True, False)
    assert world.call("GET", "/v1/queues/reconcile", who="office").body["items"] == []


@pytest.mark.parametrize(
    ("locale", "headings"),
    [
        ("pt-BR", ["Pagamento ou repasse", "Provedor", "Pedido", "Nosso", "Informado", "Diferença", "Motivo"]),
        ("es", ["Pago o transferencia", "Proveedor", "Pedido", "Nuestro", "Informado", "Diferencia", "Motivo"]),
    ],
)
def test_differences_of_money_are_shown_in_the_readers_language(sales_in, world, locale, headings):
    theirs = Settlement(currency="USD", day="2026-11-20", charged=1_250)
    bank = Comparison(provider="bank", name="po_1", theirs=theirs, status=SettlementStatus.EXTRA)
    transaction.commit([write(bank, world.now)])

    assert list(cells(sales_in(locale).get("queues/reconcile"))) == headings


def cells(page):
    """Return the texts of the only row of a queue by their headings, without its times."""
    found = re.findall(r'<t[hd][^>]* data-label="([^"]*)"[^>]*><div>(.*?)</div>', page.text, re.DOTALL)
    texts = {unescape(name): unescape(re.sub(r"<[^>]+>", "", cell)).strip() for name, cell in found}
    return dict(list(texts.items())[:-2])


def test_a_notice_of_a_provider_about_no_order_is_on_the_page_of_its_queue(sales, world):
    notice = Notice(
        notice_id="evt_1", happening=Happening.CAPTURED, reference="pi_1", amount=500, currency="USD", at=world.now
    )
    notice_items.ask("stripe", notice, None, notices.NO_ORDER, world.now)

    page = sales.get("queues/provider-notices")

    for words in ("stripe~pi_1", "$5.00"):
        assert words in page.text


def test_terms_that_wait_for_a_second_person_are_approved_on_the_page_of_their_queue(sales, world):
    limits = {"customer_credit": [{"amount": 100, "currency": "USD"}]}
    for name in ("sales", "picker"):
        rights = {"roles": ["staff"], "desks": ["finance"], "limits": limits}
        world.aws.put("Directory", **keys.user(name), **rights)
    directory.forget()
    limit = {"amount": 12_345, "currency": "USD"}
    body = {"channel": "web", "customer_id": "c-17", "limit": limit, "payment_days": 30, "reason": "known to us"}
    assert world.call("POST", "/v1/credit-accounts", body, who="picker").status == 202

    page = sales.get("queues/credit-accounts")

    for words in ("Customers&#39; credit to approve", "$123.45", "known to us", "web", "c-17"):
        assert words in page.text
    item = world.call("GET", "/v1/queues/credit-accounts", who="office").body["items"][0]["item_id"]
    done = sales.post("queues/credit-accounts", {**fields(page, "answer-approve"), "chosen": [item]})
    assert "Done" in done.text
    assert world.call("GET", "/v1/queues/credit-accounts", who="office").body["items"] == []


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-US", "778: there is no such class of goods (NCM)"),
        ("pt-BR", "778: o NCM não existe"),
        ("es", "778: el NCM no existe"),
    ],
)
def test_the_queue_says_why_the_authority_refused_an_nfe(world, sales_in, locale, words):
    sells_in_brazil(world)
    order_id = sold(world)
    tell(world, order_id, key_of_nfe(world, order_id), result="REFUSED", code="778", protocol=None)

    assert f"({words})" in sales_in(locale).get("queues/fiscal").text


def test_the_queue_names_what_an_nfe_lacks_and_no_more_once_it_waits(world, sales_in):
    sells_in_brazil(world)
    order_id = sold(world, customer={**CUSTOMER, "tax_id": None})
    assert "(/buyer/tax_id)" in sales_in("en-US").get("queues/fiscal").text

    change = {"modification": "tax_id", "tax_id": CUSTOMER["tax_id"]}
    assert world.change(order_id, "changes", {"reason": "told", "changes": [change]}).status == 200

    page = sales_in("en-US").get("queues/fiscal").text
    assert "The NF-e is not authorized yet" in page
    assert "(/" not in page
