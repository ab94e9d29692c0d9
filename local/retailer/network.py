"""
Describe the retailer's nodes: distribution centres, stores, a vendor, their calendars and the carriers' files.

Called by   local/seed.py, local/demo.py, the other modules of local/retailer, bench
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import holidays

YEARS = (2026, 2027)
WAREHOUSE, STORE, VENDOR = "WAREHOUSE", "STORE", "VENDOR"

# Local opening hours by type, on weekdays 0 (Monday) to 6.
HOURS = {
    WAREHOUSE: [(day, "05:00", "23:00") for day in range(7)],
    STORE: [(day, "08:00", "22:00") for day in range(6)] + [(6, "09:00", "20:00")],
    VENDOR: [(day, "07:00", "19:00") for day in range(6)],
}
# Minutes to answer an offer, and then to ship.
DEADLINES = {WAREHOUSE: (240, 1440), STORE: (120, 1440), VENDOR: (480, 2880)}
# Minutes of open time until goods are packed, and the local time after which work on an order begins on the next working day.
WORK = {WAREHOUSE: (120, "15:00"), STORE: (60, None), VENDOR: (480, "12:00")}
# A planner's order of preference, and the percentage of offers that such a node accepts.
PRIORITY = {WAREHOUSE: 1, STORE: 5, VENDOR: 3}
ACCEPTS = {WAREHOUSE: 100, STORE: 94, VENDOR: 98}
# Types of nodes that keep food cold, and stores that may send goods that burn. Every counter may hand both over.
COLD = (WAREHOUSE, STORE)
HAZMAT_STORES = frozenset(
    f"store-{city}"
    for city in (
        *("new-york", "atlanta", "chicago", "indianapolis", "minneapolis", "dallas", "phoenix", "los-angeles"),
        *("sao-paulo", "curitiba"),
    )
)
# The 3PL's price list, where it differs from the costs of our own warehouses.
HANDLING = {"dc-west": {"per_package_micros": 1_150_000, "per_unit_micros": 180_000}}
AREAS = {
    "America/New_York": "us-east",
    "America/Chicago": "us-central",
    "America/Denver": "us-mountain",
    "America/Phoenix": "us-mountain",
    "America/Los_Angeles": "us-west",
    "America/Sao_Paulo": "brasil",
}
# Carriers rest on Sundays and on public holidays, which the directory adds for the years to come.
CARRIERS = {"US": "America/New_York", "BR": "America/Sao_Paulo"}


CARRIER_FILES = Path(__file__).with_name("carriers")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A row of places.csv: a node with its city."""

    id: str
    type: str
    city: str
    region: str
    country: str
    latitude: float
    longitude: float
    timezone: str
    partner: str | None

    @property
    def groups(self) -> list[str]:
        return [AREAS.get(self.timezone, "us-east"), f"{self.type.lower()}s"]

    @property
    def tags(self) -> list[str]:
        hazmat = self.type == WAREHOUSE or self.id in HAZMAT_STORES
        return [*(["cold"] if self.type in COLD else []), *(["hazmat"] if hazmat else [])]

    @property
    def calendar(self) -> str:
        return f"{self.country}-{self.type}-{self.timezone.rsplit('/', 1)[-1]}".lower().replace("_", "-")


@cache
def places() -> tuple[Place, ...]:
    with Path(__file__).with_name("places.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Place(
                **row
                | {
                    "latitude": float(row["latitude"]),
                    "longitude": float(row["longitude"]),
                    "partner": row["partner"] or None,
                }
            )
            for row in csv.DictReader(file)
        )


def stores(country: str) -> tuple[Place, ...]:
    return tuple(place for place in places() if place.type == STORE and place.country == country)


def calendars() -> dict[str, dict[str, Any]]:
    """Return a calendar for each type of node in each time zone, and one for the carriers of each country."""
    of_carriers = {
        f"{country.lower()}-carriers": {
            "name": f"{country} carriers",
            "timezone": timezone,
            "hours": [{"weekday": day, "opens": "06:00", "closes": "22:00"} for day in range(6)],
            "closed": [],
            "holidays": {"country": country},
        }
        for country, timezone in CARRIERS.items()
    }
    return of_carriers | {
        place.calendar: {
            "name": f"{place.country} {place.type.lower()}s, {place.timezone}",
            "timezone": place.timezone,
            "hours": [{"weekday": day, "opens": opens, "closes": closes} for day, opens, closes in HOURS[place.type]],
            "closed": sorted(_closed(place.country, place.type)),
        }
        for place in places()
    }


@cache
def _closed(country: str, kind: str) -> frozenset[str]:
    """Return the closed days: every public holiday for warehouses and vendors, Christmas and New Year for stores."""
    public = holidays.country_holidays(country, years=YEARS)
    days = {day.isoformat() for day in public if kind != STORE or (day.month, day.day) in ((12, 25), (1, 1))}
    return frozenset(days)


def nodes() -> dict[str, dict[str, Any]]:
    out: dict[str, dict[str, Any]] = {}
    for place in places():
        accept, ship = DEADLINES[place.type]
        processing, cut_off = WORK[place.type]
        node: dict[str, Any] = {
            "type": place.type,
            "name": f"{place.city} {place.type.lower()}",
            "country": place.country,
            "latitude": place.latitude,
            "longitude": place.longitude,
            "calendar": place.calendar,
            "ship": True,
            "pickup": place.type == STORE,
            "accept_minutes": accept,
            "ship_minutes": ship,
            "city": place.city,
            "region": place.region,
            "processing_minutes": processing,
            "groups": place.groups,
            "tags": place.tags,
            "priority": PRIORITY[place.type],
            "acceptance_percent": ACCEPTS[place.type],
        }
        extra = {"partner_id": place.partner, "cut_off": cut_off, "handling": HANDLING.get(place.id)}
        out[place.id] = node | {name: value for name, value in extra.items() if value}
    return out
