"""
Price the router's figures by the example retailer's synthetic rate card and rates of routing. The card has the parts of real
ones: steps of weight, zones by distance, dimensional weight, fuel. Carriers do not publish theirs.
"""

from datetime import time
from functools import cache

from comanda.aws.directory.carriers import carrier
from comanda.aws.directory.routing_costs import costs_of
from comanda.domain.nodes.calendars import Calendar
from comanda.domain.routing.costs import Costs
from comanda.domain.shipping.carriers import Carrier
from local.retailer import rates

DAY = "2026-11-19"
ALWAYS = Calendar(timezone="America/Chicago", hours=tuple((day, time(0), time.max) for day in range(7)))
_CALENDAR = {
    "timezone": "America/Chicago",
    "hours": [{"weekday": day, "opens": "06:00", "closes": "22:00"} for day in range(6)],
    "closed": [],
}
CARTON_MM = (600, 400, 400)
MOST_G = 20_000


@cache
def a_carrier() -> Carrier:
    """Return a carrier by road, in cartons of 60 x 40 x 40 cm and 20 kg, with a van at both ends."""
    cards = [
        doc | {"id": name, "version": 1} for name, doc in rates.rate_cards().items() if doc["carrier"] == "northway"
    ]
    return carrier(
        {
            "id": "northway",
            "country": "US",
            "calendar": _CALENDAR,
            "services": [
                {
                    "service": "STANDARD",
                    "mode": "ROAD",
                    "g_co2e_per_tonne_km": 105,
                    "price": {"currency": "USD", "base_micros": 0, "per_km_micros": 0, "per_kg_micros": 0},
                    "max_package_g": MOST_G,
                    "carton": {"inside_mm": list(CARTON_MM)},
                    "bands": [{"up_to_km": 500, "days": 2}, {"up_to_km": 2_000, "days": 4}, {"days": 6}],
                }
            ],
            "cards": cards,
        },
        DAY,
    )


def costs() -> Costs:
    return costs_of("default", 1, rates.ROUTING_COSTS["default"])
