"""
Close a node for a time, or set how many units it begins on a day.

Called by   API Gateway: /v1/nodes/{id}/closures*, /v1/nodes/{id}/capacity*
Returns     the closure or the day
Raises      Invalid, NotFound, NotAllowed as problems; StaleEntry (Busy)

Only the outage is committed here. The stream of the Directory table then calls `reroute`, which takes back the units that the
node has not begun.
"""

from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory, outages, writer
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Invalid, NotFound, Problem
from functions.outages import contract, rules

logger = Logger()
metrics = Metrics()
app = http.door()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.serve(app, event, context)


@app.get("/v1/nodes/<node_id>/closures")
def list_closures(node_id: str) -> Response[str]:
    now = clock.now()
    _node(caller(app.current_event.raw_event), node_id)
    closures = [rules.closure_json(closure, now) for closure in outages.read(node_id)["closures"]]
    body = {"node_id": node_id, "closed": any(c["closed"] for c in closures), "closures": closures}
    return http.respond(Answer(status=200, body=body))


@app.post("/v1/nodes/<node_id>/closures")
def close(node_id: str) -> Response[str]:
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)

    with _once(event, who, node_id, now) as request:
        given = http.read(event, contract.ClosureIn)
        _node(who, node_id)
        outages.change(
            node_id,
            lambda doc: rules.add_closure(doc, given, who.id, now),
            who.id,
            now,
            lambda doc: [request.record(_closure_answer(doc["closures"][-1], 201))],
        )
        logger.info("closed", extra={"node": node_id})
        metrics.add_metric("NodesClosed", MetricUnit.Count, 1)

    return request.response()


@app.post("/v1/nodes/<node_id>/closures/<closure_id>/end")
def end(node_id: str, closure_id: str) -> Response[str]:
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)

    with _once(event, who, node_id, now) as request:
        http.read(event, contract.EndIn)
        _node(who, node_id)
        outages.change(
            node_id,
            lambda doc: rules.end_closure(doc, closure_id, who.id, now),
            who.id,
            now,
            lambda doc: [request.record(_closure_answer(rules.find_closure(doc, closure_id), 200))],
        )
        logger.info("opened", extra={"node": node_id})

    return request.response()


@app.get("/v1/nodes/<node_id>/capacity")
def list_days(node_id: str) -> Response[str]:
    doc = _node(caller(app.current_event.raw_event), node_id)
    days = outages.read(node_id)["capacity"]
    body = {
        "node_id": node_id,
        "usual": doc.get("units_per_day"),
        "days": [{"day": day, "units": units} for day, units in days.items()],
    }
    return http.respond(Answer(status=200, body=body))


@app.put("/v1/nodes/<node_id>/capacity/<day>")
def put_day(node_id: str, day: str) -> Response[str]:
    """Set the units of a day. A repetition changes only the time at which the day was set."""
    event, now = app.current_event.raw_event, clock.now()
    who = caller(event)
    doc = _node(who, node_id)
    given, on = http.read(event, contract.DayIn), rules.read_day(day, now)
    usual = doc.get("units_per_day")
    if usual is None:
        message = "the node takes as many units as come: give it units_per_day first"
        raise Invalid(Problem(pointer="/units", code="no-limit", message=message))
    outages.change(node_id, lambda was: rules.set_day(was, on, given.units, now), who.id, now)
    logger.info("day", extra={"node": node_id, "day": on, "units": given.units})
    units = usual if given.units is None else given.units
    return http.respond(Answer(status=200, body={"node_id": node_id, "day": on, "units": units, "usual": usual}))


def _once(event: dict[str, Any], who: Caller, node_id: str, now: datetime) -> IdempotentRequest:
    return idempotency.begin(event, who, settings.directory_table, now, require_own=lambda: _node(who, node_id))


def _node(who: Caller, node_id: str) -> dict[str, Any]:
    """Return the node's document. Raises NotFound if there is no such node, or if it is not one of the caller's."""
    found = writer.read(directory.NODE, node_id)
    if found is None or not who.sees_node(node_id, found.doc.get("partner_id")):
        raise NotFound("node", node_id)
    return found.doc


def _closure_answer(closure: dict[str, Any], status: int) -> Answer:
    return Answer(status=status, body=rules.closure_json(closure, clock.now()))
