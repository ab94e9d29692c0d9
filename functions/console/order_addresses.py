"""
Put the addresses of an order and of a customer into the parts that people read. Pure.

Called by   the pages that show a contact
Returns     lists of texts; a contact is the JSON that the API answers
"""

from collections.abc import Mapping
from typing import Any

_PARTS = ("name", "line1", "line2", "city", "region", "postal_code", "country")  # of an address


def address(contact: Mapping[str, Any]) -> list[str]:
    """Return the parts of the order's address that the shop sent, in the order in which people read them."""
    return parts_of(contact.get("ship_to") or {})


def line_addresses(contact: Mapping[str, Any]) -> list[tuple[str, list[str]]]:
    """Return (lines, parts of their address) for the lines of an order with addresses of their own."""
    return [(", ".join(row["line_ids"]), parts_of(row["ship_to"])) for row in contact.get("ship_tos") or ()]


def address_of(contact: Mapping[str, Any], destination: int) -> Mapping[str, Any] | None:
    """Return the address of a fulfillment by the number of its destination: 0 is the order's own. None: it has none."""
    if not destination:
        return contact.get("ship_to")
    rows = contact.get("ship_tos") or ()
    return next((row["ship_to"] for row in rows if row["destination"] == destination), None)


def parts_of(address: Mapping[str, Any]) -> list[str]:
    """Return the parts of an address in the order in which people read them."""
    return [address[part] for part in _PARTS if address.get(part)]
