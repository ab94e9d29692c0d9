"""
Make the writes of a supply: its header, its lines, the differences of its transfers, and the facts of its cost.

Called by   comanda.aws.stock_updates.supplies
Returns     Writes of one transaction; the header's version refuses them if another writer was first (StockConflict)
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.aws.stock_updates import stock_facts
from comanda.aws.stock_updates.stock_facts import EXPEDITED
from comanda.aws.stock_updates.supply_rows import SupplyRow
from comanda.domain.errors import StockConflict
from comanda.domain.stock.supplies import DAYS_TO_ANSWER, TIME_TO_EXPLAIN
from comanda.domain.stock.supply_line import REQUESTED, Difference, Step, SupplyLine


def header_write(
    supply_id: str, before: Mapping[str, Any] | None, after: Mapping[str, Any], now: datetime
) -> list[Write]:
    """Write the header with its next version. `before` is the stored item, None for a new supply; `after` has its facts."""
    stale = StockConflict(f"supply {supply_id}")
    if before is None:
        values = {
            **keys.supply(supply_id),
            "supply_id": supply_id,
            "version": 1,
            "created_at": now.isoformat(),
            **after,
        }
        return [transaction.put_once(settings.stock_table, {**values, "changed_at": now.isoformat()}, stale)]
    version = before["version"]
    values = {**before, **after, "version": version + 1, "changed_at": now.isoformat()}
    return [transaction.put(settings.stock_table, values, stale, condition="#v = :was", n_v="version", was=version)]


def line_write(line: SupplyLine) -> Write:
    """Write a line without a condition: the header's version protects all lines of a supply."""
    values = {
        **keys.supply_line(line.supply_id, line.number),
        **{name: getattr(line, name) for name in SupplyLine.__slots__},
        **_index_key(line),
    }
    return transaction.put(settings.stock_table, values, StockConflict(f"supply {line.supply_id}"))


def _index_key(line: SupplyLine) -> keys.Key:
    """Return the index key of a line that waits for an answer: its place in the queue of requests. Empty for all others."""
    if line.state != REQUESTED:
        return {}
    until = datetime.fromisoformat(line.asked_at) + DAYS_TO_ANSWER
    return keys.transfer_request(until, line.supply_id, line.number)


def difference_writes(step: Step, new: Difference | None) -> list[Write]:
    """Return the writes that put a difference into its queue, or that delete it because a person explained it."""
    if step.difference is not None:
        known = step.difference
        gone = StockConflict(f"difference of {known.supply_id}")
        return [
            transaction.delete(
                settings.stock_table,
                keys.difference(known.supply_id, known.number, known.reference),
                gone,
                condition="attribute_exists(pk)",
            )
        ]
    if new is None:
        return []
    due = datetime.fromisoformat(new.at) + TIME_TO_EXPLAIN
    values = {
        **keys.difference(new.supply_id, new.number, new.reference),
        **keys.transfer_difference(due, new.supply_id, new.number, new.reference),
        **{name: getattr(new, name) for name in Difference.__slots__},
    }
    return [transaction.put(settings.stock_table, values, StockConflict(f"difference of {new.supply_id}"))]


def expedited_facts(rows: Sequence[SupplyRow], now: datetime) -> list[Write]:
    """Write the fact that units of a supply were paid for to come sooner, once for each reference."""
    paid = next(((row, row.expedited) for row in rows if row.expedited is not None), None)
    if paid is None:
        return []
    row, expedited = paid
    values = {
        "what": "SUPPLY",
        "supply_id": row.supply_id,
        "cost": expedited.cost,
        "currency": expedited.currency,
        "cause": expedited.cause,
    }
    return [stock_facts.fact(EXPEDITED, f"supply.{row.supply_id}.{row.step.reference}", now, values)]
