"""What rows name, checked before any of them is applied: skus, nodes that the caller may see, units of measure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from comanda.aws.api.callers import Caller
from comanda.aws.directory import directory
from comanda.domain.errors import Problem
from comanda.domain.stock import units_of_measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """What a row names, and where in the request it stands. None is not named."""

    pointer: str
    sku: str | None = None
    node: str | None = None
    uom: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """The documents behind what was named."""

    who: Caller
    products: dict[str, dict[str, Any]]
    nodes: dict[str, dict[str, Any]]

    def sees(self, node: str) -> bool:
        """Whether a node is there, and the caller's: strangers cannot tell which."""
        found = self.nodes.get(node) or directory.find(directory.NODE, node)
        return found is not None and self.who.sees_node(node, found.get("partner_id"))

    def pieces(self, sku: str, uom: str | None) -> int | None:
        return units_of_measure.pieces(uom or "", self._packs(sku))

    def _packs(self, sku: str) -> dict[str, int]:
        return (self.products.get(sku) or {}).get("units") or {}

    def problems(self, named: Iterable[Named]) -> list[Problem]:
        return [problem for one in named for problem in self._of(one)]

    def _of(self, one: Named) -> Iterator[Problem]:
        if one.sku is not None and one.sku not in self.products:
            yield _unknown(one, "sku", "sku", f"there is no product {one.sku}")
        elif one.sku is not None and self.pieces(one.sku, one.uom) is None:
            yield _unknown(one, "uom", "uom", units_of_measure.unknown_unit_message(self._packs(one.sku)))
        if one.node is not None and not self.sees(one.node):
            yield _unknown(one, "node_id", "node", f"there is no node {one.node}")


def look_up(who: Caller, named: Iterable[Named]) -> Known:
    listed = list(named)
    return Known(
        who,
        directory.entries(directory.PRODUCT, {one.sku for one in listed if one.sku is not None}),
        directory.entries(directory.NODE, {one.node for one in listed if one.node is not None}),
    )


def _unknown(one: Named, field: str, what: str, message: str) -> Problem:
    return Problem(pointer=f"{one.pointer}/{field}", code=f"unknown-{what}", message=message)
