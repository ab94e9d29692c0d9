"""
Tell the invoices that stand from those that were voided.

Called by   comanda.domain.billing; ops, which compares an order's invoices with its books
Returns     True or False; ids of invoices
Raises      nothing
"""

from comanda.domain.orders.order import Order


def is_standing(order: Order, invoice: int) -> bool:
    """Return True if the invoice with this number was not voided: a fulfillment or a provision still has it."""
    return any(f.invoice == invoice for f in order.fulfillments) or any(p.invoice == invoice for p in order.provisions)


def voided(order: Order) -> frozenset[str]:
    """Return the ids of the invoices that were voided."""
    return frozenset(made for number, made in enumerate(order.invoices, 1) if not is_standing(order, number))
