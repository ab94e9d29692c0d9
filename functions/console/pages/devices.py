"""
List the shared devices of a node, enrol this very browser as one, and revoke others.

Called by   functions/console/handler.py: /console/devices
Returns     the page; after an action, a redirect to it. The secret of an enrolled device goes into its cookie, and on no page
"""

from dataclasses import replace
from hashlib import sha256

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer
from functions.console import device, problems
from functions.console.forms import Form
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_ROWS = "50"
_NOT_FOUND = 404


def show(request: Request) -> Reply:
    return _page(request, request.parameter("node_id") or next(iter(request.person.nodes), ""))


def act(request: Request) -> Reply:
    form = request.form
    if form.do == "enrol":
        return _enrol(request, form)
    if form.do == "revoke":
        return _revoke(request, form)
    return request.missing()


def _enrol(request: Request, form: Form) -> Reply:
    """Make this browser a device of the node, once for the form's key. A repetition gets the same secret."""
    typed = form.take("node_id", "name")
    answer = request.door.send("POST", "/v1/devices", typed, key=form.key)
    if not answer.ok:
        return _page(request, typed["node_id"], problems.refusal(answer), typed["name"])
    done = request.done(_path(typed["node_id"]), spoken("People share this device from now on."))
    return replace(done, cookies=(*done.cookies, device.cookie_of(answer.body["device_secret"])))


def _revoke(request: Request, form: Form) -> Reply:
    typed = form.take("node_id", "device_id")
    answer = request.door.send("DELETE", f"/v1/devices/{typed['device_id']}")
    if not answer.ok:
        return _page(request, typed["node_id"], problems.refusal(answer))
    done = request.done(_path(typed["node_id"]), spoken("No badge opens at that device any more."))
    mine = (device.forget(),) if typed["device_id"] == _this(request) else ()
    return replace(done, cookies=(*done.cookies, *mine))


def _path(node: str) -> str:
    from urllib.parse import quote

    return f"devices?node_id={quote(node, safe='')}"


def _this(request: Request) -> str:
    """Return the id of the device that this browser is, "" for one that was not enrolled."""
    secret = device.secret_of(request.incoming)
    return sha256(secret.encode()).hexdigest() if secret else ""


def _why_unread(found: Answer) -> str:
    """Return why the devices are not listed: the node is not theirs to see, or what the API says."""
    if found.status == _NOT_FOUND:
        return spoken("There is no such node, or it is not yours to see.")
    return problems.why_unread(found)


def _page(request: Request, node: str, refused: Refusal | None = None, name: str = "") -> Reply:
    cursor = request.parameter("cursor")
    found = request.door.get("/v1/devices", node_id=node, limit=_ROWS, cursor=cursor) if node else None
    listed = found.body if found and found.ok else {"items": [], "next": None}
    return request.page(
        "devices.html",
        status=refused.status if refused else 200,
        node=node,
        nodes=[(one, one) for one in request.person.nodes],
        name=name,
        rows=listed["items"],
        next=listed["next"],
        cursor=cursor,
        unread=_why_unread(found) if found and not found.ok and not refused else "",
        this=_this(request),
        refused=refused,
    )
