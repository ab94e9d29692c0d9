"""Rate cards and the costs of routing are kept by the directory's doors, and read by the router."""

from dataclasses import fields
from datetime import UTC, datetime
from random import Random
from typing import Any

import pytest

from comanda.aws.api import http
from comanda.aws.directory import directory, emission_factors, packs, routing_costs, rule_sets
from comanda.aws.directory.carriers import carriers
from comanda.aws.dynamodb.items import unpack
from comanda.domain.routing.costs import Costs, Handling, Level
from comanda.domain.rules.rule_sets import Goods
from comanda.domain.shipping.cartons import Parcel
from functions.directory.costs import RoutingCosts
from tests.aws.directory.test_carriers import SERVICE, put
from tests.functions.world import CHICAGO, SKUS, World

CARD: dict[str, Any] = {
    "name": "Road, standard, 2026",
    "carrier": "road",
    "service": "STANDARD",
    "currency": "USD",
    "valid_from": "2026-01-01",
    "dim_divisor": 5_000,
    "round_up_g": 500,
    "per_package_micros": 250_000,
    "fuel_basis_points": 1_000,
    "zones": {
        "near": {"steps": [{"up_to_g": 1_000, "micros": 5_000_000}], "per_kg_micros": 1_000_000},
        "far": {"steps": [{"up_to_g": 1_000, "micros": 9_000_000}]},
    },
    "bands": [{"up_to_km": 300, "zone": "near"}, {"zone": "far"}],
    "lanes": [{"origin": "IL", "regions": {"NY": "far"}, "postal": {"100": "near"}}],
}
LANE = ("IL", "NY", "104", 100.0)


def put_card(world: World, name: str = "road-2026", **changes: Any) -> Any:
    return world.call("PUT", f"/v1/rate-cards/{name}", CARD | changes, who="office")


def stream_brings(world: World, *pks: str) -> Any:
    """The stream brings these pointers, and a minute passes."""
    images = [{"pk": {"S": pk}, "sk": {"S": "#"}, "id": {"S": pk.split("#")[1]}} for pk in pks]
    world.hops.invoke("directory", {"Records": [{"dynamodb": {"NewImage": image}} for image in images]})
    directory._kept.clear()


def standard() -> Any:
    return carriers()[0].services["STANDARD"]


def test_a_rate_card_is_used_for_the_prices_of_its_carrier(world: World):
    put(world)
    stream_brings(world, "CARRIER#road")
    before = standard()

    created = put_card(world)
    stream_brings(world, "RATECARD#road-2026")

    kept = world.call("GET", "/v1/rate-cards/road-2026", who="office")
    assert world.call("GET", "/v1/rate-cards/road-2026").status == 403  # what it pays is no shop's business
    assert (created.status, created.body["version"]) == (201, 1)
    assert kept.body["zones"]["far"]["per_kg_micros"] == 0
    assert before.card is None
    assert before.quote((Parcel(grams=1_000),), *LANE) == 5_000_000 + 90_000 + 100_000
    assert standard().card.key == "road-2026@1"
    # 1.2 kg are 1.5: 9.00 and 0.25, 10 % of fuel
    assert standard().quote((Parcel(grams=1_200),), *LANE) == 10_175_000
    assert standard().quote((Parcel(grams=1_200),), "IL", "NY", "100", 900.0) == 6_875_000


def test_a_changed_card_is_a_new_version_in_the_same_pack(world: World):
    put(world)
    put_card(world)
    stream_brings(world, "CARRIER#road", "RATECARD#road-2026")

    put_card(world, per_package_micros=0)
    stream_brings(world, "RATECARD#road-2026")

    assert standard().card.key == "road-2026@2"
    assert standard().quote((Parcel(grams=1_200),), *LANE) == 9_900_000


def test_of_two_cards_the_one_that_began_last_wins_on_the_day_that_it_begins(world: World):
    put(world)
    put_card(world, "old", valid_until="2026-12-31")
    put_card(world, "new", valid_from="2026-12-01", valid_until="2026-12-24")
    stream_brings(world, "CARRIER#road", "RATECARD#old", "RATECARD#new")

    won = []
    for day in ("11-19", "11-30", "12-01", "12-23", "12-24", "12-31"):
        world.now = datetime.fromisoformat(f"2026-{day}T12:00:00+00:00")
        card = standard().card
        won.append(card and card.card_id)

    assert won == ["old", "old", "new", "new", "old", None]


def test_a_card_in_another_currency_than_its_carrier_has_now_is_left_behind(world: World):
    put(world)
    put_card(world)

    put(world, services=[SERVICE | {"price": SERVICE["price"] | {"currency": "EUR"}}])
    stream_brings(world, "CARRIER#road", "RATECARD#road-2026")

    assert standard().card is None


