"""The provider's word about payments resolves the hold of an order, or holds it when an authorisation has ended."""

from dataclasses import replace

import pytest

from comanda.domain.lifecycle.holds import payment_checks
from comanda.domain.orders.order import Order
from tests.builders import NOW, a_line, a_tender, an_order, later, placed


def unchecked(*tenders) -> Order:
    order = placed(an_order(a_line("TEA", 2, 1000), payments=tenders))
    return payment_checks.with_check_hold(order, NOW)


def test_the_end_that_the_provider_names_takes_the_place_of_the_shops() -> None:
    order = unchecked(a_tender(2000, provider="stripe", checked=False, expires_at=later(days=9)))

    decision = payment_checks.decide(order, {0: ()}, NOW, {0: later(days=7)})

    assert decision is not None
    (tender,) = decision.order.payments
    assert (tender.checked, tender.expires_at) == (True, later(days=7))
    assert not any(hold.active for hold in decision.order.holds)


def test_without_an_end_of_the_providers_that_of_the_shop_stays() -> None:
    order = unchecked(a_tender(2000, provider="stripe", checked=False, expires_at=later(days=9)))

    decision = payment_checks.decide(order, {0: ()}, NOW)

    assert decision is not None
    assert decision.order.payments[0].expires_at == later(days=9)


def test_an_authorisation_that_has_ended_holds_the_release_of_what_it_was_to_pay() -> None:
    order = unchecked(a_tender(2000, provider="stripe"))

    decision = payment_checks.ended(order, [0], NOW)

    assert decision is not None
    assert decision.event.type == "held"
    assert [hold.reason for hold in decision.order.holds if hold.active] == [
        "the authorisation of the payment has ended"
    ]
    assert payment_checks.ended(replace(decision.order, version=2), [0], NOW) is None


def test_an_authorisation_that_has_ended_and_that_others_cover_is_noted_alone() -> None:
    order = unchecked(a_tender(2000, provider="stripe"), a_tender(2000))

    decision = payment_checks.ended(order, [0], NOW)

    assert decision is not None
    assert (decision.event.type, decision.event.data) == ("payment_checked", {"differs": ["standing"]})
    assert decision.tasks == ()
    assert decision.order.payments[0].ended(NOW)


@pytest.mark.parametrize("state", [{"released": 2000}, {"captured": 2000}, {"expires_at": NOW}])
def test_an_authorisation_of_which_nothing_is_open_is_not_noted(state) -> None:
    assert payment_checks.ended(unchecked(a_tender(2000, provider="stripe", **state)), [0], NOW) is None
