"""
Say what stands on the pick list of a fulfillment: its units that are still to be picked, in the order of the walk. Pure.

It has no personal data: no name, no address, no message of a gift.

Called by   functions/documents
Returns     plain JSON, for the door and for functions/documents/templates/pick_list.typ
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from comanda.domain import ids
from comanda.domain.documents.paper import paper
from comanda.domain.labels import labels
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status

NAME = "pick-list"
_TO_PICK = frozenset((Status.RELEASED, Status.ACCEPTED, Status.PICKING))


def rows_to_pick(order: Order, fulfillment: Fulfillment) -> dict[str, dict[str, Any]]:
    """Return a row for each sku of which units are still to be picked, by sku."""
    found: dict[str, dict[str, Any]] = {}
    for line, allocation in order.units_of(fulfillment.number):
        if allocation.status in _TO_PICK:
            row = found.setdefault(line.sku, _row(line.sku, line.gtin, line.title))
            row["units"] += allocation.quantity
    return found


def _row(sku: str, gtin: str, title: str) -> dict[str, Any]:
    return {"sku": sku, "gtin": gtin or None, "title": title or sku, "units": 0}


def view(
    order: Order, fulfillment: Fulfillment, walked: Sequence[Mapping[str, Any]], node: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the list. `walked` are its rows in the order of the walk, with their locations; `node` is the entry of its node."""
    return {
        "fulfillment_id": ids.fulfillment(order.order_id, fulfillment.number),
        "node_id": fulfillment.node,
        "node_name": str(node.get("name") or fulfillment.node),
        "units": sum(row["units"] for row in walked),
        "rows": [*walked],
    }


def content(listed: Mapping[str, Any], country: str | None, locale: str) -> dict[str, Any]:
    """Return all that stands on the paper of a list, in the words of the locale. `country` is that of its node."""
    return {
        **listed,
        "title": labels.label("DocumentName", NAME, locale),
        "words": {word: labels.label("PickWord", word, locale) for word in labels.KINDS["PickWord"]},
        "locale": locale,
        "paper": paper(country),
    }


def digest(content: Mapping[str, Any], template: bytes) -> str:
    """Return the digest of all that a list is made of."""
    return sha256(json.dumps(content, sort_keys=True).encode() + template).hexdigest()
