"""The page of an invoice credits it: with a preview, once, as far as something is left; the credit note has a page."""

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.files import documents
from functions.console import credit_form, render
from functions.console.typed_fields import UNITS
from tests.functions.console.test_order_page import fields
from tests.functions.world import usd


@pytest.fixture
def invoiced(world):
    """Give the path of an invoice of two pieces at 10.00, for a person who may give 15.00."""
    limits = {"appeasement": [usd(1500)]}
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits=limits)
    directory.forget()
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    return f"invoices/{world.order(order_id)['invoices'][0]}"


def order_of(world, path):
    return world.order(f"ord_{path.removeprefix('invoices/inv_').rpartition('-')[0]}")


def typed(page, do, **more):
    return fields(page, do) | {"quantity.0": "0", "amount": "", "credit": "ALL", "reason": "late", "do": do} | more


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es"])
def test_a_preview_shows_what_would_be_credited_and_keeps_what_was_typed(sales_in, world, invoiced, locale):
    sales = sales_in(locale)

    page = sales.post(invoiced, typed(sales.get(invoiced), "preview", credit="AMOUNT", amount="4.50"))

    assert page.status == 200
    assert render.translate("The credit note would be", locale) in page.text
    assert 'value="4.50"' in page.text
    assert order_of(world, invoiced)["credit_notes"] == []


def test_units_are_credited_once_and_the_credit_note_has_a_page(sales, world, invoiced):
    form = typed(sales.get(invoiced), "credit", credit="LINES", **{"quantity.0": "1"})

    page = sales.post(invoiced, form)
    sales.post(invoiced, form)

    assert "The credit note was issued." in page.text
    (note,) = order_of(world, invoiced)["credit_notes"]
    assert note["total"] == usd(1000)
    path = f"credit-notes/{note['credit_note_id']}"
    for leads in (invoiced, f"orders/{order_of(world, invoiced)['order_id']}"):
        assert f'{path}"' in sales.get(leads).text
    assert "Credit note, without a number yet" in sales.get(path).text
    assert "as=pdf" not in sales.get(path).text
    world.settle()
    assert documents.is_link(sales.get(f"{path}?as=pdf", follow=False).location)
    shown = sales.get(path)
    assert f'{path.partition("/")[2]}?as=pdf"' in shown.text
    for words in ("dc-1-C000001", "dc-1-000001", "$10.00", "late", "Refunded"):
        assert words in shown.text


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"credit": "AMOUNT", "amount": "4,50,1"}, "amount"),
        ({"credit": "AMOUNT", "amount": "99"}, "amount"),
        ({"credit": "AMOUNT", "amount": "16"}, "amount"),
        ({"credit": "LINES", "quantity.0": "x"}, "quantity.0"),
        ({"credit": "LINES"}, "quantity.0"),
        ({"credit": "ALL", "amount": "1"}, "amount"),
        ({"credit": "AMOUNT", "amount": "1", "reason": " "}, "reason"),
    ],
)
def test_a_wrong_field_is_marked_and_nothing_is_credited(sales, world, invoiced, more, field):
    page = sales.post(invoiced, typed(sales.get(invoiced), "credit", **more))

    assert page.status in (403, 409, 422)
    assert f'id="error-cancel-{field}"' in page.text
    assert order_of(world, invoiced)["credit_notes"] == []


@pytest.mark.parametrize("typed", ["x", "-1", "1.5", "\u0661", "1000000"])
def test_units_are_up_to_six_digits(typed):
    fields = {"credit": "LINES", "amount": "", "keep_charges": "", "reason": "late", "quantity.0": typed}
    invoice, lines = {"invoice_id": "ord_1-1", "currency": "USD"}, [{"line_id": "a"}]

    body, wrong = credit_form.read(fields, invoice, lines)
    taken, right = credit_form.read(fields | {"quantity.0": " 999999 "}, invoice, lines)

    assert ("lines" in body, wrong) == (False, {"quantity.0": UNITS})
    assert (taken["lines"], right) == ([{"line_id": "a", "quantity": 999_999}], {})


def test_what_is_credited_whole_is_not_offered_again(sales, world, invoiced):
    order_id = order_of(world, invoiced)["order_id"]
    body = {"invoice_id": invoiced.removeprefix("invoices/"), "credit": "ALL", "reason": "late"}
    assert world.change(order_id, "credit-notes", body).status == 201

    page = sales.get(invoiced)

    assert "All of it is credited." in page.text
    assert 'value="credit"' not in page.text


def test_a_form_of_an_older_version_names_what_happened_since(sales, world, invoiced):
    form = typed(sales.get(invoiced), "credit", credit="AMOUNT", amount="1")
    order_id = order_of(world, invoiced)["order_id"]
    body = {"invoice_id": invoiced.removeprefix("invoices/"), "credit": "AMOUNT", "amount": usd(5), "reason": "late"}
    assert world.change(order_id, "credit-notes", body).status == 201

    page = sales.post(invoiced, form)

    assert page.status == 412
    assert "Credit note of invoice dc-1-000001: $0.05" in page.text


def test_a_form_of_an_older_version_is_refused_as_such_when_a_line_of_it_is_credited_whole(sales, world, invoiced):
    form = typed(sales.get(invoiced), "credit", credit="LINES", **{"quantity.0": "1"})
    order_id = order_of(world, invoiced)["order_id"]
    body = {"invoice_id": invoiced.removeprefix("invoices/"), "credit": "ALL", "reason": "late"}
    assert world.change(order_id, "credit-notes", body).status == 201

    page = sales.post(invoiced, form)

    assert page.status == 412
    assert "Credit note of invoice dc-1-000001" in page.text


@pytest.mark.usefixtures("invoiced")  # for the limit of the person
def test_a_field_keeps_its_line_when_the_line_before_it_is_credited_whole(sales, world):
    world.stocked("POT-001", dc_1=5)
    order_id = world.placed(("TEA-001", 1), ("POT-001", 1))
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    path = f"invoices/{world.order(order_id)['invoices'][0]}"
    tea, pot = (line["line_id"] for line in world.order(order_id)["lines"])
    body = {"credit": "LINES", "lines": [{"line_id": tea, "quantity": 1}], "reason": "late"}
    assert world.change(order_id, "credit-notes", {"invoice_id": path.removeprefix("invoices/"), **body}).status == 201

    page = sales.get(path)
    assert ('name="quantity.0"' in page.text, 'name="quantity.1"' in page.text) == (False, True)
    sales.post(path, fields(page, "preview") | {"credit": "LINES", "quantity.1": "1", "reason": "late", "do": "credit"})

    second = world.call("GET", f"/v1/credit-notes/crn_{order_id[4:]}-002", who="office").body
    assert [line["line_id"] for line in second["lines"]] == [pot]


def test_a_credit_note_that_does_not_exist_is_not_found(sales):
    assert sales.get("credit-notes/crn_us1_01ARZ3NDEKTSV4RRFFQ69G5FAV-001").status == 404
