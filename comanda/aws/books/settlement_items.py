"""
Show differences between what was reported and what we moved, in the queue `reconcile`, until a person has answered.

Called by   functions/intake, which shows and answers the items
Returns     items, and the writes that end one
Raises      NotFound for an item that does not wait; StaleSettlement (Busy) when a line came meanwhile
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws.books.settlement_rows import Totals, of_row, write
from comanda.aws.dynamodb import keys, reads
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import NotFound
from comanda.domain.orders.queues import Queue
from comanda.domain.reconciliation.settlement import ASKS_A_PERSON, SettlementStatus

_BETWEEN = "~"  # stands between the provider and the payment; no name of a provider has it


def item(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item of the queue from its row."""
    comparison = of_row(row)
    whole = comparison.theirs.whole
    facts = {
        "provider": comparison.provider,
        "payment": comparison.name,
        "order_id": comparison.order_id,
        "day": comparison.theirs.day,
        "currency": comparison.theirs.currency,
        "amount": str(comparison.reported - comparison.ours),
        "reported": str(comparison.reported),
        "ours": str(comparison.ours),
        "charged": str(whole.charged),
        "refunded": str(whole.refunded),
        "disputed": str(whole.disputed),
    }
    if (exchange := comparison.theirs.exchange) is not None:
        facts |= {"converted": str(exchange.settled), "converted_currency": exchange.currency}
    return {
        "item_id": f"{comparison.provider}{_BETWEEN}{comparison.name}",
        "queue": Queue.RECONCILE,
        "reason": reason(comparison.status),
        "due": comparison.due,
        "since": comparison.due,
        "data": {name: value for name, value in facts.items() if value not in ("", "0")},
    }


def reason(status: SettlementStatus) -> str:
    """Return the code of why a person is asked."""
    return f"settlement-{status.lower().replace('_', '-')}"


def end(item_id: str, now: datetime) -> list[Write]:
    """Return the writes that note a difference as answered: the same difference is not asked about again."""
    provider, _, name = item_id.partition(_BETWEEN)
    row = reads.get(settings.orders_table, keys.settlement(provider, name)) if name else None
    if row is None or "merged_into" in row or (comparison := of_row(row)).status not in ASKS_A_PERSON:
        raise NotFound(f"item of queue {Queue.RECONCILE}", item_id[:200])
    theirs = replace(comparison.theirs, answered=comparison.difference)
    answered = replace(comparison, theirs=theirs, status=SettlementStatus.RESOLVED, due="")
    totals = Totals()
    totals.count(answered)
    return [write(answered, now), *totals.writes()]
