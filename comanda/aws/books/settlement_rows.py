"""
Translate between rows and what providers reported of payments and payouts, with the totals of days.

Called by   comanda.aws.books.settlements, missing_settlements, settlement_items
Returns     Comparisons as they are stored; the writes that change them with the totals
Raises      StaleSettlement (Busy) from the writes, when another writer was first

A difference has its place in the queue on the row itself, so it enters and leaves the queue with what is known. The totals of
a day are changed by the same transaction, so they are the sums of the rows at every moment.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.errors import Busy
from comanda.domain.reconciliation.exchange import Exchange
from comanda.domain.reconciliation.settlement import ASKS_A_PERSON, Settlement, SettlementStatus

_FIELDS = ("currency", "day", "charged", "refunded", "disputed", "announced", "summed", "mixed", "answered")


class StaleSettlement(Busy):
    """Another writer has changed what is known of the payment."""

    code = "stale-settlement"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """
    Hold what is known of a payment, of a payout or of an operation, as it is stored.

    ours         what we moved, in minor units: captured less refunded; of a payout what its provider sent
    difference   the difference as it was judged; a person's answer holds as long as it is the same
    counted      itself as the totals of its day have it; None for a new one
    due          since when a person is asked
    """

    provider: str
    name: str
    theirs: Settlement
    status: SettlementStatus = SettlementStatus.WAITING
    ours: int = 0
    order_id: str = ""
    difference: str = ""
    due: str = ""
    version: int = 0
    counted: "Comparison | None" = None

    @property
    def reported(self) -> int:
        """Return what was reported: charged less refunded and disputed, or what the bank got."""
        whole = self.theirs.whole
        return whole.charged - whole.refunded - whole.disputed


def of_row(row: Mapping[str, Any]) -> Comparison:
    """Return the comparison of a row."""
    exchange = Exchange(**row["exchange"]) if "exchange" in row else None
    theirs = Settlement(**{name: row[name] for name in _FIELDS if name in row}, exchange=exchange)
    status = SettlementStatus(row["status"])
    comparison = Comparison(
        provider=row["provider"],
        name=row["name"],
        theirs=theirs,
        status=status,
        ours=row["ours"],
        order_id=row.get("order_id", ""),
        difference=row.get("difference", ""),
        due=row.get("due", ""),
        version=row["version"],
    )
    return replace(comparison, counted=comparison)


def write(comparison: Comparison, now: datetime, *, unsettled: datetime | None = None) -> Write:
    """Return the write of a comparison over the version that was read. `unsettled`: the sweeper looks at it after this time."""
    asks = comparison.status in ASKS_A_PERSON
    due = comparison.due or views.time(now)
    values: dict[str, Any] = {
        **keys.settlement(comparison.provider, comparison.name),
        **{name: getattr(comparison.theirs, name) for name in _FIELDS if getattr(comparison.theirs, name) is not None},
        "provider": comparison.provider,
        "name": comparison.name,
        "status": comparison.status,
        "ours": comparison.ours,
        "order_id": comparison.order_id,
        "difference": comparison.difference,
        "version": comparison.version + 1,
    }
    if comparison.theirs.exchange is not None:
        values["exchange"] = asdict(comparison.theirs.exchange)
    if asks:
        assert due is not None
        place = keys.settlement_place(datetime.fromisoformat(due), comparison.provider, comparison.name)
        values |= {"due": due, **place}
    if unsettled is not None:
        values |= keys.unsettled(comparison.provider, unsettled, comparison.name)
    stale = StaleSettlement(comparison.name)
    if not comparison.version:
        return transaction.put_once(settings.orders_table, values, stale)
    return transaction.put(
        settings.orders_table, values, stale, condition="#v = :seen", n_v="version", seen=comparison.version
    )


def merge_writes(gone: Comparison, into: str) -> list[Write]:
    """Return the writes that leave a payout's row as part of the row of another name, and lead its names there."""
    row = {
        **keys.settlement(gone.provider, gone.name),
        "provider": gone.provider,
        "name": gone.name,
        "merged_into": into,
        "version": gone.version + 1,
    }
    alias = {**keys.payout_name(gone.name), "subject": into}
    stale = StaleSettlement(gone.name)
    return [
        transaction.put(settings.orders_table, row, stale, condition="#v = :seen", n_v="version", seen=gone.version),
        transaction.put(
            settings.orders_table, alias, stale, condition="attribute_not_exists(pk) OR subject = :was", was=gone.name
        ),
    ]


type Place = tuple[str, str, str]  # provider, day and currency of totals


def place_of(comparison: Comparison) -> Place:
    """Return the totals that a comparison is counted in."""
    return comparison.provider, comparison.theirs.day, comparison.theirs.currency


def places_of(comparison: Comparison) -> set[Place]:
    """Return all totals that change when a comparison is written: those where it was counted, and those of the account's currency."""
    found = {place_of(one) for one in (comparison, comparison.counted) if one is not None}
    exchange = comparison.theirs.exchange
    return found | ({(comparison.provider, comparison.theirs.day, exchange.currency)} if exchange else set())


class Totals:
    """Add up how a transaction changes the totals of days."""

    def __init__(self) -> None:
        self._changes: dict[Place, Counter[str]] = {}

    @property
    def places(self) -> set[Place]:
        """Return the totals that change."""
        return set(self._changes)

    def count(self, comparison: Comparison) -> None:
        """Count a comparison as it is written, instead of what was counted of it before."""
        self.remove(comparison)
        self._add(comparison, times=1)

    def remove(self, comparison: Comparison) -> None:
        """Count a comparison no more."""
        if comparison.counted is not None:
            self._add(comparison.counted, times=-1)

    def add(self, provider: str, day: str, currency: str, **amounts: int) -> None:
        """Add fees, or other money that is of no order."""
        self._changes_of(provider, day, currency).update(amounts)

    def writes(self) -> list[Write]:
        """Return the writes of what changes."""
        return [_totals_write(*of, {n: d for n, d in found.items() if d}) for of, found in self._found()]

    def _found(self) -> Iterable[tuple[Place, Counter[str]]]:
        return ((of, found) for of, found in self._changes.items() if any(found.values()))

    def _changes_of(self, provider: str, day: str, currency: str) -> Counter[str]:
        return self._changes.setdefault((provider, day, currency), Counter())

    def _add(self, one: Comparison, *, times: int) -> None:
        changes = self._changes_of(*place_of(one))
        for name, amount in (("items", 1), ("ours", one.ours), ("theirs", one.reported)):
            changes[f"{one.status}_{name}"] += times * amount
        if (exchange := one.theirs.exchange) is not None:
            self._changes_of(one.provider, one.theirs.day, exchange.currency)["converted"] += times * exchange.settled


def _totals_write(provider: str, day: str, currency: str, changes: Mapping[str, int]) -> Write:
    values: dict[str, Any] = dict(changes)
    expression = "ADD " + ", ".join(f"#{name} :{name}" for name in values)
    return transaction.update(
        settings.orders_table,
        keys.settlement_totals(provider, day, currency),
        expression,
        StaleSettlement("totals"),
        **values,
        **{f"n_{name}": name for name in values},
    )
