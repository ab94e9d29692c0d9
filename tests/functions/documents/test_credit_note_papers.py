"""A credit note is made as PDF and as XML, from the seller and the buyer of its invoice, whose copy is kept as long as it."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.runtime.clients import client
from tests.domain.documents.einvoice_judges import en16931_says, peppol_says, schema_says
from tests.functions.credit.test_credit import credit
from tests.functions.documents.stored import BUCKET, key_of, objects
from tests.functions.documents.test_invoices import BUSINESS, PEPPOL, channel, copies, get_pdf, plain, shipped, text_of
from tests.functions.erase.test_erase import customer_of, erase
from tests.functions.world import TEA_COMPANY, Reply, World, usd


@pytest.fixture
def order_id(world: World) -> str:
    """Give an order of three pieces with one invoice, of which one is credited."""
    customer = {"name": "Ada Byron", "email": "ada@example.org", "tax_id": "ADA-1"}
    made = shipped(world, customer=customer)
    assert credit(world, made, "LINES", lines=[{"line_id": "1", "quantity": 1}]).status == 201
    world.settle()
    return made


def get(world: World, order_id: str, form: str = "pdf", *, who: str = "shop", number: int = 1) -> Reply:
    return world.call("GET", f"/v1/credit-notes/crn_{order_id[4:]}-{number:03d}/{form}", who=who)


def test_the_credit_note_is_a_pdf_of_what_it_takes_back(world: World, order_id: str):
    text = text_of(get(world, order_id))

    for words in (
        "Credit note dc-1-C000001", "Invoice dc-1-000001, Nov 19, 2026", "Order WEB-1", "The Tea Company Inc.",
        "Ada Byron 12 Main St", "Tax id: ADA-1", "A TEA-001", "$9.99", "10 %", "$1.00", "Total $10.99",
        "Refunded: Card $10.99",
    ):  # fmt: skip
        assert plain(words) in text, (words, text)
    assert plain("To be paid") not in text


@pytest.mark.parametrize(
    ("locale", "words"),
    [("pt-BR", ("Nota de crédito", "Fatura", "Reembolsado: Cartão")), ("es-MX", ("Nota de crédito", "Factura", "Reembolsado: Tarjeta"))],
)  # fmt: skip
def test_it_is_in_the_language_of_its_invoice(world: World, locale: str, words: tuple[str, ...]):
    channel(world)
    made = shipped(world, locale=locale)
    assert credit(world, made).status == 201
    world.settle()

    text = text_of(get(world, made))

    for one in words:
        assert plain(one).upper() in text.upper(), (one, text)


@pytest.mark.parametrize("form", ["pdf", "xml"])
def test_no_paper_is_made_of_a_credit_note_without_a_number(world: World, form: str):
    made = shipped(world)
    assert credit(world, made).status == 201

    refused = get(world, made, form)

    assert (refused.status, refused.problem, objects()) == (409, "not-allowed", [])
    assert "has no number yet" in refused.body["detail"]


def test_it_is_made_once_and_the_invoice_stays_what_it_was(world: World, order_id: str):
    first = key_of(get(world, order_id))

    assert key_of(get(world, order_id, who="office")) == first
    assert plain("Total $32.97 Paid: Card $32.97 To be paid $0.00") in text_of(get_pdf(world, order_id))
    assert len(objects()) == 2


def test_an_order_that_changes_afterwards_changes_no_paper(
    world: World, order_id: str, monkeypatch: pytest.MonkeyPatch
):
    from dataclasses import replace

    from comanda.aws.orders import orders

    invoice, note = key_of(get_pdf(world, order_id)), key_of(get(world, order_id))
    find = orders.find

    def later(order_id: str) -> Any:
        order = find(order_id)
        assert order
        return order.with_lines(replace(line, title="Coffee", tax_rate="0.5") for line in order.lines)

    monkeypatch.setattr(orders, "find", later)

    assert (key_of(get_pdf(world, order_id)), key_of(get(world, order_id))) == (invoice, note)


def test_the_xml_of_invoice_and_credit_note_passes_every_judge(world: World):
    world.entry(directory.LEGAL_ENTITY, "tea-co", {**TEA_COMPANY, **PEPPOL})
    directory.forget()
    made = shipped(world, attributes=BUSINESS)
    assert credit(world, made, "AMOUNT", amount=usd(500)).status == 201
    world.settle()

    reply = get(world, made, "xml")

    assert reply.status == 303, reply.body
    stored = client("s3").get_object(Bucket=BUCKET, Key=key_of(reply))
    xml = stored["Body"].read()
    assert stored["ContentDisposition"] == f'inline; filename="credit-note-crn_{made[4:]}-001.xml"'
    assert (schema_says(xml, "CreditNote"), en16931_says(xml), peppol_says(xml)) == ([], [], [])
    for words in (b">dc-1-C000001<", b">dc-1-000001<", b">PO-7<"):
        assert words in xml


def test_what_the_xml_lacks_is_named(world: World, order_id: str):
    reply = get(world, order_id, "xml")

    assert (reply.status, reply.problem, objects()) == (409, "not-allowed", [])
    assert "/seller/tax_id" in [pointer for pointer, _ in reply.errors]


@pytest.mark.parametrize("form", ["pdf", "xml"])
@pytest.mark.parametrize(
    ("who", "status"), [("other-shop", 404), ("dc-1-system", 403), ("picker", 403), ("acme", 403), ("form", 403)]
)
def test_nobody_else_gets_it(world: World, order_id: str, who: str, status: int, form: str):
    assert get(world, order_id, form, who=who).status == status
    assert objects() == []


@pytest.mark.parametrize("number", [2, 0, 999])
def test_no_credit_note_of_this_number_has_no_paper(world: World, order_id: str, number: int):
    assert get(world, order_id, number=number).status == 404


def test_a_person_who_opens_it_is_noted(world: World, order_id: str):
    get(world, order_id, who="sales")

    (note,) = world.aws.items("Customers", f"AS#{order_id}")
    assert (note["act"], note["person"]) == ("invoice", "sales")


def test_after_an_erasure_people_of_finance_alone_get_it(world: World, order_id: str):
    world.steps(order_id, "deliver")
    world.settle()
    assert erase(world, customer_of(order_id)).status == 200
    world.settle()

    assert [get(world, order_id, who=who).status for who in ("shop", "office", "sales")] == [403] * 3
    assert plain("Ada Byron 12 Main St") in text_of(get(world, order_id, who="finance"))


def test_the_copy_of_the_invoice_is_kept_as_long_as_its_credit_note(world: World):
    made = shipped(world)
    (row,) = copies(world, made)
    assert row["keep_until"] == "2034-01-01"
    assert credit(world, made, "AMOUNT", amount=usd(100)).status == 201
    assert copies(world, made) == [row]  # of the same year
    world.now = world.now.replace(year=2028)

    assert credit(world, made, "AMOUNT", amount=usd(100)).status == 201

    (after,) = copies(world, made)
    assert after["keep_until"] == "2036-01-01"
    assert after["ttl"] > row["ttl"]
    assert {name: value for name, value in after.items() if name not in ("keep_until", "ttl")} == {
        name: value for name, value in row.items() if name not in ("keep_until", "ttl")
    }


def test_a_preview_prolongs_no_copy(world: World):
    made = shipped(world)
    before = copies(world, made)
    world.now = world.now.replace(year=2028)

    assert credit(world, made, preview=True).status == 200

    assert copies(world, made) == before


def test_an_invoice_without_a_copy_has_none_by_its_credit_note(world: World):
    channel(world, legal_entity=None)
    made = shipped(world)

    assert credit(world, made).status == 201

    assert copies(world, made) == []
