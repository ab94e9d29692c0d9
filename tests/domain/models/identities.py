"""
Check every identity of the design that applies to an order and its stock, after every step of the model.

Each number is computed here anew, from the order's units and the books of the model, not by the code under test.
"""

from collections import Counter
from dataclasses import fields
from datetime import timedelta
from itertools import islice
from operator import attrgetter

from comanda.domain.billing import collecting, failed_money, invoices
from comanda.domain.lifecycle import next_look
from comanda.domain.orders import bundles, queues
from comanda.domain.orders.fulfillment import Fulfillment
from comanda.domain.orders.line import PROVIDED_KINDS, Allocation
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.status import AT_NODE, GONE, RANK, UNPLACED, Status
from comanda.domain.orders.verdict import verdict
from comanda.domain.stock.apply_change import apply_change
from comanda.domain.stock.stock import SELLABLE
from functions.sweep.rules import decide_due_fact
from tests.domain.models.books import MINUTES, Books

_ALL_BUT_QUANTITY = attrgetter(*(field.name for field in fields(Allocation) if field.name != "quantity"))


def check(books: Books) -> None:
    """Check all identities of one order and its stock. A step that changed nothing of them leaves nothing to check."""
    state = books.state()
    if state == books.checked:
        return
    books.checked = state
    _check_units(books)
    _check_fulfillments(books)
    _check_stock(books)
    _check_capacity(books)
    _check_money(books)
    _check_accounts(books)
    _check_queues(books)
    _check_verdicts(books)
    _check_looks(books)


def _check_units(books: Books) -> None:
    for line in books.order.lines:
        assert sum(a.quantity for a in line.allocations) == line.quantity
        held = {
            step for hold in books.order.holds if hold.active and line.line_id in hold.lines for step in hold.blocks
        }
        assert set(line.held) == held
        assert all(a.quantity > 0 for a in line.allocations)
        assert len({_ALL_BUT_QUANTITY(a) for a in line.allocations}) == len(line.allocations)
        provided = sum(p.quantity for p in books.order.provisions if p.line_id == line.line_id)
        assert provided == sum(a.quantity for a in line.allocations if a.status is Status.PROVIDED)
        assert 0 <= line.invoiced <= sum(a.quantity for a in line.allocations if a.status in GONE)
        for a in line.allocations:
            if line.kind in PROVIDED_KINDS:
                assert (a.fulfillment, a.node) == (None, None)
                assert a.status not in AT_NODE
            elif a.status in AT_NODE or a.status in GONE:
                assert a.fulfillment is not None
                assert a.node == books.order.fulfillment(a.fulfillment).node
                # After a change of an address, parcels and begun work go where they went.
                assert books.readdressed or line.destination == books.order.fulfillment(a.fulfillment).destination
            elif a.status is not Status.CANCELLED:
                assert a.fulfillment is None
                assert (a.node is None) == (a.status is not Status.SCHEDULED)
    for bundle in books.order.bundles:
        sets = bundles.sets_by_status(bundles.components(books.order, bundle.line_id))
        assert sum(sets.values()) == bundle.quantity
    counted = sum(books.order.quantities().values())
    assert counted == sum(line.quantity for line in books.order.lines)
    live = {RANK[s] for s, q in books.order.quantities().items() if q and s is not Status.CANCELLED}
    assert books.order.status.startswith("PARTIALLY_") == (len(live) > 1)
    assert (books.order.status == "CANCELLED") == (not live)


def _check_fulfillments(books: Books) -> None:
    assert [f.number for f in books.order.fulfillments] == list(range(1, len(books.order.fulfillments) + 1))
    for f in books.order.fulfillments:
        statuses = {s for found in books.units_by_status(f.number).values() for s in found}
        at_node, gone = statuses & set(AT_NODE), statuses & GONE
        assert bool(at_node) == (f.ended is None and f.shipped_at is None)
        assert bool(gone) == (f.shipped_at is not None)
        assert f.invoice is None or f.shipped_at is not None
        assert not (f.ended and f.shipped_at)
        asked, at_nodes = books.order.requested_back(f.number), books.units_by_status(f.number)
        assert all(0 < n <= sum(q for s, q in at_nodes[i].items() if s in AT_NODE) for i, n in asked.items())
        name = books.order.fulfillment_status(f.number)
        if f.ended:
            assert name == f.ended
        elif at_node:
            least = min(at_node, key=AT_NODE.index)
            assert name == ("OFFERED" if least is Status.RELEASED else least)
        else:
            on_way, arrived = Status.SHIPPED in gone, Status.DELIVERED in gone
            way = "SHIPPED" if on_way else "DELIVERED" if arrived else "LOST"
            assert name == ("PICKED_UP" if f.method == PICKUP else way)
        _check_losses(books, f, gone)


