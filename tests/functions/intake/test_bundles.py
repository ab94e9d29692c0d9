"""A bundle is placed with its components, or refused with the field of each mistake; its sets are cancelled and held."""

from collections.abc import Callable
from typing import Any

import pytest

from comanda.aws.directory import directory
from tests.functions.world import World, a_body, a_set, usd
from tests.invariants import broken

Lines = list[dict[str, Any]]


def spoiled(n: int, **fields: Any) -> Callable[[Lines], None]:
    """Set fields of line n, and remove those that are None."""

    def spoil(lines: Lines) -> None:
        lines[n].update(fields)
        for name in [name for name, value in fields.items() if value is None]:
            del lines[n][name]

    return spoil


def without(*places: int) -> Callable[[Lines], None]:
    def spoil(lines: Lines) -> None:
        lines[:] = [line for n, line in enumerate(lines) if n not in places]

    return spoil


# (what is wrong with the lines [tea, bundle, pot, cup], how, where it is named, its code)
MISTAKES: tuple[tuple[str, Callable[[Lines], None], str, str], ...] = (
    ("no components", without(2, 3), "/lines/1", "no-components"),
    ("no parent", spoiled(2, parent_line_id=None), "/lines/2/parent_line_id", "missing"),
    ("an unknown parent", spoiled(2, parent_line_id="x"), "/lines/2/parent_line_id", "unknown-line"),
    ("a product as a parent", spoiled(2, parent_line_id="1"), "/lines/2/parent_line_id", "not-a-bundle"),
    ("a component as a parent", spoiled(2, parent_line_id="b2"), "/lines/2/parent_line_id", "not-a-bundle"),
    ("itself as a parent", spoiled(2, parent_line_id="b1"), "/lines/2/parent_line_id", "not-a-bundle"),
    ("a bundle in a bundle", spoiled(1, parent_line_id="b"), "/lines/1/parent_line_id", "not-a-component"),
    ("a product in a bundle", spoiled(0, parent_line_id="b"), "/lines/0/parent_line_id", "not-a-component"),
    ("a product with a ratio", spoiled(0, ratio=1), "/lines/0/ratio", "not-a-component"),
    ("a product with a share of 0", spoiled(0, price_share=0), "/lines/0/price_share", "not-a-component"),
    ("a bundle with a share", spoiled(1, price_share=0), "/lines/1/price_share", "not-a-component"),
    ("no ratio", spoiled(2, ratio=None), "/lines/2/ratio", "missing"),
    ("no share", spoiled(2, price_share=None), "/lines/2/price_share", "missing"),
    ("a share in words", spoiled(2, price_share="0.6"), "/lines/2/price_share", "int-type"),
    ("a share above the whole", spoiled(2, price_share=1_000_001), "/lines/2/price_share", "less-than-equal"),
    ("shares of too little", spoiled(2, price_share=599_999), "/lines/1", "shares-do-not-add-up"),
    ("shares of too much", spoiled(2, price_share=600_001), "/lines/1", "shares-do-not-add-up"),
    ("a ratio of nothing", spoiled(2, ratio=0), "/lines/2/ratio", "greater-than-equal"),
    ("a ratio that does not fit", spoiled(3, ratio=1), "/lines/3/quantity", "does-not-fit-its-bundle"),
    ("units that make no set", spoiled(3, quantity=5), "/lines/3/quantity", "does-not-fit-its-bundle"),
    ("a priced component", spoiled(2, unit_price=usd(1)), "/lines/2/unit_price/amount", "priced-by-its-bundle"),
    ("a taxed component", spoiled(2, tax={"amount": usd(1)}), "/lines/2/tax/amount/amount", "priced-by-its-bundle"),
    (
        "a component with a discount",
        spoiled(2, discounts=[{"code": "X", "amount": usd(1)}]),
        "/lines/2/discounts/0/amount/amount",
        "priced-by-its-bundle",
    ),
    (
        "a faster component",
        spoiled(2, fulfillment={"service": "EXPRESS"}),
        "/lines/2/fulfillment/service",
        "mixed-bundle",
    ),
    (
        "a component for the counter",
        spoiled(2, fulfillment={"method": "PICKUP", "node_id": "store-1"}),
        "/lines/2/fulfillment/method",
        "mixed-bundle",
    ),
    (
        "a component in a group",
        spoiled(2, fulfillment={"group": "b"}),
        "/lines/2/fulfillment/group",
        "grouped-by-its-bundle",
    ),
    (
        "a bundle in a group",
        spoiled(1, fulfillment={"group": "b"}),
        "/lines/1/fulfillment/group",
        "grouped-by-its-bundle",
    ),
    ("a weighed bundle", spoiled(1, product={"weight_g": 5}), "/lines/1/product/weight_g", "not-taken"),
    ("a measured bundle", spoiled(1, product={"dims_mm": [1, 2, 3]}), "/lines/1/product/dims_mm", "not-taken"),
    ("a bundle that nobody knows", spoiled(1, sku="NOPE"), "/lines/1/sku", "unknown-sku"),
    ("a component that nobody knows", spoiled(2, sku="NOPE"), "/lines/2/sku", "unknown-sku"),
    ("a bundle's id twice", spoiled(2, line_id="b"), "/lines/2/line_id", "duplicate"),
    ("a component of another currency", spoiled(2, unit_price={"amount": 0, "currency": "EUR"}), "/lines/2/unit_price", "mixed-currencies"),
)  # fmt: skip


