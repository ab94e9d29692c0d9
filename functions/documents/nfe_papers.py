"""
Find the NF-e of an invoice of Brazil, or of the goods that a credit note takes back, or make it.

Called by   functions/documents/sale_papers.py
Returns     a link that holds for a minute. The sources of an NF-e that was authorised before they were kept are kept by it
Raises      Incomplete for what an NF-e wants and no data have
"""

import json
from datetime import datetime
from functools import partial

from comanda.aws.customers import nfe_sources
from comanda.aws.directory import directory, legal_entities
from comanda.aws.geography import municipalities, regions
from comanda.domain.billing import nfe_results
from comanda.domain.documents import invoice_document
from comanda.domain.documents.invoice_document import Letterhead
from comanda.domain.documents.nfe import layout, of_order
from comanda.domain.documents.nfe.gather import gather
from comanda.domain.documents.nfe.of_order import NAME, Places
from comanda.domain.documents.nfe.parties import BRAZIL
from comanda.domain.documents.sale_document import SaleDocument
from comanda.domain.orders.order import Order
from functions.documents import kept
from functions.documents.kept import Incomplete

_NO_HEAD = Letterhead(brand="", locale="")  # neither is written


def link(order: Order, document: SaleDocument, number: int, credit_note: int, now: datetime) -> str:
    """Return a link to the NF-e of the invoice with this number within the order, or of a credit note of it; 0: of the invoice."""
    found = nfe_sources.find(
        order,
        number,
        now,
        seller=partial(legal_entities.of_invoice, order.channel),
        products=directory.entries(directory.PRODUCT, {line.sku for line in document.lines}),
    )
    seller = found.seller
    if credit_note:
        today, told = (
            legal_entities.of_invoice(order.channel, seller),
            nfe_results.known_key(order, number, credit_note),
        )
        seller = of_order.of_return(seller, today, of_order.parts_of(document.number)[0], told)
    places = Places(state=regions.load(BRAZIL).code, city=municipalities.code)
    made, lacks = gather(of_order.sale(order, document, number, seller, found.buyer, found.products, places))
    if made is None:
        raise Incomplete(document.document_id, lacks)
    nfe_sources.keep(order, number, found)
    law = json.dumps([found.products[line.sku] for line in document.lines], sort_keys=True).encode()
    if credit_note:
        law += nfe_results.key_of_sale(order, number).encode()
    wanted = kept.Wanted(
        order_id=order.order_id,
        name=NAME,
        digest=invoice_document.digest(document, _NO_HEAD, seller, found.source, layout.FORM + law),
        file_name=f"{made.key.text}-nfe.xml",
        media_type="application/xml",
    )
    return kept.link(wanted, lambda: layout.write(made), now)
