"""The values of an order compare and hash by their fields, and have no others, although only the type checker freezes them."""

from dataclasses import fields, replace

import pytest

from comanda.domain.orders.line import Allocation, HeaderPart
from comanda.domain.orders.status import Status
from tests.builders import a_line, an_order


def test_equal_values_are_one_key():
    two = Allocation(quantity=2, status=Status.CREATED)

    assert {two: 1} == {Allocation(quantity=2, status=Status.CREATED): 1}
    assert hash(HeaderPart(charges=1)) == hash(HeaderPart(charges=1))
    assert an_order(a_line("TEA", 1, 100)) == an_order(a_line("TEA", 1, 100))
    assert two != replace(two, quantity=3)


def test_a_change_makes_a_new_value():
    line = a_line("TEA", 1, 100)

    more = replace(line, quantity=2)

    assert (line.quantity, more.quantity) == (1, 2)
    assert all(getattr(line, one.name) == getattr(more, one.name) for one in fields(line) if one.name != "quantity")


def test_a_value_takes_no_field_that_its_class_does_not_have():
    with pytest.raises(AttributeError):
        a_line("TEA", 1, 100).color = "green"
