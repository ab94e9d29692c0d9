"""
Name the regions of a country (states, provinces, nations) by the code that ISO 3166-2 gives them after the country.

Called by   comanda.aws.geography.regions, which reads the tables; pure
Returns     the code of a name in any spelling, and the regions that a postal code lies in
Raises      nothing

Military and diplomatic post of the US (APO, FPO, DPO) has three regions of its own, AA, AE and AP. They have no location.
"""

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Final

MILITARY: Final = frozenset({"AA", "AE", "AP"})

# Words that many people write in full and as many write short.
_WORD = re.compile(r"[^\W_]+")
_SHORT = {"saint": "st", "sainte": "ste", "fort": "ft", "mount": "mt"}
_MILITARY_CITY = re.compile(r"(apo|fpo|dpo|(army|airforce|fleet|diplomatic)postoffice)(aa|ae|ap)?\d*")
_MILITARY_CODES = (("340", "340", "AA"), ("090", "098", "AE"), ("962", "966", "AP"))


def fold(name: str) -> str:
    """Return a name without case, accents and punctuation, and with its usual short forms.

    Spellings of one name then compare equal.
    """
    plain = unicodedata.normalize("NFKD", name).casefold()
    if not plain.isascii():
        plain = "".join(c for c in plain if not unicodedata.combining(c))
    return "".join([_SHORT.get(word, word) for word in _WORD.findall(plain)])


class Regions:
    """The regions of one country. A country without a table has no regions and knows no name."""

    __slots__ = ("_names", "_parents", "_postal", "country")

    def __init__(self, country: str, table: Mapping[str, Any] | None = None) -> None:
        """Keep the table. None is a country without a table.

        The table is {"names": {folded name: code}, "parents": {code: code}, "postal": {first characters: codes}}.
        """
        known = table or {}
        self.country = country
        self._names: Mapping[str, str] = known.get("names", {})
        self._parents: Mapping[str, str] = known.get("parents", {})
        self._postal: Mapping[str, str] = known.get("postal", {})

    @property
    def listed(self) -> bool:
        """Return True if the regions of the country are known."""
        return bool(self._names)

    def code(self, name: str) -> str | None:
        """Return the code of a region from its code, with or without the country, or from one of its names.

        None: no region has the name.
        """
        return self._names.get(fold(name))

    def with_postal_code(self, postal_code: str) -> tuple[str, ...]:
        """Return the regions in which codes with this beginning lie, the region with most of them first.

        Empty: the regions of the code are not known.
        """
        plain = re.sub(r"[^A-Z0-9]", "", postal_code.upper())
        for digits in range(min(len(plain), 5), 0, -1):
            if (found := self._postal.get(plain[:digits])) is not None:
                return tuple(found.split())
        return ()

    def fits(self, code: str, postal_code: str) -> bool:
        """Return True if a postal code may lie in the region, as far as the tables know."""
        there = self.with_postal_code(postal_code)
        return not there or code in there or any(self._parents.get(one) == code for one in there)


def military(country: str, postal_code: str, region: str | None) -> str | None:
    """Return the region of a military or diplomatic post office, by its ZIP code, else by the region's code.

    None: the address is no such office.
    """
    if country != "US":
        return None
    begins = postal_code.strip()[:3]
    for first, last, code in _MILITARY_CODES:
        if len(begins) == len(first) and first <= begins <= last:
            return code
    return region if region in MILITARY else None


def is_military_region(country: str, region: str) -> bool:
    """Return True if a region is one of military post. AP is also a state of Brazil."""
    return country == "US" and region in MILITARY


def is_military_city(country: str, city: str) -> bool:
    """Return True if the city is a military or diplomatic post office, such as APO."""
    return country == "US" and _MILITARY_CITY.fullmatch(fold(city)) is not None


def is_military(country: str, postal_code: str, city: str, region: str) -> bool:
    """Return True if an address is a military or diplomatic post office, which has no location."""
    return is_military_city(country, city) or military(country, postal_code, region.strip().upper()) is not None
