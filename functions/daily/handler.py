"""
Do once a day the work that time alone makes necessary. It does not wait for an order, a receipt or a count.

Called by   a schedule, with {}: starts a call for each page of skus, and packs the network again, so that holidays of the next
            years are in it; itself, with {"skus": [...], "day"}: reevaluates overdue supplies, summaries, alerts and demand
            of these skus, and stores the day's figures
Returns     {"skus": how many}
Raises      the last error, after every other sku and pack was done. Lambda tries the event again; repeating it is harmless
"""

from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.directory import directory, packs
from comanda.aws.orders import backorder_queue
from comanda.aws.runtime import clock
from comanda.aws.runtime.concurrently import run_concurrently
from comanda.aws.runtime.invoke import start_function
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import plain_marks, position_reads
from comanda.aws.stock_updates import supplies
from comanda.aws.stock_views import demand, kpis, refresh
from comanda.aws.stock_views.sku_view import Sku
from comanda.domain.stock import alerts, movements
from functions.daily.rules import figures

logger = Logger()
metrics = Metrics()

_TOGETHER = 25  # skus of one asynchronous call
_TERMS = {"lead_days": 14, "lead_days_sigma": 0, "service_percent": 95}


@room
@metrics.log_metrics
def handler(event: dict[str, Any], _context: object) -> dict[str, int]:
    if "skus" in event:
        return _reevaluate_skus(event["skus"], event["day"])
    skus = directory.names(directory.PRODUCT)
    for first in range(0, len(skus), _TOGETHER):
        payload = {"skus": skus[first : first + _TOGETHER], "day": clock.now().date().isoformat()}
        start_function(settings.daily_function, payload)
    packed = packs.rebuild_all({})  # after the skus, so that an error here keeps no sku
    logger.info("day", extra={"skus": len(skus), **packed})
    return {"skus": len(skus)}


def _reevaluate_skus(skus: list[str], day: str) -> dict[str, int]:
    directory.node_documents()  # once, before threads read the skus
    terms = (directory.find(directory.STOCK_POLICY, directory.THE_POLICY) or {}).get("demand", _TERMS)
    results = run_concurrently([partial(_reevaluate_sku, sku, terms) for sku in skus])
    found = [result() for result in results]
    now = clock.now()
    watched = [one for sku in found for one in sku.watched]
    kpis.keep(day, skus[0], figures((w.position, alerts.standing(w.position, w.thresholds, now)) for w in watched))
    if waited_for := [sku.sku for sku in found if sku.waited_for]:
        backorder_queue.invoke_replenish(waited_for)  # a change of their stock may have been missed
    metrics.add_metric("SkusLookedAt", MetricUnit.Count, len(skus))
    return {"skus": len(skus)}


def _reevaluate_sku(sku: str, terms: dict[str, int]) -> Sku:
    """Do the work of a day for one sku: reevaluate its overdue supplies, learn its demand, then renew its summaries."""
    now = clock.now()
    positions = position_reads.load([sku])
    for node in sorted({position.node for position in positions if movements.reevaluate(position, now) is not None}):
        supplies.reevaluate(sku, node, now)
    plain_marks.mend(sku)
    demand.learn(sku, {position.node for position in positions}, terms, now)
    found, _ = refresh.update_views(sku)
    return found
