"""
Read the factors of emissions and of detours from a dated data file with its sources, which ships in the layer.

Called by   comanda/aws/directory/carriers.py; functions/directory, which checks the factors that a service names
Returns     grams of CO2e for a tonne-km by factor; detours in percent of the great circle

The file of the newest year is used. A new year is a new file. A stored decision has the grams that it was made with.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "factors"
AIR = "AIR"


@cache
def document() -> dict[str, Any]:
    """Return the content of the newest file."""
    newest = max(FOLDER.glob("co2e-*.json"))
    found: dict[str, Any] = json.loads(newest.read_text(encoding="utf-8"))
    return found


def names(mode: str) -> list[str]:
    """Return the names of the factors that a service of this mode may use."""
    return [name for name, factor in document()["factors"].items() if factor["mode"] == mode]


def g_per_tonne_km(name: str) -> int:
    """Return the grams of CO2e for a tonne-km by a factor's name."""
    found: int = document()["factors"][name]["g_co2e_per_tonne_km"]
    return found


def detour_percent(mode: str, country: str) -> int:
    """Return the length of a route in percent of the great circle, 100 for a straight one."""
    detour = document()["detour"]
    if mode == AIR:
        flown: int = detour["air_percent"]
        return flown
    driven: int = detour["road_percent"].get(country, detour["road_percent_elsewhere"])
    return driven
