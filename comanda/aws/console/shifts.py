"""
Keep the session of a person at a shared device, so that the person's badge opens it again within the shift.

Called by   functions/console/switch.py

The row lies under the device. It holds the session's cookie, sealed under a key that is derived from the secret of the device
and the code of the badge together, and neither of them is in any table. Even its sort key says nothing without the device's
secret. So whoever reads the table, or runs as the room, opens nothing without the device in hand and the badge before it.
"""

import hmac
from hashlib import sha256

from comanda.aws.console import seal, sessions
from comanda.aws.console.sessions import Session
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.keys import Key
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import NotFound


def keep(session: Session, device: str, badge: str) -> bool:
    """Let the badge open the session at this device until the session ends. Returns False if it has ended already."""
    key, table = _key(device, badge), settings.sessions_table
    sealed = seal.seal_for_badge(device, badge, _bound_to(key), session.cookie.encode())
    row = {**key, "sealed": sealed, "ttl": session.began + sessions.LONGEST_SECONDS}
    gone = NotFound("session", "of this person")
    there, mine = "attribute_exists(pk)", keys.session(session.digest)
    try:
        transaction.commit(
            [
                transaction.update(table, mine, "SET kept = :yes", gone, condition=there, yes=True),
                transaction.put(table, row, gone),
            ]
        )
    except NotFound:
        return False
    return True


def find(device: str, badge: str, now: int) -> Session | None:
    """Return the living session that the badge opens at this device, None if there is none."""
    key = _key(device, badge)
    row = reads.get(settings.sessions_table, key)
    if row is None:
        return None
    try:
        cookie = seal.unseal_by_badge(device, badge, _bound_to(key), row["sealed"])
    except seal.SealBroken:
        return None
    return sessions.find(cookie.decode(), now)


def _key(device: str, badge: str) -> Key:
    return keys.session_at_device(keys.digest(device), hmac.new(device.encode(), badge.encode(), sha256).hexdigest())


def _bound_to(key: Key) -> str:
    return f"{key['pk']} {key['sk']}"
