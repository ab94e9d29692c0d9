"""
Read by which rates a channel taxes what it sells: those that are given, or those of its tax table.

Called by   functions/directory; comanda.aws.directory.draft_taxes
Returns     a TaxPort of the domain
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.directory.directory import TAX_TABLE, as_it_is
from comanda.domain.orders.destination import postal_prefix
from comanda.domain.taxes.quotes import GivenRates, TableRates, TaxPort
from comanda.domain.taxes.tax_tables import Place, TaxRow, TaxTable


def port(channel: Mapping[str, Any]) -> TaxPort:
    """Return what taxes the sales of a channel, by its document. The table is read as it is now, in one read."""
    name = channel.get("tax_table")
    if not name:
        return GivenRates()
    found: TableRates | None = as_it_is(
        TAX_TABLE, name, lambda version, doc: TableRates(table(doc), f"{name}@{version}")
    )
    return found or TableRates(TaxTable(), name)


def place_of_node(node: Mapping[str, Any]) -> Place:
    """Return where a node's document says that it is."""
    code = postal_prefix(node.get("postal_code") or "")
    return Place(country=node["country"], region=node.get("region") or "", postal_prefix=code)


def table(doc: Mapping[str, Any]) -> TaxTable:
    """Return the table of a document."""
    return TaxTable(
        rows=tuple(
            TaxRow(
                country=row["country"],
                region=row.get("region") or "",
                postal_prefix=row.get("postal_prefix") or "",
                tax_class=row.get("tax_class") or "",
                valid_from=row["valid_from"],
                valid_until=row.get("valid_until"),
                rate=row["rate"],
                name=row["name"],
            )
            for row in doc.get("rows", ())
        ),
        synthetic=doc.get("synthetic", False),
    )
