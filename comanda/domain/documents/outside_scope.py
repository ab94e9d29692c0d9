"""
Mark what is no sale yet for the law of the tax: gift cards are taxed when they are spent. Pure.

Called by   comanda.domain.documents.invoice_document, .electronic_invoice and .ubl
Returns     documents whose lines of gift cards say why they are not taxed
"""

from dataclasses import replace

from comanda.domain.documents.sale_document import SaleDocument

OUTSIDE = "OUTSIDE_SCOPE"  # stands for a reason of a zero rate, on documents alone


def marked(document: SaleDocument) -> SaleDocument:
    """Return the document with its lines of gift cards marked, where nothing else says why they have no tax."""
    lines = tuple(
        replace(line, reason=OUTSIDE) if line.gift_card and line.rate == "0" and not line.reason else line
        for line in document.lines
    )
    return replace(document, lines=lines)


def is_outside(document: SaleDocument) -> bool:
    """Return True if a line of a marked document is outside the scope of the tax."""
    return any(line.reason == OUTSIDE for line in document.lines)
