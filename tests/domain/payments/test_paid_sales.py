"""Whatever its providers do, an order's payments agree to the cent with its operations, and with the books of the providers."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from comanda.domain.orders.decision import EventType
from tests.domain.models.choices import Drawn
from tests.domain.models.paid_sale import STEPS, PaidSale, drive


@settings(max_examples=30)
@given(st.data())
def test_whatever_is_sold_changed_credited_and_refused_all_that_is_invoiced_is_paid_once(data):
    sale = PaidSale(Drawn(data))

    for _ in range(data.draw(st.integers(0, 12))):
        sale.act()

    sale.finish()


def test_seeded_sales_make_every_step_and_their_payments_fail_and_are_renewed():
    """Make a hundred sales, and go on up to three hundred while a rare step is missing: each new rule moves the dice."""
    tried: Counter[str] = Counter()
    for seed in range(20261130, 20261136):
        tried += drive(seed, 50)  # bench has hundreds of thousands of steps
        if seed > 20261130 and all(tried[name] for name in STEPS):
            break

    assert {name for name in STEPS if not tried[name]} == set()
    often = (EventType.PAYMENT_FAILED, EventType.PAYMENT_RENEWED, EventType.PAYMENT_ASKED, EventType.PAYMENT_ADDED)
    assert min(tried[f"event {kind}"] for kind in often) > 20
    assert min(tried[name] for name in ("pages paid", "pages paid late", "pages paid beside others")) > 0
