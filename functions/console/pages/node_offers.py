"""
Show what a node is offered, and accept or decline chosen offers, with a result for each.

Called by   functions/console/handler.py: /console/nodes/{node}/offers
Returns     the page
"""

from collections.abc import Sequence

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Call
from functions.console import node_rules, node_work, problems, reasons
from functions.console.node_work import Result
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_MOST_SHOWN = 50
_MOST_LINES = 5  # of one offer
_PICK = "pick"  # accept, and begin to pick
_DONE = {"accept": spoken("The work is accepted."), "decline": spoken("The work is declined.")}


def show(request: Request) -> Reply:
    return _page(request)


def act(request: Request) -> Reply:
    """Accept or decline the chosen offers. Each gets a key of its own that the form's key makes, so none is answered twice."""
    form = request.form
    if form.do and form.do not in (*_DONE, _PICK):
        return request.missing()
    reason = form.take("reason", lists=("chosen",))["reason"]
    chosen = form.list("chosen", node_work.MOST_CHOSEN)
    if not form.do:
        return _page(request, refused=problems.no_button(), chosen=chosen, reason=reason)
    if not chosen:
        return _page(request, refused=problems.nothing_marked())
    if not node_work.are_ids(chosen) or (form.do == _PICK and len(chosen) > 1):
        return request.missing()
    if form.do == "decline" and not reason:
        refused = node_work.wrong(request, "reason", spoken("Choose why the work is declined."))
        return _page(request, refused=refused, chosen=chosen)
    if closed := node_work.closed(request):
        return closed
    if form.do == _PICK:
        return _accept_and_pick(request, chosen)
    body = {"reason": reason} if form.do == "decline" else {}
    results = node_work.steps(request, form.do, body, chosen)
    if len(results) == 1 and results[0].done:
        return request.done(request.view.path, _DONE[form.do])
    return _page(request, results=results)


def _accept_and_pick(request: Request, chosen: Sequence[str]) -> Reply:
    """Accept one offer, begin to pick it, and open its page, which begins by a button if the second step failed."""
    one = chosen[0]
    (result,) = node_work.steps(request, "accept", {}, [one])
    if not result.done:
        return _page(request, results=[result])
    begin = f"/v1/fulfillments/{one}/start-pick"
    request.door.ask(Call(method="POST", path=begin, body={}, key=f"{request.form.key}-{one}-pick"))
    return request.go(f"nodes/{request.values['node']}/pick/{one}")


def _page(
    request: Request,
    refused: Refusal | None = None,
    results: Sequence[Result] | None = None,
    chosen: Sequence[str] = (),
    reason: str = "",
) -> Reply:
    work, others = node_work.open_work(request, reasons.OF_DECLINES, status=node_rules.OFFERED)
    if isinstance(work, Reply):
        return work
    rows = node_rules.sorted_rows(work.items, work.place.zone, request.now)
    return request.page(
        "node_offers.html",
        status=refused.status if refused else 200,
        handheld=True,
        scans="fields",
        place=work.place,
        rows=rows[:_MOST_SHOWN],
        hidden=len(rows[_MOST_SHOWN:]),
        more=work.more,
        most=node_work.MOST_CHOSEN,
        most_lines=_MOST_LINES,
        refused=refused,
        results=results,
        chosen=chosen,
        reason=reason,
        reasons=reasons.of_declines(others[0], request.person.locale),
    )
