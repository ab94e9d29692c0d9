"""
Turn an address into a destination: its region by code, and its coordinates as coarse as an order keeps them.

Called by   functions/intake and promise, so that an order and its promise have the same destination
Returns     a Destination; without coordinates for an unknown place and for military post
Raises      Invalid naming the field: a postal code of another country or region, or an unknown place if the channel refuses
            unknown places
"""

from collections.abc import Mapping
from typing import Any, Protocol

from comanda.aws.geography import regions
from comanda.domain.errors import Invalid, Problem
from comanda.domain.geography.distance import Located
from comanda.domain.geography.regions import is_military_region
from comanda.domain.orders.destination import Destination, coarse

REFUSE = "REFUSE"  # the setting of a channel that refuses unknown places; in other channels they count as the farthest


class Address(Protocol):
    """The fields of an address that locate it."""

    @property
    def country(self) -> str: ...
    @property
    def region(self) -> str: ...
    @property
    def city(self) -> str: ...
    @property
    def postal_code(self) -> str: ...
    @property
    def latitude(self) -> float | None: ...
    @property
    def longitude(self) -> float | None: ...


def locate(to: Address, *, pointer: str, unknown_places: str | None = None) -> Destination:
    """Return the destination of an address. `pointer` names the address; `unknown_places` is the setting of its channel."""
    region = regions.region_code(to.country, to.region, to.postal_code, to.city, pointer=pointer)
    latitude, longitude, precision = to.latitude, to.longitude, None
    if latitude == longitude == 0:
        latitude = longitude = None  # in the sea: a geocoder that finds nothing answers so
    if is_military_region(to.country, region):
        latitude = longitude = None  # a military address lies where the ship is, and a geocoder cannot know that
    elif latitude is None:
        located = _located(to, region, pointer)
        if located is None and unknown_places == REFUSE:
            message = "the address cannot be located: send a postal code, a city, a region or coordinates"
            raise Invalid(Problem(pointer=pointer, code="unknown-place", message=message))
        if located is not None:
            latitude, longitude, precision = located.latitude, located.longitude, located.precision
    return coarse(
        country=to.country,
        region=region,
        postal_code=to.postal_code,
        latitude=latitude,
        longitude=longitude,
        precision=precision,
    )


def check(address: Address, *, pointer: str) -> None:
    """Compare the region and the postal code of an address to which nothing is sent. Raises Invalid as `locate` does."""
    regions.region_code(address.country, address.region, address.postal_code, address.city, pointer=pointer)


def at_store(store: Mapping[str, Any]) -> Destination:
    """Return the destination of an order that is only picked up, from the store's entry in the directory."""
    return Destination(
        country=store["country"], latitude=store["latitude"], longitude=store["longitude"], address=False
    )


def _located(to: Address, region: str, pointer: str) -> Located | None:
    # Most channels send coordinates, so most processes need no tables of places.
    from comanda.aws.geography import geography

    return geography.locate(to.country, to.postal_code, to.city, region or to.region, pointer=f"{pointer}/postal_code")
