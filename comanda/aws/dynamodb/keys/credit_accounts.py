"""
Spell the keys of credit accounts in the Orders table: an account and the entries of its ledger share a partition.

The id of an account is `ac_` and 32 hexadecimal digits of a hash of the channel, its customer and the currency. What invoices
took is sorted by the day until which it is to be paid.
"""

from datetime import date, datetime

from comanda.aws.dynamodb.keys.gift_cards import LEDGER_ENTRIES
from comanda.aws.dynamodb.keys.orders import JOURNALS
from comanda.aws.dynamodb.keys.queues import queue_page
from comanda.aws.dynamodb.keys.spelling import HEADER, Key, digest, shard, short_text, text, time

CREDIT_ACCOUNTS = "AC#"  # the partitions of accounts begin with this
DEBTS = f"{LEDGER_ENTRIES}due#"  # the entries of what invoices took
DEBT_DAYS = "DD#"  # their sums by the day until which they are to be paid
_DIGITS = 32


def id_of_credit_account(channel: str, customer_id: str, currency: str) -> str:
    """Return the id of the account that a customer of a channel has in a currency."""
    return f"ac_{digest(f'{text(channel)}/{text(customer_id)}/{currency}')[:_DIGITS]}"


def credit_account(account_id: str) -> Key:
    return {"pk": CREDIT_ACCOUNTS + text(account_id.removeprefix("ac_")), "sk": HEADER}


def credit_account_of_channel(channel: str, customer_id: str, currency: str) -> Key:
    """Return the key of the row by which the accounts of a channel are listed, by customer. Without a currency, "", it begins
    the keys of the customer's; without a customer, too, those of all."""
    customer = f"{short_text(customer_id)}#" if customer_id else ""
    return {"pk": f"ACL#{text(channel)}", "sk": f"C#{customer}{currency}"}


def credit_order_entry(account_id: str, order_id: str, purpose: str, number: int) -> Key:
    """Return the key of what an order moved on an account, by one of its payments or money operations."""
    return _entry(account_id, f"{order_id}#{purpose}#{number:03d}")


def debt_entry(account_id: str, due_on: date, order_id: str, number: int) -> Key:
    """Return the key of what an invoice took, by the money operation of its capture."""
    return {"pk": credit_account(account_id)["pk"], "sk": f"{debts_of_day(due_on)}{order_id}#{number:03d}"}


def debts_of_day(due_on: date) -> str:
    """Return the beginning of the sort keys of what is to be paid until a day."""
    return f"{DEBTS}{due_on:%Y%m%d}#"


def debt_day(account_id: str, due_on: date) -> Key:
    """Return the key of the sum of what is to be paid until a day."""
    return {"pk": credit_account(account_id)["pk"], "sk": f"{DEBT_DAYS}{due_on:%Y%m%d}"}


def limit_entry(account_id: str, change_id: str) -> Key:
    """Return the key of a change of the limit."""
    return _entry(account_id, f"limit#{text(change_id)}")


def customer_payment(account_id: str, reference: str) -> Key:
    """Return the key of what the customer paid, or got paid out, by the reference of the transfer."""
    return _entry(account_id, f"payment#{short_text(reference)}")


def customer_payment_journal(account_id: str, reference: str) -> Key:
    return {"pk": credit_account(account_id)["pk"], "sk": f"{JOURNALS}{short_text(reference)}"}


def reversal(account_id: str, reference: str) -> Key:
    """Return the key of what took the transfer of this reference back."""
    return _entry(account_id, f"reversal#{short_text(reference)}")


def reversal_journal(account_id: str, reference: str) -> Key:
    """Return the key of its journal. No spelt reference begins with "#"."""
    return {"pk": credit_account(account_id)["pk"], "sk": f"{JOURNALS}#reversal#{short_text(reference)}"}


def waiting_terms(change_id: str) -> Key:
    """Return the key of terms, or of a payout, that wait for a second person."""
    return {"pk": f"CT#{text(change_id)}", "sk": HEADER}


def waiting_terms_of(channel: str, customer_id: str, change_id: str) -> Key:
    """Return the key of the row by which terms that wait are found by their customer. Without a change, "", it begins the keys of
    the customer's."""
    return {"pk": f"ACL#{text(channel)}", "sk": f"W#{short_text(customer_id)}#{text(change_id)}"}


def waiting_terms_place(due: datetime, change_id: str) -> Key:
    """Return their place in the queue, the oldest first."""
    return {"gsi3pk": queue_page("credit-accounts", shard(change_id)), "gsi3sk": f"5#{time(due)}#{change_id}"}


def _entry(account_id: str, name: str) -> Key:
    return {"pk": credit_account(account_id)["pk"], "sk": LEDGER_ENTRIES + name}
