"""Words of products and of queries."""

import pytest

from comanda.domain.search_words import MOST_LETTERS, MOST_WORDS, has_all, words, words_of_product, words_of_query


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Chá VERDE, 100 g", ("cha", "verde", "100", "g")),
        ("Cha\u0301 verde", ("cha", "verde")),
        ("Straße", ("strasse",)),
        ("Tea tea TEA", ("tea",)),
        ("under_score-and.dot", ("under", "score", "and", "dot")),
        ("شاي أخضر", ("شاي", "اخضر")),
        ("緑茶 ティー", ("緑茶", "ティー")),
        ("\U0001f375 ☕", ()),
        ("ﬁne №5", ("fine", "no5")),
        ("  \t ", ()),
        ("{{ 7*7 }} <b>", ("7", "b")),
        ("x" * 99, ("x" * MOST_LETTERS,)),
    ],
)
def test_a_text_is_parted_into_words_without_case_and_accents(text: str, found: tuple[str, ...]):
    assert words(text) == found


def test_a_product_is_found_by_its_whole_sku_its_parts_and_its_title():
    assert words_of_product("TEA-001", "Green tea") == ("tea001", "tea", "001", "green")


def test_a_product_with_a_long_title_has_a_bounded_number_of_words():
    found = words_of_product("A", " ".join(f"word{n}" for n in range(99)))

    assert len(found) == MOST_WORDS
    assert found[0] == "a"


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("green TEA", ("green", "tea")),
        ("10-20", ("1020",)),
        ("TEA-001", ("tea", "001")),
        ("a b", ("ab",)),
        ("...", ()),
        (" ".join(map(str, range(100, 199))), tuple(map(str, range(100, 110)))),
    ],
)
def test_a_query_is_its_words_or_one_word_when_all_are_short(query: str, wanted: tuple[str, ...]):
    assert words_of_query(query) == wanted


@pytest.mark.parametrize(
    ("query", "found"),
    [("gre te", True), ("green", True), ("een", False), ("green coffee", False), ("tea-0", True), ("TEA001", True)],
)
def test_a_product_has_a_query_when_each_word_begins_one_of_its_words(query: str, found: bool):
    assert has_all(words_of_query(query), words_of_product("TEA-001", "Green tea")) is found
