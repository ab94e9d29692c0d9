"""
Check what a legal entity says for NF-e, before it is stored. Pure.

Called by   functions/directory/checks.py
Returns     a problem by pointer for each field that no NF-e could have
Raises      nothing
"""

from collections.abc import Iterator, Mapping
from typing import Any

from comanda.domain.documents.nfe import parties, registrations, states
from comanda.domain.errors import Problem

_NEW_RATES = ("ibs_state_rate", "ibs_city_rate", "cbs_rate")


def problems(doc: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield what is wrong with an entity that has `nfe`."""
    said, state = doc["nfe"], doc.get("region") or ""
    if doc["country"] != parties.BRAZIL:
        yield _problem("/country", "not-possible", "a company that issues NF-e has its seat in Brazil (BR)")
        return
    if not registrations.is_cnpj(registrations.plain(doc.get("tax_id") or "")):
        yield _problem("/tax_id", "malformed", "is the CNPJ with its two check digits, where invoices are NF-e")
    if state not in states.CODES:
        yield _problem("/region", "missing", "is the state, where invoices are NF-e")
    elif said.get("city_code") and not parties.is_city_code(said["city_code"], state):
        yield _problem("/nfe/city_code", "malformed", f"codes of {state} begin with {states.CODES[state]}")
    if not doc.get("postal_code"):
        yield _problem("/postal_code", "missing", "is the CEP, where invoices are NF-e")
    given = [name for name in _NEW_RATES if said.get(name) is not None]
    for name in _NEW_RATES if given else ():
        if name not in given:
            yield _problem(f"/nfe/{name}", "missing", f"comes together with {given[0]}")
    yield from _duplicate_series(said)


def _duplicate_series(said: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield each series of NF-e that two series of ours have."""
    first: dict[int, str] = {}
    for field in ("series", "return_series"):
        for name, series in (said.get(field) or {}).items():
            if series in first:
                message = f"{first[series]} has the series {series}: two would give one number twice"
                yield _problem(f"/nfe/{field}/{name}", "duplicate", message)
            first.setdefault(series, name)


def _problem(pointer: str, code: str, message: str) -> Problem:
    return Problem(pointer=pointer, code=code, message=message)
