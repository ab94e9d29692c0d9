"""Carriers and holidays are kept by the directory's routes, packed by its stream, and read whole by the rooms that date a promise."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from comanda.aws.directory.carriers import carriers
from comanda.domain.nodes.calendars import works_on
from comanda.domain.shipping.carriers import Collection
from comanda.domain.shipping.cartons import Parcel
from tests.functions.world import ALWAYS, World

SERVICE: dict[str, Any] = {
    "service": "STANDARD",
    "mode": "ROAD",
    "g_co2e_per_tonne_km": 100,
    "source": "made up",
    "price": {"currency": "USD", "base_micros": 5_000_000, "per_km_micros": 900, "per_kg_micros": 100_000},
    "bands": [{"up_to_km": 300, "days": 1}, {"days": 5}],
    "lanes": [{"origin": "IL", "regions": {"NY": 3}, "postal": {"100": 2}}],
}
CARRIER: dict[str, Any] = {
    "name": "Road",
    "country": "US",
    "calendar": "always",
    "services": [SERVICE],
    "collections": [{"node_id": "dc-1", "weekday": 3, "at": "16:30", "cut_off_minutes": 30}],
}


def put(world: World, **changes: Any) -> Any:
    return world.call("PUT", "/v1/carriers/road", CARRIER | changes, who="office")


def test_a_new_carrier_is_read_whole_when_a_promise_is_dated(world: World):
    put(world)

    packed = packs.rebuild(("road",), directory.CARRIER)

    (road,) = carriers()
    offer = road.services["STANDARD"]
    assert packed == 1
    assert (road.carrier_id, road.calendar.timezone) == ("road", "America/Chicago")
    assert road.collections == {"dc-1": (Collection(weekday=3, at=time(16, 30), cut_off_minutes=30),)}
    assert [offer.days("IL", *lane) for lane in (("NY", "100", 9.0), ("NY", "104", 9.0), ("CA", "", 299.0))] == [
        (2, None),
        (3, None),
        (1, "transit-by-distance"),
    ]
    assert offer.quote((Parcel(grams=750, count=2),), "IL", "NY", "100", 100.0) == 10_000_000 + 90_000 + 150_000
    assert offer.max_package_g == 30_000


def test_without_any_carrier_the_list_is_empty(world: World):
    assert carriers() == ()


def test_a_pack_of_the_same_version_is_not_unpacked_twice(world: World):
    put(world)
    packs.rebuild(("road",), directory.CARRIER)
    before = carriers()

    directory._kept.clear()  # a minute passes
    same = carriers()
    put(world, name="Road and Rail")
    packs.rebuild((), directory.CARRIER)
    directory._kept.clear()

    assert same is before
    assert carriers() is not before


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"calendar": "moon"}, [("/calendar", "unknown-calendar")]),
        (
            {"collections": [{"node_id": "nowhere", "weekday": 1, "at": "10:00"}]},
            [("/collections/0/node_id", "unknown-node")],
        ),
        (
            {"collections": [{"node_id": "dc-1", "weekday": 7, "at": "25:00"}]},
            [("/collections/0/weekday", "less-than-equal"), ("/collections/0/at", "string-pattern-mismatch")],
        ),
        ({"services": []}, [("/services", "too-short")]),
        ({"services": [SERVICE, SERVICE]}, [("/services", "value-error")]),
        ({"services": [SERVICE | {"service": "TELEPORT"}]}, [("/services/0/service", "literal-error")]),
        ({"services": [SERVICE | {"bands": [{"up_to_km": 9, "days": 1}]}]}, [("/services/0/bands", "value-error")]),
        ({"services": [SERVICE | {"bands": [{"days": 1}, {"days": 2}]}]}, [("/services/0/bands", "value-error")]),
        (
            {"services": [SERVICE | {"lanes": [{"origin": "IL"}, {"origin": "IL"}]}]},
            [("/services/0/lanes", "value-error")],
        ),
        (
            {"services": [SERVICE | {"lanes": [{"origin": "IL", "regions": {"NY": -1}}]}]},
            [("/services/0/lanes/0/regions/NY", "greater-than-equal")],
        ),
    ],
)
def test_a_wrong_carrier_is_refused_with_all_its_errors_and_not_stored(world: World, changes: Any, errors: Any):
    reply = put(world, **changes)

    assert (reply.status, reply.errors) == (422, errors)
    assert world.call("GET", "/v1/carriers/road", who="office").status == 404


# Holidays


def test_a_calendar_that_names_holidays_is_closed_on_them_this_year_and_the_next_two(world: World):
    world.now = datetime(2026, 11, 19, 12, tzinfo=UTC)
    named = ALWAYS | {"holidays": {"country": "US"}, "closed": ["2026-11-20"]}

    world.call("PUT", "/v1/calendars/always", named, who="office")
    packs.rebuild(())
    directory.forget()

    calendar = directory.nodes()[0].calendar
    assert world.call("GET", "/v1/calendars/always", who="office").body["closed"] == ["2026-11-20"]
    assert {"2026-11-20", "2026-11-26", "2027-07-04", "2028-12-25"} <= calendar.closed
    assert not any(day.startswith(("2025", "2029")) for day in calendar.closed)
    assert not works_on(calendar, date(2026, 11, 26))


def test_regions_have_holidays_of_their_own(world: World):
    assert "2026-07-09" in packs.holidays("BR", "SP", (2026,))
    assert "2026-07-09" not in packs.holidays("BR", None, (2026,))


def test_a_year_later_the_same_calendar_has_the_next_years_days(world: World):
    world.call("PUT", "/v1/calendars/always", ALWAYS | {"holidays": {"country": "US"}}, who="office")
    packs.rebuild(())

    world.now = datetime(2027, 1, 1, 12, tzinfo=UTC)
    packs.rebuild(())  # what the daily schedule does
    directory.forget()

    assert "2029-12-25" in directory.nodes()[0].calendar.closed


@pytest.mark.parametrize(
    ("named", "pointer"),
    [({"country": "ZZ"}, "/holidays/country"), ({"country": "US", "region": "SP"}, "/holidays/region")],
)
def test_holidays_of_an_unknown_country_or_region_are_refused(world: World, named: Any, pointer: str):
    reply = world.call("PUT", "/v1/calendars/always", ALWAYS | {"holidays": named}, who="office")

    assert (reply.status, reply.errors) == (422, [(pointer, "unknown-holidays")])


def test_every_night_the_packs_of_nodes_and_carriers_get_the_days_of_the_year_to_come(world: World):
    world.call("PUT", "/v1/calendars/rest", ALWAYS | {"holidays": {"country": "US"}}, who="office")
    put(world, calendar="rest")
    packs.rebuild(("road",), directory.CARRIER)
    world.now = datetime(2027, 1, 1, 12, tzinfo=UTC)

    world.hops.invoke("daily", {})
    directory.forget()

    assert "2029-12-25" in carriers()[0].calendar.closed
