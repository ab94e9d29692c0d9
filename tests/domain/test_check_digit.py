import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.check_digit import gtin_14, is_right


@pytest.mark.parametrize(
    ("text", "wide"),
    [
        ("96385074", "00000096385074"),
        ("036000291452", "00036000291452"),
        ("4006381333931", "04006381333931"),
        ("10614141000415", "10614141000415"),
    ],
)
def test_every_form_of_a_gtin_is_written_with_14_digits(text, wide):
    assert gtin_14(text) == wide


@pytest.mark.parametrize(
    "text", ["", "4006381333932", "400638133393", "40063813339310", "TEA", "0" * 13, "٤٠٠٦٣٨١٣٣٣٩٣١", "96385074 "]
)
def test_another_text_is_no_gtin(text):
    assert gtin_14(text) is None


@given(st.text("0123456789", min_size=7, max_size=17))
def test_exactly_one_digit_of_ten_is_the_right_one(digits):
    assert sum(is_right(f"{digits}{last}") for last in range(10)) == 1
