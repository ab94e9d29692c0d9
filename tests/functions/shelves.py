"""Check the invariants of the Stock table and its reservations, from the items alone."""

from collections import Counter
from datetime import datetime
from typing import Any

from comanda.aws.reservations.reservation_items import to_reservation
from comanda.aws.stock import position_items
from comanda.domain.reservations import reservations as rules
from comanda.domain.stock.apply_change import with_effect
from comanda.domain.stock.changes import Change

Row = dict[str, Any]


def wrong(rows: list[Row], now: datetime, orders: Counter[tuple[Any, ...]] | None = None) -> list[str]:
    """Return a sentence for each broken invariant, over all items of the Stock table. `orders` are the units of orders, by (sku,
    node, lane, due day)."""
    ledger: dict[tuple[str, str, int], list[Row]] = {}
    for row in rows:
        if row["pk"].startswith("M#"):
            ledger.setdefault((row["sku"], row["node"], row.get("lane", 0)), []).append(row)
    alerts = {
        (row["sku"], row["node"], int([*row["sk"].split("#"), "0"][3])): row["quantity"]
        for row in rows
        if row["sk"].startswith("AL#OVER_RESERVED#")
    }
    found = []
    for row in rows:
        if row["pk"].startswith("S#") and row["sk"].startswith("P"):
            found += _position(row, ledger, alerts, now)
            found += _at_a_glance(row)
    return [*found, *_kept(rows, orders or Counter())]


def _position(row: Row, ledger: dict[Any, list[Row]], alerts: dict[Any, int], now: datetime) -> list[str]:
    at = (row["sku"], row["node"], row.get("lane", 0))
    sums: dict[str, Counter[str]] = {name: Counter() for name in ("on_hand", "demand", "soft")}
    free, found = 0, []
    for line in ledger.get(at, ()):
        free += line["free"]
        for name, counter in sums.items():
            counter.update(line.get(name) or {})
    counted = {"on_hand": row["on_hand"], "demand": row["hard"], "soft": row.get("soft", {})}
    for name, numbers in counted.items():
        if _some(sums[name]) != _some(numbers):
            found.append(f"{at}: {name} is {_some(numbers)}, its ledger says {_some(sums[name])}")
        if any(units < 0 for units in numbers.values()):
            found.append(f"{at}: {name} below zero: {numbers}")
    if free != row["free"]:
        found.append(f"{at}: free {row['free']}, its ledger says {free}")
    position = position_items.to_position(row)
    change = Change(sku="", node="", kind="", source="", line="", n="", at=now, dated=True)
    if with_effect(position, change, now).free:
        found.append(f"{at}: free {row['free']}, its parts say otherwise: {position}")
    if max(0, -row["free"]) != alerts.get(at, 0):
        found.append(f"{at}: free {row['free']}, OVER_RESERVED {alerts.get(at, 0)}")
    return found


def _at_a_glance(row: Row) -> list[str]:
    """Check the attribute `glance`. It may say that a plain position is more than plain, and never the reverse."""
    position = position_items.to_position(row)
    says = row.get("glance")
    if says in (position_items.glance(position), None if position.lane else [row["node"]]):
        return []
    return [f"{row['node']}: {says} at a glance, but {position}"]


def _kept(rows: list[Row], orders: Counter[tuple[Any, ...]]) -> list[str]:
    """Check that no unit is stuck: positions keep exactly the units that reservations and orders have."""
    says = Counter(orders)
    says.update(_reserved_units(rows))
    keep: Counter[tuple[Any, ...]] = Counter()
    taken_back: set[tuple[Any, ...]] = set()
    for row in rows:
        at = (row.get("sku"), row.get("node"), row.get("lane", 0))
        if row["pk"].startswith("S#") and row["sk"].startswith("P"):
            for numbers in (row["hard"], row.get("soft", {})):
                keep.update({(*at, key): n for key, n in numbers.items() if n})
        elif row["pk"].startswith("M#") and row["kind"] == "expire":
            taken_back |= {(*at, key) for key in row["soft"]}
    return [
        f"{key}: reservations say {says[key]}, the position keeps {keep[key]}"
        for key in says.keys() | keep.keys()
        if says[key] != keep[key] and not (key in taken_back and not keep[key])
    ]


def _reserved_units(rows: list[Row]) -> Counter[tuple[Any, ...]]:
    """Return the units of reservations, by (sku, node, lane, due day with the expiry of soft ones)."""
    items: dict[str, list[Row]] = {}
    for row in sorted(rows, key=lambda row: str(row["sk"])):
        if row["pk"].startswith("R#"):
            items.setdefault(row["pk"], []).append(row)
    says: Counter[tuple[Any, ...]] = Counter()
    for found in (to_reservation(header, chunks) for header, *chunks in items.values()):
        for units in (units for chunk in found.chunks for units in rules.reserved_units(found, chunk)):
            if found.order_id is None:
                key = f"{units.due}|{units.expires}" if units.expires else units.due
                says[units.sku, units.node, units.lane, key] += units.quantity
    return says


def _some(numbers: Any) -> dict[str, int]:
    return {name: units for name, units in numbers.items() if units}
