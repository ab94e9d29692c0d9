"""Changes after the sale agree with an accountant's books, which share no code with them: to the cent, after each step."""

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.models import long_sale
from tests.domain.models.choices import Drawn
from tests.domain.models.long_sale import ALL_STEPS, LongSale
from tests.domain.models.sale import STEPS, Sale, drive


@settings(max_examples=60)
@given(st.data())
def test_whatever_is_changed_shipped_and_billed_the_books_of_an_accountant_agree(data):
    sale = Sale(Drawn(data))

    for _ in range(data.draw(st.integers(0, 12))):
        sale.act()

    sale.finish()


def test_seeded_sales_make_every_step():
    assert set(drive(20261130, 60)) == set(STEPS)  # bench has hundreds of thousands of steps


@settings(max_examples=30)
@given(st.data())
def test_declines_losses_and_changes_that_wait_move_no_cent_that_nobody_decided(data):
    sale = LongSale(Drawn(data))

    for _ in range(data.draw(st.integers(0, 12))):
        sale.act()

    sale.finish()


def test_seeded_long_sales_make_every_step():
    tried = long_sale.drive(20261130, 60)

    assert {name for name, times in tried.items() if times} == {*ALL_STEPS, "made when covered", "told anew"}
