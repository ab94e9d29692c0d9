"""Test the actual cost of shipments: by their labels, else by the packages that were sent."""

from dataclasses import replace

from comanda.domain.evaluation.actual_cost import ActualCost, actual_costs
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.routing.route import route
from comanda.domain.scheduling.schedule import schedule
from comanda.domain.shipping.carriers import Service
from tests.builders import NOW, a_line, a_package, a_position, a_shipment, a_step, an_order, placed, saved
from tests.domain.models.journeys import a_carrier, a_service, a_shop
from tests.domain.models.routings import a_routing

ROAD = a_carrier(a_service(base=5_000_000, per_kg=1_000_000))
BY_ID = {ROAD.carrier_id: ROAD}


def sent(*packages, units=2):
    """Return (order, decisions): two units were routed to a node, and so many left in these packages."""
    order = placed(an_order(a_line("TEA", 2)))
    order = replace(order, lines=tuple(replace(line, weight_g=500) for line in order.lines))
    positions = [a_position("TEA", "dc-1")]
    plan = route(order, a_routing(a_shop(), positions=positions, carriers=(ROAD,)), NOW)
    order = saved(schedule(order, plan, positions, NOW))
    return saved(ship(order, a_step(l1=units), a_shipment("S1", *packages))), [plan.decision]


def test_the_cost_of_labels_goes_before_the_price_of_cards():
    order, decisions = sent(a_package("P1", ("1", 1), label_cost=735), a_package("P2", ("1", 1), label_cost=100))

    assert actual_costs(order, decisions, BY_ID, {}) == [
        ActualCost(node="dc-1", priced=6_000_000, labels=8_350_000, repriced=11_000_000)
    ]
    (in_yen,) = actual_costs(order, decisions, BY_ID, {}, digits=0)
    assert in_yen.labels == 835_000_000


def test_what_carriers_billed_counts_when_every_parcel_was_billed():
    parcels = [a_package(f"P{n}", ("1", 1), label_cost=100, tracking_number=f"1Z {n}") for n in (1, 2)]
    order, decisions = sent(*parcels)

    def billed(bills):
        (found,) = actual_costs(order, decisions, BY_ID, {}, bills=bills)
        return found.billed

    assert billed({(1, "1Z1"): 735, (1, "1Z2"): 100}) == 8_350_000
    assert billed({(1, "1Z1"): 735}) is None
    assert billed({}) is None


def test_without_all_labels_the_packages_are_priced_by_their_weight_or_contents():
    order, decisions = sent(a_package("P1", ("1", 1), weight_g=700), a_package("P2", ("1", 1), label_cost=100))

    (found,) = actual_costs(order, decisions, BY_ID, {})

    assert (found.labels, found.repriced) == (None, 5_000_000 * 2 + 700_000 + 500_000)


def test_an_unknown_cost_is_not_guessed():
    of_nothing, decisions = sent(a_package("P1"))
    (found,) = actual_costs(of_nothing, decisions, BY_ID, {})
    assert (found.labels, found.repriced) == (None, None)

    gone = {"road-1": replace(ROAD, services={"EXPRESS": Service(service="EXPRESS", mode="AIR", g_per_tonne_km=1)})}
    order, decisions = sent(a_package("P1", ("1", 2)))
    assert actual_costs(order, decisions, gone, {})[0].repriced is None
    assert actual_costs(order, [{**decisions[0], "currency": "EUR"}], BY_ID, {}) == []


def test_a_part_of_the_decided_units_is_not_compared_with_the_whole_price():
    order, decisions = sent(a_package("P1", ("1", 1), label_cost=735), units=1)

    assert actual_costs(order, decisions, BY_ID, {}) == []
