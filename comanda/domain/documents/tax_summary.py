"""
Add up the net amounts and the taxes of a document by their rates. Pure.

Called by   comanda.domain.documents.invoice_document
Returns     a row for each rate; all rows together are the document's total

A charge comes with an amount of tax, and only that of a tax table with a rate. The charges have the one rate, of a table or of goods
on the document, that makes their tax to the rounding of each line; else their row has no rate.
Charges that a credit note takes back have the rate of their invoice, because that may be of goods that stay with the customer.
"""

from dataclasses import dataclass, replace
from decimal import Decimal

from comanda.domain.documents.sale_document import SaleDocument, SaleLine
from comanda.domain.money import tax_of


@dataclass(frozen=True, slots=True, kw_only=True)
class RateSum:
    """Hold what is taxed by one rate. `rate` is a decimal fraction; None: amounts whose tax came without a rate. `reason` is why a
    rate of 0 is 0."""

    rate: str | None
    reason: str = ""
    net: int  # without tax, less discounts
    tax: int


def by_rate(document: SaleDocument) -> tuple[RateSum, ...]:
    """Return the sums of goods and charges by rate and reason, the highest rate first and amounts without a rate last."""
    sums: dict[tuple[str | None, str], tuple[int, int]] = {}

    def add(rate: str | None, reason: str, gross: int, tax: int) -> None:
        net = gross - (tax if document.prices_include_tax else 0)
        before = sums.get((rate, reason), (0, 0))
        sums[rate, reason] = before[0] + net, before[1] + tax

    for line in goods_lines(document):
        add(line.rate, line.reason, goods_less_discount(line), line.tax - line.charges_tax)
    gross, tax = charges_of(document)
    if gross or tax:
        add(charges_rate(document), charges_reason(document), gross, tax)
    rows = [RateSum(rate=rate, reason=reason, net=net, tax=tax) for (rate, reason), (net, tax) in sums.items()]
    return tuple(sorted(rows, key=lambda row: Decimal(-1 if row.rate is None else row.rate), reverse=True))


def goods_lines(document: SaleDocument) -> list[SaleLine]:
    """Return the lines with goods: a credit note may take back charges of a line alone."""
    return [
        line for line in document.lines if line.quantity or goods_less_discount(line) or line.tax > line.charges_tax
    ]


def goods_less_discount(line: SaleLine) -> int:
    """Return the price of the line's goods less its discounts. Discounts beyond the goods are of the charges."""
    return max(line.goods - line.discount, 0)


def charges_of(document: SaleDocument) -> tuple[int, int]:
    """Return the charges of a document, less the discounts that exceed the goods, and their tax."""
    gross = sum(line.charges + min(line.goods - line.discount, 0) for line in document.lines)
    return gross, sum(line.charges_tax for line in document.lines)


def charges_rate(document: SaleDocument) -> str | None:
    """Return the one rate of charges or goods, or 0, that makes the tax of the charges. None: none does, or several do.

    A part of taxed charges may be so small that its tax is rounded to nothing: it keeps the rate, unless something says why
    charges or goods are not taxed.
    """
    gross, tax = charges_of(document)
    of_invoice = charges_rate(_invoice_of(document)) if document.invoice_lines and (gross or tax) else None
    if of_invoice is not None:
        return of_invoice
    slack = len(document.lines)  # each line's part is rounded by itself
    if not tax:
        says_why = any(document.charge_reasons) or any(line.rate == "0" for line in document.lines)
        small = [] if says_why else [rate for rate in _rates(document) if _tax(gross, rate, document) <= slack]
        return (small[0] if len(small) == 1 else "0") if gross else None
    for rates in (document.charge_rates, _rates(document)):
        if fits := [rate for rate in rates if abs(_tax(gross, rate, document) - tax) <= slack]:
            return fits[0] if len(fits) == 1 else None
    return None


def charges_reason(document: SaleDocument) -> str:
    """Return why the charges are not taxed: what the charges say, else the goods if all of them are not taxed for one reason."""
    if charges_rate(document) != "0":
        return ""
    if document.invoice_lines:
        return charges_reason(_invoice_of(document))
    found = set(document.charge_reasons)
    if found <= {""}:
        found = {line.reason if line.rate == "0" else "" for line in document.lines}
    return found.pop() if len(found) == 1 else ""


def _invoice_of(document: SaleDocument) -> SaleDocument:
    """Return a credit note with the lines of its invoice."""
    return replace(document, lines=document.invoice_lines, invoice_lines=())


def _tax(gross: int, rate: str, document: SaleDocument) -> int:
    return tax_of(max(gross, 0), rate, included=document.prices_include_tax)


def _rates(document: SaleDocument) -> list[str]:
    of_goods = (line.rate for line in document.lines if line.rate is not None and line.rate != "0")
    return list(dict.fromkeys((*document.charge_rates, *of_goods)))
