"""
Compute the invoices of an order: what the units of one shipment cost, to the cent.

A bundle is invoiced through its components, which carry parts of its amounts (`comanda.domain.orders.component`).

Units of a line are invoiced first to last and cancelled last to first. Header amounts are spread over the lines
(`header_amounts`), and each unit carries its part of all amounts of its line (`unit_amounts`). So the invoices of any
shipments add up to the order's total.

Called by   functions/invoice (invoices), comanda.domain.lifecycle (totals)
Returns     invoices, and orders with their new amounts, in minor units of the order's currency
Raises      NotAllowed for units that are not there to invoice
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from comanda.domain import ids
from comanda.domain.billing import header_amounts, invoice_facts, unit_amounts
from comanda.domain.billing.header_amounts import HeaderFields, header_parts
from comanda.domain.billing.invoice_facts import InvoiceLine
from comanda.domain.errors import NotAllowed
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order, Totals


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceBundle:
    """A bundle on an invoice: the sets that the shipment completes, and the sums of its components on the invoice."""

    line_id: str
    sku: str
    title: str
    quantity: int
    unit_price: int  # of one set
    goods: int
    discount: int
    charges: int
    tax: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoice:
    """The invoice of a shipment, or of provided units, which have no fulfillment.

    `serial` is its number in its series, which it gets after it is issued: None until then (`document_numbers`). Amounts are
    minor units of its currency. `charge_rates` are those by which a tax table taxed charges of the order, as decimal fractions,
    and `charge_reasons` why charges are not taxed. `delivered_to` is the country to which all of it is sent. `due_on` is the day
    until which it is to be paid; None: no terms say until when.
    """

    invoice_id: str
    order_id: str
    number: int
    fulfillment: int | None
    series: str
    currency: str
    at: datetime
    lines: tuple[InvoiceLine, ...]
    totals: Totals
    serial: int | None = None
    bundles: tuple[InvoiceBundle, ...] = ()
    charge_rates: tuple[str, ...] = ()
    charge_reasons: tuple[str, ...] = ()
    delivered_to: str | None = None
    due_on: str | None = None


def invoice_line(line: Line, quantity: int) -> InvoiceLine:
    """Return the invoice line of the next `quantity` units. Raises NotAllowed when fewer are live and not invoiced."""
    first, last = line.invoiced, line.invoiced + quantity
    if quantity < 1 or last > line.live:
        raise NotAllowed(f"line {line.line_id}: cannot invoice {quantity} after {first} of {line.live}")
    before, after = unit_amounts.header(line, first), unit_amounts.header(line, last)
    charges_tax_off = after.charges_tax_off - before.charges_tax_off
    charges_tax = after.charges_tax - before.charges_tax - charges_tax_off
    goods_tax_off = after.goods_tax_off - before.goods_tax_off
    return InvoiceLine(
        line_id=line.line_id,
        sku=line.sku,
        quantity=quantity,
        unit_price=line.unit_price,
        goods=unit_amounts.goods(line, first, last),
        discount=unit_amounts.discount(line, first, last) + after.discounts - before.discounts,
        charges=after.charges - before.charges,
        tax=unit_amounts.tax(line, first, last) - goods_tax_off + charges_tax,
        charges_tax=charges_tax,
        charges_tax_off=charges_tax_off,
        bundle=line.component.bundle if line.component else None,
        gift_card=line.gift_card,
    )


def invoice(
    order: Order,
    shipped: Mapping[str, int],
    *,
    number: int,
    fulfillment: int | None,
    series: str,
    at: datetime,
    payment_days: int | None = None,
) -> tuple[Order, Invoice]:
    """Invoice a shipment of units (line id: units), or without `fulfillment` the units of `provided_units`.

    `payment_days` are the days that the buyer has to pay it; None: no terms say so. What the invoice says of titles and rates
    is kept in it, because a change of the order may make them others.

    Returns the order with the units invoiced, and the invoice. Raises NotAllowed when a line has fewer live units that are
    not invoiced.
    """
    lines = tuple(
        invoice_facts.stated(order, invoice_line(order.line(line_id), quantity))
        for line_id, quantity in shipped.items()
        if quantity
    )
    made = Invoice(
        invoice_id=ids.invoice(order.order_id, number),
        order_id=order.order_id,
        number=number,
        fulfillment=fulfillment,
        series=series,
        currency=order.currency,
        at=at,
        lines=lines,
        totals=totals_of(lines, order.prices_include_tax),
        bundles=tuple(_invoice_bundles(order, lines)) if order.bundles else (),
        charge_rates=invoice_facts.charge_rates(order),
        charge_reasons=invoice_facts.charge_reasons(order),
        delivered_to=invoice_facts.delivered_to(order, [line.line_id for line in lines]),
        due_on=None if payment_days is None else (at + timedelta(days=payment_days)).date().isoformat(),
    )
    return _with_invoice(order, made), made


def _with_invoice(order: Order, made: Invoice) -> Order:
    """Return the order with the units of an invoice counted, and its shipment or its provisions marked as invoiced."""
    billed = [(order.line(line.line_id), line.quantity) for line in made.lines]
    changed = replace(
        order.with_lines(_with_units(line, quantity) for line, quantity in billed),
        invoices=(*order.invoices, made.invoice_id),
        invoiced_total=order.invoiced_total + made.totals.total,
        invoiced_charges=order.invoiced_charges + charges_without_tax(order, made),
        invoiced_tax=order.invoiced_tax + made.totals.tax,
    )
    if made.fulfillment is None:
        provisions = (replace(p, invoice=made.number) if p.invoice is None else p for p in order.provisions)
        return replace(changed, provisions=tuple(provisions))
    return changed.with_fulfillment(replace(order.fulfillment(made.fulfillment), invoice=made.number))


def _with_units(line: Line, quantity: int) -> Line:
    """Return the line with its next units invoiced."""
    invoiced = line.invoiced + quantity
    if not line.standing:
        return replace(line, invoiced=invoiced)
    return replace(line, invoiced=invoiced, standing=tuple(unit_amounts.spans(line, 0, invoiced)))


def charges_without_tax(order: Order, made: Invoice) -> int:
    """Return the charges of an invoice, without their tax also where the prices include it."""
    included = sum(line.charges_tax for line in made.lines) if order.prices_include_tax else 0
    return made.totals.charges - included


def _invoice_bundles(order: Order, lines: Sequence[InvoiceLine]) -> Iterator[InvoiceBundle]:
    """Yield the bundles whose components are on an invoice of the order. The order has not counted its units yet."""
    from comanda.domain.orders import bundles  # few orders have bundles

    shipped: dict[str | None, list[InvoiceLine]] = {}
    for line in lines:
        shipped.setdefault(line.bundle, []).append(line)
    components = bundles.by_bundle(order)
    for bundle in order.bundles:
        rows, parts = shipped.get(bundle.line_id, []), components[bundle.line_id]
        before = {line.line_id: line.invoiced for line in parts}
        after = before | {row.line_id: before[row.line_id] + row.quantity for row in rows}
        if rows:
            yield InvoiceBundle(
                line_id=bundle.line_id,
                sku=bundle.sku,
                title=bundle.title,
                quantity=bundles.whole_sets(after, parts) - bundles.whole_sets(before, parts),
                unit_price=bundle.unit_price,
                **{name: sum(getattr(row, name) for row in rows) for name in ("goods", "discount", "charges", "tax")},
            )


def provided_units(order: Order) -> dict[str, int]:
    """Return the units (line id: units) that were provided and have no invoice yet."""
    units: dict[str, int] = {}
    for provision in order.to_invoice():
        units[provision.line_id] = units.get(provision.line_id, 0) + provision.quantity
    return units


def totals_of(lines: Sequence[InvoiceLine], prices_include_tax: bool) -> Totals:
    """Add up invoice lines: total = goods - discounts + charges + tax, without the tax if the prices include it."""
    goods, discounts = sum(line.goods for line in lines), sum(line.discount for line in lines)
    charges, tax = sum(line.charges for line in lines), sum(line.tax for line in lines)
    total = goods - discounts + charges + (0 if prices_include_tax else tax)
    return Totals(goods=goods, discounts=discounts, charges=charges, tax=tax, total=total)


def order_totals(order: Order) -> Totals:
    """Return the totals of the order's live units, invoiced or not. All its invoices add up to them in the end."""
    return _totals(order.lines, order.prices_include_tax)


