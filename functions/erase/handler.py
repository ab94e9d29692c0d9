"""
Erase customers: their contacts, and all that is stored of them beside their orders.

Called by   API Gateway: DELETE /v1/customers/{customer_id}; sweep, with {"erase": [customer ids]}: finish what was begun, and
            with {"expire_drafts": [draft ids]}: note the end of drafts whose time is over, and delete their contacts
Returns     how far the erasure is; problem+json for everything that is wrong
Raises      no domain error to the gateway; to sweep the last error, after the other customers

No other room deletes people from Customers: `drafts` deletes rows of the drafts' own contacts alone.
"""

from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http
from comanda.aws.api.resolver import Response
from comanda.aws.drafts import draft_erasure
from comanda.aws.runtime import clock, deadline
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.room import room
from functions.erase import erasure

logger = Logger()
app = http.door()


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    if "expire_drafts" in event:
        now = clock.now()
        do_all([partial(draft_erasure.expire, draft_id, now) for draft_id in event["expire_drafts"]])
        return {"expired": len(event["expire_drafts"])}
    if "erase" not in event:
        return http.serve(app, event, context)
    deadline.begin(context)
    do_all([partial(erasure.go_on, customer_id) for customer_id in event["erase"]])
    return {"erased": len(event["erase"])}


@app.delete("/v1/customers/<customer_id>")
def erase_customer(customer_id: str) -> Response[str]:
    return erasure.erase(app.current_event.raw_event, customer_id)
