"""
Name one erasure of a person, hold it while it goes on, and find those that nobody has finished.

Two processes may erase the same person: the request and the sweeper. When one of them has finished, the person may be somebody
new, with a case or a draft of their own: the other one must leave that alone.

Called by   comanda.aws.customers; comanda.aws.drafts.draft_erasure; functions/erase; functions/sweep (`due`)
Returns     checks for the transactions of an erasure; ids of customers
Raises      ErasureEnded by them
"""

from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Rejected
from comanda.domain.orders.customer_merge import Person

_MOST_DUE = 50  # erasures of one shard in one run; the next run goes on


def due(now: datetime) -> list[str]:
    """Return the customers whose erasure was begun minutes ago and is not finished."""
    found: list[str] = []
    for shard in range(keys.SHARDS):
        page, until = keys.queue_page("erasures", shard), keys.time(now)
        condition = "gsi3pk = :pk AND gsi3sk < :now"
        rows = reads.query(settings.orders_table, condition, index="GSI3", together=_MOST_DUE, pk=page, now=until)
        found += [keys.customer_id_of_erasure(row) for row in islice(rows, _MOST_DUE)]
    return found


class ErasureEnded(Rejected):
    """Another process has finished the erasure, or has begun it anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """The erasure of a person, read after it was begun. Its mark stays until it ends: nobody merges the person meanwhile."""

    person: Person

    @property
    def actor(self) -> str:
        return self.person.root.erased_by

    def goes_on(self) -> Write:
        """Return the check that the erasure has not ended."""
        return transaction.check(
            settings.customers_table,
            keys.customer(self.person.root.customer_id),
            "mark = :mark AND attribute_exists(#until)",
            self.ended(),
            n_until="until",
            mark=self.person.mark,
        )

    def ended(self) -> ErasureEnded:
        return ErasureEnded(f"the erasure of {self.person.root.customer_id} has ended")
