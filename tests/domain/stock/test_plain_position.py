"""A position of which only the free units are known can be used wherever a whole position can."""

from dataclasses import fields, replace

from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.routing.reachable import units_now
from comanda.domain.stock import stock
from comanda.domain.stock.plain_position import plain
from comanda.domain.stock.sellable import SafetyPolicies
from comanda.domain.stock.stock import Position
from tests.builders import NOW


@given(st.integers(-5, 50))
def test_a_plain_position_has_the_available_units_of_a_whole_one(free):
    light, whole = plain("TEA", "dc-1", free), Position(sku="TEA", node="dc-1", free=free)

    assert all(getattr(light, field.name) == getattr(whole, field.name) for field in fields(Position))
    assert units_now(light, NOW) == units_now(whole, NOW) == max(0, free)
    assert stock.join_lanes([light, plain("POT", "dc-1", 1)])[0] is light


def test_a_changed_plain_position_becomes_whole():
    assert replace(plain("TEA", "dc-1", 5), safety=2) == Position(sku="TEA", node="dc-1", free=5, safety=2)


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from(("dc", "store", "safe", "new")), st.integers(0, 20))),
    st.sampled_from(
        ({}, {"safety": {"default": {"units": 2}}}, {"safety": {"node_types": {"STORE": {"percent": 50}}}})
    ),
    st.sampled_from(({}, {"A": {"safety": {"units": 3}}}, {"B": {"safety_by_channel": {"web": {"percent": 30}}}})),
    st.booleans(),
)
def test_safety_stock_is_kept_at_a_plain_position_as_at_a_whole_one(rows, policy, products, one_node_says_so):
    safe = {"safety": {"units": 4}} if one_node_says_so else {}
    nodes = {"dc": {"type": "WAREHOUSE"}, "store": {"type": "STORE"}, "safe": {"type": "STORE", **safe}}
    offers = SafetyPolicies(products=products, nodes=nodes, policy=policy)
    methods = dict.fromkeys("ABC", ("SHIP",))

    light = offers.with_safety([plain(*row) for row in rows], "web", methods)
    whole = offers.with_safety([Position(sku=sku, node=node, free=free) for sku, node, free in rows], "web", methods)

    assert [p.available for p in light] == [p.available for p in whole]
