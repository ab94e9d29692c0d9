"""The example of docs/costs.md is what the code says of the example retailer, to the micro-unit."""

from comanda.aws import directory, factors
from comanda.domain.dating import Load, To, ship
from functions.directory.costs import RoutingCosts
from local.instance import ROOT
from local.retailer import catalogue
from tests.local.test_retailer import COSTS, NOW, PRODUCTS, _carriers, _nodes

PAGE = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
BASKET = {"GEN-003": 2, "GRO-091": 1}


def test_the_example_of_the_page_about_costs_is_what_the_code_says() -> None:
    goods = {sku: directory.goods_of(PRODUCTS[sku]) for sku in BASKET}
    weights = {product.sku: product.weight_g for product in catalogue.products()}
    ohio = next(node for node in _nodes() if node.node_id == "dc-east")
    northway = next(carrier for carrier in _carriers() if carrier.carrier_id == "northway")
    to = To(country="US", region="NY", postal_prefix="100", zone="America/New_York", zone_by="region", km=770.0)
    load = Load(
        weights=tuple((units, weights[sku]) for sku, units in BASKET.items()),
        dims=tuple(goods[sku].dims_mm for sku in BASKET),
    )

    (parcel,) = northway.services["STANDARD"].parcels(load.kinds)
    leg = ship(ohio, (northway,), "STANDARD", load, to, NOW)

    assert leg is not None
    work = COSTS.handling["WAREHOUSE"]
    handling = work.per_package * leg.packages + work.per_unit * load.units
    carbon = leg.carbon_g * COSTS.per_kg_co2e // 1000
    assert (parcel.grams, parcel.mm3, leg.billable_g) == (5_157, 33_826_133, 7_000)
    assert (leg.card, leg.cost_micros, leg.carbon_g) == ("northway-standard-2026@1", 9_382_500, 675)
    assert leg.cost_micros + carbon + handling == 10_800_000
    told = (parcel.grams, parcel.mm3, leg.billable_g, leg.cost_micros, carbon, handling, 10_800_000)
    assert [number for number in told if f"{number:,}" not in PAGE] == []


def test_the_page_names_every_rate_of_routing_and_every_factor() -> None:
    named = [*RoutingCosts.model_fields, *factors.document()["factors"]]

    assert [name for name in named if f"`{name}`" not in PAGE] == []
    for factor in factors.document()["factors"].values():
        assert str(factor["g_co2e_per_tonne_km"]) in PAGE
