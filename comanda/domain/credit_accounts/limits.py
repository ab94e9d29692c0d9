"""
Decide who may change what a customer may owe, book what a customer paid, and pay out what a customer has.

Called by   functions/credit_accounts; functions/intake, for terms that wait for a second person
Raises      Forbidden for a person who does not work for finance, and for one without a limit in the currency
"""

from collections.abc import Collection, Mapping
from typing import Any

from comanda.domain.credit_accounts.account import Terms
from comanda.domain.errors import Forbidden, Problem

SCOPE = "credit-accounts/write"
LIMIT = (
    "customer_credit"  # the limit of a person: the highest of a customer that the person sets alone, for each currency
)
_FINANCE = "finance"


def require_finance(desks: Collection[str]) -> None:
    """Raise Forbidden for a person of another desk. Applications are bound by their scopes."""
    if _FINANCE not in desks:
        raise Forbidden("what customers owe is changed by people of the desk finance")


def needs_approval(limits: Mapping[str, Any], wanted: Terms, before: Terms | None, currency: str) -> bool:
    """Return True if the terms give the customer more than before, by a limit above what a person with these limits sets alone.

    Terms that give no more, as those that freeze an account, are set by everybody of finance. Raises Forbidden for more by a person
    who may set nothing in this currency.
    """
    return wanted.gives_more(before) and wanted.limit > require_any_limit(limits, currency)


def needs_second_person(limits: Mapping[str, Any], amount: int, currency: str, pointer: str) -> bool:
    """Return True if an amount is above what a person with these limits pays out or takes back alone. Raises Forbidden as
    `require_any_limit`."""
    return amount > require_any_limit(limits, currency, pointer)


def require_any_limit(limits: Mapping[str, Any], currency: str, pointer: str = "/limit") -> int:
    """Return the highest limit that a person sets alone in a currency. Raises Forbidden if that is nothing."""
    most = next((int(one["amount"]) for one in limits.get(LIMIT) or () if one["currency"] == currency), 0)
    if not most:
        message = f"you may let no customer owe anything in {currency}"
        raise Forbidden("this is above your limit", Problem(pointer=pointer, code="above-limit", message=message))
    return most


def require_second_person(who: str, asked_by: str, scopes: Collection[str], *, approves: bool, person: bool) -> None:
    """Raise Forbidden for a caller who may not answer what waits. Whoever asked for it may still drop it."""
    if SCOPE not in scopes:
        raise Forbidden(f"answering for the account of a customer needs the scope {SCOPE}")
    if approves and (not person or who == asked_by):
        raise Forbidden("what is above a limit is approved by another person than asked for it")
