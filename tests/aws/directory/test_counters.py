"""A node is a counter for a channel if it hands over, in a country where the channel sells."""

import pytest

from comanda.aws.directory import counters

STORE = {"pickup": True, "country": "BR"}


@pytest.mark.parametrize(
    ("node", "countries", "code"),
    [
        (STORE, ["BR", "US"], None),
        (STORE, None, None),
        (None, ["BR"], "unknown-node"),
        ({"pickup": False, "country": "BR"}, ["BR"], "no-pickup"),
        (STORE, ["US"], "other-country"),
        (STORE, (), "other-country"),
    ],
)
def test_a_wrong_counter_is_a_problem_at_its_field(node, countries, code):
    found = counters.problem("/lines/0/fulfillment/node_id", "store-1", node, countries)

    assert (found.code if found else None) == code
    assert found is None or (found.pointer == "/lines/0/fulfillment/node_id" and "store-1" in found.message)
