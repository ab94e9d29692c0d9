"""
Send what the office decides about the shipments of an order: delivered, lost, recalled, not collected, and what lost units get.

Called by   functions/console/order_actions.py
Returns     the answer of the API, or a refusal of the console's own, with the words for a success
"""

from collections.abc import Callable, Mapping
from typing import Any

from comanda.aws.api_client.calls import Answer
from comanda.domain import text
from functions.console import problems
from functions.console.forms import Form
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

type Done = tuple[Answer | Refusal, str]


def _deliver(request: Request, form: Form, path: str) -> Done:
    fields = form.take("sent", "reason")
    return _step(request, form, path, "deliver", *_sent(fields)), spoken("The delivery was noted.")


def _lose(request: Request, form: Form, path: str) -> Done:
    fields = form.take("sent", "reason")
    work, body = _sent(fields)
    body = {**body, "reason": fields["reason"]}
    return _step(request, form, path, "lose", work, body), spoken("The loss was noted.")


def _no_show(request: Request, form: Form, path: str) -> Done:
    work = form.take("work")["work"]
    done = spoken("The units were cancelled and go back on the shelf.")
    return _step(request, form, path, "no-show", work, {}), done


def _recall(request: Request, form: Form, path: str) -> Done:
    fields = form.take("work", "reason", "exclude_node")
    body = {
        "fulfillment_id": fields["work"],
        "reason": fields["reason"],
        "exclude_node": bool(fields["exclude_node"]),
    }
    sent = request.door.send("POST", f"{path}/recall", body, key=form.key, version=form.version)
    return sent, spoken("What was not begun is back. For the rest the node is asked.")


def _answer(given: str) -> Callable[[Request, Form, str], Done]:
    def answer(request: Request, form: Form, path: str) -> Done:
        fields = form.take("item", "reference")
        item = fields["item"]
        if not _is_of(item, f"{path.rpartition('/')[2]}."):
            return _wrong("item"), ""
        body: dict[str, Any] = {"answer": given}
        if given == "claim":
            body["reference"] = fields["reference"]
        sent = request.door.send("POST", f"/v1/queues/lost/items/{item}/resolve", body, key=form.key)
        return sent, spoken("The decision about the lost units was noted.")

    return answer


ACTIONS: Mapping[str, Callable[[Request, Form, str], Done]] = {
    "deliver": _deliver,
    "lose": _lose,
    "no-show": _no_show,
    "recall": _recall,
    **{given: _answer(given) for given in ("resend", "refund", "claim", "done")},
}


def _sent(fields: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    """Return the shipment that was chosen, and the body that names its parcel if one was."""
    work, _, parcel = fields["sent"].partition("/")
    return work, {"packages": [parcel]} if parcel else {}


def _step(request: Request, form: Form, path: str, name: str, work: str, body: Mapping[str, Any]) -> Answer | Refusal:
    """Send a step of a fulfillment of the order, once for the form's key."""
    if not _is_of(work, f"ful_{path.rpartition('/')[2].removeprefix('ord_')}-"):
        return _wrong("work" if name == "no-show" else "sent")
    return request.door.send("POST", f"/v1/fulfillments/{work}/{name}", body, key=form.key)


def _is_of(part: str, beginning: str) -> bool:
    """Return True if the text is an id that begins so: it becomes a part of an address."""
    return text.is_text(part) and text.ID.fits(part) and part.startswith(beginning)


def _wrong(field: str) -> Refusal:
    return problems.own_refusal(spoken("Nothing was changed."), {field: spoken("Choose one of these.")})
