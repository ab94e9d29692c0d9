"""
Write and read the token of the link by which a customer sees an order: what it opens, until when, and a MAC over all of it.

A token has no personal data. It ends on its day, when the order's `epoch` is raised, or when its key has gone out of use.

Called by   comanda.aws.orders.order_links
Returns     texts that fit into an address; a Link, or None for a text that no key in use has signed, or whose day is over
"""

import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import IntFlag
from hashlib import sha256

DAYS = 180  # that a link is valid
MOST_LENGTH = 200  # characters of a token that is looked at
_VERSION = 1
_MAC_BYTES = 16
_FIRST_DAY = date(2020, 1, 1)
_MOST_DIGITS = 11  # of a time in seconds
_HEAD = 9  # bytes: version, key, purposes, day (2), epoch (4)


class Purpose(IntFlag):
    """Name what the holder of a link may do."""

    LOOK = 1
    CANCEL = 2
    CONTACT = 4  # see the address and what was provided
    QUOTE = 8  # see a quote: the link is of a draft, and its epoch is the revision of the quote


ALL = Purpose.LOOK | Purpose.CANCEL | Purpose.CONTACT


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Hold what a token says. `epoch` is the order's when the link was made."""

    order_id: str
    expires: date  # the last day, in UTC, on which it opens the page
    epoch: int
    purposes: Purpose = ALL


@dataclass(frozen=True, slots=True)
class Key:
    """A signing key. Its number, which tokens name, is made from it."""

    secret: bytes = field(repr=False)

    @property
    def number(self) -> int:
        return sha256(b"number\n" + self.secret).digest()[0]

    def mac(self, purpose: bytes, signed: bytes) -> bytes:
        """Return 128 bits that only a holder of the key can make. Each purpose has a key of its own."""
        own = hmac.new(self.secret, purpose, sha256).digest()
        return hmac.new(own, signed, sha256).digest()[:_MAC_BYTES]


def link(order_id: str, epoch: int, today: date) -> Link:
    """Return a new link for everything that a customer does."""
    return Link(order_id=order_id, expires=today + timedelta(days=DAYS), epoch=epoch)


def write(link: Link, key: Key) -> str:
    """Return the token of the link."""
    signed = bytes([_VERSION, key.number, link.purposes])
    signed += (link.expires - _FIRST_DAY).days.to_bytes(2) + link.epoch.to_bytes(4) + link.order_id.encode()
    return urlsafe_b64encode(signed + key.mac(b"link", signed)).decode().rstrip("=")


def read(token: str, keys: Sequence[Key], today: date) -> Link | None:
    """Return the link of a token, or None if no key signed exactly this text, or its day is over.

    The MAC is compared with that of every key and without an early end, so the time says nothing about how much was right.
    """
    raw = _bytes(token)
    signed, mac = raw[:-_MAC_BYTES], raw[-_MAC_BYTES:]
    right = [hmac.compare_digest(key.mac(b"link", signed), mac) for key in keys]
    if not any(right) or signed[0] != _VERSION:
        return None
    expires = _FIRST_DAY + timedelta(days=int.from_bytes(signed[3:5]))
    found = Link(
        order_id=signed[_HEAD:].decode(),
        expires=expires,
        epoch=int.from_bytes(signed[5:_HEAD]),
        purposes=Purpose(signed[2]),
    )
    return found if today <= expires else None


def key_number(token: str) -> int:
    """Return the number of the key that a token names. It proves nothing."""
    return _bytes(token)[1]


def _bytes(token: str) -> bytes:
    """Return the bytes of a token, or as many zeros for a text that is none: the comparison then refuses it."""
    none = bytes(_HEAD + _MAC_BYTES)
    if len(token) > MOST_LENGTH or not token.isascii():
        return none
    try:
        raw = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except (Error, ValueError):
        return none
    canonical = urlsafe_b64encode(raw).decode().rstrip("=") == token  # one link has one text
    return raw if canonical and len(raw) > len(none) else none


def one_time_value(order_id: str, version: int, epoch: int, key: Key) -> str:
    """Return the value of a form of the page. It is right for this version of the order only, which every act ends."""
    return key.mac(b"form", f"{order_id}\n{version}\n{epoch}".encode()).hex()


def is_one_time_value(value: str, order_id: str, version: int, epoch: int, keys: Sequence[Key]) -> bool:
    """Return True if the form was made for this version of the order by a key in use."""
    given = value.encode("utf-8", "surrogatepass")
    right = [hmac.compare_digest(one_time_value(order_id, version, epoch, key).encode(), given) for key in keys]
    return any(right)


def paper_proof(order_id: str, paper: str, epoch: int, until: datetime, key: Key) -> str:
    """Return what opens a paper of the order until a time, to whoever has just proven to know the order."""
    ends = int(until.timestamp())
    return f"{ends}-{key.mac(b'paper', f'{order_id}\n{paper}\n{epoch}\n{ends}'.encode()).hex()}"


def is_paper_proof(proof: str, order_id: str, paper: str, epoch: int, now: datetime, keys: Sequence[Key]) -> bool:
    """Return True if a key in use made this proof for the paper, and its time is not over."""
    ends, _, _ = proof.partition("-")
    if not (ends.isascii() and ends.isdecimal() and len(ends) < _MOST_DIGITS):
        return False
    until, given = datetime.fromtimestamp(int(ends), UTC), proof.encode("utf-8", "surrogatepass")
    made = (paper_proof(order_id, paper, epoch, until, key).encode() for key in keys)
    right = [hmac.compare_digest(one, given) for one in made]
    return any(right) and now < until


def is_proof(typed: str, wanted: str) -> bool:
    """Return True if the customer typed the order's postal code, or the e-mail of an order without one. Blanks, hyphens
    and capitals do not count."""
    kept = [_plain(text) for text in (typed, wanted)]
    return bool(kept[1]) and hmac.compare_digest(*kept)


def _plain(text: str) -> bytes:
    return "".join(c for c in text.casefold() if not c.isspace() and c != "-").encode("utf-8", "surrogatepass")


def lookup_proof(typed: str, key: Key) -> str:
    """Return what stands for an e-mail or a postal code that somebody typed to get a link, so that no queue has the text."""
    return key.mac(b"lookup", _plain(typed)).hex()


def is_lookup_proof(proof: str, wanted: Sequence[str], keys: Sequence[Key]) -> bool:
    """Return True if a key in use made the proof of one of the texts that are wanted. Each is compared with each."""
    right = [hmac.compare_digest(lookup_proof(text, key), proof) for text in wanted if _plain(text) for key in keys]
    return any(right)


def visitor(network: str, day: date, key: Key) -> str:
    """Return the name under which the requests of a network are counted on a day. The network cannot be guessed back."""
    return key.mac(b"visitor", f"{day} {network}".encode()).hex()
