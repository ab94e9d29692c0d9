from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.scanning.scan import Scan, UnreadableScan, read

TODAY = date(2026, 11, 29)
GTIN = "04006381333931"
SSCC = "340123450000000000"
ORDER = "ord_us1_01M81EP1ENTG1NKE5JV2A73WMW"


@pytest.mark.parametrize("text", ["4006381333931", " 4006381333931\r\n", "04006381333931", f"]E0{'4006381333931'}"])
def test_a_bar_code_of_an_article_is_read_with_14_digits(text):
    assert read(text, TODAY).gtin == GTIN


@pytest.mark.parametrize(
    "text",
    [
        f"]C101{GTIN}17270400\x1d10LOT-7\x1d21S1",
        f"]d201{GTIN}1727040010LOT-7\x1d21S1",
        f"\x1d01{GTIN}1727040010LOT-7\x1d21S1\x1d",
        f"01{GTIN}21S1\x1d10LOT-7\x1d17270400",
        f"(01){GTIN}(17)270400(10)LOT-7(21)S1",
    ],
)
def test_element_strings_name_article_lot_expiry_and_serial(text):
    scan = read(text, TODAY)

    assert (scan.gtin, scan.lot, scan.serial, scan.expiry) == (GTIN, "LOT-7", "S1", date(2027, 4, 30))


def test_other_elements_are_read_past():
    scan = read(f"]C101{GTIN}3103001250422840\x1d8008261129\x1d10A", TODAY)

    assert (scan.gtin, scan.lot) == (GTIN, "A")


def test_a_digital_link_names_the_article():
    scan = read(f"https://id.example.org/shop/01/{GTIN}/10/A%2FB/21/9?17=270430", TODAY)

    assert (scan.gtin, scan.lot, scan.serial) == (GTIN, "A/B", "9")


@pytest.mark.parametrize("text", [SSCC, f"00{SSCC}\x1d", f"]C100{SSCC}", f"(00){SSCC}"])
def test_a_parcel_code_is_no_article(text):
    scan = read(text, TODAY)

    assert (scan.sscc, scan.gtin) == (SSCC, "")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (ORDER, ORDER),
        (f"https://example.org/live/console/orders/{ORDER}", ORDER),
        (f"ful_{ORDER[4:]}-001", f"ful_{ORDER[4:]}-001"),
    ],
)
def test_our_own_ids_and_links_are_known(text, found):
    assert read(text, TODAY).id == found


@pytest.mark.parametrize("text", ["TEA-1", "4006381333932", "12345", "chá 🍵", "https://example.org/tea"])
def test_any_other_text_may_be_a_sku(text):
    assert read(text, TODAY) == Scan(text=text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "empty"),
        ("  \r", "empty"),
        ("A" * 401, "too-long"),
        (f"]C101{GTIN[:-1]}", "cut-off"),
        (f"]C101{GTIN[:-1]}2", "wrong-check-digit"),
        (f"(00){SSCC[:-1]}9", "wrong-check-digit"),
        (f"]C101{GTIN}17271331", "wrong-date"),
        (f"]C101{GTIN}17270230", "wrong-date"),
        (f"]C101{GTIN}10{'LOT'}21{'S' * 18}", "no-separator"),
        ("]C1ABCD", "not-gs1"),
        (f"]C101{GTIN}01{'00036000291452'}", "contradicts-itself"),
    ],
)
def test_a_code_that_breaks_its_own_rules_is_refused(text, code):
    with pytest.raises(UnreadableScan) as refused:
        read(text, TODAY)

    assert refused.value.code == code


@pytest.mark.parametrize(
    ("yymmdd", "day"),
    [
        ("760101", date(2076, 1, 1)),
        ("770101", date(1977, 1, 1)),
        ("280200", date(2028, 2, 29)),
        ("991231", date(1999, 12, 31)),
    ],
)
def test_the_century_of_a_date_is_the_nearer_one(yymmdd, day):
    assert read(f"(01){GTIN}(17){yymmdd}", TODAY).expiry == day


def test_a_year_of_the_next_century_is_ahead_near_the_end_of_one():
    assert read(f"(01){GTIN}(17)010101", date(2096, 1, 1)).expiry == date(2101, 1, 1)


@given(st.text() | st.text("0123456789\x1d()]Cd12", max_size=60))
def test_no_text_raises_anything_but_a_refusal(text):
    with suppress(UnreadableScan):
        assert read(text, TODAY).text
