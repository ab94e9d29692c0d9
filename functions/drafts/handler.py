"""
Build drafts: a shop stores a customer's cart, an agent finds it, claims it and goes on with it on the phone.

Called by   API Gateway: /v1/drafts*
Returns     drafts; problem+json for everything that is wrong
Raises      no domain error: `comanda.aws.api.http` answers each with a problem

A draft reserves nothing and starts nothing. Each step is an event, which the relay publishes.
"""

from typing import Any

from comanda.aws.api import http
from comanda.aws.api.resolver import Response
from comanda.aws.runtime.room import room
from functions.drafts import building, claiming, reading

app = http.door()


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return http.serve(app, event, context)


@app.post("/v1/drafts")
def create_draft() -> Response[str]:
    return building.create_draft(app.current_event.raw_event)


@app.get("/v1/drafts")
def list_drafts() -> Response[str]:
    return reading.list_drafts(app.current_event.raw_event)


@app.get("/v1/drafts/<draft_id>")
def get_draft(draft_id: str) -> Response[str]:
    return reading.get_draft(app.current_event.raw_event, draft_id)


@app.patch("/v1/drafts/<draft_id>")
def change_draft(draft_id: str) -> Response[str]:
    return building.change_draft(app.current_event.raw_event, draft_id)


@app.get("/v1/drafts/<draft_id>/contact")
def get_contact(draft_id: str) -> Response[str]:
    return reading.get_contact(app.current_event.raw_event, draft_id)


@app.get("/v1/drafts/<draft_id>/events")
def get_events(draft_id: str) -> Response[str]:
    return reading.get_events(app.current_event.raw_event, draft_id)


@app.post("/v1/drafts/<draft_id>/claim")
def claim_draft(draft_id: str) -> Response[str]:
    return claiming.claim_draft(app.current_event.raw_event, draft_id)


@app.post("/v1/drafts/<draft_id>/release")
def release_draft(draft_id: str) -> Response[str]:
    return claiming.release_draft(app.current_event.raw_event, draft_id)


@app.post("/v1/drafts/<draft_id>/quote")
def quote_draft(draft_id: str) -> Response[str]:
    from functions.drafts import quoting  # with the code of links, which no other step of a draft needs

    return quoting.quote_draft(app.current_event.raw_event, draft_id)


@app.post("/v1/drafts/<draft_id>/abandon")
def abandon_draft(draft_id: str) -> Response[str]:
    return claiming.abandon_draft(app.current_event.raw_event, draft_id)
