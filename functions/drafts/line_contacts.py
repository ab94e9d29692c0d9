"""
Keep what lines of a draft have of people: an address of their own, and the message of a gift.

Called by   functions/drafts/building.py; imported only for drafts with such lines
Returns     the contact and the draft with what the request says of its lines
Raises      Invalid naming each address that fits no place, or that parts lines that leave together

The contact has both, and the draft only where the line goes, coarsely, and that it is a gift.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from comanda.aws.geography import destinations
from comanda.domain.drafts import line_addresses
from comanda.domain.drafts.draft import Draft, DraftLine
from comanda.domain.errors import Invalid, Problem
from comanda.domain.orders.destination import Destination
from functions.drafts import contract, rules

type Contact = dict[str, Any]

_NAMES = rules.OF_LINES


def attach(
    before: Draft | None, draft: Draft, contact: Contact, given: contract.DraftFields, unknown_places: str | None
) -> tuple[Draft, Contact]:
    """Return the draft and its contact with the addresses and gifts of its lines.

    A line that is set keeps those that it had unless the request sends them; `lines` replaces all lines with theirs.
    """
    anew = "lines" in given.model_fields_set
    texts = {} if anew else {row["line_id"]: row for row in contact.get("lines", ())}
    located = {} if anew or before is None else {line.line_id: line.destination for line in before.lines}
    wrong: list[Problem] = []
    for at, line in rules.given_lines(given):
        sent = line.model_dump(mode="json", by_alias=True, include={*_NAMES & line.model_fields_set})
        row = {"line_id": line.line_id, **texts.get(line.line_id, {}), **sent}
        texts[line.line_id] = {name: _filled(value) for name, value in row.items() if value is not None}
        if "ship_to" in sent:
            located[line.line_id] = _located(f"{at}/ship_to", line, unknown_places, wrong)
    if wrong:
        raise Invalid(*wrong)
    lines = tuple(_with(line, texts.get(line.line_id, {}), located.get(line.line_id)) for line in draft.lines)
    rows = [texts[line.line_id] for line in lines if _NAMES & texts.get(line.line_id, {}).keys()]
    rest = {name: value for name, value in contact.items() if name != "lines"}
    return replace(draft, lines=lines), {**rest, **({"lines": rows} if rows else {})}


def _filled(value: Any) -> Any:
    """Return an address or a gift without its empty fields."""
    return {name: part for name, part in value.items() if part is not None} if isinstance(value, dict) else value


def _located(at: str, line: contract.DraftLine, unknown_places: str | None, wrong: list[Problem]) -> Destination | None:
    """Return where the line's own address is. What is at fault with it goes to `wrong`."""
    if line.ship_to is None:
        return None
    try:
        return destinations.locate(line.ship_to, pointer=at, unknown_places=unknown_places)
    except Invalid as error:
        wrong += error.problems
        return None


def _with(line: DraftLine, row: Mapping[str, Any], destination: Destination | None) -> DraftLine:
    gift = row.get("gift")
    wrap = bool(gift and gift["wrap"])
    return replace(line, destination=destination, gift=gift is not None, wrap=wrap)


def require_fitting(draft: Draft, contact: Mapping[str, Any]) -> None:
    """Raise Invalid for addresses of lines that do not fit together, or that are too many."""
    by_line = {row["line_id"]: row["ship_to"] for row in contact.get("lines", ()) if "ship_to" in row}
    if wrong := list(line_addresses.problems(draft, contact.get("ship_to"), by_line) if by_line else ()):
        raise Invalid(*wrong)
