"""
Keep what the scans of a fulfillment's parcels say together: one item (`TE#<fulfillment>`) beside the scans.

Called by   comanda.aws.orders.tracking and .parcel_looks, which write it; functions/fulfill, which shows the last scan
Returns     standings by the name of the parcel; a write whose refusal is StaleOrder: another process wrote it first
Raises      nothing else

It is no part of the order, because a scan makes no version of the order, and none of the fulfillment's item, which is put
whole with each step of its node.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.errors import StaleOrder
from comanda.domain.orders.fulfillment import plain_tracking_number
from comanda.domain.shipping import tracking
from comanda.domain.shipping.tracking import Standing

KEPT = 400 * 24 * 3600  # seconds from the last scan

type Row = Mapping[str, Any]


def load(order_id: str, number: int) -> Row | None:
    """Return the stored item, None before the first scan; strongly consistent."""
    return reads.get(settings.orders_table, keys.tracking_standing(order_id, number))


def read(order_id: str, number: int) -> dict[str, Standing]:
    """Return the standings of a fulfillment's parcels, by the parcel's name."""
    return of_row(load(order_id, number))


def of_row(row: Row | None) -> dict[str, Standing]:
    """Return the standings of a stored item."""
    return {name: tracking.from_row(kept) for name, kept in ((row or {}).get("parcels") or {}).items()}


def write(order_id: str, number: int, kept: Row | None, after: Mapping[str, Standing], now: datetime) -> Write:
    """Return the write of all standings of a fulfillment. `kept` is the item as it was read."""
    values = {
        **keys.tracking_standing(order_id, number),
        "rev": kept["rev"] + 1 if kept else 1,
        "parcels": {name: tracking.to_row(standing) for name, standing in after.items()},
        "ttl": int(now.timestamp()) + KEPT,
    }
    stale = StaleOrder(order_id)
    if kept is None:
        return transaction.put_once(settings.orders_table, values, stale)
    return transaction.put(settings.orders_table, values, stale, condition="rev = :rev", rev=kept["rev"])


def latest(standings: Mapping[str, Standing], tracking_number: str) -> dict[str, Any] | None:
    """Return the last scan of a tracking number as the API shows it, None where none is known."""
    standing = standings.get(plain_tracking_number(tracking_number))
    if standing is None or standing.latest is None:
        return None
    event = standing.latest
    return {
        "status": event.status,
        "code": event.code,
        "occurred_at": views.time(event.occurred_at),
        "location": event.location or None,
        "note": event.note or None,
    }
