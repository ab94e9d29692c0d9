"""Spell the keys of the Sessions table: sessions of the console's people."""

from collections.abc import Mapping
from typing import Any

from comanda.aws.dynamodb.keys.spelling import HEADER, Key

SESSIONS = "S#"  # the partition of a session of the console, and the sort key of a person's row of it, begin with it


def session(digest: str) -> Key:
    """Return the key of a session of the console. `digest` is the SHA-256 of its cookie."""
    return {"pk": SESSIONS + digest, "sk": HEADER}


def session_of(sub: str, digest: str) -> Key:
    """Return the key of the row by which a session is found for its person."""
    return {"pk": sessions_of(sub), "sk": SESSIONS + digest}


def sessions_of(sub: str) -> str:
    """Return the partition with the rows of a person's sessions."""
    return f"U#{sub}"


def session_at_device(device_id: str, badge: str) -> Key:
    """Return the key of a session that a badge opens again at a device. `badge` is a hash keyed with the device's secret."""
    return {"pk": f"D#{device_id}", "sk": f"B#{badge}"}


def session_digest_of(row: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a session's cookie from the row of its person."""
    digest: str = row["sk"].removeprefix(SESSIONS)
    return digest
