"""
Say what stands on the packing slip of a fulfillment, which goes into its parcel. It has no price. Pure.

A slip is made of two parts. `facts` have no personal data: a digest of them, with the version of the contact, tells whether
the slip was made before. `content` adds the names and addresses of that contact.

Called by   functions/documents
Returns     plain JSON for functions/documents/templates/packing_slip.typ
"""

import json
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from comanda.domain import ids
from comanda.domain.documents.address_lines import address_lines
from comanda.domain.documents.gift_messages import gift_messages
from comanda.domain.documents.paper import paper
from comanda.domain.labels import labels
from comanda.domain.orders import bundles
from comanda.domain.orders.fulfillment import Fulfillment, Package
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status

NAME = "packing-slip"


def facts(order: Order, fulfillment: Fulfillment, node: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what stands on the slip and is no personal data, None if no unit is left in the fulfillment.

    `node` is the entry of the node that packs: its name, and its country, which says on what paper.
    """
    lines: dict[str, dict[str, Any]] = {}
    gifts: dict[str, str] = {}  # the line as the channel sent it -> what it is
    for line, allocation in order.units_of(fulfillment.number):
        if allocation.status is not Status.CANCELLED:
            row = lines.setdefault(line.line_id, _row(line.title, line.sku, part=line.component is not None))
            row["units"] += allocation.quantity
            if line.gift:
                gifts[line.component.bundle if line.component else line.line_id] = line.title or line.sku
    if not lines:
        return None
    locale = labels.supported(order.locale)
    words = {word: labels.label("SlipWord", word, locale) for word in labels.KINDS["SlipWord"]}
    return {
        "title": labels.label("DocumentName", NAME, locale),
        "words": words,
        "locale": locale,
        "paper": paper(node.get("country")),
        "pickup": fulfillment.method == PICKUP,
        "number": order.external_id or order.order_id,
        "fulfillment_id": ids.fulfillment(order.order_id, fulfillment.number),
        "from": [str(node.get("name") or fulfillment.node)],
        "lines": list(_with_bundles(order, lines)),
        "units": sum(row["units"] for row in lines.values()),
        "gifts": {name: _gift_title(order, name, title) for name, title in gifts.items()},
        "parcels": [_parcel(package, lines) for package in fulfillment.packages],
    }


def _parcel(package: Package, lines: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return a parcel with what is in it. Units whose line has no row on the slip are not in it any more."""
    return {
        "parcel": package.package_id,
        "carrier": package.carrier or "-",
        "tracking": package.tracking_number or "-",
        "carton": package.carton,
        "on": package.parent,
        "sscc": package.sscc,
        "contents": [
            {"title": lines[line_id]["title"], "units": units}
            for line_id, units in package.contents
            if line_id in lines
        ],
    }


def _row(title: str, sku: str, units: int | None = 0, *, part: bool = False) -> dict[str, Any]:
    """Return a row of the slip. `part`: it is a component of the bundle in a row above it."""
    return {"title": title or sku, "sku": sku, "units": units, **({"part": True} if part else {})}


def _with_bundles(order: Order, lines: Mapping[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield the rows of lines, by line id, with each bundle in a row before its components.

    The units of a bundle are its sets, None where its components make no whole sets.
    """
    shown: set[str] = set()
    for line_id, row in lines.items():
        component = order.line(line_id).component
        if component is None:
            yield row
        elif component.bundle not in shown:
            shown.add(component.bundle)
            bundle = order.bundle(component.bundle)
            parts = bundles.components(order, bundle.line_id)
            units = {part: lines[part]["units"] for part in (line.line_id for line in parts) if part in lines}
            yield _row(bundle.title, bundle.sku, bundles.exact_sets(units, parts))
            yield from (lines[part] for part in units)


def digest(facts: Mapping[str, Any], contact: int, template: bytes) -> str:
    """Return the digest of all that a slip is made of. `contact` is the version, which never changes, of the contact."""
    made_of = json.dumps([facts, contact], sort_keys=True).encode() + template
    return sha256(made_of).hexdigest()


def content(facts: Mapping[str, Any], contact: Mapping[str, Any], countries: Mapping[str, str]) -> dict[str, Any]:
    """Return all that stands on the slip. `countries` has the names of countries by code, in the language of the slip."""
    gift = contact.get("gift") or None
    to = _receiver(contact, countries, pickup=facts["pickup"])
    return {**facts, "to": to, "gift": gift, "gifts": gift_messages(contact, facts["gifts"])}


def _gift_title(order: Order, line_id: str, title: str) -> str:
    """Return what a gift is: a bundle has its own title."""
    bundle = next((one for one in order.bundles if one.line_id == line_id), None)
    return (bundle.title or bundle.sku) if bundle else title


def _receiver(contact: Mapping[str, Any], countries: Mapping[str, str], *, pickup: bool) -> list[str]:
    """Return the lines of the address that the parcel goes to. What is picked up has the name of the customer alone."""
    to = contact.get("ship_to") or {}
    if pickup or not to:
        name = (contact.get("customer") or {}).get("name")
        return [name] if name else []
    return address_lines(to, countries)
