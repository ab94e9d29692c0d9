"""
Define the entries of costs: a carrier's rate card, and the rates by which routes are weighed.

Called by   functions/directory/handler.py; openapi
Returns     pydantic models; amounts are micro-units of a currency. docs/costs.md says what each of them means
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, field_validator

from comanda.aws.api.contracts import Contract, Currency, Day, Id, NamesOnce, TextOf, Title, ends_after_begin
from comanda.domain import text
from comanda.domain.routing.costs import Costs
from functions.directory.carriers import Micros, Prefix, Region, ServiceName, bands_in_order, one_lane_for_each_origin
from functions.directory.contract import Units

type ZoneName = Annotated[str, TextOf(text.ZONE)]
type Grams = Annotated[int, Field(ge=1, le=100_000_000)]
type NodeType = Literal["WAREHOUSE", "STORE", "VENDOR"]


class RateStep(Contract):
    """The price of a parcel of up to so many billable grams, these included."""

    up_to_g: Grams
    micros: Micros


def _steps_in_order(steps: list[RateStep]) -> list[RateStep]:
    grams, micros = [step.up_to_g for step in steps], [step.micros for step in steps]
    if grams != sorted(set(grams)) or micros != sorted(micros):
        raise ValueError("steps rise in weight, and never fall in price")
    return steps


class RateZone(Contract):
    """The prices of a zone: steps of weight, in rising order, and a price for each started kilogram above the last step."""

    steps: Annotated[list[RateStep], Field(min_length=1, max_length=300), AfterValidator(_steps_in_order)]
    per_kg_micros: Micros = 0


class RateBand(Contract):
    """The zone up to a distance, for lanes that no row names. `up_to_km` null is the last band, without an end."""

    up_to_km: Annotated[int, Field(ge=1, le=30_000)] | None = None
    zone: ZoneName


class RateLane(Contract):
    """The zones from one region to others, and to postal codes by their first characters. A postal code goes before its
    region."""

    origin: Region
    regions: Annotated[dict[Region, ZoneName], NamesOnce] = Field(default_factory=dict, max_length=500)
    postal: Annotated[dict[Prefix, ZoneName], NamesOnce] = Field(default_factory=dict, max_length=5_000)


class RateCard(Contract):
    """The prices of a carrier's service, from the UTC day `valid_from` until `valid_until`, which is not included. Of two
    cards that hold on a day, the one that began last wins, then the first by id. `dim_divisor` is in cm3 a kilogram, which is
    mm3 a gram."""

    name: Title
    carrier: Id
    service: ServiceName
    currency: Currency
    valid_from: Day
    valid_until: Day | None = None
    dim_divisor: Annotated[int, Field(ge=100, le=100_000)] | None = None  # null: only weight counts
    round_up_g: Annotated[int, Field(ge=1, le=10_000)] = 1
    per_package_micros: Micros = 0
    fuel_basis_points: Annotated[int, Field(ge=0, le=20_000)] = 0  # 1825 is 18.25 %
    zones: Annotated[dict[ZoneName, RateZone], Field(min_length=1, max_length=100), NamesOnce]
    bands: Annotated[list[RateBand], Field(min_length=1, max_length=50), AfterValidator(bands_in_order)]
    lanes: Annotated[list[RateLane], AfterValidator(one_lane_for_each_origin)] = Field(
        default_factory=list, max_length=500
    )

    _holds_for_a_day = field_validator("valid_until")(ends_after_begin)


class Handling(Contract):
    """The cost of a node's own work."""

    per_package_micros: Micros = 0
    per_unit_micros: Micros = 0


class Level(Contract):
    """A cost of each unit, in micro-units, from or up to so many units on the shelf."""

    micros: Micros
    units: Units


class LastUnits(Level):
    """A cost of each unit, in micro-units, up to so many units on the shelf. A level of 0 units would never hold."""

    units: Annotated[int, Field(ge=1, le=1_000_000)]


_DEFAULTS = Costs()


class RoutingCosts(Contract):
    """The rates by which routes are weighed, beside the prices of carriers. docs/costs.md says what each rate means."""

    per_shipment_micros: Micros = _DEFAULTS.per_shipment
    per_km_micros: Micros = _DEFAULTS.per_km
    per_pickup_micros: Micros = _DEFAULTS.per_pickup
    per_day_micros: Micros = _DEFAULTS.per_day
    per_kg_co2e_micros: Micros = _DEFAULTS.per_kg_co2e
    per_late_day_micros: Micros = _DEFAULTS.per_late_day
    wave_least_micros: Micros = _DEFAULTS.wave_least
    full_node_micros: Micros = _DEFAULTS.full_node
    redo_micros: Micros = _DEFAULTS.redo
    handling: dict[NodeType, Handling] = Field(default_factory=dict)
    last_units: dict[NodeType, LastUnits] = Field(default_factory=dict)
    overstock: dict[NodeType, Level] = Field(default_factory=dict)
