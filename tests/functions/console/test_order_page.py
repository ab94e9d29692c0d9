"""The page of an order shows it whole, and takes what the office decides about it."""

import re
from dataclasses import replace
from html import unescape

import pytest

from comanda.aws.directory import directory
from comanda.aws.orders import orders
from comanda.domain.lifecycle.holds import renewals
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from functions.console import render
from tests.functions.channels import set_channel
from tests.functions.console.gateway import Page


@pytest.fixture
def shipped(world):
    """Give an order of two articles that has left in one shipment with a parcel."""
    world.stocked("TEA-001", dc_1=5)
    world.stocked("POT-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2), ("POT-001", 1))
    world.settle()
    world.steps(order_id, "accept", "pick", "pack")
    packages = [{"package_id": "B-1", "carrier": "Northway", "tracking_number": "NW 1"}]
    assert world.step(order_id, "ship", body={"packages": packages}).status == 200
    world.settle()
    return order_id


@pytest.fixture
def waiting(world):
    """Give an order whose units are at a node that has not begun."""
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 3))
    world.settle()
    return order_id


def fields(page: Page, do: str) -> dict[str, str]:
    """Return the hidden fields of the form that has the button `do`."""
    forms = re.findall(r"<form\b.*?</form>", page.text, re.DOTALL)
    return page.fields(next(i for i, form in enumerate(forms) if f'value="{do}"' in form)) | {"do": do}


def test_the_page_tells_what_became_of_the_units_and_why_they_left_from_there(sales, shipped):
    page = sales.get(f"orders/{shipped}")

    assert page.status == 200
    for words in ("Shipped", "DC-1", "NW 1", "Timeline", "Why here", "as the cheapest plan", "Total"):
        assert words in page.text


def test_the_page_shows_what_the_carriers_saw(sales, world, shipped):
    world.pass_time(60)
    scan = {"tracking_number": "NW 1", "occurred_at": world.now.isoformat()}
    events = [{**scan, "status": "EXCEPTION", "note": "Box is <wet>", "location": "Reno"}, {**scan, "code": "X9"}]
    assert world.call("POST", "/v1/tracking-events", {"events": events}, who="office").status == 200

    page = sales.get(f"orders/{shipped}")

    for words in ("What the carriers saw", "Problem at the carrier", "Box is &lt;wet&gt;", "Reno", "X9"):
        assert words in page.text
    assert page.text.count("Problem at the carrier") == 2  # beside the parcel, and in the list
    waits = sales.get("queues/delivery-exceptions")
    assert "The carrier reports a problem" in waits.text
    assert "It is lost" in waits.text


@pytest.mark.parametrize(
    ("locale", "words"),
    [
        ("en-US", ("Being authorized again", "$30.00 is being authorised again")),
        ("pt-BR", ("Nova autorização em curso", "está sendo autorizado de novo")),
        ("es-MX", ("Nueva autorización en curso", "se está autorizando de nuevo")),
    ],
)
def test_the_page_shows_how_far_each_payment_is(sales_in, world, waiting, locale, words):
    def ends(order: Order) -> Decision | None:
        by_card = tuple(replace(t, provider="stripe", expires_at=world.now) for t in order.payments)
        return renewals.begin(replace(order, payments=by_card), world.now)

    orders.decide(waiting, ends)

    page = sales_in(locale).get(f"orders/{waiting}")

    for said in words:
        assert said in unescape(page.text)


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es-MX"])
def test_the_page_renders_in_each_language(sales_in, shipped, locale):
    page = sales_in(locale).get(f"orders/{shipped}")

    assert page.status == 200
    assert render.translate("Why here", locale) in page.text


def test_a_hold_that_is_sent_twice_is_set_once(sales, world, waiting):
    world.hold_type("CHECK")
    form = fields(sales.get(f"orders/{waiting}"), "hold") | {"type": "CHECK", "reason": "ask the customer"}

    pages = [sales.post(f"orders/{waiting}", form) for _ in range(2)]

    assert [page.status for page in pages] == [200, 200]
    assert "The order is held." in pages[0].text
    assert len(world.order(waiting)["holds"]) == 1


def test_lines_are_held_by_a_type_for_lines(sales, world, waiting):
    world.hold_type("FITS", level="line", applies_when=None)
    page = sales.get(f"orders/{waiting}")
    form = fields(page, "hold") | {"type": "FITS", "reason": "ask the customer"}

    without = sales.post(f"orders/{waiting}", form)
    assert without.status == 422
    assert 'id="error-hold-lines"' in without.text
    done = sales.post(
        f"orders/{waiting}", fields(page, "hold") | {**form, "key": fields(without, "hold")["key"], "lines": "1"}
    )

    assert done.status == 200
    assert world.order(waiting)["holds"][0]["line_ids"] == ["1"]
    assert "Only for lines 1." in done.text


