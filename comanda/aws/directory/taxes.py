"""
Read by which rates a channel taxes what it sells: those that are given, or those of its tax table.

Called by   functions/directory
Returns     a TaxPort of the domain
"""

from collections.abc import Mapping
from typing import Any

from comanda.aws.directory.directory import TAX_TABLE, find
from comanda.domain.taxes.quotes import GivenRates, TableRates, TaxPort
from comanda.domain.taxes.tax_tables import TaxRow, TaxTable


def port(channel: Mapping[str, Any]) -> TaxPort:
    """Return what taxes the sales of a channel, by its document. The table is at most a minute old."""
    name = channel.get("tax_table")
    return TableRates(table(find(TAX_TABLE, name) or {})) if name else GivenRates()


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
