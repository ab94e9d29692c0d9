"""
Take what carriers saw of parcels, and show the scans of a fulfillment's parcels.

Called by   API Gateway: POST /v1/tracking-events, GET /v1/fulfillments/{fulfillment_id}/tracking
Returns     a row for each scan that was sent; a page of scans
Raises      no domain error: `comanda.aws.api.http` answers each with a problem

A carrier's client reports parcels of that carrier alone, a partner those of its own shipments, the office all. A
number of another caller's parcel is answered as one that no parcel has.
"""

from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.directory import carrier_labels
from comanda.aws.dynamodb import keys, list_pages, transaction
from comanda.aws.orders import orders, tracking
from comanda.aws.orders.scans import APPLIED, UNKNOWN_CODE, ScanOutcome
from comanda.aws.orders.tracking import ScanReporter
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.errors import NotFound
from functions.tracking import contract, rules

logger = Logger()
metrics = Metrics()
app = http.door()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.serve(app, event, context)


@app.post("/v1/tracking-events")
def report_scans() -> Response[str]:
    event, now = app.current_event.raw_event, clock.now()
    who, wanted = caller(event), http.read(event, contract.TrackingEventsIn)
    with idempotency.begin(event, who, settings.orders_table, now) as request:
        if request.replay() is None:
            _take_scans(who, wanted, request)
    return request.response()


def _take_scans(who: Caller, wanted: contract.TrackingEventsIn, request: IdempotentRequest) -> None:
    """Take the scans of a request, and record its answer. A request that was cut off goes on when it is sent again."""
    reporter = ScanReporter(
        id=who.id,
        source=request.key["pk"],
        carrier=who.carrier or "",
        sees=lambda fulfillment: who.carrier is not None or who.sees_fulfillment(fulfillment),
        names=carrier_labels.names,
        codes=carrier_labels.tracking_codes,
    )
    scans, refused = rules.scans(wanted, clock.now())
    outcomes = [*refused, *tracking.apply(reporter, scans, clock.now)]
    by_line = {outcome.line: outcome for outcome in outcomes}
    rows = [_row(scan, by_line[i]) for i, scan in enumerate(wanted.events)]
    transaction.commit([request.record(Answer(status=200, body={"rows": rows}))])
    applied = sum(outcome.status == APPLIED for outcome in outcomes)
    unknown = sum(outcome.code == UNKNOWN_CODE for outcome in outcomes)
    logger.info("scans reported", extra={"scans": len(rows), "applied": applied, "unknown_codes": unknown})
    metrics.add_metric("TrackingScans", MetricUnit.Count, applied)
    metrics.add_metric("UnknownTrackingCodes", MetricUnit.Count, unknown)


def _row(scan: contract.ScanIn, outcome: ScanOutcome) -> dict[str, Any]:
    return {
        "tracking_number": scan.tracking_number,
        "status": outcome.status,
        **({"code": outcome.code, "reason": outcome.reason} if outcome.code else {}),
    }


@app.get("/v1/fulfillments/<fulfillment_id>/tracking")
def show(fulfillment_id: str) -> Response[str]:
    event = app.current_event.raw_event
    who, query = caller(event), http.query(event)
    order_id, number = ids.parse("ful", fulfillment_id, settings.cell)
    _require_seen(who, order_id, number)
    bound = f"{who.id} {fulfillment_id} tracking"
    rows, more = list_pages.children(
        order_id, keys.tracking_events(number), list_pages.after(query, bound), list_pages.limit(query)
    )
    shown = [rules.scan_json(row, office=who.office) for row in rows]
    return http.page(event, shown, list_pages.cursor(more, bound) if more else None)


def _require_seen(who: Caller, order_id: str, number: int) -> None:
    """Raise NotFound for a fulfillment that is neither the caller's work nor of an order of the caller's channels."""
    order = orders.find(order_id)
    for found in order.fulfillments if order else ():
        if order and found.number == number and (who.sees_channel(order.channel) or who.sees_fulfillment(found)):
            return
    raise NotFound("fulfillment", ids.fulfillment(order_id, number))
