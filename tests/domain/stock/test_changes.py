"""A change can be undone, and changes of one position become one."""

from dataclasses import replace

from comanda.domain.stock import movements
from comanda.domain.stock.apply_change import apply_change
from comanda.domain.stock.changes import Change, ReservedUnits, sum_changes, undo
from comanda.domain.stock.movements import release, reserve, ship
from tests.builders import NOW, TODAY, a_position
from tests.domain.stock.reserved_units import a_request, held, reserved

TOMORROW = "2026-11-20"


def test_an_undone_reserve_leaves_no_trace_but_its_movements():
    position = a_position(on_hand=10)
    change = reserve(position, a_request(4), NOW)
    assert isinstance(change, Change)

    back = undo(change)

    assert apply_change(apply_change(position, change), back) == replace(position, rev=2)
    assert (back.kind, back.need, back.movement_id) == ("undo", None, "ord_1#1.reserve#001.1#undo")


def test_two_movements_of_one_line_at_one_node_are_undone_by_two_movements():
    kept = ReservedUnits(sku="TEA-001", node="dc-1", quantity=1, due=TODAY, source="ord_1", line="1", n="001.1")
    taken = movements.consume(kept, a_request(1), NOW)
    reserve_ = reserve(a_position(on_hand=10), a_request(1), NOW)
    assert isinstance(reserve_, Change)

    assert undo(taken).movement_id != undo(reserve_).movement_id


def test_an_undone_shipment_puts_the_units_back():
    position = reserved(a_position(on_hand=10), 4)

    again = apply_change(apply_change(position, ship(held(4), NOW)), undo(ship(held(4), NOW)))

    assert again == replace(position, rev=3)


def test_two_lines_of_one_position_are_one_change_that_needs_safety_once():
    position = a_position(on_hand=10, safety=2)
    both = [reserve(position, a_request(q, line=line), NOW) for q, line in ((3, "1"), (4, "2"))]

    (change,) = sum_changes(c for c in both if isinstance(c, Change))

    assert (change.free, change.need, change.demand) == (-7, 9, ((TODAY, 7),))
    assert change.movement_id == "ord_1#1#001.1#reserve"


def test_reservations_of_two_days_end_in_one_change():
    (change,) = sum_changes([release(held(1), NOW), release(held(2, due=TOMORROW), NOW), release(held(4), NOW)])

    assert change.demand == ((TODAY, -5), (TOMORROW, -2))
    assert change.free == 7


def test_changes_are_sorted_so_that_two_writers_lock_positions_in_the_same_order():
    changes = [release(held(1, node=node), NOW) for node in ("c", "a", "b")]

    assert [c.node for c in sum_changes(changes)] == ["a", "b", "c"]
    assert sum_changes([]) == ()


def test_shipping_and_releasing_stay_two_changes():
    assert [c.kind for c in sum_changes([ship(held(1), NOW), release(held(1), NOW)])] == ["release", "ship"]
