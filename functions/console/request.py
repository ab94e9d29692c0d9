"""
Give a page all that it needs of one request, and the ways to answer.

Called by   functions/console/handler.py, which makes it; every page, which gets it
Returns     replies
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from comanda.aws.api.replies import Reply, page, see_other
from comanda.aws.api_client.calls import Answer
from functions.console import forms, kept_form, people, render
from functions.console.forms import Form
from functions.console.front_door import FrontDoor
from functions.console.incoming import Incoming
from functions.console.session import OpenSession, cookie_name, set_cookie
from functions.console.view import Person, View

_FLASH_SECONDS = 60
_CSV = "text/csv; charset=utf-8"
_SEE_OTHER, _NOT_FOUND, _FORBIDDEN, _CONFLICT = 303, 404, 403, 409
_REFUSED = frozenset({400, 422})  # what the query of the page's address asks for, such as an old place in a list


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request of a signed-in person for a page. `values` are the named parts of the path."""

    incoming: Incoming
    values: Mapping[str, str]
    view: View
    person: Person
    session: OpenSession
    door: FrontDoor
    now: datetime

    @property
    def form(self) -> Form:
        """Return the form that was sent. Raises BadForm."""
        form = forms.read(self.incoming, self.person.id)
        return kept_form.opened(form, self.session.session.cookie)

    def parameter(self, name: str) -> str:
        """Return a query parameter, "" without one."""
        return self.incoming.parameter(name)

    def new_key(self) -> str:
        """Return the hidden key of one form of the page: each form has its own."""
        return forms.new_key(self.now, self.person.id)

    def reload_person(self) -> None:
        """Read again who the person is, after they changed their settings: the next page shows it."""
        me = self.door.get("/v1/me")
        if me.ok:
            self.session.keep(people.kept(me.body, self.person.name))

    def page(self, template: str, *, status: int = 200, title: str | None = None, **facts: Any) -> Reply:
        """Return a page, or only its main part if htmx asks."""
        view = self.view if title is None else replace(self.view, title=title)
        html = render.page(template, view=view, request=self, **facts)
        cookies = (set_cookie(flash_name(), "", 0),) if view.flash else ()
        return page(html, status=status, cookies=cookies)

    def go(self, path: str, *, cookies: tuple[str, ...] = ()) -> Reply:
        """Lead to another page of the console. The link is relative to the address that was asked, not to the page in
        the browser."""
        return see_other(replace(self.view, base=None).url(path), cookies=cookies)

    def done(self, path: str, message: str = "") -> Reply:
        """Lead to a page after an action, which shows the message once. `message` is English; templates translate it."""
        cookies = (set_cookie(flash_name(), quote(message, safe=""), _FLASH_SECONDS),) if message else ()
        return self.go(path, cookies=cookies)

    def to_paper(self, path: str, part: str) -> Reply:
        """Lead to the PDF of an invoice or a credit note, or say why there is none yet."""
        answer = self.door.get(path)
        if answer.status == _CONFLICT:
            return self.message("no-paper", _CONFLICT, "Not possible")
        return self.to_document(answer, part)

    def to_document(self, answer: Answer, part: str) -> Reply:
        """Lead to the document that the API gave a link to, and to no other place than the bucket of documents."""
        from comanda.aws.files import documents

        if answer.status == _SEE_OTHER and answer.location and documents.is_link(answer.location):
            return see_other(answer.location)
        return self.failed(answer, part)

    def save(self, file: Answer, name: str, part: str) -> Reply:
        """Let the person save a CSV file of the API under a name, or say that it could not be loaded."""
        if not file.ok:
            return self.failed(file, part)
        headers = {"Content-Type": _CSV, "Content-Disposition": f'attachment; filename="{name}.csv"'}
        return Reply(status=200, body=file.text, headers=headers)

    def missing(self) -> Reply:
        """Say that there is no such page, or no such thing for this person."""
        return self.message("not-found", 404, "Not found")

    def failed(self, answer: Answer, part: str) -> Reply:
        """Answer for a page whose main call failed. `part` names what could not be loaded, in English."""
        if answer.status == _NOT_FOUND:
            return self.missing()
        if answer.status == _FORBIDDEN:
            return self.forbidden()
        if answer.status in _REFUSED:
            return self.message("bad-address", answer.status, "Not possible")
        return self.message("failed", 503, "Not available", part=part, trace=answer.trace)

    def forbidden(self) -> Reply:
        """Say that the page is not for this person."""
        return self.message("forbidden", 403, "Not for you")

    def message(self, kind: str, status: int, title: str, **facts: Any) -> Reply:
        """Return a page that only says something. `templates/message.html` has the words of each kind."""
        return self.page("message.html", status=status, title=title, kind=kind, **facts)


def flash_name() -> str:
    """Return the name of the cookie that holds one message until the next page shows it."""
    return f"{cookie_name()}-flash"
