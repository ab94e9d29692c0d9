"""
Lead the customer of a link to an invoice or a credit note as PDF, once the page of the link has asked for the postal code.

Called by   functions/documents/handler.py
Returns     the link to the document; the address of the page, if the link, the proof or the document does not open
"""

from datetime import datetime
from urllib.parse import quote

from comanda.aws.orders import order_links
from comanda.domain.errors import Forbidden, NotAllowed, NotFound
from comanda.domain.orders.order_link import MOST_LENGTH, Purpose
from functions.documents import sale_papers


def address(token: str, kind: str, number: str, proof: str, now: datetime) -> str:
    """Return where the browser goes. The page of the link says what is wrong with a link, and asks for the postal code again."""
    try:
        return _document(token, kind, number, proof, now)
    except (Forbidden, NotAllowed, NotFound):
        return f"../../{quote(token[:MOST_LENGTH], safe='', errors='replace')}"


def _document(token: str, kind: str, number: str, proof: str, now: datetime) -> str:
    opened = order_links.find(token, now)
    if not (number.isascii() and number.isdecimal() and opened.link.purposes & Purpose.CONTACT):
        raise NotFound(kind, number[:80])
    if not opened.is_paper_proof(proof, kind, int(number[:9]), now):
        raise NotFound(kind, number[:80])
    return sale_papers.link(opened.order, kind, int(number[:9]), sale_papers.PDF, now)
