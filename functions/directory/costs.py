"""
What strangers may send of costs: a carrier's rate card, and the rates that routes are weighed by. docs/costs.md says what each
one means.

Called by   functions/directory/handler.py; local/answers
Returns     pydantic models; amounts are micro-units of a currency
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from comanda.aws.contracts import Contract, Currency, Day, Id
from functions.directory.carriers import Micros, Prefix, Region, ServiceName
from functions.directory.contract import Text, Units

type ZoneName = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,32}$")]
type Grams = Annotated[int, Field(ge=1, le=100_000_000)]
type NodeType = Literal["WAREHOUSE", "STORE", "VENDOR"]


class RateStep(Contract):
    """A parcel of up to so many billable grams, these included."""

    up_to_g: Grams
    micros: Micros


class RateZone(Contract):
    """Steps of weight, both columns rising, and for each started kilogram above the last."""

    steps: Annotated[list[RateStep], Field(min_length=1, max_length=300)]
    per_kg_micros: Micros = 0

    @model_validator(mode="after")
    def _steps_rise(self) -> "RateZone":
        grams, micros = [step.up_to_g for step in self.steps], [step.micros for step in self.steps]
        if grams != sorted(set(grams)) or micros != sorted(micros):
            raise ValueError("steps rise in weight, and never fall in price")
        return self


class RateBand(Contract):
    """The zone of a lane that no row names. `up_to_km` null is the last band: every lane has a zone."""

    up_to_km: Annotated[int, Field(ge=1, le=30_000)] | None = None
    zone: ZoneName


class RateLane(Contract):
    """Zones from one region to others, and to postal codes that begin so, which go before the region."""

    origin: Region
    regions: dict[Region, ZoneName] = Field(default_factory=dict, max_length=500)
    postal: dict[Prefix, ZoneName] = Field(default_factory=dict, max_length=5_000)


class RateCard(Contract):
    """What a carrier charges for a service, from the UTC day `valid_from` until `valid_until`, which is not included. Of two
    cards that hold on a day the one that began last wins, then the first by id. `dim_divisor`: cm3 a kilogram, which is mm3
    a gram."""

    name: Text
    carrier: Id
    service: ServiceName
    currency: Currency
    valid_from: Day
    valid_until: Day | None = None
    dim_divisor: Annotated[int, Field(ge=100, le=100_000)] | None = None  # null: only weight counts
    round_up_g: Annotated[int, Field(ge=1, le=10_000)] = 1
    per_package_micros: Micros = 0
    fuel_basis_points: Annotated[int, Field(ge=0, le=20_000)] = 0  # 1825 is 18.25 %
    zones: Annotated[dict[ZoneName, RateZone], Field(min_length=1, max_length=100)]
    bands: Annotated[list[RateBand], Field(min_length=1, max_length=50)]
    lanes: list[RateLane] = Field(default_factory=list, max_length=500)

    @model_validator(mode="after")
    def _bands_rise_to_the_end(self) -> "RateCard":
        ends = [band.up_to_km for band in self.bands]
        known = [end for end in ends[:-1] if end is not None]
        if ends[-1] is not None or len(known) < len(ends) - 1 or known != sorted(set(known)):
            raise ValueError("bands rise, and the last one, and only that, has no up_to_km")
        return self

    @model_validator(mode="after")
    def _one_lane_an_origin_and_a_day_to_hold(self) -> "RateCard":
        if len({lane.origin for lane in self.lanes}) < len(self.lanes):
            raise ValueError("names an origin twice")
        if self.valid_until is not None and self.valid_until <= self.valid_from:
            raise ValueError("ends before it holds for a day")
        return self


class Handling(Contract):
    """What a node's own work costs."""

    per_package_micros: Micros = 0
    per_unit_micros: Micros = 0


class Level(Contract):
    """So many micro-units a unit, from or up to so many units on the shelf."""

    micros: Micros
    units: Units


class RoutingCosts(Contract):
    """What routes are weighed by, beside what carriers charge; docs/costs.md says what each rate means."""

    per_shipment_micros: Micros = 8_000_000
    per_km_micros: Micros = 1_000
    per_pickup_micros: Micros = 2_000_000
    per_day_micros: Micros = 1_000_000
    per_kg_co2e_micros: Micros = 100_000
    per_late_day_micros: Micros = 3_000_000
    wave_least_micros: Micros = 500_000
    full_node_micros: Micros = 0
    redo_micros: Micros = 2_000_000
    handling: dict[NodeType, Handling] = Field(default_factory=dict)
    last_units: dict[NodeType, Level] = Field(default_factory=dict)
    overstock: dict[NodeType, Level] = Field(default_factory=dict)
