"""Spell the keys of reservations in the Stock table."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from comanda.aws.dynamodb.keys.spelling import HEADER, Key, shard
from comanda.aws.dynamodb.keys.supplies import LINES

RESERVATIONS = "R#"  # the partition of a reservation begins with it


def reservation(reservation_id: str) -> Key:
    return {"pk": RESERVATIONS + reservation_id, "sk": HEADER}


def reservation_id_of(row: Mapping[str, Any]) -> str:
    """Return the id of the reservation that a row of Stock belongs to."""
    reservation_id: str = row["pk"].removeprefix(RESERVATIONS)
    return reservation_id


def chunk(reservation_id: str, number: int) -> Key:
    """Return the key of some lines of a reservation that does not fit one transaction."""
    return {"pk": RESERVATIONS + reservation_id, "sk": f"{LINES}{number:03d}"}


EXPIRING_SHARDS = 4


def expiring(at: datetime, reservation_id: str, *, many: bool) -> Key:
    """Return the index key that the sweeper finds a reservation by. Reservations of many chunks come first."""
    name = f"+{reservation_id}" if many else reservation_id
    return {"gsi3pk": expiring_page(at, shard(reservation_id, EXPIRING_SHARDS)), "gsi3sk": name}


def expiring_page(at: datetime, shard: int) -> str:
    return f"XP#{at.astimezone(UTC):%Y%m%dT%H%MZ}#{shard}"


def swept() -> Key:
    """Return the key of the row that says how far expired reservations have been taken back."""
    return {"pk": "XP#swept", "sk": HEADER}
