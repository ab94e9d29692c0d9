"""
Read and issue the accounts of gift cards and store credit. What orders move on them is written with the order.

The code of a card is nowhere: an account is found by a keyed hash of it, which is its id (`comanda.aws.runtime.card_codes`).

Called by   functions/gift_cards, functions/intake
Returns     accounts, pages of their ledgers, the writes of an issue
Raises      NotFound
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from comanda.aws.dynamodb import keys, list_pages, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime import card_codes
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.errors import ComandaError, NotFound, StaleOrder
from comanda.domain.gift_cards.account import GIFT_CARD, Account, later
from comanda.domain.gift_cards.expiry import first_look
from comanda.domain.gift_cards.issuing import Issue
from comanda.domain.gift_cards.movements import Purpose


def id_of_credit(channel: str, customer_id: str, currency: str) -> str:
    """Return the id of the account of a customer's store credit. It does not show the customer."""
    return f"sc_{card_codes.keyed('credit', f'{keys.text(channel)}/{keys.text(customer_id)}/{currency}')[: card_codes.DIGITS]}"


def find(account_id: str) -> Account | None:
    """Return an account as it is now, strongly consistent; None if there is none."""
    row = reads.get(settings.orders_table, keys.account(account_id))
    return None if row is None else _account(account_id, row)


def load(text: str) -> Account:
    """Return the account of an id that a caller sent. Raises NotFound, which repeats no other text: it may be a card's code."""
    if not ids.is_account(text):
        raise NotFound("account", "by that text")
    found = find(text)
    if found is None:
        raise NotFound("account", text)
    return found


def ledger(account_id: str, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of the entries of an account, and the key to go on after, None at the end."""
    return list_pages.rows_below(keys.account(account_id)["pk"], keys.LEDGER_ENTRIES, after, limit)


def account_of(issue: Issue, known: Account | None = None) -> Account:
    """Return the account after an issue. `known` is that of a credit that has money already."""
    if known is not None:
        until = later(known.expires_on, issue.expires_on)
        return replace(known, balance=known.balance + issue.amount, expires_on=until)
    return Account(
        account_id=issue.account_id,
        kind=issue.kind,
        channel=issue.channel,
        currency=issue.currency,
        balance=issue.amount,
        opened_at=issue.at,
        expires_on=issue.expires_on,
        last4=issue.last4,
    )


def issue_writes(issue: Issue, known: Account | None, taken: ComandaError) -> list[Write]:
    """Return the writes of an issue: the account, the entry of its ledger, and the journal of the channel's books.

    `known` is the account of a credit that has money already. `taken` is the refusal of an issue that was made already.
    """
    account = _new_account(issue, taken) if known is None else _more(issue, known)
    return [account, _entry(issue, taken), _journal(issue)]


def not_issued(issue: Issue, taken: ComandaError) -> Write:
    """Return the check that the ledger has no entry of this issue. `taken` is the refusal of an issue that was made already."""
    key = keys.issue_entry(issue.account_id, issue.issue_id)
    return transaction.check(settings.orders_table, key, "attribute_not_exists(pk)", taken)


def _new_account(issue: Issue, taken: ComandaError) -> Write:
    values: dict[str, Any] = {
        **keys.account(issue.account_id),
        "kind": issue.kind,
        "channel": issue.channel,
        "currency": issue.currency,
        "balance": issue.amount,
        "opened_at": views.time(issue.at),
        "last4": issue.last4,
        **({"expires_on": issue.expires_on.isoformat(), **_account_look(issue)} if issue.expires_on else {}),
    }
    refused = taken if issue.kind == GIFT_CARD else StaleOrder(issue.account_id)
    return transaction.put_once(settings.orders_table, values, refused)


def _more(issue: Issue, known: Account) -> Write:
    """Return the write that adds to a customer's credit. The later of both last days holds for all of it."""
    until = later(known.expires_on, issue.expires_on)
    expression, values = "SET balance = balance + :amount", dict[str, Any](amount=issue.amount)
    if until is None:
        expression += " REMOVE expires_on"
    else:
        expression, values["until"] = f"{expression}, expires_on = :until", until.isoformat()
        # What it had may be gone, and its place with it. The sweeper looks at all of it again.
        expression += ", gsi3pk = :page, gsi3sk = :look"
        look = keys.account_look(issue.account_id, first_look(until))
        values |= {"page": look["gsi3pk"], "look": look["gsi3sk"]}
    seen = "attribute_not_exists(expires_on)" if known.expires_on is None else "expires_on = :seen"
    if known.expires_on is not None:
        values["seen"] = known.expires_on.isoformat()
    key, refused = keys.account(issue.account_id), StaleOrder(issue.account_id)
    condition = f"{seen} AND attribute_not_exists(frozen)"
    return transaction.update(settings.orders_table, key, expression, refused, condition=condition, **values)


def _account_look(issue: Issue) -> keys.Key:
    return keys.account_look(issue.account_id, first_look(issue.expires_on)) if issue.expires_on else {}


def _entry(issue: Issue, taken: ComandaError) -> Write:
    values = {
        **keys.issue_entry(issue.account_id, issue.issue_id),
        "purpose": Purpose.ISSUE,
        "amount": issue.amount,
        "currency": issue.currency,
        "reason": issue.reason,
        "by": issue.by,
        "at": views.time(issue.at),
        **({"approved_by": issue.approved_by} if issue.approved_by else {}),
    }
    return transaction.put_once(settings.orders_table, values, taken)


def _journal(issue: Issue) -> Write:
    values = {
        **keys.issue_journal(issue.account_id, issue.issue_id),
        **keys.journal_of_day(issue.channel, issue.at, issue.account_id, 1),
        "channel": issue.channel,
        "at": views.time(issue.at),
        "currency": issue.currency,
        "entries": issue.journal,
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(issue.account_id))


def _account(account_id: str, row: Mapping[str, Any]) -> Account:
    return Account(
        account_id=account_id,
        kind=row["kind"],
        channel=row["channel"],
        currency=row["currency"],
        balance=row["balance"],
        opened_at=datetime.fromisoformat(row["opened_at"]),
        expires_on=_day(row.get("expires_on")),
        returned_until=_day(row.get("returned_until")),
        last4=row.get("last4", ""),
        frozen=row.get("frozen", False),
    )


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None
