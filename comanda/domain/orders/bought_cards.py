"""
Tell which gift cards an order has sold: which are to be made, which wait for their money, and what is owed to their holders.

Called by   comanda.domain.orders.verdict, comanda.domain.lifecycle.provide, comanda.domain.books, comanda.domain.gift_cards;
            comanda.aws.orders
Returns     units and provisions; amounts in minor units of the order's currency
Raises      nothing
"""

from collections.abc import Iterator
from dataclasses import dataclass

from comanda.domain.orders.order import Order
from comanda.domain.orders.provision import BLOCKED_BY, Cards, Provision
from comanda.domain.orders.status import Status

PROOF = "GIFT_CARD"  # the kind of proof of provisions that are cards
MOST_CARDS = 30  # of one line: all their accounts are opened in one transaction, and emptied in one


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One card: the number of its provision within the order, and its own number within the provision, from 1."""

    provision: int
    number: int


def to_make(order: Order) -> dict[str, int]:
    """Return the scheduled units of gift cards (line id: units) that nothing keeps from being provided."""
    if all(not line.gift_card for line in order.lines) or any(order.blocked(step) for step in BLOCKED_BY):
        return {}
    return {
        line.line_id: units
        for line in order.lines
        if line.gift_card
        and (units := line.units(lambda a: a.status is Status.SCHEDULED))
        and not any(order.hold_of_line(line.line_id, step) for step in BLOCKED_BY)
    }


def to_activate(order: Order) -> tuple[Provision, ...]:
    """Return the provisions of cards that are invoiced and not active."""
    return tuple(p for p in order.provisions if p.cards and not p.cards.active and p.invoice is not None and left(p))


def are_paid(order: Order) -> bool:
    """Return True if the customer owes nothing of what is invoiced, and nothing of it was given up, taken back or is asked about.

    Money whose capture is decided and not made counts as paid: the caller must know that none of it is on its way.
    """
    failed = any(tender.uncaptured or tender.written_off for tender in order.payments)
    later = sum(f.to_capture for f in order.fulfillments)  # with the goods of another invoice
    return not failed and order.disputed <= 0 and order.accounted >= order.invoiced_total - later


def left(provision: Provision) -> tuple[int, ...]:
    """Return the numbers of the cards of a provision that no credit note took back."""
    voided = provision.cards.voided if provision.cards else ()
    return tuple(n for n in range(1, provision.quantity + 1) if n not in voided)


def active_accounts(order: Order) -> tuple[str, ...]:
    """Return the ids of the accounts of all active cards that no credit note took back."""
    return tuple(p.cards.accounts[n - 1] for p in order.provisions if p.cards and p.cards.active for n in left(p))


def of_invoice(order: Order, invoice: int, line_id: str) -> Iterator[Card]:
    """Yield the cards of a line that stand on an invoice, and that no credit note took back."""
    for provision in order.provisions:
        if provision.cards and provision.invoice == invoice and provision.line_id == line_id:
            yield from (Card(provision=provision.number, number=n) for n in left(provision))


def sold(order: Order) -> int:
    """Return the value of all cards that are invoiced."""
    return sum(cards.value * units for cards, units in _invoiced(order))


def taken_back(order: Order) -> int:
    """Return the value of the invoiced cards that credit notes took back."""
    return sum(cards.value * len(cards.voided) for cards, _ in _invoiced(order))


def _invoiced(order: Order) -> Iterator[tuple[Cards, int]]:
    return ((p.cards, p.quantity) for p in order.provisions if p.cards and p.invoice is not None)
