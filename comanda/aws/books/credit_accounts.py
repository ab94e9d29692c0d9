"""
Read credit accounts, and change their terms. What orders move on them is written with the order.

Called by   functions/credit_accounts, functions/intake, functions/inbox, comanda.aws.books
Returns     accounts, pages of their ledgers, and writes
Raises      NotFound; NotAllowed for an account that was closed meanwhile
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from comanda.aws.books import unpaid_invoices
from comanda.aws.dynamodb import keys, list_pages, reads, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, views
from comanda.domain.credit_accounts import aging
from comanda.domain.credit_accounts.account import CreditAccount, Terms
from comanda.domain.credit_accounts.movements import CreditPurpose
from comanda.domain.errors import ComandaError, NotAllowed, NotFound, StaleOrder

_ERASED = ("erased_by", "gsi3pk", "gsi3sk")  # of an account whose customer was erased, as long as something is owed


@dataclass(frozen=True, slots=True, kw_only=True)
class TermsChange:
    """The terms that somebody gives a customer. `change_id` is the same whenever the request is repeated."""

    change_id: str
    channel: str
    customer_id: str
    currency: str
    terms: Terms
    by: str
    at: datetime
    reason: str
    approved_by: str = ""  # of terms above the limit of who asked for them

    @property
    def account_id(self) -> str:
        return keys.id_of_credit_account(self.channel, self.customer_id, self.currency)


def find(account_id: str) -> CreditAccount | None:
    """Return an account as it is now, strongly consistent; None if there is none."""
    row = reads.get(settings.orders_table, keys.credit_account(account_id))
    return None if row is None else of_row(row)


def of_customer(channel: str, customer_id: str, currency: str) -> CreditAccount | None:
    """Return the account of a customer of a channel, None if there is none. A guest has none: whoever types the e-mail of another
    guest is that guest."""
    if ids.is_guest(customer_id):
        return None
    return find(keys.id_of_credit_account(channel, customer_id, currency))


def pays(account: CreditAccount, amount: int, today: date) -> bool:
    """Return True if a new payment may take the amount: there is room, and no invoice is unpaid for too long."""
    if not account.pays(amount):
        return False
    if account.terms.blocked_after is None or account.owed <= 0:
        return True
    return not account.blocked_by(aging.days_overdue(unpaid_invoices.days(account), today))


def load(text: str) -> CreditAccount:
    """Return the account of an id that a caller sent. Raises NotFound."""
    found = find(text) if ids.is_credit_account(text) else None
    if found is None:
        raise NotFound("credit account", text[:80])
    return found


def load_open(account_id: str) -> CreditAccount:
    """Return the account on which something is to be booked that waited. Raises NotAllowed for one that was closed meanwhile."""
    account = load(account_id)
    if account.closed and not account.owed:
        raise NotAllowed("the customer was erased and this account is closed: refuse this")
    return account


def customers(account_ids: Collection[str]) -> dict[str, str]:
    """Return the customers of accounts, as the accounts name them now."""
    wanted = [keys.credit_account(one) for one in account_ids]
    rows = reads.batch(settings.orders_table, wanted) if wanted else ()
    return {row["account_id"]: row["customer_id"] for row in rows}


def of_channel(channel: str, customer_id: str, after: str, limit: int) -> tuple[list[CreditAccount], str | None]:
    """Return a page of a channel's accounts by customer, and the key to go on after, None at the end. The customer may be "", for
    those of all."""
    at = keys.credit_account_of_channel(channel, customer_id, "")
    rows, more = list_pages.rows_below(at["pk"], at["sk"], after, limit)
    wanted = [keys.credit_account(one) for one in {row["account_id"] for row in rows}]
    found = {row["account_id"]: of_row(row) for row in reads.batch(settings.orders_table, wanted)}
    accounts = ((found[row["account_id"]], row["sk"]) for row in rows)
    return [one for one, listed in accounts if _place_in_list(one) == listed], more


def ledger(account_id: str, after: str, limit: int) -> tuple[list[dict[str, Any]], str | None]:
    """Return a page of the entries of an account, and the key to go on after, None at the end."""
    return list_pages.rows_below(keys.credit_account(account_id)["pk"], keys.LEDGER_ENTRIES, after, limit)


def whole_ledger(account_id: str) -> Iterator[dict[str, Any]]:
    """Yield all entries of an account; strongly consistent."""
    pk = keys.credit_account(account_id)["pk"]
    condition = "pk = :pk AND begins_with(sk, :entries)"
    return reads.query(settings.orders_table, condition, consistent=True, pk=pk, entries=keys.LEDGER_ENTRIES)


def changed(change: TermsChange, known: CreditAccount | None) -> CreditAccount:
    """Return the account by its new terms. The room moves by as much as the limit, also below 0."""
    if known is not None:
        room = known.room + change.terms.limit - known.terms.limit
        return replace(known, customer_id=change.customer_id, terms=change.terms, room=room, version=known.version + 1)
    return CreditAccount(
        account_id=change.account_id,
        channel=change.channel,
        customer_id=change.customer_id,
        currency=change.currency,
        terms=change.terms,
        room=change.terms.limit,
        owed=0,
        version=1,
        opened_at=change.at,
    )


def change_writes(change: TermsChange, known: CreditAccount | None, taken: ComandaError) -> list[Write]:
    """Return the writes of new terms: the account, and the entry of its ledger. `taken` is the refusal of a change that was made
    already. Another change in between refuses both with StaleOrder."""
    moved = change.terms.limit - (known.terms.limit if known else 0)
    values = {
        **keys.limit_entry(change.account_id, change.change_id),
        "purpose": CreditPurpose.LIMIT,
        "room": moved,
        "owed": 0,
        "currency": change.currency,
        "reason": change.reason,
        "by": change.by,
        "at": views.time(change.at),
        "terms": stored_terms(change.terms),
        **({"approved_by": change.approved_by} if change.approved_by else {}),
    }
    entry = transaction.put_once(settings.orders_table, values, taken)
    if known is None:
        return [entry, *_new_account(change)]
    writes = [entry, _changed_terms(change, known, moved)]
    if known.customer_id != change.customer_id:  # they were erased, and come back
        writes.append(_listed(change))
    return writes


def not_made(change: TermsChange, taken: ComandaError) -> Write:
    """Return the check that the ledger has no entry of this change. `taken` is the refusal of one that was made already."""
    key = keys.limit_entry(change.account_id, change.change_id)
    return transaction.check(settings.orders_table, key, "attribute_not_exists(pk)", taken)


def _new_account(change: TermsChange) -> Iterator[Write]:
    whose = {"channel": change.channel, "customer_id": change.customer_id, "currency": change.currency}
    values = {
        **keys.credit_account(change.account_id),
        **whose,
        **stored_terms(change.terms),
        "account_id": change.account_id,
        "room": change.terms.limit,
        "owed": 0,
        "version": 1,
        "opened_at": views.time(change.at),
    }
    refused = StaleOrder(change.account_id)
    yield transaction.put_once(settings.orders_table, values, refused)
    yield _listed(change)


def _listed(change: TermsChange) -> Write:
    """Return the write of the row by which the account is found among those of its channel."""
    at = keys.credit_account_of_channel(change.channel, change.customer_id, change.currency)
    listed = {**at, "account_id": change.account_id}
    return transaction.put_once(settings.orders_table, listed, StaleOrder(change.account_id))


def _place_in_list(account: CreditAccount) -> str:
    """Return the place of an account among those of its channel."""
    return keys.credit_account_of_channel(account.channel, account.customer_id, account.currency)["sk"]


def listed_again(account: CreditAccount) -> Write:
    """Return the write by which a closed account is found among those of its channel: nobody is its customer. The row stays when
    somebody has the account again, and is passed over then."""
    at = keys.credit_account_of_channel(account.channel, account.customer_id, account.currency)
    values = {**at, "account_id": account.account_id}
    return transaction.put(settings.orders_table, values, StaleOrder(account.account_id))


def _changed_terms(change: TermsChange, known: CreditAccount, moved: int) -> Write:
    """Return the write that moves the room by the difference of both limits: orders may take from it meanwhile."""
    terms = stored_terms(change.terms)
    sets = ", ".join(f"#{name} = :{name}" for name in terms)
    gone = () if "blocked_after" in terms else ("blocked_after",)
    # Who may order again is there again after an erasure, and is not to be forgotten once nothing is owed.
    gone = gone if change.terms.frozen else (*gone, *_ERASED)
    removes = f" REMOVE {', '.join(gone)}" if gone else ""
    return transaction.update(
        settings.orders_table,
        keys.credit_account(change.account_id),
        f"SET {sets}, customer_id = :customer, version = :version, room = room + :moved{removes}",
        StaleOrder(change.account_id),
        condition="version = :seen",
        version=known.version + 1,
        seen=known.version,
        customer=change.customer_id,
        moved=moved,
        **terms,
        **{f"n_{name}": name for name in terms},
    )


def stored_terms(terms: Terms) -> dict[str, Any]:
    """Return terms as rows have them: what is None is left out."""
    stored = {"limit": terms.limit, "payment_days": terms.payment_days, "frozen": terms.frozen}
    return stored if terms.blocked_after is None else {**stored, "blocked_after": terms.blocked_after}


def of_row(row: Mapping[str, Any]) -> CreditAccount:
    """Return the account that a row has."""
    return CreditAccount(
        account_id=row["account_id"],
        channel=row["channel"],
        customer_id=row["customer_id"],
        currency=row["currency"],
        terms=terms_of(row),
        room=row["room"],
        owed=row["owed"],
        version=row["version"],
        opened_at=datetime.fromisoformat(row["opened_at"]),
    )


def terms_of(row: Mapping[str, Any]) -> Terms:
    """Return the terms that a row has."""
    return Terms(
        limit=row["limit"],
        payment_days=row["payment_days"],
        blocked_after=row.get("blocked_after"),
        frozen=row["frozen"],
    )
