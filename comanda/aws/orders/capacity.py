"""
Count the capacity of nodes in the Stock table: a counter for each node, day and kind, changed with the order.

Called by   comanda.aws.orders.orders, which writes the units that a decision plans and gives back; comanda.aws.routing.inputs
            and functions/reroute, which read them
Returns     writes whose refusal is a StockConflict, so that the router decides again; units by node and day
Raises      StockConflict at once, when the lanes of a day have no room left
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.concurrently import run_concurrently
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import StockConflict
from comanda.domain.orders.capacity import UNITS, Slot, shares_of_lanes

if TYPE_CHECKING:  # a room that only gives units back need not import the code of nodes
    from comanda.domain.nodes.node import Node

_FRESH_SECONDS = 2.0  # the condition of the write decides; a plan with older numbers may be refused
_MOST_KEPT = 10_000  # nodes
_MOST_KEYS = 100  # of one BatchGetItem
_KEPT_DAYS = 31  # after the day

_kept: dict[str, dict[str, tuple[float, int]]] = {}  # node -> day -> when it was read, units


def forget() -> None:
    """Drop the numbers that this process keeps."""
    _kept.clear()


def planned_units(nodes: Iterable["Node"], now: datetime) -> dict[tuple[str, str], int]:
    """Return the units that nodes with a limit have to do already, by (node, local day), for the days that a plan may use.

    The numbers may be two seconds old.
    """
    from comanda.domain.routing import workload

    limited = [node for node in nodes if node.units_per_day is not None]
    lanes = {(node.node_id, day): node.capacity_lanes for node in limited for day in workload.days(node, now)}
    at = monotonic()
    known = {(node, day): units for node, day in lanes if (units := _fresh(node, day, at)) is not None}
    unknown = {node_day: count for node_day, count in lanes.items() if node_day not in known}
    found = {node_day: sum(units for _, units in rows) for node_day, rows in _read(unknown, consistent=False).items()}
    if len(_kept) > _MOST_KEPT:
        forget()
    for (node, day), units in found.items():
        _kept.setdefault(node, {})[day] = at, units
    return known | found


def planned_units_of_day(node: "Node", day: str) -> int:
    """Return the units that the node has to do on a local day, strongly consistent."""
    rows = _read({(node.node_id, day): node.capacity_lanes}, consistent=True)
    return sum(units for _, units in rows[node.node_id, day])


def _fresh(node: str, day: str, now: float) -> int | None:
    at, units = _kept.get(node, {}).get(day, (0.0, 0))
    return units if at and now - at < _FRESH_SECONDS else None


def writes(order_id: str, slots: Sequence[Slot]) -> list[Write]:
    """Return one write for each counter. A write that plans units holds only while the limit of the day does.

    The numbers of these nodes that this process keeps are dropped, because the writes make them wrong.
    """
    for slot in slots:
        _kept.pop(slot.node, None)
    parts = {(slot.node, slot.day): slot.lanes for slot in slots if slot.lanes > 1 and slot.limit is not None}
    seen = _read(parts, consistent=True)
    out: list[Write] = []
    for slot in slots:
        if (slot.node, slot.day) in parts:
            by_lane = dict(seen[slot.node, slot.day])
            shares = shares_of_lanes(slot, order_id, [by_lane.get(lane, 0) for lane in range(slot.lanes)])
        else:
            shares = shares_of_lanes(slot, order_id)
        out += [_write(slot, lane, units, limit) for lane, units, limit in shares]
    return out


def _read(lanes: dict[tuple[str, str], int], *, consistent: bool) -> dict[tuple[str, str], list[tuple[int, int]]]:
    """Return (lane, units) of each counter, by (node, day). `lanes` are the numbers of lanes by (node, day)."""
    found: dict[tuple[str, str], list[tuple[int, int]]] = {node_day: [] for node_day in lanes}
    wanted = [keys.capacity(node, day, UNITS, lane) for (node, day), count in lanes.items() for lane in range(count)]
    for row in _items(wanted, consistent=consistent):
        found[row["node"], row["day"]].append((int(row["sk"]), row["taken"]))
    return found


def _items(wanted: Sequence[keys.Key], *, consistent: bool) -> Iterator[dict[str, Any]]:
    if not wanted:
        return  # a room that plans no units does not have the table's name in its settings
    pages = [wanted[first : first + _MOST_KEYS] for first in range(0, len(wanted), _MOST_KEYS)]
    if len(pages) == 1:
        yield from _page(wanted, consistent=consistent)
        return
    client("dynamodb")  # made before it is shared
    for page in run_concurrently([partial(_page, page, consistent=consistent) for page in pages]):
        yield from page()


def _page(wanted: Sequence[keys.Key], *, consistent: bool) -> list[dict[str, Any]]:
    return list(reads.batch(settings.stock_table, wanted, consistent=consistent))


def _write(slot: Slot, lane: int, units: int, limit: int | None) -> Write:
    """Return the write of one counter. A day without planned units has no item: the first write makes it."""
    ends = date.fromisoformat(slot.day) + timedelta(days=_KEPT_DAYS)
    names: dict[str, Any] = {"n_day": "day", "n_ttl": "ttl"}
    names |= {"node": slot.node, "day": slot.day, "units": units}
    names["ttl"] = int(datetime.fromisoformat(f"{ends.isoformat()}T00:00:00Z").timestamp())
    condition = ""
    if limit is not None:
        condition = "attribute_not_exists(taken) OR taken <= :most"
        names["most"] = limit - units
    return transaction.update(
        settings.stock_table,
        keys.capacity(slot.node, slot.day, slot.kind, lane),
        "SET node = :node, #day = :day, #ttl = :ttl ADD taken :units",
        StockConflict(f"{slot.node} has no room on {slot.day}"),
        condition=condition,
        **names,
    )
