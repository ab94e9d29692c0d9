"""
Do once a day what time alone makes necessary: nothing of it waits for an order, a receipt or a count.

Called by   a schedule, with {}: has every sku looked at, and packs the network again, so that holidays stay expanded;
            itself, with {"skus": [...], "day"}: their overdue supplies, summaries, alerts, demand and the day's figures
Returns     {"skus": how many}
Raises      an error, after every other sku was looked at and every other pack was made: the event is tried again, and twice is harmless
"""

import json
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.directory import directory, packs
from comanda.aws.orders import backorder_queue
from comanda.aws.runtime import clock
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.concurrently import run_concurrently
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
        return _look_at(event["skus"], event["day"])
    skus = directory.names(directory.PRODUCT)
    for first in range(0, len(skus), _TOGETHER):
        payload = {"skus": skus[first : first + _TOGETHER], "day": clock.now().date().isoformat()}
        _ask(settings.daily_function, payload)
    packed = packs.rebuild_all({})  # after the skus: none of them waits for it to succeed
    logger.info("day", extra={"skus": len(skus), **packed})
    return {"skus": len(skus)}


def _ask(function: str, payload: dict[str, Any]) -> None:
    client("lambda").invoke(FunctionName=function, InvocationType="Event", Payload=json.dumps(payload).encode())


def _look_at(skus: list[str], day: str) -> dict[str, int]:
    directory.node_documents()  # once, before skus are read side by side
    terms = (directory.find(directory.STOCK_POLICY, directory.THE_POLICY) or {}).get("demand", _TERMS)
    looks = run_concurrently([partial(_sku, sku, terms) for sku in skus])
    found = [look() for look in looks]
    now = clock.now()
    watched = [one for sku in found for one in sku.watched]
    kpis.keep(day, skus[0], figures((w.position, alerts.standing(w.position, w.thresholds, now)) for w in watched))
    if waited_for := [sku.sku for sku in found if sku.waited_for]:
        backorder_queue.have_served(waited_for)  # who waits for what may have been missed
    metrics.add_metric("SkusLookedAt", MetricUnit.Count, len(skus))
    return {"skus": len(skus)}


def _sku(sku: str, terms: dict[str, int]) -> Sku:
    """All of a day for one sku: first what time did to it and what it teaches, then what is true of it."""
    now = clock.now()
    positions = position_reads.load([sku])
    for node in sorted({position.node for position in positions if movements.reevaluate(position, now) is not None}):
        supplies.reevaluate(sku, node, now)
    plain_marks.mend(sku)
    demand.learn(sku, {position.node for position in positions}, terms, now)
    found, _ = refresh.follow(sku)
    return found
