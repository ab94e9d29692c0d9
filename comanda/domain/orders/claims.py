"""
Claim an item of a queue: for ten minutes, its caller alone may answer it.

A claim is a lease. It ends by itself, and whoever reads the item judges by the time whether it has ended. It keeps other
callers from answering the item; what the system itself decides about the order is never held up.

Called by   functions/intake; comanda.aws.orders, which stores claims
Returns     claims
Raises      Claimed
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from comanda.domain.errors import Claimed

LEASE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The caller that has claimed an item, and the time until which nobody else may answer it."""

    by: str
    until: datetime

    def lives(self, now: datetime) -> bool:
        return now < self.until


def new_claim(claim: Claim | None, by: str, now: datetime, *, names: bool) -> Claim:
    """Return the claim of this caller, for a whole lease from now. Raises Claimed while another caller's claim lives."""
    require_free(claim, by, now, names=names)
    return Claim(by=by, until=now + LEASE)


def require_free(claim: Claim | None, by: str, now: datetime, *, names: bool) -> None:
    """Raise Claimed while another caller's claim lives. With `names`, the error says which caller that is."""
    if claim is not None and claim.by != by and claim.lives(now):
        raise Claimed(claim.until, claim.by if names else None)
