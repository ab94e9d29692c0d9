"""
Promise bundles: their components are wanted in sets, and the answer counts the sets.

Called by   functions/promise/rules.py, for a basket with bundles only
Returns     problems by pointer; wanted units; the answer for a bundle
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from comanda.domain.errors import Problem
from comanda.domain.money import spread
from comanda.domain.orders import bundle_lines
from comanda.domain.orders.bundle_lines import BUNDLE, COMPONENT, bundles_of, problem
from comanda.domain.orders.component import kit_of
from comanda.domain.promise.promise import LineAnswer
from comanda.domain.routing.plan import Want
from functions.promise.contract import Wanted


def problems(lines: Sequence[Wanted]) -> Iterator[Problem]:
    """Yield a problem for each field that is wrong in a bundle, or that takes no place in one."""
    yield from bundle_lines.problems(lines, lambda *_: ())
    for i, line in enumerate(lines):
        if line.kind == COMPONENT and line.unit_price:
            message = "the bundle has it, and price_share says how much of it is the component's: send 0, or nothing"
            yield problem(f"/lines/{i}/unit_price", "priced-by-its-bundle", message)
        if line.kind in (BUNDLE, COMPONENT) and line.group is not None:
            yield problem(f"/lines/{i}/group", "grouped-by-its-bundle", "a bundle is a group by itself: name none")


def in_sets(wants: Sequence[Want], lines: Sequence[Wanted], *, breakable: bool) -> Iterator[Want]:
    """Yield the wanted units of lines without those of bundles, which have none of their own.

    Components are wanted in sets, with their part of the bundle's price, unless the channel sells them singly
    (`breakable`).
    """
    prices = dict(_prices(lines))
    for want, line in zip(wants, lines, strict=True):
        if line.kind == COMPONENT:
            ratio = line.ratio or 1
            kit = None if breakable else kit_of(str(line.parent_line_id))
            yield replace(want, group=kit, in_set=ratio, value=prices[line.line_id] // ratio)
        elif line.kind != BUNDLE:
            yield want


def _prices(lines: Sequence[Wanted]) -> Iterator[tuple[str, int]]:
    """Yield each component's part of the price of a set, as an order shares it."""
    for bundle in bundles_of(lines).values():
        parts = [line for line in lines if line.kind == COMPONENT and line.parent_line_id == bundle.line_id]
        shares = spread(bundle.unit_price or 0, [line.price_share or 0 for line in parts])
        yield from ((line.line_id, price) for line, price in zip(parts, shares, strict=True))


def with_bundles(rows: Sequence[LineAnswer], lines: Sequence[Wanted], *, counter: bool) -> Iterator[dict[str, Any]]:
    """Yield the answers of all lines in the order of the request: components have units, bundles have sets.

    `counter`: the answer says how many units a counter has.
    """
    by_id = {row.line_id: row for row in rows}
    parts: dict[str, list[tuple[LineAnswer, int]]] = {}
    for line in lines:
        if line.kind == COMPONENT:
            parts.setdefault(str(line.parent_line_id), []).append((by_id[line.line_id], line.ratio or 1))
    for line in lines:
        answer = _sets(line, parts[line.line_id]) if line.kind == BUNDLE else by_id[line.line_id]
        yield line_json(answer, counter=counter)


def _sets(bundle: Wanted, parts: Sequence[tuple[LineAnswer, int]]) -> LineAnswer:
    """Return the answer for a bundle: on each day the least of its components' units, divided by their ratios."""
    before = now = min(row.now // ratio for row, ratio in parts)
    later: list[tuple[str, int]] = []
    for day in sorted({day for row, _ in parts for day, _ in row.later}):
        by_then = min((row.now + sum(n for on, n in row.later if on <= day)) // ratio for row, ratio in parts)
        if by_then > before:
            later.append((day, by_then - before))
        before = by_then
    return LineAnswer(
        line_id=bundle.line_id,
        sku=bundle.sku,
        quantity=bundle.quantity,
        now=now,
        later=tuple(later),
        there=min(row.there // ratio for row, ratio in parts),
    )


def line_json(line: LineAnswer, *, counter: bool) -> dict[str, Any]:
    """Return the answer for one line."""
    return {
        "line_id": line.line_id,
        "sku": line.sku,
        "quantity": line.quantity,
        "now": line.now,
        "later": [{"date": day, "quantity": units} for day, units in line.later],
        "undated": line.undated,
        **({"there": line.there} if counter else {}),
    }
