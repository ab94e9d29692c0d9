"""
The summaries of availability: written for each sku that changed, read by pages and carts a hundred at a time.

Called by   functions/watch, functions/daily; functions/availability

A channel that sees a sku in its own way is named in the sku's summary for all channels: a reader asks for that one first, and
again only where it names the reader's channel.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb import keys, reads, single_writes
from comanda.aws.runtime import clock
from comanda.aws.runtime.settings import settings
from comanda.domain.stock.availability import EVERY_CHANNEL, Steps, Summary, format_steps, parse_steps

type Place = tuple[str, str, str | None]  # sku, method, node


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a summary said, and when it was true."""

    steps: Steps
    as_of: str


def write(sku: str, summaries: Sequence[Summary], as_of: datetime, *, anew: bool = False) -> int:
    """Write each summary unless a newer one is there; returns how many were written.

    One that says what is there already is only written `anew`: a read is a fifth of a write, and most of them stay. A node of
    which nothing is said has nothing: it needs no summary that says so.
    """
    own: dict[tuple[str, str | None], list[str]] = {}
    for summary in summaries:
        if summary.channel != EVERY_CHANNEL:
            own.setdefault((summary.method, summary.node), []).append(summary.channel)
    said = _said(sku, summaries)

    def put(summary: Summary) -> bool:
        key = keys.summary(sku, summary.channel, summary.method, summary.node)
        theirs = sorted(own.get((summary.method, summary.node), ())) if summary.channel == EVERY_CHANNEL else []
        steps = format_steps(summary.steps)
        before = said.get(key["sk"])
        if before is None and summary.node is not None and not any(units for _, units in summary.steps):
            return False
        if before == (steps, theirs) and not anew:
            return False
        return single_writes.update(
            settings.stock_table,
            key,
            "SET steps = :steps, as_of = :as_of, own = :own",
            condition="attribute_not_exists(pk) OR as_of < :as_of",
            steps=steps,
            as_of=clock.text(as_of),
            own=theirs,
        )

    return sum(map(put, summaries))


def _said(sku: str, summaries: Iterable[Summary]) -> dict[str, tuple[str, list[str]]]:
    """What the same summaries say now; strongly consistent, or one could be left as it was before the last."""
    wanted = [keys.summary(sku, summary.channel, summary.method, summary.node) for summary in summaries]
    rows = reads.batch(settings.stock_table, wanted)
    return {row["sk"]: (row["steps"], row["own"]) for row in rows}


def read(places: Iterable[Place], channel: str | None) -> dict[Place, Seen]:
    """What a channel may sell, for those places of which something is known; a second old.

    One call for a hundred places, and one more where the channel sees a sku in its own way.
    """
    wanted = {_key(place, EVERY_CHANNEL): place for place in places}
    found: dict[Place, Seen] = {}
    again: dict[tuple[str, str], Place] = {}
    for row in _rows(wanted):
        place = wanted[row["pk"], row["sk"]]
        found[place] = Seen(steps=parse_steps(row["steps"]), as_of=row["as_of"])
        if channel is not None and channel in row["own"]:
            again[_key(place, channel)] = place
    for row in _rows(again):
        found[again[row["pk"], row["sk"]]] = Seen(steps=parse_steps(row["steps"]), as_of=row["as_of"])
    return found


def _key(place: Place, channel: str) -> tuple[str, str]:
    key = keys.summary(place[0], channel, *place[1:])
    return key["pk"], key["sk"]


def _rows(wanted: Iterable[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    keyed = [{"pk": pk, "sk": sk} for pk, sk in wanted]
    return reads.batch(settings.stock_table, keyed, consistent=False)
