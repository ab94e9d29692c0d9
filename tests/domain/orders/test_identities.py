"""Test that one person is counted as one, however they write their e-mail, phone and address, and two as two."""

import pytest

from comanda.domain.orders import identities


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("ada@example.com", " ADA@Example.com ", True),
        ("ada@example.com", "ada+shoes@example.com", True),
        ("ada@example.com", "a.da@example.com", False),
        ("ada@gmail.com", "A.D.A+1@googlemail.com", True),
        ("ada@example.com", "ada@example.org", False),
        ("ada@bücher.example", "ADA@xn--bcher-kva.example", True),
        ("+x@example.com", "+y@example.com", False),
        ("", "ada@example.com", False),
    ],
)
def test_an_email_is_the_mailbox_that_it_reaches(one: str, other: str, same: bool):
    assert (identities.email(one) == identities.email(other)) == same


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("+1 (312) 555-0100", "312.555.0100", True),
        ("+55 11 91234-5678", "011 91234 5678", True),
        ("0034 600 123 456", "+34600123456", True),
        ("+1 312 555 0100", "+1 312 555 0101", False),
        ("110", "112", False),
    ],
)
def test_a_phone_is_its_last_digits(one: str, other: str, same: bool):
    assert (identities.phone(one) == identities.phone(other)) == same


def at(line1: str, line2: str = "", city: str = "New York", code: str = "10001", country: str = "US") -> str:
    return identities.address(country, code, city, line1, line2)


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (at("7 Elm Street", "#4"), True),
        (at("7 ELM ST. APT 4", city="NYC", code="10001-1234"), True),
        (at("7 Élm  st", "Unit 4"), True),
        (at("7elm st", "No. 4"), True),
        (at("7 Elm St", "5"), False),
        (at("8 Elm St", "4"), False),
        (at("7 Elm Ave", "4"), False),
        (at("7 Elm St", "4", code="10002"), False),
        (at("7 Elm St", "4", country="CA"), False),
        (at("7 Elm St", "4", code=""), False),
    ],
)
def test_an_address_is_its_place(other: str, same: bool):
    assert (at("7 Elm St", "Apt 4") == other) == same


def test_addresses_of_other_countries_have_their_own_abbreviations():
    assert at("Av. Paulista, nº 100", city="São Paulo", code="01310-100", country="BR") == at(
        "Avenida Paulista 100", city="Sao Paulo", code="01310100", country="BR"
    )
    assert at("Calle Mayor 1", code="", city="Ávila", country="ES") == at(
        "c/ Mayor, 1", code="", city="avila", country="ES"
    )
