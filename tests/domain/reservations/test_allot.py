"""A reservation gets units at the nodes and in the lanes that have them."""

from dataclasses import replace
from datetime import UTC, datetime

from comanda.domain.reservations.allot import ReservationTerms, Wanted, allot, shortages, sum_wanted
from comanda.domain.stock.stock import SELLABLE, Position

NOW = datetime(2026, 11, 22, 12, 1, tzinfo=UTC)
TODAY, LATER = "2026-11-22", "2026-12-01"


def a_position(units: int = 10, node: str = "n1", lane: int = 0, **more: object) -> Position:
    made = Position(sku="TEA", node=node, lane=lane, on_hand=((SELLABLE, units),), free=units)
    return replace(made, **more)  # type: ignore[arg-type]


def want(quantity: int, nodes: str = "n1", due: str = TODAY, row: int = 0) -> Wanted:
    return Wanted(rows=(row,), sku="TEA", nodes=tuple(nodes.split()), quantity=quantity, due=due)


TERMS = ReservationTerms(source="rsv_1", expires="20261122T1215Z", chunk="001")


def test_lines_of_one_sku_nodes_and_day_are_one_line():
    lines = sum_wanted([want(2), want(3, row=1), want(1, "n2", row=2), want(1, due=LATER, row=3)])

    assert [(one.nodes, one.due, one.quantity, one.rows) for one in lines] == [
        (("n1",), TODAY, 5, (0, 1)),
        (("n1",), LATER, 1, (3,)),
        (("n2",), TODAY, 1, (2,)),
    ]


def test_two_lines_of_one_position_never_take_the_same_unit():
    there = {("TEA", "n1"): [a_position(5)]}

    found = allot([want(4), want(4, due=LATER)], there, TERMS, NOW, most=None)

    assert [line.reserved for line in found.lines] == [4, 1]
    assert [problem.message for problem in shortages(found.lines)] == ["TEA: 4 asked, 1 available"]


def test_a_chunk_ends_before_the_line_that_would_not_fit():
    there = {("TEA", f"n{i}"): [a_position(1, f"n{i}")] for i in range(6)}
    wanted = [want(3, "n0 n1 n2"), want(3, "n3 n4 n5")]

    found = allot(wanted, there, TERMS, NOW, most=4)

    assert [line.number for line in found.lines] == [0]
    assert len(found.changes) == 3
    assert [line.number for line in allot(wanted, there, TERMS, NOW, first=1, most=4).lines] == [1]


def test_in_a_group_one_node_with_all_comes_before_several_and_more_before_fewer():
    there = {("TEA", node): [a_position(units, node)] for node, units in (("a", 3), ("b", 9), ("c", 9))}

    one, several = (allot([want(n, "a b c")], there, TERMS, NOW, most=None).lines[0] for n in (4, 20))

    assert [(t.node, t.quantity) for t in one.parts] == [("b", 4)]
    assert [(t.node, t.quantity) for t in several.parts] == [("b", 9), ("c", 9), ("a", 2)]


def test_positions_with_expired_units_are_listed_as_behind():
    soft = (("2026-11-22", "20261122T1200Z", 8),)
    there = {("TEA", "n1"): [a_position(10, soft=soft, free=2)]}

    found = allot([want(5)], there, TERMS, NOW, most=None)

    assert (found.lines[0].reserved, found.behind) == (5, (("TEA", "n1", 0),))


def test_positions_with_units_of_many_chunks_are_listed_as_behind_when_units_are_missing():
    soft = (("2026-11-22", "20261122T1400Z+", 8),)
    there = {("TEA", "n1"): [a_position(10, soft=soft, free=2)]}

    assert allot([want(2)], there, TERMS, NOW, most=None).behind == ()
    assert allot([want(3)], there, TERMS, NOW, most=None).behind == (("TEA", "n1", 0),)
