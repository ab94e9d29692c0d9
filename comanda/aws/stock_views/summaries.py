"""
Write and read the summaries of availability: written for each sku that changed, read a hundred at a time.

Called by   comanda.aws.stock_views.refresh; functions/availability, which reads them
Returns     how many summaries were written; summaries by place

A channel with a summary of its own is named in the sku's summary for all channels. A reader reads the summary for all channels
first, and a second one only if it names the reader's channel.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain.stock.availability import EVERY_CHANNEL, Steps, Summary, format_steps, parse_steps

type SummaryKey = tuple[str, str, str | None]  # sku, method, node


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSummary:
    """A stored summary, and the time at which it was true."""

    steps: Steps
    as_of: str


def write(sku: str, summaries: Sequence[Summary], as_of: datetime, *, anew: bool = False) -> int:
    """Write each summary unless a newer one is stored, and return how many were written.

    An unchanged summary is only written with `anew`: a read costs a fifth of a write, and most summaries stay. A node without
    a summary has no units, so a first summary of 0 units is not written.
    """
    own: dict[tuple[str, str | None], list[str]] = {}
    for summary in summaries:
        if summary.channel != EVERY_CHANNEL:
            own.setdefault((summary.method, summary.node), []).append(summary.channel)
    stored = _stored(sku, summaries)

    def put(summary: Summary) -> bool:
        key = keys.summary(sku, summary.channel, summary.method, summary.node)
        own_channels = sorted(own.get((summary.method, summary.node), ())) if summary.channel == EVERY_CHANNEL else []
        steps = format_steps(summary.steps)
        before = stored.get(key["sk"])
        if before is None and summary.node is not None and not any(units for _, units in summary.steps):
            return False
        if before == (steps, own_channels) and not anew:
            return False
        return single_writes.update(
            settings.stock_table,
            key,
            "SET steps = :steps, as_of = :as_of, own = :own",
            condition="attribute_not_exists(pk) OR as_of < :as_of",
            steps=steps,
            as_of=clock.text(as_of),
            own=own_channels,
        )

    return sum(map(put, summaries))


def _stored(sku: str, summaries: Iterable[Summary]) -> dict[str, tuple[str, list[str]]]:
    """Return the stored steps and own channels of these summaries; strongly consistent, or a change could be missed."""
    wanted = [keys.summary(sku, summary.channel, summary.method, summary.node) for summary in summaries]
    rows = reads.batch(settings.stock_table, wanted)
    return {row["sk"]: (row["steps"], row["own"]) for row in rows}


def read(places: Iterable[SummaryKey], channel: str | None) -> dict[SummaryKey, StoredSummary]:
    """Return the units that a channel may sell at the places that have a summary; eventually consistent.

    A hundred places cost one read, and a second one if the channel has summaries of its own.
    """
    wanted = {_key(place, EVERY_CHANNEL): place for place in places}
    found: dict[SummaryKey, StoredSummary] = {}
    again: dict[tuple[str, str], SummaryKey] = {}
    for row in _read(wanted):
        place = wanted[row["pk"], row["sk"]]
        found[place] = StoredSummary(steps=parse_steps(row["steps"]), as_of=row["as_of"])
        if channel is not None and channel in row["own"]:
            again[_key(place, channel)] = place
    for row in _read(again):
        found[again[row["pk"], row["sk"]]] = StoredSummary(steps=parse_steps(row["steps"]), as_of=row["as_of"])
    return found


def _key(place: SummaryKey, channel: str) -> tuple[str, str]:
    key = keys.summary(place[0], channel, *place[1:])
    return key["pk"], key["sk"]


def _read(wanted: Iterable[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    keyed = [{"pk": pk, "sk": sk} for pk, sk in wanted]
    return reads.batch(settings.stock_table, keyed, consistent=False)
