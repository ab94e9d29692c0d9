"""
Show the items of put-back or late work of one node, and let its people claim them and say that they are done.

Called by   functions/console/handler.py: /console/nodes/{node}/put-back, /console/nodes/{node}/late-work
Returns     the page; after an answer to marked items, a result for each of them
"""

from collections.abc import Sequence
from typing import Any

from functions.console import node_work, places, problems
from functions.console.forms import Form
from functions.console.front_door import get
from functions.console.node_work import Result
from functions.console.problems import Refusal
from functions.console.reply import Reply
from functions.console.request import Request
from functions.console.view import spoken

_ROWS, _MOST_CHOSEN = "50", 100
_ANSWER = "done"
_DONE = {
    "claim": spoken("It is yours for ten minutes."),
    "release": spoken("It is free again."),
    "resolve": spoken("It is done."),
}


def show(request: Request) -> Reply:
    return _page(request)


def act(request: Request) -> Reply:
    """Do what the pressed button says, once for the form's key."""
    form, queue = request.form, _queue(request)
    if form.do == "done":
        return _answer_marked(request, form, queue)
    if form.do not in _DONE:
        return request.missing()
    item = form.take("item")["item"]
    if not node_work.are_ids([item]):
        return request.missing()
    body = {"answer": _ANSWER} if form.do == "resolve" else {}
    answer = request.door.send("POST", f"/v1/queues/{queue}/items/{item}/{form.do}", body, key=form.key)
    if not answer.ok:
        return _page(request, refused=problems.refusal(answer))
    return request.done(request.view.path, _DONE[form.do])


def _queue(request: Request) -> str:
    return request.view.path.rpartition("/")[2]


def _answer_marked(request: Request, form: Form, queue: str) -> Reply:
    form.take(lists=("chosen",))
    marked = form.list("chosen", _MOST_CHOSEN)
    if not marked:
        return _page(request, refused=node_work.nothing_marked())
    body = {"items": list(marked), "answer": _ANSWER}
    answer = request.door.send("POST", f"/v1/queues/{queue}/resolve", body, key=form.key)
    if not answer.ok:
        return _page(request, refused=problems.refusal(answer))
    return _page(request, results=[_result(row) for row in answer.body["rows"]])


def _result(row: dict[str, Any]) -> Result:
    problem = row["problem"] or {}
    done = row["status"] == "done"
    return Result(id=row["item_id"], name=row["item_id"], done=done, why=problems.detail(problem))


def _page(request: Request, refused: Refusal | None = None, results: Sequence[Result] | None = None) -> Reply:
    node, queue, cursor = request.values["node"], _queue(request), request.parameter("cursor")
    found, *about = request.door.ask(
        get(f"/v1/queues/{queue}", node_id=node, limit=_ROWS, cursor=cursor), *places.calls([node])
    )
    if not found.ok:
        return request.failed(found, spoken("The queue"))
    return request.page(
        "node_queue.html",
        status=refused.status if refused else 200,
        handheld=True,
        place=node_work.place_of(node, about),
        queue=queue,
        rows=[_row(item) for item in found.body["items"]],
        next=found.body["next"],
        cursor=cursor,
        refused=refused,
        results=results,
    )


def _row(item: dict[str, Any]) -> dict[str, Any]:
    return {
        **item,
        "fulfillment_id": (item["data"] or {}).get("fulfillment_id", ""),
    }
