"""
Sort the open work of a node for its pages, and read the units that a person typed or counted. Pure.

Called by   the pages of nodes
Returns     rows of work with their next step; units by line id
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from comanda.domain.documents.gift_messages import gift_messages
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.status import TRANSACTIONS

OFFERED, READY = "OFFERED", "READY_FOR_PICKUP"
TO_PICK, TO_PACK, TO_SEND = ("ACCEPTED", "PICKING"), ("PICKED",), ("PACKED",)
AT_NODE_NOW = (*TO_PICK, *TO_PACK, *TO_SEND)
# The parts of a node's day, in the order of its work.
PARTS = ("accept", "pick", "pack", "ship", "counter")
MOST_LINES = 200  # of one form
LINE_FIELDS = tuple(f"{name}.{i}" for i in range(MOST_LINES) for name in ("line", "quantity"))
_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A fulfillment as a list of work shows it. `path` leads to its next step, "" when its node has none left."""

    id: str
    name: str
    work: Mapping[str, Any]
    part: str
    path: str
    due: str
    late: bool
    today: bool
    units: int

    @property
    def tone(self) -> str:
        return "bad" if self.late else ""


def sorted_rows(items: Iterable[Mapping[str, Any]], zone: str, now: datetime) -> list[Row]:
    """Return the work in the order in which it is due."""
    return sorted((_row(item, zone, now) for item in items), key=lambda row: (row.due, row.id))


def _row(work: Mapping[str, Any], zone: str, now: datetime) -> Row:
    part = part_of(work)
    due = work["accept_by"] if part == "accept" else work["ship_by"]
    at = datetime.fromisoformat(due)
    waits = part in ("", "counter") and work["status"] != "PACKED"  # the customer has to come: nothing is late here
    local = ZoneInfo(zone)
    return Row(
        id=work["fulfillment_id"],
        name=name_of(work),
        work=work,
        part=part,
        path=next_page(work),
        due=due,
        late=not waits and at < now,
        today=not waits and at.astimezone(local).date() == now.astimezone(local).date(),
        units=sum(line["quantity"] - line["quantities"].get("CANCELLED", 0) for line in work["lines"]),
    )


def part_of(work: Mapping[str, Any]) -> str:
    """Return the part of the day to which work belongs, "" for work that is over."""
    status = work["status"]
    if status == OFFERED:
        return "accept"
    if status in TO_PICK:
        return "pick"
    if status in TO_PACK:
        return "pack"
    if status == READY:
        return "counter"
    if status in TO_SEND:
        return "counter" if work["method"] == PICKUP else "ship"
    return ""


def owes_at_counter(work: Mapping[str, Any]) -> bool:
    """Return True if the counter has to collect a payment for the work, also after the units were handed over."""
    return work["method"] == PICKUP and bool((work.get("to_collect") or {}).get("amount"))


def next_page(work: Mapping[str, Any]) -> str:
    """Return the path of the page on which a node does its next step, "" for work that is over. A pickup whose payment was not
    collected is not over for the counter."""
    node, part = f"nodes/{work['node_id']}", part_of(work)
    if not part and owes_at_counter(work):
        part = "counter"
    if part == "accept":
        return f"{node}/offers"
    return f"{node}/{part}/{work['fulfillment_id']}" if part else ""


def name_of(work: Mapping[str, Any]) -> str:
    """Return the number by which people know the order of some work."""
    return str(work.get("external_id") or work["order_id"])


def units_left(work: Mapping[str, Any], step: str) -> dict[str, int]:
    """Return the units by line id that a step can take now, without the lines of which none is left."""
    return units_in(work, tuple(status.value for status in TRANSACTIONS[step].takes))


def units_in(work: Mapping[str, Any], statuses: Sequence[str]) -> dict[str, int]:
    """Return the units by line id that have one of these statuses, without the lines of which none has."""
    found = {line["line_id"]: sum(line["quantities"].get(status, 0) for status in statuses) for line in work["lines"]}
    return {line_id: units for line_id, units in found.items() if units}


def lines_left(work: Mapping[str, Any], step: str) -> list[dict[str, Any]]:
    """Return the lines of which a step can take units, with their number in `left`."""
    return _lines(work, units_left(work, step))


