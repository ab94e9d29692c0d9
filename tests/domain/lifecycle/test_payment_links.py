"""Money that customers pay by links is counted whenever it comes, as far as it goes, and goes back if nothing needs it."""

from dataclasses import replace

import pytest

from comanda.domain.lifecycle import payment_links
from comanda.domain.lifecycle.holds import authorisations, hold_expiry
from comanda.domain.lifecycle.payment_links import Paid
from comanda.domain.orders import holds
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.order import Order
from comanda.domain.orders.pending_change import PendingChange
from comanda.domain.orders.tender import LINK, Tender
from tests.builders import NOW, a_hold_type, a_line, a_tender, an_order, later, placed, saved


def a_link(amount: int, **changes) -> Tender:
    tender = Tender(method=LINK, reference="", authorized=0, provider="stripe", asked=amount, requested=amount)
    return replace(tender, **changes)


def an_order_by(*tenders: Tender) -> Order:
    return placed(an_order(a_line("TEA", 2, 1000), payments=tenders))


def test_a_link_of_which_the_shop_captured_a_part_by_itself_leaves_the_rest_unpaid() -> None:
    order = an_order_by(a_link(2000))

    paid = payment_links.paid(order, 0, Paid(reference="pi_1", amount=2000, captured=1500, ends=later(days=6)), NOW)

    assert paid.order.unpaid(NOW) == 500
    assert paid.order.blocked("release")
    assert [task.queue for task in paid.tasks] == ["holds"]
    again = payment_links.ask(saved(paid), LINK, "stripe", "ann", NOW)
    assert [(tender.asked, tender.captured) for tender in again.order.payments] == [(0, 1500), (500, 0)]


def test_a_card_that_a_closed_order_got_too_late_is_given_back_also_when_its_authorisation_has_ended() -> None:
    order = replace(an_order_by(a_link(2000)), closed=True)
    worth = replace(order.totals, goods=0, total=0)

    decision = payment_links.paid(
        replace(order, totals=worth), 0, Paid(reference="pi_1", amount=2000, ends=NOW), later(hours=1)
    )

    assert [(one.purpose, one.amount) for one in decision.money] == [("release", 2000)]
    assert decision.order.open_authorization == 0


def dearer(order: Order) -> Order:
    return replace(order, totals=replace(order.totals, goods=2500, total=2500))


@pytest.mark.parametrize(
    "order",
    [
        dearer(an_order_by(a_link(0, requested=2000, authorized=2000, reference="pi_1"))),
        an_order_by(a_tender(2000, expires_at=later(hours=1))),
    ],
    ids=["it became dearer", "an authorisation ended"],
)
@pytest.mark.parametrize("meaning", [holds.CANCEL, holds.ASK, holds.RESOLVE])
def test_a_hold_from_before_the_link_expires_as_its_type_says_from_when_the_customer_is_asked(
    order: Order, meaning: str
) -> None:
    kind = a_hold_type(holds.PAYMENT, "release", expires_minutes=60, on_expiry=meaning)
    held = saved(authorisations.hold_if_ended(order, later(hours=1)))
    assert held.holds[0].expires is None

    asked = saved(payment_links.ask(held, LINK, "stripe", "ann", later(hours=5), kind))

    (hold,) = asked.holds
    assert hold.expires == later(hours=6)
    assert hold_expiry.end_expired_hold(asked, frozenset(), later(hours=5)) is None
    over = saved(hold_expiry.end_expired_hold(asked, frozenset({holds.PAYMENT}), later(hours=6)))
    assert over.holds[0].active == (meaning != holds.CANCEL)
    assert over.settled == (meaning == holds.CANCEL)
    assert not over.blocked("release") or meaning != holds.CANCEL
    again = payment_links.ask(over, "PIX", "stripe", "ann", later(hours=7), kind) if meaning != holds.CANCEL else None
    assert again is None or again.order.holds[0].expires == later(hours=6)


@pytest.mark.parametrize("meaning", [holds.CANCEL, holds.ASK])
def test_a_hold_that_begins_while_a_link_is_open_expires_as_its_type_says_from_when_the_new_link_is_shown(
    meaning: str,
) -> None:
    kind = a_hold_type(holds.PAYMENT, "release", expires_minutes=60, on_expiry=meaning)
    order = an_order_by(a_tender(2000, expires_at=later(hours=1)))
    change = PendingChange(modifications=("quantity",), reason="r", to_pay=300, until=later(hours=24), by="ann", at=NOW)
    asked = saved(payment_links.ask(replace(order, pending=change), LINK, "stripe", "ann", NOW, kind))
    assert asked.holds == ()
    event = Event(type=EventType.PAYMENT_ADDED, actor="ann", at=later(hours=2), data={})

    held = saved(payment_links.up_to_date(Decision(order=asked, event=event)))
    assert [hold.expires for hold in held.holds] == [None]
    at = len(held.payments) - 1
    shown = saved(payment_links.shown(held, at, "https://pay", later(hours=26), later(hours=3), kind))

    (hold,) = shown.holds
    assert (hold.expires, hold.on_expiry) == (later(hours=4), meaning)


def test_a_person_is_asked_when_the_hold_of_an_open_link_expires_and_not_any_more_when_the_customer_has_paid() -> None:
    kind = a_hold_type(holds.PAYMENT, "release", expires_minutes=60, on_expiry=holds.ASK)
    order = saved(payment_links.ask(an_order_by(a_link(2000)), "PIX", "stripe", "ann", NOW, kind))
    assert order.holds[0].queue == ""

    expired = hold_expiry.end_expired_hold(order, frozenset(), later(hours=1))
    assert [(task.queue, task.item) for task in expired.tasks] == [("holds", "h1")]
    assert saved(expired).holds[0].queue == "holds"
    assert payment_links.up_to_date(expired) is expired

    found = Paid(reference="pi_1", amount=2000, ends=later(days=6))
    paid = payment_links.paid(saved(expired), 1, found, later(hours=2))
    assert paid.done == (("holds", "h1"),)
    assert not paid.order.holds[0].active
