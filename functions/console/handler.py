"""
Answer the console: people sign in, see pages and send forms; the public API does everything with their own token.

Called by   API Gateway: GET and POST /console, /console/{page+}
Returns     HTML, redirects, and the scripts and styles that pages load
Raises      nothing: each error becomes a page

There are four kinds of requests: an asset, a step of signing in or out, the change of the person at a shared device, and a
page. Pages need a session, and the change of the person needs the proof of a badge. The room has rights on the table of
sessions only (docs/console.md).
"""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from types import TracebackType
from typing import Any
from urllib.parse import unquote

from aws_lambda_powertools import Logger

from comanda.aws.api import replies
from comanda.aws.api.replies import Reply
from comanda.aws.console import sessions
from comanda.aws.runtime import clock
from comanda.aws.runtime.room import report, room
from functions.console import addresses, assets, device, incoming, outside, people, problems, screens, sign_in
from functions.console.forms import BadForm
from functions.console.front_door import FrontDoor, Unanswered
from functions.console.incoming import POST, Incoming
from functions.console.request import Request, flash_name
from functions.console.session import OpenSession, SignedOut, cookie_name, open_session
from functions.console.view import ROOT, View

_STEPS = {"GET": "show", POST: "act"}  # of the module of a screen
_MOST_FLASH = 200  # characters of the message that a page shows once

logger = Logger()


@room
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    failure = _ErrorPage(event, context)
    with failure:
        asked = incoming.read(event)
        if asked.path.startswith("assets/"):
            return replies.response(_asset(asked))
        return replies.response(_answer(asked), addresses.addresses().sign_in_origin)
    return replies.response(failure.reply)


def _asset(asked: Incoming) -> Reply:
    """Answer a file. An address with the hash of another content gets today's content, which is not kept."""
    _, digest, name = (*asked.path.split("/", 2), "", "")[:3]
    asset = assets.find(name)
    if asset is None or asked.method != "GET":
        return Reply(status=404, headers={"Content-Type": "text/plain; charset=utf-8"}, body="There is no such file.")
    return replies.file(asset.text, asset.media_type, for_ever=digest == asset.digest)


def _answer(asked: Incoming) -> Reply:
    if asked.ends_with_slash and asked.method != POST:
        return replies.see_other("../" + (asked.path or ROOT).rpartition("/")[2])
    if asked.method == POST and not _is_own(asked):
        return outside.forged(asked)
    if asked.path in sign_in.PATHS:
        step = sign_in.STEPS.get((asked.method, asked.path))
        return step(asked, _now()) if step else outside.wrong_method(asked)
    if asked.path == "switch":
        found: Reply = import_module("functions.console.switch").answer(asked, _now())
        return found
    return _page(asked)


def _is_own(asked: Incoming) -> bool:
    """Return True if a page of this very console sent the form: no other page in the world may send one."""
    return (
        asked.headers.get("sec-fetch-site") == "same-origin"
        and asked.headers.get("origin") == addresses.addresses().origin
    )


def _page(asked: Incoming) -> Reply:
    opened = open_session(asked.cookie(cookie_name()), _now())
    if opened is None:
        return outside.sign_in_first(asked)
    if sessions.rests(opened.session, _now()):
        return outside.sign_in_first(asked, resting=opened.session.cookie)
    if not sessions.count_page(opened.session, _now()):
        return outside.too_many(asked)
    try:
        request = _request(asked, opened)
        return _answer_form_errors(request)
    except SignedOut:
        return outside.sign_in_first(asked)


def _request(asked: Incoming, opened: OpenSession) -> Request:
    """Return the request of the session's person. Whenever the tokens are refreshed, the person's rights are read anew."""
    door = FrontDoor.for_session(opened, asked.trace)
    if opened.is_stale(_now()) and (me := door.get("/v1/me")).ok:
        opened.keep(people.kept(me.body, str(opened.person["name"])))
    person = people.person_of(opened.person)
    view = View(
        title="",
        path=asked.path,
        person=person,
        menu=screens.menu(person, asked.path),
        fragment=asked.fragment,
        flash=unquote(asked.cookie(flash_name()))[:_MOST_FLASH],
        base=asked.base,
        shared=bool(device.secret_of(asked)),
    )
    return Request(incoming=asked, values={}, view=view, person=person, session=opened, door=door, now=clock.now())


def _answer_form_errors(request: Request) -> Reply:
    try:
        return _screen(request)
    except BadForm as error:
        return request.message("bad-form", error.status, "Form refused", reason=error.reason, field=error.field)
    except Unanswered as error:
        why, sent = problems.title(error.answer), outside.sent_form(request.incoming)
        return request.message("unanswered", error.answer.status or 503, "Not available", why=why, sent=sent)


def _screen(request: Request) -> Reply:
    """Let the screen of the path answer."""
    found = screens.find(request.view.path)
    if found is None:
        return request.missing()
    screen, values = found
    request = replace(request, values=values, view=replace(request.view, title=screen.title))
    if not screen.is_for(request.person):
        return request.forbidden()
    page = import_module(f"functions.console.pages.{screen.module}")
    step: Callable[[Request], Reply] | None = getattr(page, _STEPS.get(request.incoming.method, ""), None)
    if step is None:
        return request.message("wrong-method", 405, "Not possible")
    answer = step(request)
    facts = {"screen": screen.path, "method": request.incoming.method, "status": answer.status}
    logger.info("shown", extra={**facts, "trace": request.incoming.trace})
    return answer


def _now() -> int:
    return int(clock.now().timestamp())


class _ErrorPage:
    """Report an error that was not expected, and answer it with a plain page that no template can break."""

    def __init__(self, event: Any, context: Any) -> None:
        self._event, self._context = event, context
        self.reply = Reply(status=500)

    def __enter__(self) -> None:
        """Do nothing before the request is answered."""

    def __exit__(self, _kind: object, error: BaseException | None, _trace: TracebackType | None) -> bool:
        if not isinstance(error, Exception):
            return False
        report(error, self._event, self._context)
        self.reply = outside.broken(error, str(self._event.get("requestContext", {}).get("requestId", "")))
        return True
