"""
Factors of emission and of detour: a dated data file with its sources, which ships in the layer beside this package.

Called by   comanda/aws/directory/carriers.py, and functions/directory for what a service may name
Returns     grams of CO2e a tonne-km by the factor's name, percent of the great circle

The newest year's file is the one that holds. A new year is a new file: an old decision names the grams that it was made with.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "factors"
AIR = "AIR"


@cache
def document() -> dict[str, Any]:
    """The newest file, whole."""
    newest = max(FOLDER.glob("co2e-*.json"))
    found: dict[str, Any] = json.loads(newest.read_text(encoding="utf-8"))
    return found


def names(mode: str) -> list[str]:
    """The factors that a service of this mode may name."""
    return [name for name, factor in document()["factors"].items() if factor["mode"] == mode]


def g_per_tonne_km(name: str) -> int:
    found: int = document()["factors"][name]["g_co2e_per_tonne_km"]
    return found


def detour_percent(mode: str, country: str) -> int:
    detour = document()["detour"]
    if mode == AIR:
        flown: int = detour["air_percent"]
        return flown
    driven: int = detour["road_percent"].get(country, detour["road_percent_elsewhere"])
    return driven
