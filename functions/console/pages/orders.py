"""
List orders: of one channel or of all of a person's channels, of one day or of some days before it, or those of a customer.

Called by   functions/console/handler.py: /console/orders
Returns     the page, or what it shows as a CSV file; a filter that the API refuses is named beside its field

The address is the saved view. Each list of the API has one channel and one day, so a page of several reads a few of them side
by side, no more than `order_list.MOST_CALLS`, and says which of them go on.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import urlencode

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer, Call, get
from functions.console import order_list, problems
from functions.console.order_list import Orders, Place
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_ROWS, _ROWS_OF_EACH, _MOST_CHANNELS = "50", "25", "100"
_MOST_LINKS = 40
_REFUSED = (400, 404, 422)
_CSV = "text/csv; charset=utf-8"


@dataclass(kw_only=True)
class Found:
    """Keep what the lists of the API have. `more` are channels and days that have further orders, or could not be read."""

    rows: Orders = field(default_factory=list)
    next: str | None = None
    more: list[Place] = field(default_factory=list)
    refused: Refusal | None = None
    failed: Answer | None = None


def show(request: Request) -> Reply:
    asked = {name: request.parameter(name) for name in ("customer", "channel", "day", "days", "sort")}
    day = asked["day"] or request.now.date().isoformat()
    channels, found = _read(request, asked["customer"], asked["channel"], day, order_list.period(asked["days"]))
    if found.failed is not None:
        return request.failed(found.failed, spoken("Orders"))
    rows = order_list.sorted_by(found.rows, asked["sort"])
    if request.parameter("as") == "csv":
        return _file(order_list.file(rows), asked["customer"] or asked["channel"] or "all", day)
    return request.page(
        "orders.html",
        channel_options=channels,
        asked={**asked, "day": day, "days": str(order_list.period(asked["days"]))},
        query=urlencode({name: value for name, value in {**asked, "day": day}.items() if value}),
        rows=rows,
        next=found.next,
        more=found.more[:_MOST_LINKS],
        hidden=max(0, len(found.more) - _MOST_LINKS),
        cursor=request.parameter("cursor"),
        refused=found.refused,
    )


def _read(request: Request, customer: str, channel: str, day: str, count: int) -> tuple[list[tuple[str, str]], Found]:
    """Return the channels to choose from, and the orders. The list of channels is asked for beside the first orders."""
    listing = get("/v1/channels", limit=_MOST_CHANNELS)
    cursor = request.parameter("cursor")
    if customer or (channel and count == 1):
        channels, orders = request.door.ask(listing, _orders(customer, channel, day, cursor))
        return _options(channels), _single(orders)
    known = [channel] if channel else list(request.person.channels)
    channels = request.door.ask(listing)[0]
    return _options(channels), _several(request, known or [name for name, _ in _options(channels)], day, count)


def _options(channels: Answer) -> list[tuple[str, str]]:
    return [(row["id"], row["id"]) for row in channels.body["items"]] if channels.ok else []


def _single(orders: Answer) -> Found:
    if orders.ok:
        return Found(rows=orders.body["items"], next=orders.body["next"])
    if orders.status not in _REFUSED:
        return Found(failed=orders)
    return Found(refused=None if orders.status == 404 else problems.refusal(orders))


def _several(request: Request, channels: Sequence[str], day: str, count: int) -> Found:
    """Return the orders of several lists, those of one day side by side, the last day first."""
    waves, left = order_list.lists(channels, order_list.days(day, count))
    found = Found()
    for wave in waves:
        if len(found.rows) >= order_list.MOST_ROWS:
            found.more += wave
            continue
        answers = request.door.ask(*(_orders("", channel, on, "", _ROWS_OF_EACH) for channel, on in wave))
        for place, answer in zip(wave, answers, strict=True):
            single = _single(answer)
            found.rows += single.rows
            found.refused = found.refused or single.refused
            if single.next or single.failed:
                found.more.append(place)
        if found.refused:
            break
        if all(answer.status not in _REFUSED and not answer.ok for answer in answers):
            return Found(failed=answers[0])
    found.more += left
    return found


def _orders(customer: str, channel: str, day: str, cursor: str, rows: str = _ROWS) -> Call:
    chosen = {"customer_id": customer} if customer else {"channel": channel, "day": day}
    return get("/v1/orders", **chosen, newest="true", limit=rows, cursor=cursor)


def _file(text: str, of: str, day: str) -> Reply:
    """Return the file of what the page shows. Its name has no sign that a header could be cut by."""
    name = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in f"orders-{of}-{day}")[:80]
    headers = {"Content-Type": _CSV, "Content-Disposition": f'attachment; filename="{name}.csv"'}
    return Reply(status=200, body=text, headers=headers)
