"""
Write and read the token in the address that a customer answers to: `case+<token>@...`. It binds a mail to an order or a case.

The token is a part of an e-mail address: it has at most 58 small letters and digits, and capitals do not count. It has no
personal data. It ends as a customer's link does (`comanda.domain.orders.order_link`): on its day, or when the order's epoch is
raised, or when its key has gone out of use.

Called by   comanda.aws.cases.case_tokens
Returns     texts; a Reply, or None for a text that no key in use has signed, or whose day is over
"""

import hmac
from base64 import b32decode, b32encode
from binascii import Error
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from comanda.domain import ids
from comanda.domain.orders.order_link import DAYS, Key

_OF_ORDER, _OF_CASE = 1, 2  # versions: the second is of a case without an order
_MAC_BYTES = 12
_FIRST_DAY = date(2020, 1, 1)
_SIGNED_BYTES = 24  # version, key, day (2), epoch (2), number (2), ULID (16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """The thing that a mail answers to: an order, one of its cases, or a case without an order."""

    order_id: str | None
    case_id: str | None
    epoch: int
    expires: date


def write(case_or_order_id: str, epoch: int, today: date, key: Key) -> str:
    """Return the token for answers to a case, or to an order."""
    of_order = ids.order_of_case(case_or_order_id)
    order_id, number = of_order or (case_or_order_id, 0)
    version = _OF_CASE if order_id.startswith("cas_") else _OF_ORDER
    day = (today + timedelta(days=DAYS) - _FIRST_DAY).days
    head = bytes([version, key.number]) + day.to_bytes(2) + (epoch & 0xFFFF).to_bytes(2) + number.to_bytes(2)
    signed = head + ids.ulid_bytes(order_id.rpartition("_")[2])
    mac = key.mac(b"reply", signed)[:_MAC_BYTES]
    return b32encode(signed + mac).decode().rstrip("=").lower()


def read(token: str, keys: Sequence[Key], today: date, cell: str) -> Reply | None:
    """Return what a token says, or None if no key signed exactly this text, or its day is over."""
    raw = _bytes(token)
    signed, mac = raw[:_SIGNED_BYTES], raw[_SIGNED_BYTES:]
    right = [hmac.compare_digest(key.mac(b"reply", signed)[:_MAC_BYTES], mac) for key in keys]
    expires = _FIRST_DAY + timedelta(days=int.from_bytes(signed[2:4]))
    if not any(right) or today > expires or signed[0] not in (_OF_ORDER, _OF_CASE):
        return None
    ulid = ids.ulid_of(signed[8:])
    number, epoch = int.from_bytes(signed[6:8]), int.from_bytes(signed[4:6])
    if signed[0] == _OF_CASE:
        return Reply(order_id=None, case_id=ids.case(cell, ulid), epoch=epoch, expires=expires)
    order_id = ids.order(cell, ulid)
    case_id = ids.case_of_order(order_id, number) if number else None
    return Reply(order_id=order_id, case_id=case_id, epoch=epoch, expires=expires)


def _bytes(token: str) -> bytes:
    """Return the bytes of a token, or as many zeros for a text that is none: the comparison then refuses it."""
    none = bytes(_SIGNED_BYTES + _MAC_BYTES)
    try:
        raw = b32decode(token.upper() + "=" * (-len(token) % 8)) if token.isascii() and len(token) < 100 else none
    except (Error, ValueError):
        return none
    canonical = b32encode(raw).decode().rstrip("=") == token.upper()  # one token has one text
    return raw if canonical and len(raw) == len(none) else none
