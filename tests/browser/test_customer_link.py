"""Test the page of a customer's link in a browser: accessible in every state, on a small screen, and without a script."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import expect

from comanda.aws.directory import directory
from comanda.aws.orders import orders
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.tender import Tender
from tests.browser.room_server import serving
from tests.functions.documents.test_invoices import WEB, inv, shipped
from tests.functions.doors import doors
from tests.functions.drafts.test_drafts import a_row, create, get, patch
from tests.functions.drafts.test_quotes import page_of, quote
from tests.functions.selfservice.holder import link_of
from tests.functions.world import World, usd, world
from tests.moto_aws import aws

__all__ = ["aws", "doors", "world"]


@pytest.fixture
def address() -> Iterator[str]:
    with serving("selfservice", "/v1/s/{token}") as found:
        yield f"{found}/live"


def refusals(complaints: list[str]) -> set[str]:
    """Return the statuses of answers that the browser complains about, and take the complaints: the tests ask for them."""
    said = [re.search(r"responded with a status of (\d+)", one) for one in complaints]
    assert all(said), complaints
    complaints.clear()
    return {one[1] for one in said if one}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_order_is_looked_at_and_cancelled_while_every_page_is_accessible(
    opened: Any, faults: Any, complaints: list[str], world: World, address: str, scheme: str
) -> None:
    order_id = world.placed(("TEA-001", 3), ("CUP-001", 1))
    link = address + link_of(world, order_id)
    with opened(link, color_scheme=scheme, viewport={"width": 320, "height": 800}) as page:
        expect(page.get_by_text("Hello Ada")).to_be_visible()
        found = faults(page)
        page.get_by_label("Postal code of the delivery address").fill("1")
        page.get_by_role("button", name="Cancel the whole order").click()
        expect(page.get_by_text("This is not what the order has.")).to_be_visible()
        found += faults(page)
        page.get_by_label("Postal code of the delivery address").fill("60601")
        page.get_by_role("button", name="Show the address, invoices and what was provided").click()
        expect(page.get_by_text("12 Main St")).to_be_visible()
        found += faults(page)
        page.get_by_label("Cancel how many of A TEA-001").fill("1")
        page.get_by_label("Postal code of the delivery address").fill("60601")
        page.get_by_role("button", name="Cancel the chosen items").click()
        expect(page.get_by_text("It is cancelled.")).to_be_visible()
        found += faults(page)
        page.get_by_label("Postal code of the delivery address").fill("60601")
        page.get_by_role("button", name="Cancel the whole order").dblclick()
        expect(page.get_by_text("4 x Cancelled")).to_be_visible()
        found += faults(page)
        wide = page.evaluate("document.documentElement.scrollWidth")

    assert found == []
    assert refusals(complaints) <= {"422", "409"}  # the second click may find what the first has done
    assert wide <= 320
    assert world.order(order_id)["status"] == "CANCELLED"


def test_a_locked_link_and_one_that_opens_nothing_are_accessible(
    opened: Any, faults: Any, complaints: list[str], world: World, address: str
) -> None:
    link = address + link_of(world, world.placed(("TEA-001", 1)))
    with opened(link) as page:
        for _ in range(5):
            page.get_by_label("Postal code of the delivery address").fill("1")
            page.get_by_role("button", name="Cancel the whole order").click()
        expect(page.get_by_text("wrong five times")).to_be_visible()
        found = faults(page)
        page.goto(f"{address}/v1/s/nothing")
        expect(page.get_by_role("heading", name="This link opens nothing")).to_be_visible()
        found += faults(page)

    assert found == []
    assert refusals(complaints) == {"422", "403", "404"}


def test_the_page_needs_no_script(opened: Any, world: World, address: str) -> None:
    order_id = world.placed(("TEA-001", 2), locale="pt-BR")
    with opened(address + link_of(world, order_id), java_script_enabled=False) as page:
        page.get_by_label("CEP do endereço de entrega").fill("60601")
        page.get_by_role("button", name="Cancelar o pedido inteiro").click()
        expect(page.get_by_text("Está cancelado.")).to_be_visible()

    assert world.order(order_id)["status"] == "CANCELLED"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_quote_and_what_became_of_it_are_accessible(
    opened: Any, faults: Any, world: World, address: str, scheme: str
) -> None:
    draft = create(world, lines=[a_row("1", 2), a_row("2", 1, 500, sku="CUP-001")])
    link = address + page_of(quote(world, draft, mail=False)).path
    with opened(link, color_scheme=scheme, viewport={"width": 320, "height": 800}) as page:
        expect(page.get_by_text("Hello Ada, this is what we offer you.")).to_be_visible()
        expect(page.get_by_text("$25.00").last).to_be_visible()
        found = faults(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        patch(world, get(world, draft), tags=["vip"])
        page.reload()
        expect(page.get_by_text("This quote was changed")).to_be_visible()
        found += faults(page)

    assert found == []
    assert wide <= 320


PIX = "00020101021226BR.GOV.BCB.PIXqr_04bfcf1498fa1b4ee41cd047530398654050006304" * 3


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("method", "pay_with", "locale", "says"),
    [
        ("LINK", "https://pay.example/c/pay/cs_1", "en-US", "Pay now"),
        ("LINK", "", "es-MX", "El pago se está preparando. Abra esta página de nuevo en un minuto."),
        ("PIX", PIX, "pt-BR", "Pix copia e cola"),
    ],
)
def test_what_is_to_be_paid_is_accessible_and_fits_a_small_screen(
    opened: Any,
    faults: Any,
    keep_shot: Any,
    world: World,
    address: str,
    scheme: str,
    method: str,
    pay_with: str,
    locale: str,
    says: str,
) -> None:
    channel = {"name": "web", "currencies": ["USD"], "countries": ["US"], "locales": [locale]}
    world.entry(directory.CHANNEL, "web", channel)
    directory.forget()
    order_id = world.placed(("TEA-001", 1), locale=locale)
    asks = Tender(
        method=method, reference="", authorized=0, provider="stripe", asked=999, requested=999, pay_with=pay_with,
        pay_until=world.now + timedelta(hours=24),
    )  # fmt: skip
    event = Event(type=EventType.PAYMENT_ASKED, actor="payments", at=world.now, data={})
    orders.decide(
        order_id,
        lambda order: Decision(
            order=replace(order, payments=(replace(order.payments[0], authorized=1), asks)), event=event
        ),
    )
    with opened(
        address + link_of(world, order_id), color_scheme=scheme, viewport={"width": 320, "height": 900}
    ) as page:
        expect(page.get_by_text(says)).to_be_visible()
        found = faults(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        keep_shot(page, f"to-pay-{method}-{scheme}-{locale}")

    assert found == []
    assert wide <= 320


@pytest.mark.parametrize(
    ("locale", "proof", "shows", "country", "invoice", "note"),
    [
        ("en-US", "Postal code", "Show the address", "United States", "Invoice 1 as PDF", "Credit note 1 as PDF"),
        ("pt-BR", "CEP", "Mostrar o endereço", "Estados Unidos", "Fatura 1 em PDF", "Nota de crédito 1 em PDF"),
        (
            "es-MX",
            "Código postal",
            "Mostrar la dirección",
            "Estados Unidos",
            "Factura 1 en PDF",
            "Nota de crédito 1 en PDF",
        ),
    ],
)
def test_invoices_and_credit_notes_are_accessible_and_fit_a_small_screen(
    opened: Any,
    faults: Any,
    keep_shot: Any,
    world: World,
    address: str,
    locale: str,
    proof: str,
    shows: str,
    country: str,
    invoice: str,
    note: str,
) -> None:
    world.entry(directory.CHANNEL, "web", WEB)
    directory.forget()
    order_id = shipped(world, locale=locale)
    credit = {"invoice_id": inv(order_id), "credit": "AMOUNT", "amount": usd(100), "reason": "late"}
    assert world.change(order_id, "credit-notes", credit).status == 201
    world.settle()

    with opened(address + link_of(world, order_id), viewport={"width": 320, "height": 900}) as page:
        page.get_by_label(proof).fill("60601")
        page.get_by_role("button", name=shows).click()
        expect(page.get_by_text("Chicago, IL 60601")).to_be_visible()
        expect(page.get_by_text(country)).to_be_visible()
        expect(page.get_by_role("link", name=invoice)).to_have_attribute("href", re.compile(r"/invoices/1\?proof="))
        expect(page.get_by_role("link", name=note)).to_have_attribute("href", re.compile(r"/credit-notes/1\?proof="))
        found = faults(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        keep_shot(page, f"papers-{locale}")

    assert found == []
    assert wide <= 320
