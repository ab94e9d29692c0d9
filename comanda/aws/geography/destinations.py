"""
Turn an address into a destination: its region by code, and its coordinates as coarsely as an order keeps them.

Called by   functions/intake, functions/promise: an order and its promise must see one and the same destination
Returns     a Destination; without coordinates where nobody knows the place, and for military post
Raises      Invalid naming the field: a postal code of another country or of another region, an unknown place where the channel
            refuses those
"""

from collections.abc import Mapping
from typing import Any, Protocol

from comanda.aws.geography import regions
from comanda.domain.errors import Invalid, Problem
from comanda.domain.geography.distance import Located
from comanda.domain.geography.regions import is_military_region
from comanda.domain.orders.destination import coarse
from comanda.domain.orders.order import Destination

REFUSE = "REFUSE"  # what a channel says of places that nobody knows; else they count as the farthest


class Address(Protocol):
    """The fields of an address that say where it is."""

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
    """Return the destination of an address. `pointer` names it; `unknown_places` is what its channel says of them."""
    region = regions.of_address(to.country, to.region, to.postal_code, to.city, pointer=pointer)
    latitude, longitude, precision = to.latitude, to.longitude, None
    if is_military_region(to.country, region):
        latitude = longitude = None  # it is where the ship is, whatever a geocoder says
    elif latitude is None:
        located = _located(to, region, pointer)
        if located is None and unknown_places == REFUSE:
            says = "the address cannot be located: send a postal code, a city, a region or coordinates"
            raise Invalid(Problem(pointer=pointer, code="unknown-place", message=says))
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
    regions.of_address(address.country, address.region, address.postal_code, address.city, pointer=pointer)


def at_store(store: Mapping[str, Any]) -> Destination:
    """Return the destination of what is only picked up at a store, given its entry in the directory."""
    return Destination(
        country=store["country"], latitude=store["latitude"], longitude=store["longitude"], address=False
    )


def _located(to: Address, region: str, pointer: str) -> Located | None:
    from comanda.aws.geography import geography  # most channels send coordinates, and need no tables of places

    return geography.locate(to.country, to.postal_code, to.city, region or to.region, pointer=f"{pointer}/postal_code")