def test_a_wrong_rate_card_is_refused_with_all_its_errors_and_not_stored(world: World):
    put(world)
    wrong: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"carrier": "moon"}, [("/carrier", "unknown-carrier")]),
        ({"service": "EXPRESS"}, [("/service", "unknown-service")]),
        ({"currency": "EUR"}, [("/currency", "another-currency")]),
        ({"bands": [{"zone": "moon"}]}, [("/bands/0/zone", "unknown-zone")]),
        ({"lanes": [{"origin": "IL", "regions": {"NY": "moon"}}]}, [("/lanes/0/regions/NY", "unknown-zone")]),
        ({"lanes": [{"origin": "IL", "postal": {"1": "moon"}}]}, [("/lanes/0/postal/1", "unknown-zone")]),
        ({"bands": [{"up_to_km": 9, "zone": "far"}]}, [("/bands", "value-error")]),
        ({"valid_until": "2026-01-01"}, [("/valid_until", "value-error")]),
        ({"valid_from": "2026-02-30"}, [("/valid_from", "not-a-day")]),
        (
            {"zones": {"near": {"steps": [{"up_to_g": 9, "micros": 2}, {"up_to_g": 10, "micros": 1}]}}},
            [("/zones/near/steps", "value-error")],
        ),
        ({"zones": {"near": {"steps": []}}}, [("/zones/near/steps", "too-short")]),
    ]

    answers = [put_card(world, **changes) for changes, _ in wrong]

    assert [(reply.status, reply.errors) for reply in answers] == [(422, errors) for _, errors in wrong]
    assert world.call("GET", "/v1/rate-cards/road-2026", who="office").status == 404


# Carbon


def test_a_service_names_its_factors_and_the_way_is_longer_than_the_great_circle(world: World):
    service = {name: value for name, value in SERVICE.items() if name not in ("g_co2e_per_tonne_km", "source")}
    put(world, services=[service | {"factor": "road-articulated", "feeders": [{"factor": "road-van", "km": 60}]}])

    stream_brings(world, "CARRIER#road")

    # 1,200 km of road for 1,000 of great circle: 60 in a van, the rest in a truck
    assert standard().carbon_g(1_000, 1_000.0) == round((60 * 786 + 1_140 * 97) / 1_000)
    assert standard().carbon_g(1_000, 10.0) == round(12 * 786 / 1_000)


def test_an_unknown_emission_factor_is_refused(world: World):
    service = {name: value for name, value in SERVICE.items() if name != "g_co2e_per_tonne_km"}
    wrong: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
        ({"factor": "road-cart"}, [("/services/0/factor", "unknown-factor")]),
        ({"factor": "air-long-haul"}, [("/services/0/factor", "unknown-factor")]),  # of another mode
        (
            {"factor": "road-truck", "feeders": [{"factor": "air-long-haul", "km": 9}]},
            [("/services/0/feeders/0/factor", "unknown-factor")],
        ),
        ({"factor": "road-truck", "g_co2e_per_tonne_km": 100}, [("/services/0", "value-error")]),
        ({}, [("/services/0", "value-error")]),
    ]

    answers = [put(world, services=[service | changes]) for changes, _ in wrong]

    assert [(reply.status, reply.errors) for reply in answers] == [(422, errors) for _, errors in wrong]


def test_every_factor_is_the_sum_of_its_published_parts_and_has_a_source():
    found = emission_factors.document()

    assert {"document", "publisher", "published", "tables"} <= found["source"].keys()
    assert {"road-van", "road-rigid", "road-articulated"} <= set(emission_factors.names("ROAD"))
    assert emission_factors.names("AIR")
    for factor in found["factors"].values():
        parts = (float(factor["tank_to_wheel_kg"]) + float(factor["well_to_tank_kg"])) * 1_000
        assert factor["g_co2e_per_tonne_km"] == round(parts)
    assert [emission_factors.detour_percent("ROAD", country) for country in ("US", "BR", "PT")] == [120, 123, 125]
    assert "Ballou" in found["detour"]["source"]


# The costs of routing


def test_without_a_document_of_costs_routes_are_weighed_by_the_built_in_costs(world: World):
    assert routing_costs.costs()[""] == Costs()


