"""
Compute the write and read units of DynamoDB requests, as AWS bills them on demand, from requests and answers.

Every item is at least one unit: 1 KB written, 4 KB read consistently (half a unit otherwise). A transaction costs double.
A write also costs a unit for each entry of an index that it makes or deletes (they are KEYS_ONLY and below 1 KB), two where it
moves one, none where the index's keys stay.
"""

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from math import ceil
from typing import Any

Item = Mapping[str, Mapping[str, Any]]
INDEXES = ("gsi1", "gsi2", "gsi3")


@dataclass
class Meter:
    """A meter of units. `seen` has each item's last known size and index keys, so that a later write knows the replaced item."""

    seen: dict[tuple[str, str], tuple[int, dict[str, str]]] = field(default_factory=dict)

    def units(self, operation: str, request: Mapping[str, Any], answer: Mapping[str, Any]) -> tuple[float, float]:
        """Return (written, read) units."""
        match operation:
            case "TransactWriteItems":
                writes = [self._write(kind, body) for kind, body in _parts(request)]
                return float(sum(2 * base + index for base, index in writes)), 0.0
            case "PutItem" | "UpdateItem" | "DeleteItem":
                base, index = self._write(operation.removesuffix("Item"), request)
                return float(base + index), 0.0
            case "GetItem":
                return 0.0, _read([answer.get("Item", {})], consistent=request.get("ConsistentRead", False))
            case "Query":
                total = sum(size(item) for item in answer.get("Items", ()))
                return 0.0, max(1, ceil(total / 4096)) * _share(consistent=request.get("ConsistentRead", False))
            case "BatchGetItem":
                return 0.0, sum(self._batch(request, answer))
        raise ValueError(f"{operation} is not counted")

    def _batch(self, request: Mapping[str, Any], answer: Mapping[str, Any]) -> Iterator[float]:
        for table, asked in request["RequestItems"].items():
            found = answer.get("Responses", {}).get(table, [])
            missing: list[Any] = [{}] * (len(asked["Keys"]) - len(found))
            yield _read([*found, *missing], consistent=asked.get("ConsistentRead", False))

    def _write(self, kind: str, body: Mapping[str, Any]) -> tuple[int, int]:
        """Return (units of the table, units of its indexes)."""
        key = body["Item"] if kind == "Put" else body["Key"]
        name = (body["TableName"], f"{key['pk']['S']}|{key['sk']['S']}")
        before, were = self.seen.get(name, (0, {}))
        if kind == "Put":
            after, are = size(body["Item"]), _index_keys(body["Item"])
            self.seen[name] = after, are
        elif kind == "Delete":
            after, are = 0, {}
            self.seen.pop(name, None)
        else:
            given = json.dumps(body.get("ExpressionAttributeValues", {}))
            after = max(before, len(given)) if kind == "Update" else before
            moved = [index for index in INDEXES if f"{index}sk" in json.dumps(body) and kind == "Update"]
            are = were | dict.fromkeys(moved, given)
            self.seen[name] = after, are
        entries = sum((index in were) + (index in are) for index in INDEXES if were.get(index) != are.get(index))
        return max(1, ceil(max(before, after) / 1024)), entries


def _parts(request: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for operation in request["TransactItems"]:
        yield from operation.items()


def _index_keys(item: Item) -> dict[str, str]:
    return {index: item[f"{index}pk"]["S"] + item[f"{index}sk"]["S"] for index in INDEXES if f"{index}pk" in item}


def _read(items: list[Any], *, consistent: bool) -> float:
    return sum(max(1, ceil(size(item) / 4096)) for item in items) * _share(consistent=consistent)


def _share(*, consistent: bool) -> float:
    return 1.0 if consistent else 0.5


def size(item: Item) -> int:
    """Return the bytes of an item: its attributes' names and values."""
    return sum(len(name.encode()) + _size(value) for name, value in item.items())


def _size(value: Mapping[str, Any]) -> int:
    ((kind, raw),) = value.items()
    match kind:
        case "S":
            return len(raw.encode())
        case "N":
            return len(raw) // 2 + 1
        case "B":
            return len(base64.b64decode(raw))
        case "L":
            return 3 + sum(1 + _size(one) for one in raw)
        case "M":
            return 3 + sum(1 + len(name.encode()) + _size(one) for name, one in raw.items())
    return 1
