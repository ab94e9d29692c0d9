"""
Refuse that goods leave before their papers are there, for a seller whose invoices are issued when goods are packed.

Called by   the rooms by which goods leave a node or are made ready for their customer
Returns     nothing
Raises      NotAllowed, which says what is missing
"""

from comanda.domain import ids
from comanda.domain.billing import nfe_results
from comanda.domain.errors import NotAllowed
from comanda.domain.orders.nfe_result import AUTHORIZED, REFUSED
from comanda.domain.orders.order import Order


def require_papers(order: Order, number: int, *, nfe: bool) -> None:
    """Raise NotAllowed until a fulfillment has its invoice, and with `nfe` until the tax authority has authorized its NF-e."""
    invoice = order.fulfillment(number).invoice
    if invoice is None:
        raise NotAllowed("the goods are invoiced before they leave: pack all of them, and ask again in a minute")
    if not nfe:
        return
    said = nfe_results.result_of(order, invoice)
    name = ids.invoice(order.order_id, invoice)
    if said is None:
        raise NotAllowed(f"the goods wait for the tax authority: nobody has told that the NF-e of {name} is authorized")
    if said.result == REFUSED:
        raise NotAllowed(f"the goods wait: the tax authority refused the NF-e of {name} with code {said.code}")
    if said.result != AUTHORIZED:
        raise NotAllowed(f"the goods stay: the NF-e of {name} was cancelled")
