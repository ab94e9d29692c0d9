"""
Tax the lines of a document as AvaTax does: by each authority of an address, rounded one by one. The rates are made up.

Called by   local/avalara/documents.py
Returns     lines and totals of a document
Raises      Refused for what cannot be taxed
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from comanda.domain.money import digits

UNTAXED = "NT"  # the code of goods that nobody taxes
FOOD = "PF050099"  # of which the city and the county take nothing
SHIPPING = "FR020100"
NOWHERE = "00000"  # a postal code that does not exist
CERTIFIED = "cus_exempt"  # a customer with a certificate

type Authority = tuple[str, str, str]  # its kind, the name of its tax, its rate

_RATES: dict[str, tuple[Authority, ...]] = {
    "US IL": (
        ("State", "IL STATE TAX", "0.0625"),
        ("County", "IL COUNTY TAX", "0.0175"),
        ("City", "IL CITY TAX", "0.0125"),
        ("Special", "IL SPECIAL TAX", "0.01"),
    ),
    "US TX": (("State", "TX STATE TAX", "0.0625"), ("City", "TX CITY TAX", "0.02")),
    "US NY": (
        ("State", "NY STATE TAX", "0.04"),
        ("City", "NY CITY TAX", "0.045"),
        ("Special", "NY SPECIAL", "0.00375"),
    ),
    "DE": (("Country", "Standard Rate", "0.19"),),
    "JP": (("Country", "Consumption Tax", "0.1"),),
    "BH": (("Country", "VAT", "0.1"),),
}
_LOCAL = ("County", "City", "Special")
_WANT_ALL = ("US", "CA")  # countries in which a region does not tell the tax


class Refused(Exception):
    """The document cannot be taxed, as AvaTax says it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def line(sent: Mapping[str, Any], address: Mapping[str, Any], currency: str, customer: str) -> dict[str, Any]:
    """Return a line with its taxes."""
    amount, places = Decimal(str(sent["amount"])), digits(currency)
    exempt = customer == CERTIFIED
    due = () if exempt or sent.get("taxCode") == UNTAXED else _due(address, sent.get("taxCode", ""))
    rate = sum((Decimal(one[2]) for one in due), Decimal(0))
    net = _rounded(amount / (1 + rate), places) if sent.get("taxIncluded") else amount
    details = [_detail(one, net, places, address) for one in due]
    calculated = sum((Decimal(str(one["tax"])) for one in details), Decimal(0))
    override = sent.get("taxOverride")
    tax = Decimal(str(override["taxAmount"])) if override else calculated
    untaxed = amount if not due else Decimal(0)
    return {
        "lineNumber": sent["number"],
        "quantity": sent.get("quantity", 1),
        "taxCode": sent.get("taxCode", "P0000000"),
        "taxIncluded": bool(sent.get("taxIncluded")),
        "lineAmount": float(amount - tax if sent.get("taxIncluded") else amount),
        "exemptAmount": float(amount if exempt else 0),
        "nonTaxableAmount": float(0 if exempt else untaxed),
        "taxableAmount": float(Decimal(0) if not due else net),
        "isItemTaxable": bool(due),
        "tax": float(tax),
        "taxCalculated": float(calculated),
        "details": details,
    }


def _due(address: Mapping[str, Any], code: str) -> tuple[Authority, ...]:
    country, region = address.get("country", ""), address.get("region", "")
    found = _RATES.get(f"{country} {region}") or _RATES.get(country)
    if address.get("postalCode") == NOWHERE or (country in _WANT_ALL and not address.get("postalCode")):
        raise Refused("InvalidAddress", "The address value was incomplete.")
    if found is None:
        raise Refused("JurisdictionNotFoundError", "Unable to determine the taxing jurisdictions.")
    return tuple(one for one in found if code != FOOD or one[0] not in _LOCAL)


def _detail(one: Authority, net: Decimal, places: int, address: Mapping[str, Any]) -> dict[str, Any]:
    kind, name, rate = one
    tax = _rounded(net * Decimal(rate), places)
    return {
        "country": address.get("country", ""),
        "region": address.get("region", ""),
        "jurisType": kind,
        "jurisName": name.upper(),
        "taxType": "Sales" if address.get("country") == "US" else "Output",
        "taxName": name,
        "rate": float(Decimal(rate)),
        "taxableAmount": float(net),
        "tax": float(tax),
        "taxCalculated": float(tax),
    }


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
