"""
Keep what a preview of a change showed, for an hour, so that the change can be compared with it.

Called by   functions/intake
Returns     digests by the preview's id
Raises      nothing of its own
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import compact, pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import StaleOrder

KEPT = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A preview as it is compared: the version of the last change, digests of what was asked and of what was answered, and the
    last day at the door by line."""

    change_version: int
    asked: str
    answered: str
    days: Mapping[str, str] = field(default_factory=dict)


def write(order_id: str, preview_id: str, kept: Kept, now: datetime) -> Write:
    """Return the write of a preview."""
    values = {
        **keys.preview(order_id, preview_id),
        "change_version": kept.change_version,
        "asked": kept.asked,
        "answered": kept.answered,
        "days": pack(dict(kept.days)),
        "until": (now + KEPT).isoformat(),
        "ttl": int((now + KEPT).timestamp()),
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(order_id))


def find(order_id: str, preview_id: str, now: datetime) -> Kept | None:
    """Return a preview of the order, None if there is none or its time is over. The table deletes it some time later."""
    row = reads.get(settings.orders_table, keys.preview(order_id, preview_id))
    if row is None or datetime.fromisoformat(row["until"]) <= now:
        return None
    return Kept(
        change_version=row["change_version"],
        asked=row["asked"],
        answered=row["answered"],
        days=unpack(row["days"]) if "days" in row else {},
    )


def digest(value: Any) -> str:
    """Return the digest of plain JSON."""
    return sha256(compact(value).encode("utf-8", "surrogatepass")).hexdigest()
