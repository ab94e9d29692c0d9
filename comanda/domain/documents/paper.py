"""
Say on what paper a document is printed. Pure.

Called by   comanda.domain.documents.packing_slip, comanda.domain.documents.invoice_document
Returns     names of papers, as typst has them
"""

# The countries whose printers hold sheets of 8.5 x 11 inches (CLDR, paperSize US-Letter); all others print on A4.
_LETTER = frozenset(["BZ", "CA", "CL", "CO", "CR", "GT", "MX", "NI", "PA", "PH", "PR", "SV", "US", "VE"])


def paper(country: str | None) -> str:
    """Return the paper of a country's printers."""
    return "us-letter" if country in _LETTER else "a4"
