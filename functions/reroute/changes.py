"""
Read from the Directory table's stream which changes take work away from nodes, and which let nodes serve waiting lines.

Called by   functions/reroute/handler.py
Returns     ids of nodes, products and entries
Raises      nothing

Outages, and nodes that do less a day than before, take work away. A node, a carrier, a rate card, a calendar, a rule set, the
stock policy, a channel or a product that is put may let a node serve a waiting line.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from comanda.aws.directory import writer
from comanda.aws.directory.directory import (
    CALENDAR,
    CARRIER,
    CHANNEL,
    NODE,
    OUTAGE,
    PACKS,
    PRODUCT,
    RATE_CARD,
    RULE_SET,
    STOCK_POLICY,
)
from comanda.aws.dynamodb.items import unpack
from comanda.aws.events import streams

_EVERYWHERE = (CARRIER, RATE_CARD, CALENDAR, RULE_SET, STOCK_POLICY, CHANNEL)  # entries that hold for many nodes


def outages(records: Iterable[dict[str, Any]]) -> list[str]:
    """Return the nodes whose outages changed, each once."""
    return _ids(records, OUTAGE)


def slower(records: Iterable[dict[str, Any]]) -> list[str]:
    """Return the nodes whose usual capacity was lowered, each once."""
    return list(dict.fromkeys(row["id"] for row in _entries(records, NODE) if _slower(row)))


def nodes(records: Iterable[dict[str, Any]]) -> list[str]:
    """Return the nodes that were put, each once."""
    return _ids(records, NODE)


def everywhere(records: Iterable[dict[str, Any]]) -> bool:
    """Return True if an entry was put that holds for many nodes."""
    records = list(records)
    return any(_ids(records, kind) for kind in _EVERYWHERE)


def skus(records: Iterable[dict[str, Any]]) -> list[str]:
    """Return the products that were put again. No line waits for a new product."""
    return list(dict.fromkeys(row["id"] for row in _entries(records, PRODUCT) if row["version"] > 1))


def packed(records: Iterable[dict[str, Any]]) -> Mapping[str, list[str]]:
    """Return the ids that were put, by kind of entry that packs contain."""
    records = list(records)
    return {kind: _ids(records, kind) for kind in (*PACKS, RATE_CARD)}


def _slower(row: dict[str, Any]) -> bool:
    limit = unpack(row["doc"]).get("units_per_day")
    if limit is None or row["version"] < 2:
        return False
    before = (writer.version(NODE, row["id"], row["version"] - 1) or {}).get("units_per_day")
    return before is not None and limit < before


def _ids(records: Iterable[dict[str, Any]], kind: str) -> list[str]:
    return list(dict.fromkeys(row["id"] for row in _entries(records, kind)))


def _entries(records: Iterable[dict[str, Any]], kind: str) -> Iterator[dict[str, Any]]:
    for record in records:
        image = record["dynamodb"].get("NewImage")
        if image and image["pk"]["S"].startswith(f"{kind}#") and image["sk"]["S"] == "#":
            yield streams.item_attributes(image)
