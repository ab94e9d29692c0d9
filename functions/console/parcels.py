"""
Read the parcels that a person typed on the pages that pack and ship. Pure but for the words of a refusal.

Called by   functions/console/pages/node_pack.py, functions/console/pages/node_ship.py
Returns     packages as the API takes them, or the refusal of a field
"""

from collections.abc import Mapping, Sequence
from typing import Any

from comanda.aws.api_client.calls import Answer, get
from functions.console import node_work
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

CARRIERS = get("/v1/carriers", limit="100")  # the call that the pages with parcels make
MOST = 20  # parcels of one form
TEXTS = ("package_id", "carton_id", "carrier", "service", "tracking_number", "sscc")
_NAMES = (*TEXTS, "weight_g")
FIELDS = tuple(f"{name}.{i}" for i in range(MOST) for name in _NAMES)
_MOST_DIGITS = 8  # of a weight in grams
# The names of the form's fields for the pointers at which the API may refuse a parcel.
POINTERS = {f"/packages/{i}/{name}": f"{name}.{i}" for i in range(MOST) for name in _NAMES}


def typed(request: Request, fields: Mapping[str, str]) -> list[dict[str, Any]] | Refusal:
    """Return the typed parcels, without those for which nothing was typed. A field without a text is left out."""
    found = []
    for i in range(MOST):
        given = {name: text for name in _NAMES if (text := fields.get(f"{name}.{i}", "").strip())}
        if not given:
            continue
        if "package_id" not in given:
            return node_work.wrong(request, f"package_id.{i}", spoken("Write the number of the parcel."))
        weight = given.get("weight_g", "0")
        if not (weight.isascii() and weight.isdigit() and len(weight) <= _MOST_DIGITS):
            return node_work.wrong(request, f"weight_g.{i}", spoken("Write the weight in whole grams."))
        found.append({**given, "weight_g": int(weight)})
    return found


def with_contents(
    package: Mapping[str, Any], lines: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Return a parcel with these units, added to those that the parcel of this id held before."""
    units = {line["line_id"]: line["quantity"] for line in lines}
    held: Sequence[Mapping[str, Any]] = next(
        (one["contents"] for one in before if one["package_id"] == package["package_id"]), []
    )
    for line in held:
        units[line["line_id"]] = units.get(line["line_id"], 0) + line["quantity"]
    return {**package, "contents": [{"line_id": line_id, "quantity": n} for line_id, n in units.items()]}


def shown(packages: Sequence[Mapping[str, Any]], fields: Mapping[str, str] | None) -> list[dict[str, Any]]:
    """Return the parcels as the fields of a form show them: those of the work, or what was typed if it was refused."""
    if fields is not None:
        count = max((i + 1 for i in range(MOST) if any(fields.get(f"{name}.{i}") for name in _NAMES)), default=1)
        return [{name: fields.get(f"{name}.{i}", "") for name in _NAMES} for i in range(count)]
    known = [{name: package.get(name) or "" for name in _NAMES} for package in packages[:MOST]]
    return known or [dict.fromkeys(_NAMES, "")]


def carrier_options(answer: Answer) -> list[tuple[str, str]]:
    """Return the carriers as options of a field, none if they cannot be read now."""
    rows = answer.body["items"] if answer.ok else ()
    return [(row["id"], row.get("name") or row["id"]) for row in rows]
