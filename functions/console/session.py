"""
Open the session of a request by its cookie, and keep its access token fresh.

Called by   functions/console/handler.py, sign_in.py; front_door.py, which asks for the token
Raises      SignedOut when the session ended, here or at the provider, while a request used it
"""

import time
from dataclasses import replace
from threading import Lock

from comanda.aws.api_client.server import NoAnswer
from comanda.aws.console import sessions
from comanda.aws.console.sessions import Session, Tokens
from comanda.aws.runtime.settings import settings
from functions.console import provider
from functions.console.provider import Granted, SignInRefused

_EARLY_SECONDS = 60  # an access token that ends so soon is refreshed before it is used
_PAUSE_SECONDS, _PAUSES = 0.1, 50  # how a request waits for another one that refreshes the same session


class SignedOut(Exception):
    """The session is over: the person has to sign in again."""


class OpenSession:
    """The session of one request. The threads that call the API side by side share it."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = Lock()

    @property
    def session(self) -> Session:
        return self._session

    @property
    def person(self) -> dict[str, object]:
        return self._session.tokens.person

    def is_stale(self, now: int) -> bool:
        """Return True if the access token is due to be refreshed."""
        return self._session.tokens.ends - now < _EARLY_SECONDS

    def keep(self, person: dict[str, object]) -> None:
        """Keep what the API says now of the person. Another request that wrote tokens meanwhile wins."""
        with self._lock:
            if person != self._session.tokens.person:
                tokens = replace(self._session.tokens, person=person)
                self._session = sessions.store_tokens(self._session, tokens) or replace(self._session, tokens=tokens)

    def access_token(self, now: int) -> str:
        """Return an access token that lasts for the next minute, or at least until another tab has refreshed it.

        Raises SignedOut, NoAnswer.
        """
        with self._lock:
            if self.is_stale(now):
                self._refresh(now)
            return self._session.tokens.access

    def renewed_token(self, refused: str, now: int) -> str:
        """Return another access token than the one that the API refused. Raises SignedOut, NoAnswer."""
        with self._lock:
            if self._session.tokens.access == refused:
                self._refresh(now, needed=True)
            return self._session.tokens.access

    def _refresh(self, now: int, *, needed: bool = False) -> None:
        """Refresh the tokens once for all requests of the session. The one that is second reads what the first wrote."""
        mine = self._session
        if sessions.claim_refresh(mine, now):
            granted = self._granted(mine)
            tokens = tokens_of(granted, mine.tokens.person, now, refresh=mine.tokens.refresh)
            self._session = sessions.store_tokens(mine, tokens) or self._read(now)
            return
        self._session = self._read(now)
        for _ in range(_PAUSES):
            if self._session.version != mine.version or not (needed or self._session.tokens.ends <= now):
                return
            time.sleep(_PAUSE_SECONDS)
            self._session = self._read(now)
        raise NoAnswer("another request refreshes this session, and the provider does not answer it")

    def _granted(self, mine: Session) -> Granted:
        try:
            return provider.refresh(mine.tokens.refresh)
        except SignInRefused as error:
            sessions.end(mine)  # the provider ended it: signed out elsewhere, or the person was disabled
            raise SignedOut(error.word) from error

    def _read(self, now: int) -> Session:
        found = sessions.find(self._session.cookie, now)
        if found is None:
            raise SignedOut("the session ended in the meantime")
        return found


def tokens_of(granted: Granted, person: dict[str, object], now: int, *, refresh: str) -> Tokens:
    """Return the provider's tokens as they are kept. A refresh that grants no new refresh token keeps the old one."""
    return Tokens(access=granted.access, ends=now + granted.seconds, refresh=granted.refresh or refresh, person=person)


def cookie_name() -> str:
    """Return the name of the session's cookie. Cookies ignore ports, so the cell keeps two stages of one machine apart."""
    return f"__Host-comanda-{settings.cell}"


def cookie_of(session: Session) -> str:
    """Return the Set-Cookie value of a session. It is Lax: the way back from the sign-in page is from another site."""
    return set_cookie(cookie_name(), session.cookie, sessions.LONGEST_SECONDS)


def set_cookie(name: str, value: str, seconds: int) -> str:
    """Return a Set-Cookie value that no script reads and that only this host gets. 0 seconds delete the cookie."""
    return f"{name}={value}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite=Lax"


def open_session(cookie: str, now: int) -> OpenSession | None:
    """Return the living session of a cookie, or None."""
    found = sessions.find(cookie, now) if cookie else None
    return OpenSession(found) if found else None
