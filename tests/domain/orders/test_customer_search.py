"""Test how e-mails, phones and names are folded, so that a customer is found however they are written."""

import unicodedata

import pytest

from comanda.aws.dynamodb import keys
from comanda.domain.errors import Invalid
from comanda.domain.orders import customer_search


@pytest.mark.parametrize(
    "text", ["+1 312 555 0100", "13125550100", "(312) 555-0100", "001-312-555.0100", "0312 555 0100"]
)
def test_a_phone_number_is_the_same_with_and_without_the_code_of_its_country(text: str):
    assert customer_search.phone(text) == "125550100"


@pytest.mark.parametrize("text", ["", "12 34 5", "call me", "+"])
def test_a_phone_number_of_few_digits_finds_nobody(text: str):
    assert customer_search.phone(text) == ""


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Ada Byron", ("ada byron", "byron ada")),
        ("  JOÃO  da Sílva ", ("joao da silva", "silva joao da", "da silva joao")),
        ("Cher", ("cher",)),
        ("Li", ("li",)),
        ("O'Neil", ("o neil", "neil o", "oneil")),
        ("O\u2019Neil", ("o neil", "neil o", "oneil")),
        ("محمد أحمد", ("محمد احمد", "احمد محمد")),
        ("李明", ("李 明", "明 李")),
        ("김민수", tuple(unicodedata.normalize("NFKD", one) for one in ("김 민 수", "수 김 민", "민 수 김"))),
        ("\U0001f600", ()),
        ("", ()),
    ],
)
def test_a_name_is_found_by_each_of_its_words(text: str, names: tuple[str, ...]):
    assert customer_search.names(text) == names


def test_a_name_of_many_words_is_found_by_eight_of_them():
    found = customer_search.names(" ".join("abcdefghijkl"))
    assert [name[0] for name in found] == ["a", "l", "b", "c", "d", "e", "f", "g"]
    assert len(customer_search.names("Anne-Marie d'Arc-Bel " + " ".join("ab-cd" for _ in range(40)))) <= 8


# What an agent types on the phone, and the names that it finds.
ASKED = {
    "Li Wei": ["li", "LI", "wei", "wei li", "li w"],
    "María José de la Cruz": [
        "maria",
        "jose",
        "José",
        "de la cruz",
        "la cruz",
        "cruz",
        "maria cruz",
        "cruz maria",
        "maria jose",
    ],
    "O'Neil": ["oneil", "o'neil", "o neil", "neil", "O\u2019NEIL"],
    "Fatima Al-Hassan": ["hassan", "al-hassan", "alhassan", "al hassan", "fatima al"],
    "محمد بن علي": ["محمد", "علي", "بن علي", "محمد علي"],
    "مي": ["مي"],
    "李明": ["李", "明", "李明", "李 明"],
    "王小明": ["王", "小明", "王小明"],
    "김민수": ["김", "민수", "김민수"],
    "이수": ["이", "수"],
    "山田 太郎": ["山田", "太郎", "山田太郎", "山"],
    "Jean-Luc Dupont": ["jean", "jean-luc", "luc", "dupont", "jeanluc", "jean dupont"],
}


@pytest.mark.parametrize(("name", "asked"), [(name, one) for name, all_asked in ASKED.items() for one in all_asked])
def test_an_agent_finds_a_name_by_what_they_hear(name: str, asked: str):
    wanted = customer_search.asked_names(customer_search.folded_search("name", asked))
    keys_of_name = [(keys.name_page(one), one) for one in customer_search.names(name)]

    assert any(
        page == keys.name_page(one) and stored.startswith(one) for page, stored in keys_of_name for one in wanted
    )


@pytest.mark.parametrize(
    ("asked", "found"),
    [("jose cruz", True), ("cruz maria", True), ("mar cru", True), ("jose cruz souza", False), ("ose ruz", False)],
)
def test_words_that_stand_apart_are_found_in_any_order(asked: str, found: bool):
    stored = customer_search.names("José Maria da Cruz")
    led = [name for name in stored for word in customer_search.led_by(asked) if name.startswith(word)]

    assert any(customer_search.has_words(name, asked) for name in led) == found


def test_a_search_of_one_word_is_read_once():
    assert customer_search.led_by("cruz") == ()


@pytest.mark.parametrize("asked", ["", "a", " a ", "-", "'", "\U0001f600"])
def test_too_little_of_a_name_is_refused(asked: str):
    with pytest.raises(Invalid):
        customer_search.folded_search("name", asked)


def test_a_long_name_has_a_bounded_key():
    assert all(len(name) <= 40 for name in customer_search.names("Wolfeschlegelstein " * 20))


def test_case_and_blanks_of_an_e_mail_do_not_count():
    assert customer_search.email(" Ada@Example.ORG ") == "ada@example.org"


@pytest.mark.parametrize(
    "written", [" Ada@m\u00fcnchen.example", "ada@M\u00dcNCHEN.example", "ada@XN--mnchen-3ya.example"]
)
def test_an_international_domain_is_the_same_in_letters_and_in_punycode(written: str):
    assert customer_search.email(written) == "ada@xn--mnchen-3ya.example"


def test_an_address_to_which_nobody_can_mail_is_its_own():
    assert customer_search.email("\u0391da@x y") == "\u03b1da@x y"
