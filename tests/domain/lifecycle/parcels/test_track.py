"""The scans of a parcel deliver its units or ask a person, and never move a unit backwards."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comanda.domain.errors import NotAllowed, NotFound
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.parcels import track
from comanda.domain.lifecycle.parcels.track import check_lateness, follow, meant, parcels
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders.status import RANK, Status
from comanda.domain.shipping.tracking import Standing, TrackingEvent, TrackingStatus
from tests.builders import (
    NOW,
    a_line,
    a_package,
    a_shipment,
    a_step,
    an_order,
    an_order_id,
    later,
    offered,
    placed,
    saved,
    worked,
)

S, T = Status, TrackingStatus
KNOWN = (
    a_package("P1", ("1", 3), tracking_number="1Z 1", carrier="UPS"),
    a_package("P2", ("2", 2), tracking_number="1Z 2", carrier="UPS"),
)
UNKNOWN = tuple(replace(package, contents=()) for package in KNOWN)
ITEM = ("delivery-exceptions", "001-1Z1")
LATE = ("delivery-exceptions", "001-1Z1-late")


def shipped(order, *packages, at=NOW):
    sent = a_shipment("S-9", *(packages or KNOWN), at=at)
    return saved(ship(worked(order, "accept", "pick", "pack"), a_step(), sent))


def scan(status, hours=1, code="X"):
    return TrackingEvent(occurred_at=later(hours=hours), code=code, status=status)


class Parcels:
    """An order, and what the scans of its parcels say."""

    def __init__(self, order):
        self.order, self.standings, self.tasks, self.events = order, {}, set(), []

    def tell(self, name, *scans):
        before = after = self.standings.get(name, Standing())
        for one in scans:
            after = after.with_event(one)
        self.standings = {**self.standings, name: after}
        parcel = parcels(self.order, 1)[name]
        found = follow(parcel, before, self.standings, "ups", later(hours=9))
        self.tasks -= set(found.over)
        if found.decision is not None:
            self.saved(found.decision)
        return self

    def saved(self, decision):
        self.order = saved(decision)
        self.events.append(decision.event.type)
        self.tasks |= {(task.queue, task.item) for task in decision.tasks}
        self.tasks -= set(decision.done)


def test_a_delivered_parcel_moves_the_units_that_it_holds(order):
    told = Parcels(shipped(order)).tell("1Z1", scan(T.DELIVERED))

    assert told.order.quantities() == {S.DELIVERED: 3, S.SHIPPED: 2}
    assert told.order.fulfillment(1).packages[0].delivered_at == later(hours=1)
    assert told.tell("1Z2", scan(T.DELIVERED, 2)).order.status == "COMPLETED"
    assert told.events == ["delivered", "delivered"]


def test_parcels_of_unknown_contents_move_their_units_with_the_last_of_them(order):
    told = Parcels(shipped(order, *UNKNOWN)).tell("1Z2", scan(T.DELIVERED))

    assert told.order.quantities() == {S.SHIPPED: 5}
    assert told.tell("1Z1", scan(T.DELIVERED)).order.status == "COMPLETED"


def test_two_packages_of_one_number_are_one_parcel(order):
    one = tuple(replace(package, tracking_number="1Z-1") for package in UNKNOWN)

    assert Parcels(shipped(order, *one)).tell("1Z1", scan(T.DELIVERED)).order.status == "COMPLETED"


@pytest.mark.parametrize("status", [s for s in T if s not in (T.DELIVERED, T.EXCEPTION, T.RETURNED)])
def test_other_scans_change_no_order(order, status):
    told = Parcels(shipped(order)).tell("1Z1", scan(status))

    assert (told.events, told.order.version) == ([], told.order.version)
    assert not told.tasks


@pytest.mark.parametrize("status", [T.EXCEPTION, T.RETURNED])
def test_a_problem_asks_a_person_once_with_the_carriers_words(order, status):
    told = Parcels(shipped(order))
    parcel = parcels(told.order, 1)["1Z1"]
    after = Standing().with_event(replace(scan(status), note="Box is wet", location="Reno"))

    decision = follow(parcel, Standing(), {"1Z1": after}, "ups", NOW).decision
    (task,) = decision.tasks

    assert (task.queue, task.item, task.reason) == (*ITEM, status)
    assert {"note": "Box is wet", "location": "Reno", "tracking_number": "1Z 1"}.items() <= dict(task.data).items()
    assert decision.event.data["reason"] == status
    assert "wet" not in str(decision.event.data)
    assert follow(parcel, after, {"1Z1": after.with_event(scan(T.IN_TRANSIT, 2))}, "ups", NOW).decision is None


def test_a_delivery_after_a_problem_ends_the_task(order):
    told = Parcels(shipped(order)).tell("1Z1", scan(T.EXCEPTION))
    assert told.tasks == {ITEM}

    assert not told.tell("1Z1", scan(T.DELIVERED, 2)).tasks


def test_a_parcel_that_comes_back_after_its_delivery_asks_a_person_and_stays_delivered(order):
    told = Parcels(shipped(order)).tell("1Z1", scan(T.DELIVERED)).tell("1Z1", scan(T.RETURNED, 3))

    assert told.tasks == {ITEM}
    assert told.order.line("1").allocations[0].status is S.DELIVERED


def test_no_unit_moves_before_its_node_has_shipped_it_and_the_sweeper_delivers_it_then(order):
    packed = worked(order, "accept", "pick", "pack")
    waiting = replace(packed, fulfillments=(replace(packed.fulfillment(1), packages=KNOWN),))
    told = Parcels(waiting).tell("1Z1", scan(T.DELIVERED))
    assert told.order == waiting

    seen = check_lateness(parcels(waiting, 1)["1Z1"], told.standings, 3, NOW)
    assert (seen.decision, seen.again) == (None, later(days=1))
    left = shipped(order)
    assert check_lateness(parcels(left, 1)["1Z1"], told.standings, 3, NOW).decision.event.type == "delivered"


SCANS = st.lists(
    st.tuples(st.sampled_from(["1Z1", "1Z2"]), st.builds(scan, st.sampled_from([None, *T]), st.integers(0, 5))),
    max_size=8,
    unique=True,
)


@settings(max_examples=60)
@given(scans=SCANS, random=st.randoms(), known=st.booleans())
def test_scans_in_any_order_end_in_the_same_state(scans, random, known):
    order = offered(placed(an_order(a_line("TEA", 3), a_line("POT", 2))))
    sent = shipped(order, *(KNOWN if known else UNKNOWN))
    shuffled = list(scans)
    random.shuffle(shuffled)
    first, second = Parcels(sent), Parcels(sent)
    ranks = {line.line_id: 0 for line in sent.lines}
    for name, one in scans:
        first.tell(name, one)
        for line in first.order.lines:
            now = min(RANK[a.status] for a in line.allocations)
            assert now >= ranks[line.line_id]
            ranks[line.line_id] = now
    for name, one in shuffled:
        second.tell(name, one)

    assert first.order.quantities() == second.order.quantities()
    assert first.standings == second.standings
    assert first.tasks == second.tasks


# Which parcel


def sent_as(order, n, at, node="dc-1"):
    other = replace(shipped(order, at=at), order_id=an_order_id(n))
    fulfillment = replace(other.fulfillment(1), node=node)
    return parcels(replace(other, fulfillments=(fulfillment,)), 1)["1Z1"]


def test_a_number_that_is_used_again_means_the_parcel_that_was_shipped_last_before(order):
    old, new = sent_as(order, 1, later(days=-120)), sent_as(order, 2, NOW)

    assert meant([old, new], later(hours=1)) == (new,)
    assert meant([new, old], later(days=-100)) == (old,)
    assert meant([old, new], later(hours=-20)) == (old,)  # a label that is printed early names the parcel before


def test_a_parcel_with_units_of_two_orders_is_both(order):
    one, two = sent_as(order, 1, NOW), sent_as(order, 2, later(hours=2))
    elsewhere = sent_as(order, 3, later(hours=1), node="dc-2")

    assert meant([one, two, elsewhere], later(hours=5)) == (one, two)


def test_a_scan_long_before_the_shipment_means_no_parcel(order):
    only = sent_as(order, 1, NOW)

    assert meant([only], later(days=-7)) == (only,)  # its label was made early
    assert meant([only], later(days=-8)) == ()


# Overdue


@pytest.mark.parametrize(
    ("days", "scanned", "asked", "again"),
    [
        (None, None, False, None),  # the carrier reports no scans
        (3, None, False, {"days": 3}),
        (1, None, True, None),
        (3, {"days": 1}, False, {"days": 4}),
    ],
)
def test_a_parcel_without_a_scan_for_too_long_asks_a_person(order, days, scanned, asked, again):
    standing = Standing() if scanned is None else Standing(events=1, scanned_at=later(**scanned))

    seen = check_lateness(parcels(shipped(order), 1)["1Z1"], {"1Z1": standing}, days, later(days=2))

    assert (seen.decision is not None, seen.overdue, seen.again) == (asked, asked, again and later(**again))
    if asked:
        assert [(task.item, task.reason) for task in seen.decision.tasks] == [("001-1Z1-late", "OVERDUE")]
        assert seen.decision.event.data["reason"] == "OVERDUE"


def test_a_scan_ends_the_task_about_a_late_parcel(order):
    told = Parcels(shipped(order))
    told.standings = {"1Z1": Standing(events=1, scanned_at=NOW, overdue=True)}
    told.tasks = {ITEM, LATE}

    assert told.tell("1Z1", scan(T.IN_TRANSIT, 60)).tasks == {ITEM}  # a problem is another question
    assert told.events == []


def test_a_delivered_parcel_is_looked_at_no_more(order):
    told = Parcels(shipped(order)).tell("1Z1", scan(T.DELIVERED))

    assert check_lateness(parcels(told.order, 1)["1Z1"], told.standings, 1, later(days=9)) == track.Lateness()


# A person's answer


def answer(order, what, item="001-1Z1"):
    return resume(order, "delivery-exceptions", item, what, "care", later(hours=5))


def test_a_person_notes_the_problem(order):
    decision = answer(shipped(order), "noted")

    assert (decision.event.type, decision.done) == ("resumed", (ITEM,))


@pytest.mark.parametrize(("what", "status", "event"), [("deliver", S.DELIVERED, "delivered"), ("lose", S.LOST, "lost")])
def test_a_person_says_what_became_of_the_parcel(order, what, status, event):
    decision = answer(shipped(order), what)

    assert decision.order.line("1").allocations[0].status is status
    assert decision.order.line("2").allocations[0].status is S.SHIPPED
    assert decision.event.type == event
    assert ITEM in decision.done
    assert answer(saved(decision), what).event.type == "resumed"  # it was known already


def test_a_parcel_of_unknown_contents_is_not_lost_by_its_number(order):
    with pytest.raises(NotAllowed, match="name the lost units by their lines"):
        answer(shipped(order, *UNKNOWN), "lose")


@pytest.mark.parametrize("item", ["001-1Z9", "009-1Z1", "x"])
def test_a_parcel_that_the_order_does_not_have_is_not_found(order, item):
    with pytest.raises(NotFound):
        answer(shipped(order), "deliver", item)


def test_the_events_of_an_order_that_was_completed_say_so(order):
    done = replace(shipped(order), closed=True)
    after = Standing().with_event(scan(T.RETURNED))

    assert follow(parcels(done, 1)["1Z1"], Standing(), {"1Z1": after}, "ups", NOW).decision.event.data["shipments"] == [
        1
    ]
