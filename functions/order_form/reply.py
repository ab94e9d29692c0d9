"""
Make the gateway's answers of the form: pages and files, each with its headers of security.

Called by   functions/order_form/handler.py
Returns     the answer as the gateway takes it
"""

from dataclasses import dataclass, field
from typing import Any

HTML = "text/html; charset=utf-8"
_FOR_EVER = "public, max-age=31536000, immutable"
# "no-referrer" would make browsers send `Origin: null`, by which an old one could not say that the form is the page's own.
# Only the form's own files load, only its own page gets its fields, and no other page frames it.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Strict-Transport-Security": "max-age=31536000",
    "Cache-Control": "no-store",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """An answer of the room."""

    status: int
    body: str
    headers: dict[str, str] = field(default_factory=dict)


def page(html: str, status: int = 200, **headers: str) -> Reply:
    return Reply(status=status, body=html, headers={"Content-Type": HTML, **headers})


def file(text: str, media_type: str) -> Reply:
    """Send a file whose address has the hash of its content."""
    return Reply(status=200, body=text, headers={"Content-Type": media_type, "Cache-Control": _FOR_EVER})


def response(reply: Reply) -> dict[str, Any]:
    """Return the answer as the gateway takes it. A half of a surrogate pair, which is no text, becomes a question mark."""
    return {
        "statusCode": reply.status,
        "multiValueHeaders": {name: [value] for name, value in {**_HEADERS, **reply.headers}.items()},
        "body": reply.body.encode("utf-8", "replace").decode(),
        "isBase64Encoded": False,
    }
