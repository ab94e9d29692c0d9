"""The PDF of an invoice is made once for one state of the sale, from the buyer that the law keeps."""

import re
from collections.abc import Sequence
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import urlsplit

import pypdf
import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb.items import unpack
from comanda.aws.files import documents as bucket
from comanda.aws.files import stored_documents
from comanda.aws.orders import order_links
from comanda.aws.runtime import formats
from comanda.aws.runtime.clients import client
from comanda.domain.documents.invoice_document import Letterhead, content
from comanda.domain.documents.sale_document import SaleDocument
from functions.documents import press
from tests.domain.documents.einvoice_judges import en16931_says, peppol_says, schema_says
from tests.domain.documents.sales import BUYER, SELLER, a_sale, a_sale_line, a_set
from tests.functions.documents.stored import BUCKET, key_of, objects, pages
from tests.functions.erase.test_erase import customer_of, erase
from tests.functions.world import TEA_COMPANY, Reply, World, usd
from tests.functions.world import a_set as a_bundle

ARABIC, EMOJI = "محمد عبد الله", "\U0001f600"
LINE = {"sku": "TEA-001", "quantity": 3, "unit_price": usd(999), "tax": {"rate": "0.1", "amount": usd(300)}}
WEB = {
    "name": "Tea web",
    "currencies": ["USD", "JPY", "BHD", "BRL"],
    "countries": ["US"],
    "locales": ["en-US", "pt-BR", "es-MX"],
    "legal_entity": "tea-co",
}


def shipped(world: World, *lines: Any, **changes: Any) -> str:
    """Return the id of an order with one invoice."""
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(*(lines or (LINE,)), external_id="WEB-1", **changes)
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    return order_id


@pytest.fixture
def order_id(world: World) -> str:
    return shipped(world, customer={"name": "Ada Byron", "email": "ada@example.org", "tax_id": "ADA-1"})


def inv(order_id: str, number: int = 1) -> str:
    return f"inv_{order_id[4:]}-{number:03d}"


def get_pdf(world: World, order_id: str, *, who: str = "shop", number: int = 1) -> Reply:
    return world.call("GET", f"/v1/invoices/{inv(order_id, number)}/pdf", who=who)


def text_of(reply: Reply) -> str:
    assert reply.status == 303, reply.body
    return plain("".join(pages(key_of(reply))))


def plain(text: str) -> str:
    """Return a text without blanks: a reader of PDF takes kerned letters for words of their own."""
    return "".join(text.replace("\u200b", "").split())


def copies(world: World, order_id: str) -> list[dict[str, Any]]:
    return world.aws.items("Customers", f"O#{order_id}", "I#")


def channel(world: World, **changes: Any) -> None:
    world.entry(directory.CHANNEL, "web", WEB | changes)
    directory.forget()


def test_the_invoice_is_a_pdf_of_seller_buyer_lines_taxes_and_payments(world: World, order_id: str):
    reply = get_pdf(world, order_id)

    assert (reply.status, reply.body, reply.headers["Cache-Control"]) == (303, "", "no-store")
    text = text_of(reply)
    for words in (
        "Invoice dc-1-000001", "Order WEB-1", "The Tea Company Inc. 1 Harbor Way Columbus, OH 43215 United States",
        "Tax id: 12-3456789", "Ada Byron 12 Main St", "Tax id: ADA-1", "A TEA-001", "$9.99", "10 %", "$29.97", "$3.00",
        "Total $32.97", "Paid: Card $32.97", "To be paid $0.00", "Status of the order",
    ):  # fmt: skip
        assert plain(words) in text, (words, text)
    assert "ada@example.org" not in text


def test_the_object_is_named_by_the_invoice_and_its_row_tells_nothing_of_a_person(world: World, order_id: str):
    key = key_of(get_pdf(world, order_id))

    assert re.fullmatch(r"2026/[0-9a-f]{32}", key)
    (row,) = [row for row in world.order_items(order_id, "DOC#") if "invoice" in row["sk"]]
    assert (set(row), row["object"]) == ({"pk", "sk", "object", "stored_until", "ttl"}, key)


