"""The pages of a node show its work, open what is scanned, and let its own people take each step once."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest

from functions.console import render
from tests.functions.console.gateway import Browser, Page

CHICAGO = "Chicago"
NAME = "\u0641\u0627\u0637\u0645\u0629 \U0001f375 {{ 7 * 7 }}"


@pytest.fixture
def picker(browser: Browser) -> Browser:
    """Give the browser of a person of the node dc-1."""
    assert browser.sign_in("picker").status == 200
    return browser


@pytest.fixture
def offered(world):
    """Give an order of two articles that dc-1 was offered and has not answered."""
    world.stocked("TEA-001", dc_1=9)
    world.stocked("POT-001", dc_1=9)
    order_id = world.placed(("TEA-001", 2), ("POT-001", 1), external_id="WEB-1")
    world.settle()
    return order_id


def ful(order_id: str, number: int = 1) -> str:
    return f"ful_{order_id[4:]}-{number:03d}"


def fields(page: Page, do: str) -> dict[str, str]:
    """Return the hidden fields of the form that has the button `do`, and the button."""
    forms = re.findall(r"<form\b.*?</form>", page.text, re.DOTALL)
    found = [i for i, form in enumerate(forms) if f'value="{do}"' in form]
    assert found, page.text
    return page.fields(found[0]) | {"do": do}


def work(world, order_id, number=1):
    return world.call("GET", f"/v1/fulfillments/{ful(order_id, number)}", who="office").body


def cancelled_after_pick(world, order_id):
    world.steps(order_id, "accept", "pick")
    assert world.change(order_id, "cancel", {"reason": "x"}, who="shop").status == 200
    world.settle()


# The day


def test_the_day_counts_the_work_and_leads_to_its_next_step(picker, offered):
    page = picker.get("nodes/dc-1")

    assert page.status == 200
    for words in ("DC-1", CHICAGO, "To accept", "WEB-1", "Put back on the shelf", "data-countdown"):
        assert words in page.text
    assert 'href="dc-1/offers"' in page.text


def test_the_day_tells_what_is_late_and_what_is_due_today(picker, world, offered):
    world.steps(offered, "accept")
    assert picker.get("nodes/dc-1?show=late").text.count("data-row") == 0
    assert picker.get("nodes/dc-1?show=today").text.count("data-row") == 1
    world.now += timedelta(hours=11, minutes=1)

    late = picker.get("nodes/dc-1?show=late")

    assert late.text.count("data-row") == 1
    assert 'data-tone="bad"' in late.text


def test_the_day_caps_its_lists_and_counts_what_it_hides(picker, world):
    world.stocked("TEA-001", dc_1=99)
    for _ in range(7):
        world.placed(("TEA-001", 1))
    world.settle()

    assert "2 more" in picker.get("nodes/dc-1").text
    assert picker.get("nodes/dc-1?show=accept").text.count("data-row") == 7


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es-MX"])
def test_the_day_renders_in_each_language(new_browser, world, offered, locale):
    assert world.call("PUT", "/v1/me/settings", {"locale": locale}, who="picker").status == 200
    browser = new_browser()
    browser.sign_in("picker")

    page = browser.get("nodes/dc-1")

    assert page.status == 200
    assert render.translate("To accept", locale) in page.text


def test_a_worker_sees_the_day_of_no_other_node(picker, world):
    assert picker.get("nodes/dc-2").status == 404
    assert picker.get("nodes/nowhere").status == 404
    assert picker.get("nodes/dc-2/put-back").status == 404


def test_staff_read_the_day_and_are_offered_no_step(sales, offered):
    assert sales.get("nodes/dc-1").status == 200
    assert sales.get("nodes/dc-1/put-back").status == 403


def test_a_part_that_fails_is_shown_as_not_known(picker, gateway, offered):
    gateway.broken.add("/v1/queues/put-back")

    page = picker.get("nodes/dc-1")

    assert page.status == 200
    assert "not known now" in page.text
    assert "WEB-1" in page.text


def test_a_typed_code_opens_its_work_without_script(picker, world, offered):
    world.steps(offered, "accept")
    form = fields(picker.get("nodes/dc-1"), "open")

    opened = picker.post("nodes/dc-1", form | {"code": " WEB-1 "}, follow=False)

    assert opened.location == f"{picker.console}/nodes/dc-1/pick/{ful(offered)}"
    assert "Nothing of this node has this code." in picker.post("nodes/dc-1", form | {"code": "WEB-2"}).text


@pytest.mark.parametrize("code", ["WEB-1", "{order}", "{ful}", "https://shop.example.org/t/{order}"])
def test_whatever_is_scanned_opens_its_work(picker, world, offered, code):
    world.steps(offered, "accept")
    code = code.format(order=offered, ful=ful(offered))

    page = picker.get(f"nodes/dc-1?code={quote(code)}", follow=False)

    assert page.status == 303
    assert page.location == f"{picker.console}/nodes/dc-1/pick/{ful(offered)}"


def test_a_scanned_article_opens_the_work_that_needs_it(picker, world, offered):
    world.steps(offered, "accept")

    assert picker.get("nodes/dc-1?code=POT-001", follow=False).location.endswith(f"/pick/{ful(offered)}")


def test_a_scanned_parcel_that_left_says_that_its_work_is_done(picker, world, offered):
    world.steps(offered, "accept", "pick", "pack")
    packages = [{"package_id": "B-1", "carrier": "Northway", "tracking_number": "NW 1"}]
    assert world.step(offered, "ship", body={"packages": packages}).status == 200
    world.settle()

    assert "This work is done already." in picker.get("nodes/dc-1?code=NW+1").text


@pytest.mark.parametrize(
    "code",
    ["WEB-2", "ful_us1_01ARZ3NDEKTSV4RRFFQ69G5FAV-001", NAME, "%ED%A0%80", "9" * 401, "(01)04006381333932", "<b>x</b>"],
)
def test_a_code_that_names_nothing_here_is_answered_in_words(picker, offered, code):
    page = picker.get(f"nodes/dc-1?code={code if code.startswith('%') else quote(code)}")

    assert page.status == 200
    assert 'data-tone="warn"' in page.text
    assert "<b>x" not in page.text
    assert "49" not in page.text.partition('name="code"')[2].partition(">")[0]


def test_the_code_of_another_nodes_work_opens_nothing(picker, world):
    world.stocked("TEA-001", dc_2=9)
    order_id = world.placed(("TEA-001", 1))
    world.settle()
    assert work(world, order_id)["node_id"] == "dc-2"

    assert "Nothing of this node has this code." in picker.get(f"nodes/dc-1?code={ful(order_id)}").text


# Put-back and late work


def test_a_worker_claims_and_ends_an_item_of_put_back(picker, world, offered):
    cancelled_after_pick(world, offered)
    page = picker.get("nodes/dc-1/put-back")
    form = fields(page, "claim")

    claimed = picker.post("nodes/dc-1/put-back", form)
    assert "Yours" in claimed.text
    done = [picker.post("nodes/dc-1/put-back", fields(claimed, "resolve")) for _ in range(2)]

    assert [one.status for one in done] == [200, 200]
    assert "It is done." in done[0].text
    assert world.waiting(offered) == []


def test_marked_items_are_ended_with_a_result_for_each(picker, world, offered):
    cancelled_after_pick(world, offered)
    page = picker.get("nodes/dc-1/put-back")
    (item,) = re.findall(r'name="chosen" value="([^"]+)"', page.text)
    gone = item[:-1] + "9"

    answered = picker.post("nodes/dc-1/put-back", [*fields(page, "done").items(), ("chosen", item), ("chosen", gone)])

    assert answered.status == 200
    assert answered.text.count("Not done") == 1
    assert world.waiting(offered) == []


def test_nothing_marked_and_an_item_of_another_node_change_nothing(picker, world, offered):
    cancelled_after_pick(world, offered)
    page = picker.get("nodes/dc-1/put-back")

    assert picker.post("nodes/dc-1/put-back", fields(page, "done")).status == 422
    assert picker.post("nodes/dc-1/put-back", fields(page, "resolve") | {"item": "../x"}).status == 404
    assert picker.post("nodes/dc-1/put-back", fields(page, "resolve") | {"do": "explode"}).status == 404
    assert world.waiting(offered) == ["put-back"]


def test_late_work_is_listed_in_the_zone_of_the_node(browser, world, offered):
    world.steps(offered, "accept", "start-pick")
    world.now += timedelta(days=2)
    world.sweep()
    browser.sign_in("picker")

    page = browser.get("nodes/dc-1/late-work")

    assert "Should have left already" in page.text
    assert CHICAGO in page.text
