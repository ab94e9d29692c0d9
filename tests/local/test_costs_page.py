"""The example of docs/costs.md is a decision of the router about the example retailer, to the micro-unit."""

from typing import Any

from comanda.aws.directory import directory, emission_factors, rule_sets
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Rules
from comanda.domain.routing.route import route
from comanda.domain.stock.stock import Position
from functions.directory.costs import RoutingCosts
from local.instance import ROOT
from local.retailer import business, planning, shelves
from tests.local.test_retailer import COSTS, NOW, PRODUCTS, _carriers, _nodes, _placed

PAGE = (ROOT / "docs" / "costs.md").read_text(encoding="utf-8")
BASKET = {"GEN-003": 2, "GRO-091": 1}


def _usd(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "USD"}


def _decided() -> dict[str, Any]:
    """Return the router's decision on the order, with the retailer's rule sets in force and its opening stock."""
    body = {
        "external_id": "COSTS-1",
        "channel": business.WEB,
        "currency": "USD",
        "locale": "en-US",
        "customer": {"name": "Ada Byron", "email": "ada@example.org"},
        "ship_to": {
            "name": "Ada Byron",
            "line1": "350 W 30th St",
            "city": "New York",
            "region": "NY",
            "postal_code": "10001",
            "country": "US",
            "latitude": 40.7506,
            "longitude": -73.9972,
        },
        "lines": [
            {"line_id": str(n), "sku": sku, "quantity": units, "unit_price": _usd(500)}
            for n, (sku, units) in enumerate(BASKET.items(), 1)
        ],
        "payments": [{"method": "CARD", "reference": "auth-1", "authorized": _usd(1500)}],
        "totals": {
            name: _usd(1500 if name in ("goods", "total") else 0)
            for name in ("goods", "discounts", "charges", "tax", "total")
        },
    }
    sets = planning.rule_sets()
    world = RouterInputs(
        positions=[
            Position(sku=sku, node=node, free=units, on_hand=(("sellable", units),))
            for sku, node, units in shelves.opening()
            if sku in BASKET
        ],
        nodes=_nodes(),
        carriers=_carriers(),
        costs=COSTS,
        goods={sku: directory.goods_of(PRODUCTS[sku]) for sku in BASKET},
        rules=Rules(sets=tuple(rule_sets.rule_set(name, 1, sets[name]) for name in planning.IN_FORCE)),
    )
    return dict(route(_placed(body, business.WEB), world, NOW).decision)


def test_the_router_decides_as_the_page_about_costs_shows() -> None:
    (sent,) = _decided()["fulfillments"]

    (parcel,) = (
        next(one for one in _carriers() if one.carrier_id == "northway")
        .services["STANDARD"]
        .parcels(
            tuple(
                (units, PRODUCTS[sku]["weight_g"], directory.goods_of(PRODUCTS[sku]).dims_mm)
                for sku, units in BASKET.items()
            )
        )
    )
    priced = sent["priced_micros"]
    assert (sent["node"], sent["carrier"], sent["service"], sent["km"]) == ("dc-east", "northway", "STANDARD", 767.6)
    assert (sent["card"], sent["packages"], sent["carbon_g"]) == ("northway-standard-2026@1", 1, 674)
    assert priced == {"shipping": 9_382_500, "handling": 1_350_000, "markdown": -150_000, "carbon": 67_400}
    assert sum(priced.values()) == 10_649_900
    told = (parcel.grams, parcel.mm3, sent["km"], sent["carbon_g"], *priced.values(), sum(priced.values()))
    assert [number for number in told if f"{number:,}" not in PAGE] == []


def test_the_page_names_every_rate_of_routing_and_every_factor() -> None:
    named = [*RoutingCosts.model_fields, *emission_factors.document()["factors"]]

    assert [name for name in named if f"`{name}`" not in PAGE] == []
    for factor in emission_factors.document()["factors"].values():
        assert str(factor["g_co2e_per_tonne_km"]) in PAGE