def test_the_same_invoice_is_made_once(world: World, order_id: str, monkeypatch: pytest.MonkeyPatch):
    first = get_pdf(world, order_id)
    monkeypatch.setattr(press, "pdf", None)
    world.now += timedelta(days=1)

    assert key_of(get_pdf(world, order_id, who="office")) == key_of(first)
    assert objects() == [key_of(first)]


@pytest.mark.parametrize("lost", ["store", "note_stored"])
def test_after_a_crash_the_next_request_puts_the_invoice_under_the_same_key(
    world: World, order_id: str, monkeypatch: pytest.MonkeyPatch, lost: str
):
    def crash(*_: object, **__: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(bucket if lost == "store" else stored_documents, lost, crash)
        assert get_pdf(world, order_id).status == 500

    assert objects() in ([], [key_of(get_pdf(world, order_id))])
    assert len(objects()) == 1


def test_the_code_leads_to_the_page_of_the_order(world: World, order_id: str, monkeypatch: pytest.MonkeyPatch):
    codes: list[str] = []
    made = press.qr_code
    monkeypatch.setattr(press, "qr_code", lambda text: codes.append(text) or made(text))

    get_pdf(world, order_id)

    (address,) = codes
    token = urlsplit(address).path.rpartition("/")[2]
    assert order_links.find(token, world.now).order.order_id == order_id


def test_the_copy_has_name_address_and_tax_id_alone_and_ends_with_the_law(world: World, order_id: str):
    (row,) = copies(world, order_id)

    assert (row["keep_until"], set(row)) == ("2034-01-01", {"pk", "sk", "doc", "seller", "keep_until", "ttl"})
    assert unpack(row["seller"]) == {"id": "tea-co", **TEA_COMPANY}
    buyer = unpack(row["doc"])
    assert buyer.pop("tax_id") == "ADA-1"
    assert set(buyer) == {"name", "line1", "city", "region", "postal_code", "country"}


def test_a_buyer_who_moves_and_a_seller_that_moves_stay_where_they_were_on_the_invoice(world: World, order_id: str):
    first = key_of(get_pdf(world, order_id))
    world.entry(directory.LEGAL_ENTITY, "tea-co", {**TEA_COMPANY, "city": "Dayton"})
    directory.forget()

    assert key_of(get_pdf(world, order_id)) == first


def test_each_shipment_has_its_invoice_with_its_part_of_the_payment(world: World):
    world.stocked("TEA-001", dc_1=2, dc_2=1)
    order_id = world.placed(
        LINE,
        payments=[
            {"method": "GIFT_CARD", "reference": "g", "authorized": usd(2500)},
            {"method": "CARD", "reference": "c", "authorized": usd(797)},
        ],
    )
    world.settle()
    for number in (1, 2):
        world.steps(order_id, "ship", number=number)
        world.settle()

    first, second = (text_of(get_pdf(world, order_id, number=number)) for number in (1, 2))

    assert plain("Total $21.98 Paid: Gift card $21.98 To be paid $0.00") in first
    assert plain("Total $10.99 Paid: Gift card $3.02 Paid: Card $7.97 To be paid $0.00") in second
    assert len(copies(world, order_id)) == 2


@pytest.mark.parametrize("who", ["shop", "office", "sales", "finance"])
def test_the_channel_and_the_office_get_it(world: World, order_id: str, who: str):
    assert get_pdf(world, order_id, who=who).status == 303


@pytest.mark.parametrize(
    ("who", "status"), [("other-shop", 404), ("dc-1-system", 403), ("picker", 403), ("acme", 403), ("form", 403)]
)
def test_nobody_else_does(world: World, order_id: str, who: str, status: int):
    assert get_pdf(world, order_id, who=who).status == status
    assert objects() == []


@pytest.mark.parametrize("name", ["inv_us1_01J0000000000000000000000A-001", "nothing", "..", "%F0%9F%98%80", "#"])
def test_no_invoice_has_no_pdf(world: World, name: str):
    assert world.call("GET", f"/v1/invoices/{name.replace('#', '%23')}/pdf", who="office").status == 404


def test_a_person_who_opens_it_is_noted_and_an_application_is_not(world: World, order_id: str):
    get_pdf(world, order_id)
    assert "invoice" not in str(world.aws.items("Customers", f"AS#{order_id}"))
    get_pdf(world, order_id, who="sales")

    (note,) = world.aws.items("Customers", f"AS#{order_id}")
    assert (note["act"], note["person"]) == ("invoice", "sales")


def test_making_it_is_logged_without_a_word_of_it(world: World, order_id: str, caplog: pytest.LogCaptureFixture):
    get_pdf(world, order_id)

    said = str([vars(record) for record in caplog.records])
    assert "document made" in said
    for secret in ("Ada", "Main St", "ADA-1", "X-Amz", "/v1/s/"):
        assert secret not in said


def test_an_invoice_of_a_channel_without_a_legal_entity_says_so_until_it_has_one(world: World):
    channel(world, legal_entity=None)
    order_id = shipped(world)
    refused = get_pdf(world, order_id)
    assert (refused.status, refused.problem) == (409, "not-allowed")
    assert "channel web names no legal entity" in refused.body["detail"]
    assert copies(world, order_id) == []

    channel(world)

    assert plain("The Tea Company Inc.") in text_of(get_pdf(world, order_id))


def test_an_invoice_whose_number_is_not_given_yet_has_no_pdf(
    world: World, order_id: str, monkeypatch: pytest.MonkeyPatch
):
    from comanda.aws.orders import invoices

    shown = invoices.view(order_id, 1)
    monkeypatch.setattr(invoices, "view", lambda *_: {**shown, "number": None})

    reply = get_pdf(world, order_id)

    assert (reply.status, reply.problem) == (409, "not-allowed")
    assert "has no number yet" in reply.body["detail"]


def test_after_an_erasure_people_of_finance_alone_get_it_without_the_link_of_the_order(world: World, order_id: str):
    before = key_of(get_pdf(world, order_id))
    world.steps(order_id, "deliver")
    world.settle()
    assert erase(world, customer_of(order_id)).status == 200
    world.settle()
    assert objects() == []
    for who in ("shop", "office", "sales"):
        refused = get_pdf(world, order_id, who=who)
        assert refused.status == 403
        assert "people of the desk finance alone" in refused.body["detail"]
    assert objects() == []

    reply = get_pdf(world, order_id, who="finance")

    text = text_of(reply)
    assert plain("Ada Byron 12 Main St") in text
    assert plain("Status of the order") not in text
    assert key_of(reply) != before


def test_a_copy_ends_on_its_day_also_before_its_row_is_deleted(world: World, order_id: str):
    world.steps(order_id, "deliver")
    world.settle()
    assert erase(world, customer_of(order_id)).status == 200
    world.now = world.now.replace(year=2034, month=1, day=1)

    reply = get_pdf(world, order_id, who="finance")

    assert reply.status == 404
    assert "the law keeps no copy" in reply.body["detail"]


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("pt-BR", ("Fatura", "Vendedor", "Estados Unidos", "Pago: Cartão", "US$ 32,97")),
        ("es-MX", ("Factura", "Comprador", "Estados Unidos", "Pagado: Tarjeta", "USD 32.97")),
        ("fr-FR", ("Invoice", "United States", "Paid: Card", "$32.97")),
    ],
)
def test_it_is_in_the_language_in_which_the_channel_writes_to_the_customer(
    world: World, locale: str, words: tuple[str, ...]
):
    channel(world)
    text = text_of(get_pdf(world, shipped(world, locale=locale)))

    for one in words:
        assert plain(one).upper() in text.upper(), (one, text)


