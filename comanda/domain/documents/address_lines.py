"""
Write a postal address as documents and pages show it, line by line. Pure.

Called by   comanda.domain.documents, functions/selfservice
Returns     lines; parts that are missing leave none
"""

from collections.abc import Mapping
from typing import Any

# The countries that write the town before its postal code (universal postal addresses of the UPU). All others write the code first.
_TOWN_FIRST = frozenset({"AU", "CA", "GB", "IE", "NZ", "PR", "US"})


def address_lines(to: Mapping[str, Any], countries: Mapping[str, str]) -> list[str]:
    """Return the lines of an address. `countries` has the names of countries by code."""
    town = _town(to)
    country = countries.get(to.get("country") or "", to.get("country"))
    return [str(line) for line in (to.get("name"), to.get("line1"), to.get("line2"), town, country) if line]


def _town(to: Mapping[str, Any]) -> str:
    if to.get("country") not in _TOWN_FIRST:
        return " ".join(str(to[part]) for part in ("postal_code", "city", "region") if to.get(part))
    state = " ".join(str(to[part]) for part in ("region", "postal_code") if to.get(part))
    return ", ".join(str(part) for part in (to.get("city"), state) if part)
