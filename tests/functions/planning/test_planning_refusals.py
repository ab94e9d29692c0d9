"""Test rule sets that are refused whole, with the place of each error."""

from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from comanda.domain.rules.rule_sets import COMPONENTS
from functions.planning.contract import Weights
from tests.functions.planning.test_planning import CHEAPEST, days, put, say
from tests.functions.world import World


@pytest.fixture(autouse=True)
def _words(world: World) -> None:
    world.node("store-1", (39.7, -105.0), type="STORE", groups=["east"], tags=["cold"])


def rule(**changes: Any) -> dict[str, Any]:
    return {"name": "one", "rank": ["distance"], **changes}


def rules(*given: dict[str, Any]) -> dict[str, Any]:
    return {"name": "wrong", "rules": list(given)}


USD_5 = {"amount": 500, "currency": "USD"}


WRONG: list[tuple[Any, Any]] = [
    (rules(), [("/rules", "too-short")]),
    (rules(*[rule(name=str(n)) for n in range(21)]), [("/rules", "too-long")]),
    (rules(rule(), rule()), [("/rules/1/name", "duplicate-name")]),
    (rules(rule(optimise={})), [("/rules/0", "rank-or-optimise")]),
    (rules({"name": "neither"}), [("/rules/0", "rank-or-optimise")]),
    (rules(rule(rank=["luck"])), [("/rules/0/rank/0", "literal-error")]),
    (rules(rule(rank=["distance", "distance"])), [("/rules/0/rank", "named-twice")]),
    (rules(rule(rest={"then": "moon"})), [("/rules/0/rest/then", "literal-error")]),
    (rules(rule(rest={"then": "next"})), [("/rules/0/rest/then", "no-next-rule")]),
    (
        rules(rule(rest={"then": "next", "future_days": 5}), rule(name="two")),
        [("/rules/0/rest/future_days", "not-before-next")],
    ),
    (
        rules(rule(rest={"then": "routing", "cancel_after_days": 3})),
        [("/rules/0/rest/cancel_after_days", "not-in-backorder")],
    ),
    (rules(rule(nodes={"max_km": 0})), [("/rules/0/nodes/max_km", "greater-than-equal")]),
    (rules(rule(nodes={"max_km": 20_039})), [("/rules/0/nodes/max_km", "less-than-equal")]),
    (rules(rule(nodes={"groups": []})), [("/rules/0/nodes/groups", "too-short")]),
    (rules(rule(nodes={"groups": ["west"]})), [("/rules/0/nodes/groups/0", "unknown-node-group")]),
    (rules(rule(nodes={"tags": ["cold", "wet"]})), [("/rules/0/nodes/tags/1", "unknown-node-tag")]),
    (rules(rule(nodes={"nodes": ["dc-9"]})), [("/rules/0/nodes/nodes/0", "unknown-node")]),
    (
        rules(rule(nodes={"nodes": ["dc-1"], "not_nodes": ["dc-1"]})),
        [("/rules/0/nodes/not_nodes/0", "named-in-both")],
    ),
    (rules(rule(when={"channels": ["moon"]})), [("/rules/0/when/channels/0", "unknown-channel")]),
    (rules(rule(when={"any_line": {"skus": ["NO"]}})), [("/rules/0/when/any_line/skus/0", "unknown-sku")]),
    (
        rules(rule(when={"any_line": {"services": ["STANDARD", "SLOW"]}})),
        [("/rules/0/when/any_line/services/1", "literal-error")],
    ),
    (rules(rule(when={"countries": ["US", "BR"]})), [("/rules/0/when/countries/1", "unknown-country")]),
    (
        rules(rule(when={"regions": ["US", "US-NY", "US-XX", "BR-SP"]})),
        [("/rules/0/when/regions/2", "unknown-region"), ("/rules/0/when/regions/3", "unknown-country")],
    ),
    ({**rules(rule()), "applies_to": {"regions": ["US-ZZ"]}}, [("/applies_to/regions/0", "unknown-region")]),
    (
        rules(rule(when={"value_from": USD_5, "value_below": USD_5})),
        [("/rules/0/when/value_below", "never-true")],
    ),
    (
        rules(rule(when={"from_day": "2026-12-02", "to_day": "2026-12-01"})),
        [("/rules/0/when/to_day", "upside-down")],
    ),
    (
        rules(rule(splits={"min_value": {"amount": 5, "currency": "JPY"}})),
        [("/rules/0/splits/min_value/currency", "unknown-currency")],
    ),
    ({**rules(rule()), "applies_to": {"skus": ["NO"]}}, [("/applies_to/skus/0", "unknown-sku")]),
    (
        rules({"name": "a", "optimise": {"weights": {"luck": 1}}}),
        [("/rules/0/optimise/weights/luck", "extra-forbidden")],
    ),
    (
        rules({"name": "a", "optimise": {"weights": {"carbon": -1}}}),
        [("/rules/0/optimise/weights/carbon", "greater-than-equal")],
    ),
    (
        rules({"name": "a", "optimise": {"weights": dict.fromkeys(COMPONENTS, 0)}}),
        [("/rules/0/optimise/weights", "all-zero")],
    ),
]


