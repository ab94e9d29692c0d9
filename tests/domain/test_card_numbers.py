"""Card numbers are found in every spelling, and other numbers are not mistaken for one."""

import random
from collections.abc import Callable
from functools import cache

import pytest

from comanda.domain.card_numbers import grouped_like_a_card, looks_like_a_card, masked
from tests.numbers import BRANDS, HONEST, groups, unusual

MOST_REFUSED = 0.001  # of each kind of honest number
# 16-digit references have no form that tells them from a card: they have a field of their own, which is not searched.
OF_ITS_OWN = {"payment references of 16 digits"}


@pytest.mark.parametrize("brand", BRANDS)
def test_a_test_card_of_every_brand_is_found_in_one_group_and_in_its_groups(brand: str) -> None:
    for number in BRANDS[brand]:
        for written in groups(number):
            assert looks_like_a_card(written), written
            assert looks_like_a_card(f"Please charge {written} 12/27 123, thanks"), written


@pytest.mark.parametrize("brand", BRANDS)
def test_a_test_card_of_every_brand_is_found_in_groups_that_no_card_has(brand: str) -> None:
    for number in BRANDS[brand]:
        for written in unusual(number):
            assert looks_like_a_card(written), written
            assert looks_like_a_card(f"Please charge {written} 12/27, thanks"), written
            hidden = masked(f"My card: {written}. Thanks")
            assert sum(map(str.isdigit, hidden)) <= 4, hidden


@pytest.mark.parametrize(
    "between",
    [
        " ",
        "  ",
        "    ",
        "~",
        " * ",
        ";",
        "-",
        "_",
        ",",
        ", ",
        ":",
        ".",
        "/",
        " - ",
        "\u00a0",
        "\u2009",
        "\u200b",
        "\u2060",
        "\u2011",
        "\u2013",
        "\t",
        "\n",
    ],
)
def test_groups_may_be_separated_by_any_sign_that_people_write(between: str) -> None:
    assert looks_like_a_card(between.join(("4111", "1111", "1111", "1111")))
    assert looks_like_a_card(between.join(("3782", "822463", "10005")))


@pytest.mark.parametrize("zero", ["\u0660", "\u06f0", "\u0966", "\uff10"])
def test_digits_of_every_script_are_digits(zero: str) -> None:
    written = "".join(chr(ord(zero) + int(digit)) for digit in "4111111111111111")

    assert looks_like_a_card(written)


def test_one_digit_at_a_time_is_a_way_to_write_a_card() -> None:
    assert looks_like_a_card(" ".join("4111111111111111"))
    assert looks_like_a_card("\u200b".join("4111111111111111"))


@pytest.mark.parametrize("kind", sorted(set(HONEST) - OF_ITS_OWN))
def test_honest_numbers_are_hardly_ever_taken_for_a_card(kind: str) -> None:
    assert refused(kind, looks_like_a_card) <= MOST_REFUSED


@pytest.mark.parametrize("kind", sorted(HONEST))
def test_a_field_of_references_refuses_only_what_is_written_as_a_card(kind: str) -> None:
    assert refused(kind, grouped_like_a_card) == 0


def refused(kind: str, rule: Callable[[str], bool]) -> float:
    numbers = honest(kind)
    return sum(map(rule, numbers)) / len(numbers)


@cache
def honest(kind: str) -> tuple[str, ...]:
    chance = random.Random(16)
    return tuple(HONEST[kind](chance) for _ in range(4_000))


@pytest.mark.parametrize(
    "reference", ["4111 1111 1111 1111", "3782-822463-10005", "card 4111111111111111", "PAN:4111111111111111"]
)
def test_a_reference_that_is_written_as_a_card_or_named_one_is_refused(reference: str) -> None:
    assert grouped_like_a_card(reference)


@pytest.mark.parametrize("unseen", ["\u200b", "\u2060", "\u00ad", "\u202a\u202c"], ids=ascii)
def test_invisible_characters_part_the_groups_of_a_phone_or_reference(unseen: str) -> None:
    assert grouped_like_a_card(unseen.join(["4111", *["1111"] * 3]))
    assert not grouped_like_a_card(f"\u202a{unseen.join(['+1', '555', '010', '1234'])}\u202c")


@pytest.mark.parametrize(
    "reference", ["4111111111111111", "ch_3MtwBwLkdIwHu7ix28a3tqPa", "4500 2000 1000 3000 20", "+4111111111111111"]
)
def test_a_reference_in_one_group_is_no_card(reference: str) -> None:
    assert not grouped_like_a_card(reference)


def test_a_card_beside_other_numbers_is_still_found() -> None:
    assert looks_like_a_card("order 12, 4111 1111 1111 1111, 12/27")
    assert looks_like_a_card("12-4111111111111111-12")
    assert looks_like_a_card("+1 415 555 2671 4111 1111 1111 1111")
    assert looks_like_a_card(f"{' '.join('4111111111111111')} 12/27")
    assert not looks_like_a_card("4111111111111112")  # Luhn
    assert not looks_like_a_card("9111111111111111")


def test_a_long_table_of_numbers_takes_no_time() -> None:
    assert not looks_like_a_card("1 " * 100_000)
    assert not looks_like_a_card("12345678901234567890" * 5_000)
