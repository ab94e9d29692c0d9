"""
Read what the rules of hold types must know of an order beside the order: its customer's earlier orders, and its addresses.

Called by   functions/intake/orders.py for a new order, and functions/intake/hold_trials.py for stored ones
Returns     facts of the domain
Raises      Throttled
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

from comanda.aws.dynamodb import keys, list_pages
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import velocity
from comanda.domain.orders import hold_rules
from comanda.domain.orders.hold_rules import ADDRESS, CUSTOMER, EMAIL, PHONE, EarlierOrders, Facts
from comanda.domain.orders.holds import HoldType
from comanda.domain.orders.order import Order

_TOGETHER = 25  # orders of a customer, the oldest first: another channel's customer may have the same id
_RANDOM = 16  # characters at the end of an order's id, behind those of its time


def identities(order: Order, contact: Mapping[str, Any], kinds: Iterable[HoldType]) -> dict[str, str]:
    """Return the keyed hashes by which earlier orders are found, for each kind of velocity that a hold type asks about."""
    needed = hold_rules.needed(one for kind in kinds for one in kind.conditions()).velocity
    if not needed:
        return {}
    customer, delivered = contact.get("customer", {}), _delivered_to(contact)
    found = {
        # A guest's id is made of the e-mail, and is the same in all channels; a channel's own id is the channel's word.
        CUSTOMER: order.customer_id if order.customer_id.startswith("g_") else f"{order.channel}/{order.customer_id}",
        EMAIL: (customer.get("email") or "").strip().casefold(),
        PHONE: re.sub(r"\D", "", customer.get("phone") or ""),
        ADDRESS: _folded(delivered[0]) if delivered else "",
    }
    return velocity.hashed({kind: text for kind, text in found.items() if text and kind in needed})


def facts(
    order: Order,
    contact: Mapping[str, Any],
    kinds: Iterable[HoldType],
    hashes: Mapping[str, str],
    products: Mapping[str, Any],
) -> Facts:
    """Return the facts of an order. Only what a hold type asks about is read. `hashes` are those of `identities`, `products`
    the directory's entries by sku."""
    needed = hold_rules.needed(one for kind in kinds for one in kind.conditions())
    rows = velocity.earlier(hashes, needed.velocity, order.placed_at, order.order_id) if needed.velocity else {}

    def earlier(per: str, hours: int) -> EarlierOrders | None:
        return velocity.within(rows[per], order.placed_at, hours) if per in rows else None

    return Facts(
        classes={sku: product["class"] for sku, product in products.items() if product.get("class")},
        addresses_differ=_addresses_differ(contact),
        first_order=_is_first(order) if needed.first_order else None,
        earlier=earlier,
    )


def counted(order: Order, hashes: Mapping[str, str]) -> list[Write]:
    """Return the writes that count a new order for the rules of later ones."""
    return velocity.writes(order, hashes)


def _addresses_differ(contact: Mapping[str, Any]) -> bool | None:
    """Return whether a part of the order is delivered to another address than the bill's; None if it has not both."""
    bill, delivered = contact.get("bill_to"), _delivered_to(contact)
    return any(_folded(address) != _folded(bill) for address in delivered) if bill and delivered else None


def _delivered_to(contact: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the addresses of the order: its own, if it has one, and those of its lines."""
    return [address for address in (contact.get("ship_to"), *contact.get("ship_tos", ())) if address]


def _folded(address: Mapping[str, Any]) -> str:
    """Return what tells addresses apart, spelt in one way: letters without accents, digits, and no case."""
    fields = (address.get(name) or "" for name in ("country", "postal_code", "city", "line1", "line2"))
    plain = unicodedata.normalize("NFKD", "|".join(fields)).casefold()
    return "".join(letter for letter in plain if letter.isalnum() or letter == "|")


def _is_first(order: Order) -> bool:
    """Return True if the customer has no earlier order in the channel. The index may lag behind by a second.

    Ids of orders tell when they came, so that a trial judges a stored order as it was judged then.
    """
    own = keys.order(order.order_id)["pk"]
    rows, _ = list_pages.page("GSI1", [keys.customer_page(order.customer_id)], "", _TOGETHER)
    others = (row["pk"] for row in rows if row["channel"] == order.channel and row["pk"] != own)
    return not any(other[:-_RANDOM] <= own[:-_RANDOM] for other in others)
