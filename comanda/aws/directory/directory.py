"""
Read the Directory table: clients and people, nodes, products and channels, and the rules that are kept as data.

Called by   every room
Returns     documents of entries, or values of the domain; reads are kept for 60 s in each process
Raises      nothing of its own: an entry that does not exist is None or absent

An entry is {"id", "version", "doc"}. Its doc is the checked body of `PUT /v1/<kind>/{id}`. A name that did not exist a moment
ago is read again by the next request: the table refuses a name, never the memory of the process.
"""

from collections.abc import Callable, Iterable
from time import monotonic
from typing import TYPE_CHECKING, Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.dynamodb.items import unpack
from comanda.aws.runtime.settings import settings

if TYPE_CHECKING:  # only the rooms that route read the network: the import of an API room does not wait for it
    from comanda.domain.nodes.node import Node
    from comanda.domain.rules.rule_sets import Goods
    from comanda.domain.stock.sellable import SafetyPolicies

NODE, PRODUCT, PARTNER, CHANNEL, CALENDAR, HOLD_TYPE = "NODE", "PRODUCT", "PARTNER", "CHANNEL", "CALENDAR", "HOLDTYPE"
STOCK_POLICY, THE_POLICY = "STOCKPOLICY", "default"  # one document for all stock
MODIFICATION_MATRIX = "MODIFICATIONMATRIX"  # one document for all channels
CANCEL_REASON = "CANCELREASON"
DECLINE_REASON = "DECLINEREASON"
CASE_TERMS = "CASETERMS"  # one document for all kinds of cases
_MAY_BE_MISSING = (STOCK_POLICY, MODIFICATION_MATRIX, CASE_TERMS)  # a retailer may have none, and no caller names it
CARRIER, RATE_CARD = "CARRIER", "RATECARD"
CARTON = "CARTON"
PRICE_LIST = "PRICELIST"
TAX_TABLE = "TAXTABLE"
LEGAL_ENTITY = "LEGALENTITY"
ROUTING_COSTS, BUILT_IN = "ROUTINGCOSTS", "built-in"  # one document for all routes, or one for the routes of a country
RULE_SET = "RULESET"
OUTAGE = "OUTAGE"  # of a node, by its id: its closures, and its days with another capacity
PACKS = {NODE: "nodes", CARRIER: "carriers", RULE_SET: "rule-sets"}  # kinds that a router reads as a whole

FRESH_SECONDS = 60.0

_kept: dict[tuple[str, str], tuple[float, Any]] = {}
_missing: dict[tuple[str, str], float] = {}  # the time at which a kind and name did not exist
_unpacked: dict[str, tuple[int, Any]] = {}  # by pack, or by kind and name: its version and its parsed value


def forget() -> None:
    """Drop everything that this process has kept."""
    _kept.clear()
    _missing.clear()
    _unpacked.clear()


def forget_missing() -> None:
    """Forget the names that did not exist. Each request and each partner's file begins with this."""
    _missing.clear()


def cached(kind: str, name: str, read: Callable[[], Any]) -> Any:
    """Return the kept value of a kind and name, or read it again after 60 s. None is not kept."""
    at, value = _kept.get((kind, name), (0.0, None))
    if not at or monotonic() - at > FRESH_SECONDS:
        value = read()
        if value is not None:
            _kept[kind, name] = (monotonic(), value)
    return value


def find(kind: str, name: str) -> dict[str, Any] | None:
    """Return an entry's document, or None."""
    return entries(kind, (name,)).get(name)


