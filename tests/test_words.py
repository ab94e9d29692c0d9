"""The words of the house: no docstring begins as a fragment, no function has a name with many meanings, no file is too long."""

import re
from pathlib import Path

import pytest

from tests.sources import ROOT, source

HOUSES = ("comanda", "functions", "infra", "openapi", "ops", "local", "bench", "tests")
# A sentence that begins so has no subject and no verb, or a subject that is not named.
FRAGMENT = re.compile(
    r"(What|Whether|The same|Of|How|As|When|Who|Whoever|Whose|Where|By|Those|Why|Which|Its|In|Without|For|From|With|Nobody|At|On|"
    r"Also|And|But|Or|Like|Then|Only)\b"
)
BANNED = {"of", "said", "told", "asked", "look", "looked", "taken", "known", "rows", "place"}
MOST_LINES = 350
REASON = "is long because"  # in its sign


def files(house: str) -> list[Path]:
    return sorted((ROOT / house).rglob("*.py"))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("house", HOUSES)
def test_no_docstring_begins_as_a_fragment(house: str) -> None:
    fragments = [
        f"{name(path)}: {one.docstring.splitlines()[0]}"
        for path in files(house)
        for one in source(path).documented
        if FRAGMENT.match(one.docstring)
    ]

    assert fragments == []


@pytest.mark.parametrize("house", HOUSES)
def test_no_function_has_a_name_with_many_meanings(house: str) -> None:
    banned = [
        f"{name(path)}: {one.name}"
        for path in files(house)
        for one in source(path).documented
        if one.is_function and one.name.strip("_") in BANNED
    ]

    assert banned == []


@pytest.mark.parametrize("house", [house for house in HOUSES if house != "tests"])
def test_a_file_is_short_or_says_why_it_is_long(house: str) -> None:
    long = [
        name(path)
        for path in files(house)
        if path.read_text(encoding="utf-8").count("\n") > MOST_LINES and REASON not in source(path).docstring
    ]

    assert long == []
