"""
Check that Stripe signed a notice, lately.

Called by   comanda.aws.payments.stripe_notices
Returns     nothing
Raises      NotSigned

The signature is made of the raw body, byte for byte, so a body that was read and written again has another one.
"""

import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta

from comanda.domain.payments.answer import NotSigned

TOLERANCE = timedelta(minutes=5)
_LONGEST = 1_000  # characters of the header; two signatures have 150


def check(body: bytes, header: str, secrets: Sequence[str], now: datetime) -> None:
    """Check the header Stripe-Signature of a body. One right signature by one of the secrets is enough."""
    stamp, signatures = _parts(header[:_LONGEST])
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        raise NotSigned("the signature has no time")
    signed = stamp.encode() + b"." + body
    right = [hmac.new(secret.encode(), signed, "sha256").hexdigest().encode() for secret in secrets]
    if not any(hmac.compare_digest(one, mine) for one in signatures for mine in right):
        raise NotSigned("no signature of this body is right")
    if abs(now.timestamp() - int(stamp)) > TOLERANCE.total_seconds():
        raise NotSigned("the signature is too old")


def _parts(header: str) -> tuple[str, list[bytes]]:
    """Return the time and the signatures of scheme v1 in a header."""
    parts = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in parts if name == "t"]
    return stamps[0] if stamps else "", [value.encode() for name, _, value in parts if name == "v1"]
