"""
Show the orders that wait at the counter of a node, and open the one whose number is scanned or typed.

Called by   functions/console/handler.py: /console/nodes/{node}/counter
Returns     the page, or the page of the order
"""

from comanda.aws.api.replies import Reply
from functions.console import node_rules, node_work
from functions.console.request import Request

_MOST_SHOWN = 50


def show(request: Request) -> Reply:
    return _page(request, request.parameter("code"))


def act(request: Request) -> Reply:
    """Open what was scanned or typed."""
    return _page(request, node_work.typed_code(request)) if request.form.do == "open" else request.missing()


def _page(request: Request, code: str) -> Reply:
    opened = node_work.open_by_code(request, code)
    if isinstance(opened, Reply):
        return opened
    work, why_not, _ = opened
    rows = node_rules.sorted_rows(work.items, work.place.zone, request.now)
    waiting = [row for row in rows if row.part == "counter"]
    ready = [row for row in waiting if row.work["status"] == node_rules.READY]
    packed = [row for row in waiting if row.work["status"] != node_rules.READY]
    return request.page(
        "node_counter.html",
        handheld=True,
        scans=True,
        place=work.place,
        code=code,
        why_not=why_not,
        ready=ready[:_MOST_SHOWN],
        ready_hidden=len(ready[_MOST_SHOWN:]),
        packed=packed[:_MOST_SHOWN],
        packed_hidden=len(packed[_MOST_SHOWN:]),
        more=work.more,
    )
