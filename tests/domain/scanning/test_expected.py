from datetime import date

import pytest

from comanda.domain.scanning.expected import Expected, Refused, changed_characters, line_of, line_to_pick
from comanda.domain.scanning.scan import read

TEA = Expected(line_id="1", sku="TEA", gtin="4006381333931", left=1)
MORE_TEA = Expected(line_id="2", sku="TEA", gtin="4006381333931", left=2)
POT = Expected(line_id="3", sku="036000291452", left=1)


def scanned(text):
    return read(text, date(2026, 11, 29))


@pytest.mark.parametrize("text", ["TEA", "4006381333931", "]C10104006381333931", "(01)04006381333931(10)A"])
def test_a_unit_is_counted_on_the_first_line_that_still_needs_it(text):
    done = Expected(line_id="1", sku="TEA", gtin="4006381333931", left=0)

    assert line_of(scanned(text), (TEA, MORE_TEA)) == "1"
    assert line_of(scanned(text), (done, MORE_TEA)) == "2"


def test_a_sku_may_itself_be_a_gtin():
    assert line_of(scanned("]E00036000291452"), (TEA, POT)) == "3"


def test_a_unit_beyond_the_wanted_ones_is_refused():
    done = Expected(line_id="1", sku="TEA", gtin="4006381333931", left=0)

    assert line_of(scanned("TEA"), (done,)) is Refused.ENOUGH


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("COFFEE", Refused.ANOTHER_ARTICLE),
        ("96385074", Refused.ANOTHER_ARTICLE),
        ("ord_us1_01M81EP1ENTG1NKE5JV2A73WMW", Refused.NOT_AN_ARTICLE),
        ("340123450000000000", Refused.NOT_AN_ARTICLE),
    ],
)
def test_another_code_names_the_reason(text, why):
    assert line_of(scanned(text), (TEA, POT)) is why


@pytest.mark.parametrize(("day", "found"), [("261129", "1"), ("261128", Refused.EXPIRED)])
def test_a_unit_that_has_expired_is_not_picked(day, found):
    code = scanned(f"(01)04006381333931(17){day}")

    assert line_to_pick(code, (TEA, POT), date(2026, 11, 29)) == found
    assert line_of(code, (TEA, POT)) == "1"  # it is put back, too
    assert line_to_pick(code, (POT,), date(2026, 11, 29)) is Refused.ANOTHER_ARTICLE


def test_an_article_without_a_gtin_matches_no_scan_without_one():
    assert line_of(scanned("X"), (Expected(line_id="9", sku="Y", left=1),)) is Refused.ANOTHER_ARTICLE


def test_characters_of_another_keyboard_layout_are_named_once():
    assert changed_characters("ABC-123-YZ/Y", "ABCß123ßZY-Z") == (("-", "ß"), ("Y", "Z"), ("Z", "Y"), ("/", "-"))
    assert changed_characters("AB", "A") == (("B", ""),)
    assert changed_characters("AB", "AB") == ()
