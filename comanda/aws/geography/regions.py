"""
Find the region of a country that an address, a lane or a rule names, in tables of ISO 3166-2 that ship in the layer.

Called by   rooms that take addresses, nodes, calendars, carriers, rate cards and rule sets from clients
Returns     the region's code without the country, such as NY
Raises      Invalid naming the field, if the postal code lies in another region; TablesMissing if no tables were built

The tables lie in `comanda/tables/`, a small file for each country, and are read when a country is first named.
"""

import json
from functools import cache
from pathlib import Path

from comanda.domain.errors import Invalid, Problem
from comanda.domain.geography.regions import MILITARY, Regions, is_military_city, military

TABLES = Path(__file__).parents[2] / "tables"


class TablesMissing(Exception):
    """The checkout or the layer has no tables: its build is incomplete."""


@cache
def load(country: str) -> Regions:
    """Return the regions of a country. ISO 3166-2 gives some countries no regions, and unknown countries have none."""
    if not (TABLES / "NOTICE").is_file():
        raise TablesMissing("comanda/tables is not there: python -m infra.geography makes it")
    file = TABLES / f"{country.lower()}.regions"
    if not file.is_file():
        return Regions(country)
    return Regions(country, json.loads(file.read_bytes()))


def region_code(country: str, region: str, postal_code: str, city: str = "", *, pointer: str = "") -> str:
    """
    Return the region that the address names, else the region of its postal code, else "".

    An unknown name counts as no name. `pointer` names the address. Raises Invalid if postal code and region contradict each
    other, and for a region of another country.
    """
    known = load(country)
    named = known.code(region) if region.strip() else None
    posted = military(country, postal_code, named)
    if is_military_city(country, city):
        if posted is None:
            what = (
                "a post office of the military has a ZIP code 090 to 098, 340 or 962 to 966, or a region AA, AE or AP"
            )
            raise Invalid(Problem(pointer=f"{pointer}/postal_code", code="not-military", message=what))
        named = None if named not in MILITARY else named  # "APO, NY" was the usual form for many years
    named = named or posted
    if named is None:
        _not_of_another_country(country, region, f"{pointer}/region")
        there = known.with_postal_code(postal_code)
        return there[0] if there else ""
    if not known.fits(named, postal_code):
        there = known.with_postal_code(postal_code)
        message = f"the region is {country}-{named}, and the postal code lies in {country}-{there[0]}"
        raise Invalid(Problem(pointer=f"{pointer}/region", code="contradicts-postal-code", message=message))
    return named


def _not_of_another_country(country: str, region: str, pointer: str) -> None:
    """Raise Invalid for a code such as MX-CMX in an address of another country."""
    other, dash, name = region.strip().partition("-")
    other = other.upper()
    if dash and other != country and len(other) == 2 and other.isascii() and other.isalpha() and load(other).code(name):
        message = f"the region is one of {other}, and the address is in {country}"
        raise Invalid(Problem(pointer=pointer, code="other-country", message=message))


def problem(country: str, region: str, pointer: str) -> Problem:
    """Return the problem of a region that a country does not have."""
    return Problem(pointer=pointer, code="unknown-region", message=f"{country} has no region {region} in ISO 3166-2")
