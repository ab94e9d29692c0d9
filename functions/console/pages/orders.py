"""
List the orders that a channel placed on a day, or those of one customer, the newest first. The address is the saved view.

Called by   functions/console/handler.py: /console/orders
Returns     the page; a filter that the API refuses is named beside its field
"""

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Call, get
from functions.console import problems
from functions.console.request import Request
from functions.console.view import spoken

_ROWS, _MOST_CHANNELS = "50", "100"


def show(request: Request) -> Reply:
    customer, cursor = request.parameter("customer"), request.parameter("cursor")
    channel, day = request.parameter("channel"), request.parameter("day") or request.now.date().isoformat()
    list_channels = get("/v1/channels", limit=_MOST_CHANNELS)
    if customer or channel:
        channels, found = request.door.ask(list_channels, _orders(customer, channel, day, cursor))
    else:  # the first channel is shown, and its name must be known before its orders are asked for
        channels = request.door.ask(list_channels)[0]
        channel = channels.body["items"][0]["id"] if channels.ok and channels.body["items"] else ""
        found = request.door.ask(_orders(customer, channel, day, cursor))[0]
    if not found.ok and found.status not in (400, 404, 422):
        return request.failed(found, spoken("Orders"))
    return request.page(
        "orders.html",
        channel_options=[(row["id"], row["id"]) for row in channels.body["items"]] if channels.ok else [],
        channel=channel,
        day=day,
        customer=customer,
        rows=found.body["items"] if found.ok else [],
        next=found.body["next"] if found.ok else None,
        cursor=cursor,
        refused=None if found.ok or found.status == 404 else problems.refusal(found),
    )


def _orders(customer: str, channel: str, day: str, cursor: str) -> Call:
    chosen = {"customer_id": customer} if customer else {"channel": channel, "day": day}
    return get("/v1/orders", **chosen, newest="true", limit=_ROWS, cursor=cursor)
