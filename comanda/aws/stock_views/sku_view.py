"""
All that is known of one sku, from one Query: its positions with what is said of their safety stock, what waits for any of
them, and the alerts that stand.

Called by   functions/watch, functions/daily
Returns     values of the domain; the table's words stay here

A position's item says for itself: `levels` {method or "*": {"units"} | {"percent"}}, `protected` {channel: units}, `low`
(alerted at so many), and `reorder_point`, which is only suggested. The rest is said by product, node and policy.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys, reads
from comanda.aws.runtime.settings import settings
from comanda.aws.stock import position_items
from comanda.domain.stock import safety
from comanda.domain.stock.alerts import Thresholds
from comanda.domain.stock.availability import PICKUP, SHIP, Shelf
from comanda.domain.stock.safety import ANY_METHOD
from comanda.domain.stock.stock import Position, join_lanes

type Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """One position as it is watched: the alerts that stand by kind with their quantity, and when to raise one."""

    shelf: Shelf
    thresholds: Thresholds
    standing: Mapping[str, int]

    @property
    def position(self) -> Position:
        return self.shelf.position


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    """`unassigned`: (due day, units, channel) of orders that no node has. `countries` of each channel."""

    sku: str
    watched: tuple[Watched, ...]
    unassigned: tuple[tuple[str, int, str], ...]
    countries: Mapping[str, frozenset[str]]
    waited_for: bool = False  # orders wait for it, for any of it or for a supply

    @property
    def shelves(self) -> tuple[Shelf, ...]:
        return tuple(one.shelf for one in self.watched)


def read(sku: str) -> Sku:
    """The sku as it is now: strongly consistent, as what is written of it must not be older than what woke us."""
    partition = keys.position(sku, "")["pk"]
    rows = list(reads.query(settings.stock_table, "pk = :pk", consistent=True, pk=partition))
    docs = {row["node"]: row for row in rows if row["sk"].startswith(keys.POSITIONS)}
    said = _Said(
        product=directory.find(directory.PRODUCT, sku) or {},
        policy=directory.find(directory.STOCK_POLICY, directory.THE_POLICY) or {},
        nodes=directory.node_documents(),
    )
    standing = _standing(rows)
    return Sku(
        sku=sku,
        watched=tuple(
            said.of(position, docs[position.node], standing.get(position.node, {})) for position in _positions(docs)
        ),
        waited_for=any(row["sk"].startswith((keys.BACKORDERS, keys.PREORDERS)) for row in rows),
        unassigned=tuple(
            (row.get("due", ""), row["quantity"], row.get("channel", ""))
            for row in rows
            if row["sk"].startswith(keys.BACKORDERS)
        ),
        countries=directory.countries(),
    )


def _positions(docs: Mapping[str, Document]) -> tuple[Position, ...]:
    first = [position_items.to_position(dict(row)) for row in docs.values()]
    hot = [keys.position(p.sku, p.node, lane) for p in first for lane in range(1, p.lanes + 1)]
    lanes = [position_items.to_position(row) for row in reads.batch(settings.stock_table, hot)]
    return join_lanes((*first, *lanes))


def _standing(rows: Iterable[Document]) -> dict[str, dict[str, int]]:
    """By node and kind; what the lanes of a position miss is missing from the position."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        if row["sk"].startswith(keys.ALERTS):
            kind, node = keys.alert_of(row["sk"])
            of_node = found.setdefault(node, {})
            of_node[kind] = of_node.get(kind, 0) + row["quantity"]
    return found


@dataclass(frozen=True, slots=True)
class _Said:
    """What the directory says of a sku."""

    product: Document
    policy: Document
    nodes: Mapping[str, Document]

    def of(self, position: Position, row: Document, standing: Mapping[str, int]) -> Watched:
        node = self.nodes.get(position.node, {})
        own = {ANY_METHOD: {"units": position.safety}} if position.safety else {}
        levels = safety.read_levels(
            position={**own, **row.get("levels", {})}, product=self.product, node=node, policy=self.policy
        )
        position = replace(position, safety=0)
        protected = tuple(sorted(row.get("protected", {}).items()))
        shelf = Shelf(
            country=node.get("country", ""),
            position=position,
            levels=levels,
            protected=protected,
            ship=position.ship and node.get("ship", False),
            pickup=position.pickup and node.get("pickup", False),
        )
        thresholds = Thresholds(
            low=_first(
                row.get("low"), self.product.get("low_units"), row.get("reorder_point"), self.policy.get("low_units")
            ),
            stale_days=self.policy.get("stale_days", 0),
            safety=safety.resolve(levels, methods=[method for method in (SHIP, PICKUP) if shelf.open_for(method)]),
        )
        return Watched(shelf=shelf, thresholds=thresholds, standing=standing)


def _first(*said: int | None) -> int:
    return next((units for units in said if units is not None), 0)
