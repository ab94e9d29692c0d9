"""
Say what stands on the PDF of an invoice or a credit note, in the language of its order. Pure.

Called by   functions/documents
Returns     plain JSON for functions/documents/templates/invoice.typ: every amount is written out already
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from hashlib import sha256
from typing import Any, Protocol

from comanda.domain.documents.address_lines import address_lines
from comanda.domain.documents.nfe import on_paper
from comanda.domain.documents.nfe.on_paper import PaperNfe
from comanda.domain.documents.outside_scope import OUTSIDE, marked
from comanda.domain.documents.paper import paper
from comanda.domain.documents.sale_document import SaleDocument, SaleLine
from comanda.domain.documents.tax_summary import RateSum, by_rate, goods_lines
from comanda.domain.labels import labels

# Raise it when this code writes the same sale otherwise: a document that is kept is found by the digest, and would stay as it was.
FORM = 2


class Formats(Protocol):
    """Write amounts, numbers and days as a locale does (comanda.aws.runtime.formats)."""

    def money(self, minor: int, currency: str) -> str: ...

    def number(self, value: Decimal) -> str: ...

    def date(self, day: str) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Letterhead:
    """Hold what a document says beside the sale: the channel's name, the locale in which the channel writes to the customer, and the
    NF-e that the tax authority of Brazil took."""

    brand: str
    locale: str
    nfe: PaperNfe | None = None
    voided: bool = False  # an invoice of goods that did not leave by it


def digest(document: SaleDocument, head: Letterhead, seller: Mapping[str, Any], buyer: str, template: bytes) -> str:
    """Return the digest of all that the document is made of. `buyer` names where the buyer's words are from, which never change."""
    made_of = [FORM, asdict(document), asdict(head), seller, buyer]
    return sha256(json.dumps(made_of, sort_keys=True).encode() + template).hexdigest()


def content(
    document: SaleDocument,
    head: Letterhead,
    seller: Mapping[str, Any],
    buyer: Mapping[str, Any],
    formats: Formats,
    countries: Mapping[str, str],
) -> dict[str, Any]:
    """Return all that stands on the document. `countries` has the names of countries by code, in the language of the locale."""
    words = {word: labels.label("InvoiceWord", word, head.locale) for word in labels.KINDS["InvoiceWord"]}
    document = marked(document)

    def money(amount: int) -> str:
        return formats.money(amount, document.currency)

    title = labels.label("DocumentName", document.kind, head.locale)
    return {
        "title": f"{title}: {words['voided']}" if head.voided else title,
        "words": words,
        "locale": labels.supported(head.locale),
        "paper": paper(seller.get("country")),
        "brand": head.brand,
        "number": document.number,
        "document_id": document.document_id,
        "facts": list(_facts(document, words, formats)),
        "seller": list(_party(on_paper.with_house(seller), words, countries)),
        "buyer": list(_party(buyer, words, countries)),
        "lines": list(_table_rows(document, words["gift_card"], formats)),
        "taxes": [
            [_rate_and_reason(row, words, head.locale, formats), money(row.net), money(row.tax)]
            for row in by_rate(document)
        ],
        "included": document.prices_include_tax,
        "sums": list(_sums(document, words, formats)),
        "total": money(document.totals.total),
        "below": list(_below(document, words, head.locale, money)),
        "due": None if document.credits or head.voided else money(document.due),
        "nfe": head.nfe and on_paper.content(head.nfe, seller, comes_in=document.credits is not None, words=words),
    }


def _facts(document: SaleDocument, words: Mapping[str, str], formats: Formats) -> Iterator[list[str]]:
    yield [words["issued"], formats.date(document.issued_on)]
    if credited := document.credits:
        yield [words["invoice"], f"{credited.number}, {formats.date(credited.issued_on)}"]
    yield [words["order"], document.order_number]
    if document.due > 0 and document.due_on:
        yield [words["due_on"], formats.date(document.due_on)]
    if document.at_hand_over:
        yield [words["on_delivery"], formats.money(document.at_hand_over, document.currency)]


def _below(
    document: SaleDocument, words: Mapping[str, str], locale: str, money: Callable[[int], str]
) -> Iterator[list[str]]:
    """Yield the tax that is inside the total, how the document was paid, or given back, and what of it is owed no more."""
    if document.prices_include_tax:
        yield [words["tax_inside"], money(document.totals.tax)]
    word = words["refunded" if document.credits else "paid"]
    for one in document.paid:
        yield [f"{word}: {labels.label('PaymentMethod', one.method, locale)}", money(one.amount)]
    if document.lowered and document.credits:
        yield [words["lowered"], money(document.lowered)]
    elif document.lowered:
        yield [words["credited"], money(-document.lowered)]


def _party(party: Mapping[str, Any], words: Mapping[str, str], countries: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines of a seller or a buyer. Parts that are missing leave no line."""
    yield from address_lines(party, countries)
    for name in ("tax_id", "registration_id"):
        if party.get(name):
            yield f"{words[name]}: {party[name]}"


def _table_rows(document: SaleDocument, of_card: str, formats: Formats) -> Iterator[dict[str, Any]]:
    """Yield the rows of the table: each bundle before the first of its lines. `of_card` is said beside the title of gift cards."""
    bundles = {bundle.line_id: bundle for bundle in document.bundles}
    for line in goods_lines(document):
        bundle = bundles.pop(line.bundle, None) if line.bundle else None
        if bundle:
            price = formats.money(bundle.unit_price, document.currency)
            row = {"title": bundle.title, "sku": bundle.sku, "units": _units(bundle.quantity), "price": price}
            yield {**row, "discount": "", "rate": "", "amount": "", "part": False}
        row = _row(line, document.currency, formats)
        yield {**row, "title": f"{line.title} ({of_card})"} if line.gift_card else row


def _units(quantity: int) -> str:
    """Return a number of units. An amount is credited without any."""
    return str(quantity) if quantity else ""


def _row(line: SaleLine, currency: str, formats: Formats) -> dict[str, Any]:
    return {
        "title": line.title,
        "sku": line.sku,
        "units": _units(line.quantity),
        "price": "" if line.bundle or not line.quantity else formats.money(line.unit_price, currency),
        "discount": formats.money(-line.discount, currency) if line.discount else "",
        "rate": _percent(None if line.reason == OUTSIDE else line.rate, formats),
        "amount": formats.money(line.goods - line.discount, currency),
        "part": line.bundle is not None,
    }


def _percent(rate: str | None, formats: Formats) -> str:
    """Return a rate in percent. It has up to six places, so a percentage has up to four."""
    return "-" if rate is None else f"{formats.number(Decimal(rate) * 100)} %"


def _rate_and_reason(row: RateSum, words: Mapping[str, str], locale: str, formats: Formats) -> str:
    if row.reason == OUTSIDE:  # it has no rate, not one of 0
        return words["outside_scope"]
    rate = _percent(row.rate, formats)
    return f"{rate} {labels.label('ZeroRateReason', row.reason, locale)}" if row.reason else rate


def _sums(document: SaleDocument, words: Mapping[str, str], formats: Formats) -> Iterator[list[str]]:
    totals = document.totals
    rows = [("goods", totals.goods), ("discounts", -totals.discounts), ("charges", totals.charges)]
    for word, amount in rows:
        if amount or word == "goods":
            yield [words[word], formats.money(amount, document.currency)]
    if not document.prices_include_tax:
        yield [words["tax"], formats.money(totals.tax, document.currency)]
