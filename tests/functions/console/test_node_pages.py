"""The pages of a node show its work, open what is scanned, and let its own people take each step once."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.files import documents
from functions.console import parcels, render
from functions.documents import packing_slips
from functions.fulfill import contract
from tests.functions.console.gateway import Browser, Page
from tests.functions.world import at_counter

CHICAGO = "Chicago"
NAME = "\u0641\u0627\u0637\u0645\u0629 \U0001f375 {{ 7919 * 7907 }}"


@pytest.fixture
def picker(browser: Browser) -> Browser:
    """Give the browser of a person of the node dc-1."""
    return browser.enter("picker")


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
    browser = new_browser().enter("picker")

    page = browser.get("nodes/dc-1")

    assert page.status == 200
    assert render.translate("To accept", locale) in page.text


def test_a_worker_sees_the_day_of_no_other_node(picker, world):
    assert picker.get("nodes/dc-2").status == 404
    assert picker.get("nodes/nowhere").status == 404
    assert picker.get("nodes/dc-2/put-back").status == 404


@pytest.mark.parametrize("page", ["offers", "ship", "put-back"])
def test_a_form_at_the_address_of_another_node_does_nothing_and_leads_to_the_own_one(picker, world, offered, page):
    cancelled_after_pick(world, offered)
    own = world.placed(("TEA-001", 1))
    world.settle()
    world.steps(own, *([] if page == "offers" else ["accept", "pick", "pack"]))
    waiting = world.waiting(offered)
    do = {"offers": "accept", "ship": "ship", "put-back": "resolve"}[page]
    form = [*filled(picker.get(f"nodes/dc-1/{page}"), do)]
    form += [("chosen", ful(own))] if page == "ship" else []

    answer = picker.post(f"nodes/dc-2/{page}", form)

    assert answer.status == 404
    assert "You do not work at dc-2, or there is no such node. Nothing was done." in answer.text
    assert 'href="../dc-1"' in answer.text
    assert work(world, own)["status"] == ("OFFERED" if page == "offers" else "PACKED")
    assert world.waiting(offered) == waiting == ["put-back"]


@pytest.mark.parametrize("page", ["offers", "ship", "put-back"])
def test_enter_without_a_button_keeps_the_marks_and_asks_for_a_button(picker, world, offered, page):
    cancelled_after_pick(world, offered)
    own = world.placed(("TEA-001", 1))
    world.settle()
    world.steps(own, *([] if page == "offers" else ["accept", "pick", "pack"]))
    shown = picker.get(f"nodes/dc-1/{page}")
    (marked, *_) = re.findall(r'name="chosen" value="([^"]+)" form="bulk"', shown.text)
    bulk = fields(shown, {"offers": "decline", "ship": "ship", "put-back": "done"}[page])
    reason = {"reason": "CLOSED"} if page == "offers" else {}

    answer = picker.post(f"nodes/dc-1/{page}", bulk | reason | {"chosen": marked, "do": ""})

    assert answer.status == 422
    assert "Press the button of your answer." in answer.text
    assert f'value="{marked}" form="bulk" checked' in answer.text
    assert ("selected" in answer.text) == (page == "offers")
    assert work(world, own)["status"] == ("OFFERED" if page == "offers" else "PACKED")
    assert world.waiting(offered) == ["put-back"]


def test_home_shows_what_a_worker_has_claimed_and_leads_to_it(picker, world, offered):
    cancelled_after_pick(world, offered)
    assert "Yours now" not in picker.get().text
    picker.post("nodes/dc-1/put-back", fields(picker.get("nodes/dc-1/put-back"), "claim"))

    home = picker.get()

    assert "Yours now" in home.text
    assert "2 x TEA-001" in home.text
    assert 'href="console/nodes/dc-1/put-back"' in home.text


def test_staff_read_the_day_and_are_led_to_the_order(sales, world, offered):
    page = sales.get("nodes/dc-1")

    assert page.status == 200
    assert f'href="../orders/{offered}"' in page.text
    assert "dc-1/offers" not in page.text
    assert sales.get("nodes/dc-1?code=WEB-1", follow=False).location == f"{sales.console}/orders/{offered}"
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
    assert "62615533" not in page.text  # the product


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


@pytest.mark.parametrize("code", ["TEA-001", "WEB-1", "{order}", "{ful}"])
def test_scanned_goods_show_their_item_alone(picker, world, offered, code):
    other = world.placed(("POT-001", 1), external_id="WEB-2")
    world.settle()
    for order_id in (offered, other):
        cancelled_after_pick(world, order_id)
    code = code.format(order=offered, ful=ful(offered))

    page = picker.post("nodes/dc-1/put-back", fields(picker.get("nodes/dc-1/put-back"), "open") | {"code": code})

    assert page.text.count("data-row") == 1
    assert "2 x TEA-001" in page.text
    assert "1 more" in page.text


def test_the_next_item_is_claimed_and_comes_first(picker, world, offered):
    cancelled_after_pick(world, offered)
    claimed = picker.post("nodes/dc-1/put-back", fields(picker.get("nodes/dc-1/put-back"), "next"))
    assert "It is yours for ten minutes." in claimed.text
    assert claimed.text.count('data-key="c"') == 1

    none = picker.post("nodes/dc-1/put-back", fields(picker.get("nodes/dc-1/put-back"), "next"))

    assert "Nothing waits here that is free." in none.text


def test_late_work_is_listed_in_the_zone_of_the_node(browser, world, offered):
    world.steps(offered, "accept", "start-pick")
    world.now += timedelta(days=2)
    world.sweep()
    browser.sign_in("picker")

    page = browser.get("nodes/dc-1/late-work")

    assert "Should have left already" in page.text
    assert CHICAGO in page.text


# Offers


def test_an_offer_is_accepted_once(picker, world, offered):
    page = picker.get("nodes/dc-1/offers")
    form = fields(page, "accept")

    pages = [picker.post("nodes/dc-1/offers", form) for _ in range(2)]

    assert [one.status for one in pages] == [200, 200]
    assert "The work is accepted." in pages[0].text
    assert work(world, offered)["status"] == "ACCEPTED"


def test_an_offer_is_accepted_and_its_pick_begun_by_one_button_once(picker, world, offered):
    form = fields(picker.get("nodes/dc-1/offers"), "pick")

    opened = [picker.post("nodes/dc-1/offers", form, follow=False) for _ in range(2)]

    assert [one.location for one in opened] == [f"{picker.console}/{at(offered)}"] * 2
    assert work(world, offered)["status"] == "PICKING"
    twice = [*form.items(), ("chosen", ful(offered, 2))]
    assert picker.post("nodes/dc-1/offers", twice).status == 404


def test_an_accepted_offer_of_several_leads_to_its_pick(picker, world, offered):
    other = world.placed(("TEA-001", 1))
    world.settle()
    form = fields(picker.get("nodes/dc-1/offers"), "decline") | {"do": "accept"}

    page = picker.post("nodes/dc-1/offers", [*form.items(), ("chosen", ful(offered)), ("chosen", ful(other))])

    assert f'href="pick/{ful(offered)}"' in page.text
    assert f'href="pick/{ful(other)}"' in page.text


def test_an_offer_that_cannot_be_accepted_is_not_picked(picker, world, offered):
    form = fields(picker.get("nodes/dc-1/offers"), "pick")
    assert world.step(offered, "decline", body={"reason": "CLOSED"}).status == 200

    page = picker.post("nodes/dc-1/offers", form)

    assert "Not done" in page.text
    assert work(world, offered)["status"] == "DECLINED"


def test_marked_offers_get_one_answer_and_a_result_each(picker, world, offered):
    other = world.placed(("TEA-001", 1))
    world.settle()
    bulk = fields(picker.get("nodes/dc-1/offers"), "decline")
    world.steps(other, "accept", "pick", "pack")
    chosen = [("chosen", ful(offered)), ("chosen", ful(other)), ("chosen", "ful_us1_01ARZ3NDEKTSV4RRFFQ69G5FAV-001")]

    page = picker.post("nodes/dc-1/offers", [*bulk.items(), ("do", "decline"), ("reason", "NO_CAPACITY"), *chosen])

    assert page.status == 400  # the button stands twice in this form
    page = picker.post("nodes/dc-1/offers", [*bulk.items(), ("reason", "NO_CAPACITY"), *chosen])
    assert page.status == 200
    assert page.text.count("Not done") == 2
    assert work(world, offered)["status"] == "DECLINED"
    assert work(world, other)["status"] == "PACKED"


@pytest.mark.parametrize("reason", ["", "LAZY", "\U0001f375", "{{ 7 * 7 }}"])
def test_a_decline_needs_a_reason_of_the_list(picker, world, offered, reason):
    form = fields(picker.get("nodes/dc-1/offers"), "decline")

    page = picker.post("nodes/dc-1/offers", form | {"chosen": ful(offered), "reason": reason})

    assert page.status == (422 if not reason else 200)
    assert work(world, offered)["status"] == "OFFERED"
    if not reason:
        assert f'value="{ful(offered)}" form="bulk" checked' in page.text


def test_offers_are_declined_for_a_reason_of_the_retailer_in_the_persons_language(new_browser, world, offered):
    assert world.call("PUT", "/v1/me/settings", {"locale": "pt-BR"}, who="picker").status == 200
    own = {"titles": dict.fromkeys(("en-US", "es"), "x") | {"pt-BR": "Vitrine <7>"}, "blame": "retailer"}
    for code, active in (("window", True), ("old", False)):
        reply = world.call("PUT", f"/v1/decline-reasons/{code}", own | {"active": active}, who="office")
        assert reply.status == 201
    directory.forget()
    browser = new_browser().enter("picker")
    page = browser.get("nodes/dc-1/offers")

    assert '<option value="window">Vitrine &lt;7&gt;</option>' in page.text
    assert '<option value="NO_STOCK">Sem estoque</option>' in page.text
    for not_offered in ('value="old"', 'value="SILENT"'):
        assert not_offered not in page.text
    form = fields(page, "decline") | {"chosen": ful(offered), "reason": "window"}
    assert browser.post("nodes/dc-1/offers", form).status == 200
    assert work(world, offered)["status"] == "DECLINED"


def test_bad_offers_are_refused_whole(picker, world, offered):
    form = fields(picker.get("nodes/dc-1/offers"), "accept")

    many = [*form.items(), *(("chosen", f"ful_{i}") for i in range(21))]
    assert picker.post("nodes/dc-1/offers", many).status == 413
    assert picker.post("nodes/dc-1/offers", form | {"chosen": "../../orders"}).status == 404
    assert picker.post("nodes/dc-1/offers", form | {"lines": "1"}).status == 400
    assert picker.post("nodes/dc-1/offers", form | {"chosen": ""}).status == 404
    assert work(world, offered)["status"] == "OFFERED"


def test_an_offer_that_is_over_says_so_and_stays(picker, world, offered):
    form = fields(picker.get("nodes/dc-1/offers"), "accept")
    world.now += timedelta(hours=2)

    assert "the offer ended at" in picker.post("nodes/dc-1/offers", form).text


# Pick


@pytest.fixture
def picking(world, offered):
    world.steps(offered, "accept", "start-pick")
    return offered


def at(order_id, part="pick"):
    return f"nodes/dc-1/{part}/{ful(order_id)}"


def counted(page: Page, do: str = "scan", **more: str) -> list[tuple[str, str]]:
    """Return the form of a pick as a browser would send it."""
    form = re.search(r"<form\b[^>]*data-counts.*?</form>", page.text, re.DOTALL)[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    numbers = re.findall(r'name="(quantity\.\d+)"[^>]*value="([^"]*)"', form)
    sent = {**dict(numbers), **more}
    return [*((name, unescape(value)) for name, value in hidden), ("do", do), *sent.items()]


def units(page: Page) -> list[str]:
    return [value for _, value in re.findall(r'name="(quantity\.\d+)"[^>]*value="([^"]*)"', page.text)]


def test_units_are_counted_by_scan_and_by_tap_and_sent_once(picker, world, picking):
    page = picker.get(at(picking))
    assert units(page) == ["0", "0"]
    for do, code in (("scan", "TEA-001"), ("add.0", ""), ("scan", "POT-001")):
        page = picker.post(at(picking), counted(page, do, code=code))
    assert units(page) == ["2", "1"]
    assert "All units are counted." in page.text
    assert work(world, picking)["status"] == "PICKING"

    form = counted(page, "pick")
    sent = [picker.post(at(picking), form, follow=False) for _ in range(2)]

    assert sent[0].status == 303
    assert sent[0].location.endswith(f"/nodes/dc-1/pack/{ful(picking)}")
    assert sent[1].status == 303
    assert work(world, picking)["status"] == "PICKED"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("CUP-001", "Another article"),
        ("{ful}", "Not an article"),
        ("]C10104006381333932", "Wrong check digit"),
        ("9" * 401, "The code is too long"),
        (NAME, "Another article"),
    ],
)
def test_a_scan_that_does_not_count_says_why_and_what_is_expected(picker, world, picking, code, words):
    other = world.placed(("TEA-001", 1))
    page = picker.post(
        at(picking), counted(picker.get(at(picking)), code=code.format(ful=ful(other)) if "{ful}" in code else code)
    )

    assert page.status == 200
    assert words in page.text
    assert "A TEA-001" in page.text.partition("Expected:")[2][:80]
    assert 'data-scan-answer="no"' in page.text
    assert units(page) == ["0", "0"]


@pytest.mark.parametrize(("day", "count"), [("991231", "0"), ("491231", "1")])
def test_a_unit_that_has_expired_is_not_counted(picker, world, day, count):
    world.stocked("TEA-001", dc_1=5)
    product = {"title": "Green tea", "gtin": "4006381333931", "class": "goods"}
    order_id = world.placed({"sku": "TEA-001", "quantity": 1, "product": product})
    world.settle()
    world.steps(order_id, "accept", "start-pick")

    page = picker.post(at(order_id), counted(picker.get(at(order_id)), code=f"(01)04006381333931(17){day}"))

    assert units(page) == [count]
    assert ("It has expired" in page.text) == (count == "0")


def test_a_unit_too_many_is_not_counted(picker, picking):
    page = picker.get(at(picking))
    for _ in range(3):
        page = picker.post(at(picking), counted(page, code="TEA-001"))

    assert units(page) == ["2", "0"]
    assert "One too many" in page.text


def test_the_last_unit_can_be_taken_back(picker, picking):
    page = picker.post(at(picking), counted(picker.get(at(picking)), code="POT-001"))
    page = picker.post(at(picking), counted(page, "all.0"))
    assert units(page) == ["2", "1"]

    page = picker.post(at(picking), counted(page, "undo"))

    assert units(page) == ["2", "0"]


def test_enter_in_a_pick_is_a_scan_and_sends_nothing(picker, picking):
    form = re.search(r"<form\b[^>]*data-counts.*?</form>", picker.get(at(picking)).text, re.DOTALL)[0]

    assert re.findall(r'<button[^>]*? name="?do"? value="([^"]+)"', form)[0] == "scan"


@pytest.mark.parametrize("code", ["\u00e0&\u00e9\"'(-\u00e8_", "WEB-999"])
def test_a_code_in_letters_of_another_keyboard_leads_to_the_test_of_the_scanner(picker, picking, code):
    for page in (
        picker.post(at(picking), counted(picker.get(at(picking)), code=code)),
        picker.get(f"nodes/dc-1?code={quote(code)}"),
    ):
        assert ("The scanner may type for another keyboard." in page.text) == (not code.isascii())


@pytest.mark.parametrize("locale", ["pt-BR", "es-MX"])
def test_the_refusal_of_a_scan_is_in_the_persons_language(new_browser, world, picking, locale):
    assert world.call("PUT", "/v1/me/settings", {"locale": locale}, who="picker").status == 200
    browser = new_browser().enter("picker")

    page = browser.post(at(picking), counted(browser.get(at(picking)), code="CUP-001"))

    assert {"pt-BR": "Outro artigo", "es-MX": "Otro artículo"}[locale] in page.text


def test_a_part_is_picked_and_the_rest_stays(picker, world, picking):
    page = picker.post(at(picking), counted(picker.get(at(picking)), "pick", **{"quantity.0": "1"}))

    assert "The counted units are picked." in page.text
    assert units(page) == ["0", "0"]
    assert work(world, picking)["lines"][0]["quantities"] == {"PICKED": 1, "PICKING": 1}


@pytest.mark.parametrize("typed", ["3", "-1", "two", "\u0662", "9" * 400, "{{ 7 * 7 }}", "1.5"])
def test_a_wrong_number_is_refused_at_its_field_and_stays(picker, world, picking, typed):
    page = picker.post(at(picking), counted(picker.get(at(picking)), "pick", **{"quantity.0": typed}))

    assert page.status == 422
    assert 'id="error-quantity.0"' in page.text
    assert work(world, picking)["lines"][0]["quantities"] == {"PICKING": 2}


def test_missing_units_are_reported_and_what_was_counted_stays(picker, world, picking):
    page = picker.post(at(picking), counted(picker.get(at(picking)), code="POT-001"))
    short = {"short_line": "1", "short_quantity": "1", "reason": "NOT_FOUND"}

    form = counted(page, "short", **short)
    pages = [picker.post(at(picking), form) for _ in range(2)]

    assert "The missing units were reported." in pages[0].text
    assert units(pages[0]) == ["0", "1"]
    assert [line["quantities"].get("PICKING") for line in work(world, picking)["lines"]] == [1, 1]


def test_a_missing_part_of_a_kit_says_that_the_rest_of_its_set_leaves_too(picker, world):
    world.stocked("TEA-001", dc_1=9)
    world.stocked("POT-001", dc_1=9)
    together = {"fulfillment": {"group": "tea-set"}}
    order_id = world.placed(
        {"sku": "TEA-001", "quantity": 4, **together}, {"sku": "POT-001", "quantity": 2, **together}
    )
    world.settle()
    world.steps(order_id, "accept", "start-pick")
    page = picker.post(at(order_id), counted(picker.get(at(order_id)), "all.0"))
    line_id = work(world, order_id)["lines"][1]["line_id"]
    short = {"short_line": line_id, "short_quantity": "1", "reason": "DAMAGED"}

    page = picker.post(at(order_id), counted(page, "short", **short))

    assert "The rest of their sets leaves this work with them." in page.text
    assert units(page) == ["2", "0"]
    assert [line["quantities"].get("PICKING") for line in work(world, order_id)["lines"]] == [2, 1]


@pytest.mark.parametrize(
    "wrong",
    [{"short_quantity": "0"}, {"short_quantity": "9"}, {"short_line": "x"}, {"reason": "\U0001f375"}, {"reason": ""}],
)
def test_a_wrong_report_changes_nothing(picker, world, picking, wrong):
    short = {"short_line": "1", "short_quantity": "1", "reason": "NOT_FOUND", **wrong}

    page = picker.post(at(picking), counted(picker.get(at(picking)), "short", **short))

    assert page.status in (400, 422)
    assert work(world, picking)["lines"][0]["quantities"] == {"PICKING": 2}


def test_a_change_of_somebody_else_is_said_and_nothing_is_sent_on_it(picker, world, picking):
    page = picker.get(at(picking))
    assert world.step(picking, "pick", body={"lines": [{"line_id": "1", "quantity": 1}]}).status == 200

    tapped = picker.post(at(picking), counted(page, "add.1"))
    refused = picker.post(at(picking), counted(page, "pick", **{"quantity.1": "1"}))

    assert "Somebody changed this work since you counted." in tapped.text
    assert refused.status == 412
    assert "Nothing of yours was done." in refused.text
    assert units(refused) == ["0", "1"]
    assert work(world, picking)["lines"][1]["quantities"] == {"PICKING": 1}


def test_a_lost_answer_is_sent_again_and_counts_once(picker, world, gateway, picking):
    form = counted(picker.get(at(picking)), "pick", **{"quantity.0": "2", "quantity.1": "1"})
    path = f"/v1/fulfillments/{ful(picking)}/pick"
    gateway.broken.add(path)
    assert picker.post(at(picking), form).status == 502
    gateway.broken.clear()

    assert picker.post(at(picking), form, follow=False).status == 303
    assert work(world, picking)["status"] == "PICKED"


def test_the_work_of_another_node_and_of_another_address_is_not_found(picker, new_browser, picking):
    other = new_browser().enter("other-picker")

    assert other.get(at(picking)).status == 404
    assert other.get(f"nodes/dc-2/pick/{ful(picking)}").status == 404
    assert picker.get("nodes/dc-1/pick/ful_us1_01ARZ3NDEKTSV4RRFFQ69G5FAV-001").status == 404
    assert picker.post(at(picking), counted(picker.get(at(picking)), "explode")).status == 404
    assert picker.post(at(picking), counted(picker.get(at(picking)), "add.7")).status == 404


def test_picking_begins_with_a_button(picker, world, offered):
    world.steps(offered, "accept")
    page = picker.post(at(offered), counted(picker.get(at(offered)), "start"))

    assert "Picking has begun." in page.text
    assert work(world, offered)["status"] == "PICKING"


def test_work_with_very_many_units_and_lines_shows_a_part_and_says_so(picker, world):
    world.stocked("TEA-001", dc_1=20_000)
    order_id = world.placed(*({"line_id": str(i), "sku": "TEA-001", "quantity": 50} for i in range(205)))
    world.settle()
    world.steps(order_id, "accept", "start-pick")

    page = picker.get(at(order_id))

    assert len(units(page)) == 200
    assert "5 more lines follow after these are sent." in page.text
    page = picker.post(at(order_id), counted(page, "all.0"))
    assert units(page)[:2] == ["50", "0"]
    assert picker.post(at(order_id), counted(page, "pick"), follow=False).status == 303


def test_picked_work_says_that_nothing_is_left_here(picker, world, picking):
    world.steps(picking, "pick")

    page = picker.get(at(picking))

    assert "Nothing is left to pick here" in page.text
    assert f"pack/{ful(picking)}" in page.text


# Pack


def filled(page: Page, do: str, **typed: str) -> list[tuple[str, str]]:
    """Return the form that has the button `do` as a browser would send it, with these texts typed."""
    forms = re.findall(r"<form\b.*?</form>", page.text, re.DOTALL)
    form = next(form for form in forms if f'value="{do}"' in form)
    found = re.findall(r'<input[^>]*? name="([^"]+)"[^>]*? value="([^"]*)"', form)
    for name, options in re.findall(r'<select[^>]*? name="([^"]+)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options) or re.search(r'value="([^"]*)"', options)
        found.append((name, chosen[1]))
    values = [(name, unescape(value)) for name, value in found if name not in typed]
    return [*values, *typed.items(), ("do", do)]


@pytest.fixture
def picked(world, picking):
    world.steps(picking, "pick")
    return picking


def test_units_are_packed_into_a_parcel_once(picker, world, picked):
    world.entry("CARRIER", "northway", {"name": "Northway"})
    page = picker.get(at(picked, "pack"))
    typed = {"package_id.0": "B-1", "tracking_number.0": "NW 1", "weight_g.0": "1250", "carrier.0": "northway"}
    form = filled(page, "pack", **typed)

    sent = [picker.post(at(picked, "pack"), form, follow=False) for _ in range(2)]

    assert [one.status for one in sent] == [303, 303]
    assert sent[0].location.endswith(f"/nodes/dc-1/ship/{ful(picked)}")
    (package,) = work(world, picked)["packages"]
    expected = {
        "package_id": "B-1",
        "carrier": "northway",
        "service": "",
        "tracking_number": "NW 1",
        "weight_g": 1250,
        "contents": [{"line_id": "1", "quantity": 2}, {"line_id": "2", "quantity": 1}],
    }
    assert {name: package[name] for name in expected} == expected


def test_a_second_step_adds_its_units_to_the_parcel(picker, world, picked):
    for quantities in ({"quantity.0": "1", "quantity.1": "0"}, {}):
        page = picker.get(at(picked, "pack"))
        picker.post(at(picked, "pack"), filled(page, "pack", **{"package_id.0": "B-1", **quantities}))

    (package,) = work(world, picked)["packages"]
    assert sorted((line["line_id"], line["quantity"]) for line in package["contents"]) == [("1", 2), ("2", 1)]
    assert work(world, picked)["status"] == "PACKED"


@pytest.mark.parametrize(
    ("typed", "at_field"),
    [
        ({"quantity.0": "3"}, "quantity.0"),
        ({"quantity.0": "", "quantity.1": "0"}, "quantity.0"),
        ({"tracking_number.0": "NW 1"}, "package_id.0"),
        ({"package_id.0": "B 1 \U0001f375"}, "package_id.0"),
        ({"package_id.0": "B-1", "weight_g.0": "1.5 kg"}, "weight_g.0"),
        ({"package_id.0": "B-1", "weight_g.0": "99999999"}, "weight_g.0"),
        ({"package_id.0": "B-1", "tracking_number.0": "1.2E11"}, "tracking_number.0"),
        ({"package_id.0": "B-1", "carrier.0": "=1+1"}, "carrier.0"),
        ({"package_id.0": "B-1", "service.0": "x" * 101}, "service.0"),
    ],
)
def test_a_wrong_parcel_is_refused_at_its_field_and_stays(picker, world, picked, typed, at_field):
    page = picker.post(at(picked, "pack"), filled(picker.get(at(picked, "pack")), "pack", **typed))

    assert page.status in (400, 422)
    assert f'id="error-{at_field}"' in page.text
    assert work(world, picked)["status"] == "PICKED"


def test_the_slip_has_the_address_the_units_and_no_form(picker, world, picked):
    page = picker.get(at(picked, "slip"))

    assert page.status == 200
    for words in ("WEB-1", "Ada Byron", "12 Main St", "A TEA-001", "data-print", "data:image/svg+xml"):
        assert words in page.text
    assert page.text.count('method="post"') == 1  # to sign out


def test_the_slip_and_the_page_that_packs_lead_to_the_pdf(picker, world, picked):
    for part in ("slip", "pack"):
        assert f'{ful(picked)}?as=pdf"' in picker.get(at(picked, part)).text

    reply = picker.get(at(picked, "slip") + "?as=pdf", follow=False)

    assert reply.status == 303
    assert documents.is_link(reply.location)
    assert "X-Amz-Signature=" in reply.location


@pytest.mark.parametrize(
    "address",
    ["https://evil.example/2026/x", "//evil.example", "https://comanda-test-documents.s3.amazonaws.com@evil.example/x"],
)
def test_the_console_leads_to_no_other_place_than_the_documents(picker, picked, monkeypatch, address):
    monkeypatch.setattr(packing_slips, "link", lambda *_: address)

    reply = picker.get(at(picked, "slip") + "?as=pdf", follow=False)

    assert reply.status == 503
    assert "The packing slip" in reply.text
    assert "evil" not in reply.text


def test_a_slip_that_cannot_be_made_now_is_said_in_words(picker, gateway, picked):
    gateway.broken.add(f"/v1/fulfillments/{ful(picked)}/documents/packing-slip")

    assert picker.get(at(picked, "slip") + "?as=pdf", follow=False).status == 503


def test_a_gift_is_marked_for_the_picker_and_its_message_is_on_the_slip(picker, world):
    world.stocked("TEA-001", dc_1=5)
    gift = {"message": "Happy <b>birthday</b>", "from": "Ada", "wrap": True}
    order_id = world.placed({"sku": "TEA-001", "quantity": 1, "gift": gift})
    world.settle()
    world.steps(order_id, "accept")

    assert "Gift, to be wrapped" in picker.get(at(order_id, "pick")).text
    slip = picker.get(at(order_id, "slip")).text
    assert "Happy &lt;b&gt;birthday&lt;/b&gt;" in slip
    assert "Gift, to be wrapped" in slip


def test_the_slip_of_a_parcel_to_somebody_else_has_that_address_alone(picker, world):
    gran = {"name": "Grace Canary", "line1": "7 Elm St", "city": "Chicago", "region": "IL", "country": "US"}
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(
        ("TEA-001", 1), {"sku": "TEA-001", "quantity": 1, "ship_to": {**gran, "postal_code": "60601"}}
    )
    world.settle()
    (number,) = [i for i, f in enumerate(world.order(order_id)["fulfillments"], 1) if f["destination"] == 1]

    text = picker.get(f"nodes/dc-1/slip/ful_{order_id[4:]}-{number:03d}").text

    assert ("Grace Canary" in text, "7 Elm St" in text, "12 Main St" in text) == (True, True, False)


# Ship


@pytest.fixture
def packed(world, picked):
    packages = [{"package_id": "B-1", "carrier": "Northway", "tracking_number": "NW 1"}]
    assert world.step(picked, "pack", body={"packages": packages}).status == 200
    return picked


def test_packed_work_stands_by_carrier_and_its_label_opens_it(picker, packed):
    page = picker.get("nodes/dc-1/ship")

    assert "Northway" in page.text
    opened = picker.post("nodes/dc-1/ship", filled(page, "open", code="NW 1"), follow=False)
    assert opened.location.endswith(f"/nodes/dc-1/ship/{ful(packed)}")


def test_units_leave_in_their_parcels_once(picker, world, packed):
    form = filled(picker.get(at(packed, "ship")), "ship", **{"tracking_number.0": "NW 2", "weight_g.0": "900"})

    sent = [picker.post(at(packed, "ship"), form) for _ in range(2)]

    assert "The parcel has left." in sent[0].text
    assert sent[1].status == 200
    shipped = work(world, packed)
    assert shipped["status"] == "SHIPPED"
    assert [(p["tracking_number"], p["weight_g"]) for p in shipped["packages"]] == [("NW 2", 900)]


def test_units_that_stay_behind_become_a_shipment_of_their_own(picker, world, packed):
    picker.post(at(packed, "ship"), filled(picker.get(at(packed, "ship")), "ship", **{"quantity.0": "1"}))

    assert work(world, packed)["status"] == "SHIPPED"
    assert work(world, packed, 2)["lines"][0]["quantities"] == {"PACKED": 1}


def test_marked_work_is_shipped_with_a_result_each(picker, world, packed):
    form = filled(picker.get("nodes/dc-1/ship"), "ship")
    gone = ("chosen", "ful_us1_01ARZ3NDEKTSV4RRFFQ69G5FAV-001")

    page = picker.post("nodes/dc-1/ship", [*form, ("chosen", ful(packed)), gone])

    assert page.status == 200
    assert page.text.count("Not done") == 1
    assert work(world, packed)["status"] == "SHIPPED"
    assert picker.post("nodes/dc-1/ship", form).status == 422
    assert picker.post("nodes/dc-1/ship", [*form, ("chosen", "../x")]).status == 404


def test_a_hold_since_is_told_and_nothing_leaves(picker, world, packed):
    page = picker.get(at(packed, "ship"))
    world.hold_type("CHECK", blocks=["ship"])
    assert world.change(packed, "holds", {"type": "CHECK", "reason": NAME}).status == 200

    refused = picker.post(at(packed, "ship"), filled(page, "ship"))

    assert refused.status in (409, 412)
    assert "problem" in refused.text
    assert work(world, packed)["status"] == "PACKED"


# The counter


@pytest.fixture
def clerk(world, new_browser):
    """Give the browser of a person of the store."""
    world.aws.put("Directory", **keys.user("clerk"), roles=["worker"], nodes=["store-1"])
    directory.forget()
    return new_browser().enter("clerk")


@pytest.fixture
def pickup(world):
    """Give a packed order of three units that a customer with an Arabic name picks up."""
    world.stocked("TEA-001", store_1=9)
    order_id = world.placed(
        at_counter("TEA-001", 3), external_id="WEB-7", customer={"name": NAME, "email": "f@example.org"}
    )
    world.settle()
    world.steps(order_id, "accept", "pick", "pack")
    return order_id


def counter(order_id: str) -> str:
    return f"nodes/store-1/counter/{ful(order_id)}"


def test_an_order_is_found_by_its_number_made_ready_and_handed_over_once(clerk, world, pickup):
    page = clerk.get("nodes/store-1/counter")
    opened = clerk.post("nodes/store-1/counter", filled(page, "open", code="WEB-7"))
    assert opened.address.endswith(counter(pickup))
    ready = clerk.post(counter(pickup), filled(opened, "ready"))
    assert "The customer is told that the order is ready." in ready.text
    assert "{{ 7919 * 7907 }}" in ready.text
    assert "f@example.org" not in ready.text
    assert "WEB-7" in clerk.get("nodes/store-1/counter").text.partition("Ready for the customer")[2]

    form = filled(ready, "hand-over")
    done = [clerk.post(counter(pickup), form) for _ in range(2)]

    assert [one.status for one in done] == [200, 200]
    assert "The units are handed over." in done[0].text
    assert work(world, pickup)["status"] == "PICKED_UP"


def test_a_part_is_handed_over_and_the_rest_stays_at_the_counter(clerk, world, pickup):
    world.steps(pickup, "ready")

    clerk.post(counter(pickup), filled(clerk.get(counter(pickup)), "hand-over", **{"quantity.0": "2"}))

    assert work(world, pickup)["status"] == "PICKED_UP"
    assert work(world, pickup, 2)["status"] == "READY_FOR_PICKUP"


def test_the_payment_is_collected_at_the_counter_once(clerk, world):
    world.stocked("TEA-001", store_1=9)
    paid = {"method": "PAY_IN_STORE", "authorized": {"amount": 3000, "currency": "USD"}}
    order_id = world.placed(at_counter("TEA-001", 3), payments=[paid])
    world.settle()
    world.steps(order_id, "accept", "pick", "pack", "ready")
    page = clerk.get(counter(order_id))
    assert 'value="30.00"' in page.text
    wrong = clerk.post(counter(order_id), filled(page, "collect", amount="1.000,5", reference="R-1"))
    assert "Write an amount such as 12.50" in wrong.text
    assert 'value="R-1"' in wrong.text
    missing = clerk.post(counter(order_id), filled(page, "collect", reference=" "))
    assert 'aria-invalid="true"' in missing.text

    form = filled(page, "collect", reference="R-1")
    done = [clerk.post(counter(order_id), form) for _ in range(2)]

    assert "The payment is noted." in done[0].text
    assert "Collect the payment" not in clerk.get(counter(order_id)).text
    assert world.order(order_id)["payments"][0]["captured"]["amount"] == 3000
    assert clerk.post(counter(order_id), filled(page, "hand-over")).status == 200


def test_a_payment_that_was_forgotten_at_the_counter_is_collected_after_the_hand_over(clerk, world):
    world.stocked("TEA-001", store_1=9)
    paid = {"method": "PAY_IN_STORE", "authorized": {"amount": 3000, "currency": "USD"}}
    order_id = world.placed(at_counter("TEA-001", 3), payments=[paid])
    world.settle()
    world.steps(order_id, "accept", "pick", "pack", "ready")

    left = clerk.post(counter(order_id), filled(clerk.get(counter(order_id)), "hand-over"))
    assert left.address.endswith(counter(order_id))
    assert "The payment is still to be collected." in left.text
    assert "The units left without the payment." in left.text
    world.settle()
    page = clerk.get("nodes/store-1/counter")
    opened = clerk.post("nodes/store-1/counter", filled(page, "open", code=f"ful_{order_id.removeprefix('ord_')}-001"))
    assert opened.address.endswith(counter(order_id))
    done = clerk.post(counter(order_id), filled(opened, "collect", reference="R-1"))

    assert "The payment is noted." in done.text
    assert "Nothing of this order is at the counter" in done.text
    assert world.order(order_id)["payments"][0]["captured"]["amount"] == 3000


def test_a_contact_that_cannot_be_read_stops_no_hand_over(clerk, world, gateway, pickup):
    world.steps(pickup, "ready")
    gateway.broken.add(f"/v1/orders/{pickup}/contact")

    page = clerk.get(counter(pickup))

    assert "not known now" in page.text
    assert "Hand over" in page.text


def test_nobody_reads_a_name_before_the_order_is_at_the_counter(clerk, world, gateway):
    world.stocked("TEA-001", store_1=9)
    order_id = world.placed(at_counter("TEA-001", 1))
    world.settle()

    page = clerk.get(counter(order_id))

    assert "Nothing of this order is at the counter" in page.text
    assert not [path for _, path, _ in gateway.calls if path.endswith("/contact")]


@pytest.mark.parametrize("part", ["pick", "pack", "slip", "ship", "counter"])
def test_another_nodes_work_is_not_found_on_any_page(new_browser, packed, part):
    other = new_browser().enter("other-picker")

    assert other.get(f"nodes/dc-1/{part}/{ful(packed)}").status == 404
    assert other.get(f"nodes/dc-2/{part}/{ful(packed)}").status == 404
    assert other.get(f"nodes/dc-2/{part}/{ful(packed)}?as=pdf", follow=False).status == 404


@pytest.mark.parametrize("locale", ["en-US", "pt-BR", "es-MX"])
@pytest.mark.parametrize(
    "page", ["offers", "ship", "counter", "pick/{}", "pack/{}", "slip/{}", "ship/{}", "counter/{}", "late-work"]
)
def test_each_page_renders_in_each_language_at_each_state(new_browser, world, packed, locale, page):
    assert world.call("PUT", "/v1/me/settings", {"locale": locale}, who="picker").status == 200
    browser = new_browser().enter("picker")

    assert browser.get(f"nodes/dc-1/{page.format(ful(packed))}").status == 200


@pytest.mark.parametrize(
    "page", ["offers", "ship", "counter", "pick/{}", "pack/{}", "slip/{}", "ship/{}", "counter/{}"]
)
def test_staff_are_offered_no_page_of_a_step(sales, packed, page):
    assert sales.get(f"nodes/dc-1/{page.format(ful(packed))}").status == 403


def test_the_fields_of_the_forms_are_those_of_the_contract():
    package = set(contract.PackageIn.model_fields) - {"contents", "label_cost", "dims_mm", "parent_id"}

    assert {name.partition(".")[0] for name in parcels.FIELDS} == package
    assert set(contract.ShortPickIn.model_fields) == {"lines", "reason"}
    assert set(contract.DeclineIn.model_fields) == {"lines", "reason"}
