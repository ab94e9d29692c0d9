"""
Show a node its list of work, and take each step that the node has done.

Called by   API Gateway: /v1/fulfillments*, /v1/pick-waves* (see comanda.aws.api.routes)
Returns     the fulfillment; problem+json for everything that is wrong
Raises      no domain error: `comanda.aws.api.http` answers each with a problem

Every step is one save of the order. When another process saved the order first, the step is decided again inside the door,
so the work of one picker never refuses the step of another.
"""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.api import http, idempotency
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.query_dates import utc_month
from comanda.aws.api.resolver import Response
from comanda.aws.directory import directory
from comanda.aws.dynamodb import list_pages, transaction
from comanda.aws.dynamodb.items import unpack
from comanda.aws.orders import orders, parcel_standings
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.aws.stock_updates import stock_facts
from comanda.domain import ids, views
from comanda.domain.errors import Invalid, NotFound, Problem
from comanda.domain.evaluation import service_level
from comanda.domain.lifecycle.node_work.work import Step
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import WORK_STATUSES
from functions.fulfill import rules

if TYPE_CHECKING:
    from comanda.aws.orders.pick_sessions import Stored

logger = Logger()
metrics = Metrics()
app = http.door()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.serve(app, event, context)


@app.get("/v1/fulfillments")
def list_fulfillments() -> Response[str]:
    """Return a page of a node's open work, the least advanced and most urgent first, or of the work it ended in a month."""
    event = app.current_event.raw_event
    who, query = caller(event), http.query(event)
    if "node_id" not in query:
        message = "filter by node_id, and by status or done=YYYY-MM"
        raise Invalid(Problem(pointer="/node_id", code="missing", message=message))
    status = query.get("status")
    if status is not None and status not in WORK_STATUSES:
        message = f"is not one of {', '.join(WORK_STATUSES)}"
        raise Invalid(Problem(pointer="/status", code="unknown-status", message=message))
    node = _node(who, query["node_id"])
    page = f"done-{utc_month(query['done'], 'done'):%Y%m}" if "done" in query else "open"
    partitions = list_pages.node(query["node_id"], page, node["type"] == "STORE")
    bound = f"{who.id} {query['node_id']} {page}"
    rows, more = list_pages.page("GSI3", partitions, list_pages.after(query, bound), list_pages.limit(query))
    items = [unpack(row["doc"]) for row in rows if status in (None, row["status"])]
    return http.page(event, items, list_pages.cursor(more, bound) if more else None)


def _node(who: Caller, node_id: str) -> dict[str, Any]:
    """Return the node if it is the caller's. Raises NotFound otherwise, as if there were no such node."""
    found = directory.find(directory.NODE, node_id)
    if found is None or not who.sees_node(node_id, found.get("partner_id")):
        raise NotFound("node", node_id)
    return found


@app.get("/v1/fulfillments/<fulfillment_id>/cartons")
def get_cartons(fulfillment_id: str) -> Response[str]:
    from functions.fulfill import packing

    who = caller(app.current_event.raw_event)
    order_id, number = ids.parse("ful", fulfillment_id, settings.cell)
    return http.respond(Answer(status=200, body=packing.suggestion(_require_own(who, order_id, number), number)))


@app.get("/v1/fulfillments/<fulfillment_id>")
def get_fulfillment(fulfillment_id: str) -> Response[str]:
    who = caller(app.current_event.raw_event)
    order_id, number = ids.parse("ful", fulfillment_id, settings.cell)
    shown = _shown(_require_own(who, order_id, number), number)
    return http.respond(replace(shown, body=_with_tracking(shown.body, order_id, number)))


def _with_tracking(body: dict[str, Any], order_id: str, number: int) -> dict[str, Any]:
    """Return the fulfillment with the last scan of each package, null where none is known."""
    known = parcel_standings.read(order_id, number)
    rows = [{**p, "tracking": parcel_standings.latest(known, p["tracking_number"])} for p in body["packages"]]
    return {**body, "packages": rows}


def _require_own(who: Caller, order_id: str, number: int) -> Order:
    """Return the order of a fulfillment that is the caller's. Raises NotFound otherwise, as if the fulfillment did not
    exist."""
    order = orders.find(order_id)
    if order is None:
        raise NotFound("fulfillment", ids.fulfillment(order_id, number))
    who.require_fulfillment(order, number)
    return order


def _shown(order: Order, number: int) -> Answer:
    fulfillment = order.fulfillment(number)
    headers = {"ETag": f'"v{fulfillment.version}"'}
    return Answer(status=200, body=views.fulfillment(order, fulfillment), headers=headers)