def lines_in(work: Mapping[str, Any], statuses: Sequence[str]) -> list[dict[str, Any]]:
    """Return the lines with units that have one of these statuses, with their number in `left`."""
    return _lines(work, units_in(work, statuses))


def _lines(work: Mapping[str, Any], left: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{**line, "left": left[line["line_id"]]} for line in work["lines"] if line["line_id"] in left]


def slip_rows(work: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of a packing slip: each line with its units, and each bundle in a row before its components.

    The units of a bundle are its sets, None where its components make no whole sets.
    """
    sent = [
        {"bundle": None, **line, "units": line["quantity"] - line["quantities"].get("CANCELLED", 0)}
        for line in work["lines"]
    ]
    parts: dict[str, list[dict[str, Any]]] = {}
    for line in sent:
        if line["units"]:
            parts.setdefault(line["bundle"]["line_id"] if line["bundle"] else "", []).append(line)
    found = parts.pop("", [])
    for rows in parts.values():
        sets = {divmod(row["units"], row["bundle"]["ratio"]) for row in rows}
        whole = next(iter(sets)) if len(sets) == 1 else (0, 1)
        bundle = {**rows[0]["bundle"], "bundle": None, "units": whole[0] if not whole[1] else None}
        found += [bundle, *rows]
    return found


def gifts(work: Mapping[str, Any], contact: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the messages of the gifts of a work: what each is about, its text, and who it is from, "" if unsaid."""
    titles: dict[str, str] = {}
    for line in work["lines"]:
        sold = line.get("bundle") or line
        titles[sold["line_id"]] = sold["title"] or sold["sku"]
    return gift_messages(contact, titles)


def lost_with(before: Mapping[str, Any], after: Mapping[str, Any], line_id: str) -> bool:
    """Return True if lines other than this one have fewer units at the node than before: the rest of broken sets of a kit."""
    had, has = units_in(before, AT_NODE_NOW), units_in(after, AT_NODE_NOW)
    return any(has.get(one, 0) < units for one, units in had.items() if one != line_id)


def typed_units(fields: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return what was typed for each line: its id -> the name of its field, and the text."""
    pairs = ((fields.get(f"line.{i}", ""), f"quantity.{i}") for i in range(MOST_LINES))
    return {line_id: (name, fields.get(name, "").strip()) for line_id, name in pairs if line_id}


def chosen(typed: Mapping[str, tuple[str, str]], left: Mapping[str, int] | None) -> list[dict[str, Any]]:
    """Return the lines of a step with their units. Lines for which nothing, or 0, was typed are left out.

    `left` None: the work has changed since, so the API alone can tell, and answers a form that comes twice as before.

    Raises ValueError with the name of the field whose text is not a whole number from 0 to the units that are left.
    """
    found = []
    for line_id, (name, text) in typed.items():
        if text and not (is_count(text) and (left is None or int(text) <= left.get(line_id, 0))):
            raise ValueError(name)
        if text and int(text):
            found.append({"line_id": line_id, "quantity": int(text)})
    return found


def counts(typed: Mapping[str, tuple[str, str]], left: Mapping[str, int]) -> dict[str, int]:
    """Return the units that were counted so far by line id: never more than are left, and 0 for a text that is no number."""
    return {line_id: min(most, _count(typed.get(line_id, ("", ""))[1])) for line_id, most in left.items()}


def _count(text: str) -> int:
    return int(text) if is_count(text) else 0


def is_count(text: str) -> bool:
    """Return True if the text is a whole number of a sensible size, in the digits 0 to 9."""
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS


def by_carrier(found: Sequence[Row]) -> list[tuple[str, list[Row]]]:
    """Return packed work by the carrier of its first parcel, work without a carrier last."""
    groups: dict[str, list[Row]] = {}
    for row in found:
        carrier = next((package["carrier"] for package in row.work["packages"] if package["carrier"]), "")
        groups.setdefault(carrier, []).append(row)
    return sorted(groups.items(), key=lambda group: (not group[0], group[0].casefold()))


def typed_or_all(lines: list[dict[str, Any]], fields: Mapping[str, str] | None) -> dict[str, Any]:
    """Return what the fields of lines show: what was typed, else all units that are left."""
    typed = typed_units(fields or {})
    return {line["line_id"]: typed.get(line["line_id"], ("", line["left"]))[1] for line in lines}
