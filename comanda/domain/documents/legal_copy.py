"""
Choose what is kept of an invoice's buyer as long as the law wants it, whoever is erased meanwhile. Pure.

Called by   comanda.aws.customers.legal_copies, at invoicing; functions/documents, for an invoice without a copy
Returns     plain JSON
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

# What an electronic invoice wants of its buyer: words that the channel sends among the attributes of the order.
_OF_ATTRIBUTES = ("buyer_reference", "electronic_address")
# What an NF-e wants of its buyer's address, and orders do not have.
_OF_BRAZIL = ("city_code", "district")
ADDRESS = ("line1", "line2", "city", "region", "postal_code", "country")


def buyer(contact: Mapping[str, Any]) -> dict[str, Any]:
    """Return name, tax id, address, electronic address and reference of the buyer.

    The address is that of billing, else the order's, else the first line's.

    The buyer is the customer: an address of delivery may have the name of somebody who gets a gift. Blank parts are left out.
    """
    bill_to, customer = contact.get("bill_to"), contact.get("customer") or {}
    places: tuple[Mapping[str, Any] | None, ...] = (bill_to, contact.get("ship_to"), *(contact.get("ship_tos") or ()))
    place: Mapping[str, Any] = next((one for one in places if one), {})
    name = (bill_to or {}).get("name") or customer.get("name") or place.get("name")
    found = {"name": name, "tax_id": customer.get("tax_id"), **{part: place.get(part) for part in ADDRESS}}
    found |= {part: (contact.get("attributes") or {}).get(part) for part in _OF_ATTRIBUTES}
    return {part: value for part, value in found.items() if value}


def kept_buyer(
    contact: Mapping[str, Any], entity: Mapping[str, Any], ship_to: Mapping[str, Any] | None
) -> dict[str, Any]:
    """Return the buyer as the law of the seller wants it. An NF-e has the address of delivery; `ship_to` None: nothing is sent."""
    found = buyer(contact)
    if not entity.get("nfe"):
        return found
    attributes = contact.get("attributes") or {}
    found |= {part: attributes[part] for part in _OF_BRAZIL if attributes.get(part)}
    if ship_to is not None:
        found["delivery"] = {part: ship_to[part] for part in ADDRESS if ship_to.get(part)}
    return found


def kept_until(issued_at: datetime, entity: Mapping[str, Any]) -> datetime:
    """Return when the copy ends: the entity's years after the year of the invoice."""
    return datetime(issued_at.year + 1 + entity["keep_invoices_years"], 1, 1, tzinfo=UTC)
