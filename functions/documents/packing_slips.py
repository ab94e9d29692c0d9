"""
Find the packing slip of a fulfillment, or make it.

Called by   functions/documents/handler.py
Returns     a link that holds for a minute
Raises      NoDocument for a fulfillment that has no unit left

Everything may run twice: the same slip is the same bytes under the same key.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.customers import customers
from comanda.aws.files import documents as bucket
from comanda.aws.files import stored_documents
from comanda.domain import ids
from comanda.domain.documents import packing_slip
from comanda.domain.errors import NotFound
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.orders.order import Order

logger = Logger()

NAME = packing_slip.NAME
_TEMPLATE = "packing_slip"


class NoDocument(NotFound):
    """Say why a fulfillment has no document of this name."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__("document", name)
        self.args = (f"document {name} not found: {why}",)


def link(order: Order, fulfillment: Fulfillment, node: Mapping[str, Any], now: datetime) -> str:
    """Return a link to the slip of the work as it is now. `node` is the entry of its node. Raises NotFound once the customer was
    erased, and while that goes on."""
    facts = packing_slip.facts(order, fulfillment, node)
    if facts is None:
        raise NoDocument(NAME, "no unit is left in this fulfillment")
    contact = customers.load(order.order_id, order.contact)
    digest = packing_slip.digest(facts, order.contact, _template())
    key = stored_documents.stored(order.order_id, NAME, digest, now)
    if key is None:
        made = _made(customers.to_destination(contact, fulfillment.destination), facts)
        key = stored_documents.claim(order.order_id, NAME, digest, now)
        file_name = f"{NAME}-{ids.fulfillment(order.order_id, fulfillment.number)}.pdf"
        bucket.store(key, made, media_type="application/pdf", file_name=file_name)
        stored_documents.note_stored(order.order_id, NAME, digest, now)
        facts_of_log = {"order_id": order.order_id, "fulfillment": fulfillment.number, "bytes": len(made)}
        logger.info("document made", extra={"document": NAME, **facts_of_log})
    return bucket.link(key)


def _made(contact: Mapping[str, Any], facts: Mapping[str, Any]) -> bytes:
    from functions.documents import press

    content = packing_slip.content(facts, contact, press.countries(facts["locale"]))
    return press.pdf(_TEMPLATE, {**content, "code": press.qr_code(facts["fulfillment_id"])})


@cache
def _template() -> bytes:
    return (Path(__file__).parent / "templates" / f"{_TEMPLATE}.typ").read_bytes()
