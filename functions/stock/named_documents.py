"""
Load the products and nodes that the rows of a request name, and check the names before any row is applied.

Called by   functions/stock: snapshots, supplies, policies
Returns     NamedDocuments; Problems by pointer
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from comanda.aws.api.callers import Caller
from comanda.aws.directory import directory
from comanda.domain.errors import Problem
from comanda.domain.stock import units_of_measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """The names in a row, with the row's pointer in the request. None is a name that the row does not have."""

    pointer: str
    sku: str | None = None
    node: str | None = None
    uom: str | None = None


@dataclass(frozen=True, slots=True)
class NamedDocuments:
    """The documents of the products and nodes that a request names, by id."""

    who: Caller
    products: dict[str, dict[str, Any]]
    nodes: dict[str, dict[str, Any]]

    def has_node(self, node: str) -> bool:
        """Return True if the node exists and is the caller's. A caller cannot tell which of the two is false."""
        found = self.nodes.get(node) or directory.find(directory.NODE, node)
        return found is not None and self.who.sees_node(node, found.get("partner_id"))

    def pieces(self, sku: str, uom: str | None) -> int | None:
        """Return the pieces in a unit of measure, or None for an unknown unit."""
        return units_of_measure.pieces(uom or "", self._packs(sku))

    def _packs(self, sku: str) -> dict[str, int]:
        return (self.products.get(sku) or {}).get("units") or {}

    def problems(self, named: Iterable[Named]) -> list[Problem]:
        """Return a problem for each unknown sku, unit and node."""
        return [problem for one in named for problem in self._problems_of(one)]

    def _problems_of(self, one: Named) -> Iterator[Problem]:
        if one.sku is not None and one.sku not in self.products:
            yield _unknown(one, "sku", "sku", f"there is no product {one.sku}")
        elif one.sku is not None and self.pieces(one.sku, one.uom) is None:
            yield _unknown(one, "uom", "uom", units_of_measure.unknown_unit_message(self._packs(one.sku)))
        if one.node is not None and not self.has_node(one.node):
            yield _unknown(one, "node_id", "node", f"there is no node {one.node}")


def load(who: Caller, named: Iterable[Named]) -> NamedDocuments:
    """Load the products of all rows with one read, and their nodes with another."""
    listed = list(named)
    return NamedDocuments(
        who,
        directory.entries(directory.PRODUCT, {one.sku for one in listed if one.sku is not None}),
        directory.entries(directory.NODE, {one.node for one in listed if one.node is not None}),
    )


def _unknown(one: Named, field: str, what: str, message: str) -> Problem:
    return Problem(pointer=f"{one.pointer}/{field}", code=f"unknown-{what}", message=message)
