"""
Check the identities that must hold for the items of all tables whenever no work is under way.

Called by   local/demo.py, the system tests
Returns     for each identity, a sentence for every place where it does not hold

The tables are read whole, with the operator's credentials. The domain's own code reads the documents of orders; the sums are
made here.

This file is long because its identities read one snapshot, and each must be seen beside the others.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import attributes, unpack
from comanda.aws.reservations import reservation_items
from comanda.aws.stock import position_items
from comanda.domain import views
from comanda.domain.billing import failed_money
from comanda.domain.days import utc_day
from comanda.domain.lifecycle import closing, payment_increases
from comanda.domain.lifecycle.changes import pending_changes
from comanda.domain.orders import bought_cards, document, holds, queues
from comanda.domain.orders.decision import EventType
from comanda.domain.orders.dispute import lost
from comanda.domain.orders.order import Order
from comanda.domain.orders.standing_invoices import voided
from comanda.domain.orders.status import AT_NODE, GONE, Status
from comanda.domain.reservations import reservations
from comanda.domain.stock.apply_change import stored_free
from functions.notify import dates
from ops import money_audit, own_account_audit

Row = dict[str, Any]
TABLES = ("orders", "stock", "directory", "customers")
FAILED = ("DECLINED", "QUEUED")  # states of a money operation that was taken back
ENDED = ("DONE", *FAILED)


@dataclass(frozen=True)
class Snapshot:
    """All items of the four tables, as plain values."""

    orders: tuple[Row, ...]
    stock: tuple[Row, ...]
    directory: tuple[Row, ...]
    customers: tuple[Row, ...]

    @cached_property
    def documents(self) -> dict[str, Order]:
        """The orders by their ids."""
        found = (
            document.to_order(unpack(row["doc"]))
            for row in self.children(keys.HEADER)
            if row["pk"].startswith(keys.ORDERS)
        )
        return {order.order_id: order for order in found}

    def children(self, sk: str) -> Iterator[Row]:
        """Return the children of orders of one kind. Drafts have children of these kinds, too."""
        return (row for row in self.orders if row["sk"].startswith(sk) and row["pk"].startswith(keys.ORDERS))

    def of_orders(self, sk: str) -> dict[str, list[Row]]:
        """Return the children of one kind by order id."""
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self.children(sk):
            found[keys.order_id_of(row)].append(row)
        return found

    @cached_property
    def tasks(self) -> frozenset[tuple[str, str]]:
        """The order and the sort key of every task of an order."""
        return frozenset((keys.order_id_of(row), row["sk"]) for row in self.children(keys.TASKS))

    @cached_property
    def addressed(self) -> frozenset[str]:
        """The ids of the orders whose customer has an e-mail address."""
        documents = ((keys.order_id_of(row), unpack(row["doc"])) for row in self.customers if "doc" in row)
        return frozenset(name for name, document in documents if document.get("customer", {}).get("email"))

    @cached_property
    def erased(self) -> frozenset[str]:
        """The ids of the orders whose customer was erased."""
        gone = (row for row in self.customers if "erased_at" in row and keys.is_contact(row))
        return frozenset(keys.order_id_of(row) for row in gone)

    @cached_property
    def kept(self) -> Counter[tuple[str, str, str]]:
        """The units of reservations without an expiry that no order took yet, by (sku, node, due day)."""
        found = Counter[tuple[str, str, str]]()
        for row in self.stock:
            if row["pk"].startswith(keys.RESERVATIONS) and row["sk"] == keys.HEADER:
                chunks = (
                    [r for r in self.stock if r["pk"] == row["pk"] and r["sk"].startswith(keys.LINES)]
                    if row["many"]
                    else []
                )
                kept = reservation_items.to_reservation(row, chunks)
                for chunk in kept.chunks:
                    for units in reservations.reserved_units(kept, chunk) if kept.order_id is None else ():
                        if units.expires is None:
                            found[units.sku, units.node, units.due] += units.quantity
        return found

    @property
    def positions(self) -> Iterator[Row]:
        return (row for row in self.stock if row["pk"].startswith(keys.SKUS) and row["sk"].startswith(keys.POSITIONS))

    @cached_property
    def movements(self) -> dict[tuple[str, str], list[Row]]:
        """The ledger by (sku, node)."""
        found: dict[tuple[str, str], list[Row]] = defaultdict(list)
        for row in self.stock:
            if row["pk"].startswith(keys.LEDGERS):
                found[row["sku"], row["node"]].append(row)
        return found


def read(dynamodb: Any, names: Mapping[str, str]) -> Snapshot:
    """Read the four tables. `names` are their names by the words of `TABLES`."""
    return Snapshot(**{table: tuple(_scan(dynamodb, names[table])) for table in TABLES})


def _scan(dynamodb: Any, table: str) -> Iterator[Row]:
    for page in dynamodb.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
        yield from map(attributes, page["Items"])


def violations(snapshot: Snapshot) -> dict[str, list[str]]:
    """Return the name of every identity with the sentences that contradict it."""
    return {name: list(check(snapshot)) for name, check in IDENTITIES.items()}


def units_of_lines(s: Snapshot) -> Iterator[str]:
    """A line's quantity is the sum of its allocations."""
    for order in s.documents.values():
        for line in order.lines:
            has = sum(a.quantity for a in line.allocations)
            if has != line.quantity or any(a.quantity < 1 for a in line.allocations):
                yield f"{order.order_id} line {line.line_id}: {line.quantity} units, allocations of {has}"


