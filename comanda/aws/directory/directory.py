"""
The Directory table: who calls, what exists, and the rules kept as data. Reads are kept for 60 s in each process. Whoever
names an entry that was not there a moment ago has it looked up again: a name is refused by the table, not by memory.

An entry is {"id", "version", "doc"}; docs are what `PUT /v1/<kind>/{id}` took, checked by that door.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from datetime import time as clock
from functools import cache
from time import monotonic
from typing import TYPE_CHECKING, Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.dynamodb.items import unpack
from comanda.aws.runtime.settings import settings
from comanda.domain.orders.holds import HoldType

if TYPE_CHECKING:  # only the router's rooms read the network: no door waits for it to be imported
    from comanda.domain.nodes.calendars import Calendar
    from comanda.domain.nodes.node import Node
    from comanda.domain.routing.costs import Costs
    from comanda.domain.rules.rule_sets import Goods
    from comanda.domain.stock.sellable import SafetyPolicies

NODE, PRODUCT, PARTNER, CHANNEL, CALENDAR, HOLD_TYPE = "NODE", "PRODUCT", "PARTNER", "CHANNEL", "CALENDAR", "HOLDTYPE"
STOCK_POLICY, THE_POLICY = "STOCKPOLICY", "default"  # one document for all stock
CARRIER, RATE_CARD = "CARRIER", "RATECARD"
ROUTING_COSTS, BUILT_IN = "ROUTINGCOSTS", "built-in"  # one document for all routes, or one for a country's
RULE_SET = "RULESET"
OUTAGE = "OUTAGE"  # of a node, by its id: when it is closed, and days of another capacity
PACKS = {NODE: "nodes", CARRIER: "carriers", RULE_SET: "rule-sets"}  # kinds that a router reads whole

FRESH_SECONDS = 60.0

_kept: dict[tuple[str, str], tuple[float, Any]] = {}
_missing: dict[tuple[str, str], float] = {}  # when a kind and name was not there
_unpacked: dict[str, tuple[int, Any]] = {}  # by pack: its version, and what it became


def forget() -> None:
    """Drop what this process has kept."""
    _kept.clear()
    _missing.clear()
    _unpacked.clear()


def look_again() -> None:
    """Forget which names were not there. Each request and each file of a stranger begins with this."""
    _missing.clear()


def _fresh(kind: str, name: str, read: Callable[[], Any]) -> Any:
    at, value = _kept.get((kind, name), (0.0, None))
    if not at or monotonic() - at > FRESH_SECONDS:
        value = read()
        if value is not None:
            _kept[kind, name] = (monotonic(), value)
    return value


def find(kind: str, name: str) -> dict[str, Any] | None:
    """An entry's document, or None."""
    return entries(kind, (name,)).get(name)


