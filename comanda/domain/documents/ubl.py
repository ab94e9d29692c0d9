"""
Write a document of a sale as XML of UBL 2.1, as Peppol BIS Billing 3.0 and EN 16931 want it. Pure.

All prices are written without tax. A price of a line is that of all its units together, with their number as its base, because a
price of one unit may have no end of decimals. The tax of a rate is what was charged, which lines round by themselves.

Called by   functions/documents, after comanda.domain.documents.electronic_invoice found nothing missing
Returns     bytes: the same document is the same bytes
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any
from xml.etree import ElementTree as ET

from comanda.domain import money
from comanda.domain.documents import electronic_ids
from comanda.domain.documents.outside_scope import OUTSIDE, is_outside, marked
from comanda.domain.documents.sale_document import CREDIT_NOTE, INVOICE, SaleDocument, SaleLine
from comanda.domain.documents.tax_summary import (
    by_rate,
    charges_of,
    charges_rate,
    charges_reason,
    goods_less_discount,
    goods_lines,
)
from comanda.domain.money import tax_of
from comanda.domain.orders.zero_rates import ZeroRateReason

FORM = b"3"  # another number once the same document would be written otherwise: what is kept is then made anew
CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
_SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
_CBC, _CAC = f"{_SCHEMA}CommonBasicComponents-2", f"{_SCHEMA}CommonAggregateComponents-2"
# By the kind of document: its name in UBL, its type in UNTDID 1001, and what its lines count.
_KINDS = {INVOICE: ("Invoice", "380", "InvoicedQuantity"), CREDIT_NOTE: ("CreditNote", "381", "CreditedQuantity")}
_ONE = "C62"  # UN/ECE recommendation 20: orders count pieces
_STANDARD = "S"  # UNTDID 5305: taxed at the rate that is written with it
# By the reason of a zero rate: its category of UNTDID 5305, and its code of the list VATEX or its words.
_ZERO: Mapping[str, tuple[str, str, str]] = {
    ZeroRateReason.ZERO_RATED: ("Z", "", ""),
    ZeroRateReason.EXEMPT: ("E", "", "Exempt from tax"),
    ZeroRateReason.EXPORT: ("G", "VATEX-EU-G", "Export"),
    ZeroRateReason.INTRA_COMMUNITY: ("K", "VATEX-EU-IC", "Intra-Community supply"),
    ZeroRateReason.REVERSE_CHARGE: ("AE", "VATEX-EU-AE", "Reverse charge"),
    OUTSIDE: ("O", "VATEX-EU-O", "Not subject to VAT"),
}
_DISCOUNT = "95"  # UNTDID 5189
_CHARGES = "Charges"
_CREDITED = "Settled by credit note"  # the terms of what is not paid, and was credited
_ON_DELIVERY = "Payable on delivery"  # the terms of what is collected when the customer gets the goods
# What XML 1.0 cannot hold.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(document: SaleDocument, seller: Mapping[str, Any], buyer: Mapping[str, Any]) -> bytes:
    """Return the XML of a document. `seller` and `buyer` are those of its copy."""
    document = marked(document)
    name, type_code, _ = _KINDS[document.kind]
    root = ET.Element(f"{{{_SCHEMA}{name}-2}}{name}")
    _basic(root, "CustomizationID", CUSTOMIZATION)
    _basic(root, "ProfileID", PROFILE)
    _basic(root, "ID", document.number)
    _basic(root, "IssueDate", document.issued_on)
    if document.due_on:
        _basic(root, "DueDate", document.due_on)
    _basic(root, f"{name}TypeCode", type_code)
    _basic(root, "DocumentCurrencyCode", document.currency)
    _basic(root, "BuyerReference", buyer["buyer_reference"])
    if document.credits:
        of_invoice = _group(_group(root, "BillingReference"), "InvoiceDocumentReference")
        _basic(of_invoice, "ID", document.credits.number)
        _basic(of_invoice, "IssueDate", document.credits.issued_on)
    by_number = not is_outside(document)
    _party(_group(root, "AccountingSupplierParty"), seller, by_vat_number=by_number)
    _party(_group(root, "AccountingCustomerParty"), buyer, by_vat_number=by_number)
    if document.delivered_to:
        delivery = _group(root, "Delivery")
        _basic(delivery, "ActualDeliveryDate", document.issued_on)
        to = _group(_group(_group(delivery, "DeliveryLocation"), "Address"), "Country")
        _basic(to, "IdentificationCode", electronic_ids.country_in_xml(document.delivered_to))
    if document.payable > 0 and not document.due_on and not document.credits:
        _basic(_group(root, "PaymentTerms"), "Note", _ON_DELIVERY if document.at_hand_over else _CREDITED)
    _charges(root, document)
    _taxes(root, document)
    _totals(root, document)
    for number, line in enumerate(_lines(document), 1):
        _line(root, document, number, line)
    written: bytes = ET.tostring(_named(root), encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + written


def _named(root: ET.Element) -> ET.Element:
    """Return the document with the usual prefixes, without a change of what other documents of this process are written with."""
    names = {_CBC: "cbc", _CAC: "cac"}
    own, _, name = root.tag[1:].partition("}")
    for element in root.iter():
        space, _, local = element.tag[1:].partition("}")
        element.tag = f"{names[space]}:{local}" if space in names else local
    root.tag = name
    root.attrib = {"xmlns": own, **{f"xmlns:{prefix}": space for space, prefix in names.items()}}
    return root


def _basic(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, f"{{{_CBC}}}{name}", attributes).text = _NO_XML.sub("\ufffd", text)


def _group(parent: ET.Element, name: str) -> ET.Element:
    return ET.SubElement(parent, f"{{{_CAC}}}{name}")


def _amount(parent: ET.Element, name: str, minor: int, currency: str) -> None:
    _basic(parent, name, str(Decimal(minor).scaleb(-money.digits(currency))), currencyID=currency)


def _party(parent: ET.Element, facts: Mapping[str, Any], *, by_vat_number: bool) -> None:
    """Write a party. What is outside the scope of VAT is sold without the VAT numbers."""
    party = _group(parent, "Party")
    scheme, _, address = facts["electronic_address"].partition(":")
    _basic(party, "EndpointID", address, schemeID=scheme)
    tax_id = facts.get("tax_id") or ""
    vat = electronic_ids.is_vat_number(tax_id, facts["country"])
    if tax_id and not vat:  # a number of the tax office that is no VAT number
        _basic(_group(party, "PartyIdentification"), "ID", tax_id)
    place = _group(party, "PostalAddress")
    for name, part in (
        ("StreetName", "line1"),
        ("AdditionalStreetName", "line2"),
        ("CityName", "city"),
        ("PostalZone", "postal_code"),
        ("CountrySubentity", "region"),
    ):
        if facts.get(part):
            _basic(place, name, facts[part])
    _basic(_group(place, "Country"), "IdentificationCode", electronic_ids.country_in_xml(facts["country"]))
    if vat and by_vat_number:
        scheme_of_tax = _group(party, "PartyTaxScheme")
        _basic(scheme_of_tax, "CompanyID", tax_id)
        _basic(_group(scheme_of_tax, "TaxScheme"), "ID", "VAT")
    entity = _group(party, "PartyLegalEntity")
    _basic(entity, "RegistrationName", facts["name"])
    if facts.get("registration_id"):
        _basic(entity, "CompanyID", facts["registration_id"])


def _category(parent: ET.Element, name: str, rate: str, reason: str, *, why: bool = False) -> None:
    """Write the category of a tax. `why`: with the reason of a zero rate, which stands once for each category."""
    code, vatex, words = _ZERO.get(reason, (_STANDARD, "", ""))
    category = _group(parent, name)
    _basic(category, "ID", code)
    if reason != OUTSIDE:
        _basic(category, "Percent", f"{Decimal(rate) * 100:f}")
    if why and vatex:
        _basic(category, "TaxExemptionReasonCode", vatex)
    if why and words:
        _basic(category, "TaxExemptionReason", words)
    _basic(_group(category, "TaxScheme"), "ID", "VAT")


def _lines(document: SaleDocument) -> list[SaleLine]:
    """Return the lines of goods. A credit note of charges alone has none, so its charges are its one line."""
    if found := goods_lines(document):
        return found
    gross, tax = charges_of(document)
    charges = replace(document.lines[0], sku="", title=_CHARGES, goods=gross, discount=0, tax=tax, charges=0)
    return [replace(charges, charges_tax=0, rate=charges_rate(document), reason=charges_reason(document))]


def _net_charges(document: SaleDocument) -> int:
    gross, tax = charges_of(document)
    return gross - (tax if document.prices_include_tax else 0)


def _charges(root: ET.Element, document: SaleDocument) -> None:
    """Write the charges as one, because an invoice has its part of all of them together."""
    rate = charges_rate(document)
    if rate is None or not goods_lines(document):
        return
    charge = _group(root, "AllowanceCharge")
    _basic(charge, "ChargeIndicator", "true")
    _basic(charge, "AllowanceChargeReason", _CHARGES)
    _amount(charge, "Amount", _net_charges(document), document.currency)
    _category(charge, "TaxCategory", rate, charges_reason(document))


def _taxes(root: ET.Element, document: SaleDocument) -> None:
    total = _group(root, "TaxTotal")
    _amount(total, "TaxAmount", document.totals.tax, document.currency)
    for row in by_rate(document):
        part = _group(total, "TaxSubtotal")
        _amount(part, "TaxableAmount", row.net, document.currency)
        _amount(part, "TaxAmount", row.tax, document.currency)
        _category(part, "TaxCategory", row.rate or "0", row.reason, why=True)


def _totals(root: ET.Element, document: SaleDocument) -> None:
    found = _group(root, "LegalMonetaryTotal")
    for name, minor in _sums(document):
        _amount(found, name, minor, document.currency)


def _sums(document: SaleDocument) -> Iterator[tuple[str, int]]:
    total, tax = document.totals.total, document.totals.tax
    yield "LineExtensionAmount", sum(_net(line, document) for line in _lines(document))
    yield "TaxExclusiveAmount", total - tax
    yield "TaxInclusiveAmount", total
    yield "ChargeTotalAmount", _net_charges(document) if goods_lines(document) else 0
    yield "PrepaidAmount", total - document.payable
    yield "PayableAmount", document.payable


def _net(line: SaleLine, document: SaleDocument) -> int:
    """Return the price of a line less its discounts, without tax."""
    own_tax = line.tax - line.charges_tax
    return goods_less_discount(line) - (own_tax if document.prices_include_tax else 0)


def _line(root: ET.Element, document: SaleDocument, number: int, line: SaleLine) -> None:
    kind, _, counted = _KINDS[document.kind]
    net, rate, currency = _net(line, document), line.rate or "0", document.currency
    discount = min(line.discount, line.goods)
    if document.prices_include_tax:
        # A unit with a discount may cost a cent less than its tax, and no price is below 0.
        discount = max(discount - tax_of(discount, rate, included=True), -net)
    found = _group(root, f"{kind}Line")
    _basic(found, "ID", str(number))
    quantity = str(line.quantity or 1)  # an amount is credited without units
    _basic(found, counted, quantity, unitCode=_ONE)
    _amount(found, "LineExtensionAmount", net, currency)
    if discount:
        allowance = _group(found, "AllowanceCharge")
        _basic(allowance, "ChargeIndicator", "false")
        _basic(allowance, "AllowanceChargeReasonCode", _DISCOUNT)
        _basic(allowance, "AllowanceChargeReason", "Discount")
        _amount(allowance, "Amount", discount, currency)
    item = _group(found, "Item")
    _basic(item, "Name", line.title)
    if line.sku:
        _basic(_group(item, "SellersItemIdentification"), "ID", line.sku)
    _category(item, "ClassifiedTaxCategory", rate, line.reason)
    price = _group(found, "Price")
    _amount(price, "PriceAmount", net + discount, currency)
    _basic(price, "BaseQuantity", quantity, unitCode=_ONE)
