"""The page of an invoice shows its lines and sums, and leads to its order."""

import pytest

from comanda.aws.customers import legal_copies
from comanda.aws.directory import directory
from comanda.aws.files import documents
from functions.console import render
from functions.documents import sale_papers
from tests.functions.credit.test_nfe_returns import credited
from tests.functions.credit.test_nfe_told import key_of_nfe, tell
from tests.functions.credit.test_packed_invoices import packed
from tests.functions.credit_accounts.credit import opened, placed, shipped, taken_by_us
from tests.functions.documents.brazil import SELLER, goods_are, sells_in_brazil, sold


@pytest.fixture
def invoiced(world):
    """Give an order whose one shipment is invoiced."""
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(order_id, "accept", "pick", "pack", "ship")
    world.settle()
    return world.order(order_id)


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es"])
def test_an_invoice_is_shown_in_each_language(sales_in, invoiced, locale):
    page = sales_in(locale).get(f"invoices/{invoiced['invoices'][0]}")

    assert page.status == 200
    for words in ("dc-1-000001", "A TEA-001", "DC-1", invoiced["external_id"], render.translate("Tax", locale)):
        assert words in page.text


@pytest.mark.parametrize(
    ("locale", "day"), [("en-US", "Dec 19, 2026"), ("pt-BR", "19 de dez. de 2026"), ("es", "19 dic 2026")]
)
def test_an_invoice_on_account_says_until_when_it_is_to_be_paid(world, sales_in, locale, day):
    taken_by_us(world)
    world.stocked("TEA-001", dc_1=1)
    opened(world)
    order_id = placed(world, 1_000)
    shipped(world, order_id)

    page = sales_in(locale).get(f"invoices/{world.order(order_id)['invoices'][0]}")

    assert render.translate("To be paid by", locale) in page.text
    assert day in page.text


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es"])
def test_an_invoice_without_a_number_says_so_and_offers_neither_pdf_nor_credit(world, sales_in, locale):
    world.hops.stopped.add("number")
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(order_id, "ship")
    world.settle()

    page = sales_in(locale).get(f"invoices/{world.order(order_id)['invoices'][0]}")

    assert page.status == 200
    for words in ("Invoice, without a number yet", "It gets its number within a minute."):
        assert render.translate(words, locale) in page.text
    assert "as=pdf" not in page.text
    assert 'name="credit"' not in page.text


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es"])
def test_the_page_of_a_voided_invoice_says_so_and_offers_no_credit(world, sales_in, locale):
    sells_in_brazil(world, invoice_when="PACKED")
    world.stocked("TEA-001", dc_1=9)
    order_id = packed(world)
    assert world.step(order_id, "hand-back", 1, {"reason": "OTHER"}).status == 200
    world.settle()

    page = sales_in(locale).get(f"invoices/{world.order(order_id)['invoices'][0]}")

    assert render.translate("It is voided: nothing is owed of it.", locale) in page.text
    assert render.translate("All of it is credited.", locale) not in page.text
    assert 'name="credit"' not in page.text


def test_an_invoice_is_shown_without_its_order_when_that_cannot_be_read(sales, gateway, invoiced):
    gateway.broken.add(f"/v1/orders/{invoiced['order_id']}")

    assert sales.get(f"invoices/{invoiced['invoices'][0]}").status == 200


def test_an_invoice_that_does_not_exist_is_not_found(sales):
    assert sales.get("invoices/inv_us1_01ARZ3NDEKTSV4RRFFQ69G5FAV-001").status == 404


def test_people_of_nodes_are_not_offered_invoices(new_browser, invoiced):
    browser = new_browser()
    browser.enter("picker")

    assert browser.get(f"invoices/{invoiced['invoices'][0]}").status == 403


def test_the_page_of_an_invoice_and_that_of_its_order_lead_to_the_pdf(sales, invoiced):
    address = f"invoices/{invoiced['invoices'][0]}?as=pdf"
    for page in (address.partition("?")[0], f"orders/{invoiced['order_id']}"):
        assert f'{address.partition("/")[2]}"' in sales.get(page).text  # links are relative

    reply = sales.get(address, follow=False)

    assert reply.status == 303
    assert documents.is_link(reply.location)


def test_the_page_leads_to_no_other_place_than_the_documents(sales, invoiced, monkeypatch):
    monkeypatch.setattr(sale_papers, "link", lambda *_: "https://evil.example/2026/x")

    reply = sales.get(f"invoices/{invoiced['invoices'][0]}?as=pdf", follow=False)

    assert (reply.status, "evil" in reply.text) == (503, False)


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es"])
def test_why_an_invoice_has_no_pdf_is_said_in_words(world, sales_in, invoiced, monkeypatch, locale):
    channel = {"name": "web", "currencies": ["USD"], "countries": ["US"], "locales": []}
    world.entry(directory.CHANNEL, "web", channel)
    directory.forget()
    monkeypatch.setattr(legal_copies, "find", lambda *_: None)
    why = "This document has no PDF yet: its channel names no company that sells, or it has no number yet."

    page = sales_in(locale).get(f"invoices/{invoiced['invoices'][0]}?as=pdf", follow=False)

    assert page.status == 409
    assert render.translate(why, locale) in page.text


def test_the_page_of_an_invoice_of_brazil_leads_to_its_nfe(world, sales):
    sells_in_brazil(world)
    path = f"invoices/{world.order(sold(world))['invoices'][0]}"
    assert "as=nfe" in sales.get(path).text

    reply = sales.get(f"{path}?as=nfe", follow=False)

    assert reply.status == 303
    assert documents.is_link(reply.location)


def test_the_page_of_a_credit_note_of_brazil_leads_to_the_nfe_of_its_return(world, sales):
    sells_in_brazil(world, nfe=SELLER["nfe"] | {"return_series": {"dc-1": 101}})
    order_id = sold(world)
    note = f"credit-notes/{credited(world, order_id)}"
    assert "as=nfe" in sales.get(note).text
    lacking = sales.get(f"{note}?as=nfe", follow=False)
    assert (lacking.status, "/invoice/nfe" in lacking.text) == (409, True)

    tell(world, order_id, key_of_nfe(world, order_id))

    assert documents.is_link(sales.get(f"{note}?as=nfe", follow=False).location)


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es"])
def test_what_an_nfe_lacks_is_said(world, sales_in, locale):
    sells_in_brazil(world)
    goods_are(world, icms="102")
    path = f"invoices/{world.order(sold(world))['invoices'][0]}"

    page = sales_in(locale).get(f"{path}?as=nfe", follow=False)

    assert page.status == 409
    assert "/lines/0/nfe/icms" in page.text
    assert (
        render.translate("This document has no NF-e yet. Say what is missing, and open it again.", locale) in page.text
    )


def test_an_invoice_in_dollars_leads_to_no_nfe(sales, invoiced):
    assert "as=nfe" not in sales.get(f"invoices/{invoiced['invoices'][0]}").text
