"""
Compute the accounts of every order anew from its invoices, credit notes and tenders, and report where its journals say otherwise.

Called by   local/money_commands.py (`comanda money audit`), ops/identities.py
Returns     a Difference for every account of an order that differs from the sum of its journals, and for every journal whose
            debits and credits differ; Kept for every closed order that keeps money of its customer; sentences of the audits of
            accounts and of reconciliation

The whole table is read with the operator's credentials, and all orders with their journals, invoices and credit notes are kept in memory. On a running system an order may change while it is
read. An order that differs is therefore read again; a difference counts if its version did not change meanwhile.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import attributes, unpack
from comanda.domain.books import journal
from comanda.domain.books.accounts import Account
from comanda.domain.orders import document
from comanda.domain.orders.dispute import lost
from comanda.domain.orders.order import Order
from comanda.domain.orders.standing_invoices import voided
from comanda.domain.orders.tender import OWN
from ops import own_account_audit, settlement_audit

Row = Mapping[str, Any]
_OWED = {
    "GIFT_CARD": "gift_cards",
    "STORE_CREDIT": "store_credit",
    "ON_ACCOUNT": "on_account",
}  # accounts by the methods that are paid from them
_TRIES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One account of an order, in minor units: the sum of its journals, and what invoices and tenders say.

    `account` is empty for a journal that is not balanced; `books` is what it is out of balance by.
    """

    order_id: str
    account: str
    books: int
    rebuilt: int

    def __str__(self) -> str:
        if not self.account:
            return f"{self.order_id}: the entries of a journal add up to {self.books}, not to 0"
        return f"{self.order_id}: {self.account} is {self.books} by its journals, {self.rebuilt} by its documents and tenders"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """The money of a customer, in minor units, that an order keeps although its books are closed: nothing gives it back.

    `open` is authorised and neither captured nor released, `surplus` is paid above what is invoiced, below 0 if less.
    """

    order_id: str
    open: int
    surplus: int

    def __str__(self) -> str:
        return f"{self.order_id}: its books are closed, with {self.open} authorised and {self.surplus} paid above its invoices"


@dataclass(slots=True)
class OrderRows:
    """The rows of one order that its books are made of."""

    order: Order | None = None
    journals: list[Row] = field(default_factory=list)
    invoices: list[Row] = field(default_factory=list)
    credit_notes: list[Row] = field(default_factory=list)

    def add(self, row: Row) -> None:
        """Add one row of the order's partition."""
        if row["sk"] == keys.HEADER:
            self.order = document.to_order(unpack(row["doc"]))
        elif row["sk"].startswith(keys.JOURNALS):
            self.journals.append(row)
        elif row["sk"].startswith(keys.INVOICES):
            self.invoices.append(unpack(row["doc"]))
        elif row["sk"].startswith(keys.CREDIT_NOTES):
            self.credit_notes.append(unpack(row["doc"]))

    def differences(self) -> Iterator[Difference | Kept]:
        """Yield every difference between the journals and the other rows, and the money that a closed order keeps."""
        if self.order is None:
            return
        for row in self.journals:
            if not journal.balanced(row["entries"]):
                yield self._difference("", sum(row["entries"].values()), 0)
        books = journal.added(row["entries"] for row in self.journals)
        rebuilt = _rebuilt(self.order, self.invoices, self.credit_notes)
        for account in Account:
            if books.get(account, 0) != rebuilt[account]:
                yield self._difference(account, books.get(account, 0), rebuilt[account])
        order, surplus = self.order, self.order.accounted - self.order.invoiced_total
        # Its customer has what a bank took back already.
        if order.closed and (order.open_authorization or not 0 <= surplus <= lost(order.disputes)):
            yield Kept(order_id=order.order_id, open=order.open_authorization, surplus=surplus)

    def _difference(self, account: str, books: int, rebuilt: int) -> Difference:
        assert self.order is not None
        return Difference(order_id=self.order.order_id, account=account, books=books, rebuilt=rebuilt)


