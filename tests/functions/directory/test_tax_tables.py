"""A tax table is stored whole, with codes of regions, and says the taxes of a sale in the channels that name it."""

import json
from pathlib import Path
from typing import Any

import pytest

from comanda.aws.directory import directory
from tests.functions.world import Reply, World, usd

EXAMPLES = sorted((Path(__file__).parents[3] / "docs" / "tax-tables").glob("*.json"))
STATES: list[dict[str, Any]] = [
    {"country": "US", "valid_from": "2026-01-01", "rate": "0.04", "name": "Sales tax"},
    {"country": "US", "region": "New York", "valid_from": "2026-01-01", "rate": "0.08875", "name": "NY tax"},
    {"country": "US", "tax_class": "FOOD", "valid_from": "2026-01-01", "rate": "0", "name": "Sales tax"},
    {"country": "US", "tax_class": "SHIPPING", "valid_from": "2027-01-01", "rate": "0.01", "name": "Sales tax"},
]


def put(world: World, rows: list[dict[str, Any]], **changes: Any) -> Reply:
    reply = world.call("PUT", "/v1/tax-tables/states", {"name": "States", "rows": rows, **changes}, who="office")
    directory.forget()
    return reply


def sells_by_table(world: World, name: str = "web") -> None:
    entry = world.call("GET", f"/v1/channels/{name}", who="office").body
    doc = {key: value for key, value in entry.items() if key not in ("id", "version")}
    assert world.call("PUT", f"/v1/channels/{name}", {**doc, "tax_table": "states"}, who="office").status == 200
    directory.forget()


def ask(world: World, *amounts: int, who: str = "shop", **changes: Any) -> Reply:
    body = {
        "channel": "web",
        "currency": "USD",
        "ship_to": {"country": "US", "region": "NY", "postal_code": "10001"},
        "lines": [{"sku": "TEA-001", "amount": usd(amount)} for amount in amounts],
        **changes,
    }
    return world.call("POST", "/v1/tax-quotes", body, who=who)


def test_a_table_keeps_the_codes_of_its_regions(world: World):
    assert put(world, STATES).status == 201
    shown = world.call("GET", "/v1/tax-tables/states", who="office").body
    assert [row.get("region") for row in shown["rows"]] == [None, "NY", None, None]


def test_the_rows_of_a_table_are_refused_by_name(world: World):
    wrong = [
        {**STATES[0]},
        {**STATES[0], "valid_from": "2026-06-01"},
        {**STATES[1], "region": "Bavaria"},
    ]
    assert put(world, wrong).errors == [("/rows/2/region", "unknown-region"), ("/rows/1", "overlapping")]
    odd = [
        {**STATES[0], "rate": "10.0"},
        {**STATES[0], "rate": "-0.1", "country": "DE"},
        {**STATES[0], "postal_prefix": "10001", "country": "FR"},
        {**STATES[0], "valid_until": "2026-01-01", "country": "IT"},
        {**STATES[0], "tax_class": " ", "country": "ES"},
    ]
    assert [at for at, _ in put(world, odd).errors] == [
        "/rows/0/rate",
        "/rows/1/rate",
        "/rows/2/postal_prefix",
        "/rows/3/valid_until",
        "/rows/4/tax_class",
    ]
    assert put(world, []).errors[0][0] == "/rows"
    assert world.call("GET", "/v1/tax-tables/states", who="office").status == 404


def test_a_country_that_does_not_exist_is_refused_as_nothing_is_ever_sent_there(world: World):
    rows = [STATES[0], {**STATES[0], "country": "UK"}, {**STATES[0], "country": "GB"}]
    assert put(world, rows).errors == [("/rows/1/country", "unknown-country")]


def test_a_channel_names_a_table_that_exists(world: World):
    entry = world.call("GET", "/v1/channels/web", who="office").body
    doc = {key: value for key, value in entry.items() if key not in ("id", "version")}
    reply = world.call("PUT", "/v1/channels/web", {**doc, "tax_table": "states"}, who="office")
    assert reply.errors == [("/tax_table", "unknown-tax-table")]


