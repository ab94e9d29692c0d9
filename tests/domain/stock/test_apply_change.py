"""A dated change gets its effect from the position as it was read, and is written only while its need is covered."""

from dataclasses import replace

from comanda.domain.stock.apply_change import apply_change, is_covered, stored_free, with_effect
from comanda.domain.stock.changes import Change
from comanda.domain.stock.stock import Supply
from tests.builders import NOW, TODAY, a_position

IN_TWO_DAYS = "2026-11-21"
SUPPLY = Supply(supply_id="PO-1.1", type="PURCHASE_ORDER", eta=IN_TWO_DAYS, quantity=10)


def a_change(**changes):
    facts = {"kind": "supply", "source": "PO-1", "line": "1", "n": "1", "at": NOW, "dated": True}
    return Change(sku="TEA-001", node="dc-1", **(facts | changes))


def test_a_supply_adds_expected_units_and_frees_those_that_were_promised_for_its_day():
    position = a_position(on_hand=5, hard=((IN_TWO_DAYS, 8),), free=-3)

    change = with_effect(position, a_change(supplies=(SUPPLY,)), NOW)

    assert (change.free, change.expected) == (8, (("PO-1.1", 10),))
    assert apply_change(position, change).free == 5


def test_a_supply_of_no_units_leaves_the_position():
    position = a_position(on_hand=5, supplies=(SUPPLY,))

    after = apply_change(position, with_effect(position, a_change(supplies=(replace(SUPPLY, quantity=0),)), NOW))

    assert (after.supplies, after.free, after.rev) == ((), 5, 1)


def test_expired_units_lower_the_stored_number_until_they_are_taken_back():
    position = a_position(on_hand=5, soft=((TODAY, "20261119T0000Z", 2),))

    assert stored_free(position, NOW) == 3


def test_a_need_is_covered_by_the_units_of_its_day():
    position = a_position(on_hand=5, supplies=(SUPPLY,))

    assert is_covered(position, a_change())
    assert [is_covered(position, a_change(need=need)) for need in (5, 6)] == [True, False]
    assert [is_covered(position, a_change(need=need, due=IN_TWO_DAYS)) for need in (15, 16)] == [True, False]


def test_a_need_until_a_day_that_has_come_is_decided_again():
    position = a_position(on_hand=5)

    assert is_covered(position, a_change(need=1, until=IN_TWO_DAYS))
    assert not is_covered(position, a_change(need=1, until=TODAY))
