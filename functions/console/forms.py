"""
Read the forms that people send, and make the hidden key of each form that is rendered.

Called by   functions/console/handler.py, which reads the body; the pages, which take the fields that they know
Returns     a Form with its hidden fields and the typed values
Raises      BadForm

Every form has the hidden field `key`: a ULID made when the page was rendered, with the mark of its person at the end. It
becomes the Idempotency-Key, so a double click, the back button and a lost answer do nothing twice. A form that changes
something with versions has `version`, the ETag that it was rendered with. `do` is the name of the pressed button.
"""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any
from urllib.parse import unquote_to_bytes

from comanda.domain import ids
from functions.console.incoming import Incoming

MOST_BYTES = 200_000
MOST_FIELDS = 2_100  # two for each of the 1,000 lines that an order may have, and those of the page
MOST_CHARACTERS = 20_000  # of one field: longer than every text of the API
_HIDDEN = ("key", "version", "do")
_MARK = 8  # characters of a key that stand for the person
_KEY = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
_VERSION = re.compile(r'(?:W/)?"[A-Za-z0-9._:-]{1,80}"|[A-Za-z0-9._:-]{1,80}')
_NAME = re.compile(r"[A-Za-z0-9_.\[\]-]{1,80}")
_FORM = "application/x-www-form-urlencoded"


class BadForm(Exception):
    """The form cannot be read. `reason` is a word of which `templates/message.html` has the sentence."""

    def __init__(self, reason: str, status: int = 400, field: str = "") -> None:
        super().__init__(reason)
        self.reason, self.status, self.field = reason, status, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form as it was sent. `fields` has the values of each field that is not hidden, as they were typed."""

    key: str
    version: str | None
    do: str
    fields: Mapping[str, tuple[str, ...]]

    def take(self, *names: str, lists: tuple[str, ...] = ()) -> dict[str, str]:
        """Return the values of these fields, "" for a field that was not sent.

        Raises BadForm for a field that is neither here nor in `lists`, and for one that stands twice.
        """
        known = {*names, *lists}
        for name, values in self.fields.items():
            if name not in known:
                raise BadForm("unknown-field", field=name)
            if len(values) > 1 and name not in lists:
                raise BadForm("repeated-field", field=name)
        return {name: self.fields.get(name, ("",))[0] for name in names}

    def typed(self, do: str, name: str, otherwise: Any = "") -> Any:
        """Return the value that was typed into a field, if the button `do` sent the form, else `otherwise`."""
        return self.fields.get(name, (otherwise,))[0] if self.do == do else otherwise

    def list(self, name: str, most: int) -> tuple[str, ...]:
        """Return all values of a field that may stand several times, such as the marked rows. Raises BadForm."""
        values = tuple(dict.fromkeys(self.fields.get(name, ())))
        if len(values) > most:
            raise BadForm("too-many", 413, name)
        return values


def new_key(now: datetime, person: str = "") -> str:
    """Return the hidden key of a form that is rendered now. That of a person ends with the person's mark."""
    key = ids.ulid(int(now.timestamp() * 1000), secrets.randbits(80))
    return key[: -len(mark)] + mark if (mark := _mark(person)) else key


def _mark(person: str) -> str:
    """Return eight characters that stand for a person, "" for nobody. They tell forms of people apart, and are no proof."""
    return ids.ulid(0, int.from_bytes(sha256(person.encode()).digest()[:10]))[-_MARK:] if person else ""


def read(incoming: Incoming, person: str = "") -> Form:
    """Return the form of a request.

    Raises BadForm for every body that no form of ours sends, and for a form that was rendered for another person: the next one
    at a shared device may find it open.
    """
    kind = incoming.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != _FORM:
        raise BadForm("not-a-form", 415)
    if len(incoming.body) > MOST_BYTES:
        raise BadForm("too-large", 413)
    fields = _parse(incoming.body)
    hidden = {name: _once(fields, name) for name in _HIDDEN}
    if not _KEY.fullmatch(hidden["key"]):
        raise BadForm("no-key")
    if not hidden["key"].endswith(_mark(person)):
        raise BadForm("another-person", 403)
    if hidden["version"] and not _VERSION.fullmatch(hidden["version"]):
        raise BadForm("no-version")
    return Form(key=hidden["key"], version=hidden["version"] or None, do=hidden["do"], fields=fields)


def _once(fields: dict[str, tuple[str, ...]], name: str) -> str:
    values = fields.pop(name, ("",))
    if len(values) > 1:
        raise BadForm("repeated-field", field=name)
    return values[0].strip()


def _parse(body: bytes) -> dict[str, tuple[str, ...]]:
    parts = [part for part in body.split(b"&") if part]
    if len(parts) > MOST_FIELDS:
        raise BadForm("too-large", 413)
    fields: dict[str, tuple[str, ...]] = {}
    for part in parts:
        raw_name, _, raw_value = part.partition(b"=")
        name, value = _text(raw_name), _text(raw_value).replace("\r\n", "\n")
        if not _NAME.fullmatch(name):
            raise BadForm("unknown-field")
        if len(value) > MOST_CHARACTERS:
            raise BadForm("too-long", 413, name)
        fields[name] = (*fields.get(name, ()), value)
    return fields


def _text(raw: bytes) -> str:
    """Return a part of the body as text. Raises BadForm for bytes that are no UTF-8."""
    try:
        return unquote_to_bytes(raw.replace(b"+", b" ")).decode()
    except UnicodeDecodeError as error:
        raise BadForm("not-text") from error
