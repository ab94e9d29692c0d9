"""The sums that a customer owes are kept by days, so that no order reads invoices, and a hundred invoices are listed."""

from datetime import date, timedelta
from random import Random
from typing import Any

import pytest

from comanda.aws.books import credit_accounts, unpaid_invoices
from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime.clients import client
from comanda.domain.credit_accounts import aging
from comanda.domain.credit_accounts.aging import Debt
from ops import debt_days, money_audit, own_account_audit
from ops.own_account_audit import of_account
from tests.functions.credit_accounts.credit import account, opened, placed, shipped, taken_by_us
from tests.functions.world import World
from tests.invariants import broken

FIRST = date(2026, 9, 1)


@pytest.fixture
def world(world: World) -> World:
    taken_by_us(world)
    world.stocked("TEA-001", dc_1=20)
    return world


def owing(world: World, debts: list[Debt], owed: int, **terms: Any) -> str:
    """Return the id of an account with these debts, of which so much is owed."""
    account_id = opened(world, **terms)
    for debt in debts:
        entry = keys.debt_entry(account_id, debt.due_on, debt.order_id, debt.invoice)
        facts = {"order_id": debt.order_id, "invoice": debt.invoice, "due_on": debt.due_on.isoformat()}
        world.aws.put("Orders", **entry, **facts, owed=debt.amount, room=0)
    for due_on in {debt.due_on for debt in debts}:
        of_day = [debt.amount for debt in debts if debt.due_on == due_on]
        day = keys.debt_day(account_id, due_on)
        world.aws.put("Orders", **day, due_on=due_on.isoformat(), owed=sum(of_day), invoices=len(of_day))
    row = reads.get("Orders", keys.credit_account(account_id)) or {}
    world.aws.put("Orders", **{**row, "owed": owed})
    return account_id


def some_debts(count: int, days: int) -> list[Debt]:
    dice, found = Random(7), list[Debt]()
    for n in range(count):
        due_on, amount = FIRST + timedelta(days=dice.randrange(days)), dice.randint(1, 500)
        found.append(Debt(order_id=f"ord_us1_{n:026d}", invoice=1, due_on=due_on, amount=amount, unpaid=amount))
    return sorted(found, key=lambda one: (one.due_on, one.order_id))