def test_a_page_asks_for_no_lines_where_no_type_holds_lines(sales, world, waiting):
    world.hold_type("CHECK")

    assert 'name="lines"' not in sales.get(f"orders/{waiting}").text


@pytest.mark.parametrize(
    ("kind", "says"),
    [({"roles": ["admin"]}, "Only for: Admin"), ({"resolved_by": "event"}, "Another system resolves it")],
)
def test_a_hold_that_others_resolve_has_no_button_and_says_who_does(sales, world, waiting, kind, says):
    world.hold_type("CHECK", applies_when=None, **kind)
    assert world.change(waiting, "holds", {"type": "CHECK", "reason": "x"}).status == 200

    page = sales.get(f"orders/{waiting}")

    assert says in page.text
    assert 'value="resolve"' not in page.text


def test_an_order_of_which_nothing_is_left_takes_no_change(sales, world, waiting):
    assert f'href="{waiting}/change"' in sales.get(f"orders/{waiting}").text
    assert world.change(waiting, "cancel", {"reason": "no"}).status == 200

    page = sales.get(f"orders/{waiting}")

    assert f'href="{waiting}/change"' not in page.text
    assert "No unit is left" in page.text


@pytest.mark.parametrize(
    ("locale", "asked", "kept"),
    [
        ("en-US", "3 units asked back until", "The node keeps recalled work"),
        ("pt-BR", "3 unidades pedidas de volta até", "O local fica com o trabalho solicitado de volta"),
        ("es-MX", "3 unidades reclamadas hasta el", "El local se queda con el trabajo reclamado"),
    ],
)
def test_a_recall_and_its_refusal_stand_with_the_shipment(sales_in, world, waiting, locale, asked, kept):
    world.steps(waiting, "accept", "pick")
    assert (
        world.change(waiting, "recall", {"reason": "wrong colour", "lines": [{"line_id": "1", "quantity": 3}]}).status
        == 200
    )
    browser = sales_in(locale)
    page = browser.get(f"orders/{waiting}")
    assert asked in page.text
    assert "wrong colour" in page.text

    assert world.step(waiting, "recall-refuse", 1, {"reason": "LEAVING"}).status == 200
    page = browser.get(f"orders/{waiting}")
    assert asked not in page.text
    assert kept in page.text


@pytest.mark.parametrize(("locale", "why"), [("en-US", "Damaged"), ("pt-BR", "Danificado"), ("es-MX", "Dañado")])
def test_units_that_wait_say_why(sales_in, world, waiting, locale, why):
    assert world.step(waiting, "decline", body={"reason": "DAMAGED"}).status == 200

    assert f'<span dir="auto">{why}</span>' in sales_in(locale).get(f"orders/{waiting}").text


def test_a_hold_is_resolved_with_the_persons_words(sales, world, waiting):
    world.hold_type("CHECK")
    sales.post(f"orders/{waiting}", fields(sales.get(f"orders/{waiting}"), "hold") | {"type": "CHECK", "reason": "ask"})
    page = sales.get(f"orders/{waiting}")
    (hold,) = world.order(waiting)["holds"]

    done = sales.post(
        f"orders/{waiting}", fields(page, "resolve") | {"hold_id": hold["hold_id"], "resolution": "she is known"}
    )

    assert done.status == 200
    assert not world.order(waiting)["holds"][0]["active"]


def test_chosen_units_are_cancelled(sales, world, waiting):
    form = fields(sales.get(f"orders/{waiting}"), "cancel") | {"quantity.0": "2", "reason": "too many"}

    assert sales.post(f"orders/{waiting}", form).status == 200

    assert world.order(waiting)["quantities"]["CANCELLED"] == 2


@pytest.mark.parametrize("typed", ["4", "-1", "two", "", "٢", "9" * 400, "{{ 7 * 7 }}"])
def test_a_wrong_quantity_is_refused_at_its_field_and_what_was_typed_stays(sales, world, waiting, typed):
    form = fields(sales.get(f"orders/{waiting}"), "cancel") | {"quantity.0": typed, "reason": "no longer wanted <b>"}

    page = sales.post(f"orders/{waiting}", form)

    assert page.status == 422
    assert 'id="error-cancel-quantity.0"' in page.text
    assert "no longer wanted &lt;b&gt;" in page.text
    assert "CANCELLED" not in world.order(waiting)["quantities"]


def test_a_missing_reason_is_refused_at_its_field(sales, world, waiting):
    form = fields(sales.get(f"orders/{waiting}"), "cancel") | {"quantity.0": "1", "reason": "  "}

    page = sales.post(f"orders/{waiting}", form)

    assert page.status == 422
    assert 'id="error-cancel-reason"' in page.text


