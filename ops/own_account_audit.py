"""
Add up the ledgers of accounts of ours, and report where an account or an order says otherwise.

Called by   ops/money_audit.py (`comanda money audit`), ops/debt_days.py, ops/identities.py
Returns     a sentence for every account whose balance is below zero or not the sum of its entries, for every journal of an issue
            or payment that is out of balance, and for every order that has more or less of an account than its ledger says
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import attributes
from comanda.domain.books import journal
from comanda.domain.gift_cards.movements import OF_PAYMENTS
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import OWN

Row = Mapping[str, Any]
_ACCOUNTS = (keys.GIFT_CARDS, keys.STORE_CREDITS, keys.CREDIT_ACCOUNTS)
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Hold what is due on a day, in minor units, and of how many invoices: as its sum says, and as they add up."""

    due_on: str
    said: tuple[int, int]
    debts: tuple[int, int]


class AccountRows:
    """The rows of accounts, as they are found among others."""

    def __init__(self) -> None:
        self.by_account: dict[str, list[Row]] = defaultdict(list)

    def watch(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Pass rows on, and keep those of accounts."""
        for row in rows:
            if row["pk"].startswith(_ACCOUNTS):
                self.by_account[row["pk"]].append(row)
            yield row

    def differences_at_rest(self, dynamodb: Any, table: str) -> Iterator[str]:
        """Yield the differences of a table that may change meanwhile: an account that differs is read again."""
        for pk in sorted(self.by_account):
            rows: Iterable[Row] = self.by_account[pk]
            for _ in range(_TRIES):
                if not any(of_account(pk, rows)):
                    break
                rows = list(rows_below(dynamodb, table, pk))
            yield from of_account(pk, rows)


def of_rows(rows: Iterable[Row]) -> Iterator[str]:
    """Yield the differences of accounts among the rows of a table that does not change meanwhile."""
    accounts = AccountRows()
    for _ in accounts.watch(rows):
        pass
    for pk, found in sorted(accounts.by_account.items()):
        yield from of_account(pk, found)


def of_account(pk: str, rows: Iterable[Row]) -> Iterator[str]:
    """Yield what is wrong with one account."""
    account: Row = {}
    entries, days = list[Row](), list[Row]()
    for row in rows:
        if row["sk"] == keys.HEADER:
            account = row
        elif row["sk"].startswith(keys.LEDGER_ENTRIES):
            entries.append(row)
        elif row["sk"].startswith(keys.DEBT_DAYS):
            days.append(row)
        elif not journal.balanced(row["entries"]):
            yield f"{pk}: the entries of a journal add up to {sum(row['entries'].values())}, not to 0"
    if pk.startswith(keys.CREDIT_ACCOUNTS):
        yield from _of_credit(pk, account, entries)
        yield from _of_days(pk, entries, days)
    else:
        has, says = account.get("balance", 0), sum(entry["amount"] for entry in entries)
        if has != says or has < 0:
            yield f"{pk}: has {has}, its entries add up to {says}"


def _of_credit(pk: str, account: Row, entries: Iterable[Row]) -> Iterator[str]:
    """Yield what is wrong with a credit account. Its room may be below zero, what orders have reserved of it may not."""
    for name in ("room", "owed"):
        has, says = account.get(name, 0), sum(entry[name] for entry in entries)
        if has != says:
            yield f"{pk}: its {name} is {has}, its entries add up to {says}"
    reserved = account.get("limit", 0) - account.get("room", 0) - account.get("owed", 0)
    if reserved < 0:
        yield f"{pk}: orders have reserved {reserved} of its limit"


def _of_days(pk: str, entries: Iterable[Row], days: Iterable[Row]) -> Iterator[str]:
    """Yield one sentence for an account that says another sum of a day than its invoices add up to, however many days differ."""
    if found := days_that_differ(entries, days):
        first = found[0]
        says = f"{first.said} are due on {first.due_on}, its invoices add up to {first.debts}"
        yield f"{pk}: the sums of {len(found)} days differ (`comanda money mend-days` writes them anew); {says}"


def days_that_differ(entries: Iterable[Row], days: Iterable[Row]) -> list[Day]:
    """Return the days of an account whose sums are not those of its invoices, the first day first."""
    owed, count = Counter[str](), Counter[str]()
    for entry in entries:
        if "due_on" in entry:
            owed[entry["due_on"]] += entry["owed"]
            count[entry["due_on"]] += 1
    says = {day["due_on"]: (day["owed"], day["invoices"]) for day in days}
    every = (
        Day(due_on=due_on, said=says.get(due_on, (0, 0)), debts=(owed[due_on], count[due_on]))
        for due_on in sorted(owed.keys() | says.keys())
    )
    return [day for day in every if day.said != day.debts]


def of_orders(orders: Iterable[Order], rows: Iterable[Row]) -> Iterator[str]:
    """Yield each order of which the ledgers say something else than its payments. Nothing changes meanwhile."""
    said, kept = Counter[str](), Counter[str]()
    sold, active = Counter[str](), Counter[str]()
    for row in rows:
        if not row["pk"].startswith(_ACCOUNTS) or "order_id" not in row:
            continue
        if row["pk"].startswith(keys.CREDIT_ACCOUNTS):
            said[row["order_id"]] -= row["room"]
        elif row["purpose"] in OF_PAYMENTS:
            said[row["order_id"]] -= row["amount"]
        else:
            sold[row["order_id"]] += row["amount"]
    for order in orders:
        active[order.order_id] = sum(
            p.cards.value * (p.quantity - len(p.cards.voided)) for p in order.provisions if p.cards and p.cards.active
        )
        own = (tender for tender in order.payments if tender.provider == OWN)
        kept[order.order_id] = sum(tender.authorized - tender.released - tender.refunded for tender in own)
    for order_id in said.keys() | kept.keys():
        if said[order_id] != kept[order_id]:
            yield f"{order_id}: has {kept[order_id]} of accounts of ours, their ledgers say {said[order_id]}"
    for order_id in sold.keys() | active.keys():
        if sold[order_id] != active[order_id]:
            yield f"{order_id}: sold cards of {active[order_id]} that are active, their ledgers say {sold[order_id]}"


def rows_below(dynamodb: Any, table: str, pk: str, beginning: str = "") -> Iterator[Row]:
    """Yield the rows of a partition whose sort keys begin so, as they are now."""
    values = {":pk": {"S": pk}, **({":beginning": {"S": beginning}} if beginning else {})}
    pages = dynamodb.get_paginator("query").paginate(
        TableName=table,
        KeyConditionExpression="pk = :pk AND begins_with(sk, :beginning)" if beginning else "pk = :pk",
        ExpressionAttributeValues=values,
        ConsistentRead=True,
    )
    for page in pages:
        yield from map(attributes, page["Items"])
