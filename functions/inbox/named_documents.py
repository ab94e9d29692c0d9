"""
Load the products and nodes that the rows of a page name, and check the names.

Called by   functions/inbox/stock_file.py and supply_file.py
Returns     NamedDocuments, whose checks note the wrong fields of a row
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from comanda.aws.directory import directory
from comanda.domain.stock import units_of_measure
from comanda.domain.text import is_text
from functions.inbox.fields import Fields, Wrong, trimmed
from functions.inbox.partner import Partner
from functions.inbox.reading import Record


@dataclass(frozen=True, slots=True)
class NamedDocuments:
    """The documents of the products and nodes that a page names, by id."""

    partner: Partner
    products: dict[str, dict[str, Any]]
    nodes: dict[str, dict[str, Any]]

    def has_node(self, node: str) -> bool:
        """Return True if the node exists and is the partner's. A partner cannot tell which of the two is false."""
        found = self.nodes.get(node) or directory.find(directory.NODE, node)
        return found is not None and (node in self.partner.nodes or found.get("partner_id") == self.partner.id)

    def check_origin(self, fields: Fields, node: str) -> None:
        """Note an origin that does not exist. Another partner's node is allowed: the transfer is then requested from it."""
        if node and node not in self.nodes and directory.find(directory.NODE, node) is None:
            fields.wrong.append(Wrong("origin_node", "unknown-node", "names no node"))

    def check(self, fields: Fields, *, sku: str, node: str, uom: str) -> int:
        """Note an unknown node, sku or unit, and return the pieces in a unit of the row, or 0 if they are unknown."""
        if node and not self.has_node(node):
            fields.wrong.append(Wrong("node", "unknown-node", "names no node of yours"))
        if sku and sku not in self.products:
            fields.wrong.append(Wrong("sku", "unknown-sku", "names no product"))
            return 0
        packs = (self.products.get(sku) or {}).get("units") or {}
        found = units_of_measure.pieces(uom, packs)
        if found is None:
            fields.wrong.append(Wrong("uom", "unknown-uom", units_of_measure.unknown_unit_message(packs)))
        return found or 0


def load(partner: Partner, records: Iterable[Record]) -> NamedDocuments:
    """Load the products of a page's rows with one read, and their nodes with another."""
    listed = list(records)

    def named(column: str) -> set[str]:
        values = (trimmed(record.get(column)) for record in listed)
        return {value for value in values if 0 < len(value) <= 128 and is_text(value)}

    return NamedDocuments(
        partner,
        directory.entries(directory.PRODUCT, named("sku")),
        directory.entries(directory.NODE, named("node") | named("origin_node")),
    )
