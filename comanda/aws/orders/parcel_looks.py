"""
Look at parcels that may be late: ask a person where no scan saw one for too long, and deliver what was reported too early.

Called by   functions/sweep
Returns     the number of orders that were changed
Raises      StaleOrder, StockConflict, Throttled (Busy)

The row by which a parcel is found by its number (`TRK#`) has a place in an index, by the time of its next look. Only the
sweeper moves or ends it; a scan after a person was asked begins it again.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.orders import orders, parcel_standings
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.lifecycle.parcels import track
from comanda.domain.orders.fulfillment import plain_tracking_number
from comanda.domain.orders.order import Order
from comanda.domain.shipping.tracking import Standing

MOST = 200  # parcels of one shard in one run; the next run goes on


def due(now: datetime) -> list[dict[str, Any]]:
    """Return the rows of the parcels whose look is due, the longest due first within each shard."""
    found: list[dict[str, Any]] = []
    for shard in range(keys.SHARDS):
        page, until = keys.queue_page("parcels", shard), keys.time(now)
        condition = "gsi3pk = :pk AND gsi3sk < :now"
        rows = reads.query(settings.orders_table, condition, index="GSI3", together=MOST, pk=page, now=until)
        found += islice(rows, MOST)
    return found


def check(row: dict[str, Any], overdue_days: Callable[[str], int | None], now: datetime) -> bool:
    """Look at the parcels of a row, and plan the next look or end it. Returns True if the order was changed.

    `overdue_days` answers, for the carrier of a label, the days without a scan after which a person is asked.
    """
    order_id, number = ids.parse("ful", row["sk"], settings.cell)
    name = plain_tracking_number(keys.tracking_number_of(row))
    again: datetime | None = None

    def decide(order: Order) -> Saving | None:
        nonlocal again
        again = None
        parcel = track.parcels(order, number).get(name) if _has(order, number) else None
        if parcel is None:
            return None
        kept = parcel_standings.load(order_id, number)
        standings = parcel_standings.of_row(kept)
        seen = track.check_lateness(parcel, standings, overdue_days(parcel.carrier), now)
        again = seen.again
        if seen.decision is None:
            return None
        if not seen.overdue:
            return Saving(decision=seen.decision)
        late = {**standings, name: replace(standings.get(name, Standing()), overdue=True)}
        noted = parcel_standings.write(order_id, number, kept, late, now)
        return Saving(decision=seen.decision, also=[noted])

    found = orders.find(order_id)
    changed = found is not None and orders.decide(order_id, decide).changed
    _plan(row, again)
    return changed


def _has(order: Order, number: int) -> bool:
    return any(fulfillment.number == number for fulfillment in order.fulfillments)


def _plan(row: dict[str, Any], again: datetime | None) -> None:
    """Write the time of the next look, unless another run has written it meanwhile. None ends the looks."""
    key, seen = {"pk": row["pk"], "sk": row["sk"]}, row["gsi3sk"]
    if again is None:
        expression, values = "REMOVE gsi3pk, gsi3sk", {}
    else:
        expression = "SET gsi3pk = :gsi3pk, gsi3sk = :gsi3sk"
        values = keys.parcel_look(again, row["sk"])
    single_writes.update(settings.orders_table, key, expression, condition="gsi3sk = :seen", seen=seen, **values)