def test_a_wrong_bundle_is_refused_by_its_field_and_leaves_nothing(world: World, subtests: pytest.Subtests):
    before = world.tables()
    for what, spoil, pointer, code in MISTAKES:
        body = a_body(("TEA-001", 1), *a_set(2))
        spoil(body["lines"])

        reply = world.call("POST", "/v1/orders", body)

        with subtests.test(what):
            assert (reply.status, reply.problem) == (422, "invalid")
            assert (pointer, code) in reply.errors
    assert world.tables() == before


def test_every_mistake_of_a_bundle_is_named_at_once(world: World):
    body = a_body(*a_set(2))
    spoiled(1, ratio=3, price_share=1, unit_price=usd(5))(body["lines"])
    spoiled(2, parent_line_id=None)(body["lines"])

    errors = world.call("POST", "/v1/orders", body).errors

    assert {
        ("/lines/1/quantity", "does-not-fit-its-bundle"),
        ("/lines/1/unit_price/amount", "priced-by-its-bundle"),
        ("/lines/2/parent_line_id", "missing"),
        ("/lines/0", "shares-do-not-add-up"),
    } <= set(errors)


def test_a_bundle_is_shown_as_it_was_sent_with_its_sets_by_status(world: World):
    order = world.place_order(("TEA-001", 1), *a_set(2, tax={"rate": "0.1", "amount": usd(200)})).body

    tea, bundle, pot, cup = order["lines"]
    assert [line["line_id"] for line in order["lines"]] == ["1", "b", "b1", "b2"]
    assert (bundle["kind"], bundle["quantity"], bundle["sets"], bundle["allocations"]) == (
        "BUNDLE",
        2,
        {"CREATED": 2},
        [],
    )
    assert (bundle["unit_price"], bundle["tax"]["amount"], bundle["invoiced"]) == (usd(1000), usd(200), 0)
    assert (pot["parent_line_id"], pot["ratio"], pot["price_share"]) == ("b", 1, 600_000)
    assert (cup["quantity"], cup["unit_price"], cup["fulfillment"]["group"]) == (4, usd(0), None)
    assert "sets" not in tea
    assert "ratio" not in tea
    assert order["quantities"] == {"CREATED": 7}
    assert order["totals"]["total"] == usd(3200)


def test_a_component_goes_as_its_bundle_goes(world: World):
    at_store = {"method": "PICKUP", "node_id": "store-1"}

    order = world.place_order(*a_set(1, fulfillment=at_store), ship_to=None).body

    assert [line["fulfillment"]["node_id"] for line in order["lines"]] == ["store-1"] * 3
    assert order["destination"]["precision"] == "GIVEN"


def test_a_bundle_with_its_components_before_it_keeps_its_place(world: World):
    bundle, *components = a_set(1)

    order = world.place_order(*components, bundle).body

    assert [line["line_id"] for line in order["lines"]] == ["b1", "b2", "b"]


def test_the_largest_bundle_is_taken(world: World):
    parts = [("CUP-001", 1, 1_001)] * 998
    order = world.place_order(*a_set(1, 999_999, *parts, ("POT-001", 1, 1_000_000 - 998 * 1_001))).body

    assert len(order["lines"]) == 1_000
    assert order["totals"]["goods"] == usd(999_999)


