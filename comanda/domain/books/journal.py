"""
Decide the journal of an order's version: what the version moved between accounts.

A journal is the difference of what the order has in its accounts before and after. So no rule that moves money can forget its
entries, and the journals of an order add up to what it has.

Called by   comanda.aws.orders (journals), ops (audit)
Returns     amounts in minor units of the order's currency
Raises      nothing
"""

from collections.abc import Iterable

from comanda.domain.books.accounts import Account, Amounts, standing
from comanda.domain.orders.order import Order


def between(before: Order | None, after: Order) -> dict[Account, int]:
    """Return what a new version of an order moved: debits positive, credits negative, their sum zero. Empty if no money moved.

    `before` is None for a new order.
    """
    now = standing(after)
    return now if before is None else _without_zeros((now, _opposite(standing(before))))


def added(journals: Iterable[Amounts]) -> dict[Account, int]:
    """Return the sum of journals of one currency, without the accounts whose entries cancel out."""
    return _without_zeros(journals)


def balanced(journal: Amounts) -> bool:
    """Return True if the debits of a journal equal its credits."""
    return not sum(journal.values())


def _opposite(amounts: Amounts) -> dict[Account, int]:
    return {account: -amount for account, amount in amounts.items()}


def _without_zeros(journals: Iterable[Amounts]) -> dict[Account, int]:
    sums: dict[Account, int] = {}
    for journal in journals:
        for account, amount in journal.items():
            sums[account] = sums.get(account, 0) + amount
    return {account: amount for account, amount in sums.items() if amount}
