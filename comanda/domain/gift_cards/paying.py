"""
Decide which methods of payment may buy gift cards.

Whoever may buy a gift card with another one, or with store credit, makes money that expires last for ever, and moves money that is
of one customer to anybody. On account, cards would be spent before anybody has paid them: only a channel that says so takes that.
Payments are captured in their sequence, for whatever is invoiced first. So such a payment pays no order that has gift cards.

Called by   functions/intake
Returns     problems
Raises      nothing
"""

from collections.abc import Iterator

from comanda.domain.errors import Problem
from comanda.domain.gift_cards.account import GIFT_CARD, STORE_CREDIT
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import ON_ACCOUNT, Tender

CODE = "buys-no-gift-cards"


def may_buy_cards(method: str, *, on_account: bool) -> bool:
    """Return True if a method of payment may buy gift cards in a channel. `on_account`: the channel lets customers do so."""
    return method not in (GIFT_CARD, STORE_CREDIT) and (on_account or method != ON_ACCOUNT)


def problem(pointer: str, method: str) -> Problem:
    """Return the problem of a payment that would buy gift cards."""
    return Problem(pointer=pointer, code=CODE, message=f"{method} buys no gift cards in this channel")


def problems_of_change(before: Order, after: Order, *, on_account: bool) -> Iterator[Problem]:
    """Yield a problem for each new payment that would buy the order's gift cards, and one for a change that adds cards to an order
    which such a payment pays. What was so before stays as it is."""
    value, known = _cards(after), len(before.payments)
    if not value:
        return
    for i, tender in enumerate(after.payments):
        if may_buy_cards(tender.method, on_account=on_account):
            continue
        if i >= known:
            yield problem(f"/payments/{i - known}/method", tender.method)
        elif value > _cards(before) and _pays(tender):
            yield problem("/changes", tender.method)
            return


def _cards(order: Order) -> int:
    """Return the value of the gift cards that the order sells."""
    return sum(line.live * line.unit_price for line in order.lines if line.gift_card)


def _pays(tender: Tender) -> bool:
    return tender.authorized > tender.released + tender.refunded
