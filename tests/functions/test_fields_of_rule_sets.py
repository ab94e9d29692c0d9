"""Test that every field of a rule set is used: another value changes the nodes of stored orders, their cost, or the rest."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from comanda.aws.directory import directory, packs
from comanda.aws.stock import shadow_prices
from functions.planning.contract import RuleSet
from tests.functions.fields import changed, fields_of
from tests.functions.test_fields_of_the_directory import at_once
from tests.functions.world import CHICAGO, START, World, at_counter, usd

type Doc = dict[str, Any]
type Eye = Callable[[World, Doc], Any]

_CHICAGO = {
    "name": "Ada Byron",
    "line1": "12 Main St",
    "city": "Chicago",
    "region": "IL",
    "postal_code": "60601",
    "country": "US",
    "latitude": CHICAGO[0],
    "longitude": CHICAGO[1],
}
_TEA = {"sku": "TEA-001", "quantity": 3, "fulfillment": {"method": "SHIP", "service": "EXPRESS"}}
_POT = {"sku": "POT-001", "quantity": 2, "fulfillment": {"method": "SHIP", "service": "EXPRESS"}}

# Every condition is true of an order of tea, and without any of them the order goes to Chicago, which is nearer.
EVERYTHING: Doc = {
    "name": "Everything",
    "description": "all that may be said",
    "applies_to": {
        "method": "SHIP",
        "sellers": ["us"],
        "sourcing_classes": ["ruled"],
        "skus": ["TEA-001"],
        "category_1": ["Food"],
        "category_2": ["Drinks"],
        "category_3": ["Tea"],
        "regions": ["US-IL"],
    },
    "rules": [
        {
            "name": "far",
            "when": {
                "channels": ["web"],
                "sourcing_classes": ["ruled"],
                "countries": ["US"],
                "regions": ["US-IL"],
                "tags": ["vip"],
                "value_from": usd(3_000),
                "value_below": usd(3_001),
                "priority_up_to": 4,
                "any_line": {
                    "skus": ["TEA-001"],
                    "categories": ["Food"],
                    "classes": ["goods"],
                    "tags": ["fragile"],
                    "requires": ["cold"],
                    "services": ["EXPRESS"],
                },
                "all_lines": {
                    "skus": ["TEA-001"],
                    "categories": ["Food"],
                    "classes": ["goods"],
                    "tags": ["fragile"],
                    "requires": ["cold"],
                    "services": ["EXPRESS"],
                },
                "from_day": "2026-11-18",
                "to_day": "2026-11-20",
            },
            "nodes": {
                "types": ["WAREHOUSE"],
                "groups": ["east"],
                "nodes": ["dc-2"],
                "not_nodes": ["dc-1"],
                "tags": ["cold"],
                "max_km": 3_000,
                "capacity_left": 1,
                "min_stock": 1,
            },
            "rank": ["distance"],
            "rest": {"then": "next"},
        },
        {"name": "near", "rank": ["distance"]},
    ],
}


def _rule(**said: Any) -> Doc:
    return {"name": "One", "rules": [{"name": "one", **said}]}


_WEIGHTS = ("shipping", "handling", "capacity", "stockout", "markdown", "lateness", "carbon", "performance", "price")
WEIGHED = _rule(optimise={"weights": dict.fromkeys(_WEIGHTS, 100)})
SCARCE = _rule(optimise={"weights": dict.fromkeys(_WEIGHTS, 100) | {"price": 1_000}})
SCARCEST = _rule(optimise={"weights": dict.fromkeys(_WEIGHTS, 100) | {"price": 10_000}})
SPLIT = _rule(rank=["distance"], splits={"most": 2, "min_value": usd(100)})
LIMITED: Doc = {
    "name": "One",
    "rules": [
        {
            "name": "near",
            "nodes": {"nodes": ["dc-1"], "capacity_left": 1},
            "rank": ["distance"],
            "rest": {"then": "next"},
        },
        {"name": "others", "rank": ["priority"]},
    ],
}
COMPLETE = _rule(rank=["distance"], splits={"complete": "order"})
COUNTERS = _rule(rank=["distance"], nodes={"pickup": True})


def begun(world: World, *lines: Doc, tags: tuple[str, ...] = ("vip",)) -> str:
    """Return the id of an order that is not routed yet, of products with a value in every field that rules can ask for."""
    at_once(world)
    shadow_prices.publish("TEA-001", {"dc-1": 500_000, "dc-2": 100_000}, "1", START)
    doc = directory.find(directory.PRODUCT, "TEA-001") or {}
    world.entry(directory.PRODUCT, "TEA-001", {**doc, "categories": ["Food", "Drinks", "Tea"]})
    costs = directory.find(directory.ROUTING_COSTS, directory.THE_POLICY) or {}
    world.entry(
        directory.ROUTING_COSTS,
        directory.THE_POLICY,
        {**costs, "full_node_micros": 40_000_000, "overstock": {"WAREHOUSE": {"micros": 90_000, "units": 25}}},
    )
    assert world.call("POST", "/v1/rule-sets/usual/retire", {}, who="office").status == 200
    packs.rebuild_all({directory.RULE_SET: ["usual"]})
    directory.forget()
    return world.placed(
        *lines,
        external_id="WEB-1",
        ship_to=_CHICAGO,
        sourcing_class="ruled",
        tags=list(tags),
        priority=4,
        requested={"deliver_by": "2026-11-19"},
    )


def tried(world: World, sent: Doc, *lines: Doc, before: Doc | None = None) -> Any:
    """Return the nodes that the rule set would choose for an order, and their cost."""
    order_id = begun(world, *(lines or (_TEA,)))
    if before:
        world.placed(before, external_id="WEB-0", ship_to=None)
        world.settle()
    reply = world.call("PUT", "/v1/rule-sets/other", sent, who="office")
    assert reply.status == 201, reply.body
    reply = world.call("POST", "/v1/rule-sets/other/dry-run", {"orders": [order_id]}, who="office", key=None)
    (one,) = reply.body["orders"]
    return one["speaks"], one["then"]


def slowly(world: World, sent: Doc) -> Any:
    return tried(world, sent, {**_TEA, "fulfillment": {"method": "SHIP", "service": "STANDARD"}})


def busy(world: World, sent: Doc) -> Any:
    """Return the nodes that the rule set would choose for an order while the nearest node has work."""
    return tried(world, sent, _TEA, before=at_counter("TEA-001", 1, "dc-1"))


def parts(world: World, sent: Doc) -> Any:
    """Return the nodes that the rule set would choose for five pots and forty teas, which no node has whole."""
    return tried(world, sent, {**_TEA, "quantity": 25}, {**_POT, "quantity": 25})


def lived(world: World, sent: Doc) -> Any:
    """Return an order for more units than there are, in the days after it was placed under the rule set."""
    order_id = begun(world, {**_POT, "quantity": 60}, tags=())
    line = {"line": 1, "sku": "POT-001", "node_id": "dc-2", "quantity": 100, "eta": "2026-11-24"}
    body = {"supply_id": "po-1", "reference": "r-1", "action": "CREATE", "type": "PURCHASE_ORDER", "lines": [line]}
    assert world.call("POST", "/v1/stock/supplies", body, who="office").status == 200
    assert world.call("PUT", "/v1/rule-sets/other", sent, who="office").status == 201
    assert world.call("POST", "/v1/rule-sets/other/activate", {"version": 1}, who="office").status == 200
    packs.rebuild_all({directory.RULE_SET: ["other"]})
    directory.forget()
    world.settle()
    order = world.order(order_id)
    return [[line["allocations"], line["cancel_on"], line["waits_in"]] for line in order["lines"]], [
        {**work, "fulfillment_id": None} for work in order["fulfillments"]
    ]


@dataclass(frozen=True)
class Row:
    """Another value of a field, the rule set in which it stands, and the sight of its effect or the pointer of its refusal."""

    value: Any
    sent: Doc = None  # type: ignore[assignment]  # EVERYTHING
    seen: Eye | str = tried


_LINES = {
    "skus": ["POT-001"],
    "categories": ["Books"],
    "classes": ["other"],
    "tags": ["other"],
    "requires": ["dry"],
    "services": ["STANDARD"],
}


def _without(of: str, *words: str) -> Doc:
    """Return the rule set without these fields of the first rule."""
    first, *others = EVERYTHING["rules"]
    kept = {word: value for word, value in first[of].items() if word not in words}
    return {**EVERYTHING, "rules": [{**first, of: kept}, *others]}


def _alone(**nodes: Any) -> Doc:
    """Return a rule set with a filter that excludes Chicago alone."""
    last = {"name": "near", "rank": ["distance"]}
    return {
        "name": "One",
        "rules": [{"name": "far", "nodes": nodes, "rank": ["distance"], "rest": {"then": "next"}}, last],
    }


ROWS: Mapping[str, Row] = {
    "applies_to.method": Row("PICKUP", seen="/applies_to/method"),
    "applies_to.sellers": Row(["outlet"]),
    "applies_to.sourcing_classes": Row(["other"]),
    "applies_to.skus": Row(["POT-001"]),
    "applies_to.category_1": Row(["Books"]),
    "applies_to.category_2": Row(["Books"]),
    "applies_to.category_3": Row(["Books"]),
    "applies_to.regions": Row(["US-NY"]),
    "rules.name": Row("near", seen="/rules/1/name"),
    "rules.when.channels": Row(["outlet"]),
    "rules.when.sourcing_classes": Row(["other"]),
    "rules.when.countries": Row(["CA"], seen="/rules/0/when/countries/0"),
    "rules.when.regions": Row(["US-NY"]),
    "rules.when.tags": Row(["other"]),
    "rules.when.value_from.amount": Row(3_001, _without("when", "value_below")),
    "rules.when.value_from.currency": Row("EUR", _without("when", "value_below")),
    "rules.when.value_below.amount": Row(3_000, _without("when", "value_from")),
    "rules.when.value_below.currency": Row("EUR", _without("when", "value_from")),
    "rules.when.priority_up_to": Row(3),
    **{f"rules.when.any_line.{word}": Row(value) for word, value in _LINES.items()},
    **{f"rules.when.all_lines.{word}": Row(value, _without("when", "any_line")) for word, value in _LINES.items()},
    "rules.when.from_day": Row("2026-11-20"),
    "rules.when.to_day": Row("2026-11-18"),
    "rules.nodes.types": Row(["STORE"]),
    "rules.nodes.groups": Row(["middle"]),
    "rules.nodes.nodes": Row(["dc-1"], _without("nodes", "not_nodes", "groups")),
    "rules.nodes.not_nodes": Row(["dc-2"], _without("nodes", "nodes")),
    "rules.nodes.tags": Row(["dry"], _alone(tags=["cold"])),
    "rules.nodes.max_km": Row(100),
    "rules.nodes.capacity_left": Row(5_000, LIMITED),
    "rules.nodes.min_stock": Row(50),
    "rules.nodes.pickup": Row(False, _alone(nodes=["dc-2", "store-1"], pickup=True)),
    "rules.rank": Row(["priority"], _rule(rank=["distance"])),
    **{
        f"rules.optimise.weights.{part}": Row(10_000, WEIGHED)
        for part in ("stockout", "markdown", "performance", "price")
    },
    **{f"rules.optimise.weights.{part}": Row(10_000, SCARCE) for part in ("shipping", "handling", "carbon")},
    "rules.optimise.weights.capacity": Row(10_000, WEIGHED, busy),
    "rules.optimise.weights.lateness": Row(10_000, SCARCEST, slowly),
    "rules.splits.most": Row(1, SPLIT, parts),
    "rules.splits.complete": Row("line", COMPLETE, parts),
    "rules.splits.min_value.amount": Row(90_000, SPLIT, parts),
    "rules.splits.min_value.currency": Row("EUR", _rule(rank=["distance"], splits={"min_value": usd(90_000)}), parts),
    "rules.rest.then": Row("routing", _rule(rank=["distance"], rest={"then": "backorder"}), lived),
    "rules.rest.future_days": Row(20, _rule(rank=["distance"], rest={"future_days": 1}), lived),
    # Before the order's deliver_by ends the wait.
    "rules.rest.cancel_after_days": Row(1, _rule(rank=["distance"], rest={"cancel_after_days": 3}), lived),
    "rules.release": Row("wave", _rule(rank=["distance"], release="now"), lived),
}


def test_every_field_of_a_rule_set_has_a_row_here() -> None:
    assert set(fields_of(RuleSet)) == {*ROWS, "name", "description"}  # which planners read


def test_every_field_of_a_rule_set_is_used_or_refused_by_name(world: World) -> None:
    before: dict[str, Any] = {}
    unused, unnamed = [], []
    for path, row in ROWS.items():
        sent = row.sent or EVERYTHING
        other = changed(sent, path, row.value)
        if isinstance(row.seen, str):
            at_once(world)
            refused = world.call("PUT", "/v1/rule-sets/other", other, who="office")
            if refused.status != 422 or row.seen not in [at for at, _ in refused.errors]:
                unnamed.append((path, refused.status, refused.body))
            continue
        key = json.dumps([row.seen.__name__, sent])
        if key not in before:
            before[key] = row.seen(world, sent)
        if row.seen(world, other) == before[key]:
            unused.append(path)
    assert (unused, unnamed) == ([], [])
