"""Test the demand by region, and its forecast."""

from dataclasses import replace
from datetime import date, timedelta

from comanda.domain.network_optimization.regional_demand import Region, RegionalDemand, fetched_at, forecast, horizons
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import Allocation
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.status import Status
from tests.builders import a_line, a_line_in, an_order

FRIDAY = date(2026, 11, 20)


def a_day(units, sku="TEA", region="US-IL"):
    return RegionalDemand(wanted={sku: {region: units}}, regions={region: Region(country="US", region="IL", orders=1)})


def test_a_day_is_expected_to_be_as_its_weekday_was_in_the_weeks_that_are_known():
    known = {FRIDAY - timedelta(days=7 * week): a_day(units) for week, units in enumerate((2, 4, 6, 8), 1)}
    known |= {FRIDAY + timedelta(days=1 - 7): a_day(10)}  # one Saturday only

    found = forecast(known, FRIDAY, {}, ["TEA"])

    assert found.wanted == {"TEA": {"US-IL": 15.0}}


def test_stock_must_last_until_the_next_supply_but_no_longer_than_a_week():
    supplies = {"TEA": "2026-11-22", "CUP": "2026-12-24", "POT": "2026-11-19"}
    known = {FRIDAY + timedelta(days=n - 7): a_day(1) for n in range(7)}

    found = horizons(supplies, FRIDAY)

    assert found == {"TEA": 2, "CUP": 7, "POT": 1}
    assert forecast(known, FRIDAY, found, ["TEA", "CUP"]).wanted == {"TEA": {"US-IL": 2.0}}
    assert forecast(known, FRIDAY, {}, ["CUP"]).wanted == {}


def test_an_order_adds_demand_to_its_region_and_for_pickups_to_its_store():
    found = RegionalDemand()
    order = an_order(a_line("TEA", 2), a_line("CUP", 1, method=PICKUP, node="store-7"))

    for latitude in (41.0, 42.0):
        to = Destination(country="US", region="IL", latitude=latitude, longitude=-88.0)
        found.add_order(replace(order, destination=to))
    found.add_order(replace(order, destination=Destination(country="BR", latitude=-23.4, longitude=-46.6)))
    found.add_order(replace(order, destination=Destination(country="BR", region="SP")))

    assert found.wanted == {"TEA": {"US-IL": 4, "BR--23:-47": 2, "BR-SP": 2}, "CUP": {"@store-7": 4}}
    assert found.regions["US-IL"].middle == (41.5, -88.0)
    assert found.regions["BR-SP"].middle is None
    assert [fetched_at(name) for name in found.wanted["CUP"]] == ["store-7"]
    assert fetched_at("US-IL") is None


def test_only_units_without_a_node_are_waiting_demand():
    backordered = Allocation(quantity=2, status=Status.BACKORDERED)
    scheduled = Allocation(quantity=3, status=Status.SCHEDULED, node="dc-1")
    found = RegionalDemand()

    found.add_waiting(an_order(a_line_in(backordered, scheduled, sku="TEA")))
    found.add_waiting(an_order(a_line_in(scheduled, sku="CUP")))

    assert {sku: sum(of.values()) for sku, of in found.wanted.items()} == {"TEA": 2}
