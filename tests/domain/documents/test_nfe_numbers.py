"""Keys and numbers of Brazil's registers have the check digits that the law wants, also where a CNPJ has letters."""

import pytest
from fiscal_mcp.chave import calcula_dv
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.documents.nfe import access_key, registrations
from comanda.domain.documents.nfe.access_key import AccessKey
from tests.domain.documents.nfe_judges import published_samples


@pytest.mark.parametrize("number", ["11.222.333/0001-81", "00.000.000/0001-91", "12.ABC.345/01DE-35"])
def test_a_cnpj_has_two_check_digits(number: str):
    plain = registrations.plain(number)

    assert registrations.is_cnpj(plain)
    assert not registrations.is_cnpj(f"{plain[:-1]}{(int(plain[-1]) + 1) % 10}")


@pytest.mark.parametrize("number", ["", "0" * 14, "1122233300018", "11222333000A81", "12abc34501de35"])
def test_other_texts_are_no_cnpj(number: str):
    assert not registrations.is_cnpj(number)


@pytest.mark.parametrize(("number", "right"), [("52998224725", True), ("52998224724", False), ("1" * 11, False)])
def test_a_cpf_has_two_check_digits(number: str, *, right: bool):
    assert registrations.is_cpf(number) is right


@given(st.text("0123456789", min_size=43, max_size=43))
def test_the_check_digit_of_a_key_is_that_of_another_program(first: str):
    assert access_key.check_digit(first) == calcula_dv(first)


def test_the_keys_of_published_documents_have_our_check_digit():
    keys = [path.name[:44] for path in published_samples() if path.name[:44].isdigit()]

    assert len(keys) > 10
    assert all(access_key.check_digit(key[:43]) == int(key[43]) for key in keys)


def test_a_key_has_44_characters_in_their_order():
    key = AccessKey(state_code="35", month="2611", cnpj="12ABC34501DE35", series=7, number=42, code="12345670")

    assert key.text[:43] == "3526" + "11" + "12ABC34501DE35" + "55" + "007" + "000000042" + "1" + "12345670"
    assert len(key.text) == 44


@given(st.text(min_size=1, max_size=40), st.integers(1, 999_999_999))
def test_the_code_of_a_key_follows_from_its_document_and_is_not_its_number(document_id: str, number: int):
    code = access_key.code_of(document_id, number)

    assert code == access_key.code_of(document_id, number)
    assert len(code) == 8
    assert int(code) != number
    assert code not in {"00000000", "11111111", "12345678", "01234567", "90123456"}
