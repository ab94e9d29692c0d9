"""
Read the address of an NF-e's buyer: street, number and district, as Brazil has them and orders have not. Pure.

Called by   comanda.domain.documents.nfe
Returns     addresses; a problem for each part that is missing
Raises      nothing
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from comanda.domain.documents.nfe import registrations, states
from comanda.domain.errors import Problem

BRAZIL = "BR"
_NO_NUMBER = "S/N"
_NUMBER = re.compile(r"(?:\d{1,6}[A-Za-z]?|[Ss]/?[Nn])")
_POSTAL_CODE = re.compile("[0-9]{8}")
_CITY_CODE = re.compile("[0-9]{7}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """The buyer, at the address to which the goods go. `tax_id` is a plain CPF or CNPJ."""

    name: str
    tax_id: str
    street: str
    number: str
    complement: str
    district: str
    city: str
    city_code: str
    state: str
    postal_code: str


def recipient(buyer: Mapping[str, Any]) -> Recipient:
    """Return the buyer of an invoice's copy. The goods go to its `delivery`, else to its own address.

    The number of the house is what follows the last comma of the first line. The district is the attribute `district` of the
    order, else what follows the last dash of the second line.
    """
    place = buyer.get("delivery") or buyer
    street, comma, number = str(place.get("line1") or "").rpartition(",")
    if not comma or not _NUMBER.fullmatch(number.strip()):
        street, number = str(place.get("line1") or ""), _NO_NUMBER
    more = str(place.get("line2") or "")
    complement, dash, district = more.rpartition(" - ")
    if buyer.get("district"):
        complement, district = more, str(buyer["district"])
    elif not dash:
        complement, district = more, ""
    return Recipient(
        name=str(buyer.get("name") or ""),
        tax_id=registrations.plain(str(buyer.get("tax_id") or "")),
        street=street.strip(),
        number=number.strip(),
        complement=complement.strip(),
        district=district.strip(),
        city=str(place.get("city") or ""),
        city_code=str(buyer.get("city_code") or ""),
        state=str(place.get("region") or ""),
        postal_code=registrations.plain(str(place.get("postal_code") or "")),
    )


def problems(buyer: Mapping[str, Any], found: Recipient) -> Iterator[Problem]:
    """Yield what an NF-e lacks of its buyer."""
    country = (buyer.get("delivery") or buyer).get("country")
    if not country:
        yield _problem("country", "missing", "the contact of the order has no address")
        return
    if country != BRAZIL:
        yield _problem("country", "not-possible", "the goods leave Brazil: an NF-e of an export is not built")
        return
    if len(found.name) < 2:
        yield _problem("name", "missing", "the contact of the order has no name of the buyer, of two letters at least")
    if not registrations.is_of_a_buyer(found.tax_id):
        yield _problem("tax_id", "missing", "the customer's tax id is a CPF or a CNPJ with its check digits")
    if len(found.street) < 2:
        yield _problem("line1", "missing", "the contact of the order has no street")
    if len(found.district) < 2:
        message = "the district (bairro) is the order's attribute district, or follows a dash in the second line"
        yield _problem("district", "missing", message)
    if found.state not in states.CODES:
        yield _problem("region", "missing", "the address has no state of Brazil")
    if not _POSTAL_CODE.fullmatch(found.postal_code):
        yield _problem("postal_code", "missing", "a CEP has eight digits")
    if not is_city_code(found.city_code, found.state):
        message = f"no municipality of {found.state or 'the state'} has this name: send its code of IBGE as the order's attribute city_code"
        yield _problem("city_code", "missing", message)


def is_city_code(code: str, state: str) -> bool:
    """Return True for a code of IBGE that begins as those of the state do."""
    return bool(_CITY_CODE.fullmatch(code)) and code.startswith(states.CODES.get(state, "-"))


def _problem(name: str, code: str, message: str) -> Problem:
    return Problem(pointer=f"/buyer/{name}", code=code, message=message)