def free_stock(s: Snapshot) -> Iterator[str]:
    """Free units are those on hand less the demand, and an over-reserved position has its entry."""
    entries = {
        (row["sku"], row["node"]): row["quantity"]
        for row in s.stock
        if row["sk"].startswith(keys.ALERTS) and keys.alert_of(row["sk"])[0] == "OVER_RESERVED"
    }
    for row in s.positions:
        at, position = (row["sku"], row["node"]), position_items.to_position(row)
        last = max((datetime.fromisoformat(moved["at"]) for moved in s.movements[at]), default=datetime.now(UTC))
        net = stored_free(position, last)
        # Days ahead may have come closer since the last movement; then the number may only be too small.
        dated = bool(position.supplies) or any(due > utc_day(last) for due, _ in position.hard)
        if row["free"] > net or (row["free"] < net and not dated):
            yield f"{at}: free {row['free']}, on hand less demand is {net}"
        if max(0, -row["free"]) != entries.get(at, 0):
            yield f"{at}: free {row['free']}, its OVER_RESERVED entry says {entries.get(at, 0)}"
        if any(units < 0 for units in (*row["on_hand"].values(), *row["hard"].values())):
            yield f"{at}: a bucket or a day's demand is below zero"


def ledger(s: Snapshot) -> Iterator[str]:
    """The sum of a position's ledger is the position."""
    for row in s.positions:
        at = (row["sku"], row["node"])
        free, on_hand, hard = 0, Counter[str](), Counter[str]()
        for moved in s.movements[at]:
            free += moved["free"]
            on_hand.update(moved["on_hand"])
            hard.update(moved["demand"])
        if (free, _kept(on_hand), _kept(hard)) != (row["free"], _kept(row["on_hand"]), _kept(row["hard"])):
            yield f"{at}: the position is {row['free'], row['on_hand'], row['hard']}, its ledger {free, on_hand, hard}"


