"""
Show the items of put-back, late work or money to pay out of one node, find the one that is scanned, and let its people claim and end them.

Called by   functions/console/handler.py: /console/nodes/{node}/put-back, .../late-work, .../pay-outs
Returns     the page; after an answer to marked items, a result for each of them
"""

from collections.abc import Sequence
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import get
from functions.console import node_work, places, problems
from functions.console.forms import Form
from functions.console.node_work import Result
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_ROWS, _MOST_CHOSEN = "50", 100
_MOST_READ = 20  # items whose goods are compared with a scanned article
_PUT_BACK = "put-back"
_ANSWER = "done"
type Row = dict[str, Any]

_DONE = {
    "claim": spoken("It is yours for ten minutes."),
    "release": spoken("It is free again."),
    "resolve": spoken("It is done."),
}


def show(request: Request) -> Reply:
    return _page(request, code=request.parameter("code"))


def act(request: Request) -> Reply:
    """Do what the pressed button says, once for the form's key."""
    form, queue = request.form, _queue(request)
    if form.do == "open":
        return _page(request, code=form.take("code")["code"].strip())
    if form.do == "next":
        return _claim_next(request, form, queue)
    if form.do in ("done", ""):
        return _answer_marked(request, form, queue)
    if form.do not in _DONE:
        return request.missing()
    item = form.take("item")["item"]
    if not node_work.are_ids([item]):
        return request.missing()
    if closed := node_work.closed(request):
        return closed
    body = {"answer": _ANSWER} if form.do == "resolve" else {}
    answer = request.door.send("POST", f"/v1/queues/{queue}/items/{item}/{form.do}", body, key=form.key)
    if not answer.ok:
        return _page(request, refused=problems.refusal(answer))
    return request.done(request.view.path, _DONE[form.do])


def _queue(request: Request) -> str:
    return request.view.path.rpartition("/")[2]


def _claim_next(request: Request, form: Form, queue: str) -> Reply:
    """Claim the most urgent item of the node that nobody has."""
    form.take()
    body = {"node_id": request.values["node"]}
    answer = request.door.send("POST", f"/v1/queues/{queue}/claim", body, key=form.key)
    if not answer.ok:
        return _page(request, refused=problems.refusal(answer))
    none = answer.body["item"] is None
    return request.done(request.view.path, spoken("Nothing waits here that is free.") if none else _DONE["claim"])


def _answer_marked(request: Request, form: Form, queue: str) -> Reply:
    form.take(lists=("chosen",))
    marked = form.list("chosen", _MOST_CHOSEN)
    if not form.do:
        return _page(request, refused=problems.no_button(), marked=marked)
    if not marked:
        return _page(request, refused=problems.nothing_marked())
    if closed := node_work.closed(request):
        return closed
    body = {"items": list(marked), "answer": _ANSWER}
    answer = request.door.send("POST", f"/v1/queues/{queue}/resolve", body, key=form.key)
    if not answer.ok:
        return _page(request, refused=problems.refusal(answer))
    return _page(request, results=[_result(row) for row in answer.body["rows"]])


def _result(row: dict[str, Any]) -> Result:
    problem = row["problem"] or {}
    done = row["status"] == "done"
    return Result(id=row["item_id"], name=row["item_id"], done=done, why=problems.detail(problem))


def _page(
    request: Request,
    refused: Refusal | None = None,
    results: Sequence[Result] | None = None,
    marked: Sequence[str] = (),
    code: str = "",
) -> Reply:
    node, queue, cursor = request.values["node"], _queue(request), request.parameter("cursor")
    found, *about = request.door.ask(
        get(f"/v1/queues/{queue}", node_id=node, limit=_ROWS, cursor=cursor), *places.calls([node])
    )
    if not found.ok:
        return node_work.closed(request) or request.failed(found, spoken("The queue"))
    rows = sorted((_row(item) for item in found.body["items"]), key=lambda row: not row["claimed_by_me"])
    hit = _scanned(request, queue, rows, code) if code else ""
    if isinstance(hit, Reply):
        return hit
    return request.page(
        "node_queue.html",
        status=refused.status if refused else 200,
        handheld=True,
        scans=True,
        place=node_work.place_of(node, about),
        queue=queue,
        rows=rows if isinstance(hit, str) else [hit],
        current=_current(rows, hit),
        next=found.body["next"],
        cursor=cursor,
        refused=refused,
        results=results,
        marked=marked,
        code=code,
        why_not=hit if isinstance(hit, str) else "",
        hidden=0 if isinstance(hit, str) else len(rows) - 1,
    )


def _current(rows: Sequence[Row], hit: Row | str) -> str:
    """Return the id of the item that the key for "done" ends: the scanned one, or the first one that the person has."""
    if not isinstance(hit, str):
        return str(hit["item_id"])
    return next((row["item_id"] for row in rows if row["claimed_by_me"]), "")


def _scanned(request: Request, queue: str, rows: Sequence[Row], code: str) -> Row | Reply | str:
    """Return the item of put-back that a code belongs to, or the page of the late work, or the reason why there is none."""
    if queue != _PUT_BACK:
        work, _ = node_work.open_work(request)
        return work if isinstance(work, Reply) else node_work.open_scanned(request, work, code)
    read = node_work.read_code(request, code)
    if isinstance(read, str):
        return read
    named = (read.id, read.text)
    for row in rows:
        if row["order_id"] in named or row["fulfillment_id"] in named or row["external_id"] in named:
            return row
    works = request.door.ask(*(get(f"/v1/fulfillments/{row['fulfillment_id']}") for row in rows[:_MOST_READ]))
    for row, answer in zip(rows, works, strict=False):
        if answer.ok and node_work.goes_back(answer.body, read, row["reason"]):
            return row
    return node_work.say(request, spoken("Nothing of this node has this code."))


def _row(item: dict[str, Any]) -> Row:
    data = item["data"] or {}
    money = {"amount": int(data["amount"]), "currency": data["currency"]} if "amount" in data else None
    return {
        **item,
        "money": money,
        "name": item["external_id"] or item["order_id"],
        "fulfillment_id": data.get("fulfillment_id", ""),
    }