def entries(kind: str, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Documents by name, those that exist; at most one read for a hundred names that are not kept."""
    now = monotonic()
    wanted = {name for name in names if now - _missing.get((kind, name), now - FRESH_SECONDS) >= FRESH_SECONDS}
    kept = {
        n: _kept[kind, n][1]
        for n in wanted
        if now - _kept.get((kind, n), (now - 2 * FRESH_SECONDS,))[0] < FRESH_SECONDS
    }
    asked = sorted(wanted - kept.keys())
    found = _read(kind, asked, consistent=False)
    if absent := [name for name in asked if name not in found]:
        found |= _read(kind, absent, consistent=True)  # it may have been put this very second
    for name in asked:
        if name in found or kind == STOCK_POLICY:  # a retailer may have none, and no caller names it
            _kept[kind, name] = (now, found.get(name))
        else:
            _missing[kind, name] = now
    return {name: doc for name, doc in {**kept, **found}.items() if doc is not None}


def _read(kind: str, names: Iterable[str], *, consistent: bool) -> dict[str, dict[str, Any]]:
    rows = reads.batch(settings.directory_table, [keys.entry(kind, name) for name in names], consistent=consistent)
    return {row["id"]: unpack(row["doc"]) for row in rows}


def nodes_of(partner: str | None, given: Iterable[str] = ()) -> frozenset[str]:
    """Return the nodes that a caller acts for: those that its own row gives, and those that its partner's entry lists.
    Files and calls ask here. A node whose entry names another partner is that partner's, whoever lists it."""
    if partner is None:
        return frozenset(given)
    listed = {*given, *(find(PARTNER, partner) or {}).get("nodes", ())}
    owners = {name: doc.get("partner_id") for name, doc in entries(NODE, listed).items()}
    return frozenset(name for name in listed if owners.get(name) in (None, partner))


def caller_row(kind: str, name: str) -> dict[str, Any] | None:
    """The rights of a client ("client") or a person ("user")."""
    key = keys.client(name) if kind == "client" else keys.user(name)

    def read() -> Any:
        return reads.get(settings.directory_table, key, consistent=False)

    found: dict[str, Any] | None = _fresh(kind, name, read)
    return found


def names(kind: str) -> list[str]:
    """The ids of all entries of a kind, from the index."""
    found: list[str] = []
    for shard in range(keys.ENTRY_SHARDS):
        page = keys.entries_page(kind, shard)
        rows = reads.query(settings.directory_table, "gsi1pk = :pk", index="GSI1", pk=page)
        found += [keys.plain_text(row["gsi1sk"]) for row in rows]
    return sorted(found)


def countries() -> dict[str, frozenset[str]]:
    """Where each channel sells."""

    def read() -> dict[str, frozenset[str]]:
        docs = entries(CHANNEL, names(CHANNEL))
        return {name: frozenset(doc["countries"]) for name, doc in docs.items()}

    found: dict[str, frozenset[str]] = _fresh("channels", "*", read)
    return found


def sellers() -> dict[str, str]:
    """Who sells through each channel, where it is not the channel itself."""
    docs = entries(CHANNEL, countries())
    return {name: doc["seller"] for name, doc in docs.items() if "seller" in doc}


def hold_types() -> tuple[HoldType, ...]:
    """Every type of hold, by id."""

    def read() -> tuple[HoldType, ...]:
        docs = entries(HOLD_TYPE, names(HOLD_TYPE))
        return tuple(hold_type(name, docs[name]) for name in sorted(docs))

    kinds: tuple[HoldType, ...] = _fresh("hold-types", "*", read)
    return kinds


def find_hold_type(name: str) -> HoldType | None:
    """Return the type of hold of this id, or None. It may be newer than `hold_types`."""
    doc = find(HOLD_TYPE, name)
    return None if doc is None else hold_type(name, doc)


def resolved_by_schedule() -> frozenset[str]:
    """The hold types that end by themselves when they expire."""
    docs = entries(HOLD_TYPE, names(HOLD_TYPE))
    return frozenset(name for name, doc in docs.items() if doc.get("resolved_by") == "schedule")


def hold_type(name: str, doc: dict[str, Any]) -> HoldType:
    when = doc.get("applies_when") or {}
    total = when.get("total_at_least")
    return HoldType(
        id=name,
        blocks=tuple(doc["blocks"]),
        reason=doc["reason"],
        queue=doc["queue"],
        total_at_least=(total["amount"], total["currency"]) if total else None,
        channels=tuple(when.get("channels", ())),
        tags=tuple(when.get("tags", ())),
        expires_hours=doc.get("expires_hours"),
        roles=tuple(doc.get("roles", ())),
        level=doc.get("level", "order"),
        resolved_by=doc.get("resolved_by", "person"),
    )


def nodes() -> "tuple[Node, ...]":
    """The whole network, from its compressed pack: one query for each megabyte of it, thousands of nodes."""
    found: tuple[Node, ...] = packed(NODE, lambda rows: tuple(map(node, rows)))
    return found


def packed(kind: str, parse: Callable[[Iterable[dict[str, Any]]], Any]) -> Any:
    """All entries of a kind that is packed, as `parse` makes them; a pack of the same version is not parsed again."""
    of = PACKS[kind]

    def read() -> Any:
        chunks = list(reads.query(settings.directory_table, "pk = :pk", consistent=True, pk=keys.pack(0, of)["pk"]))
        version = chunks[0].get("version", 0) if chunks else 0
        if not version or _unpacked.get(of, (0, None))[0] != version:
            _unpacked[of] = version, parse(row for chunk in chunks for row in unpack(chunk["doc"]))
        return _unpacked[of][1]

    return _fresh("pack", of, read)


def renew(kind: str = NODE) -> None:
    """Have the next who asks for a pack look whether there is a newer one: it may be what somebody comes back for."""
    _kept.pop(("pack", PACKS[kind]), None)


def renew_all() -> None:
    """Make the next read of each value compare its version with the table. A pack of the same version is not parsed
    again."""
    _kept.clear()


def node_documents(named: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
    """Every node's document by its id, from the same pack: for what only asks what a node is and says of its stock.
    Nodes that a caller names and that the pack does not have yet are read by themselves."""

    def read() -> dict[str, dict[str, Any]]:
        chunks = reads.query(settings.directory_table, "pk = :pk", pk=keys.pack(0)["pk"])
        return {row["id"]: row for chunk in chunks for row in unpack(chunk["doc"])}

    found: dict[str, dict[str, Any]] = _fresh("pack", "documents", read)
    new = entries(NODE, set(named) - found.keys())
    if new:
        _kept.pop(("pack", "documents"), None)
        renew(NODE)
    return {**found, **new} if new else found


def offers(skus: Iterable[str], named: Iterable[str] = ()) -> "SafetyPolicies":
    """What products, nodes and the policy say of the stock that orders must leave. `named` are nodes that a caller
    names."""
    from comanda.domain.stock.sellable import SafetyPolicies

    return SafetyPolicies(
        products=entries(PRODUCT, skus), nodes=node_documents(named), policy=find(STOCK_POLICY, THE_POLICY) or {}
    )


def goods(skus: Iterable[str]) -> "dict[str, Goods]":
    """Products as rules and costs see them, those that exist; no read for those that are kept."""
    return {sku: goods_of(doc) for sku, doc in entries(PRODUCT, skus).items()}


def goods_of(doc: dict[str, Any]) -> "Goods":
    from comanda.domain.rules.rule_sets import Goods

    length, width, height = doc.get("dims_mm") or (0, 0, 0)
    return Goods(
        class_=doc.get("class", ""),
        categories=tuple(doc.get("categories", ())),
        tags=tuple(doc.get("tags", ())),
        requires=tuple(doc.get("requires", ())),
        dims_mm=(length, width, height) if length else None,
        markdown_micros=doc.get("markdown_micros", 0),
    )


def costs(countries: Iterable[str] = ()) -> "dict[str, Costs]":
    """What routes are weighed by: under "" everywhere, and by country where one has its own, in its own currency."""

    def read() -> "dict[str, Costs]":
        # As entries are read, by those who route: none of them may get a single item.
        wanted = [keys.entry(ROUTING_COSTS, name) for name in (THE_POLICY, *own)]
        rows = reads.batch(settings.directory_table, wanted, consistent=False)
        found = {row["id"]: costs_of(row["id"], row["version"], unpack(row["doc"])) for row in rows}
        return {"": found.pop(THE_POLICY, costs_of(BUILT_IN, 1, {})), **found}

    own = sorted(set(countries))
    said: dict[str, Costs] = _fresh(ROUTING_COSTS, ",".join(own), read)
    return said


def costs_of(name: str, version: int, doc: dict[str, Any]) -> "Costs":
    from comanda.domain.routing.costs import Costs, Handling, Level

    amounts = {name.removesuffix("_micros"): value for name, value in doc.items() if name.endswith("_micros")}
    work = {
        kind: Handling(per_package=said["per_package_micros"], per_unit=said["per_unit_micros"])
        for kind, said in doc.get("handling", {}).items()
    }
    last, over = ({kind: Level(**said) for kind, said in doc.get(of, {}).items()} for of in ("last_units", "overstock"))
    return Costs(key=f"{name}@{version}", **amounts, handling=work, last_units=last, overstock=over)


def node(row: dict[str, Any]) -> "Node":
    """A node from its packed row: its document, with its id and its calendar's document inside."""
    from comanda.domain.nodes.node import Node

    return Node(
        node_id=row["id"],
        type=row["type"],
        country=row["country"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        calendar=calendar(row["calendar"]),
        ship=row["ship"],
        pickup=row["pickup"],
        accept_minutes=row["accept_minutes"],
        ship_minutes=row["ship_minutes"],
        partner=row.get("partner_id"),
        region=row.get("region", ""),
        postal_code=row.get("postal_code", ""),
        processing_minutes=row.get("processing_minutes", 60),
        cut_off=clock.fromisoformat(row["cut_off"]) if "cut_off" in row else None,
        units_per_day=row.get("units_per_day"),
        capacity_lanes=row.get("capacity_lanes", 1),
        groups=tuple(row.get("groups", ())),
        tags=tuple(row.get("tags", ())),
        priority=row.get("priority", 5),
        acceptance_percent=row.get("acceptance_percent", 100),
        handling=(row["handling"]["per_package_micros"], row["handling"]["per_unit_micros"])
        if "handling" in row
        else None,
        **_outage(row.get("outage", {})),
    )


def _outage(row: dict[str, Any]) -> dict[str, Any]:
    if not row:
        return {}
    return {
        "closures": tuple(
            (datetime.fromisoformat(start), datetime.fromisoformat(end) if end else None)
            for start, end in row["closures"]
        ),
        "limits": tuple(sorted(row["limits"].items())),
        "reduced_days": tuple(row.get("cut", ())),
        "reduced_every_day": row.get("slower", False),
        "watched_until": datetime.fromisoformat(row["watched_until"]),
    }


def calendar(doc: dict[str, Any]) -> "Calendar":
    return _calendar(
        doc["timezone"],
        tuple((h["weekday"], h["opens"], h["closes"]) for h in doc["hours"]),
        frozenset(doc.get("closed", ())),
    )


@cache  # a network of thousands of nodes has a few calendars
def _calendar(timezone: str, hours: tuple[tuple[int, str, str], ...], closed: frozenset[str]) -> "Calendar":
    from comanda.domain.nodes.calendars import Calendar

    parsed = tuple((day, clock.fromisoformat(opens), clock.fromisoformat(closes)) for day, opens, closes in hours)
    return Calendar(timezone=timezone, hours=parsed, closed=closed)
