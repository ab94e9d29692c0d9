"""Codes of gift cards hold their random bits, and a wrong character is found."""

from hypothesis import given
from hypothesis import strategies as st

from comanda.domain import text
from comanda.domain.gift_cards import codes

BITS = st.integers(0, 2**codes.RANDOM_BITS - 1)
CHARACTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@given(BITS)
def test_a_code_is_read_as_it_was_made_however_it_is_typed(bits: int):
    code = codes.make(bits)

    assert len(code) == 20
    assert set(code) <= set(CHARACTERS)
    for typed in (code, codes.grouped(code), code.lower(), code.replace("0", "o").replace("1", "l"), f" {code} "):
        assert codes.read(typed) == code
    assert text.GIFT_CARD_CODE.fits(codes.grouped(code))
    assert code.endswith(codes.last4(code))


@given(BITS, BITS)
def test_different_bits_make_different_codes(one: int, other: int):
    assert (codes.make(one) == codes.make(other)) == (one == other)


@given(BITS, st.integers(0, 19), st.sampled_from(CHARACTERS))
def test_a_wrong_character_is_found(bits: int, at: int, character: str):
    code = codes.make(bits)
    wrong = code[:at] + character + code[at + 1 :]

    assert codes.read(wrong) == (code if wrong == code else None)


@given(st.text())
def test_other_texts_are_no_codes(typed: str):
    assert codes.read(typed) is None or len(codes.read(typed) or "") == 20


def test_texts_of_another_length_or_with_other_characters_are_no_codes():
    code = codes.make(12345)

    assert codes.read(code[:-1]) is None
    assert codes.read(code + "0") is None
    assert codes.read("U" * 20) is None
    assert codes.read("") is None
