"""The page that changes an order previews what is typed, makes exactly that, and never sets back what others changed."""

import re

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from functions.console import amounts, change_rules, render
from tests.functions.world import a_set, usd

PERCENT, GIFT = 10, 500


@pytest.fixture(autouse=True)
def limits(world):
    """Let the sales person lower prices by some percent, and give a little off an order."""
    rights = {"roles": ["staff"], "limits": {"override_percent": PERCENT, "appeasement": [usd(GIFT)]}}
    world.aws.put("Directory", **keys.user("sales"), **rights)


@pytest.fixture
def order_id(world):
    """Give an order of three teas and a pot at a node that has not begun."""
    world.stocked("TEA-001", dc_1=9)
    world.stocked("POT-001", dc_1=9)
    placed = world.placed(("TEA-001", 3), ("POT-001", 1), external_id="WEB-10233", note="ring <twice>")
    world.settle()
    return placed


def typed(page, **more):
    """Return the fields of the form as the page shows them, with what a person types instead. `__` stands for a point."""
    (form,) = re.findall(r'<form class="form" method="post"[^>]*id="change".*?</form>', page.text, re.DOTALL)
    shown = dict(re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', form))
    shown |= dict(re.findall(r'<textarea[^>]*? name="([^"]+)"[^>]*>([^<]*)</textarea>', form))
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        shown[name] = (re.findall(r'value="([^"]*)" selected', options) or re.findall(r'value="([^"]*)"', options))[0]
    shown = {
        name: value.replace("&#34;", '"').replace("&lt;", "<").replace("&gt;", ">") for name, value in shown.items()
    }
    return shown | {"reason": "she asked"} | {name.replace("__", "."): value for name, value in more.items()}


def preview(sales, order_id, page=None, **more):
    page = page or sales.get(f"orders/{order_id}/change")
    return sales.post(f"orders/{order_id}/change", typed(page, do="preview", **more))


def make(sales, order_id, page, **more):
    return sales.post(f"orders/{order_id}/change", typed(page, do="make", **more))


def test_a_preview_changes_nothing_and_one_press_makes_what_it_showed(sales, world, order_id):
    before = world.order(order_id)
    page = preview(sales, order_id, quantity__0="1", price__1="9.50", priority="7", tags="vip\nphone", note="ring once")

    assert page.status == 200
    for words in ("$40.00", "-$20.50", "$19.50", "2 units of line 1 are cancelled.", "DC-1", "2 units come back."):
        assert words in page.text, words
    assert world.order(order_id) == before

    done = make(sales, order_id, page)

    assert "The order was changed." in done.text
    after = world.order(order_id)
    assert (after["totals"]["total"]["amount"], after["priority"], after["tags"]) == (1950, 7, ["vip", "phone"])
    assert after["quantities"]["CANCELLED"] == 2
    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office")
    assert contact.body["note"] == "ring once"


def test_a_discount_and_a_charge_with_its_payment_are_made_step_by_step(sales, world, order_id):
    page = preview(sales, order_id, discount_amount="5", discount_code="late")
    page = preview(sales, order_id, page, charge_amount="7,25", charge_kind="GIFT_WRAP")

    assert "$2.25 is to be paid" in page.text
    assert 'value="make"' not in page.text
    assert 'name="pay_amount" type="text" value="2.25"' in page.text

    page = preview(sales, order_id, page, pay_reference="terminal 4711")
    done = make(sales, order_id, page)

    assert "The order was changed." in done.text
    order = world.order(order_id)
    assert (order["totals"]["total"]["amount"], order["payments"][-1]["authorized"]["amount"]) == (4225, 225)


def test_a_stale_preview_shows_the_new_one_and_keeps_what_was_typed(sales, world, order_id):
    page = preview(sales, order_id, quantity__0="1", note="ask for <Ada>")
    other = {"reason": "x", "changes": [{"modification": "tags", "tags": ["vip"]}]}
    assert world.change(order_id, "changes", other).status == 200

    refused = make(sales, order_id, page)

    assert refused.status in (409, 412, 422)
    assert world.order(order_id)["quantities"].get("CANCELLED", 0) == 0
    shown = typed(refused)
    assert (shown["quantity.0"], shown["note"], shown["tags"]) == ("1", "ask for <Ada>", "vip")
    assert "The order was changed." in make(sales, order_id, refused).text
    after = world.order(order_id)
    assert (after["quantities"]["CANCELLED"], after["tags"]) == (2, ["vip"])


def test_work_that_moved_since_the_preview_is_shown_anew(sales, world, order_id):
    page = preview(sales, order_id, quantity__0="1")
    world.steps(order_id, "accept", "pick", "pack")

    refused = make(sales, order_id, page)

    assert refused.status in (409, 412, 422)
    assert "The order has moved since the preview." in refused.text
    assert "Already packed" in refused.text or "Not allowed any more" in refused.text
    assert 'value="make"' not in refused.text
    assert world.order(order_id)["quantities"] == {"PACKED": 4}


def test_what_is_typed_after_the_preview_is_not_made_unseen(sales, world, order_id):
    page = preview(sales, order_id, quantity__0="1")

    refused = make(sales, order_id, page, quantity__0="2")

    assert "The preview shows something else." in refused.text
    assert "1 unit of line 1 is cancelled." in refused.text
    assert world.order(order_id)["quantities"].get("CANCELLED", 0) == 0
    assert "The order was changed." in make(sales, order_id, refused).text
    assert world.order(order_id)["quantities"]["CANCELLED"] == 1


def test_an_ended_preview_is_shown_anew(sales, world, order_id):
    page = preview(sales, order_id, quantity__0="1")

    refused = make(sales, order_id, page, preview_id="prv_us1_01ARZ3NDEKTSV4RRFFQ69G5FAV")

    assert "The preview shows something else." in refused.text
    assert "The order was changed." in make(sales, order_id, refused).text


def test_a_change_that_is_sent_twice_is_made_once(sales, world, order_id):
    page = preview(sales, order_id, discount_amount="2", discount_code="late")
    form = typed(page, do="make")

    pages = [sales.post(f"orders/{order_id}/change", form) for _ in range(2)]

    assert ["The order was changed." in page.text for page in pages] == [True, True]
    assert len(world.order(order_id)["discounts"]) == 1


def test_the_tax_id_of_the_customer_is_changed_and_an_empty_field_changes_nothing(sales, world, order_id):
    page = preview(sales, order_id, tax_id="ADA-1")
    assert "The order was changed." in make(sales, order_id, page).text
    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body
    assert contact["customer"]["tax_id"] == "ADA-1"

    page = preview(sales, order_id, tax_id="", priority="7")
    assert "The order was changed." in make(sales, order_id, page).text
    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body
    assert (contact["customer"]["tax_id"], world.order(order_id)["priority"]) == ("ADA-1", 7)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"quantity__0": "two"}, "quantity.0"),
        ({"quantity__0": "-1"}, "quantity.0"),
        ({"quantity__0": ""}, "quantity.0"),
        ({"quantity__0": "٢"}, "quantity.0"),
        ({"quantity__0": "9" * 300}, "quantity.0"),
        ({"price__1": "1,234.50"}, "price.1"),
        ({"price__1": ""}, "price.1"),
        ({"price__1": "9.999"}, "price.1"),
        ({"price__1": "{{ 7 * 7 }}"}, "price.1"),
        ({"price__1": "5"}, "price.1"),  # above the person's percent
        ({"discount_amount": "5.01", "discount_code": "late"}, "discount_amount"),  # above the person's limit
        ({"discount_amount": "5"}, "discount_code"),
        ({"discount_code": "late"}, "discount_amount"),
        ({"charge_kind": "WRAP", "charge_amount": "1", "charge_tax": "x"}, "charge_tax"),
        ({"priority": "11"}, "priority"),
        ({"tags": "t" * 200}, "tags"),
        ({"note": "n" * 501}, "note"),
        ({"tax_id": "9" * 33}, "tax_id"),
        ({"quantity__0": "1", "reason": " "}, "reason"),
    ],
)
def test_what_cannot_be_sent_is_refused_at_its_field_and_stays(sales, world, order_id, fields, wrong):
    before = world.order(order_id)

    page = preview(sales, order_id, **({"reason": "no longer <b>"} | fields))

    assert page.status in (403, 422)
    assert f'id="error-{wrong}"' in page.text
    assert "reason" in fields or "no longer &lt;b&gt;" in page.text
    assert world.order(order_id) == before


