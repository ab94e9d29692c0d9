"""Digital items and services are scheduled without a node, provided in parts, and invoiced to the cent."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comanda.domain.billing import invoices
from comanda.domain.books.accounts import Account, standing
from comanda.domain.errors import Held, Invalid, NotAllowed
from comanda.domain.gift_cards import bought
from comanda.domain.lifecycle import next_look
from comanda.domain.lifecycle.cancels import cancel
from comanda.domain.lifecycle.holds import authorisations, review
from comanda.domain.lifecycle.provide import provide, provide_cards, schedule_provided
from comanda.domain.orders import bought_cards, document, queues
from comanda.domain.orders.decision import EventType
from comanda.domain.orders.order import Order
from comanda.domain.orders.provision import Cards
from comanda.domain.orders.queues import Queue
from comanda.domain.orders.status import Status
from comanda.domain.orders.verdict import verdict
from functions.invoice.rules import bill_provided, close
from tests.builders import NOW, a_hold_type, a_line, a_tender, an_order, offered, placed, saved


def a_digital_order(quantity: int = 3, **changes) -> Order:
    return placed(an_order(a_line("CODE", quantity, 333, kind="DIGITAL"), **changes))


def scheduled(order: Order) -> Order:
    decision = schedule_provided(order, NOW)
    assert decision is not None
    return saved(decision)


def provided(order: Order, quantity: int, line_id: str = "1") -> Order:
    return saved(provide(order, line_id, quantity, "CODE", "shop", NOW))


def test_units_are_scheduled_without_a_node_and_wait_to_be_provided():
    order = scheduled(a_digital_order())

    (allocation,) = order.lines[0].allocations
    assert (allocation.status, allocation.node, allocation.fulfillment) == (Status.SCHEDULED, None, None)
    assert queues.waiting_lines(order) == {Queue.TO_PROVIDE: (("1", 3, "digital item to provide"),)}
    assert verdict("UntilSettled", "order", order) is None
    assert schedule_provided(order, NOW) is None


def test_a_mixed_order_is_scheduled_in_one_step():
    order = offered(placed(an_order(a_line("TEA", 2), a_line("SETUP", 1, kind="SERVICE"))))

    assert order.quantities() == {Status.RELEASED: 2, Status.SCHEDULED: 1}
    assert not order.routable


def test_a_part_is_provided_and_the_rest_waits_on():
    order = provided(scheduled(a_digital_order()), 2)

    assert order.quantities() == {Status.SCHEDULED: 1, Status.PROVIDED: 2}
    assert queues.waiting_lines(order)[Queue.TO_PROVIDE] == (("1", 1, "digital item to provide"),)
    assert [(p.number, p.quantity, p.proof, p.invoice) for p in order.provisions] == [(1, 2, "CODE", None)]


def test_the_event_has_no_text_of_the_proof():
    event = provide(scheduled(a_digital_order()), "1", 1, "LINK", "shop", NOW).event

    assert event.type is EventType.PROVIDED
    assert event.data == {"provision": 1, "proof": "LINK", "lines": [{"line_id": "1", "quantity": 1}]}


@pytest.mark.parametrize("quantity", [2, 100])
def test_no_more_is_provided_than_is_scheduled(quantity: int):
    order = provided(scheduled(a_digital_order()), 2)

    with pytest.raises(NotAllowed, match="cannot provide") as refused:
        provide(order, "1", quantity, "CODE", "shop", NOW)

    assert refused.value.pointer == "/quantity"
    assert "1 SCHEDULED" in str(refused.value)


def test_units_that_the_router_has_not_scheduled_are_not_provided():
    with pytest.raises(NotAllowed, match="3 CREATED"):
        provide(a_digital_order(), "1", 1, "CODE", "shop", NOW)


def test_cancelled_units_are_not_provided_and_provided_ones_not_cancelled():
    order = provided(scheduled(a_digital_order()), 1)
    order = saved(cancel.cancel(order, {"1": 1}, "changed my mind", "shop", NOW))

    assert order.quantities() == {Status.PROVIDED: 1, Status.CANCELLED: 1, Status.SCHEDULED: 1}
    with pytest.raises(NotAllowed):
        provide(order, "1", 2, "CODE", "shop", NOW)
    decision = cancel.cancel(order, None, "all", "shop", NOW)
    assert decision.stock == ()
    assert decision.event.data["not_cancelled"] == [
        {"line_id": "1", "quantity": 1, "status": "PROVIDED", "reason": "left"}
    ]


def test_a_line_that_a_node_sends_is_not_provided():
    order = offered(placed(an_order(a_line("TEA", 2))))

    with pytest.raises(Invalid) as refused:
        provide(order, "1", 1, "NOTE", "shop", NOW)

    assert [(p.pointer, p.code) for p in refused.value.problems] == [("/line_id", "not-provided")]


def test_an_unknown_line_is_named():
    with pytest.raises(Invalid) as refused:
        provide(scheduled(a_digital_order()), "9", 1, "NOTE", "shop", NOW)

    assert [(p.pointer, p.code) for p in refused.value.problems] == [("/line_id", "unknown-line")]


@pytest.mark.parametrize("step", ["provide", "release", "schedule"])
@pytest.mark.parametrize("level", ["order", "line"])
def test_a_hold_of_the_order_or_of_the_line_keeps_units_from_being_provided(step: str, level: str):
    order = scheduled(a_digital_order())
    lines = ("1",) if level == "line" else ()
    order = saved(review.hold(order, a_hold_type("FRAUD", step, level=level), "odd", "sales", NOW, lines))

    with pytest.raises(Held):
        provide(order, "1", 1, "CODE", "shop", NOW)

    order = saved(review.resolve(order, "h1", "holds", "fine", "sales", NOW))
    assert provided(order, 1).quantities()[Status.PROVIDED] == 1


def test_a_held_order_is_not_scheduled():
    order = placed(an_order(a_line("CODE", 1, kind="DIGITAL")), a_hold_type(total_at_least=(1, "USD")))

    assert verdict("UntilSettled", "order", order) is None
    with pytest.raises(Held):
        schedule_provided(order, NOW)


def test_a_held_line_waits_while_the_others_are_scheduled():
    order = placed(an_order(a_line("CODE", 1, kind="DIGITAL"), a_line("SETUP", 1, kind="SERVICE")))
    order = saved(review.hold(order, a_hold_type("FRAUD", "schedule", level="line"), "odd", "sales", NOW, ("1",)))

    order = scheduled(order)

    assert [line.allocations[0].status for line in order.lines] == [Status.CREATED, Status.SCHEDULED]
    assert not order.routable


def test_nothing_is_provided_once_the_authorisation_has_ended():
    tender = a_tender(999, expires_at=NOW + timedelta(hours=1))
    order = scheduled(a_digital_order(payments=(tender,)))
    later = NOW + timedelta(hours=2)

    with pytest.raises(NotAllowed, match="authorisation"):
        provide(order, "1", 1, "CODE", "shop", later)

    held = authorisations.hold_if_ended(order, later)
    assert held is not None
    with pytest.raises(Held):
        provide(saved(held), "1", 1, "CODE", "shop", later)


def test_provisions_are_invoiced_together_and_the_order_settles_then():
    order = provided(provided(scheduled(a_digital_order(shipping=100, shipping_tax=7)), 1), 2)
    assert (order.status, order.settled) == ("COMPLETED", False)
    assert verdict("UntilSettled", "order", order) == "Provided"
    assert next_look.next_look(order, NOW) == NOW + next_look.SOON
    with pytest.raises(NotAllowed, match="not settled"):
        close(order, NOW)

    billed = bill_provided(order, NOW)

    assert billed is not None
    decision, made = billed
    assert (made.fulfillment, made.series, made.totals.total) == (None, "web", 999 + 107)
    assert decision.event.data["provisions"] == [1, 2]
    after = saved(decision)
    assert [p.invoice for p in after.provisions] == [1, 1]
    assert (after.settled, verdict("UntilSettled", "order", after)) == (True, "Settled")
    assert after.captured == after.totals.total
    assert bill_provided(after, NOW) is None
    assert close(after, NOW) is not None


def test_each_provision_carries_its_share_of_charges_and_discounts_to_the_cent():
    line = a_line("CODE", 3, 333, kind="DIGITAL", discount=10, tax=20)
    order = scheduled(placed(an_order(a_line("TEA", 2, 500), line, shipping=100, discount=51)))
    sums = []
    for _ in range(3):
        billed = bill_provided(provided(order, 1, "2"), NOW)
        assert billed is not None
        order = saved(billed[0])
        sums.append(billed[1].totals)

    left = invoices.invoice_line(order.line("1"), 2)
    whole = order.totals
    assert sum(t.total for t in sums) + left.goods - left.discount + left.charges + left.tax == whole.total
    assert sum(t.charges for t in sums) + left.charges == 100


def test_a_rejected_order_ends_its_digital_lines_too():
    order = placed(replace(an_order(a_line("CODE", 2, kind="DIGITAL")), draft=True))

    order = saved(review.reject(order, "drafts", "no", "sales", NOW))

    assert (order.status, order.settled) == ("CANCELLED", True)


def cards(quantity: int = 2, price: int = 500, **changes) -> Order:
    return scheduled(placed(an_order(a_line("CARD", quantity, price, kind="DIGITAL", gift_card=True), **changes)))


def test_gift_cards_are_provided_by_themselves_and_wait_in_no_queue():
    order = cards()
    assert (queues.waiting_lines(order), verdict("UntilSettled", "order", order)) == ({}, "Provided")
    with pytest.raises(Invalid):
        provide(order, "1", 1, "CODE", "shop", NOW)

    decision = provide_cards(order, 30, NOW)

    assert decision is not None
    made = decision.order.provisions[-1]
    assert (made.proof, made.quantity, made.cards) == ("GIFT_CARD", 2, Cards(value=500, days=30))
    assert provide_cards(saved(decision), 30, NOW) is None


def test_a_hold_keeps_gift_cards_from_being_made():
    order = saved(review.hold(cards(), a_hold_type("LOOK", "provide", level="order"), "looks odd", "shop", NOW, ()))

    assert provide_cards(order, None, NOW) is None
    assert verdict("UntilSettled", "order", order) is None


def test_a_gift_card_of_no_value_asks_a_person():
    with pytest.raises(NotAllowed):
        provide_cards(cards(price=0), None, NOW)


def test_the_price_of_gift_cards_is_owed_to_their_holders_and_no_revenue():
    made = provide_cards(cards(), None, NOW)
    assert made is not None
    billed = bill_provided(saved(made), NOW)
    assert billed is not None
    order = saved(billed[0])

    assert standing(order) == {Account.CAPTURED: 1000, Account.GIFT_CARDS: -1000}
    assert [p.number for p in bought_cards.to_activate(order)] == [1]
    active = saved(bought.activate(order, order.provisions[0], ["gc_1", "gc_2"], NOW))
    assert bought_cards.to_activate(active) == ()
    assert document.to_order(document.from_order(active)) == active


def test_cards_are_taken_back_from_the_last_one_and_never_more_than_are_unspent():
    made = provide_cards(cards(3), None, NOW)
    assert made is not None
    billed = bill_provided(saved(made), NOW)
    assert billed is not None
    order = saved(billed[0])
    unspent = list(bought_cards.of_invoice(order, 1, "1"))

    after, chosen = bought.take_back(order, "1", 2, unspent)

    assert chosen == tuple(unspent[1:])
    assert list(bought_cards.of_invoice(after, 1, "1")) == unspent[:1]
    assert (bought_cards.sold(after), bought_cards.taken_back(after)) == (1500, 1000)
    with pytest.raises(NotAllowed):
        bought.take_back(after, "1", 2, unspent[:1])
