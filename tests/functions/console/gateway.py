"""
Put the real doors, and a sign-in page, behind HTTP on 127.0.0.1, so that the console is tested as it is deployed.

`Gateway` checks each token and passes the request on to the room of its route, as API Gateway does. It also grants tokens by
authorization code with PKCE, as Cognito does. `Browser` keeps cookies and sends what a browser sends. Nothing of the console
is replaced.
"""

import json
import re
import threading
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from html import escape, unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urljoin, urlsplit
from uuid import uuid4

from comanda.aws.api.routes import ROUTES
from comanda.aws.runtime import clock
from tests.functions import events

CLIENT_SECRET = "secret-of-the-console"
TOKEN_SECONDS = 900
# A Lambda has one event at a time. Powertools keeps it for all resolvers of a process, so that two rooms at once would mix theirs.
_ONE_EVENT = threading.Lock()
OPEN_ROUTES = frozenset(route.path for route in ROUTES if not route.scopes and route.path.startswith("/v1/"))


@dataclass
class Gateway:
    """The API and the sign-in page of a stage. `slow` and `broken` have paths of the API whose answer comes too late or is an
    error; `lost` has paths of forms that are done and whose answer never reaches the browser."""

    client_id: str = "console-client"
    audience: str = "console-client"  # of the id tokens
    tokens: dict[str, dict[str, Any]] = field(default_factory=dict)
    refresh_tokens: dict[str, str] = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    calls: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    granted: list[str] = field(default_factory=list)
    slow: dict[str, threading.Event] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    lost: set[str] = field(default_factory=set)
    refused_tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        gateway = self

        class Handler(_Handler):
            of = gateway

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        for event in self.slow.values():
            event.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    # The sign-in page

    def log_in(self, authorize: str, who: str) -> str:
        """Return the address that the sign-in page leads back to after the person typed the right password."""
        asked = dict(parse_qsl(urlsplit(authorize).query))
        assert asked["client_id"] == self.client_id
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        code = uuid4().hex
        self.codes[code] = {**asked, "who": who}
        return f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}"

    def grant(self, form: Mapping[str, str]) -> tuple[int, dict[str, Any]]:
        self.granted.append(form["grant_type"])
        if form["grant_type"] == "refresh_token":
            who = self.refresh_tokens.get(form["refresh_token"])
            return (200, self._tokens(who, {})) if who else (400, {"error": "invalid_grant"})
        asked = self.codes.get(form["code"], {})
        challenge = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if challenge != asked.get("code_challenge") or form["redirect_uri"] != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        del self.codes[form["code"]]
        refresh = uuid4().hex
        self.refresh_tokens[refresh] = asked["who"]
        return 200, {**self._tokens(asked["who"], {"nonce": asked["nonce"]}), "refresh_token": refresh}

    def _tokens(self, who: str, more: dict[str, str]) -> dict[str, Any]:
        access = _jwt({"sub": who, "username": who, "jti": uuid4().hex})
        now = int(clock.now().timestamp())
        self.tokens[access] = {"sub": who, "username": who, "ends": now + TOKEN_SECONDS, "auth_time": str(now)}
        claims = {"sub": who, "name": who.title(), "aud": self.audience, **more}
        return {"access_token": access, "id_token": _jwt(claims), "expires_in": TOKEN_SECONDS, "token_type": "Bearer"}

    def revoke(self, refresh_token: str) -> dict[str, Any]:
        self.refresh_tokens.pop(refresh_token, None)
        return {}

    def revoke_all(self, who: str) -> dict[str, Any]:
        self.refresh_tokens = {token: of for token, of in self.refresh_tokens.items() if of != who}
        return {}

    # The API

    def call(
        self, method: str, target: str, headers: dict[str, str], body: str | None
    ) -> tuple[int, dict[str, str], str]:
        path, _, query = target.partition("?")
        self.calls.append((method, path, headers))
        is_open = path in OPEN_ROUTES
        token = headers.get("authorization", "").removeprefix("Bearer ")
        claims = self.tokens.get(token, {"ends": float("inf")} if is_open else None)
        if claims is None or claims["ends"] <= clock.now().timestamp() or token in self.refused_tokens:
            return 401, {}, json.dumps({"message": "Unauthorized"})
        if path in self.slow:
            self.slow[path].wait(20)
        if path in self.broken:
            return 502, {}, json.dumps({"message": "Internal server error"})
        found = events.find_route(method, path)
        if found is None:
            return 403, {}, json.dumps({"message": "Missing Authentication Token"})
        route, values = found
        asked = events.event(
            method,
            path,
            resource=route.resource,
            values=values,
            headers=headers,
            query=parse_qs(query, keep_blank_values=True),
            body=body,
            context={"requestId": uuid4().hex, "authorizer": {"claims": {**claims, "ends": None}}},
        )
        with _ONE_EVENT:
            answer = events.answer(route.room, asked)
        return answer["statusCode"], events.flat(answer["multiValueHeaders"]), answer["body"]


