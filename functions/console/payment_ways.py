"""
Say how a customer can be asked to pay what an order or its pending change lacks.

Called by   functions/console/pages/order.py
Returns     methods of payment
Raises      nothing
"""

from collections.abc import Mapping
from typing import Any

from comanda.domain.orders.holds import BY_AUTHORISATIONS, BY_LINK
from comanda.domain.orders.tender import CARD, PAID_BY_LINK, misses_currency


def asked_by(order: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the ways in which a customer can pay what the order or its pending change lacks, if the channel offers them; none
    if it lacks nothing."""
    lacks = any(h["by"] in (BY_LINK, BY_AUTHORISATIONS) and not h["resolved_at"] for h in order["holds"])
    if not lacks and not order["pending_change"]:
        return ()
    links = tuple(method for method in PAID_BY_LINK if not misses_currency(method, order["currency"]))
    return (*links, CARD) if any(map(_may_be_increased, order["payments"])) else links


def _may_be_increased(tender: Mapping[str, Any]) -> bool:
    """Return True for a card of which all that is authorised is open. Its provider says whether it takes more."""
    moved = tender["captured"]["amount"] or tender["released"]["amount"]
    return tender["method"] == CARD and tender["state"] == "AUTHORIZED" and not moved
