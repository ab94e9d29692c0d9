"""
Find the credit accounts that the credits of a bank's statement name: by the account's id, or by the id or number of an invoice.

Called by   functions/inbox/statement_file.py
Returns     payers by the number of their entry
Raises      Throttled (Busy)

A credit that names a payout or an operation of ours is of that. One that names two accounts, or an account in another currency, is of none.
"""

from collections.abc import Iterable, Mapping, Sequence

from comanda.aws.books import credit_accounts
from comanda.aws.books.waiting_bank_credits import Payer
from comanda.aws.directory import legal_entities
from comanda.aws.dynamodb import keys, reads
from comanda.aws.orders import document_numbers, orders
from comanda.aws.runtime.settings import settings
from comanda.domain import ids
from comanda.domain.billing.document_numbers import DocumentKind
from comanda.domain.reconciliation import references
from comanda.domain.reconciliation.statement import Entry

type Invoice = tuple[str, int]  # order id, and the number of the invoice within it


def find(entries: Iterable[Entry]) -> dict[int, Payer]:
    """Return the payers of the entries that have one."""
    came_in = [one for one in entries if one.is_credit and not references.is_of_provider(one.names)]
    prefixes = legal_entities.number_prefixes() if came_in else ()
    numbers = {one.number: references.numbers_in(one.names, prefixes) for one in came_in}
    numbered = _numbered([number for found in numbers.values() for number in found])
    invoices = {one.number: _invoices(one, numbers[one.number], numbered) for one in came_in}
    debtors = _debtors({order_id for found in invoices.values() for order_id, _ in found})
    payers = ((one.number, _payer(one, invoices[one.number], debtors)) for one in came_in)
    return {number: payer for number, payer in payers if payer is not None}


def _numbered(numbers: Sequence[tuple[str, int]]) -> dict[tuple[str, int], Invoice]:
    """Return the invoices that have these numbers."""
    wanted = {number: document_numbers.key_of_number(DocumentKind.INVOICE, *number) for number in numbers}
    by_key = {(key["pk"], key["sk"]): number for number, key in wanted.items()}
    rows = reads.batch(settings.orders_table, wanted.values()) if wanted else ()
    return {by_key[row["pk"], row["sk"]]: (row["order_id"], int(row["invoice"])) for row in rows if "invoice" in row}


def _invoices(
    entry: Entry, numbers: Iterable[tuple[str, int]], numbered: Mapping[tuple[str, int], Invoice]
) -> list[Invoice]:
    """Return the invoices that an entry names, each once."""
    by_number = (numbered[one] for one in references.most_exact(one for one in numbers if one in numbered))
    return list(dict.fromkeys([*references.invoices_in(entry.names), *by_number]))


def _debtors(order_ids: Iterable[str]) -> dict[str, set[str]]:
    """Return the ids of the credit accounts that pay these orders."""
    wanted = [keys.order(order_id) for order_id in order_ids]
    found = map(orders.order_of_item, reads.batch(settings.orders_table, wanted)) if wanted else ()
    return {one.order_id: {tender.reference for tender in one.payments if tender.on_account} for one in found}


def _payer(entry: Entry, invoices: Sequence[Invoice], debtors: Mapping[str, set[str]]) -> Payer | None:
    """Return the one account that an entry names, None for none and for several."""
    named = set(references.accounts_in(entry.names)).union(*(debtors.get(order_id, set()) for order_id, _ in invoices))
    known = [account for account_id in sorted(named) if (account := credit_accounts.find(account_id)) is not None]
    if len(known) != 1 or known[0].currency != entry.currency:
        return None
    of_account = [one for one in invoices if known[0].account_id in debtors.get(one[0], ())]
    return Payer(account=known[0], invoice_id=ids.invoice(*of_account[0]) if len(of_account) == 1 else "")
