"""
Say what the 27 federative units of Brazil have in an NF-e: their codes, their clocks, and the rates of ICMS between them. Pure.

Called by   comanda.domain.documents.nfe, functions/directory
Returns     codes of IBGE, hours from UTC, rates in millionths
Raises      nothing

Source      IBGE; Senate resolutions 22/1989 (7 % and 12 %) and 13/2012 (4 % for imported goods)
"""

from collections.abc import Mapping

CODES: Mapping[str, str] = {
    "RO": "11", "AC": "12", "AM": "13", "RR": "14", "PA": "15", "AP": "16", "TO": "17", "MA": "21", "PI": "22",
    "CE": "23", "RN": "24", "PB": "25", "PE": "26", "AL": "27", "SE": "28", "BA": "29", "MG": "31", "ES": "32",
    "RJ": "33", "SP": "35", "PR": "41", "SC": "42", "RS": "43", "MS": "50", "MT": "51", "GO": "52", "DF": "53",
}  # fmt: skip
_HOURS: Mapping[str, int] = {"AC": -5, **dict.fromkeys(("AM", "MS", "MT", "RO", "RR"), -4)}
_RICHER = frozenset({"MG", "PR", "RJ", "RS", "SC", "SP"})  # the South and the Southeast, without Espírito Santo
_IMPORTED = frozenset({1, 2, 3, 8})  # origins of goods with more than 40 % from abroad
OF_IMPORTED, TO_POORER, OTHERS = 40_000, 70_000, 120_000


def hours_from_utc(state: str) -> int:
    """Return the hours by which the clock of a state differs from UTC. Brazil has no summer time since 2019."""
    return _HOURS.get(state, -3)


def rate_between(origin: str, destination: str, goods_origin: int) -> int:
    """Return the rate of ICMS of goods that go from one state to another, in millionths."""
    if goods_origin in _IMPORTED:
        return OF_IMPORTED
    return TO_POORER if origin in _RICHER and destination not in _RICHER else OTHERS
