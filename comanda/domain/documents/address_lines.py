"""
Write a postal address as documents and pages show it, line by line. Pure.

Called by   comanda.domain.documents, functions/selfservice
Returns     lines; parts that are missing leave none
"""

from collections.abc import Mapping
from typing import Any


def address_lines(to: Mapping[str, Any], countries: Mapping[str, str] | None = None) -> list[str]:
    """Return the lines of an address. `countries` has the names of countries by code; without it codes are shown."""
    town = " ".join(str(to[part]) for part in ("postal_code", "city", "region") if to.get(part))
    country = (countries or {}).get(to.get("country") or "", to.get("country"))
    return [str(line) for line in (to.get("name"), to.get("line1"), to.get("line2"), town, country) if line]
