"""
Say what an invoice keeps of its order beside amounts: the titles of lines, the rates by which lines and charges are taxed or why
they are not, and the country to which the goods go.

An invoice keeps them, because a change of the order may make them others.

Called by   comanda.domain.billing.invoices, at invoicing; comanda.domain.documents, for invoices of before, which kept none
Returns     lines of invoices; rates as decimal fractions in their shortest form
Raises      nothing
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal

from comanda.domain.money import tax_of
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.line import Line
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceLine:
    """The units of a line on an invoice. Amounts are minor units of the order's currency."""

    line_id: str
    sku: str
    quantity: int
    unit_price: int
    goods: int
    discount: int  # the units' part of the line's and of the order's discounts
    charges: int  # the units' part of the order's charges
    tax: int  # the units' part of the line's tax and of the charges' tax
    charges_tax: int = 0  # the charges' tax in `tax`
    charges_tax_off: int = 0  # what discounts took off it before
    bundle: str | None = None  # the line id of its bundle, which has the price: `unit_price` is 0
    title: str = ""
    tax_rate: str | None = None  # a decimal fraction; None: its tax came without a rate
    gift_card: bool = False  # its units are gift cards, which are not taxed before they are spent
    zero_rate_reason: str = ""  # why a rate of 0 is 0; empty: nothing says why


def stated(order: Order, line: InvoiceLine) -> InvoiceLine:
    """Return a line with its title and its rate."""
    rate = tax_rate(order, line.line_id)
    reason = _taxed(order, line.line_id).zero_rate_reason if rate == "0" else ""
    return replace(line, title=order.line(line.line_id).title, tax_rate=rate, zero_rate_reason=reason)


def _taxed(order: Order, line_id: str) -> Line | Bundle:
    """Return what has the tax of a line: the line, or the bundle of a component."""
    line = order.line(line_id)
    return order.bundle(line.component.bundle) if line.component else line


def tax_rate(order: Order, line_id: str) -> str | None:
    """Return the rate by which a line is taxed now, or the bundle of a component. None: its tax came without a rate."""
    taxed = _taxed(order, line_id)
    return None if taxed.tax and not Decimal(taxed.tax_rate) else _shortest(taxed.tax_rate)


def charge_rates(order: Order) -> tuple[str, ...]:
    """Return the rates by which charges of the order are taxed: by a tax table, or by the one rate of its goods that makes their tax.

    The goods of that rate may be on another invoice.
    """
    of_goods = {tax_rate(order, line.line_id) for line in order.lines} - {None, "0"}
    found: list[str] = []
    for one in order.charges:
        if Decimal(one.tax_rate):
            found.append(_shortest(one.tax_rate))
        elif one.tax:
            fits = [r for r in of_goods if r and tax_of(one.amount, r, included=order.prices_include_tax) == one.tax]
            found += fits if len(fits) == 1 else ()
    return tuple(dict.fromkeys(found))


def charge_reasons(order: Order) -> tuple[str, ...]:
    """Return the reasons why charges of the order are not taxed. Empty: that of one: nothing says why."""
    return tuple(dict.fromkeys(one.zero_rate_reason for one in order.charges if not one.tax and one.amount))


def delivered_to(order: Order, line_ids: Iterable[str]) -> str | None:
    """Return the country to which lines are sent. None: some are picked up or provided, or they go to several."""
    lines = [order.line(line_id) for line_id in line_ids]
    if any(line.method == PICKUP or line.is_provided for line in lines):
        return None
    countries = {order.destination_of(line.destination).country for line in lines}
    return countries.pop() if len(countries) == 1 else None


def _shortest(rate: str) -> str:
    """Return 0.1 for 0.100."""
    return f"{Decimal(rate).normalize():f}"
