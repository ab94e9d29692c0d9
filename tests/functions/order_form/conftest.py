"""Give each test of the order form a small retailer whose web shop has a form with prices."""

from importlib import import_module

import pytest

from comanda.aws.directory import directory, packs
from tests.aws.directory.test_carriers import CARRIER, SERVICE
from tests.functions.order_form.site import Site, Visitor
from tests.functions.stock_stream import StockStream
from tests.functions.world import ALWAYS, World
from tests.moto_aws import as_made

EXPRESS = SERVICE | {"service": "EXPRESS", "mode": "AIR", "bands": [{"days": 1}], "lanes": []}
EXPRESS["price"] = {"currency": "USD", "base_micros": 15_000_000}


@pytest.fixture
def site(world: World, monkeypatch: pytest.MonkeyPatch) -> Site:
    made = Site(world, monkeypatch)
    as_made(("shop with a form", world.now), lambda: _shop(world, made))
    made.reload()
    return made


def _shop(world: World, site: Site) -> None:
    """Give the retailer carriers, a store in Chicago, prices, stock and the form."""
    world.call("PUT", "/v1/calendars/carriers", ALWAYS, who="office")
    road = CARRIER | {"calendar": "carriers", "services": [SERVICE, EXPRESS], "collections": []}
    world.call("PUT", "/v1/carriers/road", road, who="office")
    world.node("dc-1", (41.9, -87.6), region="IL")
    world.node("store-1", (41.8, -87.7), type="STORE", pickup=True, ship=False, region="IL", city="Chicago")
    packs.rebuild(("store-1",))
    packs.rebuild(("road",), directory.CARRIER)
    site.price("TEA-001", 1299, "Green tea")
    site.price("CUP-001", 450, "Cup")
    world.stocked("TEA-001", dc_1=10)
    world.stocked("CUP-001", dc_1=3, store_1=2)
    import_module("functions.watch.handler").handler({"Records": StockStream(world.now.timestamp()).records()}, None)


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return Visitor(site)
