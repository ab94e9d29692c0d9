"""
Keep how far the taxes of a legal entity's documents are added up, for a file that takes several requests.

Called by   functions/books
Returns     how far it is
Raises      Throttled

Each request adds up some documents more. Of two that do so at once, one saves what it added, and the other one asks again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime.settings import settings

KEPT = timedelta(minutes=15)  # after the last request; the next one begins anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Added:
    """
    The sums of the first documents of some days.

    sums        as text
    documents   how many are in them
    after       the place of the last of them in the index; empty: of all days none is left
    rev         how often they were saved; None: never
    """

    sums: str = "[]"
    documents: int = 0
    after: str = ""
    rev: int | None = None

    @property
    def done(self) -> bool:
        return self.rev is not None and not self.after


def find(entity: str, period: str, now: datetime) -> Added:
    """Return how far the sums are. They begin anew some minutes after they were saved last."""
    row = reads.get(settings.orders_table, keys.added_taxes(entity, period))
    if row is None or row["until"] <= now.isoformat():
        return Added()
    return Added(sums=row["sums"], documents=row["documents"], after=row["after"], rev=row["rev"])


def save(entity: str, period: str, added: Added, now: datetime) -> bool:
    """Keep sums that began with those of `added.rev`. Return False if another request has added to these meanwhile."""
    fresh = added.rev is None
    until = now + KEPT
    return single_writes.update(
        settings.orders_table,
        keys.added_taxes(entity, period),
        "SET sums = :sums, documents = :documents, #after = :after, rev = :next, #until = :until, #ttl = :ttl",
        condition="attribute_not_exists(pk) OR #until <= :now" if fresh else "rev = :rev",
        n_after="after",
        n_until="until",
        n_ttl="ttl",
        sums=added.sums,
        documents=added.documents,
        after=added.after,
        next=1 if added.rev is None else added.rev + 1,
        until=until.isoformat(),
        ttl=int(until.timestamp()),
        **({"now": now.isoformat()} if fresh else {"rev": added.rev}),
    )
