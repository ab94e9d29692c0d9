"""
Decide that gift cards which an order has sold are active, and which of them a credit note takes back.

A card is active when its money is captured. It is taken back whole or not at all: one that is spent in part keeps its invoice.

Called by   comanda.aws.orders.bought_cards
Returns     decisions, and orders with cards that are taken back
Raises      NotAllowed for cards that are spent, and for too many
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from comanda.domain.errors import NotAllowed
from comanda.domain.orders import bought_cards
from comanda.domain.orders.bought_cards import Card
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.order import Order
from comanda.domain.orders.provision import Provision


def activate(order: Order, provision: Provision, accounts: Sequence[str], now: datetime) -> Decision:
    """Decide that the cards of a provision are active, with the ids of their accounts.

    The customer is mailed their codes by the event, which has none.
    """
    if provision.cards is None:
        raise ValueError(f"provision {provision.number} has no cards")
    active = replace(provision, cards=replace(provision.cards, active=True, accounts=tuple(accounts)))
    units = len(bought_cards.left(provision))
    return Decision(
        order=_with(order, active),
        event=Event(
            type=EventType.CARDS_ACTIVATED,
            actor="payments",
            at=now,
            data={
                "provision": provision.number,
                "lines": [{"line_id": provision.line_id, "quantity": units}],
            },
        ),
    )


def take_back(order: Order, line_id: str, quantity: int, unspent: Sequence[Card]) -> tuple[Order, tuple[Card, ...]]:
    """Return the order with so many of its unspent cards taken back, and those cards.

    Raises NotAllowed when fewer of the line are unspent: a person decides what a spent card is worth, and credits an amount.
    """
    if quantity > len(unspent):
        message = (
            f"line {line_id}: {len(unspent)} of its gift cards are not spent; credit an amount in place of {quantity}"
        )
        raise NotAllowed(message, line=line_id)
    chosen = tuple(unspent[len(unspent) - quantity :])
    for card in chosen:
        provision = order.provisions[card.provision - 1]
        if provision.cards is not None:
            voided = (*provision.cards.voided, card.number)
            order = _with(order, replace(provision, cards=replace(provision.cards, voided=voided)))
    return order, chosen


def require_together(cards: int) -> None:
    """Raise NotAllowed for more cards than one credit note takes back: all their accounts are emptied in one transaction."""
    if cards > bought_cards.MOST_CARDS:
        message = f"a credit note takes back at most {bought_cards.MOST_CARDS} gift cards, not {cards}: credit their lines one by one"
        raise NotAllowed(message, pointer="/credit")


def _with(order: Order, changed: Provision) -> Order:
    provisions = (changed if one.number == changed.number else one for one in order.provisions)
    return replace(order, provisions=tuple(provisions))
