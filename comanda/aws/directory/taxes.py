"""
Read by which rates a channel taxes what it sells: those that are given, or those of its tax table.

Called by   functions/directory and intake; comanda.aws.directory.draft_taxes
Returns     a TaxPort of the domain, and what the rates of a sale depend on
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from comanda.aws.directory.directory import NODE, PRODUCT, TAX_TABLE, as_it_is, entries
from comanda.domain.days import utc_day
from comanda.domain.orders.destination import postal_prefix
from comanda.domain.taxes.places import Place
from comanda.domain.taxes.quotes import GivenRates, Knowledge, TableRates, TaxPort
from comanda.domain.taxes.tax_tables import TaxRow, TaxTable


def port(channel: Mapping[str, Any]) -> TaxPort:
    """Return what taxes the sales of a channel, by its document. The table is read as it is now, in one read."""
    name = channel.get("tax_table")
    if not name:
        return GivenRates()
    found: TableRates | None = as_it_is(
        TAX_TABLE, name, lambda version, doc: TableRates(table(doc), f"{name}@{version}")
    )
    return found or TableRates(TaxTable(), name)


def knowledge(channel: Mapping[str, Any], nodes: Iterable[str], now: datetime, *, included: bool) -> Knowledge:
    """Return what the rates of a sale of a channel depend on today, by UTC. `nodes` are its counters; `included`: its prices
    include their tax. The table is read when it is first asked, and once."""

    @cache
    def the_port() -> TaxPort:
        return port(channel)

    return Knowledge(
        counters={name: place_of_node(node) for name, node in entries(NODE, nodes).items()},
        classes=_classes,
        quote=lambda asked: the_port().quote(asked, utc_day(now), included=included),
    )


def _classes(skus: Iterable[str]) -> dict[str, str]:
    products = entries(PRODUCT, frozenset(skus))
    return {sku: product.get("tax_class") or "" for sku, product in products.items()}


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
                zero_rate_reason=row.get("zero_rate_reason") or "",
            )
            for row in doc.get("rows", ())
        ),
        synthetic=doc.get("synthetic", False),
    )
