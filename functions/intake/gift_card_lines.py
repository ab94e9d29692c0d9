"""
Check the lines of an order that sell gift cards: each unit becomes a card, which has the unit price on it. And check its payments.

Called by   functions/intake/checks.py; imported only for such lines
Returns     problems
Raises      nothing
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from comanda.domain.errors import Problem
from comanda.domain.gift_cards import paying
from comanda.domain.orders.bought_cards import MOST_CARDS
from functions.intake.contract import LineIn, PaymentIn


def problems(at: str, line: LineIn) -> Iterator[Problem]:
    """Yield a problem for each field that does not fit a gift card: it is digital, has a value, and no tax before it is spent."""
    if line.kind != "DIGITAL":
        message = f"{line.sku} is a gift card: its line is DIGITAL"
        yield Problem(pointer=f"{at}/kind", code="not-for-gift-cards", message=message)
    if not line.unit_price.amount:
        yield Problem(pointer=f"{at}/unit_price", code="too-small", message="a gift card has its price on it")
    if line.tax is not None and line.tax.amount.amount:
        message = "a gift card is not taxed when it is sold: what it pays is"
        yield Problem(pointer=f"{at}/tax", code="not-taxed", message=message)
    if line.quantity > MOST_CARDS:
        message = f"at most {MOST_CARDS} gift cards in one line"
        yield Problem(pointer=f"{at}/quantity", code="too-large", message=message)


def problems_of_payments(payments: Iterable[PaymentIn], channel: Mapping[str, Any] | None) -> Iterator[Problem]:
    """Yield a problem for each payment that buys no gift cards in the channel."""
    on_account = bool((channel or {}).get("gift_cards_on_account"))
    for i, payment in enumerate(payments):
        if not paying.may_buy_cards(payment.method, on_account=on_account):
            yield paying.problem(f"/payments/{i}/method", payment.method)
