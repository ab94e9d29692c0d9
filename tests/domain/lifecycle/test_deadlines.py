"""Every field of an order that is a deadline is one that the sweeper looks at in time."""

import re
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from typing import Any, get_args, get_type_hints

import pytest

from comanda.domain.lifecycle import next_look
from comanda.domain.lifecycle.changes import pending_changes
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.node_work import recall_requests
from comanda.domain.lifecycle.node_work.work import advance
from comanda.domain.orders import wave_wait
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import Status
from tests.builders import (
    NOW,
    a_hold_type,
    a_line_in,
    a_step,
    a_tender,
    an_allocation,
    an_order,
    later,
    offered,
    placed,
    saved,
    worked,
)
from tests.domain.models.waiting import backordered

# A text with such a name is a day or a time.
_A_TIME = re.compile(r"_on$|_at$|^due$|^until$|^wave$|^promise$|day|expires|requested|not_before|deadline")
# Fields that tell what has happened, what was promised, or on which day stock is reserved: nothing happens by time alone.
FACTS = {
    *(
        "Allocation.due",
        "Allocation.promise",
        "Collected.at",
        "Fulfillment.delivered_at",
        "Fulfillment.deliver_on",
        "Fulfillment.due",
    ),
    *("Fulfillment.offered_at", "Fulfillment.ship_on", "Fulfillment.shipped_at", "Fulfillment.work_days"),
    *("Hold.at", "Hold.expired_at", "Hold.resolved_at", "Loss.at", "Loss.found_at", "NfeResult.at"),
    *("Order.placed_at", "Order.requested", "Package.delivered_at", "Package.lost_at", "PendingChange.at"),
    *("Promised.deliver_on", "Provision.at", "Question.at"),
    "NfeResult.cancel_until",  # the item of a voided invoice is due then, and a person answers it
    "Tender.pay_until",  # the operation of the link is looked at then
}


def recalled() -> Order:
    order = worked(offered(placed(an_order())), "accept", "pick")
    return saved(recall_requests.recall(order, {1: {"1": 1}}, "no", "office", NOW))


def waiting(**changes: object) -> Order:
    """Return an order with scheduled units at a node."""
    units = an_allocation(1, Status.SCHEDULED, node="dc-1", due="2026-11-30", **changes)
    return replace(placed(an_order()), lines=(a_line_in(units),))


def held() -> Order:
    return saved(review.hold(placed(an_order()), a_hold_type("REMORSE", "schedule", expires_minutes=60), "x", "y", NOW))


def days_end(order: Order) -> Order:
    return order.with_lines(replace(line, cancel_on="2026-12-24") for line in order.lines)


# Field -> an order that has it, and the time at which the sweeper has to look.
DEADLINES: dict[str, tuple[Callable[[], Order], datetime]] = {
    "Fulfillment.accept_by": (lambda: offered(placed(an_order())), later(minutes=120)),
    "Fulfillment.ship_by": (lambda: saved(advance(offered(placed(an_order())), "accept", a_step())), later(hours=26)),
    "RecallRequest.until": (recalled, later(hours=2)),
    "PendingChange.until": (
        lambda: saved(
            pending_changes.leave_pending(placed(an_order()), [{"modification": "charge"}], 5, "x", "office", NOW)
        ),
        later(hours=24),
    ),
    "Hold.expires": (held, later(hours=1)),
    "Tender.expires_at": (
        lambda: replace(backordered(1), payments=(a_tender(9999, expires_at=later(days=7)),)),
        later(days=7),
    ),
    "Line.cancel_on": (lambda: days_end(backordered(1)), datetime.fromisoformat("2026-12-24T00:00:00Z")),
    "Allocation.wave": (lambda: waiting(wave=later(hours=1).isoformat()), later(hours=1) + wave_wait.PATIENCE),
    "Allocation.release_on": (
        lambda: waiting(release_on="2026-12-24"),
        datetime.fromisoformat("2026-12-24T00:00:00Z"),
    ),
}


def kinds_in(kind: Any) -> set[Any]:
    """Return the dataclass and all dataclasses in its fields."""
    found, left = set(), [kind]
    while left:
        one = left.pop()
        left += get_args(one)
        if is_dataclass(one) and one not in found:
            found.add(one)
            left += get_type_hints(one).values()
    return found


def times_of_orders() -> set[str]:
    """Return each field of an order that is a time or a day."""
    found = set()
    for kind in kinds_in(Order):
        hints = get_type_hints(kind)
        for field in fields(kind):
            if "datetime" in str(hints[field.name]) or ("str" in str(hints[field.name]) and _A_TIME.search(field.name)):
                found.add(f"{kind.__name__}.{field.name}")
    return found


def test_every_time_that_an_order_holds_is_a_deadline_that_is_looked_at_or_a_fact():
    assert times_of_orders() == FACTS | DEADLINES.keys(), "add a new deadline to next_look.deadlines and to DEADLINES"
    assert not FACTS & DEADLINES.keys()


@pytest.mark.parametrize("field", DEADLINES)
def test_each_deadline_is_among_those_of_the_order(field: str):
    make, at = DEADLINES[field]

    assert at in set(next_look.deadlines(make(), NOW))


@pytest.mark.parametrize("field", [name for name, (_, at) in DEADLINES.items() if at < later(days=1)])
def test_a_save_that_sets_a_deadline_is_looked_at_at_that_time(field: str):
    make, at = DEADLINES[field]
    after = make()

    before = replace(
        after, fulfillments=(), holds=(), pending=None, lines=tuple(replace(x, allocations=()) for x in after.lines)
    )
    assert next_look.earlier_look(before, after, NOW) == min(at, next_look.next_look(after, NOW))
    assert next_look.earlier_look(after, after, NOW) is None
    assert next_look.earlier_look(after, before, NOW) is None


def test_the_work_of_a_machine_is_looked_at_soon_when_a_deadline_is_set_but_sets_none():
    order = placed(an_order())

    assert next_look.earlier_look(replace(order, lines=()), order, NOW) is None
    assert next_look.earlier_look(order, held(), NOW) == later(hours=1)
    ready = replace(order, pending=replace(DEADLINES["PendingChange.until"][0]().pending, until=later(hours=3)))
    assert next_look.earlier_look(order, ready, NOW) == NOW + next_look.SOON


def test_a_deadline_within_minutes_is_looked_at_in_time_and_one_that_has_passed_soon():
    order = held()

    assert next_look.next_look(order, later(minutes=58)) == later(hours=1)
    assert next_look.next_look(order, later(minutes=62)) == later(minutes=67)
