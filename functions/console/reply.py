"""
Make the gateway's answers of the console: pages, redirects and assets, each with its headers of security.

Called by   functions/console/handler.py, sign_in.py and the pages
Returns     Reply; `response` turns it into the gateway's form
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HTML = "text/html; charset=utf-8"
_FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of the room. `cookies` are whole Set-Cookie values."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


def page(html: str, *, status: int = 200, cookies: tuple[str, ...] = ()) -> Reply:
    return Reply(status=status, body=html, headers={"Content-Type": HTML}, cookies=cookies)


def see_other(location: str, *, cookies: tuple[str, ...] = ()) -> Reply:
    """Send the browser to another page by GET."""
    return Reply(status=303, headers={"Location": location, "Content-Type": HTML}, cookies=cookies)


def asset(text: str, media_type: str, *, for_ever: bool) -> Reply:
    """Send a file. `for_ever`: the address holds the hash of this very content."""
    caching = _FOR_EVER if for_ever else "no-store"
    return Reply(status=200, body=text, headers={"Content-Type": media_type, "Cache-Control": caching})


def response(reply: Reply, sign_in_origin: str) -> dict[str, Any]:
    """Return the reply as the gateway takes it. `sign_in_origin` is where the sign-out form leads to, "" if unknown."""
    headers = {**security(sign_in_origin), **reply.headers}
    many = {name: [value] for name, value in headers.items()}
    if reply.cookies:
        many["Set-Cookie"] = list(reply.cookies)
    return {
        "statusCode": reply.status,
        "multiValueHeaders": many,
        "body": reply.body.encode("utf-8", "replace").decode(),
        "isBase64Encoded": False,
    }


def security(sign_in_origin: str) -> dict[str, str]:
    """Return the headers of every answer. Only files of this room load; the sign-out form leads to the sign-in page."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action 'self' {sign_in_origin}".rstrip()
        + "; frame-ancestors 'none'; base-uri 'none'"
    )
    return {
        "Content-Security-Policy": policy,
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Strict-Transport-Security": "max-age=31536000",
        "Cache-Control": "no-store",
    }
