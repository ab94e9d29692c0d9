"""The retailer's data passes the contracts of its doors, and its orders are worth demonstrating."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

import pytest

from comanda.aws.directory import directory, hold_types, node_entries, routing_costs
from comanda.aws.directory.carriers import carrier
from comanda.aws.geography import destinations
from comanda.domain.lifecycle import place
from comanda.domain.nodes.node import Node
from comanda.domain.orders import rule_holds
from comanda.domain.orders.order import Order
from comanda.domain.people import DESKS, ROLES, misfits
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Plan
from comanda.domain.routing.route import route
from comanda.domain.shipping.carriers import Carrier
from comanda.domain.stock.stock import Position
from functions.directory import contract, costs, order_forms
from functions.directory.legal_entity_contract import LegalEntity
from functions.directory.price_list_contract import PriceList
from functions.directory.rules import misplaced, not_offered, rights_of_another_kind, unknown_zones
from functions.intake import checks, rules
from functions.intake.contract import OrderIn
from functions.people import contract as people_in
from functions.stock.contract import SupplyStep
from local.retailer import arrivals, baskets, business, catalogue, network, people, prices, rates, shelves
from openapi.examples import EXAMPLES
from ops import carrier_files

NOW = datetime(2026, 11, 19, 12, tzinfo=UTC)
COSTS = routing_costs.costs_of(
    "default", 1, contract.document(costs.RoutingCosts.model_validate(rates.ROUTING_COSTS["default"]))
)
PRODUCTS = {product.sku: product.document for product in catalogue.products()}


@pytest.mark.parametrize(
    ("model", "documents"),
    [
        (LegalEntity, business.LEGAL_ENTITIES),
        (contract.Channel, business.CHANNELS),
        (contract.Partner, business.partners()),
        (contract.Calendar, network.calendars()),
        (contract.Node, network.nodes()),
        (contract.HoldType, business.HOLD_TYPES),
        (contract.StockPolicy, business.STOCK_POLICIES),
        (contract.Product, prices.with_prices(PRODUCTS | arrivals.COMING)),
        (PriceList, prices.price_lists(PRODUCTS | arrivals.COMING)),
        (costs.RateCard, rates.rate_cards()),
        (costs.RoutingCosts, rates.ROUTING_COSTS),
        (SupplyStep, arrivals.announced("2026-11-22")),
        (contract.Client, business.clients()),
        (people_in.Rights, people.people()),
    ],
)
def test_every_document_passes_its_doors_contract(model: Any, documents: dict[str, Any]) -> None:
    for document in documents.values():
        assert contract.document(model.model_validate(document))


def test_the_retailers_people_have_rights_that_fit_and_name_what_there_is() -> None:
    invited = people.people()

    assert {desk for one in invited.values() for desk in one.get("desks", ())} == set(DESKS)
    assert {role for one in invited.values() for role in one["roles"]} == set(ROLES)
    for one in invited.values():
        assert misfits(one) == []
        assert set(one.get("nodes", ())) <= network.nodes().keys()
        assert one.get("partner") in (None, *business.partners())


def test_the_examples_of_requests_name_things_that_the_retailer_has() -> None:
    """A reader can send the examples to a seeded system unchanged."""
    carriers = {path.split(",")[0] for path in (network.CARRIER_FILES / "carriers.csv").read_text().splitlines()[2:]}
    node, partner, carrier = EXAMPLES["put_node"], EXAMPLES["put_partner"], EXAMPLES["put_carrier"]

    assert {node["calendar"], carrier["calendar"]} <= set(network.calendars())
    assert {one["node_id"] for one in carrier["collections"]} | set(partner["nodes"]) <= set(network.nodes())
    assert EXAMPLES["put_rate_card"]["carrier"] in carriers
    assert {line["sku"] for line in EXAMPLES["place_order"]["lines"]} <= set(PRODUCTS)
    assert EXAMPLES["place_order"]["channel"] in business.CHANNELS
    assert EXAMPLES["hold"]["type"] in business.HOLD_TYPES
    assert {row["node_id"] for row in EXAMPLES["count_stock"]["rows"]} <= set(network.nodes())


def test_each_product_has_a_price_on_the_form_of_each_web_shop() -> None:
    priced = prices.with_prices(PRODUCTS | arrivals.COMING)

    shops = {name: channel for name, channel in business.CHANNELS.items() if "order_form" in channel}
    assert shops.keys() == {business.WEB, business.BRASIL}
    for channel in shops.values():
        assert order_forms.problems_of_form(channel) == []
    for product in priced.values():
        assert product["prices"].keys() == shops.keys()
        assert order_forms.problems_of_prices(product["prices"], business.CHANNELS) == []
    assert prices.with_prices(PRODUCTS | arrivals.COMING) == priced


def test_the_network_is_as_large_as_promised() -> None:
    types = Counter((place.country, place.type) for place in network.places())

    assert types[("US", "WAREHOUSE")] == 2
    assert types[("US", "STORE")] == 40
    assert types[("BR", "STORE")] == 4
    assert len(PRODUCTS) == 500
    assert len({product.title for product in catalogue.products()}) == 500


def test_every_node_lies_in_its_time_zone() -> None:
    calendars = network.calendars()

    assert [
        p for node in network.nodes().values() for p in misplaced(node, calendars[node["calendar"]]["timezone"])
    ] == []


def test_every_rate_card_is_marked_as_synthetic_and_prices_a_service_of_its_carrier() -> None:
    carriers = carrier_files.read(network.CARRIER_FILES)

    for card in rates.rate_cards().values():
        assert "synthetic" in card["name"]
        assert not_offered(card, carriers[card["carrier"]]["services"]) == unknown_zones(card) == []
    priced = [(carrier.carrier_id, service.service) for carrier in _carriers() for service in carrier.services.values()]
    assert len(priced) == 4
    assert all(service.card for carrier in _carriers() for service in carrier.services.values())


def test_each_country_has_stock_of_every_product_at_nodes_that_may_send_it() -> None:
    special = {product.sku: set(product.requires) for product in catalogue.products() if product.requires}
    places = {place.id: place for place in network.places()}

    may = {
        (sku, places[node].country)
        for sku, node, _ in shelves.opening()
        if special.get(sku, {""}) <= set(places[node].tags)
    }

    assert {tag for tags in special.values() for tag in tags} == {"cold", "hazmat"}
    assert may == {(sku, country) for sku in special for country in ("US", "BR")}
    assert any("hazmat" not in place.tags for place in places.values())


def test_every_client_has_what_its_kind_needs_and_no_scope_more() -> None:
    for client in business.clients().values():
        assert rights_of_another_kind(client["kind"], client, client["scopes"]) == []


def test_some_node_of_each_country_works_on_any_day_of_these_years() -> None:
    days = [NOW + timedelta(days=n) for n in range(0, 365, 7)]
    nodes = _nodes()

    for country in ("US", "BR"):
        own = [node for node in nodes if node.country == country]
        assert all(any(day.date().isoformat() not in node.calendar.closed for node in own) for day in days)


def test_the_same_seed_gives_the_same_baskets() -> None:
    assert baskets.load(5, seed=3) == baskets.load(5, seed=3)
    assert baskets.load(5, seed=3) != baskets.load(5, seed=4)


def test_a_hundred_real_baskets_are_good_orders_and_enough_of_them_split_and_are_reviewed() -> None:
    found = baskets.load(100, seed=20260101, large=3)
    dice = Random(1)
    free = {(sku, node): units for sku, node, units in shelves.opening()}
    split = 0
    held = 0

    for i, basket in enumerate(found):
        channel = business.BRASIL if i % 10 == 9 else business.WEB
        town = dice.choice(network.stores("BR" if channel == business.BRASIL else "US"))
        order = _placed(baskets.order(basket, channel=channel, place=town, run="r", two_tenders=i % 7 == 0), channel)
        plan = _routed(order, free)
        split += len(plan.fulfillments) > 1
        held += any(
            rule_holds.judged(hold_types.hold_type(name, doc), order) is not None
            for name, doc in business.HOLD_TYPES.items()
        )
        assert plan.leftovers == ()

    assert len(found) == 100
    assert split >= 10
    assert held >= 2


def _nodes() -> list[Node]:
    calendars = network.calendars()
    return [
        node_entries.node({**document, "id": name, "calendar": calendars[document["calendar"]]})
        for name, document in network.nodes().items()
    ]


@cache
def _carriers() -> tuple[Carrier, ...]:
    """Return the carriers with their rate cards of today, as the router reads them."""
    calendars = network.calendars()
    cards = [
        {"id": name, "version": 1, **contract.document(costs.RateCard.model_validate(card))}
        for name, card in rates.rate_cards().items()
    ]
    return tuple(
        carrier(
            {
                **document,
                "id": name,
                "calendar": calendars[document["calendar"]],
                "cards": [card for card in cards if card["carrier"] == name],
            },
            NOW.date().isoformat(),
        )
        for name, document in carrier_files.read(network.CARRIER_FILES).items()
    )


def _placed(body: dict[str, Any], channel: str) -> Order:
    given = OrderIn.model_validate(body)
    assert checks.problems(given, PRODUCTS, network.nodes(), business.CHANNELS[channel], NOW) == []
    to = destinations.locate(given.ship_to, pointer="/ship_to") if given.ship_to else None
    order = rules.to_order(given, "ord_us1_01M81E1K31FJJCD1ZYEW13Y01N", "c1", PRODUCTS, network.nodes(), NOW, to)
    return place.place_order(order, (), "shop", NOW).order


def _routed(order: Order, free: dict[tuple[str, str], int]) -> Plan:
    """Plan the order on the stock that is left, and take the planned units from it. Returns the plan."""
    skus = {line.sku for line in order.lines}
    positions = [
        Position(sku=sku, node=node, free=units, on_hand=(("sellable", units),))
        for (sku, node), units in free.items()
        if sku in skus
    ]
    world = RouterInputs(
        positions=positions,
        nodes=_nodes(),
        carriers=_carriers(),
        costs=COSTS,
        goods={sku: directory.goods_of(PRODUCTS[sku]) for sku in skus},
    )
    plan = route(order, world, NOW)
    for fulfillment in plan.fulfillments:
        for line in fulfillment.lines:
            free[line.sku, fulfillment.node.node_id] -= line.quantity
    return plan
