"""
Locate an address with tables of postal codes, cities and regions that ship in the layer; no service is called.

Called by   comanda.aws.geography.destinations, when a client sent no coordinates
Returns     coordinates with their precision, or None
Raises      Invalid naming the field, for a postal code that is wrong in its country; TablesMissing if no tables were built

The tables lie in `comanda/tables/`: in the layer, in a checkout and on the embedded stage alike, so no setting names the
folder. infra/geography.py generates them. They are never committed, because their data has its own terms.
"""

from functools import cache

from comanda.aws.geography.regions import TABLES, TablesMissing
from comanda.domain.errors import Invalid
from comanda.domain.geography import postal_codes
from comanda.domain.geography.distance import Located
from comanda.domain.geography.gazetteer import Gazetteer
from comanda.domain.geography.regions import is_military

# The US and Brazil have tables of postal codes, the other countries tables of cities and regions.
COUNTRIES = frozenset(("US", "BR", "AU", "CA", "DE", "ES", "FR", "GB", "IT", "JP", "MX", "NL", "PT"))


def locate(
    country: str, postal_code: str, city: str = "", region: str = "", *, pointer: str = "/postal_code"
) -> Located | None:
    """Return the location of an address, rounded to 0.01 degree, with its precision.

    The precision is POSTAL_CODE, POSTAL_PREFIX, CITY or REGION. Return None for a country without a table, for military post,
    and for an unknown address. `pointer` names the field of a wrong postal code.
    """
    wrong = postal_codes.problem(country, postal_code, pointer)
    if wrong:
        raise Invalid(wrong)
    if country not in COUNTRIES or is_military(country, postal_code, city, region):
        return None
    return _gazetteer(country).locate(postal_codes.number(country, postal_code), city, region)


@cache
def _gazetteer(country: str) -> Gazetteer:
    """Read the table of a country once in a process, at the first address that needs it."""
    file = TABLES / f"{country.lower()}.table"
    if not file.is_file():
        raise TablesMissing(f"{file.name} is not there: python -m infra.geography makes it")
    return Gazetteer(file.read_bytes())
