"""What the Directory table's stream says that is about capacity: outages, and nodes that do less a day than before."""

from collections.abc import Iterable, Iterator
from typing import Any

from comanda.aws import entries, streams
from comanda.aws.directory import NODE, OUTAGE
from comanda.aws.items import unpack


def outages(records: Iterable[dict[str, Any]]) -> list[str]:
    """The nodes whose outages changed, each once."""
    return list(dict.fromkeys(row["id"] for row in _rows(records, OUTAGE)))


def slower(records: Iterable[dict[str, Any]]) -> list[str]:
    """The nodes whose usual capacity was lowered, each once."""
    return list(dict.fromkeys(row["id"] for row in _rows(records, NODE) if _slower(row)))


def _slower(row: dict[str, Any]) -> bool:
    limit = unpack(row["doc"]).get("units_per_day")
    if limit is None or row["version"] < 2:
        return False
    before = (entries.version(NODE, row["id"], row["version"] - 1) or {}).get("units_per_day")
    return before is not None and limit < before


def _rows(records: Iterable[dict[str, Any]], kind: str) -> Iterator[dict[str, Any]]:
    for record in records:
        image = record["dynamodb"].get("NewImage")
        if image and image["pk"]["S"].startswith(f"{kind}#") and image["sk"]["S"] == "#":
            yield streams.values(image)
