"""
Sign people in and out: authorization code with PKCE, the same on a laptop and on AWS.

Called by   functions/console/handler.py
Returns     redirects to the sign-in page and back, and pages that say what went wrong
Raises      NoAnswer when the sign-in page's server or the API does not answer

The state, nonce and verifier of a sign-in that has begun stand in a signed cookie of ten minutes, not in a table.
"""

import json
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import asdict, dataclass
from hashlib import sha256
from hmac import compare_digest

from comanda.aws.api.replies import Reply, see_other
from comanda.aws.api_client.calls import Answer
from comanda.aws.console import sessions
from functions.console import device, outside, people, provider, return_path
from functions.console.addresses import addresses
from functions.console.front_door import FrontDoor
from functions.console.incoming import Incoming
from functions.console.session import (
    OpenSession,
    cookie_name,
    cookie_of,
    open_session,
    set_cookie,
    tokens_of,
)
from functions.console.view import View

START_SECONDS = 600
_PURPOSE = "sign-in start"


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """A sign-in that has begun. `to` is the page that was asked for, `until` its end in seconds since 1970."""

    state: str
    nonce: str
    verifier: str
    to: str
    until: int


def start(incoming: Incoming, now: int) -> Reply:
    """Send the person to the sign-in page."""
    begun = Start(
        state=secrets.token_urlsafe(24),
        nonce=secrets.token_urlsafe(24),
        verifier=secrets.token_urlsafe(48),
        to=return_path.safe(incoming.parameter("to")),
        until=now + START_SECONDS,
    )
    challenge = urlsafe_b64encode(sha256(begun.verifier.encode()).digest()).decode().rstrip("=")
    cookie = set_cookie(_start_name(), _signed(begun), START_SECONDS)
    return see_other(
        provider.authorize_url(state=begun.state, nonce=begun.nonce, challenge=challenge), cookies=(cookie,)
    )


def signed_in(incoming: Incoming, now: int) -> Reply:
    """Take the person back from the sign-in page, and begin a session."""
    begun = _start_of(incoming.cookie(_start_name()), now)
    if begun is None or not compare_digest(incoming.parameter("state").encode(), begun.state.encode()):
        return _failed("sign-in-lost", incoming, 400)
    if incoming.parameter("error") or not incoming.parameter("code"):
        return _failed("sign-in-refused", incoming, 403)
    try:
        granted = provider.exchange(incoming.parameter("code"), begun.verifier)
    except provider.SignInRefused:
        return _failed("sign-in-refused", incoming, 403)
    if not _is_for(begun, granted):
        return _failed("sign-in-refused", incoming, 403)
    return _begin(incoming, granted, begun, now)


def _is_for(begun: Start, granted: provider.Granted) -> bool:
    """Return True if the id token is of this very sign-in, for this app client."""
    same = compare_digest(str(granted.claims.get("nonce", "")).encode(), begun.nonce.encode())
    return same and granted.claims.get("aud") == addresses().client_id


def _begin(incoming: Incoming, granted: provider.Granted, begun: Start, now: int) -> Reply:
    """Begin a session under a new id. The session that the browser had before ends."""
    answer = FrontDoor.with_token(granted.access, incoming.trace).get("/v1/me")
    if not answer.ok:
        provider.revoke(granted.refresh or "")
        return _unknown(incoming, answer)
    person = people.kept(answer.body, str(granted.claims.get("name") or granted.claims.get("email") or ""))
    tokens = tokens_of(granted, person, now, refresh="")
    before = open_session(incoming.cookie(cookie_name()), now)
    if before is not None and not before.session.kept:
        end(before)
    session = sessions.begin(str(granted.claims["sub"]), tokens, handheld=people.has_handheld(person), now=now)
    cookies = (cookie_of(session), set_cookie(_start_name(), "", 0))
    if device.secret_of(incoming):
        # The provider would sign the next person in as this one: on a shared device its own session ends at once.
        return see_other(provider.logout_url(), cookies=cookies)
    return see_other(View(title="", path="signed-in").url(begun.to or people.first_page(person)), cookies=cookies)


def _unknown(incoming: Incoming, answer: Answer) -> Reply:
    if answer.status == 403:
        return _failed("no-rights", incoming, 403)
    return _failed("sign-in-unanswered", incoming, 503)


def sign_out(incoming: Incoming, now: int) -> Reply:
    """End the session here and at the provider. Without a session the person is signed out already."""
    found = open_session(incoming.cookie(cookie_name()), now)
    if found is not None:
        end(found)
    return see_other(provider.logout_url(), cookies=(set_cookie(cookie_name(), "", 0),))


def signed_out(incoming: Incoming, now: int) -> Reply:
    """Say that the person is signed out. On a shared device a person who has just signed in shows their badge next."""
    if device.secret_of(incoming) and open_session(incoming.cookie(cookie_name()), now):
        return see_other("switch")
    cookies = (set_cookie(cookie_name(), "", 0),)
    return outside.message("signed-out", 200, "Signed out", incoming, cookies=cookies, link="sign-in")


def end(found: OpenSession) -> None:
    """End a session here, and its refresh token at the provider."""
    sessions.end(found.session)
    provider.revoke(found.session.tokens.refresh)


def _failed(kind: str, incoming: Incoming, status: int) -> Reply:
    cookies = (set_cookie(_start_name(), "", 0),)
    return outside.message(kind, status, "Not signed in", incoming, cookies=cookies, link="sign-in")


def _start_name() -> str:
    return f"{cookie_name()}-start"


def _signed(begun: Start) -> str:
    text = urlsafe_b64encode(json.dumps(asdict(begun)).encode()).decode().rstrip("=")
    return f"{text}.{provider.sign(_PURPOSE, text)}"


def _start_of(cookie: str, now: int) -> Start | None:
    """Return what the cookie holds, None for a cookie that this room did not sign or whose time is over."""
    text, _, signature = cookie.partition(".")
    if not text or not compare_digest(provider.sign(_PURPOSE, text).encode(), signature.encode()):
        return None
    begun = Start(**json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4))))
    return begun if now < begun.until else None


STEPS = {
    ("GET", "sign-in"): start,
    ("GET", "signed-in"): signed_in,
    ("POST", "sign-out"): sign_out,
    ("GET", "signed-out"): signed_out,
}
PATHS = frozenset(path for _, path in STEPS)
