"""
Read positions of the Stock table, with the lanes of hot positions and the shadow prices of their skus.

Called by   the rooms and packages that decide on stock; comanda.aws.stock.stock_changes
Returns     positions lane by lane, or with their lanes joined
Raises      Throttled (Busy) when DynamoDB throttles

Reads by sku are eventually consistent by default: the condition of a later write decides. Reads by key are strongly consistent.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import cache, partial
from typing import Any

from comanda.aws.dynamodb import keys, reads
from comanda.aws.dynamodb.items import attributes
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import position_items, shadow_prices
from comanda.domain.network_optimization.shadow_prices import Prices
from comanda.domain.stock import stock
from comanda.domain.stock.plain_position import plain
from comanda.domain.stock.stock import Position, PositionKey

_READERS = 8  # queries at once: one for each sku, so a 10-line order waits for one or two
_GLANCE_ATTRIBUTES = ("glance", "free", *shadow_prices.ATTRIBUTES)


def load(skus: Iterable[str], *, consistent: bool = False) -> tuple[Position, ...]:
    """Return the positions of these skus at every node, lane by lane."""
    return load_with_prices(skus, None, consistent=consistent)[0]


def load_with_prices(
    skus: Iterable[str], now: datetime | None, *, consistent: bool = False
) -> tuple[tuple[Position, ...], Prices]:
    """Return the positions of these skus and, from the same Queries, their shadow prices that are valid at `now`.

    No prices are returned when `now` is None.
    """
    wanted = sorted(set(skus))
    read = partial(_query_sku, consistent=consistent)
    if len(wanted) == 1:
        read_all = [read(wanted[0])]
    else:
        with ThreadPoolExecutor(max_workers=min(_READERS, len(wanted) or 1)) as pool:
            read_all = list(pool.map(read, wanted))
    priced = _valid_prices(((sku, row) for sku, (_, row) in zip(wanted, read_all, strict=True)), now)
    return tuple(position for found, _ in read_all for position in found), priced


def _valid_prices(rows: Iterable[tuple[str, Mapping[str, Any] | None]], now: datetime | None) -> Prices:
    if now is None:
        return {}
    return {(sku, node): micros for sku, row in rows if row for node, micros in shadow_prices.valid(row, now).items()}


def _query_sku(sku: str, *, consistent: bool) -> tuple[list[Position], dict[str, Any] | None]:
    """Return the positions of a sku, and the item of its prices or None if it has no prices."""
    prefix = keys.positions(sku)
    rows = reads.query(
        settings.stock_table,
        "pk = :pk AND begins_with(sk, :sk)",
        only=(*position_items.READ, *shadow_prices.ATTRIBUTES),
        consistent=consistent,
        pk=prefix["pk"],
        sk=prefix["sk"],
    )
    found: list[Position] = []
    priced = None
    for row in rows:
        if "node" in row:
            found.append(position_items.to_position(row))
        else:
            priced = row
    hot = [(p.sku, p.node, lane) for p in found for lane in range(1, p.lanes + 1)]
    return ([*found, *get_many(hot, consistent=consistent).values()] if hot else found), priced


def load_glances_with_prices(skus: Iterable[str], now: datetime | None) -> tuple[tuple[Position, ...], Prices]:
    """Return the result of `load_with_prices`, ten times faster, for a caller that only compares free units.

    A position with nothing but free units comes from the attribute `glance`. All other positions are read whole, and so are items that
    were written before `glance` existed.
    """
    wanted = sorted(set(skus))
    found = list(_readers().map(_query_glances, wanted))
    special = get_many((place for _, places, _ in found for place in places), consistent=False)
    hot = get_many(((p.sku, p.node, n) for p in special.values() for n in range(1, p.lanes + 1)), consistent=False)
    priced = _valid_prices(((sku, row) for sku, (_, _, row) in zip(wanted, found, strict=True)), now)
    plain_ones = (position for positions, _, _ in found for position in positions)
    return (*plain_ones, *special.values(), *hot.values()), priced


def _query_glances(sku: str) -> tuple[list[Position], list[PositionKey], dict[str, Any] | None]:
    """Return the plain positions of a sku, the places of all other positions, and the item of its prices if there is one."""
    prefix, condition = keys.positions(sku), "pk = :pk AND begins_with(sk, :sk)"
    rows = reads.raw_query(settings.stock_table, condition, only=_GLANCE_ATTRIBUTES, pk=prefix["pk"], sk=prefix["sk"])
    found: list[Position] = []
    special: list[PositionKey] = []
    priced = None
    for row in rows:
        if (glance := row.get("glance")) is None:
            if "free" in row:  # an item from before `glance`: the Query did not ask for its node
                whole, priced = _query_sku(sku, consistent=False)
                return whole, [], priced
            priced = attributes(row)
        elif "S" in glance:
            found.append(plain(sku, glance["S"], int(row["free"]["N"])))
        else:
            special.append((sku, glance["L"][0]["S"], 0))
    return found, special, priced


@cache
def _readers() -> ThreadPoolExecutor:
    """Return the threads that query; they are kept for the life of the process, because starting them costs more than their work."""
    return ThreadPoolExecutor(max_workers=_READERS)


def get(sku: str, node: str, lane: int = 0) -> Position | None:
    """Return one position, strongly consistent, or None if it does not exist."""
    return get_many([(sku, node, lane)]).get((sku, node, lane))


def get_first_lanes(places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Position]:
    """Return the first lane of each (sku, node) that exists, strongly consistent. Only this lane holds units promised for a
    later day."""
    found = get_many((sku, node, 0) for sku, node in places)
    return {(sku, node): position for (sku, node, _), position in found.items()}


def get_joined(places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Position]:
    """Return the position of each (sku, node) that exists, with its lanes joined, strongly consistent."""
    first = get_many((sku, node, 0) for sku, node in places)
    hot = get_many((p.sku, p.node, lane) for p in first.values() for lane in range(1, p.lanes + 1))
    return {(p.sku, p.node): p for p in stock.join_lanes((*first.values(), *hot.values()))}


def get_many(places: Iterable[PositionKey], *, consistent: bool = True) -> dict[PositionKey, Position]:
    """Return the positions of these places that exist; strongly consistent by default."""
    wanted = [keys.position(*place) for place in sorted(set(places))]
    if not wanted:
        return {}  # rooms that save an order without moving stock do not have the table's name in their settings
    rows = reads.batch(settings.stock_table, wanted, consistent=consistent, only=position_items.READ)
    return {(read.sku, read.node, read.lane): read for read in map(position_items.to_position, rows)}
