"""Test addresses without a known location, which are the farthest, and carriers of military post."""

from dataclasses import replace

from comanda.domain.orders.destination import Destination
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Rules
from comanda.domain.routing.reachable import ReachableNetwork
from comanda.domain.routing.route import route
from comanda.domain.shipping.carriers import UNPLACED, Carrier, Service
from comanda.domain.shipping.rate_cards import RateCard, Tariff
from tests.builders import NOW, a_line, a_node, a_position, an_order, placed
from tests.domain.models.journeys import EVERY_DAY, a_calendar

CARD = RateCard(
    card_id="c",
    version=1,
    currency="USD",
    zones={name: Tariff(steps=((1_000, micros),)) for name, micros in (("near", 1), ("far", 5), ("beyond", 9))},
    bands=((100, "near"), (None, "far")),
    regions={("IL", "HI"): "beyond"},
)
SERVICE = Service(
    service="STANDARD", mode="ROAD", g_per_tonne_km=1, bands=((100, 1), (None, 5)), regions={("IL", "HI"): 9, ("IL", "AE"): 14}, card=CARD
)  # fmt: skip


def test_an_unknown_place_has_the_slowest_transit_and_the_dearest_zone():
    assert SERVICE.days("IL", "", "", 10.0, placed=False) == (14, UNPLACED)
    assert SERVICE.days("OH", "", "", 10.0, placed=False) == (5, UNPLACED)
    assert SERVICE.days("IL", "HI", "", 10.0, placed=False) == (9, None)  # a row names it
    assert CARD.zone("IL", "", "", 10.0, placed=False) == "beyond"
    assert CARD.zone("IL", "", "", 10.0) == "near"


def test_only_a_carrier_with_a_lane_to_it_serves_military_post():
    assert SERVICE.serves("US", "AE")
    assert SERVICE.serves("US", "NY")
    assert not SERVICE.serves("US", "AP")
    assert SERVICE.serves("BR", "AP")  # Amapá


def test_no_node_is_at_the_door_of_an_unknown_place():
    network = ReachableNetwork((), (a_node(),), Destination(country="US"), Rules(), NOW)

    assert not network.placed
    assert set(network.km.values()) == {9_000.0}


def _to_military(region):
    order = replace(
        an_order(a_line("TEA", 1)), destination=Destination(country="US", region=region, postal_prefix="090")
    )
    served = replace(SERVICE, card=None, bands=((None, 2),), regions={("IL", "AE"): 14})
    carrier = Carrier(
        carrier_id="c", country="US", calendar=a_calendar("America/Chicago", EVERY_DAY), services={"STANDARD": served}
    )
    node = a_node(region="IL", calendar=a_calendar("America/Chicago", EVERY_DAY))
    world = RouterInputs(positions=(a_position("TEA", "dc-1"),), nodes=(node,), carriers=(carrier,))
    return route(placed(order), world, NOW)


def test_military_post_goes_with_the_lane_that_names_it_and_waits_for_a_person_where_none_does():
    there, nowhere = _to_military("AE"), _to_military("AP")

    (sent,) = there.fulfillments
    assert sent.leg is not None
    assert (sent.leg.carrier, UNPLACED in sent.leg.guesses, "transit-by-distance" in sent.leg.guesses) == (
        "c",
        False,
        False,
    )
    assert nowhere.fulfillments == ()
    assert [(left.queue, left.reason) for left in nowhere.leftovers] == [("routing", "no-carrier-serves-it")]
