"""An order that waits for its customer to pay a link is held until they have: no person and no card beside it releases it."""

from dataclasses import replace

import pytest

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle import payment_links
from comanda.domain.lifecycle.holds import authorisations, review
from comanda.domain.lifecycle.payment_links import Paid
from comanda.domain.orders.holds import BY_LINK
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import Tender
from tests.builders import NOW, a_line, a_tender, an_order, later, placed, saved
from tests.domain.lifecycle.holds.test_renewals import being_renewed, by_card, renewed
from tests.domain.lifecycle.test_payment_links import a_link

WAITS = (BY_LINK, "the customer has not paid yet")


def an_order_paid_by(*tenders: Tender) -> Order:
    return placed(an_order(a_line("TEA", 2, 1000), payments=tenders))


def held(order: Order) -> list[tuple[str, str, str]]:
    return [(hold.by, hold.reason, hold.queue) for hold in order.holds if hold.active]


def test_a_card_that_ends_later_beside_a_link_has_not_ended() -> None:
    order = an_order_paid_by(a_tender(1500, expires_at=later(hours=20)), a_link(500))

    assert held(order) == [(*WAITS, "")]


def test_a_card_that_has_ended_is_a_task_that_waits_for_the_link_too() -> None:
    order = an_order_paid_by(a_tender(1500, expires_at=NOW), a_link(500))
    assert held(order) == [("payments", authorisations.REASON, "holds")]

    with pytest.raises(NotAllowed, match="the customer has not paid"):
        review.resolve(order, "h1", "holds", "renewed", "ann", NOW)

    paid = saved(payment_links.paid(order, 1, Paid(reference="pi_1", amount=500), NOW))
    assert not held(saved(review.resolve(paid, "h1", "holds", "renewed", "ann", NOW)))


def test_what_nobody_paid_by_a_link_is_no_ended_authorisation() -> None:
    order = an_order_paid_by(a_tender(1500), a_link(500))
    over = payment_links.not_paid(replace(order, holds=()), 1, "PAYMENT_EXPIRED", NOW)
    assert over is not None

    decision = authorisations.hold_if_ended(over.order, NOW)

    assert decision is not None
    assert held(decision.order) == [(*WAITS, "holds")]
    assert [(task.queue, task.item) for task in decision.tasks] == [("holds", "h1")]


def test_the_hold_of_a_renewal_that_was_made_stands_for_the_link_that_nobody_paid() -> None:
    order = being_renewed(replace(an_order_paid_by(by_card(1500), a_link(500)), holds=()))
    over = payment_links.not_paid(order, 1, "PAYMENT_EXPIRED", NOW)
    assert over is not None

    decision = renewed(saved(over), 2)

    assert held(decision.order) == [(*WAITS, "holds")]
    assert [task.queue for task in decision.tasks] == ["holds"]
