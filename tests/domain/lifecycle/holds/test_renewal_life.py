"""An order whose authorisations end, at a provider that fails at random, waits for nothing, and its money agrees to the cent."""

from comanda.domain.orders.decision import EventType
from tests.domain.models.renewal_life import drive


def test_no_hold_and_no_question_waits_for_nothing_whatever_happens_to_the_order():
    facts = drive(20261130, 250)

    assert min(facts[one] for one in (EventType.PAYMENT_RENEWED, EventType.PAYMENT_FAILED, EventType.HELD)) > 25
