"""
Show the packed work of a node by carrier, open the parcel whose label is scanned, and ship marked work.

Called by   functions/console/handler.py: /console/nodes/{node}/ship
Returns     the page, or the page of the parcel; after shipping, a result for each marked row
"""

from collections.abc import Sequence

from comanda.aws.api.replies import Reply
from functions.console import node_rules, node_work, problems
from functions.console.node_work import Result
from functions.console.problems import Refusal
from functions.console.request import Request

_MOST_SHOWN = 50  # of one carrier


def show(request: Request) -> Reply:
    return _page(request)


def act(request: Request) -> Reply:
    """Open a code, or ship the marked work whole, each once for the form's key."""
    form = request.form
    if form.do == "open":
        return _page(request, code=node_work.typed_code(request))
    if form.do not in ("ship", ""):
        return request.missing()
    form.take(lists=("chosen",))
    chosen = form.list("chosen", node_work.MOST_CHOSEN)
    if not form.do:
        return _page(request, refused=problems.no_button(), chosen=chosen)
    if not chosen:
        return _page(request, refused=problems.nothing_marked())
    if not node_work.are_ids(chosen):
        return request.missing()
    if closed := node_work.closed(request):
        return closed
    return _page(request, results=node_work.steps(request, "ship", {}, chosen))


def _page(
    request: Request,
    code: str = "",
    refused: Refusal | None = None,
    results: Sequence[Result] | None = None,
    chosen: Sequence[str] = (),
) -> Reply:
    opened = node_work.open_by_code(request, code)
    if isinstance(opened, Reply):
        return opened
    work, why_not, _ = opened
    rows = node_rules.sorted_rows(work.items, work.place.zone, request.now)
    packed = [row for row in rows if row.part == "ship"]
    return request.page(
        "node_shipping.html",
        status=refused.status if refused else 200,
        handheld=True,
        scans=True,
        place=work.place,
        code=code,
        why_not=why_not,
        groups=node_rules.by_carrier(packed),
        most_shown=_MOST_SHOWN,
        most=node_work.MOST_CHOSEN,
        more=work.more,
        refused=refused,
        results=results,
        chosen=chosen,
    )
