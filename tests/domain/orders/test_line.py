"""Test that `Line.move` moves the selected units as the status table allows, and keeps a line's quantity."""

from dataclasses import fields

import pytest

from comanda.domain.errors import Invalid, NotAllowed
from comanda.domain.orders.line import Allocation, Changes, Units, merged
from comanda.domain.orders.status import Status
from tests.builders import a_line_in, an_allocation

S = Status


def test_a_line_keeps_its_quantity_when_only_a_part_moves():
    line = a_line_in(an_allocation(5, S.RELEASED, node="dc-1", fulfillment=1))

    moved = line.move("accept", 2)

    assert moved.allocations == (
        an_allocation(3, S.RELEASED, node="dc-1", fulfillment=1),
        an_allocation(2, S.ACCEPTED, node="dc-1", fulfillment=1),
    )


def test_units_that_became_alike_are_one_allocation_again():
    line = a_line_in(an_allocation(5, S.RELEASED, node="dc-1", fulfillment=1))

    moved = line.move("accept", 2).move("accept", 3)

    assert moved.allocations == (an_allocation(5, S.ACCEPTED, node="dc-1", fulfillment=1),)


def test_only_the_units_of_the_named_fulfillment_move():
    line = a_line_in(an_allocation(2, S.RELEASED, fulfillment=1), an_allocation(2, S.RELEASED, fulfillment=2))

    moved = line.move("accept", 2, where=Units(fulfillment=2))

    assert merged(moved.allocations) == (
        an_allocation(2, S.RELEASED, fulfillment=1),
        an_allocation(2, S.ACCEPTED, fulfillment=2),
    )
    with pytest.raises(NotAllowed):
        line.move("accept", 3, where=Units(fulfillment=2))


def test_a_refusal_names_the_line_and_what_it_has():
    packed = (an_allocation(n, S.PACKED, fulfillment=n) for n in (1, 2))
    line = a_line_in(*packed, an_allocation(1, S.SHIPPED), line_id="7")

    with pytest.raises(NotAllowed, match="line 7: cannot pick 1, has 3 PACKED, 1 SHIPPED") as refused:
        line.move("pick", 1)

    assert refused.value.pointer == "/lines"  # a line id is no index of a list, so the message names the line


@pytest.mark.parametrize("quantity", [0, -1])
def test_no_units_and_fewer_than_none_cannot_move(quantity):
    line = a_line_in(an_allocation(2, S.RELEASED))

    with pytest.raises(Invalid) as refused:
        line.move("accept", quantity)

    assert refused.value.problems[0].code == "too-small"


def test_none_selects_units_without_a_value_and_a_field_that_is_not_given_selects_any():
    waits = an_allocation(2, S.SCHEDULED, node="dc-1")
    begun = an_allocation(2, S.SCHEDULED, node="dc-1", fulfillment=1)
    line = a_line_in(waits, begun)

    assert tuple(line.moves("unschedule", 2, Units(fulfillment=None))) == (waits,)
    assert sum(a.quantity for a in line.moves("unschedule", 4, Units(node="dc-1"))) == 4


@pytest.mark.parametrize("name", [field.name for field in fields(Units)])
def test_every_field_of_the_filter_selects(name):
    values = {
        "status": S.RELEASED,
        "among": frozenset((S.RELEASED, S.ACCEPTED)),
        "node": "dc-1",
        "fulfillment": 1,
        "promise": "2026-11-20",
        "due": "2026-11-20",
        "lane": 1,
        "ready": True,
        "wave": "2026-11-19T13:00:00+00:00",
    }
    only = Units(**{name: values[name]})

    of_units = {"status": S.RELEASED} if name == "among" else {"status": S.PICKED} | {name: values[name]}
    assert only.includes(an_allocation(1, **of_units))
    assert not only.includes(an_allocation(1, S.PICKED))


def test_a_move_may_change_every_field_but_quantity_and_status():
    assert set(Changes.__annotations__) == {field.name for field in fields(Allocation)} - {"quantity", "status"}
