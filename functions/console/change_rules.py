"""
Decide what the page to change an order offers: its lines with the units and prices that may be changed, and why others may not. Pure.

Called by   functions/console/pages/change.py
Returns     plain values, which templates read; orders, changes and previews are the JSON that the API answers
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from functions.console.change_form import Typed

MOST_LINES = 40  # of one page: their fields, with those of the whole order, are far below what a form may have

type Row = Mapping[str, Any]
type Denials = tuple[Row, ...]

_UNSAID = frozenset({"bundle", "nothing-left"})  # the line of the bundle, or the units beside it, say more


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """A line as the form shows it. `least` are the units that cannot be cancelled; `more`: it may have further units."""

    place: int  # among the lines of the order: it tells the fields of lines apart
    line_id: str
    sku: str
    title: str
    bundle: str  # the title of the bundle of which it is a part
    units: int
    least: int
    more: bool
    price: int
    priced: bool  # the price may be changed
    method: str  # SHIP or PICKUP
    takes: frozenset[str]  # the modifications that it may take
    denials: Denials  # why units may not be cancelled or added, or the price not be changed, each once

    @property
    def counted(self) -> bool:
        """Return True if the number of units may be changed."""
        return self.more or self.least < self.units

    @property
    def most(self) -> int | str:
        return "" if self.more else self.units


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """Keep what an order may take: `open` are the modifications of the whole order, `closed` those that it does not take, and why."""

    lines: tuple[LineRow, ...]
    open: frozenset[str]
    closed: Mapping[str, Denials]

    def taking(self, *modifications: str) -> list[LineRow]:
        """Return the lines that may take one of these modifications."""
        return [line for line in self.lines if not line.takes.isdisjoint(modifications)]

    @property
    def nothing(self) -> bool:
        return not self.open and not any(line.takes for line in self.lines)


def offer(order: Row, changes: Iterable[Row]) -> Offer:
    """Return what the API says that the order may take, as the form shows it."""
    of_line: dict[str | None, dict[str, Row]] = {}
    for row in changes:
        of_line.setdefault(row["line_id"], {})[row["modification"]] = row
    whole = {name: row for name, row in of_line.get(None, {}).items() if name != "cancel"}
    names = {line["line_id"]: line.get("title") or line["sku"] for line in order["lines"]}
    rows = (_line(n, line, of_line.get(line["line_id"], {}), names) for n, line in enumerate(order["lines"]))
    return Offer(
        lines=tuple(row for row in rows if row.units and (row.takes or row.denials)),
        open=frozenset(name for name, row in whole.items() if row["allowed"]),
        closed={name: _each_once(row["denials"]) for name, row in whole.items() if not row["allowed"]},
    )


def _line(place: int, line: Row, may: Mapping[str, Row], names: Mapping[str, str]) -> LineRow:
    none: Row = {"units": 0, "more": False, "allowed": False, "denials": ()}
    cancel, quantity, price = (may.get(name, none) for name in ("cancel", "quantity", "price"))
    units = _live(line)
    said = [denial for row in (cancel, quantity, price) for denial in row["denials"] if denial["code"] not in _UNSAID]
    return LineRow(
        place=place,
        line_id=line["line_id"],
        sku=line["sku"],
        title=line.get("title") or "",
        bundle=names.get(line.get("parent_line_id") or "", ""),
        units=units,
        least=max(0, units - cancel["units"]),
        more=bool(quantity["more"]),
        price=line["unit_price"]["amount"],
        priced=price["allowed"],
        method=line["fulfillment"]["method"],
        takes=frozenset(name for name, row in may.items() if row["allowed"]),
        denials=_each_once(said),
    )


def _live(line: Row) -> int:
    """Return the units of a line that are not cancelled, or the sets of a bundle."""
    if "sets" in line:
        return sum(n for status, n in line["sets"].items() if status != "CANCELLED")
    return sum(a["quantity"] for a in line["allocations"] if a["status"] != "CANCELLED")


def _each_once(denials: Iterable[Row]) -> Denials:
    found = {(one["code"], one["reason"], one["status"], one["hold_id"]): one for one in denials}
    return tuple(found.values())


def page_of(lines: Sequence[LineRow], first: str) -> tuple[int, Sequence[LineRow]]:
    """Return the lines that one page shows, and how many stand before them. `first` is what the address says."""
    start = int(first) if first.isascii() and first.isdigit() and len(first) <= 4 else 0
    start = start if start < len(lines) else 0
    return start, lines[start : start + MOST_LINES]


def rows_of_preview(typed: Typed, preview: Row) -> list[dict[str, Any]]:
    """Return what each change of a preview does, with the reasons where the order does not take it."""
    denied = {row["change"]: row["denials"] for row in preview["denied"]}
    return [
        {
            "modification": change.body["modification"],
            "of": change.of,
            "kind": change.kind,
            "before": change.before,
            "after": change.after,
            "denials": _each_once(denied.get(i, ())),
        }
        for i, change in enumerate(typed.changes)
    ]


def limits_in(limits: Row | None, currency: str) -> dict[str, int] | None:
    """Return what a person may give: percent off a price, and an amount off one order. None when it could not be read."""
    if limits is None:
        return None
    amounts = {one["currency"]: one["amount"] for one in limits["appeasement"]}
    return {"percent": limits["override_percent"] or 0, "amount": amounts.get(currency, 0)}


def nodes_of_preview(preview: Row | None) -> list[str]:
    """Return the nodes that a preview names, each once."""
    if preview is None:
        return []
    named = [*preview["recalled"], *(preview["promise"] or {"lines": ()})["lines"]]
    return list(dict.fromkeys(row["node_id"] for row in named))
