"""A carrier delivers a shipment or loses it, by units, by packages or as a whole, also after the order's end."""

from dataclasses import replace

import pytest

from comanda.domain import views
from comanda.domain.errors import Invalid, NotAllowed, NotFound
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.parcels.deliver import deliver, lose
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import verdict
from tests.builders import NOW, a_package, a_shipment, a_step, later, saved, worked

S = Status
LOST = "CARRIER_LOST"
TWO = (a_package("P1", ("1", 3)), a_package("P2", ("2", 2)))
UNKNOWN = (a_package("P1"), a_package("P2"))


def shipped(order, *packages):
    return saved(ship(worked(order, "accept", "pick", "pack"), a_step(), a_shipment("S-9", *packages)))


def lost(order, **units):
    return saved(lose(order, a_step(**units), LOST))


def answered(order, answer):
    (item,) = (loss.item for f in order.fulfillments for loss in f.losses)
    return saved(resume(order, "lost", item, answer, "care", NOW))


def test_a_delivered_shipment_completes_its_order(order):
    decision = deliver(shipped(order, *TWO), a_step(), later(hours=20))

    assert decision.order.status == "COMPLETED"
    assert decision.order.fulfillment_status(1) == "DELIVERED"
    assert decision.order.fulfillment(1).delivered_at == later(hours=20)
    assert decision.event.data["delivered_at"] == views.time(later(hours=20))
    assert {p.delivered_at for p in decision.order.fulfillment(1).packages} == {later(hours=20)}
    assert decision.stock == ()
    assert decision.event.type == "delivered"
    assert decision.event.data["whole"]
    assert decision.event.data["packages"] == [{"package": "P1"}, {"package": "P2"}]
    assert verdict("Release", "001", decision.order) == "Shipped"  # it is still to be invoiced


def test_a_completed_order_is_delivered_too(order):
    done = replace(shipped(order), closed=True)

    assert deliver(done, a_step(), NOW).order.status == "COMPLETED"
    assert lose(done, a_step(), LOST).order.closed


def test_a_part_is_delivered_by_its_lines(order):
    decision = deliver(shipped(order), a_step(l1=2), NOW)

    assert decision.order.quantities() == {S.SHIPPED: 3, S.DELIVERED: 2}
    assert decision.order.fulfillment_status(1) == "SHIPPED"
    assert decision.order.fulfillment(1).delivered_at is None
    assert not decision.event.data["whole"]
    rest = deliver(saved(decision), a_step(), NOW)
    assert rest.order.status == "COMPLETED"


def test_a_part_is_delivered_by_its_packages(order):
    decision = deliver(shipped(order, *TWO), a_step(), NOW, ["P2"])

    assert decision.order.line("2").allocations[0].status is S.DELIVERED
    assert decision.order.line("1").allocations[0].status is S.SHIPPED
    assert [p.delivered_at for p in decision.order.fulfillment(1).packages] == [None, NOW]


def test_packages_of_unknown_contents_are_delivered_with_the_last_of_them(order):
    first = deliver(shipped(order, *UNKNOWN), a_step(), NOW, ["P1"])

    assert first.order.quantities() == {S.SHIPPED: 5}
    assert first.event.data["lines"] == []
    last = deliver(saved(first), a_step(), NOW, ["P2"])
    assert last.order.status == "COMPLETED"


def test_a_package_of_unknown_contents_holds_what_the_known_ones_leave(order):
    sent = shipped(order, a_package("P1"), a_package("P2", ("2", 2)))

    assert deliver(sent, a_step(), NOW, ["P1"]).event.data["lines"] == [{"line_id": "1", "quantity": 3}]
    assert lose(sent, a_step(), LOST, ["P1"]).event.data["lines"] == [{"line_id": "1", "quantity": 3}]


@pytest.mark.parametrize("packages", [(), ("P1",)])
def test_a_report_that_says_nothing_new_changes_nothing(order, packages):
    sent = shipped(order, *TWO)

    assert deliver(saved(deliver(sent, a_step(), NOW, packages)), a_step(), later(hours=1), packages) is None
    assert lose(saved(lose(sent, a_step(), LOST, packages)), a_step(), LOST, packages) is None


def test_no_unit_is_delivered_or_lost_twice(order):
    done = saved(deliver(shipped(order, *TWO), a_step(), NOW))

    with pytest.raises(NotAllowed, match="cannot deliver 1, has 3 DELIVERED"):
        deliver(done, a_step(l1=1), NOW)
    with pytest.raises(NotAllowed, match="cannot lose 1, has 3 DELIVERED"):
        lose(done, a_step(l1=1), LOST)
    with pytest.raises(NotAllowed, match="package P1 was delivered"):
        lose(done, a_step(), LOST, ["P1"])
    with pytest.raises(NotAllowed, match="the fulfillment is DELIVERED"):
        lose(done, a_step(), LOST)


@pytest.mark.parametrize("act", [lambda o: deliver(o, a_step(), NOW), lambda o: lose(o, a_step(), LOST)])
def test_only_what_a_carrier_has_is_delivered_or_lost(order, pickup, act):
    for early in (order, worked(order, "accept", "pick", "pack")):
        with pytest.raises(NotAllowed, match="the fulfillment is"):
            act(early)
    handed = saved(ship(worked(pickup, "accept", "pick", "pack", "ready"), a_step(), a_shipment("S-1")))
    with pytest.raises(NotAllowed, match="no carrier has it"):
        act(handed)


