"""
Find the NF-e of an invoice of Brazil, or make it.

Called by   functions/documents/sale_papers.py
Returns     a link that holds for a minute
Raises      Incomplete for what an NF-e wants and no data have
"""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.directory import directory
from comanda.aws.geography import municipalities, regions
from comanda.domain.billing import document_numbers
from comanda.domain.documents import invoice_document
from comanda.domain.documents.invoice_document import Letterhead
from comanda.domain.documents.legal_copy import ADDRESS
from comanda.domain.documents.nfe import layout
from comanda.domain.documents.nfe.gather import Sale, gather
from comanda.domain.documents.sale_document import SaleDocument
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from functions.documents import kept
from functions.documents.kept import Incomplete

NAME = "nfe"
_NO_HEAD = Letterhead(brand="", locale="")  # neither is written


def link(
    order: Order,
    document: SaleDocument,
    number: int,
    parties: tuple[Mapping[str, Any], Mapping[str, Any], str],
    now: datetime,
) -> str:
    """Return a link to the NF-e of the invoice with this number within the order. `parties` are the seller, the buyer, and where
    the buyer is from."""
    entity, buyer, source = parties
    products = directory.entries(directory.PRODUCT, {line.sku for line in document.lines})
    made, lacks = gather(_sale(order, document, number, entity, buyer, products))
    if made is None:
        raise Incomplete(document.document_id, lacks)
    law = json.dumps(
        [[products[line.sku].get(name) for name in (NAME, "gtin")] for line in document.lines], sort_keys=True
    ).encode()
    wanted = kept.Wanted(
        order_id=order.order_id,
        name=NAME,
        digest=invoice_document.digest(document, _NO_HEAD, entity, source, layout.FORM + law),
        file_name=f"{made.key.text}-nfe.xml",
        media_type="application/xml",
    )
    return kept.link(wanted, lambda: layout.write(made), now)


def _sale(
    order: Order,
    document: SaleDocument,
    number: int,
    entity: Mapping[str, Any],
    buyer: Mapping[str, Any],
    products: Mapping[str, Mapping[str, Any]],
) -> Sale:
    series, _, serial = document.number.rpartition("-")
    node = document_numbers.place_of(series)  # the entity says its series of NF-e by nodes
    return Sale(
        document=document,
        entity=_with_city_code(entity),
        buyer=_at_its_city(buyer),
        products=products,
        series=node,
        serial=int(serial),
        picked_up=any(one.invoice == number and one.method == PICKUP for one in order.fulfillments),
    )


def _with_city_code(entity: Mapping[str, Any]) -> dict[str, Any]:
    """Return a legal entity with the code of its city, by name where it says none."""
    said = entity.get(NAME)
    if not said or said.get("city_code"):
        return dict(entity)
    found = municipalities.code(entity.get("region") or "", entity["city"])
    return {**entity, NAME: {**said, "city_code": found}}


def _at_its_city(buyer: Mapping[str, Any]) -> dict[str, Any]:
    """Return a buyer whose address has the code of its state and of its city."""
    place = dict(buyer.get("delivery") or {name: buyer.get(name) for name in ADDRESS})
    known = regions.load(place["country"]) if place.get("country") else None
    place["region"] = (known.code(place.get("region") or "") if known else None) or ""
    code = buyer.get("city_code") or municipalities.code(place["region"], place.get("city") or "")
    return {**buyer, "delivery": place, "city_code": code}
