"""
Find the PDF, the XML or the NF-e of an invoice or a credit note, or make it.

The buyer is that of the copy which is kept with the invoice (`comanda.aws.customers.legal_copies`), so the document stays the same
when the customer moves; a credit note has the seller and the buyer of its invoice. An invoice without a copy, because its channel
named no legal entity then, has the buyer of the order's contact. Seller and buyer of an authorised NF-e are kept with the copy.

Called by   functions/documents/handler.py, functions/documents/customer_papers.py
Returns     a link that holds for a minute
Raises      NotFound; NotAllowed for an invoice without a seller or a number; Forbidden, NoDocument after the customer was erased;
            Incomplete for what XML wants and no data have
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from comanda.aws.customers import customers, legal_copies
from comanda.aws.directory import directory, legal_entities
from comanda.aws.orders import credit_notes, invoices, order_links
from comanda.aws.runtime import formats
from comanda.domain.billing import nfe_results
from comanda.domain.documents import invoice_document, sale_document
from comanda.domain.documents.invoice_document import Letterhead
from comanda.domain.documents.legal_copy import buyer
from comanda.domain.documents.nfe import on_paper
from comanda.domain.documents.nfe.on_paper import PaperNfe
from comanda.domain.documents.sale_document import SaleDocument
from comanda.domain.errors import Forbidden, NotAllowed
from comanda.domain.labels import labels
from comanda.domain.orders import standing_invoices
from comanda.domain.orders.order import Order
from functions.documents import kept

PDF, XML, NFE = "pdf", "xml", "nfe"
_TEMPLATE = "invoice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """The seller and the buyer of an invoice. `source` names where the buyer is from. `erased`: the customer was erased."""

    seller: dict[str, Any]
    buyer: dict[str, Any]
    source: str
    erased: bool


def link(order: Order, kind: str, number: int, form: str, now: datetime, *, finance: bool = False) -> str:
    """Return a link to an invoice or a credit note of the order as `pdf` or `xml`. `number` is its number within the order.
    `finance`: a person of that desk asks."""
    if kind == sale_document.CREDIT_NOTE:
        note = credit_notes.view(order.order_id, number)
        invoice = credit_notes.invoice_of(order, number)
        document = sale_document.of_credit_note(order, note, invoices.view(order.order_id, invoice))
    else:
        invoice, shown = number, invoices.view(order.order_id, number)
        document = sale_document.of_invoice(order, shown, number, invoices.total_before(order, number))
    parties = _parties(order, document, invoice, now, finance=finance)
    if form == NFE:
        from functions.documents import nfe_papers

        return nfe_papers.link(order, document, invoice, number if kind == sale_document.CREDIT_NOTE else 0, now)
    if form == XML:
        return _xml(order, document, parties, now)
    credit_note = number if kind == sale_document.CREDIT_NOTE else 0
    return _pdf(order, document, parties, on_paper.of_document(order, invoice, credit_note), now)


def _pdf(order: Order, document: SaleDocument, parties: Parties, nfe: PaperNfe | None, now: datetime) -> str:
    channel = directory.find(directory.CHANNEL, order.channel) or {}
    head = Letterhead(
        brand=str(channel.get("name") or order.channel),
        locale=formats.chosen(order.locale, channel.get("locales") or ()),
        nfe=nfe,
        voided=document.document_id in standing_invoices.voided(order),
    )
    wanted = kept.Wanted(
        order_id=order.order_id,
        name=f"{document.kind}-{PDF}",
        digest=invoice_document.digest(document, head, parties.seller, parties.source, kept.template(_TEMPLATE)),
        file_name=f"{document.kind}-{document.document_id}.pdf",
    )
    return kept.link(wanted, lambda: _made(document, head, parties, order, now), now)


def _xml(order: Order, document: SaleDocument, parties: Parties, now: datetime) -> str:
    from comanda.domain.documents import electronic_invoice, ubl

    if document.document_id in standing_invoices.voided(order):
        raise NotAllowed(f"{document.document_id} is voided: no buyer gets it as XML")
    if missing := electronic_invoice.problems(document, parties.seller, parties.buyer):
        raise kept.Incomplete(document.document_id, missing)
    head = Letterhead(brand="", locale="")  # neither is written
    wanted = kept.Wanted(
        order_id=order.order_id,
        name=f"{document.kind}-{XML}",
        digest=invoice_document.digest(document, head, parties.seller, parties.source, ubl.FORM),
        file_name=f"{document.kind}-{document.document_id}.xml",
        media_type="application/xml",
    )
    return kept.link(wanted, lambda: ubl.write(document, parties.seller, parties.buyer), now)


def _parties(order: Order, document: SaleDocument, invoice: int, now: datetime, *, finance: bool) -> Parties:
    """Return the seller and the buyer of an invoice: those of its NF-e once it is authorised, which the buyer's tax id may have come
    to later. After an erasure people of finance alone see the buyer."""
    contact = customers.find(order.order_id, order.contact)
    if contact is None and not finance:
        raise Forbidden("the customer was erased: people of the desk finance alone open this document")
    copy, source = legal_copies.find(order.order_id, invoice, now), "copy"
    if copy is None:
        seller = legal_entities.seller(order.channel)
        if contact is None:
            raise kept.NoDocument(
                document.document_id, "the customer was erased, and the law keeps no copy of the buyer"
            )
        if seller is None:
            message = f"{document.document_id} has no seller: channel {order.channel} names no legal entity"
            raise NotAllowed(message)
        copy, source = {"seller": seller, "buyer": buyer(contact)}, f"contact {order.contact}"
    elif nfe_results.known_key(order, invoice) and (told := legal_copies.of_nfe(order.order_id, invoice, now)):
        copy, source = {"seller": told["seller"], "buyer": told["buyer"]}, "authorized"
    return Parties(**copy, source=source + (", erased" if contact is None else ""), erased=contact is None)


def _made(document: SaleDocument, head: Letterhead, parties: Parties, order: Order, now: datetime) -> bytes:
    from functions.documents import press

    countries = press.countries(labels.supported(head.locale))
    content = invoice_document.content(
        document, head, parties.seller, parties.buyer, formats.of_locale(head.locale), countries
    )
    # The link of an erased customer opens nothing.
    code = None if parties.erased else press.qr_code(order_links.address(order.order_id, now))
    bars = press.code_128(head.nfe.key) if head.nfe else None
    return press.pdf(_TEMPLATE, {**content, "code": code, "bars": bars})
