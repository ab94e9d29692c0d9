"""A legal entity has its invoices and credit notes of a month as a file, and what they say of taxes by country and rate."""

import csv
import io
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import parse_qsl

import pytest

from comanda.aws.directory import directory
from functions.books import handler as room
from tests.faults import Between
from tests.functions.channels import set_channel
from tests.functions.credit.test_credit import credit
from tests.functions.credit.test_packed_invoices import packed
from tests.functions.documents.brazil import sells_in_brazil
from tests.functions.world import Reply, World, usd

DOCUMENTS, TAXES = "/v1/books/documents-file", "/v1/books/taxes-file"


def answer(world: World, path: str, **query: str) -> Reply:
    return world.call("GET", path, query={"legal_entity": "tea-co", **query}, who="office")


def lines_of(world: World, path: str, **query: str) -> list[dict[str, str]]:
    reply = answer(world, path, **(query or {"month": f"{world.now:%Y-%m}"}))
    assert reply.status == 200, reply.body
    return list(csv.DictReader(io.StringIO(reply.body)))


def sold(world: World, units: int = 1, **changes: Any) -> str:
    """Place, ship and invoice pieces at 10.00 with 8.25 % of tax."""
    world.stocked("TEA-001", dc_1=units)
    line = {"tax": {"rate": "0.0825", "amount": usd(83 * units)}}
    order_id = world.placed({"sku": "TEA-001", "quantity": units, "unit_price": usd(1_000), **line}, **changes)
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    return order_id


def test_a_month_has_each_invoice_and_credit_note_with_its_number(world: World) -> None:
    order_id = sold(world, 2)
    world.pass_time(60)
    assert credit(world, order_id, credit="LINES", lines=[{"line_id": "1", "quantity": 1}]).status == 201
    world.settle()

    invoice, note = lines_of(world, DOCUMENTS)

    shown = world.call("GET", f"/v1/invoices/{invoice['document_id']}", who="office").body
    assert (invoice["kind"], invoice["number"], invoice["order_id"]) == ("invoice", shown["number"], order_id)
    assert (invoice["country"], invoice["currency"], invoice["issued_at"]) == ("US", "USD", shown["issued_at"])
    assert (invoice["goods"], invoice["tax"], invoice["total"], invoice["voided"]) == ("20.00", "1.66", "21.66", "")
    assert (note["kind"], note["credited_invoice"], note["total"]) == ("credit_note", shown["number"], "10.83")
    assert note["number"]
    assert {one["legal_entity"] for one in (invoice, note)} == {"tea-co"}


def test_taxes_are_added_up_by_country_and_rate_less_what_was_credited(world: World) -> None:
    first = sold(world, 2)
    sold(world, 1)
    assert credit(world, first, credit="LINES", lines=[{"line_id": "1", "quantity": 1}]).status == 201
    world.settle()

    (row,) = lines_of(world, TAXES)

    assert (row["country"], row["tax_rate"], row["currency"]) == ("US", "0.0825", "USD")
    assert [row[name] for name in ("invoiced_net", "invoiced_tax")] == ["30.00", "2.49"]
    assert [row[name] for name in ("credited_net", "credited_tax", "net", "tax")] == ["10.00", "0.83", "20.00", "1.66"]


def test_what_is_added_up_is_the_tax_of_the_books(world: World) -> None:
    first = sold(world, 2)
    sold(world, 1, channel="outlet", who="other-shop")
    assert credit(world, first, credit="LINES", lines=[{"line_id": "1", "quantity": 1}]).status == 201
    world.settle()
    world.pass_time(300)
    world.hops.invoke("tally", {})

    days = [
        world.call(
            "GET", "/v1/books/trial-balance", query={"channel": one, "day": f"{world.now:%Y-%m-%d}"}, who="office"
        )
        for one in ("web", "outlet")
    ]

    accounts = [one for day in days for currency in day.body["currencies"] for one in currency["accounts"]]
    booked = {
        name: sum(one["credit"]["amount"] - one["debit"]["amount"] for one in accounts if one["account"] in of)
        for name, of in (("tax", ("tax",)), ("net", ("revenue", "charges", "credits")))
    }
    rows = lines_of(world, TAXES)
    assert {name: sum(round(float(row[name]) * 100) for row in rows) for name in ("tax", "net")} == booked
    assert booked == {"tax": 166, "net": 2_000}


def test_a_voided_invoice_is_marked_and_in_no_sum(world: World) -> None:
    sells_in_brazil(world, invoice_when="PACKED")
    world.stocked("TEA-001", dc_1=9, dc_2=9)
    order_id = packed(world)
    assert world.step(order_id, "hand-back", 1, {"reason": "OTHER"}).status == 200
    world.settle()
    (voided,) = lines_of(world, DOCUMENTS)
    assert (voided["voided"], lines_of(world, TAXES)) == ("yes", [])

    world.steps(order_id, "accept", "start-pick", "pick", "pack", number=2)
    world.settle()

    assert sorted(one["voided"] for one in lines_of(world, DOCUMENTS)) == ["", "yes"]
    (row,) = lines_of(world, TAXES)
    assert (row["country"], row["currency"], row["net"]) == ("BR", "BRL", "82.00")


