"""
Read what is said anew about a whole order: its priority, its tags, the customer's tax id and note. Pure.

Called by   functions/console/change_form.py
Returns     the changes
"""

from collections.abc import Iterator

from functions.console.typed_fields import CHOOSE, TypedChange, TypedFields, number

FIELDS = ("priority", "was_priority", "tags", "was_tags", "tax_id", "was_tax_id", "note", "was_note")


def priority(form: TypedFields) -> Iterator[TypedChange]:
    if not form.differs("priority"):
        return
    wanted = number(form.text("priority"), 1)
    if wanted is None:
        form.wrong["priority"] = CHOOSE
        return
    yield TypedChange(
        body={"modification": "priority", "priority": wanted},
        fields={"priority": "priority"},
        kind="number",
        before=number(form.text("was_priority")),
        after=wanted,
    )


def tags(form: TypedFields) -> Iterator[TypedChange]:
    wanted, was = _tags_in(form.text("tags")), _tags_in(form.text("was_tags"))
    if "tags" in form.fields and wanted != was:
        body = {"modification": "tags", "tags": wanted}
        yield TypedChange(body=body, fields={"tags": "tags"}, before=", ".join(was), after=", ".join(wanted))


def _tags_in(text: str) -> list[str]:
    return [row.strip() for row in text.split("\n") if row.strip()]


def tax_id(form: TypedFields) -> Iterator[TypedChange]:
    """Yield another tax id. It stands in the form, and in no row of the preview."""
    if form.text("tax_id") and form.differs("tax_id"):
        yield TypedChange(body={"modification": "tax_id", "tax_id": form.text("tax_id")}, fields={"tax_id": "tax_id"})


def note(form: TypedFields) -> Iterator[TypedChange]:
    """Yield another note. What it says stands in the form, and in no row of the preview."""
    if form.differs("note"):
        yield TypedChange(body={"modification": "note", "note": form.text("note")}, fields={"note": "note"})