def test_a_bundle_stands_above_its_parts(world: World):
    world.stocked("POT-001", dc_1=9)
    world.stocked("CUP-001", dc_1=9)
    order_id = world.placed(*a_bundle(2, product={"title": "Breakfast for two"}))
    world.settle()
    world.steps(order_id, "ship")
    world.settle()

    assert re.search(r"Breakfastfortwo.*2\$.*APOT-001.*ACUP-001", text_of(get_pdf(world, order_id)))


def printed(
    document: SaleDocument, *, locale: str = "en-US", buyer: dict[str, Any] = BUYER, brand: str = "Tea"
) -> list[str]:
    """Return the text of each page of a document, with its blanks as single ones."""
    return [words(page) for page in pages_of(document, locale=locale, buyer=buyer, brand=brand)]


def words(page: pypdf.PageObject) -> str:
    return " ".join(page.extract_text().replace("\u200b", "").split())


def pages_of(
    document: SaleDocument, *, locale: str = "en-US", buyer: dict[str, Any] = BUYER, brand: str = "Tea"
) -> Sequence[pypdf.PageObject]:
    head = Letterhead(brand=brand, locale=locale)
    shown = content(document, head, SELLER, buyer, formats.of_locale(locale), press.countries("en-US"))
    made = press.pdf("invoice", {**shown, "code": press.qr_code("https://example.org/v1/s/x")})
    return pypdf.PdfReader(BytesIO(made)).pages


