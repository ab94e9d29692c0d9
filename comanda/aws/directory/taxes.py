"""
Read by which rates a channel taxes what it sells: those that are given, those of its tax table, or those of a tax service.

Called by   functions/directory, intake and taxes; comanda.aws.directory.draft_taxes
Returns     a TaxPort of the domain, and what the rates of a sale depend on
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any

from comanda.aws.directory.directory import NODE, PRODUCT, TAX_TABLE, as_it_is, entries
from comanda.domain.days import utc_day
from comanda.domain.orders.destination import postal_prefix
from comanda.domain.taxes.places import Place
from comanda.domain.taxes.quotes import GivenRates, Knowledge, TableRates, TaxPort
from comanda.domain.taxes.tax_tables import TaxRow, TaxTable


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """The buyer of a sale: the channel's own id of them, and the addresses that are known of them, as contacts have them. A tax
    service is told both."""

    customer: str | None = None
    addresses: Iterable[Mapping[str, Any]] = ()


def port(
    channel: Mapping[str, Any],
    *,
    currency: str,
    buyer: Buyer,
    nodes: Iterable[Mapping[str, Any]] = (),
    exact: bool = False,
) -> TaxPort:
    """Return what taxes the sales of a channel, by its document. The table is read as it is now, in one read.

    `nodes` are the documents of counters where the sale may be picked up. `exact`: where a tax service has no answer, its
    failure is raised, also if the channel has a table.
    """
    if not channel.get("tax_service"):
        return _table_rates(channel.get("tax_table"))
    from comanda.aws.directory import tax_service  # few channels have one

    instead = None if exact or not channel.get("tax_table") else partial(_table_rates, channel["tax_table"])
    return tax_service.rates(channel, currency, buyer.customer, (*buyer.addresses, *nodes), instead)


def _table_rates(name: str | None) -> TaxPort:
    if not name:
        return GivenRates()
    found: TableRates | None = as_it_is(
        TAX_TABLE, name, lambda version, doc: TableRates(table(doc), f"{name}@{version}")
    )
    return found or TableRates(TaxTable(), name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """A sale, as far as its rates depend on it beside its places: its channel's document, its currency, whether its prices include
    their tax, and its buyer."""

    channel: Mapping[str, Any]
    currency: str
    included: bool
    buyer: Buyer = Buyer()


def knowledge(sale: Sale, nodes: Iterable[str], now: datetime, *, exact: bool = False) -> Knowledge:
    """Return what the rates of a sale depend on today, by UTC. `nodes` are its counters; `exact` as in `port`. The table is read
    when it is first asked, and once."""
    counters, included = entries(NODE, nodes), sale.included

    @cache
    def the_port() -> TaxPort:
        return port(sale.channel, currency=sale.currency, buyer=sale.buyer, nodes=counters.values(), exact=exact)

    return Knowledge(
        counters={name: place_of_node(node) for name, node in counters.items()},
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
