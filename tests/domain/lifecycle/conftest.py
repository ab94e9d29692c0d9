"""Make the orders that most tests of a lifecycle begin with: one to ship, and one to pick up."""

import pytest

from comanda.domain.orders.methods import PICKUP
from tests.builders import a_line, an_order, offered, placed


@pytest.fixture
def order():
    """An order of two lines, offered to one warehouse."""
    return offered(placed(an_order(a_line("TEA", 3), a_line("POT", 2))))


@pytest.fixture
def pickup():
    """An order of one line, offered to the store at which the customer picks it up."""
    return offered(placed(an_order(a_line("TEA", 2, method=PICKUP, node="store-7"))))
