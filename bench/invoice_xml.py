"""
Print the CPU milliseconds of the first invoice as XML with its imports, of the next one, and of a long one, as JSON.

Called by   bench/documents.py, in a fresh interpreter: `python -m bench.invoice_xml 10 1000`
"""

import sys
from typing import Any

import functions.documents.handler  # noqa: F401  the room has been started, and has read the order
from bench.invoice_paper import BUYER, SELLER, document
from bench.slip import measure

_OF_SELLER = {**SELLER, "tax_id": "PT501964843", "country": "PT", "electronic_address": "0088:4012345000009"}
_OF_BUYER = {**BUYER, "buyer_reference": "PO-7", "electronic_address": "0088:4006381333931"}


def xml(given: Any) -> bytes:
    """Check the invoice and write it, as the room does."""
    from comanda.domain.documents import electronic_invoice, ubl

    assert electronic_invoice.problems(given, _OF_SELLER, _OF_BUYER) == []
    return ubl.write(given, _OF_SELLER, _OF_BUYER)


if __name__ == "__main__":
    measure(document, xml, int(sys.argv[1]), int(sys.argv[2]), begins=b"<?xml")
