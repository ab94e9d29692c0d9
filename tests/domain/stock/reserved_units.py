"""Make requests, reserved units and positions for the tests of stock."""

from comanda.domain.stock.apply_change import apply_change
from comanda.domain.stock.changes import Change, Request, ReservedUnits
from comanda.domain.stock.movements import reserve
from tests.builders import NOW, TODAY


def a_request(quantity, line="1", n="001.1", due=TODAY):
    return Request(quantity=quantity, source="ord_1", line=line, n=n, due=due)


def held(quantity, line="1", n="001.2", due=TODAY, node="dc-1"):
    """Return units of an order's line that are reserved at a node."""
    return ReservedUnits(sku="TEA-001", node=node, quantity=quantity, due=due, source="ord_1", line=line, n=n)


def reserved(position, quantity, **request):
    """Return the position after the request reserved its units there."""
    change = reserve(position, a_request(quantity, **request), NOW)
    assert isinstance(change, Change)
    return apply_change(position, change)
