"""
Ask a browser for some work before an order is placed, so that a program that places thousands pays for each. Pure.

A challenge is text that this stage signed for one channel at one moment. Its proof is a number with which the SHA-256 of
`challenge:number` begins with enough zero bits. `form.js` searches for it.

Called by   functions/order_form/pages.py
Returns     challenges and verdicts on proofs
"""

import hmac
from collections.abc import Callable
from datetime import datetime
from hashlib import sha256

VALID_SECONDS = 30 * 60
_LEAST_BITS = 14  # some 16,000 hashes: a quarter of a second in a browser
_STEPS = ((50, 1), (200, 3), (1_000, 5), (5_000, 7))  # (orders of the channel in ten minutes, more bits)
_MOST_NONCE = 20  # digits
_BITS_OF_DIGEST = 256
_PARTS = 6

type Sign = Callable[[str], str]


def bits(orders: int) -> int:
    """Return the zero bits that a proof needs after so many orders of the channel in the last ten minutes."""
    return _LEAST_BITS + max((more for least, more in _STEPS if orders >= least), default=0)


def challenge(channel: str, bits: int, now: datetime, random: str, sign: Sign) -> str:
    """Return a new challenge. `random` is text that no other challenge has."""
    signed = f"1~{channel}~{int(now.timestamp())}~{bits}~{random}"
    return f"{signed}~{sign(signed)}"


def bits_of(challenge: str) -> int:
    """Return the zero bits that a challenge of ours asks for."""
    return int(challenge.split("~")[3])


def is_ours(challenge: str, channel: str, now: datetime, sign: Sign) -> bool:
    """Return True if this stage made the challenge for this channel, not too long ago."""
    signed, _, mac = challenge.rpartition("~")
    if not challenge.isascii() or not hmac.compare_digest(sign(signed), mac):
        return False
    parts = challenge.split("~")
    age = now.timestamp() - int(parts[2])
    return len(parts) == _PARTS and parts[1] == channel and 0 <= age <= VALID_SECONDS


def is_solved(challenge: str, nonce: str) -> bool:
    """Return True if the number is a proof of the challenge."""
    if not (nonce.isascii() and nonce.isdigit() and len(nonce) <= _MOST_NONCE):
        return False
    digest = int.from_bytes(sha256(f"{challenge}:{nonce}".encode()).digest())
    return digest >> (_BITS_OF_DIGEST - bits_of(challenge)) == 0