def _check_losses(books: Books, f: Fulfillment, gone: set[Status]) -> None:
    """Check that each lost unit is in exactly one loss, and that the shipment is delivered when nothing is missing."""
    lost = {i: n for i, s in books.units_by_status(f.number).items() if (n := s.get(Status.LOST, 0))}
    counted: Counter[str] = Counter()
    for loss in f.losses:
        counted.update(dict(loss.units))
    assert counted == lost
    assert (f.delivered_at is not None) == (gone == {Status.DELIVERED})


def _check_capacity(books: Books) -> None:
    taken: Counter[tuple[str, str]] = Counter()
    for f in books.order.fulfillments:
        taken.update({(f.node, day): units for day, units in f.work_days})
        working = sum(q for found in books.units_by_status(f.number).values() for s, q in found.items() if s in AT_NODE)
        has = sum(units for _, units in f.work_days)
        assert f.node != "dc-1" or has >= working, "all work of a node with a limit has its day"
        assert f.node == "dc-1" or not has
    assert +books.days == taken, "the days of nodes are full of exactly what fulfillments remember"
    assert all(0 <= units <= 2 + books.over_limit[at] for at, units in books.days.items())


def _check_stock(books: Books) -> None:
    held: Counter[tuple[str, str, str]] = Counter()
    for line in books.order.lines:
        for a in line.allocations:
            if a.status in AT_NODE and a.fulfillment is not None and a.node is not None:
                held[line.sku, a.node, a.due or books.order.fulfillment(a.fulfillment).due] += a.quantity
            elif a.status is Status.SCHEDULED and a.node is not None:
                held[line.sku, a.node, str(a.due)] += a.quantity
    promised = {(*at, due): q for at, p in books.positions.items() for due, q in p.hard}
    assert promised == held, "hard demand is exactly the units that nodes have"
    for at, p in books.positions.items():
        assert p.free == p.bucket(SELLABLE) - p.demand
        assert p.over_reserved == max(0, -p.free)
        assert p.available == max(0, p.free - p.safety)
        seen, rebuilt = books.rebuilt.get(at, (0, books.opening[at]))
        for change in islice(
            books.ledger[at].values(), seen, None
        ):  # an entry is never changed: the others were applied
            rebuilt = apply_change(rebuilt, change)
        assert rebuilt == p, "the ledger rebuilds the counters"
        books.rebuilt[at] = len(books.ledger[at]), rebuilt
        if at not in books.lost_stock:
            assert p.free >= 0
            assert p.bucket(SELLABLE) >= 0
        moved = {
            k: sum(c.on_hand[0][1] for c in books.ledger[at].values() if c.kind == k)
            for k in ("ship", "short", "adjust", "quarantine")
        }
        assert books.opening[at].bucket(SELLABLE) + sum(moved.values()) == p.bucket(SELLABLE)


def _check_money(books: Books) -> None:
    order = books.order
    assert order.totals == invoices.order_totals(order)
    left = [invoices.invoice_line(x, x.live - x.invoiced) for x in order.lines if x.live > x.invoiced]
    rest = invoices.totals_of(left, order.prices_include_tax)
    for name in ("goods", "discounts", "charges", "tax", "total"):
        billed = sum(getattr(made.totals, name) for made in books.invoices)
        assert billed + getattr(rest, name) == getattr(order.totals, name), name
    assert order.invoiced_total == sum(made.totals.total for made in books.invoices)
    assert order.totals.total >= 0
    for made in books.invoices:
        assert made.totals.total >= -sum(line.quantity for line in made.lines), (
            "no invoice is below zero, but for cents"
        )
    for tender in order.payments:
        assert 0 <= tender.refunded <= tender.captured
        assert tender.released >= 0
        assert tender.open >= 0
    assert order.accounted + order.open_authorization >= order.totals.total, "the rest of the total is covered"
    ahead = order.accounted - min(order.invoiced_total, order.totals.total)
    early = sum(one.amount for one in books.money if one.purpose == "capture" and one.invoice is None)  # at a counter
    assert 0 <= ahead <= early + sum(line.quantity for line in order.lines), (
        "money is captured as invoiced, but for cents of rounding"
    )
    for purpose, field in (("capture", "captured"), ("release", "released"), ("refund", "refunded")):
        assert books.moved(purpose) + _moved_elsewhere(books, purpose) == sum(
            getattr(tender, field) for tender in order.payments
        )


def _moved_elsewhere(books: Books, purpose: str) -> int:
    """Return the money that moved another way, as the shop or a person told: no operation of ours did it."""
    field = {"capture": "captured_before", "refund": "repaid"}.get(purpose)
    return sum(getattr(tender, field) for tender in books.order.payments) if field else 0


