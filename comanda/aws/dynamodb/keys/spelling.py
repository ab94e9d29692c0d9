"""Spell the parts of keys: texts from outside, times, shards and digests."""

from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import quote, unquote
from zlib import crc32

from comanda.domain.errors import Invalid, Problem
from comanda.domain.text import MOST_ENCODED

Key = dict[str, str]
SHARDS = 8
_BEGINNING = 500  # characters of a long text that stay; no text has the "!" after them
HEADER = "#"  # the sort key of an item that is alone in its partition, or that the other items there belong to


def text(value: str) -> str:
    """Return the text percent-encoded, so that it is safe inside a key. Raises Invalid for a value that is not Unicode
    text."""
    if value.isascii() and value.isalnum():
        return value  # most values: `quote` takes five times as long to find nothing in them
    return quote(encoded(value), safe="._-~")


def short_text(value: str) -> str:
    """Return the text for a part of a sort key that has no room for all texts: a long one ends in its hash."""
    spelt = text(value)
    return spelt if len(spelt) <= MOST_ENCODED else f"{spelt[:_BEGINNING]}!{digest(value)[:32]}"


def encoded(value: str) -> bytes:
    try:
        return value.encode()
    except UnicodeEncodeError as error:
        message = "holds half of a surrogate pair, which is no text"
        raise Invalid(Problem(pointer="/", code="not-text", message=message)) from error


def plain_text(encoded: str) -> str:
    """Return the text that `text` has encoded."""
    return unquote(encoded)


def time(at: datetime) -> str:
    at = at.astimezone(UTC)
    return f"{at:%Y%m%dT%H%M%S}{at.microsecond // 1000:03d}Z"


def time_of(spelt: str) -> datetime:
    return datetime.strptime(spelt, "%Y%m%dT%H%M%S%fZ").replace(tzinfo=UTC)


def shard(value: str, of: int = SHARDS) -> int:
    return crc32(encoded(value)) % of


def digest(value: str) -> str:
    return sha256(encoded(value)).hexdigest()
