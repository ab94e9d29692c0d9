"""
Plan the units that a change of an order adds or moves, as the router would place them now. Nothing is reserved.

Called by   functions/intake, for previews of changes, and for changes that name one
Returns     the promise of the change, None if it leaves the router nothing new to place
Raises      Throttled
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from comanda.aws.routing import inputs
from comanda.aws.runtime import clock
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from comanda.domain.promise.change_promise import ChangePromise, baskets, kept_from_router, lines_to_promise, promised
from comanda.domain.promise.promise import Promise, options
from comanda.domain.routing.route import route
from comanda.domain.stock.changes import Change, ReservedUnits

_MOST_SECONDS = 5.0  # of search; the API has twenty seconds


def promise_of_change(
    before: Order, decision: Decision, own: Sequence[ReservedUnits], now: datetime
) -> ChangePromise | None:
    """Return the promise of a change that is not saved. Stock that the change gives back is free for it, and so are the `own`
    units of the order's reservation."""
    after = decision.order
    line_ids, kept = lines_to_promise(before, after), kept_from_router(before, after)
    if not line_ids:
        return ChangePromise(units=(), cannot=kept) if kept else None
    wanted = inputs.wanted_methods(after)
    _, seen = inputs.for_order(after.channel, wanted, own, now, at=after.ready_at(), freed=decision.stock)
    found = promised(route(after, seen, now, own, clock.time_limit(_MOST_SECONDS)), line_ids, kept)
    return replace(found, options=tuple(_options(after, line_ids, decision.stock, now)))


def _options(
    order: Order, line_ids: Collection[str], freed: Collection[Change], now: datetime
) -> Iterator[tuple[int, Promise]]:
    """Yield the ways to have the units of these lines, by destination, as the promise of a basket has them."""
    skus = {line.sku for line in order.lines if line.line_id in line_ids}
    seen = inputs.for_basket(order.channel, skus, now, freed=freed)
    late = clock.time_limit(_MOST_SECONDS)
    for number, basket in baskets(order, line_ids, seen):
        yield number, options(basket, seen, now, late)