@app.post("/v1/fulfillments/<fulfillment_id>/accept")
def accept(fulfillment_id: str) -> Response[str]:
    return _take_step("accept", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/decline")
def decline(fulfillment_id: str) -> Response[str]:
    return _take_step("decline", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/start-pick")
def start_pick(fulfillment_id: str) -> Response[str]:
    return _take_step("start-pick", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/pick")
def pick(fulfillment_id: str) -> Response[str]:
    return _take_step("pick", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/short-pick")
def short_pick(fulfillment_id: str) -> Response[str]:
    return _take_step("short-pick", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/pack")
def pack(fulfillment_id: str) -> Response[str]:
    return _take_step("pack", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/repack")
def repack(fulfillment_id: str) -> Response[str]:
    return _take_step("repack", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/ship")
def ship(fulfillment_id: str) -> Response[str]:
    return _take_step("ship", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/ready")
def ready(fulfillment_id: str) -> Response[str]:
    return _take_step("ready", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/hand-over")
def hand_over(fulfillment_id: str) -> Response[str]:
    return _take_step("hand-over", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/recall-agree")
def agree_to_recall(fulfillment_id: str) -> Response[str]:
    return _take_step("recall-agree", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/recall-refuse")
def refuse_recall(fulfillment_id: str) -> Response[str]:
    return _take_step("recall-refuse", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/hand-back")
def hand_back(fulfillment_id: str) -> Response[str]:
    return _take_step("hand-back", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/no-show")
def no_show(fulfillment_id: str) -> Response[str]:
    return _take_step("no-show", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/deliver")
def deliver(fulfillment_id: str) -> Response[str]:
    return _take_step("deliver", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/lose")
def lose(fulfillment_id: str) -> Response[str]:
    return _take_step("lose", fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/collect")
def collect(fulfillment_id: str) -> Response[str]:
    return _take_step("collect", fulfillment_id)


@app.get("/v1/fulfillments/<fulfillment_id>/scans")
def get_scans(fulfillment_id: str) -> Response[str]:
    from functions.fulfill import scans  # only nodes that pick by scanning need it

    return scans.show(app.current_event.raw_event, fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/scans")
def take_scan(fulfillment_id: str) -> Response[str]:
    from functions.fulfill import scans

    return scans.take(app.current_event.raw_event, fulfillment_id)


@app.post("/v1/fulfillments/<fulfillment_id>/scans/undo")
def undo_scan(fulfillment_id: str) -> Response[str]:
    from functions.fulfill import scans

    return scans.undo(app.current_event.raw_event, fulfillment_id)


@app.post("/v1/pick-waves")
def build_pick_wave() -> Response[str]:
    from functions.fulfill import pick_waves  # no step of a fulfillment needs it

    return pick_waves.build(app.current_event.raw_event)


@app.get("/v1/pick-waves")
def list_pick_waves() -> Response[str]:
    from functions.fulfill import pick_waves

    return pick_waves.list_open(app.current_event.raw_event)


@app.get("/v1/pick-waves/<wave_id>")
def get_pick_wave(wave_id: str) -> Response[str]:
    from functions.fulfill import pick_waves

    return pick_waves.show(app.current_event.raw_event, wave_id)


@app.post("/v1/pick-waves/<wave_id>/assign")
def assign_pick_wave(wave_id: str) -> Response[str]:
    from functions.fulfill import pick_waves

    return pick_waves.assign(app.current_event.raw_event, wave_id)


@app.post("/v1/pick-waves/<wave_id>/close")
def close_pick_wave(wave_id: str) -> Response[str]:
    from functions.fulfill import pick_waves

    return pick_waves.close(app.current_event.raw_event, wave_id)


def _take_step(name: str, fulfillment_id: str) -> Response[str]:
    """Decide the step of this name (see `rules.STEPS`), save the order, and answer with the fulfillment."""
    event = app.current_event.raw_event
    who, now = caller(event), clock.now()
    order_id, number = ids.parse("ful", fulfillment_id, settings.cell)
    model, rule = rules.STEPS[name]

    def require_own() -> Order:
        return _require_own(who, order_id, number)

    with idempotency.begin(event, who, settings.orders_table, now, require_own=require_own) as request:
        given, expected = http.read(event, model), http.if_match(event, required=False)
        rules.check_time(given, now)
        step = Step(number=number, actor=who.id, at=now, units=rules.units(given))
        if getattr(given, "packages", None) and name in rules.PACKING:
            from functions.fulfill import packing  # few steps name packages

            rule = packing.Labels(name).labelled(rule)

        def decide(order: Order) -> Saving | None:
            http.require_version(expected, who.require_fulfillment(order, number).version)
            rules.check_after(given, order.placed_at)
            read: dict[int, Stored] = {}
            if name == "pick" and step.units is None:
                from functions.fulfill import scans

                read[number] = scans.require_all(order, number)
            with http.lines_as_sent(step.units):
                decision = rule(order, step, given)
            if decision is None:
                return None
            after = decision.saved
            also = stock_facts.upgraded_shipment(after, number, now) if name == "ship" else ()
            return Saving(decision=decision, first=[request.record(_shown(after, number))], also=also, scans=read)

        done = orders.decide(order_id, decide)
        saved = done.order
        if not done.changed:  # a report of a carrier that was known
            transaction.commit([request.record(_shown(saved, number))])
        logger.info(name, extra={"order_id": order_id, "fulfillment": number, "version": saved.version})
        metrics.add_metric(f"Fulfillment-{name}", MetricUnit.Count, 1)
        if name == "ship" and service_level.why_upgraded(saved, number):
            metrics.add_metric("ExpeditedShipments", MetricUnit.Count, 1)
    return request.response()
