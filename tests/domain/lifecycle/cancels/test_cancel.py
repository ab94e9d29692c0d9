"""Cancel an order or a part of it: the units, the stock that comes back, and the amount that is left to pay."""

from dataclasses import replace

import pytest

from comanda.domain.errors import Held, Invalid, NotAllowed, NotFound
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.holds import review
from comanda.domain.lifecycle.node_work.decline import decline
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance
from comanda.domain.orders.cancel_reasons import BUILT_IN
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import verdict
from tests.builders import (
    NOW,
    a_hold_type,
    a_line,
    a_node,
    a_shipment,
    a_step,
    an_allocation,
    an_order,
    later,
    offered,
    placed,
    saved,
    worked,
)
from tests.domain.declines import OTHER

S = Status


def cancelled(order, units=None):
    return cancel(order, units, "changed my mind", "shop", NOW)


def test_an_order_without_a_node_is_cancelled_whole():
    decision = cancelled(placed(an_order(a_line("TEA", 2), a_line("POT", 1), shipping=500)))

    assert decision.order.status == "CANCELLED"
    assert decision.order.settled
    assert decision.order.totals.total == 0
    assert decision.stock == ()
    assert decision.tasks == ()
    assert decision.event.type == "cancelled"
    assert decision.event.data == {
        "reason": "changed my mind",
        "lines": [{"line_id": "1", "quantity": 2}, {"line_id": "2", "quantity": 1}],
        "total": 0,
        "currency": "USD",
    }
    assert verdict("UntilSettled", "order", decision.order) == "Settled"


def test_a_reason_of_the_list_stays_with_the_units_and_says_who_is_to_blame():
    decision = cancel(
        placed(an_order(a_line("TEA", 2))), {"1": 1}, "he called twice", "shop", NOW, why=BUILT_IN["too-late"]
    )

    assert an_allocation(1, S.CANCELLED, reason="too-late", blame="retailer") in decision.order.line("1").allocations
    assert decision.event.data | {"total": 0} == {
        "reason": "he called twice",
        "reason_code": "too-late",
        "reason_words": list(BUILT_IN["too-late"].words),
        "blame": "retailer",
        "lines": [{"line_id": "1", "quantity": 1}],
        "total": 0,
        "currency": "USD",
    }


# What becomes of the units: reason x how far they are x who gives the reason.
FREE, ASIDE = "release", "quarantine"
WHERE_UNITS_GO = [
    (code, steps, who, fate)
    for code in ("damaged", "fraud", None)
    for steps, shop, office in (
        ((), FREE, ASIDE),  # offered: the node has them on the shelf
        (("accept",), FREE, ASIDE),
        (("accept", "start-pick"), FREE, ASIDE),
        (("accept", "pick"), ASIDE, ASIDE),  # off the shelf: a person carries them in any case
        (("accept", "pick", "pack"), ASIDE, ASIDE),
    )
    for who, of_damaged in (("shop", shop), ("office", office))
    for fate in (of_damaged if code == "damaged" else FREE,)
]


@pytest.mark.parametrize(("code", "steps", "who", "fate"), WHERE_UNITS_GO)
def test_units_go_where_their_reason_sends_them_from_where_they_are_if_its_giver_can_know(code, steps, who, fate):
    order = worked(offered(placed(an_order(a_line("TEA", 2)))), *steps)
    why = replace(BUILT_IN[code], of_office=who == "office") if code else None

    decision = cancel(order, None, "wet", who, NOW, frozenset(S), why)

    (change,) = decision.stock
    on_hand = (("sellable", -2), ("quarantine", 2)) if fate == ASIDE else ()
    assert (change.kind, change.free, change.on_hand) == (fate, 0 if fate == ASIDE else 2, on_hand)
    assert change.demand == (("2026-11-19", -2),)
    carried = ["quarantine: 2 x TEA"] if fate == ASIDE else ["2 x TEA"] if "pick" in steps else []
    assert [task.reason for task in decision.tasks] == carried
    assert decision.event.data.get("quarantined", 0) == (2 if fate == ASIDE else 0)


@pytest.mark.parametrize("of_office", [True, False])
def test_units_that_no_node_has_go_nowhere_whatever_their_reason_says(of_office):
    why = replace(BUILT_IN["damaged"], of_office=of_office)
    decision = cancel(placed(an_order(a_line("TEA", 2))), None, "wet", "shop", NOW, why=why)

    assert decision.stock == ()
    assert "quarantined" not in decision.event.data


def test_the_least_advanced_units_go_first():
    order = placed(an_order(a_line("TEA", 5)))
    order = offered(order, (a_node("dc-1"), {"1": 2}), (a_node("dc-2"), {"1": 1}))
    order = worked(order, "accept", "pick")

    decision = cancelled(order, {"1": 4})

    assert decision.order.line("1").allocations == (
        an_allocation(1, S.PICKED, node="dc-1", fulfillment=1),
        an_allocation(2, S.CANCELLED),
        an_allocation(1, S.CANCELLED, node="dc-2", fulfillment=2),
        an_allocation(1, S.CANCELLED, node="dc-1", fulfillment=1),
    )


