"""Test that each step changes a supply line and its positions, and that no unit of a transfer is lost on the way."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.stock import stock, supplies
from comanda.domain.stock.apply_change import apply_change, stored_free
from comanda.domain.stock.count_corrections import with_correction
from comanda.domain.stock.stock import SELLABLE, Position
from comanda.domain.stock.supply_line import (
    ACTIONS,
    APPROVE,
    CANCELLED,
    CLOSED,
    FOUND,
    NOTHING,
    OPEN,
    REFUSE,
    REFUSED,
    REQUESTED,
    SENT,
    Difference,
    Refusal,
    Shelves,
    Step,
    StepResult,
    SupplyLine,
)
from tests.builders import NOW

SOON = "2026-11-25"
DC_2 = Position(sku="TEA-001", node="dc-2")
DC_1 = Position(sku="TEA-001", node="dc-1", on_hand=((SELLABLE, 1000),), free=1000)


def a_line(**changes):
    line = SupplyLine(
        supply_id="PO-1", number=1, type="PURCHASE_ORDER", sku="TEA-001", node="dc-2", eta=SOON, quantity=10
    )
    return replace(line, **changes)


def a_transfer(**changes):
    return a_line(type="TRANSFER", origin="dc-1", **changes)


def step_result(line, action, quantity=None, destination=DC_2, origin=None, **facts):
    step = Step(reference="R", action=action, quantity=quantity, **facts)
    return supplies.take_step(line, step, Shelves(destination=destination, origin=origin), NOW)


def line_after(*arguments, **more):
    """Return the line after a step that must succeed."""
    found = step_result(*arguments, **more)
    assert isinstance(found, StepResult), found
    return found.line


def refused(*arguments, **more):
    """Return the field and the code of the refusal of a step that must be refused."""
    found = step_result(*arguments, **more)
    assert isinstance(found, Refusal), found
    return found.field, found.code


def coming(line):
    """Return the type and the units of each supply of the line that is still expected."""
    return [(s.type, s.quantity) for s in line.supplies if s.quantity]


def test_a_line_goes_from_created_to_received():
    line = line_after(a_line(), "CREATE")
    steps = [(line.status, coming(line))]
    for action, quantity in (("CONFIRM", None), ("SHIP", 6), ("RECEIVE", 4), ("SHIP", 4), ("RECEIVE", 6)):
        line = line_after(line, action, quantity)
        steps.append((line.status, coming(line)))

    assert steps == [
        ("CREATED", [("PURCHASE_ORDER", 10)]),
        ("CONFIRMED", [("PURCHASE_ORDER", 10)]),
        ("SHIPPED", [("PURCHASE_ORDER", 4), ("IN_TRANSIT", 6)]),
        ("PARTLY_RECEIVED", [("PURCHASE_ORDER", 4), ("IN_TRANSIT", 2)]),
        ("PARTLY_RECEIVED", [("IN_TRANSIT", 6)]),
        ("RECEIVED", []),
    ]


def test_more_units_than_announced_are_received_as_far_as_the_line_allows():
    line = a_line(over_percent=10, received=10, state=CLOSED)

    assert line_after(line, "RECEIVE", 1).received == 11
    assert refused(line, "RECEIVE", 2) == ("quantity", "more-than-announced")


@pytest.mark.parametrize(
    ("line", "step", "why"),
    [
        (a_line(eta="2026-11-18"), ("CREATE", None), ("eta", "eta-in-the-past")),
        (a_line(type="TRANSFER"), ("CREATE", None), ("origin_node_id", "no-origin")),
        (a_transfer(node="dc-1"), ("CREATE", None), ("origin_node_id", "no-origin")),
        (a_line(origin="dc-1"), ("CREATE", None), ("origin_node_id", "no-transfer")),
        (None, ("RECEIVE", 1), ("line", "unknown-line")),
        (a_line(state=CANCELLED), ("RECEIVE", 1), ("action", "not-open")),
        (a_line(state=CLOSED, received=4), ("RECEIVE", 1), ("action", "not-open")),
        (a_line(received=4), ("CANCEL", None), ("action", "already-moved")),
        (a_transfer(shipped=4), ("CANCEL", None), ("action", "already-moved")),
        (a_line(received=4), ("CHANGE", 3), ("quantity", "less-than-moved")),
        (a_line(), ("SHIP", 11), ("quantity", "more-than-announced")),
        (a_transfer(state=REQUESTED, asked_at=NOW.isoformat()), ("SHIP", 1), ("action", "not-open")),
        (a_transfer(state=REFUSED), ("RECEIVE", 1), ("action", "not-open")),
        (a_transfer(differing=4), ("CANCEL", None), ("action", "already-moved")),
        (a_transfer(differing=4), ("CHANGE", 3), ("quantity", "less-than-moved")),
        (a_transfer(differing=4), ("RECEIVE", 7), ("quantity", "more-than-announced")),
        (a_transfer(), ("APPROVE", None), ("action", "not-open")),
        (a_transfer(state=REQUESTED, asked_at=NOW.isoformat(), differing=4), ("SENT", None), ("action", "not-open")),
    ],
)
def test_a_refused_step_names_its_field(line, step, why):
    assert refused(line, *step) == why


def test_a_supply_is_available_from_its_day_on_and_not_before():
    found = step_result(a_line(), "CREATE")
    assert isinstance(found, StepResult)
    position = apply_change(DC_2, found.changes[0])

    assert [stock.available(position, NOW, day) for day in (None, "2026-11-24", SOON)] == [0, 0, 10]


def test_a_receipt_that_came_before_a_count_is_in_the_count_already():
    here = replace(DC_2, on_hand=((SELLABLE, 4),), free=4, counted_at=NOW)
    found = step_result(a_line(), "RECEIVE", 4, destination=here, occurred=NOW - timedelta(hours=1))
    assert isinstance(found, StepResult)

    for change in with_correction(here, found.changes[0]):
        here = apply_change(here, change)

    assert here.bucket(SELLABLE) == 4


def test_a_transfer_from_a_node_that_is_not_the_senders_is_a_request_until_the_origin_agrees():
    asked = line_after(a_transfer(), "CREATE", has_origin=False, by="acme")
    agreed = line_after(asked, APPROVE)

    assert (asked.status, asked.asked_by, coming(asked)) == ("REQUESTED", "acme", [])
    assert (agreed.status, coming(agreed)) == ("APPROVED", [("TRANSFER", 10)])
    assert (line_after(asked, REFUSE).status, line_after(asked, "CANCEL").status) == ("REFUSED", "CANCELLED")
    assert line_after(a_transfer(), "CREATE").status == "CREATED"
    assert line_after(a_line(), "CREATE", has_origin=False).status == "CREATED"


def test_a_request_cannot_be_approved_after_three_days():
    days_ago = (NOW - timedelta(days=3)).isoformat()
    asked = a_transfer(state=REQUESTED, asked_at=days_ago)

    assert supplies.is_unanswered(asked, NOW)
    assert not supplies.is_unanswered(asked, NOW - timedelta(seconds=1))
    assert refused(asked, APPROVE) == ("action", "request-expired")
    assert line_after(asked, REFUSE).state == REFUSED


def test_a_change_cannot_ask_for_more_units_than_the_origin_approved():
    agreed = a_transfer(approved=True)

    assert refused(agreed, "CHANGE", 11, has_origin=False) == ("quantity", "not-approved")
    assert line_after(agreed, "CHANGE", 9, has_origin=False).quantity == 9
    assert line_after(agreed, "CHANGE", 11).quantity == 11
    asked = a_transfer(state=REQUESTED, asked_at=NOW.isoformat())
    assert line_after(asked, "CHANGE", 11, has_origin=False).quantity == 11


_STEPS_OF_A_TRANSFER = (*ACTIONS[1:], APPROVE, REFUSE, SENT, FOUND, NOTHING)


@given(st.lists(st.tuples(st.sampled_from(_STEPS_OF_A_TRANSFER), st.integers(1, 12)), max_size=14), st.booleans())
def test_only_the_origin_and_a_person_take_units_of_a_transfer_from_its_origin(steps, asks):
    line = a_transfer(over_percent=10)
    places = {"dc-1": DC_1, "dc-2": DC_2}
    differing: list[Difference] = []
    found_here = 0
    for n, (action, quantity) in enumerate([("CREATE", 0), *steps]):
        explains = action in (SENT, FOUND, NOTHING)
        if explains and not differing:
            continue
        step = Step(
            reference=str(n),
            action=action,
            quantity=quantity if action in ("CHANGE", "SHIP", "RECEIVE") else None,
            has_origin=not asks,
            difference=differing[0] if explains else None,
        )
        found = supplies.take_step(line, step, Shelves(destination=places["dc-2"], origin=places["dc-1"]), NOW)
        if isinstance(found, Refusal):
            continue
        before, line = places["dc-1"], found.line
        for change in found.changes:
            places[change.node] = apply_change(places[change.node], change)
        assert places["dc-1"].bucket(SELLABLE) == before.bucket(SELLABLE) or action in ("SHIP", SENT)
        if found.differs is not None:
            differing.append(found.differs)
        if explains:
            explained = differing.pop(0).quantity
            found_here += explained if action == FOUND else 0

        out = 1000 - places["dc-1"].bucket(SELLABLE)
        arrived = places["dc-2"].bucket(SELLABLE) - found_here
        on_its_way = sum(s.quantity for s in places["dc-2"].supplies if s.type == "IN_TRANSIT")
        assert out == line.shipped >= arrived == line.received
        assert line.differing == sum(one.quantity for one in differing)
        assert on_its_way == (out - arrived if line.state == OPEN else 0)
        assert {s.supply_id: s.quantity for s in places["dc-2"].supplies} == {
            s.supply_id: s.quantity for s in line.supplies if s.quantity
        }
        assert all(place.free == stored_free(place, NOW) for place in places.values())
