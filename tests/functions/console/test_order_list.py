"""The list of orders shows several channels and days together, sorted as a person chose, and gives the same as a file."""

import csv
import re
from io import StringIO

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from functions.console import order_list, render


def a_channel(world, name):
    body = {"name": name, "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"]}
    assert world.call("PUT", f"/v1/channels/{name}", body, who="office").status in (200, 201)
    directory.forget()


@pytest.fixture
def orders(world):
    """Give an order of the web shop today, a larger one of it yesterday, and one of the outlet."""
    a_channel(world, "outlet")
    world.stocked("TEA-001", dc_1=500)
    yesterday = world.placed(("TEA-001", 7), external_id="Y-1")
    world.pass_time(24 * 3600)
    web = world.placed(("TEA-001", 1), external_id="=1+1")
    outlet = world.placed(("TEA-001", 3), external_id="OUT-1", channel="outlet", who="other-shop")
    world.settle()
    return {"yesterday": yesterday, "web": web, "outlet": outlet}


def shown(page):
    """Return the ids of the orders of a page, in their order."""
    return [href.rpartition("/")[2] for href in re.findall(r'class="id" href="([^"]+)"', page.text)]


def test_the_orders_of_all_channels_and_of_some_days_are_shown_together(orders, sales, gateway):
    assert set(shown(sales.get("orders"))) == {orders["web"], orders["outlet"]}
    gateway.calls.clear()

    page = sales.get("orders?days=3")

    assert set(shown(page)) == set(orders.values())
    asked = [path for _, path, _ in gateway.calls if path.startswith("/v1/orders?")]
    assert len(asked) <= order_list.MOST_CALLS


@pytest.mark.parametrize(
    ("sort", "first"),
    [("units", "yesterday"), ("total", "yesterday"), ("oldest", "yesterday"), ("channel", "outlet"), ("; drop", "")],
)
def test_what_is_shown_is_sorted_as_a_person_chose(orders, sales, sort, first):
    page = sales.get(f"orders?days=7&sort={sort}")

    assert page.status == 200
    found = shown(page)
    assert len(found) == 3
    assert found[0] == orders[first] if first else found[-1] == orders["yesterday"]


def test_a_person_with_channels_of_their_own_sees_those(orders, sales, world, new_browser):
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], desks=["sales"], channels=["outlet"])
    directory.forget()
    browser = new_browser()
    browser.sign_in("sales")

    assert shown(browser.get("orders?days=7")) == [orders["outlet"]]


def test_what_is_shown_is_saved_as_a_file_without_a_formula(orders, sales):
    answer = sales.get("orders?days=3&sort=units&as=csv")

    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/csv")
    assert re.fullmatch(r'attachment; filename="[A-Za-z0-9-]+\.csv"', answer.headers["Content-Disposition"])
    head, *rows = csv.reader(StringIO(answer.text))
    assert head == list(order_list.COLUMNS)
    assert [row[0] for row in rows] == [orders["yesterday"], orders["outlet"], orders["web"]]
    assert rows[2][1] == "'=1+1"
    assert rows[2][6:] == ["10.00", "USD"]


def test_a_list_that_goes_on_is_named_with_a_link(sales, world, gateway):
    world.stocked("TEA-001", dc_1=500)
    for n in range(26):
        world.placed(("TEA-001", 1), external_id=f"N-{n}")

    page = sales.get("orders")

    assert len(shown(page)) == 25
    assert "Each has a list of its own" in page.text
    assert len(shown(sales.get(f"orders?channel=web&day={world.now:%Y-%m-%d}"))) == 26


@pytest.mark.parametrize("days", ["-1", "0", "99999999999", "x", "\u0663"])
def test_another_number_of_days_is_one_day(orders, sales, days):
    assert set(shown(sales.get(f"orders?days={days}"))) == {orders["web"], orders["outlet"]}


@pytest.mark.parametrize("day", ["tomorrow", "2026-13-01", "0001-01-01", "9999-12-31"])
def test_a_day_that_is_none_is_refused_and_the_first_day_of_the_calendar_is_one(orders, sales, day):
    page = sales.get(f"orders?days=7&day={day}")

    assert page.status == 200
    assert ("a UTC day, YYYY-MM-DD" in page.text) == (day in ("tomorrow", "2026-13-01"))


def test_one_part_that_gets_no_answer_is_named_and_the_rest_is_shown(orders, sales, gateway, monkeypatch):
    gateway.broken.add("/v1/channels")

    page = sales.get("orders?channel=web&days=3")

    assert set(shown(page)) == {orders["web"], orders["yesterday"]}


@pytest.mark.parametrize("locale", ["pt-BR", "es"])
def test_the_filters_are_in_the_readers_language(world, new_browser, locale):
    assert world.call("PUT", "/v1/me/settings", {"locale": locale}, who="sales").status == 200
    browser = new_browser()
    browser.sign_in("sales")

    page = browser.get("orders").text

    for words in ("All my channels", "Highest total first", "Within what is shown"):
        assert render.translate(words, locale) in page


def test_more_channels_than_a_page_reads_are_named():
    waves, left = order_list.lists(["a", "b", "c", "d", "e"], ["2026-11-30", "2026-11-29"])

    assert [len(wave) for wave in waves] == [4, 4]
    assert left == [("e", "2026-11-30"), ("e", "2026-11-29")]
    assert order_list.lists(["a", "b", "c", "d"], order_list.days("2026-11-30", 7))[1][0] == ("a", "2026-11-27")
