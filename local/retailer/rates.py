"""
Make the retailer's costs: rate cards of its carriers, and the rates by which routes are compared.

The prices are synthetic: no carrier publishes them. Zones are the usual bands of distance of parcel carriers (150, 300, 600,
1,000, 1,400 and 1,800 miles). Prices come from one formula and are rounded to cents, so they rise with weight and distance.

Called by   local/seed.py, bench
"""

from dataclasses import dataclass
from typing import Any

CENT = 10_000  # micro-units
FROM = "2026-01-01"

# The upper limit of each step in grams: every half kilogram at first, then every kilogram, then every five.
STEPS = (*range(500, 5_001, 500), *range(6_000, 15_001, 1_000), 20_000, 25_000, 30_000)
# Zones by distance: the number of each, its upper limit in km, and the distance in km for which its price is computed.
ZONES = (
    ("2", 240, 120),
    ("3", 480, 360),
    ("4", 965, 720),
    ("5", 1_610, 1_290),
    ("6", 2_250, 1_930),
    ("7", 2_900, 2_570),
    ("8", None, 3_500),
)
# The zone of regions over water or up the Amazon, and the km for which it is priced from every warehouse.
BEYOND, BEYOND_KM = "9", 6_000
FARTHEST = {"northway": ("AK", "HI", "PR"), "cometa": ("AC", "AM", "AP", "PA", "RO", "RR")}
# Military and diplomatic post goes to a port of the country, at the price of the country's furthest zone.
MILITARY = {"northway": ("AA", "AE", "AP"), "cometa": ()}
ORIGINS = {"northway": ("NV", "OH", "TX"), "cometa": ("SP",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """The inputs of a card's prices: cents for a parcel and a kilogram, and for each of both and 100 km."""

    carrier: str
    service: str
    currency: str
    parcel: int
    kilogram: int
    parcel_far: int
    kilogram_far: int
    fuel_basis_points: int


_MADE = (
    _Made(
        carrier="northway",
        service="STANDARD",
        currency="USD",
        parcel=480,
        kilogram=28,
        parcel_far=6,
        kilogram_far=2,
        fuel_basis_points=1_250,
    ),
    _Made(
        carrier="northway",
        service="EXPRESS",
        currency="USD",
        parcel=1_330,
        kilogram=150,
        parcel_far=30,
        kilogram_far=4,
        fuel_basis_points=1_250,
    ),
    _Made(
        carrier="cometa",
        service="STANDARD",
        currency="BRL",
        parcel=1_520,
        kilogram=160,
        parcel_far=50,
        kilogram_far=8,
        fuel_basis_points=800,
    ),
    _Made(
        carrier="cometa",
        service="EXPRESS",
        currency="BRL",
        parcel=3_600,
        kilogram=700,
        parcel_far=120,
        kilogram_far=18,
        fuel_basis_points=800,
    ),
)


def rate_cards() -> dict[str, dict[str, Any]]:
    """Return a rate card for each service of each carrier, valid from the first day of the year."""
    return {f"{made.carrier}-{made.service.lower()}-2026": _card(made) for made in _MADE}


def _card(made: _Made) -> dict[str, Any]:
    return {
        "name": f"{made.carrier.title()} {made.service.lower()} 2026, synthetic",
        "carrier": made.carrier,
        "service": made.service,
        "currency": made.currency,
        "valid_from": FROM,
        "dim_divisor": 5_000,
        "round_up_g": 500,
        "per_package_micros": 15 * CENT,
        "fuel_basis_points": made.fuel_basis_points,
        "zones": {
            number: {
                "steps": [{"up_to_g": grams, "micros": _price(made, grams, km)} for grams in STEPS],
                "per_kg_micros": _per_kg(made, km) // 1000 * CENT,
            }
            for number, km in (*((number, km) for number, _, km in ZONES), (BEYOND, BEYOND_KM))
        },
        "bands": [{"zone": number, **({"up_to_km": up_to} if up_to else {})} for number, up_to, _ in ZONES],
        "lanes": [
            {"origin": origin, "regions": _zones(made.carrier), "postal": {}} for origin in ORIGINS[made.carrier]
        ],
    }


def _zones(carrier: str) -> dict[str, str]:
    return dict.fromkeys(FARTHEST[carrier], BEYOND) | dict.fromkeys(MILITARY[carrier], ZONES[-1][0])


def _price(made: _Made, grams: int, km: int) -> int:
    cents = made.parcel + made.parcel_far * km // 100 + _per_kg(made, km) * grams // 1_000_000
    return cents * CENT


def _per_kg(made: _Made, km: int) -> int:
    """Return the price of a kilogram in thousandths of a cent."""
    return made.kilogram * 1000 + made.kilogram_far * km * 10


def _costs(of_one: int) -> dict[str, Any]:
    """Return the routing costs. `of_one` is about how many micro-units of the currency are worth a dollar."""

    def micros(cents: int) -> int:
        return of_one * cents // 100

    return {
        "per_kg_co2e_micros": micros(10),  # 100 a tonne
        "per_late_day_micros": micros(300),
        "per_day_micros": micros(100),
        "per_pickup_micros": micros(200),
        "per_shipment_micros": micros(800),
        "full_node_micros": micros(25),
        "redo_micros": micros(200),
        "handling": {
            "WAREHOUSE": {"per_package_micros": micros(90), "per_unit_micros": micros(15)},
            "STORE": {"per_package_micros": micros(140), "per_unit_micros": micros(35)},
            "VENDOR": {"per_package_micros": micros(100), "per_unit_micros": micros(20)},
        },
        "last_units": {"STORE": {"micros": micros(60), "units": 4}},
        "overstock": {"WAREHOUSE": {"micros": micros(5), "units": 450}},
    }


ROUTING_COSTS: dict[str, dict[str, Any]] = {"default": _costs(1_000_000), "BR": _costs(5_000_000)}  # dollars, reais
