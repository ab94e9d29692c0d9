"""
Turn the form that changes an order into the changes of the API. Pure.

Each field stands beside the value that it was rendered with. Only a field in which something else is typed is a change, so that
what others changed meanwhile is not set back.

Called by   functions/console/pages/change.py
Returns     Typed: the changes, the payment, and the fields that hold what cannot be sent
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from functions.console import changed_delivery, changed_lines, changed_notes, changed_sums, reasons
from functions.console.forms import Form
from functions.console.typed_fields import TypedChange, TypedFields

OF_ORDER = (
    *changed_lines.OF_REPLACED,
    *(f"{name}.{n}" for name in changed_lines.OF_ADDED for n in range(changed_lines.MOST_ADDED)),
    *changed_notes.FIELDS,
    *changed_sums.FIELDS,
    *changed_sums.OF_PAYMENT,
    *changed_delivery.FIELDS,
    *reasons.FIELDS,
    "preview_id",
)
_PARTS = (
    changed_lines.quantities,
    changed_lines.prices,
    changed_lines.replaced,
    changed_lines.added,
    changed_sums.appeasement,
    changed_sums.discount,
    changed_sums.charge,
    changed_delivery.ship_to,
    changed_delivery.requested,
    changed_delivery.service,
    changed_delivery.way,
    changed_delivery.node,
    changed_notes.priority,
    changed_notes.tags,
    changed_notes.tax_id,
    changed_notes.note,
)
_PAYMENT = {
    "method": "pay_method",
    "reference": "pay_reference",
    "code": "pay_code",
}  # fields of a payment; its amount is `pay_amount`


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A form as it was read. `wrong` has an English sentence for each field that holds what cannot be sent."""

    changes: tuple[TypedChange, ...]
    payments: tuple[Mapping[str, Any], ...]
    reason: Mapping[str, str]
    wrong: Mapping[str, str]

    @property
    def body(self) -> dict[str, Any]:
        """Return the request of the API, without what makes it a preview or a change."""
        body: dict[str, Any] = {**self.reason, "changes": [dict(one.body) for one in self.changes]}
        return body | ({"payments": list(self.payments)} if self.payments else {})

    def fields_of(self, errors: Iterable[Mapping[str, Any]]) -> dict[str, str]:
        """Return the form's field of each pointer that the API names: that of a part of it, or the first one of its change."""
        return {error["pointer"]: self._field(error["pointer"]) for error in errors}

    def _field(self, pointer: str) -> str:
        of, place, name, part = (*pointer.lstrip("/").split("/", 3), "", "", "")[:4]
        part = part.removesuffix("/amount").removesuffix("/rate")
        if of != "changes" or not place.isdigit() or int(place) >= len(self.changes):
            return _PAYMENT.get(name, "pay_amount") if of == "payments" else of if of in reasons.FIELDS else "reason"
        fields = self.changes[int(place)].fields
        return fields.get(f"{name}/{part}") or fields.get(name) or next(iter(fields.values()))


def read(fields: Mapping[str, str], order: Mapping[str, Any]) -> Typed:
    """Return what a form says about an order. The lines are those that the form names."""
    form = TypedFields(fields, order)
    changes = tuple(change for part in _PARTS for change in part(form))
    payments = tuple(changed_sums.payments(form))
    return Typed(changes=changes, payments=payments, reason=reasons.given(fields), wrong=form.wrong)


def value(form: Form | None, name: str, now: str, line_id: str = "") -> str:
    """Return what a field of the page shows: what was typed if that is another value than the field had, else the value of now.

    `line_id` is the line that the field is of: the form may have named another one at its place.
    """
    if form is None or name not in form.fields:
        return now
    if line_id and form.fields.get(f"line.{name.rpartition('.')[2]}") != (line_id,):
        return now
    typed, was = form.fields[name][0], form.fields.get(f"was_{name}")
    return now if was and typed == was[0] else typed


def count(form: Form | None, name: str) -> int:
    """Return how many of the fields of a name, which end with numbers, hold something."""
    fields = form.fields if form else {}
    return sum(1 for field, values in fields.items() if field.startswith(f"{name}.") and values[0].strip())


def says_more(form: Form | None, names: Iterable[str]) -> bool:
    """Return True if something is typed into one of these fields, which the page folds away otherwise."""
    return form is not None and any(value(form, name, "") for name in names if not name.startswith("was_"))
