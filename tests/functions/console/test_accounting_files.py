"""The page of the accounting files leads the desk finance to each file of the books, also to those of many documents."""

import re
from html import unescape

import pytest

from comanda.aws.dynamodb import keys
from functions.books import handler as books
from tests.functions.books.test_documents import DOCUMENTS, TAXES, answer, sold

PAGE = "accounting-files"


@pytest.fixture(autouse=True)
def desk(world):
    """Put the sales person at the desk of finance."""
    world.aws.put("Directory", **keys.user("sales"), name="Sales", roles=["staff"], desks=["finance"])


@pytest.fixture
def three_sold(world, monkeypatch):
    """Sell three times, and return the month. An answer takes two documents."""
    for _ in range(3):
        sold(world)
    monkeypatch.setattr(books, "MOST_DOCUMENTS", 2)
    return f"{world.now:%Y-%m}"


def link(page, words):
    """Return the path of a link of the page by its words."""
    (address,) = re.findall(rf'<a class="button[^"]*" href="([^"]+)"><span>{re.escape(words)}</span>', page.text)
    return unescape(address)


def rows_of(text):
    return text.splitlines()[1:]


def test_this_month_of_the_first_entity_and_channel_is_offered(sales, world):
    page = sales.get(PAGE)

    assert page.status == 200
    assert f'value="{world.now:%Y-%m}"' in page.text
    for words, file in (("Documents", "documents"), ("Taxes", "taxes"), ("Trial balance", "trial-balance")):
        address = link(page, f"{words} as CSV")
        assert f"period={world.now:%Y-%m}&as={file}" in address
        assert "legal_entity=tea-co" in address


@pytest.mark.parametrize(("file", "path"), [("documents", DOCUMENTS), ("taxes", TAXES)])
@pytest.mark.parametrize("of_a_day", [False, True])
def test_a_file_of_an_entity_is_that_of_the_api(sales, world, file, path, of_a_day):
    sold(world)
    period = f"{world.now:%Y-%m-%d}" if of_a_day else f"{world.now:%Y-%m}"

    saved = sales.get(link(sales.get(f"{PAGE}?period={period}"), f"{file.title()} as CSV"))

    theirs = answer(world, path, **{"day" if of_a_day else "month": period})
    assert (saved.status, saved.headers["Content-Type"]) == (200, "text/csv; charset=utf-8")
    assert saved.headers["Content-Disposition"] == f'attachment; filename="{file}-{period}.csv"'
    assert saved.text == theirs.body
    assert len(rows_of(saved.text)) == 1


def test_the_trial_balance_is_that_of_the_month_of_a_day(sales, world):
    sold(world)
    world.pass_time(300)
    world.hops.invoke("tally", {})

    saved = sales.get(link(sales.get(f"{PAGE}?channel=web&period={world.now:%Y-%m-%d}"), "Trial balance as CSV"))

    month = {"channel": "web", "month": f"{world.now:%Y-%m}"}
    theirs = world.call("GET", "/v1/books/trial-balance-file", query=month, who="office")
    assert saved.headers["Content-Disposition"] == f'attachment; filename="trial-balance-{world.now:%Y-%m}.csv"'
    assert saved.text == theirs.body
    assert rows_of(saved.text)


def test_documents_of_several_parts_are_saved_part_by_part(sales, world, three_sold):
    whole = rows_of(answer(world, DOCUMENTS, month=three_sold).body)

    first = sales.get(link(sales.get(PAGE), "Documents as CSV"))
    assert "There are more documents than one file takes." in first.text
    assert "This is the last part." not in first.text
    one = sales.get(link(first, "Save part 1 as CSV"))
    last = sales.get(link(first, "Go on to part 2"))
    assert "This is the last part." in last.text
    two = sales.get(link(last, "Save part 2 as CSV"))

    assert [part.headers["Content-Disposition"] for part in (one, two)] == [
        f'attachment; filename="documents-{three_sold}-{number}.csv"' for number in (1, 2)
    ]
    assert rows_of(one.text) == whole
    assert len({*rows_of(one.text), *rows_of(two.text)}) == 3


def test_a_last_part_that_has_grown_meanwhile_is_shown_again_with_the_next_one(sales, world, three_sold):
    last = sales.get(link(sales.get(link(sales.get(PAGE), "Documents as CSV")), "Go on to part 2"))
    for _ in range(2):
        world.pass_time(60)
        sold(world)

    again = sales.get(link(last, "Save part 2 as CSV"))

    assert again.headers["Content-Type"].startswith("text/html")
    assert link(again, "Go on to part 3")
    assert len(rows_of(sales.get(link(again, "Save part 2 as CSV")).text)) == 2


def test_taxes_of_many_documents_say_how_far_they_are_until_the_file_is_ready(sales, world, three_sold):
    adding = sales.get(link(sales.get(PAGE), "Taxes as CSV"))

    assert "2 are added up so far." in adding.text
    again = link(adding, "Load again")
    (polled,) = re.findall(r'data-poll="\d+" hx-get="([^"]+)"', adding.text)
    assert unescape(polled) == again

    ready = sales.get(again)
    saved = sales.get(link(ready, "Save as CSV"))
    assert "The file is ready" in ready.text
    assert "data-poll" not in ready.text
    assert saved.headers["Content-Disposition"] == f'attachment; filename="taxes-{three_sold}.csv"'
    assert saved.text == answer(world, TAXES, month=three_sold).body


@pytest.mark.parametrize("period", ["2026-13", "2026-02-30", "soon", "1999-01"])
def test_a_period_that_is_none_is_named_at_its_field(sales, period):
    page = sales.get(f"{PAGE}?period={period}")

    assert "This is no month as in 2026-11" in page.text
    assert "as CSV</span>" not in page.text


def test_without_an_entity_the_page_says_who_stores_one(sales, monkeypatch):
    monkeypatch.setattr("functions.console.choices._whole", lambda *_: [])

    page = sales.get(PAGE)

    assert "There is no legal entity yet" in page.text
    assert "as CSV</span>" not in page.text


def test_an_entity_is_typed_where_their_list_cannot_be_read(sales, gateway, world):
    gateway.broken.add("/v1/legal-entities")

    page = sales.get(PAGE)
    assert "Name a legal entity above." in page.text
    assert '<input id="field-legal_entity"' in page.text
    assert link(sales.get(f"{PAGE}?legal_entity=tea-co&period={world.now:%Y-%m}"), "Documents as CSV")


def test_an_address_of_no_entity_leads_to_no_file(sales, world):
    month = f"{world.now:%Y-%m}"

    assert sales.get(f"{PAGE}?legal_entity=nobody&period={month}&as=documents").status == 404
    assert sales.get(f"{PAGE}?period={month}&as=taxes").status in (400, 422)
    assert sales.get(f"{PAGE}?legal_entity=tea-co&period={month}&as=documents&cursor=x").status in (400, 422)
