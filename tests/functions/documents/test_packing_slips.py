"""The packing slip is made once for one state of the work, and is led to for whoever may see the address."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pypdf
import pytest
import zxingcpp
from PIL import Image

from comanda.aws.directory import directory
from comanda.aws.files import documents as bucket
from comanda.aws.files import stored_documents
from comanda.aws.runtime.clients import client
from comanda.domain.check_digit import with_check_digit
from functions.documents import kept, press
from tests.functions.documents.stored import BUCKET, key_of, objects, pages
from tests.functions.world import Reply, World, a_set, at_counter

ARABIC, EMOJI = "محمد عبد الله", "\U0001f600"


@pytest.fixture
def order_id(world: World) -> str:
    """Give an order that dc-1 was offered."""
    world.stocked("TEA-001", dc_1=9)
    placed = world.placed(("TEA-001", 3), external_id="WEB-1", gift="With love")
    world.settle()
    return placed


def ful(order_id: str, number: int = 1) -> str:
    return f"ful_{order_id[4:]}-{number:03d}"


def get_slip(
    world: World, order_id: str, name: str = "packing-slip", *, who: str = "dc-1-system", number: int = 1
) -> Reply:
    return world.call("GET", f"/v1/fulfillments/{ful(order_id, number)}/documents/{name}", who=who)


def slip_rows(world: World, order_id: str) -> list[dict[str, Any]]:
    return world.aws.items("Orders", f"O#{order_id}", "DOC#")


def test_the_slip_is_a_pdf_of_the_units_the_address_and_the_gift_message(world: World, order_id: str):
    reply = get_slip(world, order_id)

    assert (reply.status, reply.body, reply.headers["Cache-Control"]) == (303, "", "no-store")
    (text,) = pages(key_of(reply))
    for words in (
        "Packing slip",
        "Order WEB-1",
        "DC-1",
        "Ada Byron",
        "12 Main St",
        "United States",
        "With love",
        "A TEA-001",
    ):
        assert words in text, text
    assert re.search(r"TEA-001\s*3\b", text)
    assert ful(order_id) in text
    assert "9.99" not in text


def test_the_link_holds_for_a_minute_and_is_signed_as_encrypted_objects_need_it(world: World, order_id: str):
    parts = urlsplit(get_slip(world, order_id).headers["Location"])

    assert (parts.scheme, parts.netloc) == ("https", f"{BUCKET}.s3.amazonaws.com")
    assert re.fullmatch(r"/2026/[0-9a-f]{32}", parts.path)
    query = parse_qs(parts.query)
    assert query["X-Amz-Expires"] == ["60"]
    assert query["X-Amz-Algorithm"] == ["AWS4-HMAC-SHA256"]


def test_the_object_is_a_pdf_to_browsers_and_ends_by_itself(world: World, order_id: str):
    key = key_of(get_slip(world, order_id))

    head = client("s3").head_object(Bucket=BUCKET, Key=key)
    assert head["ContentType"] == "application/pdf"
    assert head["ContentDisposition"] == f'inline; filename="packing-slip-{ful(order_id)}.pdf"'
    tags = client("s3").get_object_tagging(Bucket=BUCKET, Key=key)["TagSet"]
    assert tags == [{"Key": "keep", "Value": f"{bucket.KEEP_DAYS}-days"}]


def test_the_same_slip_is_made_once_and_without_the_typesetter_afterwards(
    world: World, order_id: str, monkeypatch: pytest.MonkeyPatch
):
    first = get_slip(world, order_id)
    monkeypatch.setattr(press, "pdf", None)

    again = get_slip(world, order_id)

    assert key_of(again) == key_of(first)
    assert objects() == [key_of(first)]
    (row,) = slip_rows(world, order_id)
    assert row["object"] == key_of(first)


def test_other_units_or_parcels_are_another_slip(world: World, order_id: str):
    first = get_slip(world, order_id)
    world.steps(order_id, "accept", "pick")
    assert key_of(get_slip(world, order_id)) == key_of(first)  # a step that changes nothing on paper
    parcel = {"package_id": "B-1", "carrier": "Northway", "tracking_number": "NW 1"}
    assert world.step(order_id, "pack", body={"packages": [parcel]}).status == 200

    packed = get_slip(world, order_id)

    assert key_of(packed) != key_of(first)
    assert "NW 1" in pages(key_of(packed))[0]
    assert len(objects()) == len(slip_rows(world, order_id)) == 2


def test_the_slip_shows_what_is_in_each_parcel_and_its_sscc_as_gs1_128(
    world: World, order_id: str, monkeypatch: pytest.MonkeyPatch
):
    first, second = (with_check_digit(f"3401234500000000{n}") for n in (1, 2))
    world.entry(directory.CARTON, "BOX-M", {"inside_mm": [600, 400, 400], "max_g": 9_000, "fill_percent": 80})
    world.steps(order_id, "accept", "pick")
    parcels = [
        {"package_id": "PALLET", "sscc": first},
        {"package_id": "B-1", "sscc": second, "carton_id": "BOX-M", "parent_id": "PALLET", "contents": [units(3)]},
    ]
    assert world.step(order_id, "pack", body={"packages": parcels}).status == 200
    pictures: list[bytes] = []
    whole = press.pdf

    def kept_as_picture(template: str, data: dict[str, Any]) -> bytes:
        text = press._text(data)
        pictures.append(press._compiler(template).compile(format="png", ppi=200, sys_inputs={"data": text}))
        return whole(template, data)

    monkeypatch.setattr(press, "pdf", kept_as_picture)

    (text,) = pages(key_of(get_slip(world, order_id)))

    for words in ("In this parcel", "3 \u00d7 A TEA-001", "BOX-M", "PALLET", f"(00) {first}", f"(00) {second}"):
        assert words.lower() in text.lower(), text
    read = zxingcpp.read_barcodes(Image.open(BytesIO(pictures[0])))
    gs1 = {code.text for code in read if code.content_type == zxingcpp.ContentType.GS1}
    assert gs1 == {f"(00){first}", f"(00){second}"}


def units(quantity: int) -> dict[str, Any]:
    return {"line_id": "1", "quantity": quantity}


def test_a_row_tells_nothing_of_a_person(world: World, order_id: str):
    get_slip(world, order_id)

    (row,) = slip_rows(world, order_id)
    assert set(row) == {"pk", "sk", "object", "stored_until", "ttl"}
    assert re.fullmatch(r"DOC#packing-slip#[0-9a-f]{64}", row["sk"])


@pytest.mark.parametrize("lost", ["store", "note_stored"])
def test_after_a_crash_the_next_request_puts_the_slip_under_the_same_key(
    world: World, order_id: str, monkeypatch: pytest.MonkeyPatch, lost: str
):
    def crash(*_: object, **__: object) -> None:
        raise OSError

    with monkeypatch.context() as patch:
        patch.setattr(bucket if lost == "store" else stored_documents, lost, crash)
        assert get_slip(world, order_id).status == 500
    (row,) = slip_rows(world, order_id)

    reply = get_slip(world, order_id)

    assert key_of(reply) == row["object"]
    assert objects() == [row["object"]]
    assert len(slip_rows(world, order_id)) == 1


def test_two_requests_at_once_store_one_document(world: World, order_id: str, monkeypatch: pytest.MonkeyPatch):
    store, others = bucket.store, []

    def while_another_asks(*args: Any, **how: Any) -> None:
        if not others:
            others.append(None)  # the request inside is the other one
            others.append(key_of(get_slip(world, order_id)))
        store(*args, **how)

    monkeypatch.setattr(bucket, "store", while_another_asks)

    key = key_of(get_slip(world, order_id))

    assert others[1] == key
    assert objects() == [key]
    assert len(slip_rows(world, order_id)) == 1


def test_making_a_document_is_logged_without_a_word_of_it(
    world: World, order_id: str, caplog: pytest.LogCaptureFixture
):
    get_slip(world, order_id)

    said = str([vars(record) for record in caplog.records])
    assert "document made" in said
    for secret in ("Ada", "Main St", "With love", "X-Amz"):
        assert secret not in said


def test_a_slip_that_s3_may_have_deleted_is_made_again_under_its_key(world: World, order_id: str):
    key = key_of(get_slip(world, order_id))
    client("s3").delete_object(Bucket=BUCKET, Key=key)
    world.now += timedelta(days=bucket.KEEP_DAYS - 1)

    assert key_of(get_slip(world, order_id)) == key
    assert objects() == [key]
    (row,) = slip_rows(world, order_id)
    assert row["ttl"] > (world.now + timedelta(days=bucket.KEEP_DAYS)).timestamp()


@pytest.mark.parametrize("who", ["dc-1-system", "picker", "office", "sales"])
def test_the_nodes_people_and_the_office_get_the_slip(world: World, order_id: str, who: str):
    assert get_slip(world, order_id, who=who).status == 303


@pytest.mark.parametrize("who", ["dc-2-system", "other-picker", "acme", "rival"])
def test_to_others_there_is_no_such_work(world: World, order_id: str, who: str):
    reply = get_slip(world, order_id, who=who)

    assert (reply.status, reply.problem) == (404, "not-found")
    assert reply.body["detail"] == f"fulfillment {ful(order_id)} not found"
    assert objects() == []


@pytest.mark.parametrize("who", ["shop", "other-shop", "form"])
def test_channels_have_no_slips(world: World, order_id: str, who: str):
    assert get_slip(world, order_id, who=who).status == 403


def test_the_partner_that_ships_gets_the_slip(world: World):
    world.stocked("CUP-001", vendor_1=9)
    order_id = world.placed(("CUP-001", 1))
    world.settle()

    assert get_slip(world, order_id, who="acme").status == 303
    assert get_slip(world, order_id, who="rival").status == 404


def test_a_node_that_gave_the_work_back_gets_no_slip(world: World, order_id: str):
    assert world.step(order_id, "decline", body={"reason": "CLOSED"}).status == 200
    world.settle()

    for who in ("dc-1-system", "office"):
        reply = get_slip(world, order_id, who=who)
        assert reply.status == 404
        assert reply.body["detail"] == "document packing-slip not found: no unit is left in this fulfillment"


@pytest.mark.parametrize(
    "name", ["label", "packing-slip.pdf", "PACKING-SLIP", "..", "%2e%2e", "#", "a b", "1" * 80, "%F0%9F%98%80"]
)
def test_a_name_that_is_no_document_is_not_found_in_words(world: World, order_id: str, name: str):
    reply = get_slip(world, order_id, name.replace("#", "%23").replace(" ", "%20"))

    assert reply.status == 404, reply.body
    assert "the documents of a fulfillment are packing-slip" in reply.body["detail"]
    assert objects() == []


@pytest.mark.parametrize(
    ("ful_id", "status"),
    [
        ("ful_us1_01J0000000000000000000000A-001", 404),
        ("nothing", 404),
        ("ful_eu1_01J0000000000000000000000A-001", 404),
    ],
)
def test_a_slip_of_no_work_is_not_found(world: World, ful_id: str, status: int):
    assert world.call("GET", f"/v1/fulfillments/{ful_id}/documents/packing-slip", who="office").status == status


def test_a_pickup_has_the_customers_name_and_no_address(world: World):
    world.stocked("TEA-001", store_1=5)
    order_id = world.placed(at_counter("TEA-001", 1))
    world.settle()

    (text,) = pages(key_of(get_slip(world, order_id, who="office")))

    assert "Ada Byron" in text
    assert "12 Main St" not in text


@pytest.mark.parametrize(
    ("locale", "title", "country"),
    [("pt-BR", "Romaneio do pacote", "Estados Unidos"), ("fr-FR", "Packing slip", "United States")],
)
def test_the_slip_is_in_the_language_of_the_order(world: World, locale: str, title: str, country: str):
    channel = {"name": "web", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US", "pt-BR", "fr-FR"]}
    world.entry("CHANNEL", "web", channel)
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 1), locale=locale)
    world.settle()

    (text,) = pages(key_of(get_slip(world, order_id)))

    assert title in text
    assert country in text


def slip(**changes: Any) -> dict[str, Any]:
    words = ("order", "from", "to", "gift", "article", "code", "units", "all_units", "parcel", "carrier", "tracking")
    return {
        "title": "Packing slip",
        "words": {word: word.upper() for word in words},
        "locale": "en-US",
        "paper": "a4",
        "number": "WEB-1",
        "fulfillment_id": "ful_us1_01J0000000000000000000000A-001",
        "from": ["DC 1"],
        "to": ["Ada"],
        "gift": None,
        "gifts": [],
        "lines": [{"title": "Tea", "sku": "TEA-001", "units": 1}],
        "units": 1,
        "parcels": [],
        "code": press.qr_code("ful_us1_01J0000000000000000000000A-001"),
        **changes,
    }


def printed(**changes: Any) -> list[str]:
    made = press.pdf("packing_slip", slip(**changes))
    return [page.extract_text().replace("\u200b", "") for page in pypdf.PdfReader(BytesIO(made)).pages]


@pytest.mark.parametrize(
    "text",
    [
        "#evil()", "*bold* _thin_ `code` $x$ <label> @ref ~ -- \\ // = heading", '#image("/etc/passwd")', '#read("packing_slip.typ")',
        "{{ 7 * 7 }}", "#set page(height: 1pt)", "]", '"', "Ünïcødé Ωμέγα Привет", EMOJI, "O'Brien & <b>Söhne</b>",
    ],
)  # fmt: skip
def test_a_strangers_text_is_printed_as_it_is(text: str):
    gifts = [{"of": "Tea", "message": text, "from": text}]
    lines = [{"title": text, "sku": "S", "units": 1}]
    (page,) = printed(to=[text], gift=text, gifts=gifts, number=text, lines=lines)

    words = " ".join(page.split())  # without the ends of lines
    assert words.count(text) == 6, page


def test_an_arabic_name_is_printed_with_its_letters():
    (page,) = printed(to=[ARABIC])

    assert sorted(re.findall(r"[\u0600-\u06ff]+", page)) == sorted(ARABIC.split()) or set(ARABIC) - {" "} <= set(page)


@pytest.mark.parametrize("text", ["日本", "\U0001f984", "\x00", "\x07\u2028\u202e", "\ud800", "\r\n\t", "", " "])
def test_a_text_that_the_fonts_do_not_have_is_no_error(text: str):
    assert printed(to=[text], gift=text or None, lines=[{"title": text, "sku": "S", "units": 1}])


def test_a_thousand_lines_of_the_longest_titles_are_printed_to_the_last():
    lines = [{"title": "A" * 495 + f"{i:05}", "sku": "S" * 60 + f"{i:04}", "units": 100_000} for i in range(1_000)]

    made = pypdf.PdfReader(BytesIO(press.pdf("packing_slip", slip(lines=lines))))

    assert len(made.pages) > 100
    last = "".join(made.pages[-1].extract_text().replace("\u200b", "").split())
    assert "A00999" in last
    assert "S0999" in last


def test_the_same_data_is_the_same_bytes_and_another_paper_is_not():
    assert press.pdf("packing_slip", slip()) == press.pdf("packing_slip", slip())
    assert press.pdf("packing_slip", slip()) != press.pdf("packing_slip", slip(paper="us-letter"))


@pytest.mark.parametrize(
    ("address", "ours"),
    [
        (f"https://{BUCKET}.s3.amazonaws.com/2026/x?X-Amz-Expires=60", True),
        (f"http://{BUCKET}.s3.amazonaws.com/2026/x", False),
        ("https://other.s3.amazonaws.com/2026/x", False),
        (f"https://{BUCKET}.s3.amazonaws.com.evil.example/2026/x", False),
        (f"https://{BUCKET}.s3.amazonaws.com@evil.example/2026/x", False),
        ("//evil.example/x", False),
        ("javascript:alert(1)", False),
        ("/v1/orders", False),
        ("", False),
    ],
)
def test_a_link_leads_to_the_bucket_or_is_none(world: World, address: str, ours: bool):
    assert bucket.is_link(address) is ours


def test_the_template_is_part_of_the_digest(world: World, order_id: str, monkeypatch: pytest.MonkeyPatch):
    first = get_slip(world, order_id)
    monkeypatch.setattr(kept, "template", lambda _: b"another")

    assert key_of(get_slip(world, order_id)) != key_of(first)


def test_a_slip_has_the_sets_of_a_bundle_with_their_parts(world: World):
    world.stocked("POT-001", dc_1=9)
    world.stocked("CUP-001", dc_1=9)
    order_id = world.placed(*a_set(2, product={"title": "Breakfast for two"}))
    world.settle()

    (text,) = pages(key_of(get_slip(world, order_id)))

    assert re.search(r"Breakfast for two.*2.*A POT-001.*2.*A CUP-001.*4.*6", text, re.DOTALL), text


def test_each_slip_has_the_address_of_its_own_parcel(world: World):
    gran = {"name": "Grace Canary", "line1": "7 Elm St", "city": "Chicago", "postal_code": "60601", "country": "US"}
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 1), {"sku": "TEA-001", "quantity": 1, "ship_to": {**gran, "region": "IL"}})
    world.settle()

    texts = [" ".join(pages(key_of(get_slip(world, order_id, number=number)))) for number in (1, 2)]

    assert [("12 Main St" in text, "7 Elm St" in text) for text in texts] == [(True, False), (False, True)]


def test_each_gift_of_the_parcel_has_its_message_and_no_price(world: World):
    """An Arabic name, an emoji and the code of a template are printed as they are."""
    messages = ("Happy birthday #sys.inputs {{ x }}", "Merry Christmas")
    gifts = [{"message": text, "from": name} for text, name in zip(messages, (ARABIC, "Ada"), strict=True)]
    world.stocked("TEA-001", dc_1=9)
    world.stocked("POT-001", dc_1=9)
    rows = [{"sku": sku, "quantity": 1, "gift": gift} for sku, gift in zip(("TEA-001", "POT-001"), gifts, strict=True)]
    order_id = world.placed(*rows, gift="With love")
    world.settle()

    (text,) = pages(key_of(get_slip(world, order_id)))

    flat = " ".join(text.split())
    for words in (*messages, "With love", "Ada", "A TEA-001", "A POT-001"):
        assert words in flat
    assert not re.search(r"10[.,]00|USD|\$", flat)


def test_a_gift_that_is_a_bundle_is_named_by_it(world: World):
    world.stocked("POT-001", dc_1=9)
    world.stocked("CUP-001", dc_1=9)
    bundle, *parts = a_set(2, product={"title": "Breakfast for two"})
    order_id = world.placed({**bundle, "gift": {"message": "For you", "wrap": True}}, *parts)
    world.settle()

    (text,) = pages(key_of(get_slip(world, order_id)))

    assert re.search(r"BREAKFAST FOR TWO.*For you", text, re.DOTALL), text
