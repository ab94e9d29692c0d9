"""
Replace the regions of an entry by their codes of ISO 3166-2. A rate card for "New York" becomes one for "NY".

Called by   functions/directory/handler.py, before an entry is checked and written
Returns     the entry with codes; a problem for each region that its country does not have
Raises      nothing
"""

from collections.abc import Callable, Mapping
from typing import Any

from comanda.aws.directory import directory, writer
from comanda.aws.geography import regions
from comanda.domain.errors import Invalid, Problem
from comanda.domain.geography import postal_codes

type Doc = dict[str, Any]


def with_region_codes(path: str, doc: Doc) -> tuple[Doc, list[Problem]]:
    """Return the entry with the codes of its regions, and the problems. With problems the entry is unchanged.

    `path` is the kind's word in the path, such as "nodes".
    """
    wrong: list[Problem] = []
    found = _KINDS[path](doc, wrong) if path in _KINDS else doc
    return (doc if wrong else found), wrong


def _node(doc: Doc, wrong: list[Problem]) -> Doc:
    """Return the node with the code of its region. A node that names no region gets the one of its postal code, if the
    postal code has one."""
    country, region, postal_code = doc["country"], doc.get("region", ""), doc.get("postal_code", "")
    if region:
        code(country, region, "/region", wrong)
    if malformed := postal_codes.problem(country, postal_code, "/postal_code"):
        wrong.append(malformed)
    try:
        known = regions.region_code(country, region, postal_code, doc.get("city", ""))
    except Invalid as invalid:
        wrong.extend(invalid.problems)
        return doc
    return {**doc, "region": known} if known else doc


def _calendar(doc: Doc, _wrong: list[Problem]) -> Doc:
    """Return the calendar with the code of the region of its holidays.

    Holidays are also listed for parts of countries that the standard does not have. So an unknown region is kept as it was
    sent, and functions/directory/checks.py refuses it if it has no holidays.
    """
    named = doc.get("holidays") or {}
    if not named.get("region"):
        return doc
    known = regions.load(named["country"]).code(named["region"]) or named["region"]
    return {**doc, "holidays": {**named, "region": known}}


def _carrier(doc: Doc, wrong: list[Problem]) -> Doc:
    services = [
        {**service, "lanes": _lanes(service.get("lanes", ()), doc["country"], f"/services/{i}/lanes", wrong)}
        for i, service in enumerate(doc["services"])
    ]
    return {**doc, "services": services}


def _rate_card(doc: Doc, wrong: list[Problem]) -> Doc:
    carrier = writer.read(directory.CARRIER, doc["carrier"]) if doc.get("lanes") else None
    if carrier is None:
        return doc
    return {**doc, "lanes": _lanes(doc["lanes"], carrier.doc["country"], "/lanes", wrong)}


def _tax_table(doc: Doc, wrong: list[Problem]) -> Doc:
    rows = [
        {**row, "region": code(row["country"], row["region"], f"/rows/{i}/region", wrong)} if row.get("region") else row
        for i, row in enumerate(doc["rows"])
    ]
    return {**doc, "rows": rows}


def _legal_entity(doc: Doc, wrong: list[Problem]) -> Doc:
    region = doc.get("region")
    return {**doc, "region": code(doc["country"], region, "/region", wrong)} if region else doc


_KINDS: Mapping[str, Callable[[Doc, list[Problem]], Doc]] = {
    "nodes": _node,
    "calendars": _calendar,
    "carriers": _carrier,
    "rate-cards": _rate_card,
    "tax-tables": _tax_table,
    "legal-entities": _legal_entity,
}


def _lanes(lanes: list[Doc], country: str, pointer: str, wrong: list[Problem]) -> list[Doc]:
    """Return lanes with the codes of their regions. Two spellings of one region are a problem."""
    found: dict[str, Doc] = {}
    for i, lane in enumerate(lanes):
        origin = code(country, lane["origin"], f"{pointer}/{i}/origin", wrong)
        if origin in found:
            _twice(f"{pointer}/{i}/origin", lane["origin"], wrong)
        to: Doc = {}
        for name, value in lane.get("regions", {}).items():
            region = code(country, name, f"{pointer}/{i}/regions/{name}", wrong)
            if region in to:
                _twice(f"{pointer}/{i}/regions/{name}", name, wrong)
            to[region] = value
        found[origin] = {**lane, "origin": origin, **({"regions": to} if "regions" in lane else {})}
    return list(found.values())


def code(country: str, name: str, pointer: str, wrong: list[Problem]) -> str:
    """Return the region's code. An unknown region is returned as it was sent, and is a problem if the regions of the
    country are listed."""
    known = regions.load(country)
    found = known.code(name)
    if found is None and known.listed:
        wrong.append(regions.problem(country, name, pointer))
    return found or name


def _twice(pointer: str, name: str, wrong: list[Problem]) -> None:
    message = f"{name} is a region that another row names already"
    wrong.append(Problem(pointer=pointer, code="duplicate-region", message=message))