def test_units_are_cancelled_for_a_reason_of_the_retailer_which_the_page_then_shows(sales_in, world, waiting):
    browser = sales_in("pt-BR")
    own = {"titles": dict.fromkeys(("en-US", "es"), "x") | {"pt-BR": "Lote <7>"}, "blame": "carrier"}
    for code, active in (("lot-7", True), ("old", False)):
        reply = world.call("PUT", f"/v1/cancel-reasons/{code}", own | {"active": active}, who="office")
        assert reply.status == 201
    directory.forget()
    page = browser.get(f"orders/{waiting}")

    for offered in ("Lote &lt;7&gt; (Transportadora)", "Pedido por engano (Cliente)", 'value="customer-request"'):
        assert offered in page.text
    for not_offered in ('value="old"', 'value="no-show"'):
        assert not_offered not in page.text
    done = browser.post(f"orders/{waiting}", fields(page, "cancel") | {"quantity.0": "1", "reason_code": "lot-7"})

    assert "Lote &lt;7&gt;</span> <small>Transportadora" in done.text
    (kept, gone) = sorted(world.order(waiting)["lines"][0]["allocations"], key=lambda a: "cancel_reason" in a)
    assert (kept["quantity"], gone["cancel_reason"], gone["blame"]) == (2, "lot-7", "carrier")


def test_all_that_can_be_is_cancelled_at_once_but_not_beside_typed_units(sales, world, waiting):
    page = sales.get(f"orders/{waiting}")
    form = fields(page, "cancel-all") | {"do": "cancel-all", "reason": "moved away", "reason_code": "customer-request"}

    refused = sales.post(f"orders/{waiting}", form | {"quantity.0": "1"})
    done = sales.post(f"orders/{waiting}", form | {"quantity.0": "0"})

    assert refused.status == 422
    assert 'id="error-cancel-quantity.0"' in refused.text
    assert "moved away" in refused.text
    assert "All that could be was cancelled." in done.text
    assert world.order(waiting)["quantities"] == {"CANCELLED": 3}


def test_a_change_of_somebody_else_is_shown_before_anything_is_done(sales, world, waiting):
    form = fields(sales.get(f"orders/{waiting}"), "cancel") | {"quantity.0": "1", "reason": "one too many"}
    world.steps(waiting, "accept")

    page = sales.post(f"orders/{waiting}", form)

    assert page.status == 412
    assert "What changed since" in page.text
    assert "one too many" in page.text
    assert "CANCELLED" not in world.order(waiting)["quantities"]


def test_a_part_that_fails_is_named_and_the_rest_is_shown(sales, gateway, shipped):
    gateway.broken.add(f"/v1/orders/{shipped}/decisions")

    page = sales.get(f"orders/{shipped}")

    assert page.status == 200
    assert "Why here could not be loaded" in page.text
    assert "NW 1" in page.text


def test_a_carriers_page_is_linked_where_the_directory_has_one(sales, world, shipped):
    world.entry("CARRIER", "northway", {"tracking_url": "https://track.example.org/{number}"})

    assert 'href="https://track.example.org/NW%201"' in sales.get(f"orders/{shipped}").text


def test_another_order_and_another_action_are_not_found(sales, waiting):
    assert sales.get("orders/ord_us1_01ARZ3NDEKTSV4RRFFQ69G5FAV").status == 404
    assert (
        sales.post(f"orders/{waiting}", fields(sales.get(f"orders/{waiting}"), "hold") | {"do": "explode"}).status
        == 404
    )


def test_a_worker_is_not_offered_orders(new_browser, waiting):
    browser = new_browser()
    browser.enter("picker")

    assert browser.get(f"orders/{waiting}").status == 403


def test_the_customer_is_read_and_shown_only_when_a_person_asks(sales, gateway, waiting):
    first = sales.get(f"orders/{waiting}")
    calls_before = [path for _, path, _ in gateway.calls]
    asked = sales.get(f"orders/{waiting}?customer=shown")

    assert "Ada Byron" not in first.text
    assert f"{waiting}?customer=shown#customer" in first.text
    assert f"/v1/orders/{waiting}/contact" not in calls_before
    for words in ("Ada Byron", "ada@example.org", "12 Main St", "60601"):
        assert words in asked.text


def test_a_customer_that_cannot_be_read_leaves_the_rest_of_the_order(sales, gateway, waiting):
    gateway.broken.add(f"/v1/orders/{waiting}/contact")

    page = sales.get(f"orders/{waiting}?customer=shown")

    assert page.status == 200
    assert "Customer could not be loaded" in page.text
    assert "Timeline" in page.text


@pytest.fixture
def digital(world):
    """Give an order of two digital units that wait to be provided."""
    order_id = world.placed({"sku": "POT-001", "quantity": 2, "kind": "DIGITAL"}, ship_to=None)
    world.settle()
    return order_id


