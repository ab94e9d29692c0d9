"""
Open the item of the queue `fiscal` for an invoice of a company in Brazil, with what its NF-e lacks.

Called by   functions/invoice/handler.py, which imports it for such companies alone
Returns     a task
Raises      nothing of its own
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.customers import customers, legal_copies
from comanda.aws.directory import directory
from comanda.aws.geography import municipalities, regions
from comanda.domain import invoice_view
from comanda.domain.billing import nfe_results
from comanda.domain.billing.invoices import Invoice
from comanda.domain.documents.nfe import of_order
from comanda.domain.documents.nfe.of_order import Places
from comanda.domain.documents.nfe.parties import BRAZIL
from comanda.domain.orders.decision import Task
from comanda.domain.orders.order import Order

_NO_NUMBER_YET = "0"


def task(order: Order, made: Invoice, entity: Mapping[str, Any], now: datetime) -> Task:
    """Return the item of an invoice. `order` has it already."""
    shown = invoice_view.shown(made) | {"number": f"{made.series}-{_NO_NUMBER_YET}"}
    products = directory.entries(directory.PRODUCT, {line.sku for line in made.lines})
    places = Places(state=regions.load(BRAZIL).code, city=municipalities.code)
    contact = customers.find(order.order_id, order.contact) or {}
    buyer = legal_copies.buyer(order, contact, entity, made.fulfillment)
    lacks = of_order.lacks(order, shown, made.number, entity, buyer, products, places)
    return nfe_results.to_authorize(order, made.number, lacks, now)
