"""
Show the items that wait in a queue, let a person claim one or the next one, and give chosen items one answer.

Called by   functions/console/handler.py: /console/queues/{queue}
Returns     the page; after an answer to chosen items, a result for each of them
"""

from hashlib import sha256
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer
from comanda.domain.labels import labels
from comanda.domain.lifecycle.resume import WRITE_OFF, answers_to_chosen
from comanda.domain.orders import queues
from comanda.domain.orders.queues import Queue
from functions.console import problems, queue_columns, queue_rules
from functions.console.forms import Form
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_ROWS = "50"
_MOST_CHOSEN = 100
_ANSWER = "answer-"  # begins the name of a button that gives chosen items an answer


def show(request: Request) -> Reply:
    return _page(request)


def act(request: Request) -> Reply:
    """Do what the pressed button says, once for the form's key."""
    form, queue = request.form, request.values["queue"]
    if not form.do:
        return _page(request, refused=problems.no_button(), form=form)
    if form.do == "next":
        return _claim_next(request, form, queue)
    if form.do.startswith(_ANSWER):
        return _answer_chosen(request, form, queue, form.do.removeprefix(_ANSWER))
    verb, dash, item = form.do.partition("-")
    if verb in ("claim", "release") and dash:
        return _claim_or_release(request, form, verb, item)
    return request.missing()


def _claim_or_release(request: Request, form: Form, verb: str, item: str) -> Reply:
    """Claim an item, or give it back. The buttons of all rows are of one form, so its key alone would be that of any row."""
    form.take()
    queue = request.values["queue"]
    path = f"/v1/queues/{queue}/items/{item}/{verb}"
    answer = request.door.send("POST", path, {}, key=f"{form.key}-{sha256(item.encode()).hexdigest()[:32]}")
    if not answer.ok:
        return _page(request, refused=problems.refusal(answer))
    done = spoken("It is yours for ten minutes.") if verb == "claim" else spoken("It is free again.")
    return request.done(f"queues/{queue}", done)


def _claim_next(request: Request, form: Form, queue: str) -> Reply:
    """Claim the most urgent free item and open it."""
    form.take()
    answer = request.door.send("POST", f"/v1/queues/{queue}/claim", {}, key=form.key)
    if not answer.ok:
        return _page(request, refused=problems.refusal(answer))
    item = answer.body["item"]
    if item is None:
        return request.done(f"queues/{queue}", spoken("Nothing waits here that is free."))
    return request.go(queue_rules.item_path(item))


def _answer_chosen(request: Request, form: Form, queue: str, given: str) -> Reply:
    typed = form.take("reason", "resolution", lists=("chosen",))
    chosen = form.list("chosen", _MOST_CHOSEN)
    if not chosen:
        return _page(request, refused=problems.nothing_marked(), form=form)
    body: dict[str, Any] = {"items": list(chosen), "answer": given}
    # Only the text that this answer needs is sent: the API refuses one that the answer does not take.
    texts = queue_rules.TEXT_OF_ANSWER.get(given, ())
    body |= {name: typed[name] for name in texts if typed[name] or given != WRITE_OFF}
    answer = request.door.send("POST", f"/v1/queues/{queue}/resolve", body, key=form.key)
    if not answer.ok:
        return _page(request, refused=problems.refusal(answer), form=form)
    return _page(request, results=queue_rules.results(queue, answer.body["rows"]), form=form)


def _page(
    request: Request,
    refused: Refusal | None = None,
    results: list[queue_rules.Result] | None = None,
    form: Form | None = None,
) -> Reply:
    queue, cursor = request.values["queue"], request.parameter("cursor")
    found = request.door.get(f"/v1/queues/{queue}", limit=_ROWS, cursor=cursor)
    if not found.ok and not results:
        return _unread(request, found)
    return request.page(
        "queue.html",
        title=labels.label("QueueName", queue, request.person.locale),
        status=refused.status if refused else 200,
        queue=queue,
        columns=queue_columns.of_queue(queue),
        claimable=queue not in queues.OF_NO_ORDER,
        rows=queue_rules.table_rows(found.body["items"], request.now) if found.ok else [],
        next=found.body["next"] if found.ok else None,
        cursor=cursor,
        answers=answers_to_chosen(queue) if queue in set(Queue) else (),
        refused=refused,
        results=results,
        chosen=set(form.fields.get("chosen", ())) if form and results is None else set(),
        was=lambda name: form.fields.get(name, ("",))[0] if form and not results else "",
    )


def _unread(request: Request, found: Answer) -> Reply:
    return request.failed(found, spoken("The queue"))
