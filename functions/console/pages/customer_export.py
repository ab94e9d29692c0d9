"""
Download what is stored of one customer as JSON.

Called by   functions/console/handler.py: /console/customers/{customer_id}/export?cursor=&part=
Returns     the file; a page that leads to its parts when all of it fits no one answer
"""

import json
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer
from functions.console.request import Request
from functions.console.view import spoken

MOST_BYTES = 1_000_000  # of a file, and one answer of the API more: the gateway sends at most six millions
_ROWS = "20"  # orders of one call: an order of a thousand lines has half a million bytes
_LISTS = {"items": "orders", "drafts": "drafts", "cases": "cases"}  # of an answer, and of a file


def show(request: Request) -> Reply:
    """Answer the part of the export that begins at a cursor: the file itself, or first the page when there are several."""
    cursor, part = request.parameter("cursor"), request.parameter("part")
    found, following, failed = _part(request, cursor)
    if failed:
        return request.failed(failed, spoken("The customer"))
    number = int(part) if part.isascii() and part.isdigit() and len(part) <= 4 else 1
    if (following or cursor) and request.parameter("as") != "file":
        count = len(found["orders"])
        return request.page("customer_export.html", cursor=cursor, part=number, following=following, count=count)
    body = {"customer_id": request.values["customer_id"], "part": number, "more": bool(following), **found}
    return _file(f"{request.values['customer_id']}-{number}.json", body)


def _part(request: Request, cursor: str) -> tuple[dict[str, list[Any]], str, Answer | None]:
    """Return what is stored from a cursor on, as much as one file holds, the cursor of the rest, and the call that failed."""
    found: dict[str, list[Any]] = {name: [] for name in _LISTS.values()}
    while True:
        path = f"/v1/customers/{request.values['customer_id']}/export"
        page = request.door.get(path, limit=_ROWS, **({"cursor": cursor} if cursor else {}))
        if not page.ok:
            return {}, "", page
        for name, of_file in _LISTS.items():
            found[of_file] += page.body[name]
        cursor = page.body["next"] or ""
        if not cursor or len(json.dumps(found)) > MOST_BYTES:
            return found, cursor, None


def _file(name: str, body: Any) -> Reply:
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "Content-Disposition": f'attachment; filename="{name}"',
    }
    return Reply(status=200, body=json.dumps(body, ensure_ascii=False, indent=1), headers=headers)
