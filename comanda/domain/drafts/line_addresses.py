"""
Check the addresses that lines of a draft have of their own, as those of an order are checked. Pure.

Called by   functions/drafts
Returns     a problem for each line whose address does not fit, and for too many destinations

Equal addresses are one destination, and an address that is the draft's own is no other one.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from comanda.domain.drafts.draft import Draft
from comanda.domain.errors import Problem
from comanda.domain.orders.bundle_lines import COMPONENT
from comanda.domain.orders.destination import MOST_DESTINATIONS

type Address = Mapping[str, Any]


def problems(draft: Draft, own: Address | None, by_line: Mapping[str, Address]) -> Iterator[Problem]:
    """Yield a problem for each address that parts lines that leave together, for too many, and for a promise of one address.

    `own` is the address of the draft, `by_line` those of its lines.
    """
    numbers = _numbers(draft, own, by_line)
    yield from _mixed(draft, numbers)
    if max(numbers.values(), default=0) + (own is not None) > MOST_DESTINATIONS:
        message = f"at most {MOST_DESTINATIONS} addresses in one order"
        yield Problem(pointer="/lines", code="too-many-destinations", message=message)
    if draft.promise_id and any(numbers.values()):
        message = "a promise is about one address, and the lines name others"
        yield Problem(pointer="/promise_id", code="one-destination", message=message)


def _numbers(draft: Draft, own: Address | None, by_line: Mapping[str, Address]) -> dict[str, int]:
    """Return the number of each line's destination: 0 is the draft's own. A component goes where its bundle goes."""
    found = {} if own is None else {_key(own): 0}
    first = 1 if own is None else 0
    numbers = {
        line.line_id: found.setdefault(_key(by_line[line.line_id]), len(found) + first)
        for line in draft.lines
        if line.line_id in by_line
    }
    return {line.line_id: numbers.get(line.line_id, numbers.get(line.parent_line_id or "", 0)) for line in draft.lines}


def _key(address: Address) -> tuple[tuple[str, Any], ...]:
    """Return what makes two addresses one: every field that has a value."""
    return tuple(sorted((name, value) for name, value in address.items() if value not in (None, "")))


def _mixed(draft: Draft, numbers: Mapping[str, int]) -> Iterator[Problem]:
    """Yield a problem for each line that goes to another address than the first line of its group, or than its bundle."""
    deliveries, firsts = draft.deliveries(), dict[str, str]()
    for i, line in enumerate(draft.lines):
        group, with_it, code = deliveries[line.line_id].group, line.parent_line_id, "mixed-bundle"
        if line.kind != COMPONENT:
            with_it, code = (firsts.setdefault(group, line.line_id) if group else None), "mixed-group"
        if with_it is not None and numbers[line.line_id] != numbers.get(with_it, 0):
            message = f"differs from that of line {with_it}, with which it leaves"
            yield Problem(pointer=f"/lines/{i}/ship_to", code=code, message=message)
