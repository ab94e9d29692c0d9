"""
Define legal entities: the companies that sell, as the law wants them on invoices.

Called by   functions/directory; openapi
Returns     pydantic models
"""

from typing import Annotated, Literal

from pydantic import Field

from comanda.aws.api.contracts import Contract, Country, TextOf, Title
from comanda.domain import text
from functions.directory.nfe_contract import NfeOfEntity


class LegalEntity(Contract):
    """A company that sells: the seller on the invoices of each channel that names it. `registration_id` is its number in the
    register of companies. `electronic_address` is where the network of electronic invoices (Peppol) finds it: without one there is
    no XML. `keep_invoices_years`: so many years after the year of an invoice its buyer's name, address and tax id
    are kept, whoever is erased meanwhile. `payment_days`: so many days after its day an invoice is to be paid, as far as it is not
    paid with its shipment. `breakage_days`: so many days after a gift card or store credit has expired, what is left of it is
    income; null: it stays owed. `number_prefix` begins the numbers of its invoices, so that it shares no series with another
    entity whose goods leave the same nodes; null: its numbers begin with the node. `invoice_when`: PACKED issues the invoice of new orders when their goods are packed, which may not leave without it, and with `nfe` not without an authorized NF-e; null: SHIPPED, when they have left. `nfe` is what its invoices in Brazil say beside; null: they have no NF-e."""

    name: Title
    tax_id: Annotated[str, TextOf(text.TAX_ID)] | None = None
    registration_id: Annotated[str, TextOf(text.TAX_ID)] | None = None
    line1: Title
    line2: Title | None = None
    city: Title
    region: Annotated[str, TextOf(text.REGION_NAME)] | None = None
    postal_code: Annotated[str, TextOf(text.POSTAL_CODE)] | None = None
    country: Country
    electronic_address: Annotated[str, TextOf(text.ELECTRONIC_ADDRESS)] | None = None
    keep_invoices_years: Annotated[int, Field(ge=1, le=30)]
    payment_days: Annotated[int, Field(ge=0, le=365)] | None = None
    nfe: NfeOfEntity | None = None
    number_prefix: Annotated[str, TextOf(text.ID.upto(16))] | None = None
    invoice_when: Literal["SHIPPED", "PACKED"] | None = None
    breakage_days: Annotated[int, Field(ge=0, le=36_500)] | None = None
