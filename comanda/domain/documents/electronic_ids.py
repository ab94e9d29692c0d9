"""
Say which VAT numbers and electronic addresses the rules of EN 16931 and Peppol take. Pure.

Called by   comanda.domain.documents.electronic_invoice and .ubl; functions/directory, intake and drafts, at their doors
Returns     problems; codes of countries as XML has them

Sources     CEF code list EAS as Peppol takes it; BR-CO-09, BR-CL-14, PEPPOL-COMMON-R040 to R057 and PEPPOL-EN16931-CL008
"""

import re
from collections.abc import Callable, Iterator, Mapping

from comanda.domain import check_digit
from comanda.domain.errors import Problem
from comanda.domain.geography import countries
from comanda.domain.text import ELECTRONIC_ADDRESS

ATTRIBUTE = "electronic_address"  # of the order, by which the channel says where the buyer gets invoices

# The schemes of addresses that Peppol has.
SCHEMES = frozenset(
    [
        "0002",
        "0007",
        "0009",
        "0060",
        "0088",
        "0096",
        "0097",
        "0106",
        "0130",
        "0135",
        "0142",
        "0151",
        "0158",
        "0183",
        "0184",
        "0188",
        "0190",
        "0191",
        "0192",
        "0195",
        "0196",
        "0198",
        "0199",
        "0200",
        "0201",
        "0204",
        "0208",
        "0209",
        "0210",
        "0211",
        "0216",
        "0218",
        "0221",
        "0225",
        "0230",
        "0235",
        "0240",
        "0242",
        "0244",
        "0245",
        "0246",
        "0248",
        "9910",
        "9913",
        "9914",
        "9915",
        "9918",
        "9919",
        "9920",
        "9922",
        "9923",
        "9924",
        "9925",
        "9926",
        "9927",
        "9928",
        "9929",
        "9930",
        "9931",
        "9932",
        "9933",
        "9934",
        "9935",
        "9936",
        "9937",
        "9938",
        "9939",
        "9940",
        "9941",
        "9942",
        "9943",
        "9944",
        "9945",
        "9946",
        "9947",
        "9948",
        "9949",
        "9950",
        "9951",
        "9952",
        "9953",
        "9957",
        "9959",
    ]
)
_EU = frozenset(
    [
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "EL",
        "ES",
        "FI",
        "FR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
        "XI",
    ]
)
# The prefixes of countries whose numbers do not begin with their code.
_OTHER_PREFIXES: Mapping[str, str] = {"GR": "EL", "MC": "FR", "IM": "GB", "XK": "1A"}
_VAT_NUMBER = re.compile("[A-Z]{2}[0-9A-Z+*]{2,13}")
_DUTCH = re.compile("NL[0-9]{9}B[0-9]{2}")
_IN_XML: Mapping[str, str] = {"XK": "1A"}  # Kosovo, which ISO 3166-1 does not list


def is_vat_number(number: str, country: str) -> bool:
    """Return True for a VAT number of the country itself, or of a member of the EU, where companies of elsewhere register."""
    prefix = number[:2]
    if not _VAT_NUMBER.fullmatch(number) or (prefix == "NL" and not _DUTCH.fullmatch(number)):
        return False
    return prefix in _EU or (prefix in countries.CODES and prefix == _OTHER_PREFIXES.get(country, country))


def country_of(vat_number: str) -> str:
    """Return the country that gave a VAT number."""
    return "GR" if vat_number.startswith("EL") else vat_number[:2]


def country_in_xml(country: str) -> str:
    return _IN_XML.get(country, country)


