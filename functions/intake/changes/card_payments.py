"""
Refuse what would let a payment buy gift cards that its channel does not let it buy.

Called by   functions/intake/changes/asked_changes.py, pending_changes.py; imported only for orders that sell gift cards
Returns     nothing
Raises      Invalid
"""

from comanda.aws.directory import directory
from comanda.domain.errors import Invalid
from comanda.domain.gift_cards import paying
from comanda.domain.orders.order import Order


def require(before: Order, after: Order) -> None:
    """Raise Invalid if new payments buy gift cards, or a change adds cards to an order that such a payment pays."""
    channel = directory.find(directory.CHANNEL, before.channel) or {}
    on_account = bool(channel.get("gift_cards_on_account"))
    if wrong := list(paying.problems_of_change(before, after, on_account=on_account)):
        raise Invalid(*wrong)
