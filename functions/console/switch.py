"""
Change the person at a shared device: a badge and its PIN open the session that its person signed in with within this shift.

Called by   functions/console/handler.py: /console/switch, with or without a session
Returns     the page for badge and PIN; after a form always a redirect, so that no PIN stays in the browser's history

The API says whose badge it is, if device, badge and PIN fit. The rest is this room's: which session it shows again
(docs/console.md, "Shared devices").
"""

from comanda.aws.api.replies import Reply, page, see_other
from comanda.aws.console import sessions, shifts
from comanda.aws.runtime import clock
from functions.console import device, forms, people, render, sign_in
from functions.console.forms import BadForm
from functions.console.front_door import FrontDoor
from functions.console.incoming import POST, Incoming
from functions.console.session import OpenSession, cookie_name, cookie_of, open_session, set_cookie
from functions.console.view import View

PATH = "switch"
# What the page says after a form, as `said` of its address.
_REFUSED, _UNANSWERED, _FIRST, _LOCKED, _KEPT = "refused", "unanswered", "first", "locked", "kept"
_SAYS = frozenset((_REFUSED, _UNANSWERED, _FIRST, _LOCKED, _KEPT))
_NONE = ""


def answer(asked: Incoming, now: int) -> Reply:
    """Answer a request for the page, or one of its forms."""
    current = open_session(asked.cookie(cookie_name()), now)
    if current is not None and sessions.rests(current.session, now):
        current = None
    if asked.method != POST:
        return _page(asked, current)
    try:
        form = forms.read(asked)
        if form.do == "lock":
            form.take()
            return _lock(current)
        typed = form.take("badge", "pin")
    except BadForm:
        return _say(_REFUSED)
    return _open(asked, current, typed["badge"].strip().upper(), typed["pin"].strip(), now)


def _open(asked: Incoming, current: OpenSession | None, badge: str, pin: str, now: int) -> Reply:
    secret = device.secret_of(asked)
    proof = {"device_secret": secret, "badge": badge, "pin": pin}
    found = FrontDoor.without_token(asked.trace).send("POST", "/v1/badges/open", proof)
    if not found.ok:
        return _say(_REFUSED if 400 <= found.status < 500 else _UNANSWERED)
    sub = found.body["person_id"]
    if current is not None and current.session.sub == sub:
        return _say(_KEPT if shifts.keep(current.session, secret, badge) else _FIRST)
    kept = shifts.find(secret, badge, now)
    if kept is None or kept.sub != sub:
        return _say(_FIRST)
    _leave(current)
    sessions.count_page(kept, now)  # the person is there again
    return see_other(_view(asked, None).url(people.first_page(kept.tokens.person)), cookies=(cookie_of(kept),))


def _lock(current: OpenSession | None) -> Reply:
    """Take the session out of the browser. One that no badge opens again ends."""
    _leave(current)
    return _say(_LOCKED, cookies=(set_cookie(cookie_name(), "", 0),))


def _leave(current: OpenSession | None) -> None:
    if current is not None and not current.session.kept:
        sign_in.end(current)


def _say(word: str, cookies: tuple[str, ...] = ()) -> Reply:
    return see_other(f"{PATH}?said={word}", cookies=cookies)


def _view(asked: Incoming, current: OpenSession | None) -> View:
    person = people.person_of(current.person) if current else None
    locale = asked.headers.get("accept-language", "").partition(",")[0].partition(";")[0].strip()
    return View(title="Change the person", path=PATH, person=person, locale=locale)


def _page(asked: Incoming, current: OpenSession | None) -> Reply:
    said = asked.parameter("said")
    html = render.page(
        "switch.html",
        view=_view(asked, current),
        handheld=True,
        enrolled=bool(device.secret_of(asked)),
        kept=bool(current and current.session.kept),
        said=said if said in _SAYS else _NONE,
        key=forms.new_key(clock.now()),
    )
    return page(html)
