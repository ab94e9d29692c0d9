"""
Turn an answer of the API that refused something into what a page shows: a sentence, the fields at fault, what changed since.

Called by   the pages, after an action that was refused
Returns     Refusal; the pages render it above the form, which keeps what was typed
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comanda.aws.api_client.calls import Answer, type_of
from comanda.domain.labels.problem_text import FieldProblemText, ProblemText
from functions.console.front_door import TIMEOUT
from functions.console.request import Request
from functions.console.view import spoken

_CONFLICT, _PRECONDITION = 409, 412
_MOST_CHANGES = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterChange:
    """A change that someone made since the form was rendered."""

    at: str
    kind: str  # a value of `EventType`
    text: str  # a sentence in the reader's language
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """The reason why nothing was changed. `fields` has a sentence for each field of the form; `detail` is the API's own sentence."""

    status: int
    code: str
    title: str  # a message that templates translate
    detail: str
    fields: Mapping[str, str]
    changes: tuple[LaterChange, ...] = ()
    trace: str = ""

    @property
    def field_rows(self) -> list[tuple[str, str]]:
        """Return (field, sentence) for the macro `page.problem`."""
        return list(self.fields.items())


def refusal(answer: Answer, fields: Mapping[str, str] | None = None, changes: tuple[LaterChange, ...] = ()) -> Refusal:
    """Return why an answer refused.

    `fields` gives the form's name of a JSON pointer, where it is another than its last part. `changes` are those of
    `changed_since`, for an answer 412.
    """
    body = answer.body if isinstance(answer.body, dict) else {}
    found = _fields(answer.errors, fields or {})
    return Refusal(
        status=answer.status or 503,
        code=answer.problem or answer.failure or "",
        title=title(answer),
        detail="" if found else detail(body),  # the detail repeats the fields, with their pointers
        fields=found,
        changes=changes,
        trace=str(body.get("trace_id", answer.trace)),
    )


def own_refusal(title: str, fields: Mapping[str, str] | None = None) -> Refusal:
    """Return the refusal of a form that the console itself does not take. `title` is an English message."""
    return Refusal(status=422, code="invalid", title=title, detail="", fields=fields or {})


def nothing_marked() -> Refusal:
    """Return the refusal of a form that is about marked rows, and came without any."""
    return own_refusal(spoken("Mark the rows first."))


def no_button() -> Refusal:
    """Return the refusal of a form that Enter sent without a button, where several stand and no script runs."""
    return own_refusal(spoken("Press the button of your answer."))


def changed_since(request: Request, order_id: str, version: str | None) -> tuple[LaterChange, ...]:
    """Return what happened to an order since the version that a form was rendered with, the latest first, as far as it fits."""
    known = _number(version)
    if known is None:
        return ()
    path, most, locale = f"/v1/orders/{order_id}/events", str(_MOST_CHANGES), request.person.locale
    events = request.door.get(path, limit=most, newest="true", locale=locale)
    if not events.ok:
        return ()  # the form is shown all the same
    return tuple(
        LaterChange(at=row["at"], kind=row["type"], text=row["words"]["text"], by=row["words"]["actor"])
        for row in events.body["items"]
        if row["version"] > known
    )


def _number(version: str | None) -> int | None:
    digits = (version or "").removeprefix("W/").strip('"').removeprefix("v")
    return int(digits) if digits.isascii() and digits.isdigit() else None


def title(answer: Answer) -> str:
    """Return in one sentence what became of a form, by an answer that is no success. Templates translate it."""
    if answer.status == _PRECONDITION:
        return spoken("Somebody changed this since you opened it. Nothing of yours was done.")
    if answer.failure == TIMEOUT:
        return spoken("No answer came in time. Send it again: it is done once.")
    if answer.status == 0:
        return spoken("The system cannot be reached now.")
    if answer.status == _CONFLICT:
        return spoken("This is not possible any more.")
    if answer.status >= 500:
        return spoken("The system could not do it now. Send it again: it is done once.")
    return spoken("Nothing was changed.")


def why_unread(answer: Answer) -> str:
    """Return in one text why something could not be read. Templates tell it by the filter `words`."""
    found = refusal(answer)
    return next(iter(found.fields.values()), "") or found.detail or found.title


def detail(problem: Mapping[str, Any]) -> str:
    """Return why a problem of the API refused. Templates tell it in the reader's language, by the filter `words`."""
    sentence = str(problem.get("detail") or problem.get("title") or "")
    return ProblemText((type_of(problem), sentence)) if sentence else ""


def _fields(errors: Any, named: Mapping[str, str]) -> dict[str, str]:
    """Return a sentence by the form's field. Several errors of a field are one text."""
    found: dict[str, list[tuple[str, str]]] = {}
    for error in errors:
        pointer = str(error.get("pointer", ""))
        name = named.get(pointer) or pointer.rpartition("/")[2] or "form"
        found.setdefault(name, []).append((str(error.get("code", "")), str(error.get("message", ""))))
    return {name: FieldProblemText(*parts) for name, parts in found.items()}
