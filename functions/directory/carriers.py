"""
Define the entry of a carrier: its services with prices and bands of distance, its lanes and its collections.

Called by   functions/directory/handler.py; openapi
Returns     pydantic models; a carrier has many lanes and collections, so those have few fields
"""

from typing import Annotated, Literal, Protocol

from pydantic import AfterValidator, Field, model_validator

from comanda.aws.api.contracts import (
    Clock,
    Contract,
    Country,
    Currency,
    Dims,
    Id,
    NamesOnce,
    TextOf,
    Title,
    TrackingStatus,
)
from comanda.domain import text

type Region = Annotated[str, TextOf(text.REGION_NAME)]
type Prefix = Annotated[str, TextOf(text.POSTAL_PREFIX)]
type TransitDays = Annotated[int, Field(ge=0, le=60)]
type Micros = Annotated[int, Field(ge=0, le=10**12)]
type FactorName = Annotated[str, TextOf(text.FACTOR)]
type TrackingUrl = Annotated[str, TextOf(text.TRACKING_URL)]
type ScanCode = Annotated[str, TextOf(text.SCAN_CODE)]
type ServiceName = Literal["STANDARD", "EXPRESS"]


class HasReach(Protocol):
    """A band of distance. `up_to_km` is None for the last band."""

    @property
    def up_to_km(self) -> int | None: ...


class HasOrigin(Protocol):
    """A lane. `origin` is the region where it begins."""

    @property
    def origin(self) -> str: ...


def bands_in_order[Reach: HasReach](bands: list[Reach]) -> list[Reach]:
    """Return the bands of distance. Raises ValueError if they do not rise, or if the last one has an end."""
    ends = [band.up_to_km for band in bands]
    known = [end for end in ends[:-1] if end is not None]
    if ends[-1] is not None or len(known) < len(ends) - 1 or known != sorted(set(known)):
        raise ValueError("bands rise, and the last one, and only that, has no up_to_km")
    return bands


def one_lane_for_each_origin[Start: HasOrigin](lanes: list[Start]) -> list[Start]:
    """Return the lanes. Raises ValueError if two of them have one origin."""
    if len({lane.origin for lane in lanes}) < len(lanes):
        raise ValueError("names an origin twice")
    return lanes


class Price(Contract):
    """A price in micro-units of the currency: for a package, and for each kilometre and kilogram of the shipment."""

    currency: Currency
    base_micros: Micros
    per_km_micros: Micros = 0
    per_kg_micros: Micros = 0


class Band(Contract):
    """The days of transit up to a distance, for lanes that no row names. `up_to_km` null is the last band, without an end."""

    up_to_km: Annotated[int, Field(ge=1, le=30_000)] | None = None
    days: TransitDays


class Lane(Contract):
    """The days of transit from one region to others, and to postal codes by their first characters. A postal code goes before
    its region."""

    origin: Region
    regions: Annotated[dict[Region, TransitDays], NamesOnce] = Field(default_factory=dict, max_length=500)
    postal: Annotated[dict[Prefix, TransitDays], NamesOnce] = Field(default_factory=dict, max_length=5_000)


class Feeder(Contract):
    """The first or last kilometres of a shipment, by a vehicle of its own: a collection or a delivery round."""

    factor: FactorName
    km: Annotated[int, Field(ge=1, le=1_000)]


class Carton(Contract):
    """The largest carton: its inside in millimetres, and the share of it that goods can fill."""

    inside_mm: Dims
    fill_percent: Annotated[int, Field(ge=1, le=100)] = 80


class Service(Contract):
    """A service of a carrier. Its carbon is a `factor` of the data file, or grams of its own, well to wheel, with their
    `source`. `price` holds on days without a rate card. Without a `carton` packages are filled by weight alone."""

    service: ServiceName
    mode: Literal["ROAD", "AIR"]
    factor: FactorName | None = None
    g_co2e_per_tonne_km: Annotated[int, Field(ge=0, le=100_000)] | None = None
    source: Title | None = None
    feeders: list[Feeder] = Field(default_factory=list, max_length=5)
    price: Price
    max_package_g: Annotated[int, Field(ge=1, le=10_000_000)] = 30_000
    carton: Carton | None = None
    bands: Annotated[list[Band], Field(min_length=1, max_length=50), AfterValidator(bands_in_order)]
    lanes: Annotated[list[Lane], AfterValidator(one_lane_for_each_origin)] = Field(default_factory=list, max_length=500)

    @model_validator(mode="after")
    def _one_source_of_carbon(self) -> "Service":
        if (self.factor is None) == (self.g_co2e_per_tonne_km is None):
            raise ValueError("has either a factor or g_co2e_per_tonne_km")
        if self.factor is None and self.source is None:
            raise ValueError("says where its g_co2e_per_tonne_km is from: source")
        return self


class Collection(Contract):
    """A collection at a node, every week at this local time. Goods must be ready `cut_off_minutes` before. Without `service`, it
    is for all services."""

    node_id: Id
    weekday: Annotated[int, Field(ge=0, le=6)]
    at: Clock
    cut_off_minutes: Annotated[int, Field(ge=0, le=24 * 60)] = 0
    service: ServiceName | None = None


def _services_once_each(services: list[Service]) -> list[Service]:
    if len({service.service for service in services}) < len(services):
        raise ValueError("names a service twice")
    return services


class BillLimits(Contract):
    """The limits that a bill for a parcel must pass before a person is asked: it must differ from the label by more than
    both, percent of the label and minor units."""

    percent: Annotated[int, Field(ge=0, le=1_000)]
    amount: Annotated[int, Field(ge=0, le=1_000_000)]


class Carrier(Contract):
    """A carrier of one country. `calendar` has the days on which the carrier collects and carries; its hours are ignored.
    `tracking_url` is the carrier's page about a parcel, to which mails link; null: mails show the tracking number alone.
    `tracking_codes` are the statuses of its own codes for scans. `overdue_days` without a scan let a person look for the
    parcel; null: the carrier reports no scans. `bill_limits` null: nobody is asked about bills that differ."""

    name: Title
    country: Country
    calendar: Id
    tracking_url: TrackingUrl | None = None
    tracking_codes: Annotated[dict[ScanCode, TrackingStatus], Field(max_length=1_000), NamesOnce] | None = None
    overdue_days: Annotated[int, Field(ge=1, le=60)] | None = None
    bill_limits: BillLimits | None = None
    services: Annotated[list[Service], Field(min_length=1, max_length=10), AfterValidator(_services_once_each)]
    collections: list[Collection] = Field(default_factory=list, max_length=10_000)