def test_the_costs_of_routing_are_one_document_with_a_version(world: World):
    body = {
        "per_kg_co2e_micros": 90_000,
        "handling": {"STORE": {"per_unit_micros": 400_000}},
        "last_units": {"STORE": {"micros": 1_500_000, "units": 3}},
        "overstock": {"WAREHOUSE": {"micros": 100_000, "units": 400}},
    }

    world.call("PUT", "/v1/routing-costs/default", body | {"per_day_micros": 1}, who="office")
    reply = world.call("PUT", "/v1/routing-costs/default", body, who="office")

    assert (reply.status, reply.body["per_day_micros"]) == (200, 1_000_000)
    world.call("PUT", "/v1/routing-costs/BR", {"redo_micros": 7}, who="office")
    directory.forget()
    assert routing_costs.costs(["BR", "US"])["BR"] == Costs(key="BR@1", redo=7)
    assert routing_costs.costs()[""] == Costs(
        key="default@2",
        per_kg_co2e=90_000,
        handling={"STORE": Handling(per_unit=400_000)},
        last_units={"STORE": Level(micros=1_500_000, units=3)},
        overstock={"WAREHOUSE": Level(micros=100_000, units=400)},
    )


def test_wrong_costs_and_goods_are_refused_with_all_their_errors(world: World):
    world.node("dc-3", CHICAGO, tags=["hazmat"])
    wrong: list[tuple[str, dict[str, Any], list[tuple[str, str]]]] = [
        ("/v1/routing-costs/mine", {}, [("/id", "malformed-id")]),
        ("/v1/routing-costs/default", {"per_km_micros": -1}, [("/per_km_micros", "greater-than-equal")]),
        ("/v1/routing-costs/default", {"handling": {"SHIP": {}}}, [("/handling/SHIP", "literal-error")]),
        (
            "/v1/routing-costs/default",
            {"overstock": {"STORE": {"micros": 1}}},
            [("/overstock/STORE/units", "missing")],
        ),
        (
            "/v1/routing-costs/default",
            {"last_units": {"STORE": {"micros": 1, "units": 0}}},
            [("/last_units/STORE/units", "greater-than-equal")],
        ),
        (
            "/v1/products/TEA",
            {"title": "Tea", "weight_g": 1, "class": "x", "requires": ["hazmat", "hazmatt"]},
            [("/requires/1", "unknown-node-tag")],
        ),
        (
            "/v1/products/TEA",
            {"title": "Tea", "weight_g": 1, "class": "x", "dims_mm": [10, 0]},
            [("/dims_mm/1", "greater-than-equal")],
        ),
        (
            "/v1/products/TEA",
            {"title": "Tea", "weight_g": 1, "class": "x", "categories": ["a", "b", "c", "d"]},
            [("/categories", "too-long")],
        ),
    ]

    answers = [world.call("PUT", path, body, who="office") for path, body, _ in wrong]

    assert [(reply.status, reply.errors) for reply in answers] == [(422, errors) for *_, errors in wrong]


# What rules and costs ask of goods and nodes


def test_goods_are_read_from_the_products_document(world: World):
    said = {
        "title": "Nail Varnish",
        "weight_g": 60,
        "class": "AMBIENT",
        "categories": ["BEAUTY", "NAILS"],
        "tags": ["fragile"],
        "requires": ["hazmat"],
        "dims_mm": [40, 40, 90],
        "markdown_micros": 250_000,
    }
    world.node("dc-3", CHICAGO, tags=["hazmat"])
    assert world.call("PUT", "/v1/products/NAI-001", said, who="office").status == 201
    directory.forget()

    found = directory.goods(["NAI-001", "TEA-001", "NOTHING"])

    assert found == {
        "NAI-001": Goods(
            class_="AMBIENT",
            categories=("BEAUTY", "NAILS"),
            tags=("fragile",),
            requires=("hazmat",),
            dims_mm=(40, 40, 90),
            markdown_micros=250_000,
        ),
        "TEA-001": Goods(class_="goods"),
    }


def test_a_nodes_document_has_its_groups_its_tags_and_the_cost_of_its_work(world: World):
    kept = world.call("GET", "/v1/nodes/dc-1").body
    node = {name: value for name, value in kept.items() if name not in ("id", "version")}
    said = {
        "groups": ["mountain"],
        "tags": ["hazmat", "cold"],
        "priority": 2,
        "acceptance_percent": 97,
        "handling": {"per_package_micros": 300_000, "per_unit_micros": 100_000},
    }

    reply = world.call("PUT", "/v1/nodes/dc-1", node | said, who="office")
    stream_brings(world, "NODE#dc-1")

    found = next(node for node in directory.nodes() if node.node_id == "dc-1")
    assert reply.status == 200, reply.body
    assert (found.groups, found.tags, found.priority) == (("mountain",), ("hazmat", "cold"), 2)
    assert (found.acceptance_percent, found.handling) == (97, (300_000, 100_000))


def test_the_nightly_rebuild_drops_the_cards_that_are_over(world: World):
    put(world)
    put_card(world, valid_until="2026-12-31")
    stream_brings(world, "CARRIER#road", "RATECARD#road-2026")
    world.now = datetime(2027, 1, 1, 12, tzinfo=UTC)

    packs.rebuild((), directory.CARRIER)
    directory.forget()

    assert standard().card is None