def test_sets_are_cancelled_by_the_line_of_the_bundle(world: World):
    order_id = world.placed(("TEA-001", 1), *a_set(3))

    reply = world.change(order_id, "cancel", {"reason": "less", "lines": [{"line_id": "b", "quantity": 2}]}, who="shop")

    assert reply.status == 200
    assert reply.body["lines"][1]["sets"] == {"CREATED": 1, "CANCELLED": 2}
    assert reply.body["totals"]["total"] == usd(2000)
    world.settle()
    assert broken(world.tables()) == []


REFUSED_CANCELS: tuple[tuple[list[tuple[str, int]], int, str], ...] = (
    ([("b1", 1)], 409, "line b1 is a part of the bundle b: cancel whole sets of line b"),
    ([("b1", 1), ("b2", 1)], 409, "is a part of the bundle b"),
    ([("b", 4)], 409, "cannot cancel 4 sets, has 3"),
    ([("b", 1), ("b1", 1)], 422, "is a part of the bundle b, which stands here too"),
    ([("b", 1), ("b", 1)], 422, "b stands twice"),
)


def test_a_part_of_a_set_is_not_cancelled(world: World, subtests: pytest.Subtests):
    order_id = world.placed(*a_set(3))
    for lines, status, says in REFUSED_CANCELS:
        sent = [{"line_id": line_id, "quantity": n} for line_id, n in lines]

        reply = world.change(order_id, "cancel", {"reason": "less", "lines": sent}, who="shop")

        with subtests.test(says):
            assert reply.status == status
            assert says in str(reply.body)
    assert world.order(order_id)["quantities"] == {"CREATED": 9}


def test_a_channel_may_sell_the_components_singly(world: World):
    doc = {"name": "web", "currencies": ["USD"], "countries": ["US"], "locales": ["en-US"], "breakable": True}
    world.entry(directory.CHANNEL, "web", doc)
    directory.forget()
    order_id = world.placed(*a_set(3))

    reply = world.change(order_id, "cancel", {"reason": "x", "lines": [{"line_id": "b2", "quantity": 1}]}, who="shop")

    assert reply.status == 200
    assert reply.body["lines"][0]["sets"] == {"CREATED": 3}
    assert reply.body["totals"]["goods"] == usd(2800)


def test_a_hold_of_a_bundle_holds_its_components(world: World):
    world.hold_type("DAMAGED", queue="holds", level="line", blocks=["ship"], applies_when=None)
    order_id = world.placed(*a_set(1))

    reply = world.change(order_id, "holds", {"type": "DAMAGED", "reason": "look", "lines": ["b"]})

    assert reply.status in (200, 201), reply.body
    assert reply.body["holds"][0]["line_ids"] == ["b1", "b2"]


def test_sets_are_recalled_by_the_line_of_the_bundle(world: World):
    world.stocked("POT-001", dc_1=9)
    world.stocked("CUP-001", dc_1=9)
    order_id = world.placed(*a_set(3))
    world.settle()

    reply = world.change(order_id, "recall", {"reason": "change", "lines": [{"line_id": "b", "quantity": 2}]})

    assert reply.status == 200, reply.body
    assert reply.body["lines"][0]["sets"] == {"RELEASED": 1, "UNSCHEDULED": 2}
    assert reply.body["lines"][0]["breakable"] is False


def test_a_bundle_goes_to_an_address_of_its_own_with_all_its_components(world: World):
    for sku in ("TEA-001", "POT-001", "CUP-001"):
        world.stocked(sku, dc_1=9)
    there = {**a_body()["ship_to"], "name": "Grace", "line1": "9 Side St"}
    lines = [*a_set(2, ship_to=there), {"sku": "TEA-001", "quantity": 1}]

    order_id = world.placed(*lines)
    world.settle()

    order = world.order(order_id)
    assert sorted([x["line_id"] for x in f["lines"]] for f in order["fulfillments"]) == [["4"], ["b1", "b2"]]
    lines[1]["ship_to"] = a_body()["ship_to"]
    assert ("/lines/1/ship_to", "mixed-bundle") in world.place_order(*lines).errors
