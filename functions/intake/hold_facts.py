"""
Read what the rules of hold types must know of an order beside the order: its customer's earlier orders, and its addresses.

Called by   functions/intake/orders.py for a new order, functions/intake/changes for a changed one, hold_trials.py for stored ones
Returns     facts of the domain, and writes
Raises      Throttled
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from comanda.aws.customers import customers, velocity
from comanda.aws.directory import hold_types
from comanda.aws.dynamodb import keys, list_pages
from comanda.aws.dynamodb.transaction import Write
from comanda.domain.orders import hold_rules
from comanda.domain.orders.hold_rules import EarlierOrders, Facts, NeededFacts
from comanda.domain.orders.order import Order
from comanda.domain.orders.rule_holds import HoldType

_TOGETHER = 25  # orders of a customer, the oldest first: another channel's customer may have the same id
_MOST_PAGES = 40  # of orders of other channels, after which the order counts as the first of its own
_RANDOM = 16  # characters at the end of an order's id, behind those of its time


def identities(order: Order, contact: Mapping[str, Any], kinds: Iterable[HoldType]) -> dict[str, tuple[str, ...]]:
    """Return the keyed hashes by which earlier orders are found, for each kind of velocity that a hold type asks about."""
    return _identities(order, contact, _needed(kinds))


def _needed(kinds: Iterable[HoldType]) -> NeededFacts:
    return hold_rules.needed(one for kind in kinds for one in kind.conditions())


def _identities(order: Order, contact: Mapping[str, Any], needed: NeededFacts) -> dict[str, tuple[str, ...]]:
    if not needed.velocity:
        return {}
    return velocity.hashed(velocity.texts_of(order, contact, needed.velocity))


def counted_again(order: Order, before: Mapping[str, Any], contact: Mapping[str, Any], *, dearer: bool) -> list[Write]:
    """Return the writes that count a changed order: under addresses that its contact did not have `before`, and its higher total."""
    kinds = hold_types.hold_types()
    known, now = identities(order, before, kinds), identities(order, contact, kinds)
    return velocity.writes_of_change(order, known, now, dearer=dearer)


def of_new(
    order: Order,
    contact: Mapping[str, Any],
    kinds: Sequence[HoldType],
    products: Mapping[str, Any],
    *,
    guarded: bool,
) -> tuple[Facts, list[Write]]:
    """Return the facts of a new order, and the writes that count it. When `guarded`, these raise OrderBeside if the customer has
    further orders by then, which an active rule of the order's channel asks about."""
    conditions = [(kind, one) for kind in kinds for one in kind.conditions()]
    needed = hold_rules.needed(one for _, one in conditions)
    hashes = _identities(order, contact, needed)
    counted = velocity.counted(hashes, needed.velocity, order.placed_at)
    asked = {
        one.velocity.per
        for kind, one in conditions
        if guarded and kind.active and one.velocity and (not one.channels or order.channel in one.channels)
    }
    known = _facts(order, contact, needed, products, order.placed_at, counted.rows)
    return known, [*velocity.writes(order, hashes), *velocity.writes_of_count(order, counted, asked)]


def facts(
    order: Order,
    contact: Mapping[str, Any],
    kinds: Iterable[HoldType],
    hashes: velocity.Identities,
    products: Mapping[str, Any],
    changed_at: datetime | None = None,
) -> Facts:
    """Return the facts of an order. Only what a hold type asks about is read. `hashes` are those of `identities`, `products`
    the directory's entries by sku. Velocity looks back from the time of a change, None: from when the order was placed."""
    needed, at = _needed(kinds), changed_at or order.placed_at
    rows = velocity.earlier(hashes, needed.velocity, at, order.order_id) if needed.velocity else {}
    return _facts(order, contact, needed, products, at, rows)


def _facts(
    order: Order,
    contact: Mapping[str, Any],
    needed: NeededFacts,
    products: Mapping[str, Any],
    at: datetime,
    rows: Mapping[str, Sequence[velocity.Rows]],
) -> Facts:
    """Return the facts of an order. `rows` are its earlier orders, as `velocity` read them for this time."""

    def earlier(per: str, hours: int) -> list[EarlierOrders]:
        return [velocity.within(of_identity, at, hours) for of_identity in rows.get(per, ())]

    return Facts(
        classes={sku: product["class"] for sku, product in products.items() if product.get("class")},
        addresses_differ=_addresses_differ(contact),
        first_order=_is_first(order) if needed.first_order else None,
        earlier=earlier,
    )


def _addresses_differ(contact: Mapping[str, Any]) -> bool | None:
    """Return whether a part of the order is delivered to another address than the bill's; None if it has not both."""
    bill, delivered = contact.get("bill_to"), customers.delivered_to(contact)
    return any(velocity.folded(one) != velocity.folded(bill) for one in delivered) if bill and delivered else None


def _is_first(order: Order) -> bool:
    """Return True if the customer has no earlier order in the channel. The index may lag behind by a second.

    Ids of orders tell when they came, so that a trial judges a stored order as it was judged then.
    """
    own, after = keys.order(order.order_id)["pk"], ""
    for _ in range(_MOST_PAGES):
        rows, more = list_pages.page("GSI1", [keys.customer_page(order.customer_id)], after, _TOGETHER)
        others = (row["pk"] for row in rows if row["channel"] == order.channel and row["pk"] != own)
        if any(other[:-_RANDOM] <= own[:-_RANDOM] for other in others):
            return False
        if more is None or more > keys.after_time(order.placed_at):
            return True
        after = more
    return True