@pytest.mark.parametrize(
    "text",
    [
        "#evil()", "*bold* _thin_ `code` $x$ <label> @ref ~ -- \\ // = heading", '#image("/etc/passwd")', "{{ 7 * 7 }}",
        "#set page(height: 1pt)", "]", '"', "Ünïcødé Ωμέγα Привет", EMOJI, "O'Brien & <b>Söhne</b>",
    ],
)  # fmt: skip
def test_a_strangers_text_is_printed_as_it_is(text: str):
    document = a_sale(a_sale_line(title=text), order_number=text)

    (page,) = printed(document, buyer={"name": text, "city": text}, brand=text)

    assert page.count(text) == 5, page


def test_an_arabic_name_is_printed_with_its_letters():
    (page,) = printed(a_sale(), buyer={"name": ARABIC})

    assert set(ARABIC) - {" "} <= set(page)


@pytest.mark.parametrize("text", ["日本", "\U0001f984", "\x00", "\x07\u2028\u202e", "\ud800", "\r\n\t", "", " "])
def test_a_text_that_the_fonts_do_not_have_is_no_error(text: str):
    assert printed(a_sale(a_sale_line(title=text)), buyer={"name": text})


@pytest.mark.parametrize(
    ("currency", "locale", "total"),
    [
        ("JPY", "en-US", "¥1,999"),
        ("BHD", "es", "1,999 BHD"),
        ("BRL", "pt-BR", "R$ 19,99"),
        ("USD", "es-MX", "USD 19.99"),
    ],
)
def test_amounts_have_the_digits_of_their_currency(currency: str, locale: str, total: str):
    (page,) = printed(a_sale(a_sale_line(1, 1999), currency=currency), locale=locale)

    assert total in page.replace("\xa0", " ")


def test_taxes_that_prices_include_are_said_to_be_included():
    (page,) = printed(a_sale(a_sale_line(1, 1190, 190, rate="0.19"), prices_include_tax=True))

    assert "Prices include tax." in page
    assert "19 % €10.00 €1.90" in page
    assert "Total €11.90" in page


def test_a_thousand_lines_of_long_titles_are_printed_to_the_last_with_their_numbers_of_pages():
    lines = [a_sale_line(title="A" * 295 + f"{i:05}", sku="S" * 60 + f"{i:04}", quantity=100_000) for i in range(1_000)]
    found = pages_of(a_sale(*lines, bundles=(a_set(),)))

    assert len(found) > 50
    last = words(found[-1])
    assert f"{len(found)} / {len(found)}" in last
    assert "A00999" in last.replace(" ", "")
    assert "Total €1,000,000,000.00" in last


