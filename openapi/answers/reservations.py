"""
Model the answers about reservations.

Called by   openapi/operations.py
"""

from typing import Literal

from openapi.answers.base import Answer, Time, Units


class UnitsAtNode(Answer):
    node_id: str
    quantity: Units


class ReservedLine(Answer):
    """A line of a reservation. `rows` are the rows of the request, from 0, that the line stands for: equal rows are one line."""

    rows: list[int]
    sku: str
    ship_date: str
    quantity: Units
    reserved: Units
    missing: Units
    nodes: list[UnitsAtNode]


class Reservation(Answer):
    """A reservation. `expires_at` is the time at which a soft one ends; `order_id` is the order that uses it."""

    reservation_id: str
    kind: Literal["SOFT", "HARD"]
    status: Literal["PENDING", "HELD", "COMMITTED", "RELEASED", "EXPIRED"]
    created_at: Time
    expires_at: Time | None
    order_id: str | None
    lines: list[ReservedLine]
