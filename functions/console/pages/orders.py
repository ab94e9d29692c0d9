"""
List the orders that a channel placed on a day, or those of one customer, the newest first. The address is the saved view.

Called by   functions/console/handler.py: /console/orders
Returns     the page; a filter that the API refuses is named beside its field
"""

from functions.console import problems
from functions.console.front_door import get
from functions.console.reply import Reply
from functions.console.request import Request
from functions.console.view import spoken

_ROWS, _MOST_CHANNELS = "50", "100"


def show(request: Request) -> Reply:
    channels = request.door.get("/v1/channels", limit=_MOST_CHANNELS)
    known = [row["id"] for row in channels.body["items"]] if channels.ok else []
    customer, cursor = request.parameter("customer"), request.parameter("cursor")
    channel = request.parameter("channel") or (known[0] if known else "")
    day = request.parameter("day") or request.now.date().isoformat()
    chosen = {"customer_id": customer} if customer else {"channel": channel, "day": day}
    found = request.door.ask(get("/v1/orders", **chosen, newest="true", limit=_ROWS, cursor=cursor))[0]
    if not found.ok and found.status not in (400, 404, 422):
        return request.failed(found, spoken("Orders"))
    return request.page(
        "orders.html",
        channel_options=[(name, name) for name in known],
        channel=channel,
        day=day,
        customer=customer,
        rows=found.body["items"] if found.ok else [],
        next=found.body["next"] if found.ok else None,
        cursor=cursor,
        refused=None if found.ok or found.status == 404 else problems.refusal(found),
    )
