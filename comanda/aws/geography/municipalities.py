"""
Find the code that IBGE gives to a municipality of Brazil, in a table that ships in the layer.

Called by   functions/documents and invoice, for an NF-e
Returns     seven digits; None for a name that no municipality of the state has
Raises      TablesMissing if no tables were built
"""

import json
from collections.abc import Mapping
from functools import cache

from comanda.aws.geography.regions import TABLES, TablesMissing
from comanda.domain.geography.regions import fold

_FILE = "br.municipalities"


def code(state: str, city: str) -> str | None:
    """Return the code of a municipality. Spellings of one name are the same."""
    return _table().get(state, {}).get(fold(city))


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    file = TABLES / _FILE
    if not file.is_file():
        raise TablesMissing("comanda/tables is not there: python -m infra.geography makes it")
    found: Mapping[str, Mapping[str, str]] = json.loads(file.read_bytes())
    return found
