"""The customer of a link opens invoices as PDF after the postal code, for ten minutes."""

import re
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest

from comanda.aws.directory import directory
from comanda.aws.files import documents
from tests.functions import events
from tests.functions.documents.stored import objects, pages
from tests.functions.erase.test_erase import customer_of, erase
from tests.functions.order_form.site import Page
from tests.functions.selfservice.holder import Holder, holder
from tests.functions.world import World, usd


@pytest.fixture
def order_id(world: World) -> str:
    """Give an order with one invoice."""
    world.stocked("TEA-001", dc_1=5)
    placed = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(placed, "ship")
    world.settle()
    return placed


def revealed(one: Holder) -> Page:
    return one.press(one.get(), "reveal", proof="60601")


def papers(one: Holder) -> list[str]:
    """Return the addresses of invoices and credit notes on the page, after the postal code."""
    found = re.findall(r'href="([^"]*/(?:invoices|credit-notes)/[^"]*)"', revealed(one).text)
    return [urljoin(one.path, address) for address in found]


def follow(address: str, **query: str) -> str:
    """Return where the browser is led."""
    parts = urlsplit(address)
    token, papers, number = parts.path.removeprefix("/v1/s/").rsplit("/", 2)
    asked = events.event(
        "GET",
        parts.path,
        resource=f"/v1/s/{{token}}/{papers}/{{number}}",
        values={"token": token, "number": number},
        headers={},
        query={name: [value] for name, value in {**dict(parse_qsl(parts.query)), **query}.items()},
        body=None,
        context={"requestId": "r-paper"},
    )
    answer = events.answer("documents", asked)
    assert answer["statusCode"] == 303, answer["body"]
    return events.flat(answer["multiValueHeaders"])["Location"]


def back_to(one: Holder) -> str:
    return f"../../{one.path.rpartition('/')[2]}"


def test_the_invoice_opens_after_the_postal_code(world: World, order_id: str):
    one = holder(world, order_id)
    assert "/invoices/" not in one.get().text
    (address,) = papers(one)
    assert "Invoice 1 as PDF" in revealed(one).words

    led = follow(address)

    assert documents.is_link(led)
    (text,) = pages(urlsplit(led).path.strip("/"))
    assert "Ada Byron" in text


@pytest.mark.parametrize("proof", ["", "0", "9999999999-00", "99999999999999-x", "-", "\u0661-\U0001f600", "a" * 5000])
def test_without_its_proof_the_page_asks_again(world: World, order_id: str, proof: str):
    one = holder(world, order_id)
    (address,) = papers(one)

    assert follow(address, proof=proof) == back_to(one)
    assert objects() == []


def test_a_proof_is_of_one_invoice_of_one_order_for_ten_minutes(world: World, order_id: str):
    one = holder(world, order_id)
    (address,) = papers(one)
    (other,) = papers(holder(world, order_id))
    assert documents.is_link(follow(other))
    assert follow(address.replace("/invoices/1", "/invoices/2")) == back_to(one)
    world.pass_time(601)

    assert follow(address) == back_to(one)
    assert documents.is_link(follow(papers(one)[0]))


@pytest.mark.parametrize("number", ["0", "9", "x", "1.5", "-1", "\u0661", "1" * 40])
def test_no_invoice_of_this_number_leads_back(world: World, order_id: str, number: str):
    one = holder(world, order_id)
    (address,) = papers(one)

    assert follow(address.replace("/invoices/1", f"/invoices/{number}")) == back_to(one)


def test_a_credit_note_opens_as_its_invoice_does_and_by_its_own_proof(world: World, order_id: str):
    invoice_id = world.order(order_id)["invoices"][0]
    body = {"invoice_id": invoice_id, "credit": "AMOUNT", "amount": usd(100), "reason": "late"}
    assert world.change(order_id, "credit-notes", body).status == 201
    world.settle()
    one = holder(world, order_id)
    invoice, note = papers(one)
    assert "Credit note 1 as PDF" in revealed(one).words

    led = follow(note)

    assert documents.is_link(led)
    assert "C000001" in "".join(pages(urlsplit(led).path.strip("/")))
    assert follow(invoice.replace("/invoices/", "/credit-notes/")) == back_to(one)
    assert follow(note.replace("/credit-notes/1", "/credit-notes/2")) == back_to(one)


def test_a_link_that_was_revoked_opens_no_paper(world: World, order_id: str):
    one = holder(world, order_id)
    (address,) = papers(one)
    assert world.call("POST", f"/v1/orders/{order_id}/links", {"revoke": True}, who="office").status == 201

    assert follow(address) == back_to(one)


@pytest.mark.parametrize("token", ["x", "%0d%0aSet-Cookie: a", ".."])
def test_a_forged_link_leads_to_the_page_that_says_so_and_nowhere_else(world: World, order_id: str, token: str):
    one = holder(world, order_id)
    (address,) = papers(one)

    led = follow(address.replace(one.path.rpartition("/")[2], token))

    assert re.fullmatch(r"\.\./\.\./[A-Za-z0-9_.~%-]{1,2000}", led)


def test_an_erased_customer_opens_no_paper(world: World, order_id: str):
    one = holder(world, order_id)
    (address,) = papers(one)
    world.steps(order_id, "deliver")
    world.settle()
    assert erase(world, customer_of(order_id)).status == 200

    assert follow(address) == back_to(one)
    assert objects() == []


def test_a_channel_without_a_seller_offers_no_paper(world: World, order_id: str):
    channel = {"name": "web", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"]}
    world.entry(directory.CHANNEL, "web", channel)
    directory.forget()

    assert papers(holder(world, order_id)) == []
