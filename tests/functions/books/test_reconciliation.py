"""The report of a month has what was reported beside what we moved, by day, currency and status."""

import csv
import io
from datetime import UTC, datetime
from typing import Any

import pytest

from comanda.aws.books.settlement_rows import Comparison, Totals, write
from comanda.aws.dynamodb import transaction
from comanda.domain.reconciliation.exchange import Exchange
from comanda.domain.reconciliation.settlement import Settlement, SettlementStatus
from tests.functions.world import World

REPORT, FILE = "/v1/books/reconciliation", "/v1/books/reconciliation-file"
NOW = datetime(2026, 11, 30, 9, tzinfo=UTC)


def kept(name: str, charged: int, ours: int, *, day: str = "2026-11-20", currency: str = "USD", fee: int = 0) -> None:
    """Keep a payment with both sides, and its fee."""
    theirs = Settlement(currency=currency, day=day, charged=charged)
    status = SettlementStatus.MATCHED if charged == ours else SettlementStatus.AMOUNT_DIFFERS
    totals = Totals()
    one = Comparison(provider="stripe", name=name, theirs=theirs, status=status, ours=ours)
    totals.count(one)
    totals.add("stripe", day, currency, fees=fee)
    transaction.commit([write(one, NOW), *totals.writes()])


def answer(world: World, path: str = REPORT, **query: str) -> Any:
    return world.call("GET", path, query={"provider": "stripe", "month": "2026-11", **query}, who="office")


def test_a_month_has_a_row_for_each_day_and_currency(world: World) -> None:
    kept("pi_1", 1000, 1000, fee=30)
    kept("pi_2", 500, 500)
    kept("pi_3", 700, 600)
    kept("pi_4", 900, 900, currency="JPY")
    kept("pi_5", 1, 1, day="2026-12-01")

    dollars, yen = sorted(answer(world).body["days"], key=lambda day: -len(day["statuses"]))

    of = {
        one["status"]: (one["items"], one["ours"]["amount"], one["difference"]["amount"]) for one in dollars["statuses"]
    }
    assert of == {"MATCHED": (2, 1500, 0), "AMOUNT_DIFFERS": (1, 600, 100)}
    assert (dollars["day"], dollars["fees"], dollars["other"]["amount"]) == (
        "2026-11-20",
        {"amount": 30, "currency": "USD"},
        0,
    )
    assert yen["statuses"][0]["theirs"] == {"amount": 900, "currency": "JPY"}


def test_the_file_is_for_an_accountant(world: World) -> None:
    kept("pi_1", 1000, 1000, fee=30)
    kept("pi_3", 500, 600)
    kept("pi_4", 900, 900, currency="JPY")

    reply = answer(world, FILE)

    assert reply.headers["Content-Disposition"] == 'attachment; filename="reconciliation-stripe-2026-11.csv"'
    header, *rows = csv.reader(io.StringIO(reply.body))
    assert header == ["provider", "day", "currency", "status", "items", "ours", "theirs", "difference"]
    assert rows == [
        ["stripe", "2026-11-20", "JPY", "MATCHED", "1", "900", "900", "0"],
        ["stripe", "2026-11-20", "USD", "MATCHED", "1", "10.00", "10.00", "0.00"],
        ["stripe", "2026-11-20", "USD", "AMOUNT_DIFFERS", "1", "6.00", "5.00", "-1.00"],
        ["stripe", "2026-11-20", "USD", "FEES", "", "", "-0.30", ""],
    ]


def test_what_payments_of_other_currencies_brought_is_beside_the_statuses(world: World) -> None:
    exchange = Exchange(currency="USD", settled=190, paid=1000, got=190)
    one = Comparison(
        provider="stripe",
        name="pi_1",
        theirs=Settlement(currency="BRL", day="2026-11-20", charged=1000, exchange=exchange),
        status=SettlementStatus.MATCHED,
        ours=1000,
    )
    totals = Totals()
    totals.count(one)
    transaction.commit([write(one, NOW), *totals.writes()])

    days = {day["converted"]["currency"]: day for day in answer(world).body["days"]}

    assert (days["USD"]["converted"]["amount"], days["USD"]["statuses"]) == (190, [])
    assert (days["BRL"]["converted"]["amount"], days["BRL"]["statuses"][0]["theirs"]["amount"]) == (0, 1000)
    assert "stripe,2026-11-20,USD,CONVERTED,,,1.90,\r\n" in answer(world, FILE).body


@pytest.mark.parametrize(
    ("query", "pointer"),
    [({"provider": "paypal"}, "/provider"), ({"provider": ""}, "/provider"), ({"month": "11"}, "/month")],
)
def test_a_wrong_question_names_its_field(world: World, query: dict[str, str], pointer: str) -> None:
    reply = answer(world, **query)

    assert reply.status in (400, 422)
    assert reply.body["errors"][0]["pointer"] == pointer


def test_a_shop_does_not_see_it(world: World) -> None:
    assert world.call("GET", REPORT, query={"provider": "bank", "month": "2026-11"}).status == 403
