"""Give each test of the order form a small retailer whose web shop has a form with prices."""

from importlib import import_module

import pytest

from comanda.aws.directory import directory, packs
from tests.aws.directory.test_carriers import CARRIER, SERVICE
from tests.functions.order_form.site import Site, Visitor
from tests.functions.stock_stream import StockStream
from tests.functions.world import ALWAYS, World

EXPRESS = SERVICE | {"service": "EXPRESS", "mode": "AIR", "bands": [{"days": 1}], "lanes": []}
EXPRESS["price"] = {"currency": "USD", "base_micros": 15_000_000}


@pytest.fixture
def site(world: World, monkeypatch: pytest.MonkeyPatch) -> Site:
    world.call("PUT", "/v1/calendars/carriers", ALWAYS, who="office")
    road = CARRIER | {"calendar": "carriers", "services": [SERVICE, EXPRESS], "collections": []}
    world.call("PUT", "/v1/carriers/road", road, who="office")
    world.node("dc-1", (41.9, -87.6), region="IL")
    world.node("store-1", (41.8, -87.7), type="STORE", pickup=True, ship=False, region="IL", city="Chicago")
    packs.rebuild(("store-1",))
    packs.rebuild(("road",), directory.CARRIER)
    made = Site(world, monkeypatch)
    made.price("TEA-001", 1299, "Green tea")
    made.price("CUP-001", 450, "Cup")
    world.stocked("TEA-001", dc_1=10)
    world.stocked("CUP-001", dc_1=3, store_1=2)
    import_module("functions.watch.handler").handler({"Records": StockStream(world.now.timestamp()).records()}, None)
    made.reload()
    return made


@pytest.fixture
def visitor(site: Site) -> Visitor:
    return Visitor(site)
