"""
Read supplies: headers with their lines, and everything that a decision on rows of one supply needs.

Called by   comanda.aws.stock_updates.supplies and transfers; functions/stock, which shows supplies
Returns     StoredSupply, SupplyLine, SupplyState
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, reads
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import lanes
from comanda.aws.stock_updates.supply_rows import SupplyRow
from comanda.domain.stock.stock import Position
from comanda.domain.stock.supply_line import CREATE, SupplyLine
from comanda.domain.stock.supply_terms import may_take_step

type Documents = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSupply:
    """A supply's header with all its lines."""

    supply_id: str
    version: int
    doc: Mapping[str, Any]
    lines: tuple[SupplyLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyState:
    """One supply as it was read for a decision on some of its rows.

    `header` is None for a new supply. `positions` has lane 0 of both ends of each line, as far as they exist. `may_add` is
    True if the caller may add lines: every line of the supply is visible to the caller.
    """

    supply_id: str
    header: Mapping[str, Any] | None
    lines: Mapping[int, SupplyLine]
    places: frozenset[tuple[str, str]]  # (sku, node) of both ends of each line
    positions: Mapping[tuple[str, str], Position]
    products: Documents
    nodes: Documents
    policy: Mapping[str, Any]
    may_add: bool


def find(supply_id: str) -> StoredSupply | None:
    """Return a supply with all its lines, strongly consistent, or None if it does not exist."""
    found = list(reads.query(settings.stock_table, "pk = :pk", consistent=True, pk=keys.supply(supply_id)["pk"]))
    header = next((row for row in found if row["sk"] == keys.HEADER), None)
    if header is None:
        return None
    lines = tuple(to_line(row) for row in found if row["sk"].startswith(keys.LINES))
    return StoredSupply(supply_id=supply_id, version=header["version"], doc=header, lines=lines)


def lines_of(rows: Sequence[SupplyRow]) -> dict[tuple[str, int], SupplyLine]:
    """Return the stored lines that these rows name, by (supply id, number); strongly consistent."""
    places = {(row.supply_id, row.number): keys.supply_line(row.supply_id, row.number) for row in rows}
    found = map(to_line, reads.batch(settings.stock_table, places.values()))
    return {(line.supply_id, line.number): line for line in found}


def to_line(row: Mapping[str, Any]) -> SupplyLine:
    """Return the line that an item holds."""
    return SupplyLine(**{name: row[name] for name in SupplyLine.__slots__ if name in row})


def load_state(rows: Sequence[SupplyRow], owns: Callable[[str], bool], admitted: set[str]) -> SupplyState:
    """Read all that a decision on these rows of one supply needs; supplies and positions are strongly consistent.

    `admitted` has the supplies whose lines are all visible to the caller. They are not read whole again: only a caller that
    sees all lines can have added more lines.
    """
    supply_id = rows[0].supply_id
    wanted = [keys.supply(supply_id), *(keys.supply_line(supply_id, row.number) for row in rows)]
    found = list(reads.batch(settings.stock_table, wanted))
    header = next((row for row in found if row["sk"] == keys.HEADER), None)
    lines = {line.number: line for line in (to_line(row) for row in found if row["sk"] != keys.HEADER)}
    new = [row for row in rows if row.step.action == CREATE]
    known_ends = [(line.sku, line.node, line.origin) for line in lines.values()]
    new_ends = [(row.sku, row.node, row.origin) for row in rows if row.sku and row.node]
    places = frozenset((sku, node) for sku, *nodes in (*known_ends, *new_ends) for node in nodes if node)
    may_add = not new or header is None or supply_id in admitted or _sees_all_lines(supply_id, owns)
    if new and header is not None and may_add:
        admitted.add(supply_id)
    skus = {line.sku for line in lines.values()} | {row.sku for row in new}
    return SupplyState(
        supply_id=supply_id,
        header=header,
        lines=lines,
        places=places,
        positions={place: of_place[0] for place, of_place in lanes.read(places).items()},
        products=directory.entries(directory.PRODUCT, skus),
        nodes=directory.entries(directory.NODE, {row.node for row in new}),
        policy=(directory.find(directory.STOCK_POLICY, directory.THE_POLICY) if new else None) or {},
        may_add=may_add,
    )


def _sees_all_lines(supply_id: str, owns: Callable[[str], bool]) -> bool:
    found = find(supply_id)
    return all(may_take_step(line, CREATE, owns) for line in (found.lines if found else ()))
