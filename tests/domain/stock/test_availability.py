"""Summaries agree with the positions, by channel, method and day."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.stock import stock
from comanda.domain.stock.availability import (
    EVERY_CHANNEL,
    MOST_STEPS,
    PICKUP,
    SHIP,
    Shelf,
    capped,
    format_steps,
    network,
    own_channels,
    parse_steps,
    summaries,
    units_on,
)
from comanda.domain.stock.safety import Levels, Safety
from comanda.domain.stock.stock import PURCHASE_ORDER, Supply
from tests.builders import NOW, TODAY, a_position


def a_shelf(node: str = "dc-1", on_hand: int = 10, *, supplies=(), hard=(), **said):
    position = replace(a_position(node=node, on_hand=on_hand, hard=tuple(hard)), supplies=tuple(supplies))
    return Shelf(position=position, **said)


def a_supply(eta: str, quantity: int, **more):
    return Supply(supply_id=f"po-{eta}", type=PURCHASE_ORDER, eta=eta, quantity=quantity, **more)


def found(shelves, channel=EVERY_CHANNEL, method=SHIP, node=None, unassigned=()):
    all_of_them = summaries(shelves, unassigned, NOW)
    (one,) = [s for s in all_of_them if (s.channel, s.method, s.node) == (channel, method, node)]
    return one.steps


def test_the_network_has_the_units_of_all_its_nodes():
    assert found([a_shelf("dc-1", 4), a_shelf("dc-2", 5)]) == ((TODAY, 9),)


def test_the_shortage_of_a_node_never_lowers_the_stock_of_another():
    short = a_shelf("dc-1", 0, hard=[(TODAY, 7)])

    assert found([short, a_shelf("dc-2", 5)]) == ((TODAY, 5),)


def test_units_that_wait_for_a_node_lower_the_network_and_no_single_node():
    two = [a_shelf("dc-1", 5), a_shelf("dc-2", 5)]

    assert found(two, unassigned=[(TODAY, 8, "web")]) == ((TODAY, 2),)
    assert found(two, method=PICKUP, node="dc-1", unassigned=[(TODAY, 8, "web")]) == ((TODAY, 5),)


def test_the_network_has_nothing_until_its_supplies_exceed_the_waiting_units():
    shelf = a_shelf(on_hand=5, supplies=[a_supply("2026-11-30", 10)])

    assert found([shelf], unassigned=[(TODAY, 8, "web")]) == ((TODAY, 0), ("2026-11-30", 7))


def test_a_node_that_is_closed_for_a_method_is_not_in_its_network():
    store = a_shelf("store-1", 3, ship=False)

    assert found([store, a_shelf("dc-1", 4, pickup=False)]) == ((TODAY, 4),)
    assert found([store, a_shelf("dc-1", 4, pickup=False)], method=PICKUP) == ((TODAY, 3),)
    assert found([store, a_shelf("dc-1", 4, pickup=False)], method=PICKUP, node="dc-1") == ((TODAY, 0),)


def test_each_step_keeps_its_percentage_of_the_units_of_its_day():
    shelf = a_shelf(on_hand=10, supplies=[a_supply("2026-11-30", 10)], levels=Levels(default=Safety(percent=25)))

    assert found([shelf]) == ((TODAY, 7), ("2026-11-30", 15))


def test_a_channel_with_a_policy_of_its_own_has_its_own_summaries_and_the_others_share_one():
    shelf = a_shelf(
        levels=Levels(channels={"outlet": Safety(units=6)}, default=Safety(units=1)), protected=(("b2b", 3),)
    )

    assert own_channels([shelf]) == ("b2b", "outlet")
    assert found([shelf]) == ((TODAY, 10 - 1 - 3),)
    assert found([shelf], "outlet") == ((TODAY, 10 - 6 - 3),)
    assert found([shelf], "b2b") == ((TODAY, 10 - 1),)


def test_only_the_nodes_that_changed_are_written_anew_beside_the_network():
    shelves = [a_shelf("store-1"), a_shelf("store-2"), a_shelf("store-3")]

    some = summaries(shelves, (), NOW, at_nodes=["store-2"])

    assert [(s.method, s.node) for s in some] == [(SHIP, None), (PICKUP, None), (PICKUP, "store-2")]


def test_a_sku_without_positions_has_zero_units_today():
    assert found([]) == ((TODAY, 0),)


@pytest.mark.parametrize(
    ("day", "today", "units"),
    [
        ("2026-11-19", "2026-11-19", 5),
        ("2026-11-24", "2026-11-19", 5),
        ("2026-11-25", "2026-11-19", 15),
        ("2027-01-01", "2026-11-19", 15),
        ("2026-11-25", "2026-11-25", 5),  # nobody has said that it came
        ("2026-11-26", "2026-11-25", 15),
        ("2026-11-01", "2026-11-19", 5),
    ],
)
def test_an_expected_supply_counts_for_days_after_today_until_the_next_summary_shows_it(day, today, units):
    assert units_on((("2026-11-19", 5), ("2026-11-25", 15)), day, today) == units


def test_an_old_summary_does_not_sell_units_that_are_promised_for_the_day():
    assert units_on((("2026-11-19", 5), ("2026-11-21", 2)), "2026-11-21", "2026-11-21") == 2


def test_a_summary_of_a_thousand_dates_keeps_200_and_promises_no_more_than_the_least_of_the_rest():
    steps = tuple((f"20{n // 360:02d}-{n % 360 // 30 + 1:02d}-{n % 30 + 1:02d}", n % 700 + 5) for n in range(1000))

    kept = capped(steps)

    assert len(kept) == MOST_STEPS
    assert kept[:-1] == steps[: MOST_STEPS - 1]
    assert kept[-1] == (steps[MOST_STEPS - 1][0], 5)
    assert len(format_steps(tuple((day, 1_000_000) for day, _ in kept))) < 4096


def test_a_channel_sells_the_stock_of_its_countries_and_waits_only_for_that():
    shelves = [replace(a_shelf("dc-us", 5), country="US"), replace(a_shelf("dc-br", 7), country="BR")]
    countries = {"web": frozenset({"US"}), "loja": frozenset({"BR"}), "both": frozenset({"US", "BR"})}

    said = summaries(shelves, [(TODAY, 2, "loja")], NOW, countries=countries)

    total = {(s.channel, s.method): s.steps[0][1] for s in said if s.node is None and s.method == SHIP}
    assert total == {("*", SHIP): 10, ("web", SHIP): 5, ("loja", SHIP): 5}
    assert {s.channel for s in said if s.node} == {"*"}


days = st.sampled_from([f"2026-{month}-{day:02d}" for month in (11, 12) for day in range(15, 30)])
shelves = st.builds(
    lambda on_hand, supplies, hard: (on_hand, [a_supply(*s) for s in supplies.items()], list(hard.items())),
    on_hand=st.integers(0, 20),
    supplies=st.dictionaries(days, st.integers(1, 20), max_size=4),
    hard=st.dictionaries(days, st.integers(1, 20), max_size=3),
)
waiting = st.lists(st.tuples(days, st.integers(1, 20)), max_size=4)


@given(st.lists(shelves, max_size=4), waiting, days)
def test_a_summary_agrees_with_the_positions_on_every_day(given_shelves, unassigned, day):
    made = [a_shelf(f"dc-{i}", a, supplies=b, hard=c) for i, (a, b, c) in enumerate(given_shelves)]
    asked = max(day, TODAY)

    steps = network([stock.available_steps(s.position, NOW) for s in made], unassigned, TODAY)

    positions = [shelf.position for shelf in made]
    assert [units for step, units in steps if step <= asked][-1] == stock.network(positions, unassigned, NOW, asked)
    assert found(made, unassigned=[(due, units, "web") for due, units in unassigned]) == steps


@given(st.dictionaries(days, st.integers(0, 10**7), min_size=1).map(lambda found: tuple(sorted(found.items()))))
def test_a_summary_is_read_as_it_was_written(steps):
    assert parse_steps(format_steps(steps)) == steps
