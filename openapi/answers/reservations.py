"""Reservations, as the API answers them."""

from typing import Literal

from openapi.answers.orders import Answer, Time, Units


class UnitsAtNode(Answer):
    node_id: str
    quantity: Units


class ReservedLine(Answer):
    """`rows` of the request, from 0, asked for it: those that ask for the same are one line."""

    rows: list[int]
    sku: str
    ship_date: str
    quantity: Units
    reserved: Units
    missing: Units
    nodes: list[UnitsAtNode]


class Reservation(Answer):
    """`expires_at` is when a soft one really ends; `order_id` the order that took it."""

    reservation_id: str
    kind: Literal["SOFT", "HARD"]
    status: Literal["PENDING", "HELD", "COMMITTED", "RELEASED", "EXPIRED"]
    created_at: Time
    expires_at: Time | None
    order_id: str | None
    lines: list[ReservedLine]
