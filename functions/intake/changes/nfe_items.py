"""
Ask again what the NF-e of an order's invoices lack, after its customer has another tax id.

Called by   functions/intake/changes/asked_changes.py, which imports it for such changes alone
Returns     decisions with the items of the queue `fiscal` that say what is lacking now
Raises      nothing of its own
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from comanda.aws.customers import customers, legal_copies
from comanda.aws.directory import directory, legal_entities
from comanda.aws.geography import municipalities, regions
from comanda.aws.orders import invoices, orders
from comanda.domain.billing import nfe_results
from comanda.domain.documents.nfe import of_order
from comanda.domain.documents.nfe.of_order import Places
from comanda.domain.documents.nfe.parties import BRAZIL
from comanda.domain.errors import NotFound
from comanda.domain.orders.decision import Decision, Task
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from functions.intake.changes.change_contract import ChangeIn


def asked_again(before: Order, decision: Decision, changes: Sequence[ChangeIn], now: datetime) -> Decision:
    """Return the decision of changes with the items of invoices of which the authority has said nothing yet."""
    numbers = range(1, len(before.invoices) + 1)
    untold = (number for number in numbers if nfe_results.result_of(before, number) is None)
    waiting = [number for number in untold if _waits(before.order_id, number)]
    if not waiting:
        return decision
    given = [one.tax_id for one in changes if one.tax_id is not None]
    stored = customers.load(before.order_id, before.contact)
    contact = stored | {"customer": {**(stored.get("customer") or {}), "tax_id": given[-1]}}
    tasks = [_task(before, number, contact, now) for number in waiting]
    return replace(decision, tasks=(*decision.tasks, *tasks))


def _waits(order_id: str, number: int) -> bool:
    """Return False after a person has ended the item."""
    try:
        orders.load_task(order_id, Queue.FISCAL, nfe_results.item(number))
    except NotFound:
        return False
    return True


def _task(order: Order, number: int, contact: Mapping[str, Any], now: datetime) -> Task:
    shown = invoices.in_its_series(order.order_id, number)
    copy = legal_copies.find(order.order_id, number, now)
    entity = legal_entities.of_invoice(order.channel, copy["seller"] if copy else None)
    fulfillment = next((one.number for one in order.fulfillments if one.invoice == number), None)
    buyer = legal_copies.buyer(order, contact, entity, fulfillment)
    products = directory.entries(directory.PRODUCT, {line["sku"] for line in shown["lines"]})
    places = Places(state=regions.load(BRAZIL).code, city=municipalities.code)
    lacks = of_order.lacks(order, shown, number, entity, buyer, products, places)
    return nfe_results.to_authorize(order, number, lacks, now)