def _jwt(claims: Mapping[str, str]) -> str:
    parts = ({"alg": "none"}, claims)
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + ".x"


type Sent = tuple[int, Iterable[tuple[str, str]], str]  # status, headers and content of an answer


def _sign_in_page(gateway: Gateway, target: str) -> Sent:
    """Ask a browser's person for their name, as the sign-in page does."""
    asked = escape(f"{gateway.address}{target}")
    form = f'<input type="hidden" name="asked" value="{asked}"><input name="who" aria-label="Name" autofocus>'
    page = f'<!doctype html><title>Sign in</title><form action="/login">{form}</form>'
    return 200, [("Content-Type", "text/html; charset=utf-8")], page


def _log_in(gateway: Gateway, target: str) -> Sent:
    typed = dict(parse_qsl(urlsplit(target).query))
    return 302, [("Location", gateway.log_in(typed["asked"], typed["who"]))], ""


def _log_out(_: Gateway, target: str) -> Sent:
    return 302, [("Location", dict(parse_qsl(urlsplit(target).query))["logout_uri"])], ""


_PAGES = {"/oauth2/authorize": _sign_in_page, "/login": _log_in, "/logout": _log_out}


def _console_page(method: str, target: str, headers: Mapping[str, str], body: str | None) -> Sent:
    """Answer a request of a real browser for the console."""
    answer = _ask_console(method, target, headers, body)
    pairs = [(name, value) for name, values in answer["multiValueHeaders"].items() for value in values]
    return answer["statusCode"], pairs, answer["body"]


