"""Check what is to be issued, and show accounts and their ledgers. Pure."""

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from comanda.aws.api.contracts import Amount
from comanda.domain import ids, views
from comanda.domain.errors import Problem
from comanda.domain.gift_cards.account import GIFT_CARD, Account
from functions.gift_cards.contract import BalanceIn, FindIn


def days_of(channel: Mapping[str, Any], kind: str) -> int | None:
    """Return for how many days what a channel issues is good, None for ever."""
    days: int | None = channel.get("gift_card_days" if kind == GIFT_CARD else "store_credit_days")
    return days


def problems(
    channel: Mapping[str, Any] | None, name: str, amount: Amount, customer_id: str | None
) -> Iterator[Problem]:
    """Yield a problem for each wrong part of an issue. `channel` is the entry of the directory, None for an unknown one."""
    if customer_id is not None and ids.is_guest(customer_id):
        message = "is a guest, who has no store credit: an account at the shop is needed"
        yield Problem(pointer="/customer_id", code="not-usable", message=message)
    if channel is None:
        yield no_channel(name)
    elif amount.currency not in channel["currencies"]:
        message = f"{name} does not sell in {amount.currency}"
        yield Problem(pointer="/amount/currency", code="not-sold-in", message=message)
    if not amount.amount:
        yield Problem(pointer="/amount", code="too-small", message="an issue of 0 gives nothing")


def no_channel(name: str) -> Problem:
    return Problem(pointer="/channel", code="unknown-channel", message=f"there is no channel {name}")


def problems_of_question(wanted: BalanceIn | FindIn) -> Iterator[Problem]:
    """Yield a problem for each field that a question lacks, or must not have: it names a code or a customer."""
    is_card = wanted.code is not None or (wanted.channel is None and wanted.customer_id is None)
    needs = ("code",) if is_card else ("channel", "customer_id")
    for name in ("code", "channel", "customer_id"):
        given = getattr(wanted, name) is not None
        if name in needs and not given:
            yield Problem(pointer=f"/{name}", code="missing", message="name a code, or a channel and its customer_id")
        elif given and name not in needs:
            yield Problem(
                pointer=f"/{name}", code="not-taken", message="a code stands alone: nothing else names the card"
            )
    if isinstance(wanted, BalanceIn) and wanted.visitor is not None and not is_card:
        yield Problem(
            pointer="/visitor", code="not-taken", message="a visitor comes with a code, which the visitor typed"
        )


def no_credit() -> Problem:
    message = "has no store credit with money in this currency"
    return Problem(pointer="/customer_id", code="not-usable", message=message)


def wrong_code() -> Problem:
    """Return the one problem of a code that pays nothing, whatever the reason is."""
    message = "is no code of a gift card with money: it may be wrong, used up, expired, or of another currency"
    return Problem(pointer="/code", code="not-usable", message=message)


def unknown_code() -> Problem:
    return Problem(pointer="/code", code="unknown-code", message="is the code of no gift card")


def frozen(pointer: str) -> Problem:
    """Return the problem of a card or credit that is frozen. Who asks has named it, so it is told."""
    return Problem(pointer=pointer, code="frozen", message="is frozen, and pays nothing: ask the shop")


def shown(account: Account, today: date) -> dict[str, Any]:
    """Return an account as the API shows it. The code of a card is not known."""
    until = account.good_until
    return {
        "account_id": account.account_id,
        "kind": account.kind,
        "channel": account.channel,
        "balance": views.money(account.balance, account.currency),
        "last4": account.last4 or None,
        "opened_at": views.time(account.opened_at),
        "good_until": until.isoformat() if until else None,
        "expired": account.has_expired(today),
        "frozen": account.frozen,
    }


def shown_entry(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry of a ledger. Its amount is below 0 when it left the account."""
    return {
        "purpose": row["purpose"],
        "amount": row["amount"],
        "currency": row["currency"],
        "order_id": row.get("order_id"),
        "reason": row.get("reason"),
        "by": row["by"],
        "approved_by": row.get("approved_by"),
        "at": row["at"],
    }
