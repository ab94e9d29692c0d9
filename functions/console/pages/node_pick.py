"""
Pick one fulfillment: count its units by scan, by tap or by number, report what is missing, and send what was counted.

Called by   functions/console/handler.py: /console/nodes/{node}/pick/{fulfillment}
Returns     the page; what was counted stands in its form, and pick.js keeps it in the tab, until it is sent

A scan or a tap changes no order: its answer is the page with one unit more.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from comanda.aws.api.replies import Reply
from comanda.aws.api_client.calls import Answer
from comanda.domain.labels import labels
from comanda.domain.scanning.expected import Refused
from functions.console import node_form, node_rules, node_work, problems
from functions.console.forms import Form
from functions.console.node_work import One
from functions.console.problems import Refusal
from functions.console.request import Request
from functions.console.view import spoken

_MOST_UNDONE = 30  # units that can be taken back one by one
_OTHERS = ("code", "short_line", "short_quantity", "reason")
_REPORTED = spoken("The missing units were reported.")
_REPORTED_SET = spoken("The missing units were reported. The rest of their sets leaves this work with them.")
_ADD, _ALL = "add.", "all."  # begin the name of a button for one unit, or for all units, of the line with this number


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """The units that a person counted so far, by line id. `last` has the line of each single unit, the latest last."""

    found: One
    typed: Mapping[str, tuple[str, str]]
    units: Mapping[str, int]
    last: tuple[str, ...] = ()
    heard: str = ""  # what the last scan counted
    why_not: str = ""  # why it counted nothing

    @property
    def left(self) -> dict[str, int]:
        return node_rules.units_left(self.found.work, "pick")

    def more(self, line_id: str, heard: str = "") -> "Count":
        """Return the count with one unit of a line more."""
        units = {**self.units, line_id: self.units[line_id] + 1}
        return replace(self, units=units, last=(*self.last, line_id)[-_MOST_UNDONE:], heard=heard)

    def line(self, line_id: str) -> Mapping[str, Any]:
        return next(line for line in self.found.work["lines"] if line["line_id"] == line_id)


def show(request: Request) -> Reply:
    found = node_work.one(request)
    return found if isinstance(found, Reply) else _page(request, _counted(found, {}, ()))


def act(request: Request) -> Reply:
    """Count, or send what the pressed button says, once for the form's key."""
    form = request.form
    fields = form.take(*_OTHERS, *node_rules.LINE_FIELDS, lists=("last",))
    found = node_work.one(request)
    if isinstance(found, Reply):
        return found
    count = _counted(found, fields, form.fields.get("last", ()))
    button, _, number = form.do.partition(".")
    if form.do in _SENDING:
        return _SENDING[form.do](request, form, fields, count)
    if form.do in ("scan", "count", "undo"):
        counted = {"scan": _scanned, "count": _unchanged, "undo": _undone}[form.do](request, fields, count)
    elif button in ("add", "all") and fields.get(f"line.{number}") in count.left:
        counted = _tapped(request, count, fields[f"line.{number}"], whole=button == "all")
    else:
        return request.missing()
    return _page(request, counted, form=form)


def _counted(found: One, fields: Mapping[str, str], last: tuple[str, ...]) -> Count:
    typed, left = node_rules.typed_units(fields), node_rules.units_left(found.work, "pick")
    return Count(
        found=found,
        typed=typed,
        units=node_rules.counts(typed, left),
        last=tuple(line_id for line_id in last[-_MOST_UNDONE:] if line_id in left),
    )


def _scanned(request: Request, fields: Mapping[str, str], count: Count) -> Count:
    """Count one unit of the line that a code belongs to, or say why it is none and what is expected."""
    if not fields["code"].strip():
        return count
    read = node_work.read_code(request, fields["code"])
    if isinstance(read, str):
        return replace(count, why_not=read)
    line_id = node_work.line_to_pick(request, count.found.work, read, count.left, count.units)
    if not isinstance(line_id, Refused):
        line = count.line(line_id)
        return count.more(line_id, heard=line["title"] or line["sku"])
    return replace(count, why_not=labels.label("ScanRefusal", line_id.value, request.person.locale))


def _tapped(request: Request, count: Count, line_id: str, *, whole: bool) -> Count:
    if whole:
        return replace(count, units={**count.units, line_id: count.left[line_id]})
    if count.units[line_id] >= count.left[line_id]:
        return replace(count, why_not=labels.label("ScanRefusal", Refused.ENOUGH.value, request.person.locale))
    return count.more(line_id)


def _undone(_request: Request, _fields: Mapping[str, str], count: Count) -> Count:
    """Take back the unit that was counted last."""
    if not count.last:
        return count
    *before, line_id = count.last
    return replace(count, units={**count.units, line_id: max(0, count.units[line_id] - 1)}, last=tuple(before))


def _unchanged(_request: Request, _fields: Mapping[str, str], count: Count) -> Count:
    return count