def test_reserved_units_are_free_again_and_the_fulfillment_ends_with_its_last_one():
    order = offered(placed(an_order(a_line("TEA", 3), a_line("TEA", 2))))

    part, whole = cancelled(order, {"1": 3}), cancelled(order)

    (change,) = whole.stock
    assert (change.kind, change.free, change.demand) == ("release", 5, (("2026-11-19", -5),))
    assert change.movement_id == f"{order.order_id}#1#001.3#release"
    assert part.order.fulfillment(1).ended is None
    assert whole.order.fulfillment(1).ended == "CANCELLED"
    assert verdict("Release", "001", part.order) is None
    assert verdict("Release", "001", whole.order) == "Cancelled"


def test_a_cancel_gives_the_fulfillment_a_new_version():
    order = offered(placed(an_order(a_line("TEA", 3))))

    decision = cancelled(order, {"1": 1})

    assert decision.order.fulfillment(1).version == order.fulfillment(1).version + 1


def test_reservations_of_two_days_at_one_node_come_back_in_one_change():
    order = placed(an_order(a_line("TEA", 1), a_line("TEA", 1)))
    order = offered(order, (a_node(), {"1": 1}))
    order = offered(order, (a_node(), {"2": 1}), now=later(days=1))

    decision = cancelled(order)

    (change,) = decision.stock
    assert change.demand == (("2026-11-19", -1), ("2026-11-20", -1))
    assert change.free == 2


@pytest.mark.parametrize(
    ("steps", "put_back"),
    [((), False), (("accept",), False), (("accept", "start-pick"), False), (("accept", "pick"), True)],
)
def test_units_that_left_the_shelf_are_put_back(steps, put_back):
    order = worked(offered(placed(an_order(a_line("TEA", 2)))), *steps)

    decision = cancelled(order)

    assert [(t.queue, t.reason) for t in decision.tasks] == ([("put-back", "2 x TEA")] if put_back else [])


def test_a_pickup_at_the_counter_can_still_be_cancelled_and_is_put_back():
    order = placed(an_order(a_line("TEA", 1, method=PICKUP, node="store-7")))
    order = worked(offered(order), "accept", "pick", "pack", "ready")

    decision = cancelled(order)

    assert decision.order.status == "CANCELLED"
    assert [(t.queue, t.item) for t in decision.tasks] == [("put-back", "put-back-001-7")]


def test_a_packed_or_shipped_unit_is_no_longer_cancelled():
    packed = worked(offered(placed(an_order(a_line("TEA", 2)))), "accept", "pick", "pack")
    shipped = saved(ship(packed, a_step(), a_shipment()))

    for order in (packed, shipped):
        for units in (None, {"1": 1}):
            with pytest.raises(NotAllowed, match="line 1: cannot cancel"):
                cancelled(order, units)


def test_a_cancel_of_everything_names_the_units_that_stay():
    order = offered(placed(an_order(a_line("TEA", 4), a_line("POT", 1))))
    order = saved(ship(order, a_step(l1=1), a_shipment()))
    order = worked(order, "accept", number=2)
    order = saved(advance(order, "pick", a_step(2, l1=2)))
    order = saved(advance(order, "pack", a_step(2, l1=1)))

    decision = cancelled(order)

    assert decision.order.quantities() == {S.CANCELLED: 3, S.SHIPPED: 1, S.PACKED: 1}
    assert decision.event.data["lines"] == [{"line_id": "1", "quantity": 2}, {"line_id": "2", "quantity": 1}]
    assert decision.event.data["not_cancelled"] == [
        {"line_id": "1", "quantity": 1, "status": "SHIPPED", "reason": "left"},
        {"line_id": "1", "quantity": 1, "status": "PACKED", "reason": "packed"},
    ]
    with pytest.raises(NotAllowed, match="line 1: cannot cancel 1 SHIPPED, 1 PACKED"):
        cancelled(saved(decision))


def test_nothing_is_left_to_cancel_of_a_cancelled_order():
    with pytest.raises(NotAllowed, match="nothing is left to cancel"):
        cancelled(saved(cancelled(placed(an_order(a_line("TEA", 4))))))


