"""
Sort the entries of a decision by the account of ours that they move.

Called by   comanda.aws.orders (credit_movements, own_accounts)
Returns     entries by account
Raises      nothing
"""

from collections.abc import Iterable
from typing import Protocol


class OfAccount(Protocol):
    """An entry of the ledger of an account."""

    @property
    def account_id(self) -> str: ...


def by_account[E: OfAccount](entries: Iterable[E]) -> dict[str, tuple[E, ...]]:
    """Return the entries of each account, in their order."""
    found: dict[str, tuple[E, ...]] = {}
    for entry in entries:
        found[entry.account_id] = (*found.get(entry.account_id, ()), entry)
    return found
