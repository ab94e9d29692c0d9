"""The statement of a credit account is a file for its customer: each change of what is owed, between two sums."""

import csv
import io
from datetime import timedelta

import pytest

from tests.functions.credit.test_credit import credit
from tests.functions.credit_accounts.credit import (
    account,
    opened,
    pay,
    placed,
    set_terms,
    shipped,
    standing,
    take_back,
)
from tests.functions.world import Reply, World, usd


def statement(world: World, account_id: str, month: str, who: str = "office") -> Reply:
    return world.call("GET", f"/v1/credit-accounts/{account_id}/statement-file", query={"month": month}, who=who)


def lines_of(reply: Reply) -> list[dict[str, str]]:
    assert reply.status == 200, reply.body
    return list(csv.DictReader(io.StringIO(reply.body)))


def test_a_statement_has_each_change_of_what_is_owed(world: World) -> None:
    account_id = opened(world)
    order_id = placed(world, 2_000, 2)
    shipped(world, order_id)
    placed(world, 1_000)  # only reserved
    set_terms(world, limit=usd(9_000))
    world.pass_time(60)
    assert pay(world, account_id, 1_500, "=SUM(A1)").status == 201
    world.pass_time(60)
    assert take_back(world, account_id, "=SUM(A1)").status == 201
    number = world.call("GET", f"/v1/invoices/inv_{order_id[4:]}-001").body["number"]

    reply = statement(world, account_id, f"{world.now:%Y-%m}")

    assert (
        reply.headers["Content-Disposition"] == f'attachment; filename="statement-{account_id}-{world.now:%Y-%m}.csv"'
    )
    first, *booked, last = lines_of(reply)
    assert [(one["purpose"], one["amount"], one["owed"]) for one in booked] == [
        ("capture", "20.00", "20.00"),
        ("payment", "-15.00", "5.00"),
        ("reversal", "15.00", "20.00"),
    ]
    assert (booked[0]["invoice_number"], booked[0]["order_id"]) == (number, order_id)
    assert booked[0]["due_on"] == f"{world.now + timedelta(days=30):%Y-%m-%d}"
    assert (booked[1]["reference"], booked[1]["moved_on"]) == ("'=SUM(A1)", f"{world.now:%Y-%m-%d}")
    assert (first["purpose"], first["owed"], first["currency"]) == ("opening", "0.00", "USD")
    assert (last["purpose"], last["owed"], last["customer_id"]) == ("closing", "20.00", "c-17")
    assert standing(world, account_id)[2] == 2_000


def test_the_next_month_begins_with_what_is_owed(world: World) -> None:
    account_id = opened(world)
    order_id = placed(world, 2_000, 2)
    shipped(world, order_id)
    world.pass_time(31 * 24 * 3600)
    assert credit(world, order_id).status == 201
    world.settle()

    first, *booked, last = lines_of(statement(world, account_id, f"{world.now:%Y-%m}"))

    assert (first["owed"], last["owed"]) == ("20.00", "0.00")
    assert [(one["purpose"], one["amount"]) for one in booked] == [("refund", "-20.00")]
    assert account(world, account_id)["owed"] == usd(0)


@pytest.mark.parametrize(
    ("month", "code"), [("", "empty-parameter"), ("2026", "not-a-month"), ("1999-01", "out-of-range")]
)
def test_a_month_that_is_none_is_refused(world: World, month: str, code: str) -> None:
    assert statement(world, opened(world), month).errors == [("/month", code)]


def test_a_shop_reads_the_statements_of_its_own_channels_alone(world: World) -> None:
    account_id, month = opened(world), f"{world.now:%Y-%m}"

    assert statement(world, account_id, month, who="shop").status == 200
    assert statement(world, account_id, month, who="other-shop").status == 404
    assert statement(world, f"ac_{'0' * 32}", month).status == 404