def _start(request: Request, form: Form, _fields: Mapping[str, str], count: Count) -> Reply:
    answer = node_work.step(request, "start-pick", {})
    if not answer.ok:
        return _page(request, count, form=form, refused=problems.refusal(answer))
    begun = replace(count.found, work=answer.body, version=answer.etag)
    return _page(request, replace(count, found=begun), did=spoken("Picking has begun."))


def _pick(request: Request, form: Form, _fields: Mapping[str, str], count: Count) -> Reply:
    """Send the counted units."""
    lines = node_work.typed_lines(request, count.typed, count.left if _is_of_now(form, count) else None)
    if isinstance(lines, Refusal):
        return _page(request, count, form=form, refused=lines)
    answer = node_work.step(request, "pick", {"lines": lines})
    if not answer.ok:
        pointers = node_work.pointers(lines, count.typed)
        return _page(request, count, form=form, refused=problems.refusal(answer, pointers))
    return request.done(node_rules.next_page(answer.body), spoken("The counted units are picked."))


def _is_of_now(form: Form, count: Count) -> bool:
    """Return True if the work is as the form knew it. Else the API tells whether the form was sent before or comes too late."""
    return form.version == count.found.version


def _short(request: Request, form: Form, fields: Mapping[str, str], count: Count) -> Reply:
    """Report units that are missing. What was counted stays counted."""
    line_id, units = fields["short_line"], fields["short_quantity"].strip()
    left = count.left if _is_of_now(form, count) else {line_id: 10**6}
    if line_id not in left:
        refused = node_work.wrong(request, "short_line", spoken("Choose a line of this work."))
        return _page(request, count, form=form, refused=refused)
    if not (node_rules.is_count(units) and 1 <= int(units) <= left[line_id]):
        sentence = spoken("Write a whole number, at most the units that are left.")
        return _page(request, count, form=form, refused=node_work.wrong(request, "short_quantity", sentence))
    body = {"lines": [{"line_id": line_id, "quantity": int(units)}], "reason": fields["reason"]}
    answer = node_work.step(request, "short-pick", body)
    if not answer.ok:
        pointers = {f"/lines/0/{part}": f"short_{part.removesuffix('_id')}" for part in ("line_id", "quantity")}
        return _page(request, count, form=form, refused=problems.refusal(answer, pointers))
    return _after_short(request, count, answer, line_id)


def _after_short(request: Request, count: Count, answer: Answer, line_id: str) -> Reply:
    now = replace(count.found, work=answer.body, version=answer.etag)
    did = _REPORTED_SET if node_rules.lost_with(count.found.work, now.work, line_id) else _REPORTED
    if node_rules.part_of(now.work) != "pick":
        return request.done(node_rules.next_page(now.work) or f"nodes/{now.place.id}", did)
    units = {
        line_id: min(most, count.units.get(line_id, 0))
        for line_id, most in node_rules.units_left(now.work, "pick").items()
    }
    return _page(request, replace(count, found=now, units=units), did=did)


_SENDING = {"start": _start, "pick": _pick, "short": _short}


def _page(
    request: Request,
    count: Count,
    *,
    form: Form | None = None,
    refused: Refusal | None = None,
    did: str = "",
) -> Reply:
    lines = node_rules.lines_left(count.found.work, "pick")
    shown = lines[: node_rules.MOST_LINES]
    current = next((i for i, line in enumerate(shown) if count.units[line["line_id"]] < line["left"]), None)
    return node_form.form_page(
        request,
        "node_pick.html",
        count.found,
        lines,
        refused,
        scans=True,
        picks=node_rules.part_of(count.found.work) == "pick",
        units=_shown_units(count, refused),
        total=sum(count.units[line["line_id"]] for line in shown),
        wanted=sum(line["left"] for line in shown),
        current=current,
        last=count.last,
        heard=count.heard,
        why_not=count.why_not,
        scanned=form.fields.get("code", ("",))[0] if form else "",
        did=did,
        counted=form is not None or bool(did),
        changed=bool(form and not refused and form.version and form.version != count.found.version),
        errors=_errors(refused, shown, count),
        was=form.typed if form and refused else None,
    )


def _shown_units(count: Count, refused: Refusal | None) -> dict[str, Any]:
    """Return what the fields show: the counted units, or what was typed if that was refused."""
    if refused is None:
        return dict(count.units)
    return {
        line_id: count.typed[line_id][1] if line_id in count.typed else units for line_id, units in count.units.items()
    }


def _errors(refused: Refusal | None, lines: list[dict[str, Any]], count: Count) -> dict[str, str]:
    """Return the sentences by field. A line may stand in another field than in the form that was sent."""
    if refused is None:
        return {}
    now = {
        count.typed[line["line_id"]][0]: f"quantity.{i}"
        for i, line in enumerate(lines)
        if line["line_id"] in count.typed
    }
    return {now.get(name, name): sentence for name, sentence in refused.fields.items()}
