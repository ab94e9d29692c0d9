"""
Read one sku with one Query: its positions with their safety stock, the orders that wait for it, and its alerts.

Called by   comanda.aws.stock_views.refresh; functions/daily
Returns     values of the domain

A position's item has its own policy: `levels` {method or "*": {"units"} | {"percent"}}, `protected` {channel: units}, `low`
(the alert's threshold) and `reorder_point`, which is only suggested. All else comes from product, node and stock policy.
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
    """One position with its thresholds. `standing` has the quantities of its alerts by kind."""

    shelf: Shelf
    thresholds: Thresholds
    standing: Mapping[str, int]

    @property
    def position(self) -> Position:
        return self.shelf.position


@dataclass(frozen=True, slots=True, kw_only=True)
class Sku:
    """One sku. `unassigned` has (due day, units, channel) of orders without a node; `countries` those of each channel."""

    sku: str
    watched: tuple[Watched, ...]
    unassigned: tuple[tuple[str, int, str], ...]
    countries: Mapping[str, frozenset[str]]
    waited_for: bool = False  # orders wait for its stock or for a supply

    @property
    def shelves(self) -> tuple[Shelf, ...]:
        return tuple(one.shelf for one in self.watched)


def load(sku: str) -> Sku:
    """Read the sku, strongly consistent: its views must not be older than the change that started this run."""
    partition = keys.position(sku, "")["pk"]
    rows = list(reads.query(settings.stock_table, "pk = :pk", consistent=True, pk=partition))
    docs = {row["node"]: row for row in rows if row["sk"].startswith(keys.POSITIONS)}
    documents = _Policies(
        product=directory.find(directory.PRODUCT, sku) or {},
        policy=directory.find(directory.STOCK_POLICY, directory.THE_POLICY) or {},
        nodes=directory.node_documents(),
    )
    standing = _standing(rows)
    return Sku(
        sku=sku,
        watched=tuple(
            documents.watch(position, docs[position.node], standing.get(position.node, {}))
            for position in _positions(docs)
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
    """Return the quantities of alerts by node and kind. Quantities of a position's lanes are added."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        if row["sk"].startswith(keys.ALERTS):
            kind, node = keys.alert_of(row["sk"])
            by_kind = found.setdefault(node, {})
            by_kind[kind] = by_kind.get(kind, 0) + row["quantity"]
    return found


@dataclass(frozen=True, slots=True)
class _Policies:
    """The directory's documents that set a sku's policies."""

    product: Document
    policy: Document
    nodes: Mapping[str, Document]

    def watch(self, position: Position, row: Document, standing: Mapping[str, int]) -> Watched:
        """Return a position with its thresholds, from its item, the product, the node and the stock policy."""
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


def _first(*candidates: int | None) -> int:
    return next((units for units in candidates if units is not None), 0)
