"""
Check that an invoice has what EN 16931 and Peppol want of it, before it is written as XML. Pure.

What is missing is named, and nothing is invented: a rate without a category, terms of payment, an address of a network.

Called by   functions/documents, before comanda.domain.documents.ubl
Returns     problems by the place of what is missing
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from comanda.domain import money
from comanda.domain.documents import electronic_ids
from comanda.domain.documents.outside_scope import OUTSIDE, is_outside, marked
from comanda.domain.documents.sale_document import SaleDocument
from comanda.domain.documents.tax_summary import RateSum, by_rate, charges_of
from comanda.domain.errors import Problem
from comanda.domain.orders.zero_rates import ZeroRateReason

# The countries for whose sellers Peppol has rules of their own, which want data that nothing here has.
_NATIONAL = frozenset({"DE", "DK", "GR", "IS", "IT", "NL", "NO", "SE"})
# BR-CO-17 rounds a rate to whole percents before it asks whether it is 0.
_LEAST_RATE = Decimal("0.005")


def problems(document: SaleDocument, seller: Mapping[str, Any], buyer: Mapping[str, Any]) -> list[Problem]:
    """Return what keeps the document from being an electronic invoice. An empty list: it can be written."""
    document = marked(document)
    return [
        *_of_seller(seller),
        *_of_buyer(buyer),
        *_of_money(document),
        *_of_taxes(document),
        *_of_reasons(document, buyer),
        *_of_scope(document, seller),
    ]


def _missing(pointer: str, message: str) -> Problem:
    return Problem(pointer=pointer, code="missing", message=message)


def _refused(pointer: str, message: str) -> Problem:
    return Problem(pointer=pointer, code="not-possible", message=message)


def _of_seller(seller: Mapping[str, Any]) -> Iterator[Problem]:
    number, countries = seller.get("tax_id") or "", {seller["country"]}
    if electronic_ids.is_vat_number(number, seller["country"]):
        countries.add(electronic_ids.country_of(number))
    else:
        yield _missing("/seller/tax_id", "the legal entity's VAT number begins with its country, as in PT501964843")
    if not seller.get("electronic_address"):
        yield _missing("/seller/electronic_address", "the legal entity has no address in the network of invoices")
    elif problem := electronic_ids.problem_of_address(seller["electronic_address"], "/seller/electronic_address"):
        yield problem
    if national := sorted(countries & _NATIONAL):
        message = f"sellers of {national[0]} have further rules in Peppol, which are not built"
        yield _refused("/seller/country", message)


def _of_buyer(buyer: Mapping[str, Any]) -> Iterator[Problem]:
    for name in ("name", "country"):
        if not buyer.get(name):
            yield _missing(f"/buyer/{name}", f"the contact of the order has no {name} of the buyer")
    for name, says in (
        ("buyer_reference", "the reference by which the buyer knows what was bought"),
        ("electronic_address", "the buyer's address in the network of invoices"),
    ):
        if not buyer.get(name):
            yield _missing(f"/buyer/{name}", f"the order's attributes have no {name}: {says}")
    if address := buyer.get("electronic_address"):
        problem = electronic_ids.problem_of_address(address, "/buyer/electronic_address")
        yield from (problem,) if problem else ()


def _of_money(document: SaleDocument) -> Iterator[Problem]:
    if money.digits(document.currency) > 2:
        message = f"amounts of EN 16931 have up to two decimals, those of {document.currency} have more"
        yield _refused("/currency", message)
    if document.due > document.at_hand_over and not document.due_on:
        yield _missing("/payment_terms", "a part is still to be paid, and no terms say until when")
    if charges_of(document)[0] < 0:
        yield _refused("/totals/discounts", "the discounts exceed goods and charges")


def _of_taxes(document: SaleDocument) -> Iterator[Problem]:
    for i, line in enumerate(document.lines):
        if line.rate is None:
            yield _missing(f"/lines/{i}/tax_rate", f"the tax of line {line.line_id} came without a rate")
        elif line.rate == "0" and not line.reason:
            message = f"line {line.line_id} has no tax, and no data say why: zero rate, exemption or export"
            yield _missing(f"/lines/{i}/tax_category", message)
    for row in by_rate(document):
        if row.rate is None and all(line.rate is not None for line in document.lines):
            yield _missing("/charges/tax_rate", "no rate of a tax table or of the goods makes the tax of the charges")
        elif (
            row.rate == "0"
            and not row.reason
            and row.net > 0
            and all(line.rate != "0" or line.reason for line in document.lines)
        ):
            yield _missing("/charges/tax_category", "the charges have no tax, and no data say why")
        elif row.rate is not None and not _fits(row, document.currency):
            message = f"a tax of {row.tax} minor units is not {Decimal(row.rate) * 100:f} % of {row.net}"
            yield _refused("/totals/tax", message)
        elif row.rate is not None and row.tax and Decimal(row.rate) < _LEAST_RATE:
            message = f"the rules of EN 16931 take a rate of {Decimal(row.rate) * 100:f} % for none"
            yield _refused("/totals/tax", message)


def _of_reasons(document: SaleDocument, buyer: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what a reason of a zero rate wants: the buyer who pays the tax, and the country to which the goods went."""
    reasons = {row.reason for row in by_rate(document)}
    taxed_there = reasons & {ZeroRateReason.INTRA_COMMUNITY, ZeroRateReason.REVERSE_CHARGE}
    if taxed_there and not electronic_ids.is_vat_number(buyer.get("tax_id") or "", buyer.get("country") or ""):
        yield _missing("/buyer/tax_id", "the buyer's VAT number, who pays the tax, begins with its country")
    if ZeroRateReason.INTRA_COMMUNITY in reasons and not document.delivered_to:
        yield _missing("/delivered_to", "no one country is known to which all of it was sent")


def _of_scope(document: SaleDocument, seller: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what gift cards want, which are outside the scope of the tax: nothing taxed stands beside them, and no VAT number."""
    if not is_outside(document):
        return
    rows = by_rate(document)
    if any(row.reason != OUTSIDE for row in rows if row.net or row.tax):
        message = "gift cards are outside the scope of the tax, and EN 16931 takes nothing else on their invoice"
        yield _refused("/lines", message)
    if not seller.get("registration_id"):
        yield _missing(
            "/seller/registration_id", "the legal entity has no number of a register: gift cards name no VAT number"
        )


def _fits(row: RateSum, currency: str) -> bool:
    """Return True if the tax is that of the rate, to the one unit of money that EN 16931 allows for rounded lines."""
    one = 10 ** money.digits(currency)
    return bool(abs(Decimal(row.net) * Decimal(row.rate or 0) - row.tax) < one)
