"""
Alerts of stock: rows that stand while what they say is true, and the events that tell of their beginning and their end.

Called by   functions/watch, functions/daily; functions/availability reads the list
Raises      StockConflict, Throttled (Busy)

A row is written first, and the row's own record in the stream becomes the event: so neither is ever without the other, and
the event's id, made of the record's number, stays the same however often the record is delivered.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.aws.stock_views.sku_view import Watched
from comanda.domain.errors import StockConflict
from comanda.domain.stock import alerts
from comanda.domain.stock.alerts import OVER_RESERVED, AlertChange
from comanda.domain.stock.stock import Position


class _Moved(StockConflict):
    """The position is not as it was read any more: whoever changed it wakes us again."""


def settle(watched: Watched, now: datetime) -> int:
    """Write what began and what ended; returns how many. Nothing, when the position has changed since it was read."""
    position = watched.position
    changes = alerts.changes(watched.standing, position, watched.thresholds, now)
    # The stock's own: written with the change that made `free` negative.
    mine = [change for change in changes if change.kind != OVER_RESERVED]
    if not mine:
        return 0
    unmoved = transaction.check(
        settings.stock_table, keys.position(position.sku, position.node), "rev = :rev", _Moved("rev"), rev=position.rev
    )
    try:
        transaction.commit([unmoved, *(_write(position, change, now) for change in mine)])
    except _Moved:
        return 0
    return len(mine)


def _write(position: Position, change: AlertChange, now: datetime) -> Write:
    entry = keys.alert(change.kind, position.sku, position.node)
    if not change.raised:
        key = {name: entry[name] for name in ("pk", "sk")}
        return transaction.delete(settings.stock_table, key, StockConflict("alert"))
    values = {
        **entry,
        "sku": position.sku,
        "node": position.node,
        "quantity": change.quantity,
        "since": clock.text(now),
    }
    return transaction.put(settings.stock_table, values, StockConflict("alert"))


def events(records: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The CloudEvents of those records of the stream that are an alert's beginning, its end or its new size."""
    return [_event(record) for record in records if record["dynamodb"]["Keys"]["sk"]["S"].startswith(keys.ALERTS)]


def _event(record: dict[str, Any]) -> dict[str, Any]:
    written = record["dynamodb"]
    kind, node = keys.alert_of(written["Keys"]["sk"]["S"])
    sku, image = keys.sku_of(written["Keys"]["pk"]["S"]), written.get("NewImage")
    change = AlertChange(kind=kind, raised=image is not None, quantity=int(image["quantity"]["N"]) if image else 0)
    name = f"comanda.stock.{change.fact}.v1"
    return {
        "specversion": "1.0",
        "id": f"{sku}#{node}#{kind}#{written['SequenceNumber']}",
        "source": f"comanda/{settings.cell}",
        "type": name,
        "subject": sku,
        "time": clock.text(datetime.fromtimestamp(written["ApproximateCreationDateTime"], UTC)),
        "datacontenttype": "application/json",
        "dataschema": f"urn:comanda:schema:{name}",
        "sequence": written["SequenceNumber"],  # text: later ones of one alert are greater, as text of one length
        "data": {"sku": sku, "node": node, "kind": kind, "quantity": change.quantity},
    }
