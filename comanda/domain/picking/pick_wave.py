"""
Decide which fulfillments of a node are picked together in a pick wave, and what of a wave is left. Pure.

Called by   functions/fulfill
Returns     choices over fulfillments as `comanda.domain.views` shows them

A pick wave is a round of a picker through a node. The waves in which the router places orders are something else.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

MOST_MEMBERS = 200  # so many totes are more than one picker carries, and so few are read in half a second
SINGLE_LINE, MULTI_LINE = "SINGLE_LINE", "MULTI_LINE"
OPEN, CLOSED = "OPEN", "CLOSED"
ACCEPTED = "ACCEPTED"
_TO_PICK = frozenset(("OFFERED", ACCEPTED, "PICKING"))  # statuses of a fulfillment
_UNITS_TO_PICK = ("RELEASED", ACCEPTED, "PICKING")  # statuses of its units


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """The fulfillments of a wave. None takes all of them."""

    lines: str | None = None
    service: str | None = None
    method: str | None = None
    ship_by: datetime | None = None


def fits(work: Mapping[str, Any], wanted: Wanted) -> bool:
    """Return True for accepted work that is wanted and that nobody asks back."""
    one = SINGLE_LINE if len(units_to_pick(work)) == 1 else MULTI_LINE
    return (
        work["status"] == ACCEPTED
        and work["recall"] is None
        and wanted.lines in (None, one)
        and wanted.service in (None, work["service"])
        and wanted.method in (None, work["method"])
        and (wanted.ship_by is None or datetime.fromisoformat(work["ship_by"]) <= wanted.ship_by)
    )


def units_to_pick(work: Mapping[str, Any]) -> dict[str, int]:
    """Return the units of each line that are still to be picked, by line id."""
    found = {line["line_id"]: sum(line["quantities"].get(s, 0) for s in _UNITS_TO_PICK) for line in work["lines"]}
    return {line_id: units for line_id, units in found.items() if units}


def is_left(status: str) -> bool:
    """Return True while a fulfillment of this status has something to pick."""
    return status in _TO_PICK


def rows_to_pick(works: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return a row for each sku that is still to be picked, by sku, with the fulfillments that its units are for."""
    found: dict[str, dict[str, Any]] = {}
    for work in works:
        left = units_to_pick(work)
        for line in work["lines"]:
            if units := left.get(line["line_id"]):
                row = found.setdefault(line["sku"], _row(line))
                row["units"] += units
                of_work = row["fulfillments"]
                if of_work and of_work[-1]["fulfillment_id"] == work["fulfillment_id"]:
                    of_work[-1]["units"] += units
                else:
                    of_work.append({"fulfillment_id": work["fulfillment_id"], "units": units})
    return found


def _row(line: Mapping[str, Any]) -> dict[str, Any]:
    title = line["title"] or line["sku"]
    return {"sku": line["sku"], "gtin": line.get("gtin"), "title": title, "units": 0, "fulfillments": []}
