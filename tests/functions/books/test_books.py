"""A channel's trial balance has every journal of the day once, whenever it is folded."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.books import trial_balance
from comanda.domain.errors import StaleOrder
from tests.functions import grants
from tests.functions.world import World, usd

DAY = "/v1/books/trial-balance"
FILE = "/v1/books/trial-balance-file"


def answer(world: World, path: str = DAY, **query: str) -> Any:
    return world.call("GET", path, query={"channel": "web", **query}, who="office")


def moved(world: World, day: str) -> dict[str, tuple[int, int]]:
    """The debits and credits of dollars on a day."""
    found = answer(world, day=day).body["currencies"]
    return {
        one["account"]: (one["debit"]["amount"], one["credit"]["amount"])
        for currency in found
        for one in currency["accounts"]
    }


def sold(world: World) -> str:
    """Place, ship and invoice an order of one piece at 10.00."""
    world.stocked("TEA-001", dc_1=1)
    order_id = world.placed()
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    return order_id


WHOLE = {
    "captured": (1000, 0),
    "revenue": (0, 1000),
    "authorised": (1000, 1000),
    "to_capture": (1000, 1000),
}


def test_a_day_has_what_its_orders_moved_and_debits_equal_credits(world: World):
    day = f"{world.now:%Y-%m-%d}"
    sold(world)
    world.pass_time(300)
    world.hops.invoke("tally", {})

    found = answer(world, day=day).body

    assert moved(world, day) == WHOLE
    (dollars,) = found["currencies"]
    assert dollars["debit"] == dollars["credit"] == usd(3000)
    assert found["closed"] is False
    assert answer(world, day="2026-01-01").body["currencies"] == []


def test_journals_of_the_last_minutes_are_left_to_the_next_fold(world: World):
    day = f"{world.now:%Y-%m-%d}"
    assert answer(world, day=day).body["as_of"] is None
    sold(world)
    world.hops.invoke("tally", {})
    assert moved(world, day) == {}

    for _ in range(3):
        world.pass_time(180)
        world.hops.invoke("tally", {})

    assert moved(world, day) == WHOLE
    assert answer(world, day=day).body["as_of"] == (world.now - timedelta(minutes=2)).isoformat(
        timespec="milliseconds"
    ).replace("+00:00", "Z")


def test_a_day_that_is_over_is_added_up_anew_and_closed(world: World):
    day = f"{world.now:%Y-%m-%d}"
    sold(world)
    world.pass_time(300)
    world.hops.invoke("tally", {})
    (row,) = (r for r in world.aws.items("Orders") if r["pk"].startswith("TB#web#") and "amounts" in r)
    world.aws.put("Orders", **{**row, "amounts": {}})  # as if the index had shown some journals late
    world.pass_time(26 * 3600)

    world.hops.invoke("tally", {})

    assert moved(world, day) == WHOLE
    assert answer(world, day=day).body["closed"] is True
    before = world.tables()
    assert trial_balance.fold("web", world.now) == 0
    assert world.tables() == before


def test_a_month_is_a_file_with_decimal_amounts(world: World):
    day = f"{world.now:%Y-%m-%d}"
    sold(world)
    world.pass_time(300)
    world.hops.invoke("tally", {})

    reply = answer(world, FILE, month=day[:7])

    assert reply.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(reply.body)))
    assert {row["account"]: (row["debit"], row["credit"]) for row in rows} == {
        name: (f"{debit / 100:.2f}", f"{credit / 100:.2f}") for name, (debit, credit) in WHOLE.items()
    }
    assert {(row["channel"], row["day"], row["currency"], row["closed"]) for row in rows} == {("web", day, "USD", "no")}


def test_a_run_that_ends_in_the_middle_need_not_close_the_same_days_again(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    world.pass_time(300)
    world.hops.invoke("tally", {})
    first_open = world.now.date()
    world.pass_time(3 * 24 * 3600)
    real = trial_balance._fold_part

    def ends_on_the_second_day(channel: str, day: Any, *given: Any, **more: Any) -> int:
        if day > first_open:
            raise TimeoutError
        return real(channel, day, *given, **more)

    with monkeypatch.context() as killed:
        killed.setattr(trial_balance, "_fold_part", ends_on_the_second_day)
        with pytest.raises(TimeoutError):
            trial_balance.fold("web", world.now)

    assert trial_balance.progress("web").first_open == first_open + timedelta(days=1)
    trial_balance.fold("web", world.now)
    assert trial_balance.progress("web").first_open == world.now.date()


def test_a_file_calls_no_day_closed_whose_sums_were_read_before_its_close(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    month = f"{world.now:%Y-%m}"
    sold(world)
    world.pass_time(300)
    world.hops.invoke("tally", {})
    world.pass_time(26 * 3600)
    real = trial_balance.of_days

    def before_a_fold(*given: Any) -> Any:
        found = real(*given)
        with grants.of_room("tally"):
            trial_balance.fold("web", world.now)
        return found

    monkeypatch.setattr(trial_balance, "of_days", before_a_fold)
    reply = answer(world, FILE, month=month)

    assert {row["closed"] for row in csv.DictReader(io.StringIO(reply.body))} == {"no"}


def test_two_folds_at_once_count_no_journal_twice(world: World, monkeypatch: pytest.MonkeyPatch):
    day = f"{world.now:%Y-%m-%d}"
    sold(world)
    world.pass_time(300)
    real, done = trial_balance._write, []

    def after_another(*given: Any) -> None:
        if not done:
            done.append(True)
            trial_balance.fold("web", world.now)
        real(*given)

    monkeypatch.setattr(trial_balance, "_write", after_another)
    with pytest.raises(StaleOrder):
        trial_balance.fold("web", world.now)

    assert moved(world, day) == WHOLE


@pytest.mark.parametrize(
    ("path", "query", "pointer"),
    [
        (DAY, {"day": "2026-02-30"}, "/day"),
        (DAY, {"day": "20261119"}, "/day"),
        (DAY, {"day": "٢٠٢٦-11-19"}, "/day"),
        (DAY, {}, "/day"),
        (FILE, {"month": "2026-13"}, "/month"),
        (FILE, {"month": "2026-11-19"}, "/month"),
        (FILE, {}, "/month"),
    ],
)
def test_a_wrong_day_month_or_channel_is_named(world: World, path: str, query: dict[str, str], pointer: str):
    reply = answer(world, path, **query)

    assert (reply.status, reply.body["errors"][0]["pointer"]) == (422, pointer)


def test_a_channel_that_is_not_there_is_not_found(world: World):
    assert answer(world, day="2026-11-19", channel="moon").status == 404


def test_a_fold_that_ended_in_the_middle_is_made_up_by_the_next(world: World, monkeypatch: pytest.MonkeyPatch):
    day = f"{world.now:%Y-%m-%d}"
    sold(world)
    world.pass_time(1)
    for _ in range(8):  # their journals are in several parts of the day
        world.placed()
    world.pass_time(300)
    calls = []
    real = trial_balance._write

    def ends_before_the_second(*given: Any) -> None:
        calls.append(given)
        if len(calls) == 2:
            raise TimeoutError
        real(*given)

    with monkeypatch.context() as killed:
        killed.setattr(trial_balance, "_write", ends_before_the_second)
        with pytest.raises(TimeoutError):
            trial_balance.fold("web", world.now)

    trial_balance.fold("web", world.now)

    assert moved(world, day) == WHOLE | {"authorised": (9000, 1000), "to_capture": (1000, 9000)}
