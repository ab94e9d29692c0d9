"""
Read a request of the gateway as plain values, whatever strange bytes it has. Pure.

Called by   functions/order_form/handler.py
Returns     an Incoming
"""

import re
from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from comanda.aws.api import form_fields
from comanda.aws.api.form_fields import TooLarge

_LANGUAGE = re.compile(r"\s*([A-Za-z]{2,3})(?:-[A-Za-z0-9-]{1,20})?\s*(?:;\s*q=([01](?:\.[0-9]{1,3})?))?\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """A request. Header names are in lower case; `address` is that of the visitor, as the gateway saw it."""

    method: str
    channel: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    address: str
    domain: str
    body: bytes

    @property
    def is_own(self) -> bool:
        """Return True if a page of this very origin sent the form. A browser says so; an old one sends only its Origin."""
        site = self.headers.get("sec-fetch-site")
        if site is not None:
            return site == "same-origin"
        host = urlsplit(self.headers.get("origin", "")).netloc
        return bool(host) and host in (self.headers.get("host"), self.domain)

    @property
    def part(self) -> str:
        """Return the part of the page that the script asks for, "" for the whole page."""
        return self.headers.get("x-comanda-part", "")

    def fields(self) -> list[tuple[str, str]]:
        """Return the fields of the form in their order. Raises TooLarge."""
        return form_fields.read(self.body)

    def typed(self) -> list[tuple[str, str]]:
        """Return the fields of a form of this page, to show them again; none of another request."""
        if self.method != "POST" or not self.is_own:
            return []
        try:
            return self.fields()
        except TooLarge:
            return []

    def languages(self) -> list[str]:
        """Return the languages that the visitor reads: the one that the address names, then those of the browser."""
        wanted = [("2", self.query.get("lang", ""))]
        for part in self.headers.get("accept-language", "")[:500].split(","):
            found = _LANGUAGE.fullmatch(part)
            if found:
                wanted.append((found[2] or "1", found[1]))
        return [name.lower() for _, name in sorted(wanted, key=lambda one: -float(one[0])) if name]


def read(event: Mapping[str, Any]) -> Incoming:
    """Return the request."""
    context = event.get("requestContext") or {}
    body = event.get("body") or ""
    return Incoming(
        method=event["httpMethod"],
        channel=(event.get("pathParameters") or {}).get("channel", ""),
        query=event.get("queryStringParameters") or {},
        headers={name.lower(): str(value) for name, value in (event.get("headers") or {}).items()},
        address=str((context.get("identity") or {}).get("sourceIp", "")),
        domain=str(context.get("domainName", "")),
        body=b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass"),
    )
