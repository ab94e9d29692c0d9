"""An item about an NF-e tells a person why it was refused, or what it lacks."""

import pytest

from comanda.domain.labels import labels, nfe_words


@pytest.mark.parametrize(
    ("data", "locale", "says"),
    [
        ({"code": "778"}, "en-US", "778: there is no such class of goods (NCM)"),
        ({"code": "778"}, "pt-BR", "778: o NCM não existe"),
        ({"code": "778"}, "es-MX", "778: el NCM no existe"),
        ({"code": "999"}, "pt-BR", "999"),
        ({"fields": "/buyer/tax_id,/lines/0/nfe"}, "es", "/buyer/tax_id, /lines/0/nfe"),
        ({"invoice": "inv_1"}, "en-US", ""),
    ],
)
def test_an_item_says_its_code_in_words_or_its_fields(data: dict[str, str], locale: str, says: str):
    assert nfe_words.of_item(data, locale) == says


def test_every_refusal_has_words_in_three_languages():
    for code, words in nfe_words.REFUSALS.items():
        assert code.isdecimal()
        assert len(set(words)) == len(labels.LOCALES)
