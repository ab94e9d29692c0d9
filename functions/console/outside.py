"""
Make the pages for requests that reach no screen: nobody is signed in, a forged form, too many pages, an error.

Called by   functions/console/handler.py, functions/console/sign_in.py
Returns     replies; none of them shows anything of an order, a customer or a node
"""

from collections.abc import Mapping
from html import escape
from urllib.parse import urlencode

from comanda.aws.api.replies import Reply, page
from comanda.aws.api_client.server import NoAnswer
from comanda.domain.errors import Busy
from functions.console import device, forms, kept_form, render, return_path
from functions.console.forms import BadForm, Form
from functions.console.incoming import POST, Incoming
from functions.console.view import View

_RETRY_SECONDS = 5
_WITH_A_PIN = "badge"


def sign_in_first(asked: Incoming, resting: str = "") -> Reply:
    """Say that the person has to sign in. The page holds a form that was sent: the person signs in in another tab, and sends
    it again. `resting` is the cookie of a session that rests: the form is sealed, because others use the device."""
    to = return_path.safe(_page_in_browser(asked))
    link = "sign-in" + (f"?{urlencode({'to': to})}" if to else "")
    sent = sent_form(asked)
    return message(
        "sign-in", 401, "Sign in", asked, link=link, sent=kept_form.kept(sent, resting) if sent and resting else sent
    )


def _page_in_browser(asked: Incoming) -> str:
    """Return the path of the page to come back to: with its filters, and without the part that htmx asked for."""
    if asked.base is not None:
        return asked.base
    query = urlencode([(name, value) for name, values in asked.query.items() for value in values])
    return f"{asked.path}?{query}" if query and asked.method != POST else asked.path


def forged(asked: Incoming) -> Reply:
    """Refuse a form that another site sent, or that a browser sent without saying from where."""
    return message("forged", 403, "Form refused", asked)


def too_many(asked: Incoming) -> Reply:
    """Ask a person, or a script with the person's cookie, for some patience."""
    return message("too-many", 429, "Too many pages", asked, headers={"Retry-After": "60"}, sent=sent_form(asked))


def sent_form(asked: Incoming) -> Form | None:
    """Return the form that was sent and not read, or None for a request that no form of ours sends.

    A PIN stands on no page, so the form of a badge is typed again.
    """
    if asked.path == _WITH_A_PIN:
        return None
    try:
        return forms.read(asked) if asked.method == POST else None
    except BadForm:
        return None


def wrong_method(asked: Incoming) -> Reply:
    return message("wrong-method", 405, "Not possible", asked)


def broken(error: Exception, trace: str) -> Reply:
    """Return a page without a template. The text of the error is not shown: it may hold a person's data."""
    busy = isinstance(error, Busy | NoAnswer)
    text = (
        "The console does not get an answer now. Load the page again in a moment."
        if busy
        else "Something went wrong on our side. Load the page again; a form that was sent is done once at most."
    )
    html = (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Comanda</title>'
        f"<h1>Not available</h1><p>{text}</p><p>{escape(trace)}</p></html>"
    )
    return page(html, status=503 if busy else 500, headers={"Retry-After": str(_RETRY_SECONDS)})


def message(
    kind: str,
    status: int,
    title: str,
    asked: Incoming,
    *,
    headers: Mapping[str, str] | None = None,
    cookies: tuple[str, ...] = (),
    **facts: object,
) -> Reply:
    """Return a page that only says something. `templates/message.html` has the words of each kind."""
    shared = bool(device.secret_of(asked))
    view = View(title=title, path=asked.path, fragment=asked.fragment, base=asked.base, shared=shared)
    html = render.page("message.html", view=view, kind=kind, **facts)
    return page(html, status=status, headers=headers, cookies=cookies)
