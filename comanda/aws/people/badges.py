"""
Make badges, and tell whose badge it is when it is scanned and its PIN typed on an enrolled device.

A badge is a code of 128 bits that its person keeps as a QR code, and a PIN that only the person knows. Directory keeps the
code's HMAC, and of the PIN a scrypt hash with a salt of its own over an HMAC: four digits alone would be found in minutes by
anyone who reads the table, and are not found without the secret of the stage. A miss is counted before the PIN is compared,
under a condition: any number of tries at once has five misses together.

Called by   functions/people
Raises      NotFound; StaleBadge (Busy)
"""

import hashlib
import hmac
import os
from datetime import datetime
from typing import Any

from comanda.aws.api.http import Answer
from comanda.aws.api.idempotency import IdempotentRequest
from comanda.aws.dynamodb import keys, reads, single_writes, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import clock, secret
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Busy, NotFound

MOST_MISSES = 5
BEGINS = "CB-"  # the console tells a badge from other codes by its beginning
_BITS = 32  # hexadecimal digits of a code
_SALT_BYTES = 16
# 16 MB and some 50 ms for each hash.
_COST, _BLOCK, _PARALLEL = 2**14, 8, 1
_NO_SALT, _NO_HASH = bytes(_SALT_BYTES), bytes(64)


class StaleBadge(Busy):
    """Say that the person's badge was replaced at the same moment."""

    code = "stale-badge"


def code_of(request: IdempotentRequest, made_at: str) -> str:
    """Return the code that the request's badge gets. A repeated request gets the same one, and no table keeps it.

    `made_at` is in the kept answer. With it, a key that is used again after two days makes no lost badge valid again.
    """
    return BEGINS + secret.sign("badge-code", f"{request.key['pk']}\n{made_at}")[:_BITS].upper()


def make(request: IdempotentRequest, sub: str, pin: str, now: datetime) -> None:
    """Make the person's badge, once for the request's key. An earlier badge of the person opens nothing any more.

    Raises NotFound if the person was removed; StaleBadge if another request made a badge at the same moment.
    """
    made = clock.text(now)
    table, mac, salt = settings.directory_table, _mac(code_of(request, made)), os.urandom(_SALT_BYTES)
    before = reads.get(table, keys.user_badge(sub))
    stale = StaleBadge("another badge of this person was made at the same moment")
    row = {**keys.badge(mac), "person_id": sub, "salt": salt, "hash": _hash(pin, salt), "misses": 0, "made_at": made}
    person = "attribute_exists(pk) AND attribute_not_exists(removed_at)"
    names = keys.user_badge(sub) | {"badge": mac, "made_at": made}
    transaction.commit(
        [
            request.record(Answer(status=201, body={"person_id": sub, "made_at": made})),
            transaction.check(table, keys.user(sub), person, NotFound("person", sub)),
            transaction.put_once(table, row, stale),
            transaction.put(table, names, stale, condition="badge = :was", was=before["badge"])
            if before
            else transaction.put_once(table, names, stale),
            *([transaction.delete(table, keys.badge(before["badge"]), stale)] if before else []),
        ]
    )


def of_person(sub: str) -> dict[str, Any] | None:
    """Return the state of a person's badge, None if the person has none."""
    row = _row_of(sub)
    return None if row is None else {"made_at": row["made_at"], "locked": row["misses"] >= MOST_MISSES}


def revoke(sub: str) -> None:
    """Delete a person's badge. Raises NotFound if the person has none; StaleBadge."""
    writes = removal(sub)
    if not writes:
        raise NotFound("badge of", sub)
    transaction.commit(writes)


def removal(sub: str) -> list[Write]:
    """Return the writes that delete a person's badge: none if there is none."""
    table = settings.directory_table
    names = reads.get(table, keys.user_badge(sub))
    if names is None:
        return []
    stale = StaleBadge("another badge of this person was made at the same moment")
    return [
        transaction.delete(table, keys.user_badge(sub), stale, condition="badge = :was", was=names["badge"]),
        transaction.delete(table, keys.badge(names["badge"]), stale),
    ]


def unlock(sub: str) -> dict[str, Any]:
    """Forget the misses of a person's badge, and return its state. Raises NotFound if the person has none."""
    names = reads.get(settings.directory_table, keys.user_badge(sub))
    if names is None or not _set_misses(names["badge"], 0):
        raise NotFound("badge of", sub)
    return {"made_at": names["made_at"], "locked": False}


def whose(code: str, pin: str) -> str | None:
    """Return the id of the person whose badge and PIN these are, or None.

    None for an unknown badge, a wrong PIN and a locked badge alike, after the same work.
    """
    mac = _mac(code)
    row = reads.get(settings.directory_table, keys.badge(mac))
    may_try = row is not None and _count_miss(mac)
    salt, wanted = (row["salt"], row["hash"]) if row is not None else (_NO_SALT, _NO_HASH)
    right = hmac.compare_digest(_hash(pin, salt), wanted)
    if row is None or not may_try or not right:
        return None
    return str(row["person_id"]) if _set_misses(mac, 0) else None


def _count_miss(mac: str) -> bool:
    """Count a miss before the PIN is compared. Return False for a badge that is locked or gone."""
    return single_writes.update(
        settings.directory_table,
        keys.badge(mac),
        "ADD misses :one",
        condition="attribute_exists(pk) AND misses < :most",
        one=1,
        most=MOST_MISSES,
    )


def _set_misses(mac: str, misses: int) -> bool:
    """Return False for a badge that is gone."""
    return single_writes.update(
        settings.directory_table,
        keys.badge(mac),
        "SET misses = :misses",
        condition="attribute_exists(pk)",
        misses=misses,
    )


def _row_of(sub: str) -> dict[str, Any] | None:
    names = reads.get(settings.directory_table, keys.user_badge(sub))
    return reads.get(settings.directory_table, keys.badge(names["badge"])) if names else None


def _mac(code: str) -> str:
    return secret.sign("badge", code)


def _hash(pin: str, salt: bytes) -> bytes:
    keyed = secret.sign("pin", f"{salt.hex()}{pin}").encode()
    return hashlib.scrypt(keyed, salt=salt, n=_COST, r=_BLOCK, p=_PARALLEL)