def test_what_is_collected_at_a_counter_has_no_country(world: World) -> None:
    world.stocked("TEA-001", store_1=1)
    pickup = {"sku": "TEA-001", "quantity": 1, "fulfillment": {"method": "PICKUP", "node_id": "store-1"}}
    order_id = world.placed(pickup)
    world.settle()
    world.steps(order_id, "accept", "start-pick", "pick", "pack", "ready", "hand-over")
    world.settle()

    assert [one["country"] for one in lines_of(world, DOCUMENTS)] == [""]


def test_a_day_has_its_own_documents_and_another_entity_has_none_of_them(world: World) -> None:
    sold(world)
    day = f"{world.now:%Y-%m-%d}"
    world.pass_time(24 * 3600)
    sold(world)
    world.entry(directory.LEGAL_ENTITY, "cup-co", {**(directory.find(directory.LEGAL_ENTITY, "tea-co") or {})})
    directory.forget()

    assert len(lines_of(world, DOCUMENTS, day=day)) == 1
    assert len(lines_of(world, DOCUMENTS)) == 2
    assert (
        answer(world, DOCUMENTS, day=day).headers["Content-Disposition"]
        == f'attachment; filename="documents-{day}.csv"'
    )
    assert lines_of(world, TAXES, legal_entity="cup-co", day=day) == []
    set_channel(world, legal_entity="cup-co")
    assert len(lines_of(world, DOCUMENTS, legal_entity="cup-co", day=day)) == 1


@pytest.fixture
def five_sold(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Sell on two days of a month and in two channels, and return the month. An answer takes two documents."""
    for n in range(5):
        sold(world, n + 1, **({"channel": "outlet", "who": "other-shop"} if n % 2 else {}))
        world.pass_time(13 * 3600 if n == 2 else 60)
    monkeypatch.setattr(room, "MOST_DOCUMENTS", 2)
    return f"{world.now:%Y-%m}"


def test_a_long_list_of_documents_goes_on_behind_a_link(world: World, five_sold: str) -> None:
    query, found, parts = {"month": five_sold}, list[str](), 0
    while True:
        reply = answer(world, DOCUMENTS, **query)
        found += [row["total"] for row in csv.DictReader(io.StringIO(reply.body))]
        parts += 1
        if "Link" not in reply.headers:
            break
        query = dict(parse_qsl(reply.headers["Link"].partition("?")[2].partition(">")[0]))
        del query["legal_entity"]

    assert (parts, found) == (3, ["10.83", "21.66", "32.49", "43.32", "54.15"])
    assert answer(world, DOCUMENTS, month=five_sold, cursor="e30=").problem == "bad-cursor"


def test_the_taxes_of_many_documents_are_added_up_by_several_requests(world: World, five_sold: str) -> None:
    first, second, third, again = (answer(world, TAXES, month=five_sold) for _ in range(4))

    assert [(one.status, one.body) for one in (first, second)] == [(202, {"documents": 2}), (202, {"documents": 4})]
    (row,) = csv.DictReader(io.StringIO(third.body))
    assert (row["invoiced_net"], row["invoiced_tax"]) == ("150.00", "12.45")
    assert (again.status, again.body) == (200, third.body)
    sold(world)
    assert answer(world, TAXES, month=five_sold).body == third.body
    world.pass_time(16 * 60)  # then the sums begin anew
    assert answer(world, TAXES, month=five_sold).body == {"documents": 2}


def test_two_requests_that_add_up_at_once_count_each_document_once(world: World, five_sold: str) -> None:
    day = {"day": f"{world.now - timedelta(hours=13):%Y-%m-%d}"}  # of the first three
    with Between() as counted:
        answer(world, TAXES, **day)
    assert counted.calls > 3
    for at in range(1, counted.calls + 1):
        world.pass_time(16 * 60)
        with Between(at, partial(answer, world, TAXES, **day)) as other:
            reply = answer(world, TAXES, **day)
        assert other.answer.status == 202, at
        while reply.status == 202:
            reply = answer(world, TAXES, **day)
        (row,) = csv.DictReader(io.StringIO(reply.body))
        assert (row["net"], row["tax"]) == ("60.00", "4.98"), at


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, [("/month", "missing")]),
        ({"month": "2026-11", "day": "2026-11-01"}, [("/day", "not-taken")]),
        ({"month": "soon"}, [("/month", "not-a-month")]),
        ({"day": "2026-02-30"}, [("/day", "not-a-day")]),
    ],
)
def test_a_wrong_question_names_its_field(world: World, query: dict[str, str], found: list[tuple[str, str]]) -> None:
    assert answer(world, DOCUMENTS, **query).errors == found


def test_an_entity_that_is_none_is_not_found_and_a_shop_reads_no_books(world: World) -> None:
    assert answer(world, DOCUMENTS, legal_entity="nobody", month="2026-11").status == 404
    query = {"legal_entity": "tea-co", "month": "2026-11"}
    assert world.call("GET", TAXES, query=query, who="shop").status == 403
