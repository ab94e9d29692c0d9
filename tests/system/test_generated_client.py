"""Test that a client which a tool generated from docs/openapi.json can do the work of a shop and of a node."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from tests.generated import GeneratedClient, generated
from tests.system.retailer import EAST, basket, line
from tests.system.world import DeployedWorld, eventually

HERE = {"country": "US", "region": "NY", "city": "New York", "postal_code": "10001"}


@pytest.fixture(scope="module")
def generated_client() -> Iterator[GeneratedClient]:
    with generated() as client:
        yield client


def _key() -> str:
    """Return a new idempotency key or request id."""
    return uuid.uuid4().hex


def test_a_generated_client_promises_reserves_places_reads_and_ships(
    world: DeployedWorld, generated_client: GeneratedClient
):
    with generated_client.signed_in(world.shop) as shop, generated_client.signed_in(world.office) as office:
        _shop_and_ship(world, generated_client, shop, office)


def _shop_and_ship(world: DeployedWorld, generated_client: GeneratedClient, shop: Any, office: Any) -> None:
    sku = world.sku(dc_east=5)
    models = generated_client.models
    wanted = {"channel": "web", "to": HERE, "lines": [{"line_id": "1", "sku": sku, "quantity": 2}]}

    promise = generated_client.part("api.promises.promise").sync(client=shop, body=models.Basket.from_dict(wanted))
    chosen = {"promise_id": promise.promise_id, "option_id": promise.recommended, "request_id": _key()}
    reservation = generated_client.part("api.reservations.reserve").sync(
        client=shop, body=models.ReservationIn.from_dict(chosen), idempotency_key=_key()
    )
    sent = basket(line(sku, 2), reservation_id=reservation.reservation_id, promise_id=promise.promise_id)
    order = generated_client.part("api.orders.place_order").sync(
        client=shop, body=models.OrderIn.from_dict(sent), idempotency_key=_key()
    )
    read = generated_client.part("api.orders.get_order")
    (work,) = eventually(lambda: read.sync(order.order_id, client=shop).fulfillments, "a fulfillment")
    package = models.PackageIn(package_id="p1", carrier="UPS", tracking_number="1Z999AA10123456784")
    shipped = generated_client.part("api.fulfillments.ship").sync(
        work.fulfillment_id, client=office, body=models.ShipIn(packages=[package]), idempotency_key=_key()
    )
    done = eventually(lambda: (now := read.sync(order.order_id, client=shop)).invoices and now, "an invoice")

    events = generated_client.part("api.orders.get_events").sync(order.order_id, client=shop)
    assert reservation.status is models.ReservationStatus.HELD
    assert (work.node_id, shipped.status) == (EAST, models.WorkStatus.SHIPPED)
    assert (done.status, done.totals.total.amount) == (models.OrderStatus.SHIPPED, sent["totals"]["total"]["amount"])
    assert {"placed", "routed", "shipped", "invoiced"} <= {event.type_ for event in events.items}
