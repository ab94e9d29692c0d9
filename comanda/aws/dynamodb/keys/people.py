"""Spell the keys of people, their badges and devices, and of clients of the API, in the Directory table."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb.keys.spelling import HEADER, Key, text, time

CLIENTS = "CLIENT#"
_USERS = "USER#"


def client(client_id: str) -> Key:
    return {"pk": CLIENTS + client_id, "sk": HEADER}


def client_of(pk: str) -> str:
    """Return the id of the app client from the partition key of its row."""
    return pk.removeprefix(CLIENTS)


def user(sub: str) -> Key:
    return {"pk": _USERS + sub, "sk": HEADER}


def user_id_of(row: Mapping[str, Any]) -> str:
    """Return the person's id from a row of theirs."""
    sub: str = row["pk"].removeprefix(_USERS)
    return sub


def user_settings(sub: str) -> Key:
    return {"pk": _USERS + sub, "sk": "SET"}


def user_badge(sub: str) -> Key:
    """Return the key of the row that names the person's badge."""
    return {"pk": _USERS + sub, "sk": "BADGE"}


def admins() -> Key:
    """Return the key of the number of people with the role admin."""
    return {"pk": "ADMINS", "sk": HEADER}


def role(word: str) -> Key:
    """Return the key of a role beside the four, which somebody was given."""
    return {"pk": f"ROLE#{word}", "sk": HEADER}


def badge(mac: str) -> Key:
    """Return the key of a badge. `mac` is the HMAC of its code."""
    return {"pk": f"BADGE#{mac}", "sk": HEADER}


def device(digest: str) -> Key:
    """Return the key of a device. `digest` is the SHA-256 of its secret."""
    return {"pk": f"DEVICE#{digest}", "sk": HEADER}


def device_of_node(node: str, enrolled: datetime, digest: str) -> Key:
    """Return a device's index key: its place among the devices of its node, the oldest first."""
    return {"gsi1pk": devices_page(node), "gsi1sk": f"{time(enrolled)}#{digest}"}


def devices_page(node: str) -> str:
    return f"DEVICES#{text(node)}"
