"""
Read what an NF-e must know of a product and of the company that sells it, from their entries in the directory. Pure.

Called by   comanda.domain.documents.nfe
Returns     frozen values; None for an entry that says nothing of NF-e
Raises      nothing
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from comanda.domain import check_digit
from comanda.domain.documents.nfe import registrations

SIMPLES = frozenset({1, 2})  # regimes (CRT) whose companies pay one tax for all: 2 above a limit; 4 is a person's own
_NO_GTIN = "SEM GTIN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """Hold what the tax law says of a product. `icms` is its CST, or for companies of the Simples its CSOSN."""

    ncm: str
    origin: int
    unit: str
    icms: str
    pis_cofins: str  # CST of both
    ibs_cbs_class: str  # cClassTrib, whose first three digits are the CST
    made: bool = False  # the seller made it; else it was bought to be sold
    cest: str = ""
    gtin: str = _NO_GTIN

    @property
    def tax_paid_before(self) -> bool:
        """Return True if the maker paid the ICMS of all sales that follow (substituição tributária)."""
        return self.icms in ("60", "500")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """The company that sells. Rates are decimal fractions. `series` says which series of the NF-e a series of ours is."""

    name: str
    cnpj: str
    state_registration: str
    regime: int  # CRT
    street: str
    number: str
    district: str
    city: str
    state: str
    postal_code: str
    complement: str = ""
    city_code: str = ""
    test: bool = False
    operation: str = "Venda de mercadoria"
    pis_rate: str = "0"
    cofins_rate: str = "0"
    ibs_state_rate: str | None = None  # None: that of the law for the year
    ibs_city_rate: str | None = None
    cbs_rate: str | None = None
    series: Mapping[str, int] = field(default_factory=dict)
    return_series: Mapping[str, int] = field(default_factory=dict)  # of the NF-e of credit notes
    payment_codes: Mapping[str, str] = field(default_factory=dict)
    cancel_hours: int = 24  # after its authorization an NF-e can be cancelled

    @property
    def simples(self) -> bool:
        return self.regime in SIMPLES


def goods(product: Mapping[str, Any]) -> Goods | None:
    """Return what the entry of a product says for NF-e."""
    said = product.get("nfe")
    if not said:
        return None
    found = {name: value for name, value in said.items() if value is not None}
    gtin = product.get("gtin") or ""
    return Goods(**found, gtin=gtin if check_digit.gtin_14(gtin) else _NO_GTIN)


def issuer(entity: Mapping[str, Any]) -> Issuer | None:
    """Return what the entry of a legal entity says for NF-e."""
    said = entity.get("nfe")
    if not said:
        return None
    found = {name: value for name, value in said.items() if value is not None}
    return Issuer(
        name=entity["name"],
        cnpj=registrations.plain(entity.get("tax_id") or ""),
        street=entity["line1"],
        complement=entity.get("line2") or "",
        city=entity["city"],
        state=entity.get("region") or "",
        postal_code=registrations.plain(entity.get("postal_code") or ""),
        **found,
    )
