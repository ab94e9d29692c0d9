"""
What follows from a change of a sku: its summaries, and its alerts.

Called by   functions/watch, after changes; functions/daily, after time alone
Raises      StockConflict, Throttled (Busy); doing it twice changes nothing
"""

from collections.abc import Iterable

from comanda.aws.runtime import clock
from comanda.aws.stock_views import alerts, sku_view, summaries
from comanda.aws.stock_views.sku_view import Sku
from comanda.domain.stock import availability


def follow(sku: str, nodes: Iterable[str] | None = None) -> tuple[Sku, int]:
    """Write what is true of a sku: at these nodes, or at all when they are not named. The sku, and how many alerts changed."""
    now = clock.now()
    found = sku_view.read(sku)
    said = availability.summaries(found.shelves, found.unassigned, now, at_nodes=nodes, countries=found.countries)
    summaries.write(sku, said, now, anew=nodes is None)
    return found, sum(alerts.settle(watched, now) for watched in found.watched)
