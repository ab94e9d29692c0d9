"""Test that a customer is merged, exported and erased from the console, and that an order gives its customer a link."""

import json
import re
from html import unescape

import pytest

from comanda.aws.dynamodb import keys
from functions.console.pages import customer_export
from tests.functions.cases.desk import opened
from tests.functions.console import examples
from tests.functions.console.test_order_page import fields
from tests.functions.drafts.acts import create


@pytest.fixture
def boss(world, browser):
    world.aws.put("Directory", **keys.user("boss"), name="Boss", roles=["admin"])
    return browser.enter("boss")


@pytest.fixture
def path(world):
    """Give the page of a customer with an order that is closed and one that is open."""
    found = examples.a_customer(world)
    world.settle()
    return found


def close(world, path):
    for order in world.call("GET", f"/v1/{path}", who="office").body["items"]:
        assert world.change(order["order_id"], "cancel", {"reason": "late"}).status == 200
    world.settle()


def confirmed(page, **fields):
    form = next(i for i, form in enumerate(re.findall(r"<form\b.*?</form>", page.text, re.DOTALL)) if "sure" in form)
    return page.fields(form) | fields


def test_what_is_stored_of_a_customer_is_one_file(sales, path, world):
    customer_id = path.rpartition("/")[2]
    opened(world, customer_id=customer_id, text="Does it sing?")
    create(world, customer={"name": "Ada Byron", "email": "ada@example.org"})

    page = sales.get(f"{path}/export")

    assert page.headers["Content-Type"].startswith("application/json")
    assert "attachment" in page.headers["Content-Disposition"]
    found = json.loads(page.text)
    assert (len(found["orders"]), found["more"]) == (2, False)
    assert found["orders"][0]["contacts"][0]["customer"]["name"] == "Ada Byron"
    assert found["cases"][0]["words"][0]["text"] == "Does it sing?"
    assert found["drafts"][0]["contact"]["customer"]["name"] == "Ada Byron"


def test_too_much_for_one_file_is_several(sales, path, world):
    world.patch.setattr(customer_export, "MOST_BYTES", 1)
    world.patch.setattr(customer_export, "_ROWS", "1")

    first = sales.get(f"{path}/export")
    (following,) = re.findall(r'href="[^"]*(export\?cursor=[^"&]+&amp;part=2)"', first.text)
    last = sales.get(f"{path}/{unescape(following)}&as=file")

    assert "It is too much for one file." in first.text
    one = json.loads(sales.get(f"{path}/export?as=file").text)
    assert [one["more"], json.loads(last.text)["more"]] == [True, False]
    assert one["orders"][0]["order"]["order_id"] != json.loads(last.text)["orders"][0]["order"]["order_id"]


def test_a_customer_is_erased_after_the_question(boss, world, path):
    close(world, path)
    question = boss.get(f"{path}/erase")

    assert "Ada Byron" in question.text
    assert "2 orders lose their name" in question.text
    unmarked = boss.post(f"{path}/erase", confirmed(question))
    assert unmarked.status == 422
    assert 'id="error-sure"' in unmarked.text
    assert world.call("GET", f"/v1/{path}", who="office").status == 200

    done = boss.post(f"{path}/erase", confirmed(question, sure="yes"))

    assert "The customer was erased." in done.text
    assert boss.get(path).status == 404


def test_open_orders_refuse_the_erasure_and_are_listed(boss, world, path):
    page = boss.post(f"{path}/erase", confirmed(boss.get(f"{path}/erase"), sure="yes"))

    assert page.status == 422
    assert "these orders are open" in page.text
    assert "Not closed yet" in page.text
    for order in world.call("GET", f"/v1/{path}", who="office").body["items"]:
        assert f"orders/{order['order_id']}" in page.text
        assert order["external_id"] in page.text


def test_only_an_admin_is_offered_the_erasure(sales, path):
    assert "/erase" not in sales.get(path).text
    assert sales.get(f"{path}/erase").status == 403


@pytest.mark.parametrize(("do", "words"), [("link", "It ends on"), ("new-link", "All links before it have ended.")])
def test_the_link_of_the_customer_is_shown_once_with_a_mail(sales, world, do, words):
    order_id = world.placed()
    page = sales.post(f"orders/{order_id}", fields(sales.get(f"orders/{order_id}"), do))

    assert page.status == 200
    assert words in page.text
    (address,) = re.findall(r'id="field-link" type="text" value="([^"]+)"', page.text)
    assert address in page.text
    assert "mailto:ada%40example.org?subject=WEB" in page.text
    assert address not in sales.get(f"orders/{order_id}").text


def test_a_customer_without_an_address_of_mail_gets_the_link_another_way(sales, world):
    order_id = world.placed(customer={"name": "Ada"})

    page = sales.post(f"orders/{order_id}", fields(sales.get(f"orders/{order_id}"), "link"))

    assert 'id="field-link"' in page.text
    assert "mailto:" not in page.text


def test_a_draft_has_no_link(sales, world):
    assert 'value="link"' not in sales.get(f"orders/{world.placed(draft=True)}").text


def test_two_customers_are_one_person_and_it_is_undone(sales, world, path):
    wong = world.placed(customer={"name": "Ada <Wong>", "email": "wong@example.org"})
    page = sales.get(f"{path}/merge?q=ada")

    assert "Ada &lt;Wong&gt;" in page.text
    assert page.text.count('value="merge"') == 1  # the customer is not offered to itself
    merged = sales.post(f"{path}/merge", fields(page, "merge"))

    assert "The customers are one person now." in merged.text
    assert wong in merged.text
    undone = sales.post(f"{path}/merge", fields(merged, "undo"))

    assert "The merge was undone." in undone.text
    assert wong not in undone.text


@pytest.mark.parametrize(("other", "status"), [("cus_" + "0" * 32, 404), ("../orders", 404), ("", 404)])
def test_a_customer_that_is_not_there_is_not_merged(sales, world, path, other, status):
    world.placed(customer={"name": "Ada Wong", "email": "wong@example.org"})
    form = fields(sales.get(f"{path}/merge?q=ada"), "merge")

    page = sales.post(f"{path}/merge", form | {"other": other})

    assert page.status == status
    assert world.call("GET", f"/v1/{path}", who="office").body["merged"] == []
