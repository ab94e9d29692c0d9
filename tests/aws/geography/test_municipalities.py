"""The municipalities of Brazil have their codes of IBGE, in any spelling of their names."""

from pathlib import Path

import pytest

from comanda.aws.geography import municipalities, regions
from comanda.aws.geography.regions import TablesMissing


@pytest.mark.parametrize(
    ("state", "city", "code"),
    [
        ("SP", "São Paulo", "3550308"),
        ("SP", "SAO  PAULO", "3550308"),
        ("RO", "Alta Floresta D'Oeste", "1100015"),
        ("DF", "Brasília", "5300108"),
        ("RJ", "São Paulo", None),
        ("XX", "São Paulo", None),
        ("SP", "", None),
    ],
)
def test_a_municipality_is_found_in_its_state(state: str, city: str, code: str | None) -> None:
    assert municipalities.code(state, city) == code


def test_a_build_without_tables_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    municipalities._table.cache_clear()
    monkeypatch.setattr(municipalities, "TABLES", tmp_path)

    with pytest.raises(TablesMissing):
        municipalities.code("SP", "São Paulo")

    monkeypatch.setattr(municipalities, "TABLES", regions.TABLES)
    assert municipalities.code("SP", "Campinas") == "3509502"
