"""Test in a browser, by keys alone: a person of finance saves the files of a month that has more documents than one answer."""

import csv
from pathlib import Path

import pytest
from playwright.sync_api import expect

from comanda.aws.dynamodb import keys
from functions.books import handler as books
from tests.browser.keyboard import arrived, reach, type_into
from tests.functions.books.test_documents import sold
from tests.functions.people.desk import call_as

PHONE = {"width": 320, "height": 640}


@pytest.fixture(autouse=True)
def month_of_five(world, monkeypatch):
    """Sell five times where an answer takes two documents, and put the sales person at the desk of finance."""
    world.aws.put("Directory", **keys.user("sales"), name="Ana", roles=["staff"], desks=["finance"])
    for _ in range(5):
        sold(world)
    monkeypatch.setattr(books, "MOST_DOCUMENTS", 2)


def saved(page, link):
    """Press Enter on a link that Tab leads to, and return the name and the rows of the file that it saves."""
    with page.expect_download() as begun:
        reach(page, link)
    text = Path(begun.value.path()).read_text(encoding="utf-8")
    return begun.value.suggested_filename, list(csv.DictReader(text.splitlines()))


def test_the_documents_of_a_month_are_saved_part_by_part(world, console, faults, keep_shot):
    month, numbers = f"{world.now:%Y-%m}", []

    with console("sales", "", viewport=PHONE) as page:
        arrived(page, "Home")
        page.keyboard.press("g")
        page.keyboard.press("a")
        arrived(page, "Accounting files")
        type_into(page, page.locator("#field-period"), "2026-13")
        page.keyboard.press("Enter")
        expect(page.locator("#main").get_by_text("This is no month")).to_be_visible()
        assert faults(page) == []
        type_into(page, page.locator("#field-period"), month)
        page.keyboard.press("Enter")
        reach(page, page.get_by_role("link", name="Documents as CSV"))
        for part in (1, 2, 3):
            name, rows = saved(page, page.get_by_role("link", name=f"Save part {part} as CSV"))
            assert name == f"documents-{month}-{part}.csv"
            numbers += [row["number"] for row in rows]
            keep_shot(page, f"journey-documents-part-{part}-phone")
            assert faults(page) == []
            if part < 3:
                reach(page, page.get_by_role("link", name=f"Go on to part {part + 1}"))

    assert len(set(numbers)) == len(numbers) == 5


def test_the_page_waits_for_taxes_until_their_file_is_ready(world, console, faults, keep_shot):
    month = f"{world.now:%Y-%m}"
    assert call_as("sales", "PUT", "/v1/me/settings", {"locale": "pt-BR"}).status == 200

    with console("sales", f"accounting-files?period={month}", viewport=PHONE) as page:
        arrived(page, "Arquivos contábeis")
        reach(page, page.get_by_role("link", name="Impostos em CSV"))
        arrived(page, "Impostos")
        keep_shot(page, "journey-taxes-added-phone")
        assert faults(page) == []
        expect(page.get_by_role("heading", name="O arquivo está pronto")).to_be_focused()
        keep_shot(page, "journey-taxes-ready-phone")
        assert faults(page) == []
        name, rows = saved(page, page.get_by_role("link", name="Salvar como CSV"))

    assert (name, [row["invoiced_net"] for row in rows]) == (f"taxes-{month}.csv", ["50.00"])
