"""
Intake: take orders from any channel, show them, and take what sales and customers say about them.

Called by   API Gateway: /v1/orders*, /v1/queues*, /v1/order-form, /v1/health (see comanda.aws.api.routes)
Returns     the order; problem+json for everything that is wrong
Raises      nothing of ours: `comanda.aws.api.http` answers it

No door calls a machine: it commits facts, and the stream drives everything else.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger, Metrics
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.metrics import MetricUnit

from comanda.aws.api import http
from comanda.aws.api.callers import Caller, caller
from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import Once, once
from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, list_pages, transaction
from comanda.aws.dynamodb.items import unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.geography import destinations
from comanda.aws.orders import customers, orders
from comanda.aws.runtime import clock
from comanda.aws.runtime import secret as signing
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound, Problem, Rejected
from comanda.domain.lifecycle import cancel, place, resume
from comanda.domain.orders import holds, queues
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Destination, Order
from comanda.domain.orders.queues import Queue
from functions.intake import contract, rules

logger = Logger()
metrics = Metrics()
app = http.door()

Rule = Callable[[Order], Decision]


@room
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.serve(app, event, context)


@app.get("/v1/health")
def health() -> dict[str, str]:
    return {"status": "ok", "cell": settings.cell}


@app.get("/v1/order-form")
def order_form() -> Response[str]:
    page = (Path(__file__).parent / "templates" / "order-form.html").read_text(encoding="utf-8")
    return Response(status_code=200, content_type="text/html; charset=utf-8", body=page, headers=_PAGE_HEADERS)


# The form is one page of ours: nothing else may run in it or frame it.
_PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}


@app.post("/v1/orders")
def place_order() -> Response[str]:
    event = app.current_event.raw_event
    who, now = caller(event), clock.now()

    def effect(use: Once) -> None:
        given = http.read(event, contract.OrderIn)
        products = directory.entries(directory.PRODUCT, {line.sku for line in given.lines})
        picked = {line.fulfillment.node_id for line in given.lines if line.fulfillment.node_id}
        nodes = directory.entries(directory.NODE, picked)
        # Another's channel is not there, whatever else is wrong with the order.
        channel = directory.find(directory.CHANNEL, given.channel) if who.sees_channel(given.channel) else None
        wrong = rules.problems(given, products, nodes, channel, now)
        if wrong:
            raise Invalid(*wrong)
        if given.bill_to:
            destinations.check(given.bill_to, pointer="/bill_to")
        order_id = ids.order(settings.cell, ids.ulid(int(now.timestamp() * 1000), secrets.randbits(80)))
        customer = given.customer.id or _guest(given.customer.email)
        order = rules.to_order(given, order_id, customer, products, nodes, now, _destination(given.ship_to, channel))
        policy = rules.discount_policy(channel)
        order = _brought(given, order, who, now)
        decision = place.place(order, directory.hold_types(), who.id, now, discount_after_cancel=policy)
        decision, kept = _promoted(decision, who, now)
        try:
            saved = orders.save(
                None,
                decision,
                first=lambda order: [use.record(_placed(order)), _natural(order)],
                also=lambda order: [customers.write(order.order_id, order.contact, rules.contact(given), now), *kept],
            )
        except _Taken as error:
            existing = orders.by_natural_key(given.channel, given.external_id)
            raise AlreadyExists(existing or "") from error
        logger.info("placed", extra={"order_id": saved.order_id, "lines": len(saved.lines), "channel": saved.channel})
        metrics.add_metric("OrdersPlaced", MetricUnit.Count, 1)

    return once(event, who, settings.orders_table, int(now.timestamp()), effect)


def _guest(email: str | None) -> str:
    """Return the customer id of a guest, who orders without an account. The same address has the same id; without an
    address each order has another id."""
    return signing.guest_id(email) if email else f"g_{secrets.token_hex(16)}"


def _destination(to: contract.Address | None, channel: Mapping[str, Any] | None) -> Destination | None:
    """Return the destination of a shipped order, or None for an order without an address."""
    if to is None:
        return None
    return destinations.locate(to, pointer="/ship_to", unknown_places=(channel or {}).get("unknown_places"))


def _brought(given: contract.OrderIn, order: Order, who: Caller, now: datetime) -> Order:
    """With the reservation and the promise that it was placed on; few orders bring any."""
    if not given.reservation_id and not given.promise_id:
        return order
    from functions.intake import brought

    return brought.onto(order, given.reservation_id, given.promise_id, given.option_id, who, now)


def _promoted(decision: Decision, who: Caller, now: datetime) -> tuple[Decision, list[Write]]:
    if decision.order.reservation_id is None:
        return decision, []
    from functions.intake import brought

    return brought.promoted(decision, who, now)


def _settled(before: Order, decision: Decision, now: datetime) -> tuple[Decision, list[Write]]:
    if before.reservation_id is None:
        return decision, []
    from functions.intake import brought

    return brought.settled(before, decision, now)


class _Taken(Rejected):
    """The channel has an order of this external id."""


def _placed(order: Order) -> Answer:
    headers = {**http.order_headers(order), "Location": f"/v1/orders/{order.order_id}"}
    return Answer(status=201, body=views.order(order), headers=headers)


def _natural(order: Order) -> Write:
    values = {**keys.natural(order.channel, order.external_id), "order_id": order.order_id}
    return transaction.put_once(settings.orders_table, values, _Taken())


@app.get("/v1/orders")
def list_orders() -> Response[str]:
    event = app.current_event.raw_event
    who, query = caller(event), http.query(event)
    match sorted(set(query) - {"limit", "cursor"}):
        case ["channel", "external_id"]:
            return _by_external_id(who, query["channel"], query["external_id"])
        case ["customer_id"]:
            partitions, index = [keys.customer_page(query["customer_id"])], "GSI1"
        case ["channel", "day"]:
            if not who.sees_channel(query["channel"]):
                raise NotFound("channel", query["channel"])
            partitions, index = list_pages.days(query["channel"], _day(query["day"])), "GSI2"
        case _:
            raise Invalid(
                Problem(
                    pointer="/",
                    code="unknown-filter",
                    message="filter by channel and external_id, by customer_id, or by channel and day",
                )
            )
    bound = f"{who.id} {index} {' '.join(partitions)}"
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    theirs: list[dict[str, Any]] = []
    while not theirs:  # a cursor is made of a row that is theirs: one of another channel's would name its order
        rows, more = list_pages.page(index, partitions, after, limit)
        theirs = [row for row in rows if who.sees_channel(row["channel"])]
        if more is None:
            break
        after = more
    following = list_pages.cursor(theirs[-1][f"{index.lower()}sk"], bound) if more else None
    return http.page(event, [views.order(orders.of_item(row)) for row in theirs], following)


def _by_external_id(who: Caller, channel: str, external_id: str) -> Response[str]:
    if not who.sees_channel(channel):
        raise NotFound("order", external_id)
    order_id = orders.by_natural_key(channel, external_id)
    found = [orders.load(order_id)] if order_id else []
    return http.respond(Answer(status=200, body={"items": [views.order(order) for order in found], "next": None}))


def _day(text: str) -> str:
    try:
        return f"{date.fromisoformat(text):%Y%m%d}"
    except ValueError as error:
        raise Invalid(Problem(pointer="/day", code="not-a-day", message="a UTC day, YYYY-MM-DD")) from error


@app.get("/v1/orders/<order_id>")
def get_order(order_id: str) -> Response[str]:
    order = _theirs(caller(app.current_event.raw_event), order_id)
    return http.respond(_shown(order))


def _theirs(who: Caller, order_id: str) -> Order:
    known, _ = ids.parse("ord", order_id, settings.cell)
    return who.require_order(orders.load(known))


@app.get("/v1/orders/<order_id>/events")
def get_events(order_id: str) -> Response[str]:
    fields = ("version", "type", "actor", "at", "status")
    return _children(order_id, "E#", lambda row: {**{name: row[name] for name in fields}, "data": unpack(row["data"])})


@app.get("/v1/orders/<order_id>/decisions")
def get_decisions(order_id: str) -> Response[str]:
    return _children(order_id, "D#", lambda row: _decision(row["version"], unpack(row["doc"])))


def _children(order_id: str, prefix: str, shown: Callable[[dict[str, Any]], dict[str, Any]]) -> Response[str]:
    event = app.current_event.raw_event
    who, given = caller(event), http.query(event)
    order = _theirs(who, order_id)
    bound = f"{who.id} {order.order_id} {prefix}"
    rows, more = list_pages.children(order.order_id, prefix, list_pages.after(given, bound), list_pages.limit(given))
    return http.page(event, [shown(row) for row in rows], list_pages.cursor(more, bound) if more else None)


def _decision(version: int, doc: dict[str, Any]) -> dict[str, Any]:
    """As it was stored, and in words, which few ask for."""
    from comanda.domain.evaluation import explain

    at = views.time(datetime.fromisoformat(doc["at"]))
    return {"version": version, **doc, "at": at, "explanation": explain.paragraphs(doc)}


@app.get("/v1/orders/<order_id>/contact")
def get_contact(order_id: str) -> Response[str]:
    who = caller(app.current_event.raw_event)
    known, _ = ids.parse("ord", order_id, settings.cell)
    order = orders.load(known)
    ships = any(who.sees_fulfillment(f) and not f.ended for f in order.fulfillments)
    if not who.sees_channel(order.channel) and not ships:
        raise NotFound("order", order_id)
    return http.respond(Answer(status=200, body=customers.load(order.order_id, order.contact)))


@app.post("/v1/orders/<order_id>/confirm")
def confirm(order_id: str) -> Response[str]:
    def rule(_given: contract.Nothing, who: Caller, now: Any) -> Rule:
        def decide(order: Order) -> Decision:
            _require_role(who, order, place.REVIEW)
            return place.confirm(order, _REVIEWS, who.id, now)

        return decide

    return _change(order_id, contract.Nothing, rule)


def _require_role(who: Caller, order: Order, hold_type: str) -> None:
    """Raise Forbidden when an active hold of this type is for other roles, or for another system, to resolve."""
    if not any(held.active and held.type == hold_type for held in order.holds):
        return
    kind = directory.find_hold_type(hold_type)
    if kind and kind.roles and who.kinds.isdisjoint(kind.roles):
        raise Forbidden(f"a hold of type {hold_type} is resolved by {' or '.join(kind.roles)}")
    if kind and kind.resolved_by == holds.EVENT and who.person:
        raise Forbidden(f"a hold of type {hold_type} is resolved by another system, not by a person")


@app.post("/v1/orders/<order_id>/reject")
def reject(order_id: str) -> Response[str]:
    def rule(given: contract.Reason, who: Caller, now: Any) -> Rule:
        def decide(order: Order) -> Decision:
            _require_role(who, order, place.REVIEW)
            return place.reject(order, _REVIEWS, given.reason, who.id, now)

        return decide

    return _change(order_id, contract.Reason, rule)


_REVIEWS = Queue.SALES_REVIEW


@app.post("/v1/orders/<order_id>/cancel")
def cancel_order(order_id: str) -> Response[str]:
    def rule(given: contract.CancelIn, who: Caller, now: Any) -> Rule:
        def decide(order: Order) -> Decision:
            wanted = (
                None if given.lines is None else rules.quantities(order, [(c.line_id, c.quantity) for c in given.lines])
            )
            with http.lines_as_sent(wanted):
                return cancel.cancel(order, wanted, given.reason, who.id, now)

        return decide

    return _change(order_id, contract.CancelIn, rule, _cancelled)


def _cancelled(order: Order, decision: Decision) -> Answer:
    """Return the order, and the units that a cancel of everything could not cancel."""
    answer = _changed(order, decision)
    return replace(answer, body={**answer.body, "not_cancelled": decision.event.data.get("not_cancelled", [])})


@app.post("/v1/orders/<order_id>/holds")
def hold(order_id: str) -> Response[str]:
    def rule(given: contract.HoldIn, who: Caller, now: Any) -> Rule:
        kind = directory.find_hold_type(given.type)
        if kind is None:
            message = f"there is no type of hold {given.type}"
            raise Invalid(Problem(pointer="/type", code="unknown-hold-type", message=message))
        lines = tuple(given.lines or ())
        return lambda order: place.hold(order, kind, given.reason, who.id, now, lines)

    return _change(order_id, contract.HoldIn, rule)


@app.post("/v1/orders/<order_id>/holds/<hold_id>/resolve")
def resolve_hold(order_id: str, hold_id: str) -> Response[str]:
    def rule(given: contract.ResolutionIn, who: Caller, now: Any) -> Rule:
        def decide(order: Order) -> Decision:
            held = next((held for held in order.holds if held.hold_id == hold_id and held.active), None)
            if held is None:
                raise NotFound("active hold", hold_id)
            _require_role(who, order, held.type)
            kind = directory.find_hold_type(held.type)
            queue = held.queue or (kind.queue if kind else Queue.HOLDS)
            return place.resolve(order, hold_id, queue, given.resolution, who.id, now)

        return decide

    return _change(order_id, contract.ResolutionIn, rule)


def _shown(order: Order) -> Answer:
    return Answer(status=200, body=views.order(order), headers=http.order_headers(order))


def _changed(order: Order, _decision: Decision) -> Answer:
    return _shown(order)


def _change(
    order_id: str,
    model: type[Any],
    rule_of: Callable[[Any, Caller, Any], Rule],
    answer: Callable[[Order, Decision], Answer] = _changed,
) -> Response[str]:
    """A change of an order by somebody who read it: If-Match, once for its key, answered with the new order."""
    event = app.current_event.raw_event
    who, now = caller(event), clock.now()
    known, _ = ids.parse("ord", order_id, settings.cell)

    def effect(use: Once) -> None:
        given, expected = http.read(event, model), http.if_match(event)
        rule = rule_of(given, who, now)

        kept: list[Write] = []
        last: list[Decision] = []

        def checked(order: Order) -> Decision:
            http.require_version(expected, who.require_order(order).version)
            decision, writes = _settled(order, rule(order), now)
            kept[:], last[:] = writes, [decision]
            return decision

        orders.decide(known, checked, first=lambda order: [use.record(answer(order, last[0]))], also=lambda _: kept)

    def theirs() -> Order:
        return who.require_order(orders.load(known))

    return once(event, who, settings.orders_table, int(now.timestamp()), effect, theirs=theirs)


@app.get("/v1/queues")
def list_queues() -> Response[str]:
    event = app.current_event.raw_event
    bound, given = f"{caller(event).id} queues", http.query(event)
    found, more = list_pages.whole(queues.ALL, list_pages.after(given, bound), list_pages.limit(given))
    items = [{"queue": name, "links": {"items": f"/v1/queues/{name}"}} for name in found]
    return http.page(event, items, list_pages.cursor(more, bound) if more else None)


@app.get("/v1/queues/<queue>")
def get_queue(queue: str) -> Response[str]:
    event = app.current_event.raw_event
    who, query = caller(event), http.query(event)
    if queue not in queues.ALL:
        raise NotFound("queue", queue)
    bound = f"{who.id} queue {queue}"
    if queue in queues.OF_STOCK:
        return _queue_of_stock(event, queue, bound)
    rows, more = list_pages.page(
        "GSI3", list_pages.queue(queue), list_pages.after(query, bound), list_pages.limit(query)
    )
    fields = ("order_id", "queue", "reason", "due", "data")
    items = [{"item_id": f"{row['order_id']}.{row['item']}", **{name: row[name] for name in fields}} for row in rows]
    return http.page(event, items, list_pages.cursor(more, bound) if more else None)


def _queue_of_stock(event: dict[str, Any], queue: str, bound: str) -> Response[str]:
    """Return a page of a queue whose items wait between two nodes. The code of stock is imported here, because few
    requests need it."""
    from comanda.aws.stock_updates import transfers

    query = http.query(event)
    after, limit = list_pages.after(query, bound), list_pages.limit(query)
    rows, more = list_pages.page("GSI3", list_pages.queue(queue), after, limit, table=settings.stock_table)
    items = [transfers.item(queue, row) for row in rows]
    return http.page(event, items, list_pages.cursor(more, bound) if more else None)


def _resolved_of_stock(event: dict[str, Any], who: Caller, queue: str, item_id: str, now: datetime) -> Response[str]:
    from comanda.aws.stock_updates import transfers

    def effect(use: Once) -> Answer:
        said = http.read(event, contract.AnswerIn).answer
        before = use.replay()
        if before is not None:
            return before
        supply_id, line, verdict = transfers.resolve(use.key["pk"], queue, item_id, said, who.id)
        body = {**transfers.summary(supply_id), "rows": [{"line": line, "status": verdict.status}]}
        answer = Answer(status=200, body=body, headers={"ETag": f'"v{body["version"]}"'})
        transaction.commit([use.record(answer)])
        return answer

    return once(event, who, settings.stock_table, int(now.timestamp()), effect)


@app.post("/v1/queues/<queue>/items/<item_id>/resolve")
def resolve_item(queue: str, item_id: str) -> Response[str]:
    event = app.current_event.raw_event
    who, now = caller(event), clock.now()
    if queue not in queues.ALL:
        raise NotFound("queue", queue)
    if queue in queues.OF_STOCK:
        return _resolved_of_stock(event, who, queue, item_id, now)
    order_id, _, name = item_id.partition(".")
    known, _ = ids.parse("ord", order_id, settings.cell)

    def effect(use: Once) -> None:
        answer = http.read(event, contract.AnswerIn).answer
        orders.require_task(known, queue, name)
        orders.decide(
            known,
            lambda order: resume.resume(who.require_order(order), queue, name, answer, who.id, now),
            first=lambda order: [use.record(_shown(order))],
        )

    return once(event, who, settings.orders_table, int(now.timestamp()), effect)
