"""A line of a reservation moves to another node with all its units, or not at all."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from comanda.domain.errors import NotAvailable
from comanda.domain.reservations.reservations import HELD, SOFT, Chunk, LinePart, Reservation, ReservedLine
from comanda.domain.reservations.transfers import transfer
from comanda.domain.stock.stock import SELLABLE, Position

NOW = datetime(2026, 11, 22, 12, 1, tzinfo=UTC)
UNTIL = datetime(2026, 11, 22, 12, 15, tzinfo=UTC)
PARTS = (LinePart(node="n1", quantity=3), LinePart(node="n2", quantity=1))
LINE = ReservedLine(number=4, rows=(0,), sku="TEA", wanted=4, due="2026-11-22", parts=PARTS)
CHUNK = Chunk(number=1, state=HELD, lines=(LINE,), expires=UNTIL)
RESERVATION = Reservation(
    reservation_id="rsv_1",
    owner="shop",
    content="",
    kind=SOFT,
    state=HELD,
    created=NOW,
    expires=UNTIL,
    made=True,
    chunks=(CHUNK,),
)


def there(units: int) -> list[Position]:
    return [Position(sku="TEA", node="n2", on_hand=((SELLABLE, units),), free=units)]


def test_the_units_are_released_at_the_old_node_and_reserved_at_the_new_one():
    chunk, changes = transfer(RESERVATION, CHUNK, 4, "n2", there(5), NOW)

    assert chunk.lines == (replace(LINE, parts=(LinePart(node="n2", quantity=4),)),)
    assert (chunk.rev, chunk.state, chunk.expires) == (CHUNK.rev + 1, HELD, UNTIL)
    assert [(c.kind, c.node, c.line, c.free) for c in changes] == [("release", "n1", "4", 3), ("hold", "n2", "4", -3)]
    assert [c.soft for c in changes] == [
        (("2026-11-22", "20261122T1215Z", -3),),
        (("2026-11-22", "20261122T1215Z", 3),),
    ]


def test_a_node_with_fewer_units_refuses_the_line():
    with pytest.raises(NotAvailable, match="TEA: 3 asked, 2 available"):
        transfer(RESERVATION, CHUNK, 4, "n2", there(2), NOW)


def test_a_line_that_is_at_the_node_already_does_not_move():
    chunk = replace(CHUNK, lines=(replace(LINE, parts=PARTS[1:]),))

    assert transfer(RESERVATION, chunk, 4, "n2", there(5), NOW) == (chunk, ())
