"""
Check all invariants over the rows of the tables.

The demo checks the identities of ops/identities.py on deployed tables too. The others here hold only at rest, which tests can
wait for: every event is delivered, every plan is finished or undone, every machine waits.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from comanda.aws.dynamodb import keys
from comanda.domain.billing import collecting, disputes, failed_money
from comanda.domain.lifecycle.parcels.track import parcels
from comanda.domain.orders import queues
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import AT_NODE, Status
from ops import audit
from ops.identities import ENDED, Snapshot, violations

Row = dict[str, Any]


def broken(tables: Mapping[str, list[Row]]) -> list[str]:
    """Return every violation with the name of its invariant. `tables` are by name: Orders, Stock, Directory, Customers."""
    snapshot = Snapshot(**{name.lower(): tuple(rows) for name, rows in tables.items()})
    found = [f"{name}: {what}" for name, whats in violations(snapshot).items() for what in whats]
    return [*found, *(f"{check.__name__}: {what}" for check in AT_REST for what in check(snapshot))]


def histories(s: Snapshot) -> Iterator[str]:
    """An order's status and events agree: its last event has the order's status."""
    statuses = {(row["pk"], row["version"]): row["status"] for row in s.children("E#")}
    for order in s.documents.values():
        if statuses.get((f"O#{order.order_id}", order.version)) != order.status:
            yield f"{order.order_id}: is {order.status}, its last event has another status"


def contacts(s: Snapshot) -> Iterator[str]:
    """Every order has its contact, and every contact its order."""
    kept = Counter(row["pk"].removeprefix("O#") for row in s.customers if row["sk"].startswith("V#"))
    if kept != Counter({order.order_id: order.contact for order in s.documents.values()}):
        yield f"contacts of {sorted(kept)}, orders {sorted(s.documents)}"


def reservations(s: Snapshot) -> Iterator[str]:
    """No unit is stuck: the units that positions promise, by day, are those that orders have at their nodes."""
    promised: Counter[tuple[str, str, str]] = Counter()
    for row in s.positions:
        promised.update({(row["sku"], row["node"], due): units for due, units in row["hard"].items() if units})
    held: Counter[tuple[str, str, str]] = Counter(s.kept)
    for order in s.documents.values():
        for line in order.lines:
            for a in line.allocations:
                if a.node is not None and (a.status in AT_NODE or a.status is Status.SCHEDULED):
                    held[line.sku, a.node, a.due or order.fulfillment(a.fulfillment or 0).due] += a.quantity
    if promised != held:
        yield f"positions promise {dict(promised)}, orders hold {dict(held)}"


def reservations_given_back(s: Snapshot) -> Iterator[str]:
    """An order of which no unit is left keeps no reservation."""
    for order in s.documents.values():
        if order.reservation_id is not None and not any(line.live for line in order.lines):
            yield f"{order.order_id}: keeps {order.reservation_id}, and has no units"


def money_done(s: Snapshot) -> Iterator[str]:
    """Every movement of money has one operation, and the provider has done it, or a person was asked."""
    operations = s.of_orders("P#")
    for order in s.documents.values():
        mine = operations[order.order_id]
        if sorted(row["number"] for row in mine) != list(range(1, order.operations + 1)):
            yield f"{order.order_id}: {order.operations} operations, rows {sorted(row['number'] for row in mine)}"
        asked = {
            i for i, tender in enumerate(order.payments) if tender.by_link and tender.asked
        }  # the customer may pay
        waits = [row for row in mine if row["state"] not in ENDED]
        yield from (f"{row['pk']} {row['sk']}: is {row['state']}" for row in waits if row["tender"] not in asked)


def shipments_invoiced(s: Snapshot) -> Iterator[str]:
    """Every shipment has its invoice, or its order waits for a person with the reason."""
    for order in s.documents.values():
        asked = {question.wait for question in order.questions}
        for f in order.fulfillments:
            if f.shipped_at is not None and f.invoice is None and f"{f.number:03d}" not in asked:
                yield f"{order.order_id}: shipment {f.number} is not invoiced"


def lists_of_nodes(s: Snapshot) -> Iterator[str]:
    """A fulfillment is on its node's list of open work exactly while the node has units of it."""
    for row in s.children("F#"):
        order = s.documents[row["pk"].removeprefix("O#")]
        has = any(a.status in AT_NODE for _, a in order.units_of(int(row["sk"].removeprefix("F#"))))
        if ("#open#" in row["gsi3pk"]) != has:
            yield f"{row['pk']} {row['sk']}: is on {row['gsi3pk']}"


