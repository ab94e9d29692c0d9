"""
Book what customers pay of their credit accounts, what is paid out to them, and what is taken back of that.

Called by   functions/credit_accounts, comanda.aws.books: waiting_payouts, waiting_reversals, waiting_bank_credits
Returns     writes, all for one transaction: the entry of the ledger, the account, and the journal of the channel's books
Raises      NotFound for a reference that was not booked; the writes are refused with Invalid
"""

from datetime import datetime
from typing import Any

from comanda.aws.books import credit_accounts
from comanda.aws.dynamodb import keys, reads, transaction
from comanda.aws.dynamodb.keys.spelling import Key
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import views
from comanda.domain.credit_accounts.account import CreditAccount
from comanda.domain.credit_accounts.movements import CreditPurpose
from comanda.domain.credit_accounts.payment import CustomerPayment, Payout, Reversal
from comanda.domain.errors import Invalid, NotFound, Problem, StaleOrder

_DUPLICATE = Problem(
    pointer="/reference", code="duplicate", message="a payment or payout with this reference is booked already"
)
_TWICE = Problem(pointer="/reference", code="duplicate", message="this payment or payout is taken back already")
_PAID = (CreditPurpose.PAYMENT, CreditPurpose.PAYOUT)


def payment_writes(account: CreditAccount, payment: CustomerPayment) -> list[Write]:
    """Return the writes of what a customer paid. A reference that was booked before is refused, and more than is owed."""
    more = Problem(pointer="/amount", code="more-than-owed", message="is more than the customer owes on this account")
    paid = transaction.update(
        settings.orders_table,
        keys.credit_account(account.account_id),
        "SET room = room + :amount, owed = owed - :amount",
        Invalid(more),
        condition="owed >= :amount",
        amount=payment.amount,
    )
    facts = {"received_on": payment.received_on.isoformat()}
    entry = _transfer(account, CreditPurpose.PAYMENT, payment, payment.amount, facts)
    key = keys.customer_payment_journal(account.account_id, payment.reference)
    return [entry, paid, _journal(account, key, payment.journal, payment.at)]


def payout_writes(account: CreditAccount, payout: Payout) -> list[Write]:
    """Return the writes of what was paid out to a customer.

    A reference that was booked before is refused, and more than the customer has: what open orders have taken of it stays.
    """
    message = "is more than the customer has on this account and open orders leave"
    paid = transaction.update(
        settings.orders_table,
        keys.credit_account(account.account_id),
        "SET room = room - :amount, owed = owed + :amount",
        Invalid(Problem(pointer="/amount", code="more-than-credit", message=message)),
        condition="owed <= :most AND room >= :amount",
        amount=payout.amount,
        most=-payout.amount,
    )
    facts = {"paid_on": payout.paid_on.isoformat(), "reason": payout.reason}
    facts |= {"approved_by": payout.approved_by} if payout.approved_by else {}
    entry = _transfer(account, CreditPurpose.PAYOUT, payout, -payout.amount, facts)
    key = keys.customer_payment_journal(account.account_id, payout.reference)
    return [entry, paid, _journal(account, key, payout.journal, payout.at)]


def not_booked(account: CreditAccount, payout: Payout) -> Write:
    """Return the check that nothing is booked by the reference of a payout."""
    key = keys.customer_payment(account.account_id, payout.reference)
    return transaction.check(settings.orders_table, key, "attribute_not_exists(pk)", Invalid(_DUPLICATE))


def not_taken_back(account: CreditAccount, reversal: Reversal) -> Write:
    """Return the check that the transfer of a reversal is not taken back."""
    key = keys.reversal(account.account_id, reversal.reference)
    return transaction.check(settings.orders_table, key, "attribute_not_exists(pk)", Invalid(_TWICE))


def booked(account: CreditAccount, reference: str) -> int:
    """Return what was booked by the reference of a transfer: below 0 for a payout. Raises NotFound."""
    row = reads.get(settings.orders_table, keys.customer_payment(account.account_id, reference))
    if row is None or row["purpose"] not in _PAID:
        raise NotFound("payment", reference[:80])
    return int(row["room"])


def reversal_writes(account: CreditAccount, reversal: Reversal) -> list[Write]:
    """Return the writes that take a payment or payout back, once: the customer owes as if it had not been.

    A closed account is listed again, without a name: else nobody would see what is owed on it. An account that is closed, or had
    again, meanwhile refuses them with StaleOrder.
    """
    values = {
        **keys.reversal(account.account_id, reversal.reference),
        "purpose": CreditPurpose.REVERSAL,
        "room": -reversal.paid,
        "owed": reversal.paid,
        "currency": account.currency,
        "reference": reversal.reference,
        "reason": reversal.reason,
        "by": reversal.by,
        "at": views.time(reversal.at),
        **({"approved_by": reversal.approved_by} if reversal.approved_by else {}),
    }
    moved = transaction.update(
        settings.orders_table,
        keys.credit_account(account.account_id),
        "SET room = room - :paid, owed = owed + :paid",
        StaleOrder(account.account_id),
        condition="customer_id = :customer",
        paid=reversal.paid,
        customer=account.customer_id,
    )
    key = keys.reversal_journal(account.account_id, reversal.reference)
    entry = transaction.put_once(settings.orders_table, values, Invalid(_TWICE))
    writes = [entry, moved, _journal(account, key, reversal.journal, reversal.at)]
    return [*writes, credit_accounts.listed_again(account)] if account.closed else writes


def _transfer(
    account: CreditAccount, purpose: CreditPurpose, paid: CustomerPayment | Payout, room: int, facts: dict[str, Any]
) -> Write:
    values = {
        **keys.customer_payment(account.account_id, paid.reference),
        "purpose": purpose,
        "room": room,
        "owed": -room,
        "currency": account.currency,
        "reference": paid.reference,
        "by": paid.by,
        "at": views.time(paid.at),
        **facts,
    }
    return transaction.put_once(settings.orders_table, values, Invalid(_DUPLICATE))


def _journal(account: CreditAccount, key: Key, entries: dict[str, int], at: datetime) -> Write:
    values = {
        **key,
        **keys.journal_of_day(account.channel, at, account.account_id, 1),
        "channel": account.channel,
        "at": views.time(at),
        "currency": account.currency,
        "entries": entries,
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(account.account_id))