def _ask_console(method: str, target: str, headers: Mapping[str, str], body: str | None) -> dict[str, Any]:
    """Pass a request for an address below /live/console on as the gateway does."""
    address, _, query = target.partition("?")
    page = address.removeprefix("/live/console").lstrip("/")
    asked = events.event(
        method,
        address.removeprefix("/live"),
        resource="/console/{page+}" if page else "/console",
        values={"page": page} if page else {},
        headers=headers,
        query=parse_qs(query, keep_blank_values=True),
        body=body,
        context={"requestId": "r-console"},
    )
    return events.answer("console", asked)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    of: Gateway

    def _answer(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        body = self.rfile.read(length).decode() if length else None
        headers = {name.lower(): value for name, value in self.headers.items()}
        path = urlsplit(self.path).path
        more: Iterable[tuple[str, str]] = ()
        if path == "/oauth2/token":
            client = b64decode(headers["authorization"].removeprefix("Basic ")).decode()
            known = client == f"{self.of.client_id}:{CLIENT_SECRET}"
            status, found = self.of.grant(dict(parse_qsl(body))) if known else (401, {"error": "invalid_client"})
            text = json.dumps(found)
        elif path in _PAGES:
            status, more, text = _PAGES[path](self.of, self.path)
        elif path.startswith("/live/console"):
            status, more, text = _console_page(self.command, self.path, headers, body)
        else:
            status, flat, text = self.of.call(self.command, self.path.removeprefix("/live"), headers, body)
            more = flat.items()
        if self.command == "POST" and path in self.of.lost:
            self.close_connection = True
            return
        self.send_response(status)
        for name, value in more:
            self.send_header(name, value)
        content = text.encode()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        with suppress(ConnectionError):  # the room waits for five seconds and then hangs up
            self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815  names that http.server looks for

    def log_message(self, *_: object) -> None:
        """Write nothing: a test says itself what went wrong."""


@dataclass
class Page:
    """A page as a browser got it."""

    status: int
    text: str
    headers: dict[str, str]
    address: str

    def fields(self, form: int = 0) -> dict[str, str]:
        """Return the fields of one form of the page, with the values that it was rendered with."""
        forms = re.findall(r"<form\b.*?</form>", self.text, re.DOTALL)
        found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', forms[form])
        return {name: unescape(value) for name, value in found}

    @property
    def location(self) -> str:
        return urljoin(self.address, self.headers["Location"])


@dataclass
class Browser:
    """A browser with one person's cookies. Addresses are those of the stage under test."""

    gateway: Gateway
    console: str
    cookies: dict[str, str] = field(default_factory=dict)

    def get(self, path: str = "", *, follow: bool = True, **headers: str) -> Page:
        address = f"{self.console}/{path}" if path else self.console
        page = self.ask("GET", address, None, headers)
        return self._followed(page) if follow else page

    def _followed(self, page: Page) -> Page:
        """Return the page that an answer leads to."""
        while page.status == 303 and page.location.startswith(self.console):
            page = self.ask("GET", page.location, None, {})
        return page

    def post(self, path: str, fields: Any, *, follow: bool = True, headers: Mapping[str, str] | None = None) -> Page:
        """Send a form as a page of the console does. `fields` are pairs, or the raw body as text."""
        body = fields if isinstance(fields, str) else urlencode(fields, doseq=True)
        origin = {"Sec-Fetch-Site": "same-origin", "Origin": "{0.scheme}://{0.netloc}".format(urlsplit(self.console))}
        sent = {"Content-Type": "application/x-www-form-urlencoded", **origin, **(headers or {})}
        address = f"{self.console}/{path}" if path else self.console
        page = self.ask("POST", address, body, {name: value for name, value in sent.items() if value})
        return self._followed(page) if follow else page

    def sign_in(self, who: str, to: str = "") -> Page:
        """Sign in through the sign-in page, and return the page that this leads to. `to` is a path, percent-encoded."""
        return self._followed(self._signed_in(who, to))

    def enter(self, who: str) -> "Browser":
        """Sign in, and open no page yet: a person's first page makes several calls of the API."""
        page = self._signed_in(who)
        assert page.status == 303, page.text
        return self

    def _signed_in(self, who: str, to: str = "") -> Page:
        """Sign in through the sign-in page, and return the console's answer, which leads to a page."""
        start = self.get("sign-in" + (f"?to={to}" if to else ""), follow=False)
        assert start.status == 303, start.text
        back = self.gateway.log_in(start.location, who)
        assert back.startswith(self.console)
        return self.get(back.removeprefix(self.console).lstrip("/"), follow=False)

    def ask(self, method: str, address: str, body: str | None, headers: Mapping[str, str]) -> Page:
        """Send one request as the gateway passes it on."""
        sent = {**headers, "Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        parts = urlsplit(address)
        answer = _ask_console(method, f"{parts.path}?{parts.query}", sent, body)
        for cookie in answer["multiValueHeaders"].get("Set-Cookie", ()):
            self._keep(cookie)
        flat = events.flat(answer["multiValueHeaders"])
        flat.pop("Set-Cookie", None)
        return Page(answer["statusCode"], answer["body"], flat, address)

    def _keep(self, cookie: str) -> None:
        pair, *attributes = cookie.split("; ")
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= set(attributes), cookie
        name, _, value = pair.partition("=")
        assert name.startswith("__Host-"), cookie
        if "Max-Age=0" in attributes:
            self.cookies.pop(name, None)
        else:
            self.cookies[name] = value