_ORIGINS = [
    "AL",
    "AZ",
    "CA",
    "CO",
    "FL",
    "GA",
    "IL",
    "IN",
    "KY",
    "MA",
    "MI",
    "MN",
    "MO",
    "NC",
    "NJ",
    "NV",
    "NY",
    "OH",
    "PA",
    "TX",
]


def zone_chart(seed: int) -> dict[str, Any]:
    """A published zone chart: as large as one may be, and like no other's."""
    random = Random(seed)
    steps = [
        {"up_to_g": 100 * (n + 1), "micros": 10_000_000 * (n + 1) + random.randrange(10_000_000)} for n in range(300)
    ]
    return {
        "zones": {name: {"steps": steps} for name in ("near", "far")},
        "lanes": [
            {"origin": origin, "postal": {f"{n:03d}": random.choice(("near", "far")) for n in range(1_000)}}
            for origin in _ORIGINS
        ],
    }


def test_the_large_cards_of_one_carrier_fit_into_its_pack_in_several_items(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(packs, "MOST_BYTES", 60_000)
    put(world, services=[SERVICE | {"service": name} for name in ("STANDARD", "EXPRESS")])
    cards = {f"{service}-{year}": (service, year) for service in ("EXPRESS", "STANDARD") for year in (2026, 2027)}
    for seed, (name, (service, year)) in enumerate(cards.items()):
        reply = put_card(world, name, service=service, valid_from=f"{year}-01-01", **zone_chart(seed))
        assert reply.status == 201

    stream_brings(world, "CARRIER#road", *(f"RATECARD#{name}" for name in cards))

    chunks = world.aws.items("Directory", "PACK#carriers")
    assert len(chunks) > 2
    assert max(len(bytes(chunk["doc"])) for chunk in chunks) <= 60_000
    assert {service.card.card_id for service in carriers()[0].services.values()} == {"EXPRESS-2026", "STANDARD-2026"}
    world.now = datetime(2027, 1, 1, 12, tzinfo=UTC)
    assert standard().card.card_id == "STANDARD-2027"


def test_a_card_that_a_later_card_replaces_until_its_end_is_not_packed(world: World):
    put(world)
    put_card(world, "first", valid_until="2026-12-31")
    put_card(world, "second", valid_from="2026-11-01", valid_until="2026-12-31")
    put_card(world, "short", valid_from="2026-11-02", valid_until="2026-11-30")
    put_card(world, "to-come", valid_from="2026-12-01")

    stream_brings(world, "CARRIER#road")

    cards = [row["id"] for chunk in packs._chunks("carriers") for row in unpack(chunk["doc"]) if "carrier" in row]
    assert cards == ["second", "short", "to-come"]


def test_a_card_that_no_item_could_hold_is_refused_at_its_largest_field(world: World, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(http, "MOST_PACKED", 20_000)
    put(world)

    reply = put_card(world, **zone_chart(1))

    assert (reply.status, reply.errors) == (422, [("/lanes", "document-too-large")])


def test_a_pack_that_cannot_be_rebuilt_stops_neither_other_packs_nor_the_nightly_run(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    put(world)
    real = packs.rebuild

    def broken_carriers(changed: Any = (), kind: str = directory.NODE, **more: Any) -> int:
        if kind == directory.CARRIER:
            raise packs.StalePack("PACK#carriers")
        return real(changed, kind, **more)

    monkeypatch.setattr(packs, "rebuild", broken_carriers)
    world.node("dc-9", CHICAGO)
    doc = {"name": "Usual", "rules": [{"name": "any", "optimise": {}}]}
    world.call("PUT", "/v1/rule-sets/usual", doc, who="office")
    world.call("POST", "/v1/rule-sets/usual/activate", {"version": 1}, who="office")

    with pytest.raises(packs.StalePack):
        world.hops.invoke("daily", {})
    asked_for = [sku for _, event in world.hops.asynchronous for sku in event.get("skus", ())]
    with pytest.raises(packs.StalePack):
        world.hops.invoke("directory", {"rebuild": True})

    directory.forget()
    assert set(asked_for) == set(SKUS)
    assert "dc-9" in {node.node_id for node in directory.nodes()}
    assert [one.key for one in rule_sets.book().sets] == ["usual@1"]


def test_an_entry_of_routing_costs_has_a_field_for_each_cost_of_the_router():
    of_router = {field.name for field in fields(Costs)} - {"key"}
    of_entry = {name.removesuffix("_micros") for name in RoutingCosts.model_fields}

    assert of_entry == of_router
