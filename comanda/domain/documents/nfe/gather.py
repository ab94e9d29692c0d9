"""
Gather what an NF-e says of an invoice, and name everything that it lacks. Pure.

What is missing is named, and nothing is invented: the class of a product, a district, a rate of a year that no law is known for.

Called by   functions/documents, functions/invoice
Returns     an `Nfe`, or problems by the place of what is missing
Raises      nothing
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

from comanda.domain.documents.nfe import access_key, item_taxes, master_data, parties, payments, registrations, states
from comanda.domain.documents.nfe.access_key import AccessKey
from comanda.domain.documents.nfe.item_taxes import Item, Rates
from comanda.domain.documents.nfe.master_data import Goods, Issuer
from comanda.domain.documents.nfe.parties import Recipient
from comanda.domain.documents.nfe.payments import Payment
from comanda.domain.documents.sale_document import SaleDocument, SaleLine
from comanda.domain.errors import Problem

CURRENCY = "BRL"
_MOST_NUMBER = 999_999_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """An invoice with the entries of its seller and its products. `series` and `serial` are those of our number.

    `buyer` is that of the invoice's copy. `picked_up`: the customer gets the goods at a counter. `takes_back`: the document is a
    credit note, and this the key of the NF-e that it takes goods back of; empty: that one is not authorised. None: it is an invoice.
    """

    document: SaleDocument
    entity: Mapping[str, Any]
    buyer: Mapping[str, Any]
    products: Mapping[str, Mapping[str, Any]]
    series: str
    serial: int
    picked_up: bool = False
    takes_back: str | None = None

    @property
    def lines(self) -> list[tuple[int, SaleLine]]:
        """Return the lines with goods, with their places. A line of a credit note that takes no unit back has none."""
        lines = enumerate(self.document.lines)
        return [(i, line) for i, line in lines if self.takes_back is None or line.quantity]

    def series_of(self, issuer: Issuer) -> Mapping[str, int]:
        """Return the series of the NF-e, by those of our numbers."""
        return issuer.series if self.takes_back is None else issuer.return_series


@dataclass(frozen=True, slots=True, kw_only=True)
class Nfe:
    """Hold all that an NF-e says. `issued_at` is the local time of the seller's state."""

    document: SaleDocument
    issuer: Issuer
    recipient: Recipient
    items: tuple[Item, ...]
    rates: Rates
    key: AccessKey
    issued_at: datetime
    payments: tuple[Payment, ...]
    picked_up: bool
    takes_back: str = ""  # the key of the NF-e whose goods come back; empty: goods are sold

    @property
    def between_states(self) -> bool:
        return not self.picked_up and self.recipient.state != self.issuer.state


def gather(sale: Sale) -> tuple[Nfe | None, list[Problem]]:
    """Return the NF-e of an invoice, or None and what it lacks."""
    issuer, found = master_data.issuer(sale.entity), parties.recipient(sale.buyer)
    if issuer is None:
        return None, [_missing("/seller/nfe", "the legal entity says nothing of NF-e")]
    issued_at = _local(sale.document.issued_at, issuer.state)
    year = _year_of_sale(sale, issued_at)
    rates = item_taxes.rates_of(issuer, year)
    lacks = [*_of_issuer(sale, issuer), *parties.problems(sale.buyer, found), *_of_document(sale.document)]
    lacks += [*_of_return(sale), *(one for i, line in sale.lines for one in _of_line(sale, issuer, i, line))]
    if rates is None:
        message = f"no law known here says the rates of IBS and CBS of {year}: the legal entity does"
        lacks.append(_missing("/seller/nfe/cbs_rate", message))
    if lacks or rates is None:
        return None, lacks
    made = _made(sale, issuer, found, rates, issued_at)
    items = zip((i for i, _ in sale.lines), made.items, strict=True)
    lacks = [problem for i, one in items for problem in _of_item(made, i, one)]
    return (None, lacks) if lacks else (made, [])


def _made(sale: Sale, issuer: Issuer, found: Recipient, rates: Rates, issued_at: datetime) -> Nfe:
    document = sale.document
    to_state = issuer.state if sale.picked_up else found.state
    items = tuple(
        item_taxes.item(
            line,
            _goods(sale, line),
            issuer,
            included=document.prices_include_tax,
            to_state=to_state,
            rates=rates,
        )
        for _, line in sale.lines
    )
    key = AccessKey(
        state_code=states.CODES[issuer.state],
        month=f"{issued_at:%y%m}",
        cnpj=issuer.cnpj,
        series=sale.series_of(issuer)[sale.series],
        number=sale.serial,
        code=access_key.code_of(document.document_id, sale.serial),
    )
    return Nfe(
        document=document,
        issuer=issuer,
        recipient=found,
        items=items,
        rates=rates,
        key=key,
        issued_at=issued_at,
        payments=payments.NOTHING if sale.takes_back else payments.of_document(document, issuer.payment_codes),
        picked_up=sale.picked_up,
        takes_back=sale.takes_back or "",
    )


