"""
Show the day of a node: what it has to accept, what is late or due today, and each part of its work.

Called by   functions/console/handler.py: /console/nodes/{node}
Returns     the page, or the page of the work whose code was scanned or typed
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer, get
from functions.console import node_rules, node_work, screens
from functions.console.node_rules import Row
from functions.console.request import Request

_SHORT, _LONG = 5, 200  # rows of a part, beside the others and alone
_QUEUES = ("put-back", "late-work", "pay-outs")
_LATE, _TODAY = "late", "today"
_MOST_TASKS = "100"


def show(request: Request) -> Reply:
    return _page(request, request.parameter("code"))


def act(request: Request) -> Reply:
    """Open what was scanned or typed."""
    return _page(request, node_work.typed_code(request)) if request.form.do == "open" else request.missing()


def _page(request: Request, code: str) -> Reply:
    node = request.values["node"]
    tasks = [get(f"/v1/queues/{queue}", node_id=node, limit=_MOST_TASKS) for queue in _QUEUES]
    opened = node_work.open_by_code(request, code, *tasks)
    if isinstance(opened, Reply):
        return opened
    work, why_not, queues = opened
    works = not screens.AT_NODES.isdisjoint(request.person.roles)
    rows = node_rules.sorted_rows(work.items, work.place.zone, request.now)
    if not works:  # the office reads a node's work, and takes no step of it
        rows = [replace(row, path=f"orders/{row.work['order_id']}") for row in rows]
    only = request.parameter("show")
    return request.page(
        "node_day.html",
        title=work.place.name,
        handheld=True,
        scans=True,
        place=work.place,
        works=works,
        more=work.more,
        code=code,
        why_not=why_not,
        asked_back=[row for row in rows if row.work.get("recall")] if works else [],
        figures=_figures(rows),
        queues=dict(zip(_QUEUES, map(_waiting, queues), strict=True)),
        parts=_parts(rows, only),
        only=only,
    )


def _figures(rows: Sequence[Row]) -> dict[str, int]:
    """Return how much work there is of each part, how much is late, and how much of the rest is due today."""
    figures = {part: sum(row.part == part for row in rows) for part in node_rules.PARTS}
    return {**figures, _LATE: sum(row.late for row in rows), _TODAY: sum(row.today and not row.late for row in rows)}


def _parts(rows: Sequence[Row], only: str) -> list[dict[str, Any]]:
    """Return the parts of the day with their first rows, or one of them with all its rows."""
    chosen = {
        _LATE: [row for row in rows if row.late],
        _TODAY: [row for row in rows if row.today and not row.late],
        **{part: [row for row in rows if row.part == part] for part in node_rules.PARTS},
    }
    if only in chosen:
        return [_part(only, chosen[only], _LONG)]
    return [_part(part, chosen[part], _SHORT) for part in node_rules.PARTS if chosen[part]]


def _part(name: str, rows: Sequence[Row], most: int) -> dict[str, Any]:
    return {"name": name, "rows": rows[:most], "hidden": max(0, len(rows) - most)}


def _waiting(answer: Answer) -> dict[str, Any] | None:
    """Return how many items of a queue wait, None if that is not known now."""
    return {"items": len(answer.body["items"]), "more": bool(answer.body["next"])} if answer.ok else None