@pytest.mark.parametrize("part", [1, 30, 99, 100])
@pytest.mark.parametrize(("count", "days"), [(1, 1), (40, 1), (150, 3), (250, 40)])
def test_the_days_say_what_all_invoices_say(world: World, count: int, days: int, part: int):
    debts = some_debts(count, days)
    owed = max(1, sum(one.amount for one in debts) * part // 100)
    account_id = owing(world, debts, owed)

    found = unpaid_invoices.aged(credit_accounts.load(account_id), 100)

    unpaid = list(aging.unpaid(owed, reversed(debts)))
    assert list(found.first) == unpaid[::-1][:100]
    assert found.invoices == len(unpaid)
    today = FIRST + timedelta(days=20)
    assert aging.by_period(found.days, today) == aging.by_period(unpaid, today)
    assert aging.days_overdue(found.days, today) == aging.days_overdue(unpaid, today)


@pytest.mark.parametrize("kept", [[], [2], [1, 2]])
@pytest.mark.parametrize("part", [40, 100])
def test_invoices_from_before_the_days_are_not_lost(world: World, part: int, kept: list[int]):
    debts = some_debts(60, 3)
    owed = sum(one.amount for one in debts) * part // 100
    account_id = owing(world, debts, owed, blocked_after=10)
    for n in range(3):
        if n not in kept:
            day = keys.debt_day(account_id, FIRST + timedelta(days=n))
            single_writes.delete("Orders", day, condition="attribute_exists(pk)")

    account = credit_accounts.load(account_id)
    found = unpaid_invoices.aged(account, 100)

    unpaid = list(aging.unpaid(owed, reversed(debts)))
    assert list(found.first) == unpaid[::-1]
    assert found.invoices == len(unpaid)
    today = FIRST + timedelta(days=12)
    assert aging.by_period(found.days, today) == aging.by_period(unpaid, today)
    assert credit_accounts.pays(account, 1, FIRST + timedelta(days=5))
    assert not credit_accounts.pays(account, 1, FIRST + timedelta(days=13))


def test_an_order_reads_days_and_no_invoice(world: World, monkeypatch: pytest.MonkeyPatch):
    account_id = owing(world, some_debts(300, 3), 1_000, blocked_after=10)
    asked, real = list[str](), reads.query

    def query(*args: Any, **values: Any) -> Any:
        asked.append(str(values.get("beginning")))
        return real(*args, **values)

    monkeypatch.setattr(reads, "query", query)
    found = credit_accounts.load(account_id)

    assert credit_accounts.pays(found, 1, FIRST + timedelta(days=5))
    assert not credit_accounts.pays(found, 1, FIRST + timedelta(days=30))
    assert set(asked) == {keys.DEBT_DAYS}


def test_the_days_of_orders_are_kept_with_their_invoices_and_audited(world: World):
    account_id = opened(world)
    for amount in (1_000, 2_000):
        shipped(world, placed(world, amount, units=amount // 1_000))
    rows = [row for row in world.tables()["Orders"] if row["pk"] == keys.credit_account(account_id)["pk"]]
    (day,) = (row for row in rows if row["sk"].startswith(keys.DEBT_DAYS))

    assert (day["owed"], day["invoices"]) == (3_000, 2)
    assert account(world, account_id)["aging"]["unpaid_invoices"] == 2
    assert broken(world.tables()) == []
    wrong = [{**row, "owed": 2_999} if row is day else row for row in rows]
    assert len(list(of_account(day["pk"], wrong))) == 1
    assert len(list(of_account(day["pk"], [row for row in rows if row is not day]))) == 1


def as_before_the_days(world: World, account_id: str, days: list[date]) -> None:
    """Let an account be as one whose invoices of these days are from before there were sums."""
    for due_on in days:
        single_writes.delete("Orders", keys.debt_day(account_id, due_on), condition="attribute_exists(pk)")


def audited(account_id: str) -> list[str]:
    """Return what the audit says of an account."""
    found = money_audit.of_table(client("dynamodb"), "Orders")[1]
    return [str(one) for one in found if str(one).startswith(keys.credit_account(account_id)["pk"])]


def test_the_audit_says_one_line_for_an_account_and_the_days_are_mended(world: World):
    debts = some_debts(60, 6)
    account_id = owing(world, debts, 5)
    as_before_the_days(world, account_id, [FIRST + timedelta(days=n) for n in range(5)])
    sums = [line for line in audited(account_id) if "sums of" in line]
    assert len(sums) == 1
    assert "the sums of 5 days differ" in sums[0]
    assert f"(0, 0) are due on {FIRST}" in sums[0]

    written = [debt_days.mend(client("dynamodb"), "Orders") for _ in range(2)]

    assert written == [5, 0]
    assert not [line for line in audited(account_id) if "sums of" in line]
    row = reads.get("Orders", keys.credit_account(account_id)) or {}
    whole = sum(one.amount for one in debts)
    world.aws.put("Orders", **{**row, "owed": whole})
    days = unpaid_invoices.days(credit_accounts.load(account_id))
    assert [day.due_on for day in days] == sorted({one.due_on for one in debts}, reverse=True)
    assert (sum(day.amount for day in days), sum(day.invoices for day in days)) == (whole, 60)


def test_an_invoice_during_the_mending_is_not_lost(world: World, monkeypatch: pytest.MonkeyPatch):
    account_id = opened(world)
    shipped(world, placed(world, 1_000))
    (row,) = (row for row in world.tables()["Orders"] if row["sk"].startswith(keys.DEBT_DAYS))
    as_before_the_days(world, account_id, [date.fromisoformat(row["due_on"])])
    real, news = own_account_audit.rows_below, [2_000]

    def rows_below(*args: Any) -> Any:
        found = list(real(*args))
        if news and args[-1] == keys.DEBT_DAYS:
            shipped(world, placed(world, news.pop(), units=2))
        return found

    monkeypatch.setattr(own_account_audit, "rows_below", rows_below)
    first = debt_days.mend(client("dynamodb"), "Orders")
    second = debt_days.mend(client("dynamodb"), "Orders")

    assert (first, second) == (0, 1)
    day = reads.get("Orders", {"pk": row["pk"], "sk": row["sk"]}) or {}
    assert (day["owed"], day["invoices"]) == (3_000, 2)
    assert broken(world.tables()) == []
