"""A destination has the time zone of its region, or of the nearest node."""

from zoneinfo import available_timezones

from comanda.domain.geography import time_zones
from tests.builders import CHICAGO, DENVER, NEW_YORK, a_node
from tests.domain.models.journeys import a_calendar


def test_a_destination_has_the_time_zone_of_its_region():
    assert time_zones.destination_zone("US", "ny", None, ()) == ("America/New_York", "region")
    assert time_zones.destination_zone("BR", "AM", None, ()) == ("America/Manaus", "region")
    assert set(time_zones.ZONE_BY_REGION.values()) <= available_timezones()
    assert len([region for country, region in time_zones.ZONE_BY_REGION if country == "BR"]) == 27


def test_a_region_without_a_zone_has_that_of_the_nearest_node_of_its_country():
    nodes = [
        a_node("denver", DENVER, calendar=a_calendar("America/Denver")),
        a_node("new-york", NEW_YORK, calendar=a_calendar("America/New_York")),
        a_node("abroad", CHICAGO, country="CA", calendar=a_calendar("America/Toronto")),
    ]

    assert time_zones.destination_zone("US", "??", (41.0, -80.0), nodes) == ("America/New_York", "nearest-node")
    assert time_zones.destination_zone("US", "", None, nodes) == ("America/Denver", "nearest-node")  # the first by id
    assert time_zones.destination_zone("US", "", None, ()) == ("UTC", "nearest-node")