def test_a_bad_rule_set_is_refused_with_the_place_of_its_error(world: World) -> None:
    told = [(reply.status, reply.errors) for reply in (put(world, doc) for doc, _ in WRONG)]

    assert told == [(422, errors) for _, errors in WRONG]


def test_every_part_of_a_cost_can_be_weighed_and_nothing_else() -> None:
    assert tuple(Weights.model_fields) == COMPONENTS


def test_a_rule_after_one_that_takes_everything_is_no_error(world: World) -> None:
    assert put(world, rules(rule(), rule(name="two"))).status == 201


def test_a_fourth_shadow_is_refused_with_the_names_of_the_three(world: World) -> None:
    for name in ("one", "two", "three", "four"):
        put(world, CHEAPEST, name)
    for name in ("one", "two", "three", "three"):
        assert say(world, "shadow", name, version=1, until=days(7)).status == 200

    refused = say(world, "shadow", "four", version=1, until=days(7))

    assert (refused.status, refused.errors) == (422, [("/version", "too-many-shadows")])
    assert "one, three, two" in refused.body["errors"][0]["message"]
    say(world, "shadow", "two")
    assert say(world, "shadow", "four", version=1, until=days(7)).body["state"] == "shadow"


def test_a_set_that_does_not_exist_or_has_a_bad_name_is_refused(world: World) -> None:
    assert put(world, CHEAPEST, "built-in").errors == [("/id", "reserved-id")]
    assert put(world, CHEAPEST, "a:b").errors == [("/id", "malformed-id")]
    assert say(world, "activate", "none", version=1).problem == "not-found"
    assert world.call("GET", "/v1/rule-sets/none", who="office").problem == "not-found"
    assert world.call("GET", "/v1/rule-sets", who="shop").problem == "forbidden"
    put(world, CHEAPEST)
    assert world.call("GET", "/v1/rule-sets/usual", who="office", query={"version": "2"}).problem == "not-found"
    assert world.call("GET", "/v1/rule-sets/usual", who="office", query={"version": "x"}).problem == "invalid"


def test_a_set_for_a_seller_applies_to_orders_of_the_sellers_channel(world: World) -> None:
    channel = {"name": "Shop", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"]}
    world.stocked("TEA-001", dc_1=9, dc_2=9)
    assert world.call("PUT", "/v1/channels/web", channel | {"seller": "acme"}, who="office").status < 300
    only = {"name": "his", "nodes": {"nodes": ["dc-2"]}, "rank": ["distance"]}
    nobodys = {**rules(only), "applies_to": {"sellers": ["acme", "nobody"]}}
    refused = world.call("PUT", "/v1/rule-sets/usual", nobodys, who="office")
    assert refused.errors == [("/applies_to/sellers/1", "unknown-seller")]
    put(world, {**rules(only), "applies_to": {"sellers": ["acme"]}})
    say(world, "activate", version=1)
    packs.rebuild((), directory.RULE_SET)
    directory.forget()

    order_id = world.placed(("TEA-001", 1))
    world.settle()

    assert [one["node_id"] for one in world.order(order_id)["fulfillments"]] == ["dc-2"]
