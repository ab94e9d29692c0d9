"""
Find, show, merge and export customers, answer who looked at them, and make the links by which they see their orders.

Called by   API Gateway: /v1/customers* without DELETE, /v1/audit, /v1/orders/{order_id}/links, /v1/order-lookups (see
            comanda.aws.api.routes); people with {"rebuild": "customers"}
Returns     customers, notes, links; problem+json for everything that is wrong
Raises      no domain error: `comanda.aws.api.http` answers each with a problem

The room erase erases customers, because no other room deletes people from Customers.
"""

from typing import Any

from comanda.aws.api import http
from comanda.aws.api.resolver import Response
from comanda.aws.runtime.room import room

app = http.door()


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    if "rebuild" in event:  # people invoke the room: no request of the gateway has this
        from functions.customers import customer_backfill

        return customer_backfill.rebuild(event, context)
    return http.serve(app, event, context)


@app.get("/v1/customers")
def search_customers() -> Response[str]:
    from functions.customers import customers

    return customers.search(app.current_event.raw_event)


@app.get("/v1/customers/<customer_id>")
def get_customer(customer_id: str) -> Response[str]:
    from functions.customers import customers

    return customers.get_customer(app.current_event.raw_event, customer_id)


@app.post("/v1/customers/<customer_id>/merge")
def merge_customer(customer_id: str) -> Response[str]:
    from functions.customers import customer_merges

    return customer_merges.merge(app.current_event.raw_event, customer_id)


@app.post("/v1/customers/<customer_id>/unmerge")
def unmerge_customer(customer_id: str) -> Response[str]:
    from functions.customers import customer_merges

    return customer_merges.unmerge(app.current_event.raw_event, customer_id)


@app.get("/v1/customers/<customer_id>/export")
def export_customer(customer_id: str) -> Response[str]:
    from functions.customers import customer_export

    return customer_export.export(app.current_event.raw_event, customer_id)


@app.post("/v1/orders/<order_id>/links")
def make_link(order_id: str) -> Response[str]:
    from functions.customers import links

    return links.make_link(app.current_event.raw_event, order_id)


@app.get("/v1/audit")
def get_audit() -> Response[str]:
    from functions.customers import audit

    return audit.get_audit(app.current_event.raw_event)


@app.post("/v1/order-lookups")
def look_up_order() -> Response[str]:
    from functions.customers import order_lookups

    return order_lookups.look_up(app.current_event.raw_event)