def units_of_stock(s: Snapshot) -> Iterator[str]:
    """Adjusted = on hand + shipped + never found; the units that the ledger shipped are those that left by the orders."""
    left, waits = _units(s, GONE), _units(s, {Status.SCHEDULED, *AT_NODE})
    for row in s.positions:
        at = (row["sku"], row["node"])
        by_kind = Counter[str]()
        for moved in s.movements[at]:
            by_kind[moved["kind"]] += sum(moved["on_hand"].values())
        has = sum(row["on_hand"].values())
        if sum(by_kind.values()) != has:
            yield f"{at}: {dict(by_kind)} moved, {has} on hand"
        # A plan that was given up removed its units from the shelf and put them back.
        if not -by_kind["ship"] - by_kind["undo"] <= left[at] <= -by_kind["ship"]:
            yield f"{at}: the ledger shipped {-by_kind['ship']}, orders say {left[at]}"
        kept = waits[at] + sum(units for place, units in s.kept.items() if place[:2] == at)
        if sum(row["hard"].values()) != kept:
            yield f"{at}: {sum(row['hard'].values())} reserved, orders and reservations have {kept} there"


def _units(s: Snapshot, statuses: Container[Status]) -> Counter[tuple[str, str]]:
    """Count the units of all orders in these statuses by (sku, node)."""
    found = Counter[tuple[str, str]]()
    for order in s.documents.values():
        for line in order.lines:
            for a in line.allocations:
                if a.node and a.status in statuses:
                    found[line.sku, a.node] += a.quantity
    return found


def money(s: Snapshot) -> Iterator[str]:
    """Captured, invoiced and total amounts of an order agree, and a closed order has no money on its way."""
    invoices, operations = s.of_orders(keys.INVOICES), s.of_orders(keys.MONEY)
    for order in s.documents.values():
        name = order.order_id
        yield from _billed(order, [unpack(row["doc"]) for row in invoices[name]])
        yield from _moved(order, operations[name])
        if order.accounted + order.open_authorization < order.invoiced_total:
            yield f"{name}: {order.accounted} accounted for and {order.open_authorization} open for {order.invoiced_total}"
        at_banks = order.accounted - order.invoiced_total  # what nobody gives back, as a bank took it
        if order.closed and not (0 <= at_banks <= lost(order.disputes) and order.invoiced_total == order.totals.total):
            yield f"{name}: closed with {order.accounted} accounted for, {order.invoiced_total} invoiced of {order.totals.total}"
        if order.closed and (order.open_authorization or any(row["state"] not in ENDED for row in operations[name])):
            yield f"{name}: closed with money still on its way"
        yield from _failed(order, s)


def books(s: Snapshot) -> Iterator[str]:
    """The journals of an order balance, and add up to what its invoices and tenders say; so do the ledgers of accounts."""
    yield from map(str, money_audit.of_rows(s.orders))
    yield from own_account_audit.of_rows(s.orders)
    yield from own_account_audit.of_orders(s.documents.values(), s.orders)


def _billed(order: Order, invoices: Sequence[Row]) -> Iterator[str]:
    """The invoices of an order add up, each by itself, and together those that were not voided."""
    gone = voided(order)
    total = sum(made["totals"]["total"]["amount"] for made in invoices if made["invoice_id"] not in gone)
    if total != order.invoiced_total or len(invoices) != len(order.invoices):
        yield f"{order.order_id}: invoices of {total}, the order says {order.invoiced_total}"
    for totals in (made["totals"] for made in invoices):
        tax = 0 if order.prices_include_tax else totals["tax"]["amount"]
        made = totals["goods"]["amount"] - totals["discounts"]["amount"] + totals["charges"]["amount"] + tax
        if made != totals["total"]["amount"]:
            yield f"{order.order_id}: an invoice adds up to {made}, not {totals['total']['amount']}"