def test_units_are_provided_with_a_code_that_is_shown_with_the_customer(sales, world, digital):
    typed = {"line_id": "1", "quantity": "2", "kind": "CODE", "text": "ABCD-1234 <b>"}

    page = sales.post(f"orders/{digital}", fields(sales.get(f"orders/{digital}"), "provide") | typed)

    assert page.status == 200
    assert "The units were provided." in page.text
    assert 'id="provide"' not in page.text
    assert world.order(digital)["quantities"] == {"PROVIDED": 2}
    assert "ABCD-1234" not in page.text
    assert "ABCD-1234 &lt;b&gt;" in sales.get(f"orders/{digital}?customer=shown").text


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"quantity": "two"}, "quantity"),
        ({"quantity": "3"}, "quantity"),
        ({"text": " "}, "text"),
        ({"kind": "LINK"}, "text"),
        ({"line_id": "9"}, "line_id"),
    ],
)
def test_a_wrong_proof_is_refused_at_its_field_and_what_was_typed_stays(sales, world, digital, typed, field):
    sent = {"line_id": "1", "quantity": "1", "kind": "CODE", "text": "ABCD & 1"} | typed

    page = sales.post(f"orders/{digital}", fields(sales.get(f"orders/{digital}"), "provide") | sent)

    assert page.status in (409, 422)
    assert f'id="error-provide-{field}"' in page.text
    assert "text" in typed or "ABCD &amp; 1" in page.text
    assert world.order(digital)["quantities"] == {"SCHEDULED": 2}


def test_a_held_order_offers_no_button_to_provide(sales, world, digital):
    world.hold_type("CHECK", blocks=["release"])
    assert world.change(digital, "holds", {"type": "CHECK", "reason": "odd"}).status == 200

    text = sales.get(f"orders/{digital}").text

    assert 'id="provide"' in text
    assert 'value="provide"' not in text


@pytest.mark.parametrize("locale", ["pt-BR", "es-MX"])
def test_the_form_to_provide_is_in_the_readers_language(new_browser, world, digital, locale):
    assert world.call("PUT", "/v1/me/settings", {"locale": locale}, who="sales").status == 200
    browser = new_browser()
    browser.sign_in("sales")

    assert render.translate("Provide these units", locale) in browser.get(f"orders/{digital}").text


def test_the_invoice_of_provided_units_names_no_shipment(sales, world, digital):
    proof = {"line_id": "1", "quantity": 2, "proof": {"kind": "NOTE", "text": "done"}}
    assert world.call("POST", f"/v1/orders/{digital}/provide", proof, who="office").status == 200
    world.settle()
    (invoice,) = world.order(digital)["invoices"]

    page = sales.get(f"invoices/{invoice}")

    assert (page.status, "web-000001" in page.text) == (200, True)


def test_the_next_best_node_is_named_as_people_know_it(sales, world):
    world.stocked("TEA-001", dc_1=5, dc_2=5)
    order_id = world.placed(("TEA-001", 1))
    world.settle()

    page = sales.get(f"orders/{order_id}").text

    assert re.search(r"Next best: <bdi>DC-[12]</bdi>", page), page[page.index("Why here") :][:2000]


def test_the_timeline_of_many_events_begins_at_the_newest_and_goes_on(sales, world, waiting):
    world.hold_type("CHECK")
    for n in range(51):
        assert world.change(waiting, "holds", {"type": "CHECK", "reason": f"ask {n}"}).status == 200
        assert world.change(waiting, f"holds/h{n + 1}/resolve", {"resolution": f"answer {n}"}).status == 200

    newest = sales.get(f"orders/{waiting}")
    (cursor,) = {unescape(found) for found in re.findall(r'href="[^"]*\?events=([^"]+)', newest.text)}
    older = sales.get(f"orders/{waiting}?events={cursor}")

    assert "answer 50" in newest.text
    assert "Order placed" not in newest.text
    assert "Order placed" in older.text
    assert "answer 50" not in older.text


def test_a_payment_by_gift_card_shows_the_end_of_its_code_and_leads_to_its_account(sales, world):
    set_channel(world, payment_providers={"GIFT_CARD": "comanda"})
    amount = {"amount": 1_000, "currency": "USD"}
    card = world.call("POST", "/v1/gift-cards", {"channel": "web", "amount": amount, "reason": "sold"}).body
    paid = {"method": "GIFT_CARD", "code": card["code"], "authorized": amount}
    order_id = world.placed(("TEA-001", 1), payments=[paid])

    page = sales.get(f"orders/{order_id}")

    assert f'gift-cards/{card["account_id"]}">…{card["last4"]}</a>: ' in page.text
    assert card["code"] not in page.text
