"""
Compute every position anew from its ledger and report the differences: units on hand, demand, reservations, supplies, free.

Called by   local/cli.py (`comanda stock audit`), tests/invariants.py
Returns     a Difference for every counter of a position that differs from the sum of its ledger, and for every supply that
            differs from its own line

The whole table is read with the operator's credentials, a page at a time. On a running system a position may move while it is
read. A position that differs is therefore read again, before and after its ledger; a difference counts if it did not move.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import attributes, item

Row = Mapping[str, Any]
Place = tuple[str, str, int]  # sku, node, lane
COUNTERS = ("on_hand", "hard", "soft", "supplies")
_IN_THE_LEDGER = {"hard": "demand"}
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One number of a position, and the number that it should be. `name` is the bucket, day, expiry or supply."""

    sku: str
    node: str
    lane: int = 0
    counter: str
    name: str = ""
    position: int
    rebuilt: int
    by: str = "ledger"

    def __str__(self) -> str:
        lane = f" lane {self.lane}" if self.lane else ""
        what = f"{self.counter} {self.name}".strip()
        return f"{self.sku} at {self.node}{lane}: {what} is {self.position}, its {self.by} says {self.rebuilt}"


@dataclass(slots=True)
class _Book:
    """The counters of one position, read from the position or added up from its ledger."""

    counters: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, row: Row, names: Mapping[str, str]) -> None:
        for counter in COUNTERS:
            for name, units in row.get(names.get(counter, counter), {}).items():
                # A position has a supply's document, its ledger the units that were added or removed.
                self.counters[counter][name] += units["quantity"] if isinstance(units, dict) else units
        self.counters["free"][""] += row["free"]


@dataclass(slots=True)
class Audit:
    """The rows that have been read so far, in any order."""

    positions: dict[Place, _Book] = field(default_factory=dict)
    ledgers: dict[Place, _Book] = field(default_factory=dict)
    lines: dict[Place, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def add(self, row: Row) -> None:
        """Add one row of the table of stock."""
        pk, sk = row["pk"], row["sk"]
        if keys.is_position(row):
            self.positions.setdefault(_place_in(row), _Book()).add(row, {})
        elif pk.startswith(keys.LEDGERS):
            self.ledgers.setdefault(_place_in(row), _Book()).add(row, _IN_THE_LEDGER)
        elif pk.startswith(keys.SUPPLIES) and sk.startswith(keys.LINES) and row["state"] == "OPEN":
            for name, units in _open(row).items():
                self.lines[row["sku"], row["node"], 0][name] += units

    def differences(self) -> Iterator[Difference]:
        """Yield every difference between the rows."""
        for place in sorted(self.positions.keys() | self.ledgers.keys() | self.lines.keys()):
            there, ledger = self.positions.get(place, _Book()), self.ledgers.get(place, _Book())
            for counter in (*COUNTERS, "free"):
                yield from _differ(place, counter, there.counters[counter], ledger.counters[counter], "ledger")
            yield from _differ(place, "supplies", there.counters["supplies"], self.lines[place], "open line")


def _open(line: Row) -> dict[str, int]:
    """Return the units that an open line has in its position: those that have not left, and those on their way."""
    name, moved = f"{line['supply_id']}.{line['number']}", max(line["shipped"], line["received"])
    return {name: max(0, line["quantity"] - moved), f"{name}.sent": max(0, line["shipped"] - line["received"])}


def _place_in(row: Row) -> Place:
    return row["sku"], row["node"], row.get("lane", 0)


def _differ(place: Place, counter: str, there: Counter[str], ledger: Counter[str], by: str) -> Iterator[Difference]:
    sku, node, lane = place
    for name in sorted(there.keys() | ledger.keys()):
        if there[name] != ledger[name]:
            yield Difference(
                sku=sku,
                node=node,
                lane=lane,
                counter=counter,
                name=name,
                position=there[name],
                rebuilt=ledger[name],
                by=by,
            )


def of_rows(rows: Iterable[Row]) -> list[Difference]:
    """Return the differences in a table that does not change meanwhile."""
    audit = Audit()
    for row in rows:
        audit.add(row)
    return list(audit.differences())


def of_table(dynamodb: Any, table: str) -> tuple[int, list[Difference]]:
    """Return the number of positions, and the differences in a table that may change meanwhile."""
    audit = Audit()
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        for row in page["Items"]:
            audit.add(attributes(row))
    suspects = {(found.sku, found.node, found.lane) for found in audit.differences()}
    return len(audit.positions), [
        found for place in sorted(suspects) for found in _at_rest(dynamodb, table, place, audit.lines[place])
    ]


def _at_rest(dynamodb: Any, table: str, place: Place, lines: Counter[str]) -> list[Difference]:
    """Return the differences of a position that did not move meanwhile. One that always moves is reported as last read."""
    for _ in range(_TRIES):
        before = _position(dynamodb, table, place)
        audit = Audit()
        for row in _query(dynamodb, table, keys.movement(place[0], place[1], "", place[2])["pk"]):
            audit.add(row)
        after = _position(dynamodb, table, place)
        if after is not None:
            audit.add(after)
            for name in after.get("supplies", {}):
                audit.lines[place].update(_line_of(dynamodb, table, name, place))
        for name in lines.keys() - audit.lines[place].keys():
            audit.lines[place].update(_line_of(dynamodb, table, name, place))
        if (before or {}).get("rev") == (after or {}).get("rev"):
            break
    return list(audit.differences())


def _line_of(dynamodb: Any, table: str, name: str, place: Place) -> dict[str, int]:
    """Return the units that the line of a position's supply has now. Empty if the line is not open at this place."""
    supply_id, _, number = name.removesuffix(".sent").rpartition(".")
    if not number.isdigit():
        return {}
    key = item(dict(keys.supply_line(supply_id, int(number))))
    row = attributes(dynamodb.get_item(TableName=table, Key=key, ConsistentRead=True).get("Item", {}))
    if not row or row["state"] != "OPEN" or (row["sku"], row["node"], 0) != place:
        return {}
    return {name: _open(row)[name]}


def _position(dynamodb: Any, table: str, place: Place) -> dict[str, Any] | None:
    found = dynamodb.get_item(TableName=table, Key=item(dict(keys.position(*place))), ConsistentRead=True).get("Item")
    return attributes(found) if found else None


def _query(dynamodb: Any, table: str, pk: str) -> Iterator[dict[str, Any]]:
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :pk",
        ExpressionAttributeValues={":pk": {"S": pk}},
        ConsistentRead=True,
    )
    for page in pages:
        yield from map(attributes, page["Items"])