def _moved(order: Order, operations: Sequence[Row]) -> Iterator[str]:
    """The amounts of each tender are the sums of its operations, without those that the provider did not do."""
    moved = Counter[tuple[int, str]]()
    for row in operations:
        if row["state"] not in FAILED:
            moved[row["tender"], row["purpose"]] += row["amount"]
    for i, tender in enumerate(order.payments):
        if not 0 <= tender.refunded <= tender.captured <= tender.authorized or tender.open < 0:
            yield f"{order.order_id}: tender {i} is {tender}"
        captured = tender.captured_before + moved[i, "capture"]
        recorded = (captured, tender.repaid + moved[i, "refund"], moved[i, "release"])
        if recorded != (tender.captured, tender.refunded, tender.released):
            yield f"{order.order_id}: tender {i} counts {tender}, its operations {recorded}"
        told, is_asked = (tender.authorized, tender.asked > 0), _authorised_again(operations, i)
        # A link that is void is asked about until its provider has ended it.
        agrees = told == is_asked or (tender.by_link and told == (is_asked[0], False))
        if (tender.renews is not None or tender.by_link) and not agrees:
            yield f"{order.order_id}: tender {i} counts {tender}, its authorisations {is_asked}"
        yield from _increased(order, i, operations)


def _increased(order: Order, at: int, operations: Sequence[Row]) -> Iterator[str]:
    """A card has at least what its last increase made it, and `asked` while one runs."""
    tender = order.payments[at]
    mine = [row for row in operations if (row["tender"], row["purpose"]) == (at, payment_increases.INCREASE)]
    runs = any(row["state"] not in ENDED for row in mine)
    made = max((row["amount"] for row in mine if row["state"] == "DONE"), default=0)
    if bool(tender.increasing) != runs or tender.authorized < made:
        yield f"{order.order_id}: tender {at} counts {tender}, and was increased to {made}, running: {runs}"


def _authorised_again(operations: Sequence[Row], tender: int) -> tuple[int, bool]:
    """Return what a provider has authorised for a tender that takes over another one or is paid by link, and whether it is asked.

    It is asked for less than was decided when the order needs less by then, and for more where it rounds up.
    """
    mine = [row for row in operations if (row["tender"], row["purpose"]) == (tender, failed_money.AUTHORIZE)]
    done = sum(row["amount"] for row in mine if row["state"] == "DONE")
    return done, any(row["state"] not in ENDED for row in mine)


def _failed(order: Order, s: Snapshot) -> Iterator[str]:
    """The movements that failed on an order's tenders wait for an answer, each in an open item of its queue."""
    names = {"capture": "uncaptured", "refund": "unrefunded", "release": "unreleased"}
    waiting = Counter[tuple[int, str]]()
    for one in order.failed_money:
        if one.purpose in names:  # an authorisation that failed has no amount on its tender
            waiting[one.tender, names[one.purpose]] += one.amount
        task = keys.task(order.order_id, *failed_money.queue_item(one))
        if (order.order_id, task["sk"]) not in s.tasks:
            yield f"{order.order_id}: operation {one.number} failed, and nobody is asked"
    for i, tender in enumerate(order.payments):
        for name in names.values():
            if getattr(tender, name) != waiting[i, name]:
                yield f"{order.order_id}: tender {i} has {getattr(tender, name)} {name}, of which {waiting[i, name]} waits"


def invoice_numbers(s: Snapshot) -> Iterator[str]:
    """The numbers of each series of invoices, and of credit notes, are 1 to the last number drawn, but those that an operator has
    skipped, and each finds its order. The sweeper finds what has no number."""
    found = {row["pk"]: row["order_id"] for row in s.orders if row["pk"].startswith(keys.NUMBERS)}
    unnumbered = {keys.queue_page(keys.UNNUMBERED, shard) for shard in range(keys.SHARDS)}
    for kind, prefix in (("invoice", keys.INVOICES), ("credit_note", keys.CREDIT_NOTES)):
        serials: dict[str, list[int]] = defaultdict(list)
        for row in s.children(prefix):
            if ("number" in row) == (row.get("gsi3pk") in unnumbered):
                yield (
                    f"{row['pk']} {row['sk']}: has a number, and waits for one"
                    if "number" in row
                    else f"{row['pk']} {row['sk']}: nobody numbers it"
                )
            if "number" in row:
                serials[row["series"]].append(row["number"])
                key = keys.invoice_number(kind, row["series"], row["number"])["pk"]
                if found.pop(key, "") != keys.order_id_of(row):
                    yield f"{key}: does not find {row['pk']}"
        every = keys.series(kind, "")["pk"]
        rows = {row["pk"].removeprefix(every): row for row in s.directory if row["pk"].startswith(every)}
        for series in serials.keys() | rows.keys():
            row, given = rows.get(series, {"last": 0}), sorted(serials[series])
            skipped = {n for first, last in row.get("skipped", ()) for n in range(int(first), int(last) + 1)}
            left = skipped.difference(given)  # a table that was restored may have documents of the numbers skipped
            if given != [n for n in range(1, int(row["last"]) + 1) if n not in left]:
                yield f"{kind} series {series}: {given}, the last number drawn is {row['last']}"
    yield from (f"{key}: is the number of nothing" for key in found)


