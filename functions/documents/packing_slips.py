"""
Find the packing slip of a fulfillment, or make it.

Called by   functions/documents/handler.py
Returns     a link that holds for a minute
Raises      NoDocument for a fulfillment that has no unit left
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.customers import customers
from comanda.domain import ids
from comanda.domain.documents import packing_slip
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.orders.order import Order
from functions.documents import kept

NAME = packing_slip.NAME
_TEMPLATE = "packing_slip"


def link(order: Order, fulfillment: Fulfillment, node: Mapping[str, Any], now: datetime) -> str:
    """Return a link to the slip of the work as it is now. `node` is the entry of its node. Raises NotFound once the customer was
    erased, and while that goes on."""
    facts = packing_slip.facts(order, fulfillment, node)
    if facts is None:
        raise kept.NoDocument(NAME, "no unit is left in this fulfillment")
    contact = customers.to_destination(customers.load(order.order_id, order.contact), fulfillment.destination)
    wanted = kept.Wanted(
        order_id=order.order_id,
        name=NAME,
        digest=packing_slip.digest(facts, order.contact, kept.template(_TEMPLATE)),
        file_name=f"{NAME}-{ids.fulfillment(order.order_id, fulfillment.number)}.pdf",
    )
    return kept.link(wanted, lambda: _made(contact, facts), now)


def _made(contact: Mapping[str, Any], facts: Mapping[str, Any]) -> bytes:
    from functions.documents import press

    content = packing_slip.content(facts, contact, press.countries(facts["locale"]))
    parcels = [{**one, "bars": press.sscc_code(one["sscc"]) if one["sscc"] else None} for one in content["parcels"]]
    return press.pdf(_TEMPLATE, {**content, "parcels": parcels, "code": press.qr_code(facts["fulfillment_id"])})