PEPPOL = {"tax_id": "PT501964843", "electronic_address": "0088:4012345000009", "country": "PT", "region": None}
BUSINESS = {"buyer_reference": "PO-7", "electronic_address": "0088:4006381333931", "cart": "cart-7"}


def get_xml(world: World, order_id: str, who: str = "shop") -> Reply:
    return world.call("GET", f"/v1/invoices/{inv(order_id)}/xml", who=who)


def test_the_xml_is_made_once_from_the_copy_and_passes_every_judge(world: World):
    world.entry(directory.LEGAL_ENTITY, "tea-co", {**TEA_COMPANY, **PEPPOL})
    directory.forget()
    order_id = shipped(world, attributes=BUSINESS)

    reply = get_xml(world, order_id)

    assert reply.status == 303, reply.body
    head = client("s3").head_object(Bucket=BUCKET, Key=key_of(reply))
    assert (head["ContentType"], head["ContentDisposition"]) == (
        "application/xml",
        f'inline; filename="invoice-{inv(order_id)}.xml"',
    )
    xml = client("s3").get_object(Bucket=BUCKET, Key=key_of(reply))["Body"].read()
    assert (schema_says(xml), en16931_says(xml), peppol_says(xml)) == ([], [], [])
    assert b">dc-1-000001<" in xml
    assert b">PO-7<" in xml
    assert b"cart-7" not in xml
    assert key_of(get_xml(world, order_id, "office")) == key_of(reply)
    assert len(objects()) == 1


def test_an_order_says_why_it_is_not_taxed_and_its_papers_too(world: World):
    world.entry(directory.LEGAL_ENTITY, "tea-co", {**TEA_COMPANY, **PEPPOL})
    directory.forget()
    untaxed = {**LINE, "tax": {"rate": "0", "amount": usd(0), "zero_rate_reason": "EXPORT"}}
    charge = {"kind": "SHIPPING", "amount": usd(500), "zero_rate_reason": "EXPORT"}
    sums = {"goods": usd(2997), "discounts": usd(0), "charges": usd(500), "tax": usd(0), "total": usd(3497)}
    paid = [{"method": "CARD", "reference": "c", "authorized": usd(3497)}]
    order_id = shipped(world, untaxed, charges=[charge], totals=sums, payments=paid, attributes=BUSINESS)
    order = world.order(order_id)
    assert order["lines"][0]["zero_rate_reason"] == order["charges"][0]["zero_rate_reason"] == "EXPORT"

    reply = get_xml(world, order_id)

    assert reply.status == 303, reply.body
    xml = client("s3").get_object(Bucket=BUCKET, Key=key_of(reply))["Body"].read()
    assert (schema_says(xml), en16931_says(xml), peppol_says(xml)) == ([], [], [])
    assert b"VATEX-EU-G" in xml
    assert plain("0 % Export") in text_of(get_pdf(world, order_id))


def test_what_the_xml_lacks_is_named_and_nothing_is_kept(world: World, order_id: str):
    reply = get_xml(world, order_id)

    assert (reply.status, reply.problem, objects()) == (409, "not-allowed", [])
    assert [pointer for pointer, _ in reply.errors] == [
        "/seller/tax_id", "/seller/electronic_address", "/buyer/buyer_reference", "/buyer/electronic_address",
    ]  # fmt: skip


@pytest.mark.parametrize(("who", "status"), [("other-shop", 404), ("dc-1-system", 403), ("picker", 403), ("form", 403)])
def test_nobody_else_gets_the_xml(world: World, order_id: str, who: str, status: int):
    assert get_xml(world, order_id, who).status == status


def test_after_an_erasure_finance_alone_is_told_what_the_xml_lacks(world: World, order_id: str):
    world.steps(order_id, "deliver")
    world.settle()
    assert erase(world, customer_of(order_id)).status == 200

    assert [get_xml(world, order_id, who).status for who in ("shop", "office", "finance")] == [403, 403, 409]