def _totals(lines: Sequence[Line], prices_include_tax: bool) -> Totals:
    goods = discounts = charges = tax = 0
    for line in lines:
        header = unit_amounts.header(line, line.live)
        goods += unit_amounts.goods(line, 0, line.live)
        discounts += unit_amounts.discount(line, 0, line.live) + header.discounts
        charges += header.charges
        tax += unit_amounts.tax(line, 0, line.live) - header.goods_tax_off
        tax += header.charges_tax - header.charges_tax_off
    total = goods - discounts + charges + (0 if prices_include_tax else tax)
    return Totals(goods=goods, discounts=discounts, charges=charges, tax=tax, total=total)


def revalued(order: Order) -> Order:
    """Return the order after a change of quantities or amounts: with new totals, and with the rest of its header amounts spread
    again over its live units that are not invoiced."""
    lines = tuple(map(_with_header, order.lines, header_parts(order)))
    return replace(order, lines=lines, totals=_totals(lines, order.prices_include_tax))


def revalued_with_fewer(order: Order) -> Order:
    """Return the order, of which units were cancelled, as `revalued` does. It costs no more than before: a cent that the roundings
    of a discount would add is taken off the taxes."""
    made = revalued(order)
    if (dearer := made.totals.total - order.totals.total) <= 0:
        return made
    lines = tuple(header_amounts.with_less_tax(made.lines, dearer))
    return replace(made, lines=lines, totals=_totals(lines, made.prices_include_tax))


def _with_header(line: Line, part: HeaderFields) -> Line:
    """Return the line with these header fields. Most changes leave those of most lines as they are."""
    same = all(getattr(line, name) == value for name, value in part.items())
    return line if same else replace(line, **part)
