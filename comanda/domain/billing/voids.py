"""
Take an invoice back whose goods have not left: its units are to be invoiced again, or to be cancelled.

The document stays with its number. The order's books lose what it charged, so the journal of that version is its reverse. No money
was captured for it, because the money of such an invoice is captured when its goods leave.

The other invoices of its lines stand, to the cent: the units come after theirs, with what they carried (`unit_amounts`).

Called by   comanda.domain.lifecycle
Returns     orders, in minor units of their currency
Raises      NotAllowed when the goods have left
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from comanda.domain.billing import invoices, unit_amounts
from comanda.domain.billing.invoice_facts import InvoiceLine
from comanda.domain.billing.invoices import Invoice
from comanda.domain.errors import NotAllowed
from comanda.domain.orders.line import HeaderPart, Line, Span
from comanda.domain.orders.order import Order
from comanda.domain.orders.standing_invoices import is_standing


def taken_back(order: Order, made: Invoice, others: Iterable[Invoice]) -> Order:
    """Return the order without what an invoice of a fulfillment charges, with its header amounts spread again.

    `others` are all other invoices of the order; those that were taken back before are not counted. A fulfillment whose invoice is
    another one, or none, is refused: so a second call changes nothing. The fulfillment keeps its version: the step that voids the
    invoice makes the next one.
    """
    if not any(f.invoice == made.number and f.invoiced_ahead for f in order.fulfillments):
        raise NotAllowed(f"the goods of {made.invoice_id} have left, or it is voided: credit it by a credit note")
    before = _units_before(order, made, others)
    lines = [_without(order.line(line.line_id), line, before.get(line.line_id, 0)) for line in made.lines]
    changed = replace(
        order.with_lines(lines),
        fulfillments=tuple(
            replace(f, invoice=None, to_capture=0) if f.invoice == made.number else f for f in order.fulfillments
        ),
        invoiced_total=order.invoiced_total - made.totals.total,
        invoiced_charges=order.invoiced_charges - invoices.charges_without_tax(order, made),
        invoiced_tax=order.invoiced_tax - made.totals.tax,
    )
    return invoices.revalued(changed)


def _units_before(order: Order, made: Invoice, others: Iterable[Invoice]) -> dict[str, int]:
    """Return the units (line id: units) that standing invoices before this one have."""
    units: dict[str, int] = {}
    for one in others:
        for line in one.lines if one.number < made.number and is_standing(order, one.number) else ():
            units[line.line_id] = units.get(line.line_id, 0) + line.quantity
    return units


def _without(line: Line, billed: InvoiceLine, before: int) -> Line:
    """Return the line without the units of an invoice, which has `before` units of other invoices before them."""
    after = before + billed.quantity
    own, own_tax = unit_amounts.discount(line, before, after), unit_amounts.tax(line, before, after)
    header = unit_amounts.header(line, line.invoiced)
    left = line.invoiced - billed.quantity
    return replace(
        line,
        invoiced=left,
        standing=_joined((*unit_amounts.spans(line, 0, before), *unit_amounts.spans(line, after, line.invoiced))),
        header_base=left,
        header_billed=HeaderPart(
            charges=header.charges - billed.charges,
            charges_tax=header.charges_tax - billed.charges_tax - billed.charges_tax_off,
            discounts=header.discounts - (billed.discount - own),
            goods_tax_off=header.goods_tax_off - (own_tax - (billed.tax - billed.charges_tax)),
            charges_tax_off=header.charges_tax_off - billed.charges_tax_off,
        ),
    )


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """Return spans with those in one that follow each other. Empty: together they are the units that joined first."""
    found: list[Span] = []
    for first, last in spans:
        if first == last:
            continue
        if found and found[-1][1] == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return () if len(found) < 2 and all(first == 0 for first, _ in found) else tuple(found)
