"""
Name the reasons for which goods and charges are not taxed, as EN 16931 and the laws behind it tell them apart. Pure.

Called by   comanda.domain.documents, openapi; requests name the same values (`comanda/aws/api/sale_contracts.py`)
Returns     values; they are part of the API
"""

from enum import StrEnum


class ZeroRateReason(StrEnum):
    """Say why a rate is zero. Orders, drafts and tax tables have it as a text, "" where nothing says why."""

    ZERO_RATED = "ZERO_RATED"  # taxed, at a rate of zero
    EXEMPT = "EXEMPT"
    EXPORT = "EXPORT"  # goods leave the territory of the tax
    INTRA_COMMUNITY = "INTRA_COMMUNITY"  # to a business of another member of the EU, which taxes it there
    REVERSE_CHARGE = "REVERSE_CHARGE"  # the buyer pays the tax
