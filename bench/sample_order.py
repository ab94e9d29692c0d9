"""
Make the 10-line order of scenes as the domain makes it, with its nodes and their stock.

Called by   bench/events.py, bench/first_events.py
Returns     an order; its item as DynamoDB answers it
"""

from base64 import b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bench import scenes

ORDER_ID = "ord_us1_01J0000000000000000000000A"


def order(*, routed: bool) -> Any:
    """Return a 10-line order as the domain makes it, saved as version 1 (2 when routed)."""
    from comanda.aws.geography import destinations
    from comanda.domain.lifecycle import place
    from comanda.domain.routing.inputs import RouterInputs
    from comanda.domain.routing.route import route
    from comanda.domain.scheduling.schedule import schedule
    from functions.intake.contract import OrderIn
    from functions.intake.rules import to_order

    now = datetime.now(UTC) - timedelta(minutes=1)
    given = OrderIn.model_validate(scenes.order_body("W-1"))
    products = {f"SKU-{n:03d}": {"title": f"Product {n}", "weight_g": 300} for n in range(scenes.LINES)}
    to = destinations.locate(given.ship_to, pointer="/ship_to") if given.ship_to else None
    made = to_order(given, ORDER_ID, "c1", products, {}, now, to)
    placed = replace(place.place_order(made, (), "shop", now).order, version=1)
    if not routed:
        return placed
    stock = positions()
    plan = route(placed, RouterInputs(positions=stock, nodes=nodes()), now)
    return replace(schedule(placed, plan, stock, now).order, version=2)


def shipped() -> Any:
    """Return the order with all of it in one parcel that has left."""
    from comanda.domain.lifecycle.node_work.ship import Shipment, ship
    from comanda.domain.lifecycle.node_work.work import Step
    from comanda.domain.orders.fulfillment import Package

    now = datetime.now(UTC)
    parcel = Package(package_id="p-1", carrier="UPS", tracking_number="1Z999")
    shipment = Shipment(shipment_id="s-1", shipped_at=now, packages=(parcel,))
    return ship(order(routed=True), Step(number=1, actor="shop", at=now), shipment).saved


def nodes() -> Any:
    from comanda.domain.nodes.calendars import Calendar
    from comanda.domain.nodes.node import Node

    start, end = datetime.min.time(), datetime.max.time()
    calendar = Calendar(timezone="America/New_York", hours=tuple((day, start, end) for day in range(7)))
    return tuple(
        Node(
            node_id=f"node-{n:02d}",
            type="WAREHOUSE" if n < 2 else "STORE",
            country="US",
            latitude=30.0 + n / 4,
            longitude=-75.0 - n / 4,
            calendar=calendar,
        )
        for n in range(42)
    )


def positions() -> Any:
    from comanda.domain.stock.stock import Position

    return tuple(
        Position(sku=f"SKU-{s:03d}", node=f"node-{n:02d}", on_hand=(("sellable", 50),), free=50)
        for s in range(scenes.LINES)
        for n in range(42)
    )


def saved(given: Any) -> dict[str, Any]:
    """Return an order's item by its pk."""
    from comanda.aws.dynamodb.items import item, pack
    from comanda.domain.orders import document

    pk = f"O#{given.order_id}"
    return {pk: as_answered(item({"pk": pk, "sk": "#", "doc": pack(document.from_order(given))}))}


def as_answered(row: dict[str, Any]) -> dict[str, Any]:
    """Return an item as DynamoDB answers it: bytes are base64 text."""
    return {name: {"B": b64encode(value["B"]).decode()} if "B" in value else value for name, value in row.items()}
