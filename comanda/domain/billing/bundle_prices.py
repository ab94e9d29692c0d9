"""
Give the components of bundles their parts of the bundles' prices, discounts and taxes.

Called by   comanda.domain.lifecycle: place, and changes after the sale
Returns     orders whose components carry their parts, in minor units
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from comanda.domain.money import spread
from comanda.domain.orders import bundles
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.component import SetAmount
from comanda.domain.orders.line import Added, Line
from comanda.domain.orders.order import Order


def with_shared_prices(order: Order) -> Order:
    """Return the order with the amounts of its bundles shared by their components, as `price_share` says."""
    parts = bundles.by_bundle(order)
    return order.with_lines(line for bundle in order.bundles for line in _shared(bundle, parts[bundle.line_id]))


def with_bundle(order: Order, changed: Bundle) -> Order:
    """Return the order with this bundle in place of the one with its line id, and with its amounts shared anew."""
    kept = tuple(changed if one.line_id == changed.line_id else one for one in order.bundles)
    return replace(order, bundles=kept).with_lines(_shared(changed, bundles.components(order, changed.line_id)))


def discounts_exceed_goods(order: Order, bundle_id: str) -> bool:
    """Return True if a component has more discounts, its part of the order's too, than its part of the price."""
    return any(
        part.component is not None
        and part.order_discount + part.component.carried(part.component.discount, 0, part.sold, part.sold)
        > part.component.carried(part.component.goods, 0, part.sold, part.quantity)
        for part in bundles.components(order, bundle_id)
    )


def _shared(bundle: Bundle, lines: Sequence[Line]) -> Iterator[Line]:
    """Yield the components of a bundle with their parts of its amounts."""
    places = [line.component for line in lines if line.component is not None]
    shares = [place.price_share for place in places]
    goods = _of_a_set(bundle.quantity * bundle.unit_price, bundle.quantity, shares)
    discounts, taxes = (
        _of_a_set(bundle.discount, bundle.sold, shares),
        _of_a_set(bundle.tax_of_sold, bundle.sold, shares),
    )
    added = [_of_a_set(one.tax, one.quantity, shares) for one in bundle.added]
    for i, (line, place) in enumerate(zip(lines, places, strict=True)):
        yield replace(
            line,
            component=replace(place, goods=goods[i], discount=discounts[i], tax=taxes[i]),
            added=tuple(
                Added(quantity=one.quantity * place.ratio, set_tax=parts[i])
                for one, parts in zip(bundle.added, added, strict=True)
            ),
        )


def _of_a_set(total: int, sets: int, shares: Sequence[int]) -> list[SetAmount]:
    """Return the part of each component in an amount of `sets` sets, each of which is shared by largest remainder."""
    of_set = total // sets
    low = spread(of_set, shares)
    high = spread(of_set + 1, shares) if total % sets else low
    return [SetAmount(total=total, low=a, high=b) for a, b in zip(low, high, strict=True)]
