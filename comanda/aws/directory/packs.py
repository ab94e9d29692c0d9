"""
Rebuild the packs that the router reads: all nodes, all carriers, and the rule sets that are in force or will be.

Called by   functions/directory, fed by the Directory table's stream; functions/daily, because years pass;
            functions/reroute, before it reads the nodes
Returns     the number of entries in a pack
Raises      StalePack (Busy) when another rebuild was first, three times

A pack is a few compressed items of documents with their calendars inside. Rate cards are rows of their own, because a zone
chart is large. Public holidays that a calendar names become closed days, for this year and the next two.

A rebuild reads the version of the pack, then the entries and calendars as they are now, and writes on condition of that
version. The last writer has therefore read everything, so stream records may come twice and in any order.
"""

from collections.abc import Iterable, Mapping
from functools import cache, partial
from typing import Any

from comanda.aws.directory import outages, rule_sets, writer
from comanda.aws.directory.directory import CALENDAR, CARRIER, NODE, PACKS, RATE_CARD, RULE_SET, names
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.runtime import clock
from comanda.aws.runtime.batch import do_all
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Busy

MOST_BYTES = 300_000  # of one chunk, packed
_NEVER = "9"  # after every day
YEARS = 3  # of holidays, this one and the next


class StalePack(Busy):
    """Another rebuild was first: read the pack again."""

    code = "stale-pack"


def rebuild_all(changed: Mapping[str, Iterable[str]]) -> dict[str, int]:
    """Bring every pack up to date, and return the number of entries in each. `changed` has ids by kind.

    Each pack is rebuilt by itself: the error of one is raised after all packs were tried.
    """
    packed: dict[str, int] = {}

    def one(kind: str) -> None:
        cards = changed.get(RATE_CARD, ()) if kind == CARRIER else ()
        packed[PACKS[kind]] = rebuild(changed.get(kind, ()), kind, cards=cards)

    do_all([partial(one, kind) for kind in PACKS])
    return packed


def rebuild(changed: Iterable[str] = (), kind: str = NODE, *, cards: Iterable[str] = ()) -> int:
    """Bring the pack of a kind up to date, and return its number of entries.

    `changed` entries, and rate `cards` of carriers, are included even if the index does not list them yet.
    """
    changed, cards, name = set(changed), set(cards), PACKS[kind]
    for _ in range(writer.TRIES):
        kept = _chunks(name)
        version = kept[0]["version"] if kept else 0
        before = [row for chunk in kept for row in unpack(chunk["doc"])]
        packed_cards = {row["id"] for row in before if "carrier" in row}  # a card names its carrier
        rows = _pack_rows(kind, ({row["id"] for row in before} - packed_cards) | changed | set(names(kind)))
        if kind == CARRIER:
            rows += _cards(packed_cards | cards)
        chunks = _packed(rows)
        if [chunk["doc"] for chunk in kept] == chunks:
            return len(rows)
        try:
            transaction.commit(_writes(name, chunks, version, len(kept)))
        except StalePack:
            continue
        return len(rows)
    raise StalePack(keys.pack(0, name)["pk"])


def _pack_rows(kind: str, wanted: set[str]) -> list[dict[str, Any]]:
    if kind == RULE_SET:
        return rule_sets.pack_rows(wanted, clock.now())
    found = writer.read_all(kind, wanted)
    calendars = writer.read_all(CALENDAR, {entry.doc["calendar"] for entry in found.values()})
    expanded = {name: _expanded(calendar.doc) for name, calendar in calendars.items()}
    rows = [
        {**found[name].doc, "id": name, "calendar": expanded[found[name].doc["calendar"]]} for name in sorted(found)
    ]
    return outages.with_outages(rows, clock.now()) if kind == NODE else rows


def _cards(known: set[str]) -> list[dict[str, Any]]:
    """Return the rate cards that are in force or will be, in order of id; the price of a day chooses among them.

    A card that a later card replaces until its end is dropped, so few cards are left of many years.
    """
    today = clock.now().date().isoformat()
    found = writer.read_all(RATE_CARD, known | set(names(RATE_CARD)))
    cards = [
        {"id": name, "version": found[name].version, **found[name].doc}
        for name in sorted(found)
        if found[name].doc.get("valid_until", _NEVER) > today
    ]
    begun = [card for card in cards if card["valid_from"] <= today]
    return [card for card in cards if not any(_replaced(card, by) for by in begun)]


def _replaced(card: Mapping[str, Any], by: Mapping[str, Any]) -> bool:
    """Return True if the card `by`, which has begun, wins on every day that is left to this card."""
    return (
        all(card[name] == by[name] for name in ("carrier", "service", "currency"))
        and (card["valid_from"], by["id"]) < (by["valid_from"], card["id"])  # began last, then first by id
        and by.get("valid_until", _NEVER) >= card.get("valid_until", _NEVER)
    )


def _expanded(calendar: dict[str, Any]) -> dict[str, Any]:
    """Return the calendar with its named holidays among its closed days."""
    named = calendar.get("holidays")
    if not named:
        return calendar
    first = clock.now().year
    days = holidays(named["country"], named.get("region"), tuple(range(first, first + YEARS)))
    return {**calendar, "closed": sorted({*calendar.get("closed", ()), *days})}


@cache
def holidays(country: str, region: str | None, years: tuple[int, ...]) -> tuple[str, ...]:
    """Return the public holidays as ISO dates. Raises UnknownHolidays for a country or region that the package does not have."""
    import holidays as public  # half a second of import, which only calendars with holidays need

    try:
        return tuple(day.isoformat() for day in public.country_holidays(country, subdiv=region, years=years))
    except NotImplementedError as error:
        raise UnknownHolidays(country, region) from error


class UnknownHolidays(Exception):
    """The package has no such country, or no such region of it."""

    def __init__(self, country: str, region: str | None) -> None:
        super().__init__(f"no holidays are known for {country}{f'-{region}' if region else ''}")
        self.field = "region" if region else "country"


def _packed(rows: list[dict[str, Any]]) -> list[str | bytes]:
    """Pack rows into chunks of at most 300 KB, by halving. The API refuses a single row that is larger."""
    packed = pack(rows)
    if len(packed) <= MOST_BYTES or len(rows) < 2:
        return [packed]
    middle = len(rows) // 2
    return [*_packed(rows[:middle]), *_packed(rows[middle:])]


def _writes(name: str, chunks: list[str | bytes], version: int, before: int) -> list[transaction.Write]:
    table, stale = settings.directory_table, StalePack(keys.pack(0, name)["pk"])
    first = {**keys.pack(0, name), "version": version + 1, "doc": chunks[0]}
    return [
        transaction.put(table, first, stale, condition="#v = :was", n_v="version", was=version)
        if version
        else transaction.put_once(table, first, stale),
        *(transaction.put(table, {**keys.pack(n, name), "doc": chunk}, stale) for n, chunk in enumerate(chunks) if n),
        *(transaction.delete(table, keys.pack(n, name), stale) for n in range(len(chunks), before)),
    ]


def _chunks(name: str) -> list[dict[str, Any]]:
    return list(reads.query(settings.directory_table, "pk = :pk", consistent=True, pk=keys.pack(0, name)["pk"]))
