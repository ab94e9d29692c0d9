"""
Raise and end the alerts of stock, and turn their records in the stream into events.

Called by   comanda.aws.stock_views.refresh, for functions/watch and daily; functions/watch, which publishes the events
Returns     how many alerts changed; CloudEvents
Raises      StockConflict, Throttled (Busy)

An alert is a row that exists while its condition is true. The row is written first, and its own record in the stream becomes
the event, so row and event always agree. The event's id is made of the record's number, so a record that is delivered twice
gives the same event.
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
    """The position changed after it was read. That change is in the stream and calls this function again, so nothing is
    lost."""


def settle(watched: Watched, now: datetime) -> int:
    """Write the alerts that began and delete those that ended; return how many.

    Write nothing if the position changed since it was read.
    """
    position = watched.position
    changes = alerts.changes(watched.standing, position, watched.thresholds, now)
    # OVER_RESERVED is written with the change that makes `free` negative.
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
    """Return the CloudEvents of the stream records that begin an alert, end it, or change its quantity."""
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
        "sequence": written["SequenceNumber"],  # text of one length: a later record of an alert has a greater number
        "data": {"sku": sku, "node": node, "kind": kind, "quantity": change.quantity},
    }
