"""
Take orders from any channel, show them, and take what sales and customers decide about them.

Called by   API Gateway: /v1/orders*, /v1/queues*, /v1/health (see comanda.aws.api.routes); sweep and pay, with {"pending_changes":
            [order ids]}: make those that are covered by now
Returns     the order; problem+json for everything that is wrong
Raises      no domain error: `comanda.aws.api.http` answers each with a problem

No door calls a machine. A door commits facts, and the stream of the Orders table drives everything else.
The code of changes and queues is imported at its first request, so that the first order of a container does not wait for it.
"""

from typing import Any

from aws_lambda_powertools import Metrics

from comanda.aws.api import http
from comanda.aws.api.resolver import Response
from comanda.aws.runtime.room import room
from comanda.aws.runtime.settings import settings
from functions.intake import orders

metrics = Metrics()
app = http.door()


@room
@metrics.log_metrics
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    if "pending_changes" in event:
        from functions.intake.changes import pending_reviews

        pending_reviews.review_all(event["pending_changes"])
        return {"reviewed": len(event["pending_changes"])}
    return http.serve(app, event, context)


@app.get("/v1/health")
def health() -> dict[str, str]:
    return {"status": "ok", "cell": settings.cell}


@app.post("/v1/orders")
def place_order() -> Response[str]:
    return orders.place_order(app.current_event.raw_event)


@app.get("/v1/orders")
def list_orders() -> Response[str]:
    return orders.list_orders(app.current_event.raw_event)


@app.get("/v1/orders/<order_id>")
def get_order(order_id: str) -> Response[str]:
    return orders.get_order(app.current_event.raw_event, order_id)


@app.get("/v1/orders/<order_id>/events")
def get_events(order_id: str) -> Response[str]:
    from functions.intake import order_history

    return order_history.get_events(app.current_event.raw_event, order_id)


@app.get("/v1/orders/<order_id>/decisions")
def get_decisions(order_id: str) -> Response[str]:
    from functions.intake import order_history

    return order_history.get_decisions(app.current_event.raw_event, order_id)


@app.get("/v1/orders/<order_id>/contact")
def get_contact(order_id: str) -> Response[str]:
    return orders.get_contact(app.current_event.raw_event, order_id)


@app.get("/v1/orders/<order_id>/allowed-changes")
def get_allowed_changes(order_id: str) -> Response[str]:
    from functions.intake.changes import allowed_changes

    return allowed_changes.get_allowed_changes(app.current_event.raw_event, order_id)


@app.post("/v1/orders/<order_id>/changes")
def change_order(order_id: str) -> Response[str]:
    from functions.intake.changes import order_changes

    return order_changes.change_order(app.current_event.raw_event, order_id)


@app.post("/v1/drafts/<draft_id>/confirm")
def confirm_draft(draft_id: str) -> Response[str]:
    from functions.intake import draft_confirm

    return draft_confirm.confirm_draft(app.current_event.raw_event, draft_id)


@app.post("/v1/orders/<order_id>/payments")
def add_payments(order_id: str) -> Response[str]:
    from functions.intake.changes import pending_changes

    return pending_changes.add_payments(app.current_event.raw_event, order_id)


@app.post("/v1/orders/<order_id>/payment-links")
def ask_by_link(order_id: str) -> Response[str]:
    from functions.intake.changes import asked_payments

    return asked_payments.ask_by_link(app.current_event.raw_event, order_id)


@app.post("/v1/orders/<order_id>/pending-change/withdraw")
def withdraw_change(order_id: str) -> Response[str]:
    from functions.intake.changes import pending_changes

    return pending_changes.withdraw(app.current_event.raw_event, order_id)


@app.post("/v1/orders/<order_id>/confirm")
def confirm(order_id: str) -> Response[str]:
    from functions.intake import order_steps

    return order_steps.confirm(app.current_event.raw_event, order_id)


@app.post("/v1/orders/<order_id>/reject")
def reject(order_id: str) -> Response[str]:
    from functions.intake import order_steps

    return order_steps.reject(app.current_event.raw_event, order_id)


@app.post("/v1/orders/<order_id>/cancel")
def cancel(order_id: str) -> Response[str]:
    from functions.intake import order_steps

    return order_steps.cancel_order(app.current_event.raw_event, order_id)


@app.post("/v1/orders/<order_id>/provide")
def provide(order_id: str) -> Response[str]:
    from functions.intake import provisions

    return provisions.provide_units(app.current_event.raw_event, order_id)


@app.post("/v1/orders/<order_id>/recall")
def recall(order_id: str) -> Response[str]:
    from functions.intake import recalls

    return recalls.recall_order(app.current_event.raw_event, order_id)


@app.post("/v1/orders/<order_id>/holds")
def hold(order_id: str) -> Response[str]:
    from functions.intake import order_steps

    return order_steps.hold(app.current_event.raw_event, order_id)


@app.post("/v1/orders/<order_id>/holds/<hold_id>/resolve")
def resolve_hold(order_id: str, hold_id: str) -> Response[str]:
    from functions.intake import order_steps

    return order_steps.resolve_hold(app.current_event.raw_event, order_id, hold_id)


@app.post("/v1/hold-types/<type_id>/dry-run")
def try_hold_type(type_id: str) -> Response[str]:
    from functions.intake import hold_trials

    return hold_trials.try_hold_type(app.current_event.raw_event, type_id)


@app.get("/v1/find")
def find() -> Response[str]:
    from functions.intake import find

    return find.find(app.current_event.raw_event)


@app.get("/v1/queues")
def list_queues() -> Response[str]:
    from functions.intake.queues import queues

    return queues.list_queues(app.current_event.raw_event)


@app.get("/v1/queues/<queue>")
def get_queue(queue: str) -> Response[str]:
    from functions.intake.queues import queues

    return queues.get_queue(app.current_event.raw_event, queue)


@app.get("/v1/work")
def get_work() -> Response[str]:
    from functions.intake.queues import queues

    return queues.get_work(app.current_event.raw_event)


@app.post("/v1/queues/<queue>/claim")
def claim_next(queue: str) -> Response[str]:
    from functions.intake.queues import claims

    return claims.claim_next(app.current_event.raw_event, queue)


@app.post("/v1/queues/<queue>/items/<item_id>/claim")
def claim_item(queue: str, item_id: str) -> Response[str]:
    from functions.intake.queues import claims

    return claims.claim_item(app.current_event.raw_event, queue, item_id)


@app.post("/v1/queues/<queue>/items/<item_id>/release")
def release_item(queue: str, item_id: str) -> Response[str]:
    from functions.intake.queues import claims

    return claims.release_item(app.current_event.raw_event, queue, item_id)


@app.post("/v1/queues/<queue>/items/<item_id>/resolve")
def resolve_item(queue: str, item_id: str) -> Response[str]:
    from functions.intake.queues import answers

    return answers.resolve_item(app.current_event.raw_event, queue, item_id)


@app.post("/v1/queues/<queue>/resolve")
def resolve_items(queue: str) -> Response[str]:
    from functions.intake.queues import answers

    return answers.resolve_items(app.current_event.raw_event, queue)
