"""
Store the claims of queues' items: two attributes of the item, which no event and no version of the order follows.

Called by   functions/intake, which takes claims and answers; comanda.aws.orders, which saves answers
Returns     claims, and writes that hold only while no other caller's claim lives; their refusal is StaleOrder
Raises      NotFound, Claimed, Throttled

An answer is refused in its own transaction when another caller claims the item in between.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.errors import StaleOrder
from comanda.domain.orders.claims import Claim, require_free

# Times are stored as text of one width, so they compare as times do.
FREE = "(attribute_not_exists(claimed_until) OR claimed_until <= :now OR claimed_by = :by)"

type Item = tuple[str, str]  # the queue, and the name of the item within its order and queue


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The items that a caller's decision answers. The decision is not saved while another caller's claim of one lives."""

    items: tuple[Item, ...]
    by: str
    now: datetime

    def condition(self, item: Item) -> dict[str, Any]:
        """Return the condition of a write to an item, none for an item that is not answered."""
        if item not in self.items:
            return {}
        return {"condition": FREE, "by": self.by, "now": views.time(self.now)}


NOTHING_ANSWERED = Answered(items=(), by="", now=datetime.max.replace(tzinfo=UTC))


def claim_of(row: Mapping[str, Any]) -> Claim | None:
    """Return the last claim of an item from its row, which may have ended. None for an item that nobody claimed."""
    if "claimed_by" not in row:
        return None
    return Claim(by=row["claimed_by"], until=datetime.fromisoformat(row["claimed_until"]))


def require_unclaimed(order_id: str, answered: Answered, *, names: bool) -> None:
    """Raise Claimed while another caller's claim of one of these items lives."""
    wanted = [keys.task(order_id, queue, name) for queue, name in dict.fromkeys(answered.items)]
    for row in reads.batch(settings.orders_table, wanted):
        require_free(claim_of(row), answered.by, answered.now, names=names)


def claim_write(order_id: str, item: Item, claim: Claim, now: datetime) -> Write:
    """Return the write of a claim, for an item that waits and that no other caller has."""
    return transaction.update(
        settings.orders_table,
        keys.task(order_id, *item),
        "SET claimed_by = :by, claimed_until = :until, gsi1pk = :gsi1pk, gsi1sk = :gsi1sk",
        StaleOrder(order_id),
        condition=f"attribute_exists(pk) AND {FREE}",
        by=claim.by,
        until=views.time(claim.until),
        now=views.time(now),
        **keys.claimed(claim.by, claim.until, order_id, *item),
    )


def release_write(order_id: str, item: Item, by: str, now: datetime) -> Write:
    """Return the write that gives a claim back, for an item that waits and that no other caller has."""
    return transaction.update(
        settings.orders_table,
        keys.task(order_id, *item),
        "REMOVE claimed_by, claimed_until, gsi1pk, gsi1sk",
        StaleOrder(order_id),
        condition=f"attribute_exists(pk) AND {FREE}",
        by=by,
        now=views.time(now),
    )
