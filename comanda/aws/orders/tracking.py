"""
Take the scans of parcels that a carrier, a partner or the office reports: each once, in whatever order they come.

A scan is an item of its order (`TE#`), written once. The item `TE#<fulfillment>` says what the scans of each parcel say
together. The order is saved with them only when units are delivered, or when a person is asked.

Called by   functions/tracking (POST /v1/tracking-events), functions/inbox (tracking files)
Returns     an ScanOutcome for each scan
Raises      StaleOrder, StockConflict, Throttled (Busy) when an order stays busy after all tries; Unfinished
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import batched, islice
from typing import Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import orders, parcel_standings
from comanda.aws.orders import scans as scan_outcomes
from comanda.aws.orders.orders import Saving
from comanda.aws.orders.scans import REJECTED, Scan, ScanOutcome
from comanda.aws.runtime import deadline
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.errors import Busy, StaleOrder
from comanda.domain.lifecycle.parcels import track
from comanda.domain.lifecycle.parcels.track import Parcel
from comanda.domain.orders.fulfillment import Fulfillment, plain_tracking_number
from comanda.domain.shipping import tracking
from comanda.domain.shipping.tracking import Standing, TrackingEvent

_MOST_PARCELS = 100  # with one tracking number
_TOGETHER = 40  # scans of one parcel in one transaction


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReporter:
    """Name the caller that reports scans, and about which parcels it may.

    `source` is the request or the file. `sees` says whether a fulfillment is the reporter's. `carrier` is the only carrier whose
    parcels it may report. `names` and `codes` answer, for the carrier of a label, the names and the codes of scans that
    its entry in the directory has.
    """

    id: str
    source: str
    sees: Callable[[Fulfillment], bool]
    names: Callable[[str], frozenset[str]]
    codes: Callable[[str], Mapping[str, str]]
    carrier: str = ""

    def is_of(self, parcel: Parcel, carrier: str) -> bool:
        """Return True if the reporter may report the parcel, and means its carrier. A label may name no carrier: then
        everyone but a carrier may report it."""
        names = self.names(parcel.carrier)
        if self.carrier and names.isdisjoint(self.names(self.carrier)):
            return False
        is_named = not carrier or not names or not names.isdisjoint(self.names(carrier))
        return is_named and self.sees(parcel.fulfillment)


def apply(reporter: ScanReporter, scans: Sequence[Scan], now: Callable[[], datetime]) -> list[ScanOutcome]:
    """Take the scans, and return the outcome of each, in their order."""
    known: dict[str, list[Parcel]] = {}
    wanted: dict[tuple[str, int, str], tuple[Parcel, list[Scan]]] = {}
    found: dict[int, list[ScanOutcome]] = {}
    for scan in scans:
        name = plain_tracking_number(scan.number)
        if name not in known:
            known[name] = list(_parcels(name))
        own = [parcel for parcel in known[name] if reporter.is_of(parcel, scan.carrier)]
        meant = track.meant(own, scan.occurred_at)
        if not meant:
            found[scan.line] = [scan_outcomes.unknown_number(scan) if not own else scan_outcomes.too_early(scan)]
        for parcel in meant:
            at = (parcel.order.order_id, parcel.number, parcel.name)
            wanted.setdefault(at, (parcel, []))[1].append(scan)
    for parcel, its in wanted.values():
        for some in batched(its, _TOGETHER, strict=False):
            deadline.check()
            for outcome in _ParcelScans(reporter=reporter, now=now()).apply(parcel, some):
                found.setdefault(outcome.line, []).append(outcome)
    return [scan_outcomes.whole(found[scan.line]) for scan in scans]


def _parcels(name: str) -> Iterator[Parcel]:
    """Yield the parcels of a tracking number, those of the newest orders if there are very many.

    A row may be of a step that was not saved: its order has no such parcel.
    """
    if not name:
        return
    page = keys.tracking_page(name)
    # The ids of fulfillments sort by the time of their orders.
    rows = reads.query(
        settings.orders_table, "gsi1pk = :pk", index="GSI1", together=_MOST_PARCELS, newest=True, pk=page
    )
    named = dict.fromkeys(ids.parse("ful", row["sk"], settings.cell) for row in islice(rows, _MOST_PARCELS))
    wanted = [keys.order(order_id) for order_id in dict.fromkeys(order_id for order_id, _ in named)]
    found = {keys.order_id_of(row): orders.order_of_item(row) for row in reads.batch(settings.orders_table, wanted)}
    for order_id, number in named:
        order = found.get(order_id)
        if order is not None and any(f.number == number for f in order.fulfillments):
            yield from (parcel for parcel in track.parcels(order, number).values() if parcel.name == name)


@dataclass(slots=True, kw_only=True)
class _ParcelScans:
    """Take some scans of one parcel in one transaction, or none of them."""

    reporter: ScanReporter
    now: datetime
    outcomes: list[ScanOutcome] = field(default_factory=list)

    def apply(self, parcel: Parcel, scans: Sequence[Scan]) -> list[ScanOutcome]:
        """Take the scans, and return the outcome of each. When another process was first, all is decided again."""
        for attempt in range(orders.TRIES):
            try:
                return self._decide_and_save(parcel, scans)
            except Busy:
                if attempt == orders.TRIES - 1:
                    raise
                parcel = _as_it_is_now(parcel)
        raise AssertionError("unreachable")

    def _decide_and_save(self, parcel: Parcel, scans: Sequence[Scan]) -> list[ScanOutcome]:
        self.outcomes = []
        order_id, standing_key = parcel.order.order_id, keys.tracking_standing(parcel.order.order_id, parcel.number)
        by_key = {_key(parcel, scan)["sk"]: _key(parcel, scan) for scan in scans}
        rows = {row["sk"]: row for row in reads.batch(settings.orders_table, [standing_key, *by_key.values()])}
        kept = rows.get(standing_key["sk"])
        known = parcel_standings.of_row(kept)
        before = known.get(parcel.name, Standing())
        fresh = self._fresh(parcel, scans, rows, before.events)
        if not fresh:
            return self.outcomes
        after = before
        for _, event in fresh:
            after = after.with_event(event)
        following = track.follow(parcel, before, {**known, parcel.name: after}, self.reporter.id, self.now)
        told = _announced(after, fresh, self.now)
        writes = [
            *(self._scan_write(parcel, scan, event, told) for scan, event in fresh),
            parcel_standings.write(order_id, parcel.number, kept, {**known, parcel.name: after}, self.now),
        ]
        if before.overdue and not after.overdue:
            writes.append(look_write(parcel, self.now + track.LOOK_DAILY))
        if following.decision is not None:
            orders.save(parcel.order, Saving(decision=following.decision, also=writes))
        else:
            ended = (keys.task(order_id, *item) for item in following.over)
            stale = StaleOrder(order_id)
            transaction.commit([*writes, *(transaction.delete(settings.orders_table, key, stale) for key in ended)])
        return self.outcomes

    def _fresh(
        self, parcel: Parcel, scans: Sequence[Scan], rows: Mapping[str, Mapping[str, Any]], events: int
    ) -> list[tuple[Scan, TrackingEvent]]:
        """Return the scans that are new, with their events, and note the outcome of every scan."""
        codes = self.reporter.codes(
            parcel.carrier or self.reporter.carrier or next((s.carrier for s in scans if s.carrier), "")
        )
        fulfillment_id = ids.fulfillment(parcel.order.order_id, parcel.number)
        fresh: list[tuple[Scan, TrackingEvent]] = []
        contents = {sk: row["content"] for sk, row in rows.items() if "content" in row}
        for scan in scans:
            sk = _key(parcel, scan)["sk"]
            # The scan of an earlier run of the same request or file, which was cut off.
            mine = _identity(rows.get(sk)) == (self.reporter.source, scan.line, scan.content)
            event = scan_outcomes.event_of(scan, codes)
            if sk in contents and not mine:
                self.outcomes.append(scan_outcomes.repeated(scan, contents[sk], fulfillment_id))
                continue
            if not mine and events + len(fresh) >= tracking.MOST_EVENTS:
                reason = f"tracking_number: has {tracking.MOST_EVENTS} scans, and no more are kept"
                self.outcomes.append(
                    ScanOutcome(line=scan.line, status=REJECTED, code="too-many-events", reason=reason)
                )
                continue
            self.outcomes.append(scan_outcomes.applied(scan, event, fulfillment_id))
            if not mine:
                fresh.append((scan, event))
                contents[sk] = scan.content
        return fresh

    def _scan_write(self, parcel: Parcel, scan: Scan, event: TrackingEvent, told: TrackingEvent | None) -> Write:
        order_id = parcel.order.order_id
        values = {
            **_key(parcel, scan),
            **tracking.event_row(event),
            "order_id": order_id,
            "fulfillment": parcel.number,
            "number": parcel.packages[0].tracking_number,
            "packages": [package.package_id for package in parcel.packages],
            "channel": parcel.order.channel,
            "reported_by": self.reporter.id,
            "reported_at": self.now.isoformat(),
            "content": scan.content,
            "source": self.reporter.source,
            "line": scan.line,
            # The stream's reader publishes the scans that have it: the customer hears of them.
            "announced": event.status if event is told else None,
            "ttl": int(self.now.timestamp()) + parcel_standings.KEPT,
        }
        return transaction.put_once(settings.orders_table, values, StaleOrder(order_id))


def _as_it_is_now(parcel: Parcel) -> Parcel:
    """Return the parcel in its order as it is now. A shipped fulfillment keeps its parcels."""
    order = orders.load(parcel.order.order_id)
    return track.parcels(order, parcel.number).get(parcel.name) or replace(parcel, order=order)


def _identity(row: Mapping[str, Any] | None) -> tuple[Any, ...]:
    """Return which scan a stored scan is: the source that told it, its line there, and its content."""
    return () if row is None else (row["source"], row["line"], row["content"])


def _key(parcel: Parcel, scan: Scan) -> keys.Key:
    return keys.tracking_event(parcel.order.order_id, parcel.number, parcel.name, scan.occurred_at, scan.known_as)


def _announced(after: Standing, fresh: Iterable[tuple[Scan, TrackingEvent]], now: datetime) -> TrackingEvent | None:
    """Return the new event that the customer hears of: the latest of its parcel, and not older than a day."""
    latest = after.latest
    for _, event in fresh:
        if event is latest and event.status in tracking.ANNOUNCED and now - event.occurred_at <= tracking.FRESH:
            return event
    return None


def look_write(parcel: Parcel, at: datetime) -> Write:
    """Return the write that lets the sweeper look at the parcel again at this time."""
    package, order_id = parcel.packages[0], parcel.order.order_id
    fulfillment_id = ids.fulfillment(order_id, parcel.number)
    return transaction.put(
        settings.orders_table,
        {
            **keys.tracking(package.carrier, package.tracking_number, fulfillment_id),
            **keys.by_tracking_number(parcel.name, fulfillment_id),
            **keys.parcel_look(at, fulfillment_id),
        },
        StaleOrder(order_id),
    )