def entries(kind: str, names: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the documents that exist, by name. A hundred names that are not kept cost one read, or two if some are missing."""
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
        found |= _read(kind, absent, consistent=True)  # it may have been written a moment ago
    for name in asked:
        if name in found or kind in _MAY_BE_MISSING:
            _kept[kind, name] = (now, found.get(name))
        else:
            _missing[kind, name] = now
    return {name: doc for name, doc in {**kept, **found}.items() if doc is not None}


def _read(kind: str, names: Iterable[str], *, consistent: bool) -> dict[str, dict[str, Any]]:
    rows = reads.batch(settings.directory_table, [keys.entry(kind, name) for name in names], consistent=consistent)
    return {row["id"]: unpack(row["doc"]) for row in rows}


def as_it_is(kind: str, name: str, parse: Callable[[int, dict[str, Any]], Any]) -> Any:
    """Return an entry as `parse` makes it of its version and its document, None without one. It is read now, and a version is
    parsed once."""
    row = reads.get(settings.directory_table, keys.entry(kind, name))
    if row is None:
        return None
    key, version = f"{kind} {name}", int(row["version"])
    if key not in _unpacked or _unpacked[key][0] != version:
        _unpacked[key] = version, parse(version, unpack(row["doc"]))
    return _unpacked[key][1]


def nodes_of(partner: str | None, given: Iterable[str] = ()) -> frozenset[str]:
    """Return the nodes that a caller acts for: the nodes of its own row, and the nodes that its partner's entry lists.

    A node whose entry names another partner belongs to that partner, even if this one lists it.
    """
    if partner is None:
        return frozenset(given)
    listed = {*given, *(find(PARTNER, partner) or {}).get("nodes", ())}
    owners = {name: doc.get("partner_id") for name, doc in entries(NODE, listed).items()}
    return frozenset(name for name in listed if owners.get(name) in (None, partner))


def caller_row(kind: str, name: str) -> dict[str, Any] | None:
    """Return the rights of a client ("client") or a person ("user"), or None."""
    key = keys.client(name) if kind == "client" else keys.user(name)

    def read() -> Any:
        return reads.get(settings.directory_table, key, consistent=False)

    found: dict[str, Any] | None = cached(kind, name, read)
    return found


def names_of_callers(ids: Iterable[str]) -> dict[str, str]:
    """Return the names of the people and applications among these ids."""
    return {
        name: row["name"] for name, row in rows_of_callers(ids).items() if row.get("name") and "removed_at" not in row
    }


def rows_of_callers(ids: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the rows of the people and applications among these ids. One read finds all that are not kept."""
    now, wanted, rows = monotonic(), frozenset(ids), dict[str, dict[str, Any]]()
    for kind in ("user", "client"):
        for name in wanted:
            at, row = _kept.get((kind, name), (0.0, None))
            if row is not None and now - at < FRESH_SECONDS:
                rows[name] = row
    asked = [key(name) for name in sorted(wanted - rows.keys()) for key in (keys.user, keys.client)]
    for row in reads.batch(settings.directory_table, asked, consistent=False):
        application = row["pk"].startswith(keys.CLIENTS)
        name = keys.client_of(row["pk"]) if application else keys.user_id_of(row)
        rows[name] = row
        _kept["client" if application else "user", name] = (now, row)
    return rows


def names(kind: str) -> list[str]:
    """Return the ids of all entries of a kind, from the index."""
    found: list[str] = []
    for shard in range(keys.ENTRY_SHARDS):
        page = keys.entries_page(kind, shard)
        rows = reads.query(settings.directory_table, "gsi1pk = :pk", index="GSI1", pk=page)
        found += [keys.plain_text(row["gsi1sk"]) for row in rows]
    return sorted(found)


def countries() -> dict[str, frozenset[str]]:
    """Return the countries in which each channel sells."""

    def read() -> dict[str, frozenset[str]]:
        docs = entries(CHANNEL, names(CHANNEL))
        return {name: frozenset(doc["countries"]) for name, doc in docs.items()}

    found: dict[str, frozenset[str]] = cached("channels", "*", read)
    return found


def sellers() -> dict[str, str]:
    """Return the seller of each channel that names one; in other channels the channel itself sells."""
    docs = entries(CHANNEL, countries())
    return {name: doc["seller"] for name, doc in docs.items() if "seller" in doc}


def nodes() -> "tuple[Node, ...]":
    """Return all nodes from their compressed pack: one Query for each megabyte, which holds thousands of nodes."""
    from comanda.aws.directory.node_entries import node

    found: tuple[Node, ...] = packed(NODE, lambda rows: tuple(map(node, rows)))
    return found


def packed(kind: str, parse: Callable[[Iterable[dict[str, Any]]], Any]) -> Any:
    """Return all entries of a packed kind as `parse` makes them. A pack of the same version is not parsed again."""
    pack_name = PACKS[kind]

    def read() -> Any:
        chunks = list(
            reads.query(settings.directory_table, "pk = :pk", consistent=True, pk=keys.pack(0, pack_name)["pk"])
        )
        version = chunks[0].get("version", 0) if chunks else 0
        if not version or _unpacked.get(pack_name, (0, None))[0] != version:
            _unpacked[pack_name] = version, parse(row for chunk in chunks for row in unpack(chunk["doc"]))
        return _unpacked[pack_name][1]

    return cached("pack", pack_name, read)


def renew(kind: str = NODE) -> None:
    """Make the next read of a pack compare its version with the table: its newest entry may be needed now."""
    _kept.pop(("pack", PACKS[kind]), None)


def renew_all() -> None:
    """Make the next read of each value compare its version with the table. A pack of the same version is not parsed
    again."""
    _kept.clear()


def node_documents(named: Iterable[str] = ()) -> dict[str, dict[str, Any]]:
    """Return every node's document by id, from the same pack, for callers that need no Node of the domain.

    `named` are nodes that a caller names: those that the pack does not have yet are read one by one.
    """

    def read() -> dict[str, dict[str, Any]]:
        chunks = reads.query(settings.directory_table, "pk = :pk", pk=keys.pack(0)["pk"])
        return {row["id"]: row for chunk in chunks for row in unpack(chunk["doc"])}

    found: dict[str, dict[str, Any]] = cached("pack", "documents", read)
    new = entries(NODE, set(named) - found.keys())
    if new:
        _kept.pop(("pack", "documents"), None)
        renew(NODE)
    return {**found, **new} if new else found


def offers(skus: Iterable[str], named: Iterable[str] = ()) -> "SafetyPolicies":
    """Return the safety stock policies of products, of nodes and of the retailer. `named` are nodes that a caller names."""
    from comanda.domain.stock.sellable import SafetyPolicies

    return SafetyPolicies(
        products=entries(PRODUCT, skus), nodes=node_documents(named), policy=find(STOCK_POLICY, THE_POLICY) or {}
    )


def goods(skus: Iterable[str]) -> "dict[str, Goods]":
    """Return the products that exist as rules and costs see them."""
    return {sku: goods_of(doc) for sku, doc in entries(PRODUCT, skus).items()}


def goods_of(doc: dict[str, Any]) -> "Goods":
    """Return a product's document as rules and costs see it."""
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
