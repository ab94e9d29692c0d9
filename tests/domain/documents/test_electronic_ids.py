"""VAT numbers and electronic addresses that are taken make XML that the judges take, by the published lists of codes."""

from itertools import product
from string import ascii_uppercase

import pytest
from mockeinvoice.rules import codelists, en16931, peppol

from comanda.domain.documents import electronic_ids, ubl
from comanda.domain.documents.electronic_invoice import problems
from comanda.domain.geography import countries
from tests.domain.documents.einvoice_judges import en16931_says, peppol_says
from tests.domain.documents.sales import a_sale
from tests.domain.documents.test_ubl import BUYER, SELLER, taxed


def test_the_schemes_are_those_of_the_published_list():
    assert electronic_ids.SCHEMES == peppol.ADDRESS_SCHEMES


def test_every_country_is_one_of_the_published_list():
    listed = set(" ".join(codelists.LISTS["BR-CL-14"]).split())

    assert {electronic_ids.country_in_xml(one) for one in countries.CODES} <= listed


def test_a_prefix_that_is_taken_is_one_of_the_published_list():
    numbers = {letters: f"{letters}123456789" for letters in map("".join, product(ascii_uppercase, repeat=2))}
    numbers["NL"] = "NL123456789B01"
    taken = {
        letters
        for letters, number in numbers.items()
        if any(electronic_ids.is_vat_number(number, country) for country in {letters, "PT", "GR", "XK", "GB"})
    }

    assert taken <= set(en16931.VAT_PREFIXES.split())
    assert len(taken) > 200


@pytest.mark.parametrize(
    ("number", "country", "is_one"),
    [
        ("PT501964843", "PT", True),
        ("ESB12345678", "PT", True),  # a company may register in another country of the EU
        ("EL123456789", "GR", True),
        ("GR123456789", "GR", False),
        ("XI123456789", "GB", True),
        ("GB123456789", "GB", True),
        ("FR12345678901", "MC", True),
        ("BR12345678", "BR", True),
        ("MAXX010101000", "MX", False),  # no number of Morocco
        ("XAXX010101000", "MX", False),
        ("XX123456789", "XX", False),
        ("UK123456789", "GB", False),
        ("NL123456789", "NL", False),
        ("NL123456789B01", "NL", True),
        ("pt501964843", "PT", False),
        ("501964843", "PT", False),
        ("PT5", "PT", False),
        ("PT50196484312345678", "PT", False),
        ("", "PT", False),
    ],
)
def test_a_vat_number_begins_with_its_country(number: str, country: str, is_one: bool):
    assert electronic_ids.is_vat_number(number, country) is is_one


RIGHT = {
    "0007": "2021005489", "0088": "4012345000009", "0096": "1234567890", "0106": "12345678", "0151": "51824753556",
    "0184": "12345678", "0190": "12345678901234567890", "0192": "974760673", "0198": "DK12345678", "0201": "A1b2C3",
    "0208": "0202239951", "0210": "RSSMRA85T10A562S", "0211": "IT12345670017", "9944": "NL123456789B01",
}  # fmt: skip
WRONG = {
    "0007": ["2021005488", "202100548", "x"], "0088": ["4012345000008", "401234500000", "x"], "0096": ["123", "DK12345678"],
    "0106": ["1234567", "123456789"], "0151": ["51824753557", "5182475355"], "0184": ["1234567", "SE12345678"],
    "0190": ["1", "123456789012345678901"], "0192": ["974760674", "97476067", "000000001"], "0198": ["12345678"],
    "0201": ["A1b2C", "A1b2C-"], "0208": ["0202239952", "202239951"], "0210": ["RSSMRA85T10A562", "1234567890"],
    "0211": ["IT12345670018", "12345670017", "IT1234567001"], "9944": ["NL123456789", "NL123456789B0"],
}  # fmt: skip


def says(address: str) -> list[str]:
    """Return what the judges say of an invoice to this address."""
    xml = ubl.write(a_sale(taxed()), SELLER, BUYER | {"electronic_address": address})
    return [*en16931_says(xml), *peppol_says(xml)]


@pytest.mark.parametrize("scheme", sorted(electronic_ids.SCHEMES))
def test_an_address_of_every_scheme_that_is_taken_passes_the_judges(scheme: str):
    address = f"{scheme}:{RIGHT.get(scheme, 'a.B-1_2:3')}"

    assert electronic_ids.problem_of_address(address, "/x") is None
    assert says(address) == []


@pytest.mark.parametrize(("scheme", "number"), [(scheme, one) for scheme in WRONG for one in WRONG[scheme]])
def test_a_number_that_the_judges_refuse_is_no_address(scheme: str, number: str):
    refused = electronic_ids.problem_of_address(f"{scheme}:{number}", "/x")

    assert refused
    assert (refused.pointer, refused.code) == ("/x", "malformed")
    assert scheme in refused.message
    assert problems(a_sale(taxed()), SELLER, BUYER | {"electronic_address": f"{scheme}:{number}"})


@pytest.mark.parametrize(
    ("address", "code"),
    [("0037:1", "unknown-scheme"), ("0001:1", "unknown-scheme"), ("9999:1", "unknown-scheme"), ("a@b.c", "malformed"), ("", "malformed")],
)  # fmt: skip
def test_an_address_of_another_scheme_or_form_is_refused(address: str, code: str):
    refused = electronic_ids.problem_of_address(address, "/x")

    assert refused
    assert refused.code == code


@pytest.mark.parametrize("country", ["XK", "GR", "MC", "GB", "BR", "US", "DE", "DK", "IT", "NL", "SE", "NO", "IS"])
def test_a_buyer_of_another_country_passes_the_judges(country: str):
    buyer = BUYER | {"country": country, "tax_id": f"{country}123456789"}
    document = a_sale(taxed())

    assert problems(document, SELLER, buyer) == []
    xml = ubl.write(document, SELLER, buyer)
    assert (en16931_says(xml), peppol_says(xml)) == ([], [])


@pytest.mark.parametrize("prefix", ["DE", "DK", "EL", "IT", "NL", "SE"])
def test_a_seller_with_a_number_of_a_country_of_further_rules_is_refused(prefix: str):
    seller = SELLER | {"tax_id": "NL123456789B01" if prefix == "NL" else f"{prefix}123456789"}

    assert [one.pointer for one in problems(a_sale(taxed()), seller, BUYER)] == ["/seller/country"]
