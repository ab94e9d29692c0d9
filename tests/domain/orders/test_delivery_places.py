"""Test to which addresses of its contact an order goes now."""

from dataclasses import replace

from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.orders.delivery_places import delivery_places
from tests.builders import NOW, a_line, a_node, an_order, offered, placed, saved

OWN, NEW_YORK, CHICAGO = ({"postal_code": code} for code in ("60007", "10001", "60601"))
CONTACT = {"ship_to": OWN, "ship_tos": [NEW_YORK, CHICAGO]}


def moved(order, line_id, **changes):
    lines = tuple(replace(line, **changes) if line.line_id == line_id else line for line in order.lines)
    return replace(order, lines=lines)


def test_an_order_goes_to_its_own_address_and_to_those_of_its_lines():
    order = placed(an_order(a_line("TEA", 2), a_line("CUP", 1, line_id="2")))

    assert delivery_places(order, CONTACT) == [OWN]
    assert delivery_places(moved(order, "2", destination=1), CONTACT) == [OWN, NEW_YORK]


def test_an_address_to_which_nothing_goes_any_more_is_left_out():
    order = moved(placed(an_order(a_line("TEA", 2), a_line("CUP", 1, line_id="2"))), "1", destination=2)
    there = moved(order, "2", destination=1)

    assert delivery_places(there, {**CONTACT, "ship_to": None}) == [NEW_YORK, CHICAGO]
    assert delivery_places(moved(there, "2", method="PICKUP"), CONTACT) == [CHICAGO]
    cancelled = saved(cancel(there, {"2": 1}, "x", "shop", NOW))
    assert delivery_places(cancelled, CONTACT) == [CHICAGO]


def test_units_at_a_node_go_where_their_fulfillment_does():
    order = offered(placed(an_order(a_line("TEA", 2))), (a_node(), {"1": 2}))

    assert delivery_places(moved(order, "1", destination=1), CONTACT) == [OWN]


def test_an_order_of_which_nothing_goes_anywhere_has_its_own_address_alone():
    order = moved(placed(an_order(a_line("TEA", 2))), "1", method="PICKUP", destination=1)

    assert delivery_places(order, CONTACT) == [OWN]
    assert delivery_places(order, {"ship_tos": [NEW_YORK]}) == []
