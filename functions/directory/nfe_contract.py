"""
Define what products and legal entities say for the electronic invoices of Brazil (NF-e).

Called by   functions/directory; openapi
Returns     pydantic models
"""

from typing import Annotated

from pydantic import Field

from comanda.aws.api.contracts import Contract, Id, NamesOnce, TextOf, Title
from comanda.domain import text

type Rate = Annotated[str, TextOf(text.RATE)]
type InvoiceSeries = Annotated[str, TextOf(text.INVOICE_SERIES)]
type CodeOfPayment = Annotated[str, TextOf(text.PAYMENT_CODE)]


class NfeOfProduct(Contract):
    """The tax law's data of a product. `ncm` is its class of goods, `origin` 0 to 8 where it comes from. `icms` is its CST, or its
    CSOSN where the seller pays the Simples. `ibs_cbs_class` is its class of IBS and CBS, taxed in full or not at all. `made`: the
    seller made it."""

    ncm: Annotated[str, TextOf(text.NCM)]
    origin: Annotated[int, Field(ge=0, le=8)]
    unit: Annotated[str, TextOf(text.NFE_UNIT)]
    icms: Annotated[str, TextOf(text.ICMS_CODE)]
    pis_cofins: Annotated[str, TextOf(text.PIS_COFINS_CODE)]
    ibs_cbs_class: Annotated[str, TextOf(text.IBS_CBS_CLASS)]
    made: bool = False
    cest: Annotated[str, TextOf(text.CEST)] | None = None


class NfeOfEntity(Contract):
    """The NF-e's data of the company that sells. `series` has the series of the NF-e for the series of our invoices: the nodes
    that ship, with the `number_prefix`; `return_series` those of credit notes, which are others. `test`: its NF-e are tests, without a value for the tax office. `city_code` is IBGE's of its city, which is also found by name. `payment_codes` are those of payments by method. So many hours after its authorization an NF-e can be cancelled as `cancel_hours` say; null: 24."""

    state_registration: Annotated[str, TextOf(text.STATE_REGISTRATION)]
    regime: Annotated[int, Field(ge=1, le=3)]
    number: Title
    district: Title
    city_code: Annotated[str, TextOf(text.CITY_CODE)] | None = None
    test: bool = False
    operation: Title | None = None
    pis_rate: Rate | None = None
    cofins_rate: Rate | None = None
    ibs_state_rate: Rate | None = None
    ibs_city_rate: Rate | None = None
    cbs_rate: Rate | None = None
    series: Annotated[
        dict[InvoiceSeries, Annotated[int, Field(ge=0, le=889)]], Field(min_length=1, max_length=500), NamesOnce
    ]
    return_series: (
        Annotated[
            dict[InvoiceSeries, Annotated[int, Field(ge=0, le=889)]], Field(min_length=1, max_length=500), NamesOnce
        ]
        | None
    ) = None
    payment_codes: Annotated[dict[Id, CodeOfPayment], Field(max_length=20), NamesOnce] | None = None
    cancel_hours: Annotated[int, Field(ge=1, le=720)] | None = None