def test_a_form_without_a_change_and_a_button_that_is_not_there(sales, order_id):
    assert "Type a change first." in preview(sales, order_id).text
    page = sales.get(f"orders/{order_id}/change")
    assert sales.post(f"orders/{order_id}/change", typed(page, do="explode")).status == 404


def test_a_denied_change_shows_the_words_of_the_matrix(sales, world, order_id):
    matrix = {
        "rules": [
            {"modification": "discount", "allow": False, "statuses": ["RELEASED"], "reason": "No gifts <today>"},
            {"modification": "price", "allow": False, "statuses": ["RELEASED"], "reason": "Prices stand"},
        ]
    }
    assert world.call("PUT", "/v1/modification-matrices/default", matrix, who="office").status == 201
    directory.forget()

    page = sales.get(f"orders/{order_id}/change")

    assert "No gifts &lt;today&gt;" in page.text
    assert "Prices stand" in page.text
    assert 'name="discount_amount"' not in page.text
    assert 'name="price.0"' not in page.text


def test_the_limits_of_the_person_stand_on_the_page(sales, order_id):
    page = sales.get(f"orders/{order_id}/change")

    assert "at most 10 percent, and give $5.00 off one order" in page.text


def test_a_person_who_may_give_nothing_is_offered_no_discount(sales, world, order_id):
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"])

    page = sales.get(f"orders/{order_id}/change")

    assert "neither lower prices nor discounts" in page.text
    assert 'name="discount_amount"' not in page.text
    assert 'name="appease_amount"' not in page.text