def test_lines_and_packages_that_the_shipment_does_not_have_are_named(order):
    sent = shipped(order, *TWO)

    with pytest.raises(Invalid) as refused:
        deliver(sent, a_step(), NOW, ["P1", "P1", "P7"])
    assert [(p.pointer, p.code) for p in refused.value.problems] == [
        ("/packages/1", "duplicate"),
        ("/packages/2", "unknown-package"),
    ]
    with pytest.raises(Invalid, match="7 is not in this fulfillment"):
        lose(sent, a_step(l7=1), LOST)


# Lost units


def test_lost_units_wait_for_a_person(order):
    decision = lose(shipped(order, *TWO), a_step(), LOST, ["P1"])

    assert decision.order.quantities() == {S.SHIPPED: 2, S.LOST: 3}
    (task,) = decision.tasks
    assert (task.queue, task.item, task.reason) == ("lost", "lost-001-7", LOST)
    assert dict(task.data)["units"] == "3"
    assert decision.order.fulfillment(1).losses[0].packages == ("P1",)
    assert decision.order.settled == replace(order, lines=decision.order.lines).settled


def test_a_package_of_unknown_contents_cannot_be_lost_beside_others(order):
    with pytest.raises(NotAllowed, match="name the lost units by their lines"):
        lose(shipped(order, *UNKNOWN), a_step(), LOST, ["P1"])
    whole = lose(shipped(order, *UNKNOWN), a_step(), LOST, ["P1", "P2"])
    assert whole.order.fulfillment_status(1) == "LOST"


def test_lost_units_that_are_found_before_an_answer_are_delivered(order):
    gone = lost(shipped(order, *TWO))

    decision = deliver(gone, a_step(), later(hours=30))

    assert decision.order.status == "COMPLETED"
    assert decision.order.quantities() == {S.DELIVERED: 5}
    assert decision.order.fulfillment(1).losses == ()
    assert decision.done == (("lost", "lost-001-7"),)


def test_a_loss_of_which_a_part_is_found_stays_with_the_rest(order):
    decision = deliver(lost(shipped(order)), a_step(l1=2), NOW)

    assert decision.order.quantities() == {S.DELIVERED: 2, S.LOST: 3}
    assert decision.done == ()
    (task,) = decision.tasks
    assert (task.item, dict(task.data)["units"]) == ("lost-001-7", "3")


def test_a_report_of_the_whole_shipment_does_not_find_lost_units_while_others_are_on_their_way(order):
    decision = deliver(lost(shipped(order), l1=1), a_step(), NOW)

    assert decision.order.quantities() == {S.DELIVERED: 4, S.LOST: 1}


def test_a_lost_package_is_found_by_its_name(order):
    gone = saved(lose(shipped(order, *TWO), a_step(), LOST, ["P1"]))

    decision = deliver(gone, a_step(), NOW, ["P1"])

    assert decision.order.quantities() == {S.SHIPPED: 2, S.DELIVERED: 3}
    assert decision.order.fulfillment(1).packages[0].lost_at is None


@pytest.mark.parametrize("answer", ["resend", "refund"])
def test_lost_units_that_are_found_after_an_answer_stay_lost_and_ask_a_person_once(order, answer):
    gone = answered(lost(shipped(order)), answer)

    decision = deliver(gone, a_step(), later(hours=40))

    assert decision.event.type == "found"
    assert "whole" not in decision.event.data  # nothing is delivered by it
    assert decision.order.quantities() == {S.LOST: 5}
    (task,) = decision.tasks
    assert (task.queue, task.item, task.reason) == ("lost", "found-lost-001-7", f"found-after-{answer}")
    assert deliver(saved(decision), a_step(), later(hours=41)) is None
    done = resume(saved(decision), "lost", task.item, "done", "care", NOW)
    assert done.done == (("lost", task.item),)


def test_a_refund_waits_until_it_is_paid_and_is_never_called_done(order):
    gone = lost(shipped(order))
    item = gone.fulfillment(1).losses[0].item

    decision = resume(gone, "lost", item, "refund", "care", NOW)

    assert decision.done == (("lost", item),)
    (task,) = decision.tasks
    assert (task.queue, task.item, task.reason) == ("refunds", f"refund-{item}", "refund-due")
    assert decision.money == ()
    assert decision.order.captured == gone.captured
    with pytest.raises(NotFound):
        resume(saved(decision), "lost", item, "resend", "care", NOW)


def test_a_claim_against_the_carrier_is_noted_and_the_item_stays(order):
    gone = lost(shipped(order))
    item = gone.fulfillment(1).losses[0].item

    decision = resume(gone, "lost", item, "claim", "care", NOW, {"reference": "C-77"})

    assert decision.done == ()
    assert [task.item for task in decision.tasks] == [item]
    assert decision.event.data["reference"] == "C-77"
    assert resume(saved(decision), "lost", item, "refund", "care", NOW).done


def test_each_item_takes_its_own_answers(order):
    gone = lost(shipped(order))
    item = gone.fulfillment(1).losses[0].item

    with pytest.raises(NotAllowed, match="takes resend, refund or claim"):
        resume(gone, "lost", item, "done", "care", NOW)
    with pytest.raises(NotAllowed, match="takes done"):
        resume(gone, "lost", f"found-{item}", "resend", "care", NOW)
    with pytest.raises(NotFound):
        resume(gone, "lost", "lost-009-1", "resend", "care", NOW)
