"""Money that customers pay by links is counted whenever it comes, as far as it goes, and goes back if nothing needs it."""

from dataclasses import replace

from comanda.domain.lifecycle import payment_links
from comanda.domain.lifecycle.payment_links import Paid
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import LINK, Tender
from tests.builders import NOW, a_line, an_order, later, placed, saved


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
