"""
Keep the sessions of people who are signed in to the console: read, begin, refresh and end them.

Called by   functions/console/session.py; functions/people, which ends all sessions of a person
Raises      SessionExists

A session is found by the SHA-256 of its cookie, which the table holds instead of the cookie. Its tokens are sealed under a
key that only the cookie gives (`comanda.aws.console.seal`). So whoever reads the table, or runs as the room without a
living request, has no token. A row beside it finds all sessions of a person, to end them everywhere.
"""

import json
import re
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Any

from comanda.aws.console import seal
from comanda.aws.dynamodb import keys, reads, single_writes, transaction
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Busy

LONGEST_SECONDS = 12 * 3600  # after this the person signs in again, whatever they do
IDLE_SECONDS = 30 * 60  # of the office
IDLE_SECONDS_OF_HANDHELDS = LONGEST_SECONDS  # a handheld is put down and picked up all through a shift
REST_SECONDS = 10 * 60  # without a page: then a session that a badge opens again rests until the badge is shown
MOST_PAGES = 60  # that a person may ask for in a minute
MOST_PAGES_OF_HANDHELDS = 240  # each scan is one, and a picker scans faster than a page is read
REFRESH_SECONDS = 10  # one request has so long to refresh the tokens of a session before another may try
_COOKIE = re.compile(rf"[A-Za-z0-9_-]{{{seal.COOKIE_LENGTH}}}")


class SessionExists(Busy):
    """Two new sessions got the same id, which does not happen by chance."""

    code = "session-exists"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """The tokens of a person and what the API said of the person at sign-in. `ends` is the access token's end."""

    access: str
    ends: int  # seconds since 1970
    refresh: str
    person: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A session as one request sees it. Times are seconds since 1970."""

    cookie: str
    digest: str
    sub: str
    version: int
    began: int
    seen: int
    handheld: bool
    minute: int  # in which pages were counted last, in minutes since 1970
    tokens: Tokens
    kept: bool = False  # a badge opens it again at a device (`comanda.aws.console.shifts`)


def begin(sub: str, tokens: Tokens, *, handheld: bool, now: int) -> Session:
    """Write a new session under a new cookie, and return it."""
    cookie = seal.new_cookie()
    session = Session(
        cookie=cookie,
        digest=_digest(cookie),
        sub=sub,
        version=1,
        began=now,
        seen=now,
        handheld=handheld,
        minute=now // 60,
        tokens=tokens,
    )
    item = {
        **keys.session(session.digest),
        "sub": sub,
        "handheld": handheld,
        "version": 1,
        "began": now,
        "seen": now,
        "minute": session.minute,
        "pages": 0,
        "sealed": _sealed(session, tokens),
        "ttl": now + LONGEST_SECONDS,
    }
    row = {**keys.session_of(sub, session.digest), "began": now, "ttl": now + LONGEST_SECONDS}
    twice = SessionExists("another session has this id")
    transaction.commit(
        [
            transaction.put_once(settings.sessions_table, item, twice),
            transaction.put_once(settings.sessions_table, row, twice),
        ]
    )
    return session


def find(cookie: str, now: int) -> Session | None:
    """Return the living session of a cookie; None if there is none, or its time is over."""
    if not _COOKIE.fullmatch(cookie):
        return None
    digest = _digest(cookie)
    item = reads.get(settings.sessions_table, keys.session(digest))
    if item is None or _is_over(item, now):
        return None
    try:
        tokens = Tokens(**json.loads(seal.unseal(cookie, keys.session(digest)["pk"], item["sealed"])))
    except seal.SealBroken:
        return None
    return Session(
        cookie=cookie,
        digest=digest,
        sub=item["sub"],
        version=item["version"],
        began=item["began"],
        seen=item["seen"],
        handheld=item["handheld"],
        minute=item["minute"],
        tokens=tokens,
        kept=item.get("kept", False),
    )


def rests(session: Session, now: int) -> bool:
    """Return True if a session of a shared device was left alone for so long that its person's badge is asked for."""
    return session.kept and now - session.seen >= REST_SECONDS


def count_page(session: Session, now: int) -> bool:
    """Count one page of the session's minute and note that the person is there.

    Returns False if the minute has no more pages, or the session ended in the meantime.
    """
    minute = now // 60
    if session.minute < minute and _update(
        session,
        "SET seen = :now, #minute = :minute, pages = :one",
        "attribute_exists(pk) AND #minute < :minute",
        n_minute="minute",
        now=now,
        minute=minute,
        one=1,
    ):
        return True
    return _update(
        session,
        "SET seen = :now ADD pages :one",
        "#minute = :minute AND pages < :most",
        n_minute="minute",
        now=now,
        minute=minute,
        one=1,
        most=MOST_PAGES_OF_HANDHELDS if session.handheld else MOST_PAGES,
    )


def claim_refresh(session: Session, now: int) -> bool:
    """Return True if this request shall refresh the session's tokens: of two tabs at once, one does."""
    return _update(
        session,
        "SET refresh_until = :until",
        "version = :version AND (attribute_not_exists(refresh_until) OR refresh_until < :now)",
        until=now + REFRESH_SECONDS,
        version=session.version,
        now=now,
    )


def store_tokens(session: Session, tokens: Tokens) -> Session | None:
    """Write refreshed tokens. Returns the session with them; None if another request was first or the session ended."""
    stored = _update(
        session,
        "SET sealed = :sealed, version = :next REMOVE refresh_until",
        "version = :version",
        sealed=_sealed(session, tokens),
        next=session.version + 1,
        version=session.version,
    )
    return replace(session, tokens=tokens, version=session.version + 1) if stored else None


def end(session: Session) -> None:
    """Delete the session and the row that finds it. A session that is gone already is no error."""
    for key in (keys.session(session.digest), keys.session_of(session.sub, session.digest)):
        single_writes.delete(settings.sessions_table, key, condition="attribute_exists(pk)")


def end_all(sub: str) -> int:
    """Delete every session of a person, and return their number. A repetition ends those that a crash left."""
    table, ended = settings.sessions_table, 0
    for row in reads.query(table, "pk = :pk", consistent=True, pk=keys.sessions_of(sub)):
        digest = keys.session_digest_of(row)
        # The row by which a session is found goes last.
        ended += single_writes.delete(table, keys.session(digest), condition="attribute_exists(pk)")
        single_writes.delete(table, keys.session_of(sub, digest), condition="attribute_exists(pk)")
    return ended


def _is_over(item: dict[str, Any], now: int) -> bool:
    idle = IDLE_SECONDS_OF_HANDHELDS if item["handheld"] else IDLE_SECONDS
    return bool(now - item["began"] >= LONGEST_SECONDS or now - item["seen"] >= idle)


def _digest(cookie: str) -> str:
    return sha256(cookie.encode()).hexdigest()


def _sealed(session: Session, tokens: Tokens) -> bytes:
    plain = json.dumps(
        {"access": tokens.access, "ends": tokens.ends, "refresh": tokens.refresh, "person": tokens.person}
    )
    return seal.seal(session.cookie, keys.session(session.digest)["pk"], plain.encode())


def _update(session: Session, expression: str, condition: str, **names: Any) -> bool:
    return single_writes.update(
        settings.sessions_table, keys.session(session.digest), expression, condition=condition, **names
    )