def _year_of_sale(sale: Sale, issued_at: datetime) -> int:
    """Return the year whose rates the document has: what comes back has those with which it was sold."""
    return 2000 + int(sale.takes_back[2:4]) if sale.takes_back else issued_at.year


def _goods(sale: Sale, line: SaleLine) -> Goods:
    found = master_data.goods(sale.products.get(line.sku) or {})
    assert found is not None  # `_of_line` refused it
    return found


def _local(issued_at: str, state: str) -> datetime:
    clock = timezone(timedelta(hours=states.hours_from_utc(state)))
    return datetime.fromisoformat(issued_at).astimezone(UTC).astimezone(clock).replace(microsecond=0)


def _missing(pointer: str, message: str) -> Problem:
    return Problem(pointer=pointer, code="missing", message=message)


def _refused(pointer: str, message: str) -> Problem:
    return Problem(pointer=pointer, code="not-possible", message=message)


def _of_issuer(sale: Sale, issuer: Issuer) -> Iterator[Problem]:
    if not registrations.is_cnpj(issuer.cnpj):
        yield _missing("/seller/tax_id", "the legal entity's tax id is its CNPJ with its check digits")
    if issuer.state not in states.CODES:
        yield _missing("/seller/region", "the legal entity has no state of Brazil")
    if not issuer.postal_code.isdecimal() or len(issuer.postal_code) != 8:
        yield _missing("/seller/postal_code", "a CEP has eight digits")
    if not parties.is_city_code(issuer.city_code, issuer.state):
        yield _missing("/seller/nfe/city_code", "no municipality of the state has the name of the entity's city")
    if sale.series not in sale.series_of(issuer):
        kind, name = ("invoices", "series") if sale.takes_back is None else ("credit notes", "return_series")
        message = f"the legal entity says no series of the NF-e for {kind} of {sale.series}"
        yield _missing(f"/seller/nfe/{name}", message)
    if sale.serial > _MOST_NUMBER:
        yield _refused("/number", "an NF-e has a number of up to nine digits")


def _of_document(document: SaleDocument) -> Iterator[Problem]:
    if document.currency != CURRENCY:
        yield _refused("/currency", f"an NF-e is in {CURRENCY}, the invoice in {document.currency}")
    if len(document.lines) > 990:
        yield _refused("/lines", "an NF-e has up to 990 items")


def _of_return(sale: Sale) -> Iterator[Problem]:
    """Yield what a credit note lacks to take goods back."""
    if sale.takes_back is None:
        return
    if not sale.takes_back:
        yield _missing("/invoice/nfe", "the NF-e of the invoice is not authorised: one of a return names its key")
    if not sale.lines:
        yield _refused("/lines", "the credit note takes no units back: an amount alone has no NF-e")
        return
    for i, line in enumerate(sale.document.lines):
        if not line.quantity:
            message = f"an amount of line {line.line_id} is credited without units: a return is of goods alone"
            yield _refused(f"/lines/{i}/quantity", message)


def _of_line(sale: Sale, issuer: Issuer, i: int, line: SaleLine) -> Iterator[Problem]:
    if line.gift_card:
        yield _refused(f"/lines/{i}/gift_card", "a gift card is no goods: its sale has no NF-e")
        return
    goods = master_data.goods(sale.products.get(line.sku) or {})
    if goods is None:
        yield _missing(f"/lines/{i}/nfe", f"the product {line.sku} says nothing of NF-e")
        return
    if (len(goods.icms) == 3) != issuer.simples:
        wants = "a CSOSN of three digits" if issuer.simples else "a CST of two digits"
        message = f"the product {line.sku} has {goods.icms}, and a seller of the regime {issuer.regime} has {wants}"
        yield _refused(f"/lines/{i}/nfe/icms", message)
    if goods.icms == item_taxes.TAXED and line.rate is None:
        yield _missing(f"/lines/{i}/tax_rate", f"the tax of line {line.line_id} came without a rate")


def _of_item(made: Nfe, i: int, one: Item) -> Iterator[Problem]:
    line = one.line
    if not one.has_its_tax:
        because = (
            f"not that of its rate of {line.rate}"
            if one.goods.icms == item_taxes.TAXED
            else f"a tax, and {one.goods.icms} has none"
        )
        yield _refused(f"/lines/{i}/tax", f"{line.tax} cents of line {line.line_id} are {because}")
    if one.freight < 0:
        yield _refused(f"/lines/{i}/discount", f"the discounts of line {line.line_id} exceed its goods and charges")
    if made.between_states and one.goods.tax_paid_before:
        message = f"the ICMS of {line.sku} was paid before, and the goods go to another state: that is not built"
        yield _refused(f"/lines/{i}/nfe/icms", message)
    if one.destination_rate and item_taxes.inside(line.rate or "0") < one.icms_rate:
        message = f"the rate of {made.recipient.state} is below the one between states"
        yield _refused(f"/lines/{i}/tax_rate", message)


def says(problems: Sequence[Problem]) -> str:
    """Return problems as one sentence for a person, the first five of them."""
    return "; ".join(f"{one.pointer}: {one.message}" for one in problems[:5])
