"""
Define the destination of an order, and reduce an address to it: the privacy rule.

An order keeps coordinates of 0.1 degree (about 11 km) and three characters of the postal code, for routing and dates. The
full address is in the contact.

Called by   comanda.domain.orders.order, the router; comanda.aws.geography.destinations
Returns     a Destination
Raises      nothing
"""

import re
from dataclasses import dataclass

MOST_DESTINATIONS = 20  # of one order, its own among them


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """The place to which an order goes, as coarse as routing needs it (`coarse`)."""

    country: str
    region: str = ""
    postal_prefix: str = ""
    latitude: float | None = None
    longitude: float | None = None
    address: bool = True  # False: all is picked up, and the customer gave no address
    precision: str | None = None  # of the place that was located; None: coordinates were given, or there are none


def coarse(
    *,
    country: str,
    region: str,
    postal_code: str,
    latitude: float | None,
    longitude: float | None,
    precision: str | None,
) -> Destination:
    """Return the destination of an address. Coordinates are degrees; None means that the place was not located.

    `precision` says what was located: None for coordinates that were given, or for none.
    """
    return Destination(
        country=country,
        region=region,
        postal_prefix=postal_prefix(postal_code),
        latitude=None if latitude is None else round(latitude, 1),
        longitude=None if longitude is None else round(longitude, 1),
        precision=precision,
    )


def postal_prefix(postal_code: str) -> str:
    """Return the first three characters of a postal code, or its first part where that is shorter."""
    found = re.match(r"[A-Z0-9]{0,3}", postal_code.strip().upper())
    return found[0] if found else ""