def _check_accounts(books: Books) -> None:
    """The accounts, added up from journals, are what invoices and operations of money say."""
    order, made, accounts = books.order, books.invoices, books.accounts
    tax, total = (sum(getattr(one.totals, name) for one in made) for name in ("tax", "total"))
    charges = sum(line.charges for one in made for line in one.lines)
    if order.prices_include_tax:
        charges -= sum(line.charges_tax for one in made for line in one.lines)
    captured, refunded, released = (
        books.moved(purpose) + _moved_elsewhere(books, purpose) for purpose in ("capture", "refund", "release")
    )
    waiting = sum(t.uncaptured for t in order.payments)
    expected = {
        "receivable": total - captured + refunded,
        "captured": captured,
        "refunded": -refunded,
        "revenue": charges + tax - total,
        "charges": -charges,
        "tax": -tax,
        "authorised": (opened := sum(t.authorized for t in order.payments) - captured - released - waiting),
        "to_capture": -opened,
    }
    assert accounts == {name: amount for name, amount in expected.items() if amount}


def _check_queues(books: Books) -> None:
    order = books.order
    expected = {(queue, queue) for queue in queues.waiting_lines(order)}
    expected |= {(h.queue, h.hold_id) for h in order.holds if h.active}
    expected |= {failed_money.queue_item(one) for one in order.failed_money}
    expected |= {("payments", name) for name in collecting.items_of_more(order)}
    expected |= {("drafts", "draft")} if order.draft else set()
    expected |= {
        ("late-work", f"late-{f.number:03d}") for f in order.fulfillments if f.late and not f.ended and not f.shipped_at
    }
    expected |= {
        ("refused-recalls", f"refused-{f.number:03d}")
        for f in order.fulfillments
        if f.recall_refused and not f.ended and not f.shipped_at
    }
    losses = [loss for f in order.fulfillments for loss in f.losses]
    expected |= {("lost", loss.item) for loss in losses if not loss.answer}
    assert {
        task
        for task in books.tasks
        if task[0] not in ("put-back", "refunds", "delivery-exceptions") and task[1][:6] != "found-"
    } == expected
    assert {item for queue, item in books.tasks if queue == "delivery-exceptions"} <= _asked_about_parcels(books)
    assert {item for queue, item in books.tasks if queue == "refunds"} <= {
        f"refund-{loss.item}" for loss in losses if loss.answer == "refund"
    }
    assert {item for queue, item in books.tasks if queue == "lost" and item.startswith("found-")} <= {
        f"found-{loss.item}" for loss in losses if loss.found_at
    }


def _asked_about_parcels(books: Books) -> set[str]:
    """Return the items about parcels that their scans explain: a problem that no delivery ended, or no scan for too long."""
    found = set()
    for number, standings in books.standings.items():
        for name, standing in standings.items():
            found |= {f"{number:03d}-{name}"} if standing.open_problem else set()
            found |= {f"{number:03d}-{name}-late"} if standing.overdue else set()
    return found


def settled(books: Books) -> bool:
    over = all(s in GONE or s is Status.CANCELLED for s in books.order.quantities())
    billed = all(f.ended or f.invoice is not None for f in books.order.fulfillments)
    return over and billed and all(p.invoice is not None for p in books.order.provisions)


def _check_verdicts(books: Books) -> None:
    order, done = books.order, settled(books)
    assert order.settled == done
    kept = books._blocked("schedule", "release")
    routable = not kept and any(
        (a.status in UNPLACED and (line.kind in PROVIDED_KINDS or not line.waits_in))
        or (a.status is Status.SCHEDULED and a.ready)
        for line in order.lines
        if not books._line_blocked(line.line_id, "schedule", "release")
        for a in line.allocations
    )
    answer = verdict("UntilSettled", "order", order)
    unbilled = any(p.invoice is None for p in order.provisions)
    assert answer == ("Settled" if done else "Provided" if unbilled else "RouteAgain" if routable else None)
    free = done or not kept
    assert verdict("Held", "order", order) == ("Resolved" if free else None)
    busy = not order.closed and (routable or done or unbilled)
    for f in order.fulfillments:
        wait, stopped = f"{f.number:03d}", books._blocked("ship" if f.method == SHIP else "hand-over")
        expected: str | None
        if f.ended:
            expected = "Cancelled" if f.ended in ("CANCELLED", "NO_SHOW") else "Declined"
        elif f.shipped_at:
            expected = "Shipped"
            busy = busy or f.invoice is None
        elif f.misses > f.reminded:
            expected = "Silent"
            busy = True
        else:
            expected = "HeldNow" if stopped else None
        assert verdict("Release", wait, order) == expected
        over = f.ended is not None or f.shipped_at is not None
        assert verdict("Held", wait, order) == (None if stopped and not over else "Resolved")
    at_work = any(not f.ended and not f.shipped_at for f in order.fulfillments)
    assert done or busy or at_work or books.tasks, "an order that does not go on waits where a person sees it"
    look = next_look.next_look(order, books.now)
    assert books.now <= look <= books.now + next_look.LATEST
    assert not busy or look <= books.now + next_look.SOON, "an order with work for its machine is checked soon"


def _check_looks(books: Books) -> None:
    """No fact is due before the sweeper looks, and one that is due already, because a hold has ended, is looked at soon."""
    if books.look > books.now + next_look.SOON:
        before = books.look - timedelta(milliseconds=1)
        assert decide_due_fact(books.order, MINUTES, frozenset(), before) is None