def credit_notes(s: Snapshot) -> Iterator[str]:
    """The order has the sums of its credit notes, no invoice is credited beyond its total, and each refund has its operations."""
    notes, invoices, operations = (s.of_orders(sk) for sk in (keys.CREDIT_NOTES, keys.INVOICES, keys.MONEY))
    for order in s.documents.values():
        issued = [(row["invoice"], row["total"]) for row in notes[order.order_id]]
        if issued != [(one.invoice, one.total) for one in order.credits]:
            yield f"{order.order_id}: credit notes {issued}, the order says {order.credits}"
        for number, row in enumerate(invoices[order.order_id], 1):
            if (credited := sum(total for invoice, total in issued if invoice == number)) > max(0, row["total"]):
                yield f"{order.order_id}: invoice {number} of {row['total']} is credited with {credited}"
        moved = Counter[int]()
        for row in operations[order.order_id]:
            if row["purpose"] == "refund" and row.get("credit_note") and row["state"] not in FAILED:
                moved[row["credit_note"]] += row["amount"]
        for number, one in enumerate(order.credits, 1):
            if moved[number] > one.refunded:
                yield f"{order.order_id}: credit note {number} refunds {one.refunded}, its operations {moved[number]}"


def mails(s: Snapshot) -> Iterator[str]:
    """Each milestone was mailed once for each (order, event, role), and no other mail was sent."""
    events, rows, scans = (s.of_orders(sk) for sk in (keys.EVENTS, keys.MAILS, keys.TRACKING_EVENTS))
    for name in events.keys() | rows.keys():
        states = {row["sk"]: row.get("state") for row in rows[name]}
        due = {keys.mail(name, event, "customer")["sk"] for event in _milestones(events[name])}
        # An order without an e-mail address is mailed to nobody. An erased one may have been mailed before.
        ends = {"sent", "nobody"} if name in s.erased else {"sent"} if name in s.addressed else {"nobody"}
        yield from (f"{name}: {sk} is {state}" for sk, state in states.items() if state not in ends)
        may = _mails_of_scans(name, scans[name]) | _mails_of_links(name, events[name])
        missing, strange = due - states.keys(), states.keys() - due - may
        if missing or strange:
            yield f"{name}: not mailed {sorted(missing)}, mailed without a cause {sorted(strange)}"


def _mails_of_scans(order_id: str, scans: Iterable[Row]) -> set[str]:
    """Return the mails that an order's scans may have: none is sent about a parcel that is delivered by then."""
    announced = (row for row in scans if "announced" in row)
    names = (closing.mail_of_scan(row["announced"], row["fulfillment"], row["number"]) for row in announced)
    return {keys.mail(order_id, name, "customer")["sk"] for name in names}


def _mails_of_links(order_id: str, events: Iterable[Row]) -> set[str]:
    """Return the mails that an order's links may have: none is sent about one that is paid or void by then."""
    shown = (row for row in events if row["type"] == EventType.PAYMENT_ASKED and "payment" in unpack(row["data"]))
    return {keys.mail(order_id, f"asked-{row['version']}", "customer")["sk"] for row in shown}