def test_the_table_of_the_channel_says_the_taxes_of_a_sale(world: World):
    put(world, STATES)
    sells_by_table(world)

    answer = ask(world, 999, 1_998, charges=[{"kind": "SHIPPING", "amount": usd(500)}]).body

    assert [line["tax"] for line in answer["lines"]] == [
        {"rate": "0.08875", "amount": usd(89)},  # 88.66
        {"rate": "0.08875", "amount": usd(177)},  # 177.32
    ]
    assert answer["charges"][0]["tax"] == {"rate": "0.08875", "amount": usd(44)}
    assert (answer["tax"], answer["tax_estimated"], answer["tax_table"]) == (usd(310), False, "states")
    assert answer["place"] == {"country": "US", "region": "NY", "postal_prefix": "100"}
    next_year = ask(world, 999, charges=[{"kind": "SHIPPING", "amount": usd(500)}], day="2027-01-01").body
    assert next_year["charges"][0]["tax"] == {"rate": "0.01", "amount": usd(5)}


def test_the_class_of_the_product_decides(world: World):
    put(world, STATES)
    sells_by_table(world)
    entry = world.call("GET", "/v1/products/TEA-001", who="office").body
    doc = {key: value for key, value in entry.items() if key not in ("id", "version")}
    world.call("PUT", "/v1/products/TEA-001", {**doc, "tax_class": "FOOD"}, who="office")
    directory.forget()

    line = ask(world, 999).body["lines"][0]

    assert (line["tax_class"], line["tax"]["rate"], line["tax_estimated"]) == ("FOOD", "0", False)


def test_without_a_place_or_a_rate_a_tax_is_estimated(world: World):
    put(world, STATES)
    sells_by_table(world)
    nowhere = ask(world, 1_000, ship_to=None).body
    abroad = ask(world, 1_000, ship_to={"country": "DE"}).body
    given = ask(world, lines=[{"sku": "TEA-001", "amount": usd(1_000), "tax_rate": "0.07"}]).body
    assert [
        (one["tax"]["amount"], one["tax_estimated"], one["lines"][0]["name"]) for one in (nowhere, abroad, given)
    ] == [
        (0, True, None),
        (0, True, None),
        (70, True, None),
    ]
    assert nowhere["place"] is None


def test_a_channel_without_a_table_taxes_by_the_rates_that_are_given(world: World):
    answer = ask(
        world, lines=[{"sku": "TEA-001", "amount": usd(119), "tax_rate": "0.19"}], prices_include_tax=True
    ).body
    assert (answer["tax"], answer["tax_table"], answer["tax_estimated"]) == (usd(19), None, True)


def test_what_is_picked_up_is_taxed_at_the_node(world: World):
    put(world, STATES)
    sells_by_table(world)
    node = world.call("GET", "/v1/nodes/store-1", who="office").body
    answer = ask(world, 1_000, ship_to=None, pickup_node_id="store-1").body
    at = {"region": node.get("region", ""), "postal_prefix": node.get("postal_code", "")[:3]}
    assert answer["place"] == {"country": node["country"], **at}
    assert answer["lines"][0]["tax"]["rate"] == "0.04"
    both = ask(world, 1_000, pickup_node_id="store-1")
    assert both.status == 422
    assert "not both" in json.dumps(both.body)


def test_a_question_is_refused_by_its_fields(world: World):
    put(world, STATES)
    assert ask(world, 1, channel="none").errors == [("/channel", "unknown-channel")]
    assert ask(world, 1, channel="outlet").errors == [("/channel", "unknown-channel")]  # another caller's
    assert ask(world, 1, currency="EUR").errors == [("/lines/0/amount/currency", "mixed-currencies")]
    assert ask(world, 1, lines=[{"sku": "NONE", "amount": usd(1)}]).errors == [("/lines/0/sku", "unknown-sku")]
    assert ask(world, 1, ship_to=None, pickup_node_id="none").errors == [("/pickup_node_id", "unknown-node")]
    contradicts = ask(world, 1, ship_to={"country": "US", "region": "NY", "postal_code": "60601"})
    assert contradicts.errors[0][0].startswith("/ship_to")
    assert ask(world).errors[0][0] == "/lines"
    assert ask(world, 1, day="2026-02-30").errors[0][0] == "/day"


def test_whoever_may_not_write_tables_is_refused(world: World):
    assert world.call("PUT", "/v1/tax-tables/states", {"name": "S", "rows": STATES}, who="sales").status == 403
    assert world.call("GET", "/v1/tax-tables/states", who="shop").status == 403


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_each_example_of_the_documentation_is_a_table(world: World, path: Path):
    doc = json.loads(path.read_text())
    assert doc["synthetic"]
    assert world.call("PUT", f"/v1/tax-tables/{path.stem}", doc, who="office").status == 201


def test_the_documentation_has_examples():
    assert {path.stem for path in EXAMPLES} == {"br-icms", "eu-vat", "us-states"}
