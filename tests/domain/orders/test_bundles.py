"""A bundle's units are sets of its components: their status, what a cancel takes, and which lines a name stands for."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.errors import NotAllowed, NotFound
from comanda.domain.orders import bundles, holds
from comanda.domain.orders.status import RANK, Status
from tests.builders import a_bundle, a_line, an_allocation, an_order, placed

S = Status


def in_status(order, **units):
    """The order with its lines' allocations as given: b1={S.PICKED: 2}."""
    return order.with_lines(
        replace(order.line(line_id), allocations=tuple(an_allocation(n, s) for s, n in found.items()))
        for line_id, found in units.items()
    )


def test_a_bundle_stands_in_its_place_and_has_no_units_of_its_own():
    order = placed(an_order(a_line("TEA", 2), *a_bundle(sets=3), a_line("JAR", 1)))

    assert [line.line_id for line in order.as_sent()] == ["1", "b", "b1", "b2", "5"]
    assert [line.line_id for line in order.lines] == ["1", "b1", "b2", "5"]
    assert sum(order.quantities().values()) == 2 + 3 + 6 + 1
    assert order.bundle("b").quantity == 3
    with pytest.raises(NotFound):
        order.bundle("b1")


def test_two_bundles_keep_their_places_before_and_after_their_components():
    first, *parts = a_bundle(sets=1, line_id="x")
    order = placed(an_order(*parts, first, *a_bundle(sets=1, line_id="y")))

    assert [line.line_id for line in order.as_sent()] == ["x1", "x2", "x", "y", "y1", "y2"]


def test_a_set_is_as_far_as_its_least_advanced_unit():
    order = in_status(
        placed(an_order(*a_bundle(sets=3))),
        b1={S.PICKED: 2, S.ACCEPTED: 1},
        b2={S.PICKED: 3, S.PICKING: 3},
    )

    found = bundles.sets_by_status(bundles.components(order, "b"))

    assert found == {S.PICKED: 1, S.PICKING: 1, S.ACCEPTED: 1}


def test_a_set_with_a_lost_unit_is_lost():
    order = in_status(placed(an_order(*a_bundle(sets=2))), b1={S.DELIVERED: 2}, b2={S.DELIVERED: 3, S.LOST: 1})

    assert bundles.sets_by_status(bundles.components(order, "b")) == {S.DELIVERED: 1, S.LOST: 1}


def test_a_set_is_cancelled_when_all_of_it_is():
    order = in_status(
        placed(an_order(*a_bundle(sets=2))), b1={S.SHIPPED: 1, S.CANCELLED: 1}, b2={S.SHIPPED: 2, S.BACKORDERED: 2}
    )
    ended = in_status(order, b2={S.SHIPPED: 2, S.CANCELLED: 2})

    assert bundles.sets_by_status(bundles.components(order, "b")) == {S.SHIPPED: 1, S.BACKORDERED: 1}
    assert bundles.sets_by_status(bundles.components(ended, "b")) == {S.SHIPPED: 1, S.CANCELLED: 1}


@given(
    st.integers(1, 4).flatmap(
        lambda sets: st.tuples(
            st.just(sets),
            st.lists(
                st.integers(1, 3).flatmap(
                    lambda ratio: st.tuples(
                        st.just(ratio),
                        st.lists(st.sampled_from(Status), min_size=sets * ratio, max_size=sets * ratio),
                    )
                ),
                min_size=1,
                max_size=3,
            ),
        )
    )
)
def test_the_sets_are_those_that_counting_unit_by_unit_finds(world):
    sets, parts = world
    share = [1_000_000 // len(parts)] * len(parts)
    share[0] += 1_000_000 - sum(share)
    given_parts = [(f"S{i}", ratio, share[i]) for i, (ratio, _) in enumerate(parts)]
    order = placed(an_order(*a_bundle("SET", sets, 1000, *given_parts)))
    order = in_status(order, **{f"b{i}": Counter(units) for i, (_, units) in enumerate(parts, 1)})

    found = bundles.sets_by_status(bundles.components(order, "b"))

    assert found == _counted(sets, parts)


def _counted(sets, parts):
    def progress(status):
        less = status in (S.BACKORDERED, S.READY_FOR_PICKUP, S.LOST)
        return RANK.get(status, 99), not less, list(S).index(status)

    found = Counter()
    for n in range(sets):
        units = [
            unit
            for ratio, statuses in parts
            for unit in sorted(statuses, key=lambda s: (s is not S.CANCELLED, progress(s)), reverse=True)[
                n * ratio : (n + 1) * ratio
            ]
        ]
        found[min(units, key=progress)] += 1
    return found


def test_cancelling_sets_takes_units_of_every_component():
    order = placed(an_order(*a_bundle(sets=3), a_line("TEA", 2)))

    assert bundles.units_of_sets(order, {"b": 2, "4": 1}) == {"b1": 2, "b2": 4, "4": 1}


def test_cancelling_a_set_takes_first_what_is_left_of_a_broken_one():
    order = in_status(placed(an_order(*a_bundle(sets=2))), b1={S.CREATED: 1, S.CANCELLED: 1}, b2={S.CREATED: 4})

    assert bundles.units_of_sets(order, {"b": 1}) == {"b2": 2}
    assert bundles.units_of_sets(order, {"b": 2}) == {"b1": 1, "b2": 4}


def test_more_sets_than_there_are_cannot_be_cancelled():
    order = placed(an_order(*a_bundle(sets=2)))

    with pytest.raises(NotAllowed, match="line b: cannot cancel 3 sets, has 2"):
        bundles.units_of_sets(order, {"b": 3})


def test_a_bundle_names_its_components_and_a_component_its_set():
    together = placed(an_order(*a_bundle(), a_line("TEA")))
    singly = placed(an_order(*a_bundle(together=False), a_line("TEA")))

    assert bundles.with_components(together, ("b", "4")) == ("b1", "b2", "4")
    assert bundles.with_components(together, ("b2",)) == ("b1", "b2")
    assert bundles.with_components(singly, ("b2",)) == ("b2",)


def test_a_line_is_held_with_all_that_leaves_in_sets_with_it():
    kit = (a_line("CAN", 1, group="k"), a_line("LID", 2, group="k"))
    whole = an_order(a_line("TEA"), *a_bundle(), *kit)
    singly = an_order(*a_bundle(together=False))
    tea, _, _, can, lid = (line.line_id for line in whole.lines)

    assert holds.with_sets(whole, ("b2", tea)) == ("b1", "b2", tea)
    assert holds.with_sets(whole, ("b",)) == ("b1", "b2")
    assert holds.with_sets(whole, (lid, can)) == (can, lid)
    assert holds.with_sets(singly, ("b2",)) == ("b2",)
    assert holds.with_sets(singly, ("b",)) == ("b1", "b2")
    assert holds.with_sets(whole, ()) == ()