def tasks(s: Snapshot) -> Iterator[str]:
    """An order is in exactly the queues that its document asks for."""
    found: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for row in s.children("W#"):
        if row.get("queue", "open") not in ("open", Queue.PUT_BACK):
            found[row["order_id"]].add((row["queue"], row["item"]))
    for order in s.documents.values():
        needs = {(queue, queue) for queue in queues.waiting_lines(order)}
        needs |= {(hold.queue, hold.hold_id) for hold in order.holds if hold.active and hold.queue}
        needs |= {failed_money.queue_item(failed) for failed in order.failed_money}
        needs |= {(Queue.PAYMENTS, name) for name in (*collecting.items_of_more(order), *disputes.items(order))}
        needs |= {(question.queue, question.item_id) for question in order.questions}
        if order.draft:
            needs.add((Queue.DRAFTS, "draft"))
        losses = [loss for f in order.fulfillments for loss in f.losses]
        needs |= {
            (Queue.REFUSED_RECALLS, f"refused-{f.number:03d}")
            for f in order.fulfillments
            if f.recall_refused and not f.ended and not f.shipped_at
        }
        needs |= {(Queue.LOST, loss.item) for loss in losses if not loss.answer}
        may = {(Queue.REFUNDS, f"refund-{loss.item}") for loss in losses if loss.answer}
        may |= {(Queue.LOST, f"found-{loss.item}") for loss in losses if loss.found_at}
        may |= {
            item
            for f in order.fulfillments
            for one in parcels(order, f.number).values()
            for item in (one.item, one.late_item)
        }
        late = {(Queue.LATE_WORK, f"late-{f.number:03d}") for f in order.fulfillments if f.late}
        if not needs <= found[order.order_id] <= needs | late | may:
            yield f"{order.order_id}: needs {sorted(needs)}, is in {sorted(found[order.order_id])}"


def backorders(s: Snapshot) -> Iterator[str]:
    """Unassigned demand lists exactly the lines that wait for stock."""
    waits = {
        keys.backorder(line.sku, order.priority, order.placed_at, order.order_id, line.line_id)["sk"]
        for order in s.documents.values()
        for line in order.lines
        if queues.backordered(line)
    }
    rows = {row["sk"] for row in s.stock if row["pk"].startswith("S#") and row["sk"].startswith("B#")}
    if waits != rows:
        yield f"waiting {sorted(waits)}, listed {sorted(rows)}"


def plans(s: Snapshot) -> Iterator[str]:
    """No plan is half applied."""
    yield from (f"{row['pk']} {row['sk']}: is {row['state']}" for row in s.children("PL#") if row["state"] != "done")


def rebuilt(s: Snapshot) -> Iterator[str]:
    """The sum of the ledger is every position, with soft demand and supplies, and open lines agree with the supplies."""
    yield from map(str, audit.of_rows(s.stock))


def capacity(s: Snapshot) -> Iterator[str]:
    """The used capacity of a node's day is the sum of what fulfillments use of it."""
    taken: Counter[tuple[str, str]] = Counter()
    for row in s.stock:
        if row["pk"].startswith("K#"):
            taken[row["node"], row["day"]] += row["taken"]
    remembered: Counter[tuple[str, str]] = Counter()
    for order in s.documents.values():
        for f in order.fulfillments:
            remembered.update({(f.node, day): units for day, units in f.work_days})
            working = sum(a.quantity for _, a in order.units_of(f.number) if a.status in AT_NODE)
            if f.work_days and working > sum(units for _, units in f.work_days):
                yield f"{order.order_id}: fulfillment {f.number} has {working} units, remembers {f.work_days}"
    if taken != remembered:
        yield f"days have {dict(taken)}, fulfillments remember {dict(remembered)}"


AT_REST: tuple[Callable[[Snapshot], Iterator[str]], ...] = (
    histories,
    contacts,
    reservations,
    reservations_given_back,
    money_done,
    shipments_invoiced,
    lists_of_nodes,
    tasks,
    backorders,
    plans,
    rebuilt,
    capacity,
)
