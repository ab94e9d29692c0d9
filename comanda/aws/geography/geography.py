"""
Find where an address is, without asking anybody: tables of postal codes, cities and regions that ship in the layer.

Called by   rooms that need a destination's coordinates when the client sent none
Returns     the coordinates and what they are the middle of, or None
Raises      Invalid naming the field, for a postal code of another country or of none; TablesMissing where none were built

The tables lie in `comanda/tables/`, beside this package: in the layer, in a checkout and on the embedded stage alike, so
nothing has to say where. They are generated (infra/geography.py) and never committed: their data has its own terms.
"""

from functools import cache

from comanda.aws.geography.regions import TABLES, TablesMissing
from comanda.domain.errors import Invalid
from comanda.domain.geography import postal_codes
from comanda.domain.geography.distance import Located
from comanda.domain.geography.gazetteer import Gazetteer
from comanda.domain.geography.regions import is_military

# By postal code the US and Brazil, the others by city and region.
COUNTRIES = frozenset(("US", "BR", "AU", "CA", "DE", "ES", "FR", "GB", "IT", "JP", "MX", "NL", "PT"))


def locate(
    country: str, postal_code: str, city: str = "", region: str = "", *, pointer: str = "/postal_code"
) -> Located | None:
    """Return the location of an address, rounded to 0.01 degree, with its precision: POSTAL_CODE, POSTAL_PREFIX, CITY
    or REGION. Returns None for countries without a table, for military post, and where nothing of the address is known.
    `pointer` names the field if the code is wrong."""
    wrong = postal_codes.problem(country, postal_code, pointer)
    if wrong:
        raise Invalid(wrong)
    if country not in COUNTRIES or is_military(country, postal_code, city, region):
        return None
    return _gazetteer(country).locate(postal_codes.number(country, postal_code), city, region)


@cache
def _gazetteer(country: str) -> Gazetteer:
    """Read once by a process, at the first address that needs it."""
    file = TABLES / f"{country.lower()}.table"
    if not file.is_file():
        raise TablesMissing(f"{file.name} is not there: python -m infra.geography makes it")
    return Gazetteer(file.read_bytes())