def _milestones(events: Iterable[Row]) -> Iterator[str]:
    """Yield the names of the mails that an order's events must have, in the order of the events."""
    knows, history = False, [(event, unpack(event["data"])) for event in events]
    of_dates = dates.news((event["type"], data) for event, data in history)
    for (event, data), news in zip(history, of_dates, strict=True):
        number = f"{data.get('fulfillment', 0):03d}"
        match event["type"]:
            case EventType.PLACED | EventType.CONFIRMED if not knows and event["status"] != Status.DRAFT:
                knows = True
                yield "placed"
            case kind if knows and _cancels(kind, data):
                yield f"cancelled-{event['version']}"
            case EventType.CHANGE_DROPPED if knows and data["why"] != pending_changes.WITHDRAWN:
                yield f"change-dropped-{event['version']}"
            case EventType.CREDITED:
                yield f"credited-{data['credit_note'][-3:]}"
            case EventType.PROVIDED | EventType.CARDS_ACTIVATED if _is_proven(event["type"], data):
                yield f"provided-{data['provision']:03d}"
            case EventType.READY | EventType.SHIPPED | EventType.HANDED_OVER:
                yield f"{event['type'].replace('_', '-')}-{number}"
            case EventType.DELIVERED if data["whole"]:
                yield f"delivered-{number}"
            case _ if news and knows:
                yield f"delayed-{event['version']}"


def _is_proven(kind: str, data: Row) -> bool:
    """Return True if the customer got what the event is about: gift cards are mailed when they are active."""
    return kind == EventType.CARDS_ACTIVATED or bool(data["proof"] != bought_cards.PROOF)


def _cancels(kind: str, data: Row) -> bool:
    """Return True if an event of this type has cancelled units. Work that is handed back may be routed again instead."""
    return kind in (EventType.CANCELLED, EventType.REJECTED, EventType.NO_SHOW) or (
        (kind == EventType.HANDED_BACK and bool(data.get("cancelled")))
        or (kind == EventType.CHANGED and bool(data.get("lines")))
    )


def requests(s: Snapshot) -> Iterator[str]:
    """Every order exists once: one natural key, and one event for each of its versions."""
    named = Counter(row["order_id"] for row in s.orders if row["pk"].startswith(keys.NATURAL_KEYS))
    events = s.of_orders(keys.EVENTS)
    for name in named.keys() | s.documents.keys():
        if named[name] != 1 or name not in s.documents:
            yield f"{name}: {named[name]} natural keys, {'an' if name in s.documents else 'no'} order"
        elif [row["version"] for row in events[name]] != list(range(1, s.documents[name].version + 1)):
            yield f"{name}: version {s.documents[name].version}, {len(events[name])} events"


def children(s: Snapshot) -> Iterator[str]:
    """A fulfillment in a node's list equals that of its order."""
    shown = {row["pk"] + row["sk"]: unpack(row["doc"]) for row in s.children(keys.FULFILLMENTS)}
    for order in s.documents.values():
        for f in order.fulfillments:
            key = keys.fulfillment(order.order_id, f.number)
            if shown.pop(key["pk"] + key["sk"], None) != views.fulfillment(order, f):
                yield f"{order.order_id}-{f.number:03d}: its node sees another fulfillment"
    yield from (f"{name}: a fulfillment without an order" for name in shown)


