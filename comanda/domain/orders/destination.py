"""
Reduce an address to the destination that an order keeps: the privacy rule.

An order keeps coordinates of 0.1 degree (about 11 km) and three characters of the postal code, for routing and dates. The
full address is in the contact.

Called by   comanda.aws.geography.destinations
Returns     a Destination
Raises      nothing
"""

import re

from comanda.domain.orders.order import Destination

MOST_DESTINATIONS = 20  # of one order, its own among them


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