def problem_of_address(address: str, pointer: str) -> Problem | None:
    """Return why the network of invoices has no such address, None for one that it may have."""
    if not ELECTRONIC_ADDRESS.fits(address):
        return Problem(pointer=pointer, code="malformed", message=f"takes {ELECTRONIC_ADDRESS.says}")
    scheme, _, number = address.partition(":")
    if scheme not in SCHEMES:
        message = (
            f"the network of electronic invoices has no scheme {scheme}: 0088 is a GLN, 9946 a VAT number of Portugal"
        )
        return Problem(pointer=pointer, code="unknown-scheme", message=message)
    says, fits = _NUMBERS.get(scheme, ("", None))
    if fits is not None and not fits(number):
        return Problem(pointer=pointer, code="malformed", message=f"of scheme {scheme} is {says}")
    return None


def problems_of_attributes(attributes: Mapping[str, str]) -> Iterator[Problem]:
    """Yield a problem for attributes of a sale that name an address which the network of invoices has not."""
    address = attributes.get(ATTRIBUTE)
    found = problem_of_address(address, f"/attributes/{ATTRIBUTE}") if address else None
    yield from (found,) if found else ()


def _digits(number: str, least: int, most: int) -> bool:
    return number.isascii() and number.isdigit() and least <= len(number) <= most


def _gln(number: str) -> bool:
    return _digits(number, 13, 13) and check_digit.is_right(number)


def _norwegian(number: str) -> bool:
    if not _digits(number, 9, 9):
        return False
    return sum(int(digit) * weight for digit, weight in zip(number, (3, 2, 7, 6, 5, 4, 3, 2, 1), strict=True)) % 11 == 0


def _belgian(number: str) -> bool:
    return _digits(number, 10, 10) and int(number[8:]) == 97 - int(number[:8]) % 97


def _luhn(number: str) -> bool:
    doubled = (int(digit) * (2 if i % 2 else 1) for i, digit in enumerate(reversed(number)))
    return sum(n // 10 + n % 10 for n in doubled) % 10 == 0


def _swedish(number: str) -> bool:
    return _digits(number, 10, 10) and _luhn(number)


def _australian(number: str) -> bool:
    if not _digits(number, 11, 11):
        return False
    weights = (10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)
    return sum((int(digit) - (i == 0)) * weights[i] for i, digit in enumerate(number)) % 89 == 0


def _italian_vat(number: str) -> bool:
    return number.startswith("IT") and _digits(number[2:], 11, 11) and _luhn(number[2:])


def _like(form: str) -> Callable[[str], bool]:
    return lambda number: re.fullmatch(form, number) is not None


_ITALIAN_TAX_CODE = r"[0-9]{11}|[A-Za-z]{6}[0-9]{2}[A-Za-z][0-9]{2}[A-Za-z][0-9]{3}[A-Za-z]"
# What the numbers of a scheme are, where the network checks them.
_NUMBERS: Mapping[str, tuple[str, Callable[[str], bool]]] = {
    "0007": ("a Swedish number of ten digits with its check digit", _swedish),
    "0088": ("a GLN of 13 digits with its check digit", _gln),
    "0096": ("a Danish P number of ten digits", _like("[0-9]{10}")),
    "0106": ("a Dutch KvK number of eight digits", _like("[0-9]{8}")),
    "0151": ("an Australian number of eleven digits with its check digits", _australian),
    "0184": ("a Danish CVR number of eight digits, with or without DK", _like("(?:DK)?[0-9]{8}")),
    "0190": ("a Dutch OIN of twenty digits", _like("[0-9]{20}")),
    "0192": ("a Norwegian number of nine digits with its check digit", _norwegian),
    "0198": ("a Danish SE number: DK and eight digits", _like("DK[0-9]{8}")),
    "0201": ("an Italian code of six letters and digits", _like("[A-Za-z0-9]{6}")),
    "0208": ("a Belgian number of ten digits with its check digits", _belgian),
    "0210": ("an Italian tax code of 11 digits or 16 characters", _like(_ITALIAN_TAX_CODE)),
    "0211": ("an Italian VAT number: IT and eleven digits with their check digit", _italian_vat),
    "9944": ("a Dutch VAT number, as in NL123456789B01", _like(_DUTCH.pattern)),
}
