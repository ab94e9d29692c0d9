"""An order leaves at each position the safety stock of its channel and methods."""

from dataclasses import replace

from comanda.domain.stock.plain_position import plain
from comanda.domain.stock.safety import Safety
from comanda.domain.stock.sellable import SafetyPolicies
from tests.builders import a_position

SKU = "TEA-001"
POLICIES = SafetyPolicies(
    products={SKU: {"safety": {"units": 2}, "safety_by_channel": {"outlet": {"units": 0}}}},
    nodes={"dc-1": {"type": "WAREHOUSE"}, "store-1": {"type": "STORE", "safety": {"units": 9}}},
)


def safety_of(policies, positions, channel="web", methods=("SHIP",)):
    return [position.safety for position in policies.with_safety(positions, channel, {SKU: methods})]


def test_an_order_leaves_the_safety_stock_of_its_channel():
    positions = [a_position(), plain(SKU, "dc-1", 10)]

    assert safety_of(POLICIES, positions) == [2, 2]
    assert safety_of(POLICIES, positions, channel="outlet") == [0, 0]


def test_a_node_without_a_level_of_the_sku_has_its_own():
    policies = replace(POLICIES, products={})

    assert safety_of(policies, [a_position(), a_position(node="store-1")]) == [0, 9]


def test_a_positions_own_level_counts_before_all_others_and_by_method():
    position = a_position(levels=(("PICKUP", Safety(units=5)), ("SHIP", Safety(units=1))))

    assert safety_of(POLICIES, [position]) == [1]
    assert safety_of(POLICIES, [position], methods=("SHIP", "PICKUP")) == [5]


def test_the_protected_units_of_another_channel_are_left_too():
    position = a_position(protected=(("outlet", 3),))

    assert safety_of(POLICIES, [position]) == [2 + 3]
    assert safety_of(POLICIES, [position], channel="outlet") == [0]


def test_the_safety_stock_of_a_hot_position_lies_in_its_first_lane_and_counts_the_units_of_all_lanes():
    policies = replace(POLICIES, products={SKU: {"safety": {"percent": 50}}})
    lanes = [a_position(on_hand=4, lanes=1), replace(a_position(on_hand=16), lane=1)]

    assert safety_of(policies, lanes) == [10, 0]