def _rebuilt(order: Order, invoices: Iterable[Row], credit_notes: Iterable[Row]) -> dict[str, int]:
    """Return every account from the documents as they were issued and not voided, and from the order's tenders."""
    total = tax = charges = 0
    gone = voided(order)
    standing = [made for made in invoices if made["invoice_id"] not in gone]
    for made in standing:
        total += made["totals"]["total"]["amount"]
        tax += made["totals"]["tax"]["amount"]
        charges += made["totals"]["charges"]["amount"]
        if order.prices_include_tax:
            charges -= sum(line["charges_tax"]["amount"] for line in made["lines"])
    credited = credited_tax = 0
    for made in credit_notes:
        credited += made["totals"]["total"]["amount"]
        credited_tax += made["totals"]["tax"]["amount"]
    sold, taken_back = _cards(order, standing), _cards(order, credit_notes)
    own = {method: [t for t in order.payments if t.provider == OWN and t.method == method] for method in _OWED}
    outside = [tender for tender in order.payments if tender.provider != OWN]
    captured, refunded = (sum(getattr(tender, name) for tender in outside) for name in ("captured", "refunded"))
    owed = {account: sum(t.captured - t.refunded for t in own[method]) for method, account in _OWED.items()}
    disputed = sum((one.amount if one.state != "WON" else 0) - one.repaid for one in order.disputes)
    given_up = sum(one.written_off for one in order.disputes)
    uncaptured = sum(
        tender.authorized - tender.captured - tender.released - tender.uncaptured - tender.unreleased
        for tender in order.payments
    )
    return {
        "receivable": total - credited - captured + refunded + disputed - given_up - sum(owed.values()),
        "captured": captured,
        "refunded": -refunded,
        "disputed": -disputed,
        "chargebacks": given_up,
        **owed,
        "gift_cards": owed["gift_cards"] - sold + taken_back,
        "received": 0,
        "issued": 0,
        "breakage": 0,
        "revenue": charges + tax - total + sold,
        "charges": -charges,
        "credits": credited - credited_tax - taken_back,
        "tax": credited_tax - tax,
        "authorised": uncaptured,
        "to_capture": -uncaptured,
    }


def _cards(order: Order, documents: Iterable[Row]) -> int:
    """Return the price of all gift cards on documents. A credit note of an amount has none."""
    lines = [line for made in documents for line in made["lines"] if line["quantity"]]
    return sum(line["goods"]["amount"] for line in lines if order.line(line["line_id"]).gift_card)


def of_rows(rows: Iterable[Row]) -> list[Difference | Kept]:
    """Return the differences in a table of orders that does not change meanwhile."""
    return [found for order in _by_order(rows).values() for found in order.differences()]


def of_table(dynamodb: Any, table: str) -> tuple[int, list[Difference | Kept | str]]:
    """Return the number of orders, and the differences in a table that may change meanwhile: of orders, of accounts of ours, and of
    totals of reconciliation."""
    pages = dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    accounts, settlements = own_account_audit.AccountRows(), settlement_audit.SettlementRows()
    orders = _by_order(settlements.watch(accounts.watch(_attributes_of(pages))))
    suspects = [order_id for order_id, order in sorted(orders.items()) if any(order.differences())]
    counted = sum(order.order is not None for order in orders.values())
    found = [one for order_id in suspects for one in _at_rest(dynamodb, table, order_id)]
    reported = settlements.differences_at_rest(dynamodb, table)
    return counted, [*found, *accounts.differences_at_rest(dynamodb, table), *reported]


def _at_rest(dynamodb: Any, table: str, order_id: str) -> list[Difference | Kept]:
    """Return the differences of an order that did not change meanwhile. One that always changes is reported as last read."""
    found: list[Difference | Kept] = []
    version = None
    for _ in range(_TRIES):
        pages = dynamodb.get_paginator("query").paginate(
            TableName=table,
            KeyConditionExpression="pk = :pk",
            ExpressionAttributeValues={":pk": {"S": keys.order(order_id)["pk"]}},
            ConsistentRead=True,
        )
        order = _by_order(_attributes_of(pages)).get(order_id, OrderRows())
        found = list(order.differences())
        if not found or order.order is None or order.order.version == version:
            break
        version = order.order.version
    return found


def _by_order(rows: Iterable[Row]) -> dict[str, OrderRows]:
    orders: dict[str, OrderRows] = defaultdict(OrderRows)
    for row in rows:
        if row["pk"].startswith(keys.ORDERS):
            orders[keys.order_id_of(row)].add(row)
    return orders


def _attributes_of(pages: Iterable[Mapping[str, Any]]) -> Iterator[Row]:
    for page in pages:
        yield from map(attributes, page["Items"])