def test_a_cancel_of_everything_leaves_the_sets_of_a_kit_that_are_partly_packed():
    order = placed(an_order(a_line("POT", 2, group="set"), a_line("CUP", 4, group="set"), a_line("TEA", 1)))
    order = worked(offered(order), "accept", "pick")
    order = saved(advance(order, "pack", a_step(l2=2)))

    decision = cancelled(order)

    assert decision.event.data["lines"] == [
        {"line_id": "1", "quantity": 1},
        {"line_id": "2", "quantity": 2},
        {"line_id": "3", "quantity": 1},
    ]
    assert decision.event.data["not_cancelled"] == [
        {"line_id": "1", "quantity": 1, "status": "PICKED", "reason": "kit"},
        {"line_id": "2", "quantity": 2, "status": "PACKED", "reason": "packed"},
    ]
    assert "along" not in decision.event.data
    assert decision.order.quantities() == {S.CANCELLED: 4, S.PICKED: 1, S.PACKED: 2}


def test_cancelling_the_rest_of_a_part_shipped_order_leaves_what_shipped():
    order = offered(placed(an_order(a_line("TEA", 3))))
    order = saved(ship(order, a_step(l1=1), a_shipment()))

    decision = cancelled(order, {"1": 2})

    assert decision.order.status == "SHIPPED"
    assert decision.order.fulfillment(2).ended == "CANCELLED"
    assert verdict("Release", "002", decision.order) == "Cancelled"
    assert verdict("Release", "001", decision.order) == "Shipped"


@pytest.mark.parametrize("units", [{"1": 3}, {"1": 2, "2": 2}])
def test_a_cancel_of_more_units_than_live_is_refused_whole(units):
    with pytest.raises(NotAllowed):
        cancelled(placed(an_order(a_line("TEA", 2), a_line("POT", 1))), units)


def test_a_cancel_of_no_unit_an_unknown_line_or_an_ended_order_is_refused():
    order = placed(an_order(a_line("TEA", 2)))

    with pytest.raises(Invalid):
        cancelled(order, {"1": 0})
    with pytest.raises(Invalid):
        cancelled(order, {"1": -1})
    with pytest.raises(NotAllowed, match="nothing is left"):
        cancelled(order, {})
    with pytest.raises(NotFound):
        cancelled(order, {"9": 1})
    with pytest.raises(NotAllowed, match="nothing is left"):
        cancelled(saved(cancelled(order)))


def test_a_hold_may_block_cancelling():
    order = saved(review.hold(placed(an_order()), a_hold_type("FRAUD", "cancel"), "odd", "risk", NOW))

    with pytest.raises(Held):
        cancelled(order)


def test_cancelling_the_last_unit_takes_holds_and_draft_out_of_their_queues():
    order = placed(an_order(a_line("TEA", 2), draft=True))
    order = saved(review.hold(order, a_hold_type("FRAUD", "ship"), "odd", "risk", NOW))

    part, whole = cancelled(order, {"1": 1}), cancelled(order)

    assert part.done == ()
    assert part.order.draft
    assert set(whole.done) == {("drafts", "draft"), ("holds", "h1")}
    assert not whole.order.draft
    assert not whole.order.blocked("ship")


def test_a_cancelled_line_leaves_its_queue():
    order = placed(an_order(a_line("TEA", 1, method=PICKUP, node="store-7")))
    order = saved(decline(offered(order), a_step(), OTHER))
    assert order.line("1").waits_in == "customer-care"

    assert cancelled(order).order.line("1").waits_in is None


def test_cancelled_units_are_not_paid_for_to_the_cent():
    order = placed(an_order(a_line("TEA", 3, 1000, tax=100, discount=10), shipping=500, shipping_tax=41))

    decision = cancelled(order, {"1": 1})

    # Units 1 and 2 of 3 keep floor(100 x 2 / 3) = 66 of the tax, floor(10 x 2 / 3) = 6 of the discount; shipping stays.
    assert decision.order.totals.total == 2000 - 6 + 500 + 66 + 41
    assert decision.event.data["total"] == decision.order.totals.total


@pytest.mark.parametrize(("policy", "given_back"), [("SHARE", 300), ("KEEP", 550)])
def test_a_cancelled_unit_takes_its_share_of_the_orders_discount_along_unless_the_channel_keeps_it(policy, given_back):
    order = placed(an_order(a_line("TEA", 2, 1000, tax=100), discount=1500), discount_after_cancel=policy)
    assert order.totals.total == 600

    decision = cancelled(order, {"1": 1})

    assert order.totals.total - decision.order.totals.total == given_back


def test_charges_stay_whole_and_so_does_a_discount_on_them():
    order = placed(an_order(a_line("TEA", 2, 1000), shipping=500, discount=2200))

    decision = cancelled(order, {"1": 1})

    assert decision.order.totals.discounts == 1000 + 200
    assert decision.order.totals.total == 300


def test_a_discount_never_exceeds_the_goods_and_charges_that_are_left():
    order = placed(an_order(a_line("TEA", 2, 1000), shipping=300, discount=1500), discount_after_cancel="KEEP")

    decision = cancelled(order, {"1": 1})

    assert decision.order.totals.total == 0
    assert decision.order.totals.discounts == 1300
