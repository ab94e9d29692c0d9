"""What the rows of a page name: skus, nodes of the partner, units of measure."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from comanda.aws.directory import directory
from comanda.domain.stock import units_of_measure
from comanda.domain.text import is_text
from functions.inbox.fields import Fields, Wrong, trimmed
from functions.inbox.reading import Record
from functions.inbox.rules import Partner


@dataclass(frozen=True, slots=True)
class Known:
    """The documents behind what was named."""

    partner: Partner
    products: dict[str, dict[str, Any]]
    nodes: dict[str, dict[str, Any]]

    def sees(self, node: str) -> bool:
        """Whether a node is there, and the partner's: strangers cannot tell which."""
        found = self.nodes.get(node) or directory.find(directory.NODE, node)
        return found is not None and (node in self.partner.nodes or found.get("partner_id") == self.partner.id)

    def check_origin(self, fields: Fields, node: str) -> None:
        """Note a node that is not there. It need not be the partner's: then it is asked."""
        if node and node not in self.nodes and directory.find(directory.NODE, node) is None:
            fields.wrong.append(Wrong("origin_node", "unknown-node", "names no node"))

    def check(self, fields: Fields, *, sku: str, node: str, uom: str) -> int:
        """Note what is not known; the pieces that a unit of the row has."""
        if node and not self.sees(node):
            fields.wrong.append(Wrong("node", "unknown-node", "names no node of yours"))
        if sku and sku not in self.products:
            fields.wrong.append(Wrong("sku", "unknown-sku", "names no product"))
            return 0
        packs = (self.products.get(sku) or {}).get("units") or {}
        found = units_of_measure.pieces(uom, packs)
        if found is None:
            fields.wrong.append(Wrong("uom", "unknown-uom", units_of_measure.unknown_unit_message(packs)))
        return found or 0


def look_up(partner: Partner, records: Iterable[Record]) -> Known:
    """One read for the skus of a hundred rows, and one for their nodes."""
    listed = list(records)

    def named(column: str) -> set[str]:
        values = (trimmed(record.get(column)) for record in listed)
        return {value for value in values if 0 < len(value) <= 128 and is_text(value)}

    return Known(
        partner,
        directory.entries(directory.PRODUCT, named("sku")),
        directory.entries(directory.NODE, named("node") | named("origin_node")),
    )