def ends(s: Snapshot) -> Iterator[str]:
    """Every order has ended, or is at a node, or is in a queue that a person can see, with the reason."""
    tasks = s.of_orders(keys.TASKS)
    for order in s.documents.values():
        name = order.order_id
        mine = [row for row in tasks[name] if row["sk"] != keys.open_row(name)["sk"]]
        # A closed order may keep its row until the sweeper has seen that its events and mails are out.
        if not order.closed and len(mine) == len(tasks[name]):
            yield f"{name}: open, and not in the index of open orders"
        expected = set(queues.waiting_lines(order)) | {h.queue for h in order.holds if h.active and h.queue}
        if any(not loss.answer for f in order.fulfillments for loss in f.losses):
            expected.add(queues.Queue.LOST)
        if missing := expected - {row["queue"] for row in mine}:
            yield f"{name}: should wait in {sorted(missing)}, is in {sorted(row['queue'] for row in mine)}"
        if any(not row.get("reason") for row in mine):
            yield f"{name}: in a queue without a reason"
        yield from _held_for_nothing(order)
        at_node = any(a.status in AT_NODE for line in order.lines for a in line.allocations)
        if not order.closed and not mine and not at_node and not _waits_for_customer(order):
            yield f"{name}: {order.status}, neither ended nor in a queue nor at a node"
        if order.closed and not order.settled:
            yield f"{name}: closed as {order.status}"


def _waits_for_customer(order: Order) -> bool:
    """Return True if the order is held until its customer pays by a link that is open."""
    held = any(hold.active and hold.by == holds.BY_LINK for hold in order.holds)
    return held and any(tender.by_link and tender.asked for tender in order.payments)


def _held_for_nothing(order: Order) -> Iterator[str]:
    """A hold that a payment has placed has its task, or waits for an operation, or for a question that is open."""
    renewing = any(tender.asked for tender in order.payments)
    refused = any(one.purpose == failed_money.AUTHORIZE for one in order.failed_money)
    checking = any(not tender.checked for tender in order.payments)
    waits = {
        holds.BY_RENEWAL: renewing or refused,
        holds.BY_LINK: renewing or refused,
        holds.BY_CHECK: checking,
        holds.BY_AUTHORISATIONS: False,
    }
    for hold in order.holds:
        if hold.active and not hold.queue and not waits.get(hold.by, True):
            yield f"{order.order_id}: hold {hold.hold_id} waits for no payment and for no person"


def personal_data(s: Snapshot) -> Iterator[str]:
    """No text of a contact, and no proof of what was provided, is in any table but Customers."""
    private = {text for row in s.customers if "doc" in row for text in _private(unpack(row["doc"]))}
    for table in ("orders", "stock", "directory"):
        text = "\n".join(_text(row) for row in getattr(s, table))
        yield from (f"{table}: {found!r}" for found in sorted(private) if found in text)


_OF_CONTACTS = ("name", "email", "phone", "tax_id", "line1", "line2", "text")


def _private(contact: Any) -> Iterator[str]:
    if isinstance(contact, dict):
        for name, value in contact.items():
            if name in _OF_CONTACTS and isinstance(value, str) and value:
                yield value
            else:
                yield from _private(value)


def _text(row: Row) -> str:
    packed = {
        name: unpack(value)
        for name, value in row.items()
        if name in ("doc", "body", "data", "changes") and value and not isinstance(value, dict)
    }
    return str(row | packed)


def _kept(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: count for name, count in counts.items() if count}


IDENTITIES: dict[str, Callable[[Snapshot], Iterable[str]]] = {
    "a line's quantity is the sum of its allocations": units_of_lines,
    "free stock is what is on hand and not promised": free_stock,
    "the ledger rebuilds every counter": ledger,
    "units in = units on hand + units out": units_of_stock,
    "money: captured, invoiced and worth agree to the cent": money,
    "the journals of every order balance and rebuild its accounts": books,
    "numbers of invoices and credit notes have no gap": invoice_numbers,
    "credit notes are of what was invoiced, and refund it once": credit_notes,
    "each mail went out once": mails,
    "each order exists once, with one event for each version": requests,
    "a node's list shows what the orders say": children,
    "every order ended, is at a node, or is in a queue with its reason": ends,
    "personal data is in Customers only": personal_data,
}
