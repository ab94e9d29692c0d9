"""
Read the form of a page about one fulfillment, and make that page.

Called by   the pages of a node that pick, pack, ship, hand over and give back
Returns     Sent, or the page that says why not; pages
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Call
from functions.console import node_rules, node_work
from functions.console.forms import Form
from functions.console.node_work import One
from functions.console.problems import Refusal
from functions.console.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A form that was sent, and its fulfillment as it is now. `fields` has the texts by the names of their fields."""

    form: Form
    fields: Mapping[str, str]
    found: One

    @property
    def is_of_now(self) -> bool:
        """Return True if the work is as the form knew it. Else the API tells whether the form was sent before or comes too
        late."""
        return self.form.version == self.found.version

    @property
    def typed(self) -> dict[str, tuple[str, str]]:
        """Return what was typed for each line: its id -> the name of its field, and the text."""
        return node_rules.typed_units(self.fields)

    def lines(self, request: Request, left: Mapping[str, int]) -> list[dict[str, Any]] | Refusal:
        """Return the lines of the step with the typed units, or the refusal of the field at fault."""
        return node_work.typed_lines(request, self.typed, left if self.is_of_now else None)


def read(request: Request, buttons: Sequence[str], names: Sequence[str] = (), *calls: Call) -> Sent | Reply:
    """Return the form that was sent by one of the buttons, with its fields of lines and those of these names.

    `calls` are asked beside the fulfillment. The page that says why not is returned for another button, and for a
    fulfillment that cannot be shown.
    """
    form = request.form
    if form.do not in buttons:
        return request.missing()
    fields = form.take(*names, *node_rules.LINE_FIELDS)
    found = node_work.one(request, *calls)
    return found if isinstance(found, Reply) else Sent(form=form, fields=fields, found=found)


def form_page(
    request: Request,
    template: str,
    found: One,
    lines: Sequence[dict[str, Any]],
    refused: Refusal | None,
    fields: Mapping[str, str] | None = None,
    **facts: Any,
) -> Reply:
    """Return the page of a fulfillment with the lines of its step, as many as a form takes.

    `fields` is what was typed in a form that was refused. `facts` are added, and come before those of every such page.
    """
    work, shown = found.work, list(lines[: node_rules.MOST_LINES])
    shared: dict[str, Any] = {
        "title": node_rules.name_of(work),
        "status": refused.status if refused else 200,
        "handheld": True,
        "place": found.place,
        "work": work,
        "name": node_rules.name_of(work),
        "version": found.version,
        "elsewhere": node_rules.next_page(work),
        "lines": shown,
        "hidden": len(lines) - len(shown),
        "units": node_rules.typed_or_all(shown, fields),
        "refused": refused,
        "errors": refused.fields if refused else {},
    }
    return request.page(template, **{**shared, **facts})
