"""
Make the gateway's answers of rooms that serve pages to browsers: pages and files, each with its headers of security.

Called by   functions/console, functions/order_form
Returns     Reply; `response` turns it into the gateway's form
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HTML = "text/html; charset=utf-8"
_FOR_EVER = "public, max-age=31536000, immutable"
# "no-referrer" would make browsers send `Origin: null`, by which an old one could not say that a form is the page's own.
_SECURITY = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of a room. `cookies` are whole Set-Cookie values."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    cookies: tuple[str, ...] = ()


def page(
    html: str, *, status: int = 200, headers: Mapping[str, str] | None = None, cookies: tuple[str, ...] = ()
) -> Reply:
    return Reply(status=status, body=html, headers={"Content-Type": HTML, **(headers or {})}, cookies=cookies)


def see_other(location: str, *, cookies: tuple[str, ...] = ()) -> Reply:
    """Send the browser to another page by GET."""
    return Reply(status=303, headers={"Location": location, "Content-Type": HTML}, cookies=cookies)


def file(text: str, media_type: str, *, for_ever: bool = True) -> Reply:
    """Send a file. `for_ever`: the address holds the hash of this very content."""
    caching = _FOR_EVER if for_ever else "no-store"
    return Reply(status=200, body=text, headers={"Content-Type": media_type, "Cache-Control": caching})


def response(reply: Reply, form_target: str = "") -> dict[str, Any]:
    """Return the reply as the gateway takes it. A half of a surrogate pair, which is no text, becomes a question mark.

    `form_target` is the origin of another server to which a form of the page leads.
    """
    headers = {**security(form_target), **reply.headers}
    many = {name: [value] for name, value in headers.items()}
    if reply.cookies:
        many["Set-Cookie"] = list(reply.cookies)
    return {
        "statusCode": reply.status,
        "multiValueHeaders": many,
        "body": reply.body.encode("utf-8", "replace").decode(),
        "isBase64Encoded": False,
    }


def security(form_target: str = "") -> dict[str, str]:
    """Return the headers of every answer. Only the room's own files load, only its own page and `form_target` get the fields
    of its forms, and no other page frames it."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        f"form-action 'self' {form_target}".rstrip()
        + "; frame-ancestors 'none'; base-uri 'none'"
    )
    return {"Content-Security-Policy": policy, **_SECURITY}