@pytest.mark.parametrize("locale", ["pt-BR", "es"])
def test_amounts_are_typed_as_the_reader_writes_them(sales_in, world, order_id, locale):
    browser = sales_in(locale)

    page = preview(browser, order_id, price__1="9,10")

    assert 'value="9,10"' in page.text
    assert render.translate("Make this change", locale) in page.text


def test_sets_of_a_bundle_are_changed_on_its_own_line(sales, world):
    for sku in ("TEA-001", "POT-001", "CUP-001"):
        world.stocked(sku, dc_1=9)
    order_id = world.placed(("TEA-001", 1), *a_set(2, 1999, product={"title": "Breakfast for two"}))
    world.settle()

    page = preview(sales, order_id, quantity__1="1")

    assert "quantity.2" not in page.text
    assert "Breakfast for two" in page.text
    assert "The order was changed." in make(sales, order_id, page).text
    assert world.order(order_id)["lines"][1]["sets"]["CANCELLED"] == 1


def test_an_order_of_many_lines_is_changed_page_by_page(sales, world):
    lines = [("TEA-001", 1)] * (change_rules.MOST_LINES + 2)
    world.stocked("TEA-001", dc_1=99)
    order_id = world.placed(*lines)
    world.settle()

    first = sales.get(f"orders/{order_id}/change")
    rest = sales.get(f"orders/{order_id}/change?first={change_rules.MOST_LINES}")

    assert f"?first={change_rules.MOST_LINES}" in first.text
    assert 'name="quantity.39"' in first.text
    assert 'name="quantity.40"' not in first.text
    page = sales.post(f"orders/{order_id}/change", typed(rest, do="preview", quantity__41="0"))
    assert "1 unit of line 42 is cancelled." in page.text


def test_another_order_is_not_found_and_a_worker_gets_no_form(sales, new_browser, order_id):
    assert sales.get("orders/ord_us1_01ARZ3NDEKTSV4RRFFQ69G5FAV/change").status == 404
    assert new_browser().enter("picker").get(f"orders/{order_id}/change").status == 403


@pytest.mark.parametrize(("text", "currency", "minor"), [("12", "USD", 1200), ("12,5", "USD", 1250), (" 7 ", "JPY", 7)])
def test_an_amount_is_read_as_it_is_written(text, currency, minor):
    assert amounts.read(text, currency) == minor
    assert amounts.read(amounts.written(minor, currency, ","), currency) == minor
