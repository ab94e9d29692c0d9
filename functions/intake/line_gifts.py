"""
Read the gifts among the lines of an order: a message on the packing slip, and whether the units are to be wrapped.

Called by   functions/intake/checks.py, orders.py; imported only for orders with such lines
Returns     problems, the order with its gifts, and the messages of the contact

The message and the name below it are personal data. The order keeps only that a line is a gift, and whether it is wrapped.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from comanda.domain.errors import Problem
from comanda.domain.orders.order import Order
from functions.intake.contract import LineIn, OrderIn


def problems(lines: Sequence[LineIn]) -> Iterator[Problem]:
    """Yield a problem for each component with a gift: its bundle has it."""
    for i, line in enumerate(lines):
        if line.gift is not None and line.kind == "COMPONENT":
            message = f"the bundle, line {line.parent_line_id}, is the gift: write the message there"
            yield Problem(pointer=f"/lines/{i}/gift", code="gift-of-its-bundle", message=message)


def with_gifts(order: Order, given: OrderIn) -> Order:
    """Return the order with its gifts. The components of a bundle are given as it is."""
    wrapped = {line.line_id: line.gift.wrap for line in given.lines if line.gift is not None}
    return order.with_lines(
        replace(line, gift=True, wrap=wrapped[name])
        for line in order.lines
        if (name := line.component.bundle if line.component else line.line_id) in wrapped
    )


def of_contact(given: OrderIn) -> list[dict[str, Any]]:
    """Return the messages as the contact keeps them."""
    return [
        {"line_id": line.line_id, **line.gift.model_dump(mode="json", by_alias=True, exclude_none=True)}
        for line in given.lines
        if line.gift is not None
    ]
