"""A demonstration ends with 0 only when it kept all its promises, and it names each promise that it broke."""

from dataclasses import replace
from typing import Any

import pytest
from rich.console import Console

from local.outcome import Outcome, print_outcome

GOOD = Outcome(
    placed=100,
    split=10,
    declined=5,
    short_units=3,
    fetched=20,
    shipped=90,
    invoiced=110,
    mailed=210,
    ended=97,
    waiting=3,
    bad_rows=1,
    duplicates=1,
    files=4,
    reviewed={"ord_1": "reject", "ord_2": "confirm"},
    race="the pick won",
    phone="a cart was confirmed",
    violations={"no unit sold twice": [], "every event delivered": []},
    seconds={"place": 2.5},
    mails_page="mails/index.html",
)


def shown(outcome: Outcome) -> tuple[int, list[str], str]:
    """Return the exit code, the promises that are printed as broken, and the whole output."""
    console = Console(width=200, color_system=None)
    with console.capture() as said:
        code = print_outcome(console, outcome)
    lines = [line.strip() for line in said.get().splitlines()]
    return code, [line.removeprefix("NO").strip() for line in lines if line.startswith("NO ")], said.get()


def test_a_demonstration_that_kept_every_promise_ends_with_0() -> None:
    code, broken, said = shown(GOOD)

    assert (code, broken) == (0, [])
    assert all(promise in said for promise in GOOD.promises())
    assert "the race: the pick won" in said
    assert "by phone: a cart was confirmed" in said


BREAKS: list[tuple[dict[str, Any], str]] = [
    ({"split": 9}, "at least 10% of the orders split"),
    ({"declined": 4}, "at least 5% declined and routed again"),
    ({"short_units": 2}, "at least 3 units short-picked"),
    ({"bad_rows": 0}, "a file with a bad row, one sent twice"),
    ({"duplicates": 0}, "a file with a bad row, one sent twice"),
    ({"race": ""}, "a cancel raced a pick"),
    ({"phone": ""}, "a cart was finished by phone"),
    ({"reviewed": {"ord_1": "confirm", "ord_2": "confirm"}}, "one order rejected in review, one confirmed"),
    ({"reviewed": {"ord_1": "reject", "ord_2": "reject"}}, "one order rejected in review, one confirmed"),
    ({"reviewed": {}}, "one order rejected in review, one confirmed"),
    ({"ended": 96}, "every order ended or waits in a queue"),
    ({"violations": {"no unit sold twice": ["SKU-1 at dc-east: 2 of 1"]}}, "no unit sold twice"),
]


@pytest.mark.parametrize(("change", "promise"), BREAKS, ids=[f"{promise}: {change}" for change, promise in BREAKS])
def test_one_broken_promise_is_named_and_ends_with_1(change: dict[str, Any], promise: str) -> None:
    code, broken, _ = shown(replace(GOOD, **change))

    assert (code, broken) == (1, [promise])


def test_every_promise_is_broken_once_in_this_table() -> None:
    assert {promise for _, promise in BREAKS} | {"every event delivered"} == set(GOOD.promises())


def test_each_violation_is_printed_in_its_own_words() -> None:
    _, _, said = shown(replace(GOOD, violations={"no unit sold twice": ["SKU-1 at dc-east: 2 of 1"]}))

    assert "no unit sold twice: SKU-1 at dc-east: 2 of 1" in said
