"""
Find what the NF-e of an invoice is made of: its seller, its buyer, and its products.

The company that sold stays the seller, whichever one its channel names today. Its data, the buyer and the products are those
of today until the NF-e is authorised, so that what was wrong is mended; from then on they are those with which it was authorised.
An NF-e that was authorised before its sources were kept has those of when it is next asked for or told of.

Called by   functions/documents and credit
Returns     sources, writes
Raises      nothing
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.customers import customers, legal_copies
from comanda.aws.dynamodb import transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.domain.billing import nfe_results
from comanda.domain.documents.nfe import access_key, master_data
from comanda.domain.documents.nfe.of_order import NAME
from comanda.domain.errors import StaleOrder
from comanda.domain.orders.order import Order

logger = Logger()

_OF_PRODUCTS = (NAME, "gtin")  # what an NF-e says of them


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """The entries of the seller and of the products by sku, and the buyer. `source` names where the buyer is from. `copied`: the
    invoice has a copy, which can keep them. `unkept`: the NF-e is authorised, and its copy does not keep them yet."""

    seller: Mapping[str, Any]
    buyer: Mapping[str, Any]
    products: Mapping[str, Mapping[str, Any]]
    source: str
    copied: bool
    unkept: bool = False


def find(
    order: Order,
    invoice: int,
    now: datetime,
    *,
    seller: Callable[[Mapping[str, Any] | None], Mapping[str, Any]],
    products: Mapping[str, Mapping[str, Any]],
) -> Sources:
    """Return the sources of the NF-e of the invoice with this number within the order. `seller` finds the entry of a seller as it
    is today by that of the copy, and `products` are the entries of the invoice's."""
    if (kept := legal_copies.of_nfe(order.order_id, invoice, now)) is not None:
        return Sources(**kept, source="authorized", copied=True)
    copy = legal_copies.find(order.order_id, invoice, now)
    today = seller(copy["seller"] if copy else None)
    contact = customers.find(order.order_id, order.contact)
    if contact is None:
        buyer, source = copy["buyer"] if copy else {}, "copy"
    else:
        fulfillment = next((one.number for one in order.fulfillments if one.invoice == invoice), None)
        buyer, source = legal_copies.buyer(order, contact, today, fulfillment), f"contact {order.contact}"
    goods = {sku: {name: entry.get(name) for name in _OF_PRODUCTS} for sku, entry in products.items()}
    unkept = copy is not None and _is_of(today, nfe_results.known_key(order, invoice))
    return Sources(seller=today, buyer=buyer, products=goods, source=source, copied=copy is not None, unkept=unkept)


def _is_of(seller: Mapping[str, Any], told: str) -> bool:
    """Return True if the key of an authorised NF-e has the company and a series of a seller. Empty: it is not authorised."""
    issuer = master_data.issuer(seller) if told else None
    if issuer is None:
        return False
    series, number = access_key.series_and_number(told)
    return series in issuer.series.values() and access_key.is_of(told, issuer.cnpj, series, number)


def authorized(order: Order, invoice: int, found: Sources) -> list[Write]:
    """Return the write that keeps the sources of an NF-e which is authorised, if none did. There is none for an invoice without a
    copy."""
    if not found.copied:
        return []
    made_of = {"seller": found.seller, "buyer": found.buyer, "products": found.products}
    return [legal_copies.authorized(order.order_id, invoice, made_of)]


def keep(order: Order, invoice: int, found: Sources) -> None:
    """Keep the sources of an NF-e that was authorised before sources were kept. Who comes second leaves those of the first."""
    if not found.unkept:
        return
    try:
        transaction.commit(authorized(order, invoice, found))
    except StaleOrder:
        logger.info("sources of an NF-e are kept already", extra={"order_id": order.order_id})
