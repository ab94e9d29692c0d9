"""Test how e-mails, phones and names are folded, so that a customer is found however they are written."""

import pytest

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
        ("  JOÃO  da Sílva ", ("joao da silva", "silva joao da")),
        ("Cher", ("cher",)),
        ("O'Brien-Smith, Pat", ("o brien smith pat", "pat o brien smith")),
        ("محمد أحمد", ("محمد احمد", "احمد محمد")),
        ("李明", ("李明",)),
        ("\U0001f600", ()),
        ("", ()),
    ],
)
def test_a_name_is_found_by_its_first_and_by_its_last_word(text: str, names: tuple[str, ...]):
    assert customer_search.names(text) == names


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
