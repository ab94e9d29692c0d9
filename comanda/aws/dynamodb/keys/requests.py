"""Spell the keys of what was asked for once, in the Orders table: requests, lookups, and lines of files of partners."""

from comanda.aws.dynamodb.keys.spelling import HEADER, Key, digest


def lookups(visitor: str, window: int) -> Key:
    """Return the key of a counter of the lookups of a network in a window of ten minutes. `visitor` is a keyed hash."""
    return {"pk": f"LU#{visitor}", "sk": str(window)}


def idempotency(client: str, route: str, key: str) -> Key:
    return {"pk": f"IDEM#{client}#{route}#{digest(key)}", "sk": HEADER}


def lease(idempotency: Key) -> Key:
    """Return the key of the lease that one request holds while it calls another service for an idempotency key."""
    return {"pk": idempotency["pk"], "sk": "LEASE"}


def answered_part(idempotency: Key, part: str) -> Key:
    """Return the key of the answer to one part of a request: one of the items that it answers one by one."""
    return {"pk": idempotency["pk"], "sk": f"PART#{digest(part)}"}


def row(partner: str, kind: str, identity: str) -> Key:
    """Return the key of a line of a partner's file that was applied."""
    return {"pk": f"ROW#{partner}#{kind}#{digest(identity)}", "sk": HEADER}
