"""
Update the summaries and alerts of a sku after a change.

Called by   functions/watch, after changes of stock; functions/daily, because time alone changes them
Returns     the sku as it was read, and how many alerts changed
Raises      StockConflict, Throttled (Busy); a repeated call changes nothing
"""

from collections.abc import Iterable

from comanda.aws.runtime import clock
from comanda.aws.stock_views import alerts, sku_view, summaries
from comanda.aws.stock_views.sku_view import Sku
from comanda.domain.stock import availability


def update_views(sku: str, nodes: Iterable[str] | None = None) -> tuple[Sku, int]:
    """Write the summaries and alerts of a sku, at these nodes or, with None, at all nodes."""
    now = clock.now()
    found = sku_view.load(sku)
    current = availability.summaries(found.shelves, found.unassigned, now, at_nodes=nodes, countries=found.countries)
    summaries.write(sku, current, now, anew=nodes is None)
    return found, sum(alerts.settle(watched, now) for watched in found.watched)
