"""
Turn the form that changes an order into the changes of the API. Pure.

Each field stands beside the value that it was rendered with. Only a field in which something else is typed is a change, so that
what others changed meanwhile is not set back.

Called by   functions/console/pages/change.py
Returns     Typed: the changes, the payment, and the fields that hold what cannot be sent
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from functions.console import amounts, reasons
from functions.console.forms import Form
from functions.console.view import spoken

OF_LINES = ("line", "quantity", "was_quantity", "price", "was_price")
OF_ORDER = (
    "priority", "was_priority", "tags", "was_tags", "note", "was_note", "discount_code", "discount_amount",
    "charge_kind", "charge_amount", "charge_tax", "pay_method", "pay_reference", "pay_amount", "preview_id", *reasons.FIELDS,
)  # fmt: skip
_FOLDED = ("charge_kind", "charge_amount", "charge_tax", "priority", "tags", "note")
_AMOUNT = spoken("Write an amount such as 12.50, without a sign for thousands.")
_UNITS = spoken("Write a whole number of units.")
_BOTH = spoken("Write the amount and what it is for.")
_PAYMENT = {"method": "pay_method", "reference": "pay_reference"}  # fields of a payment; its amount is `pay_amount`


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One change: what the API takes, and the field of the form that each of its fields stands for."""

    body: Mapping[str, Any]
    fields: Mapping[str, str]
    of: str = ""  # the article of the line
    kind: str = ""  # of `before` and `after`: money, number, or a text
    before: Any = None
    after: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """A form as it was read. `wrong` has an English sentence for each field that holds what cannot be sent."""

    changes: tuple[Change, ...]
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
        of, place, name, *_ = (*pointer.lstrip("/").split("/"), "", "", "")
        if of != "changes" or not place.isdigit() or int(place) >= len(self.changes):
            return _PAYMENT.get(name, "pay_amount") if of == "payments" else of if of in reasons.FIELDS else "reason"
        fields = self.changes[int(place)].fields
        return fields.get(name) or next(iter(fields.values()))


def read(fields: Mapping[str, str], order: Mapping[str, Any]) -> Typed:
    """Return what a form says about an order. The lines are those that the form names."""
    form = _Form(fields, order)
    changes = tuple(
        change
        for part in (form.quantities, form.prices, form.discount, form.charge, form.priority, form.tags, form.note)
        for change in part()
    )
    return Typed(changes=changes, payments=tuple(form.payment()), reason=reasons.given(fields), wrong=form.wrong)


class _Form:
    """The fields of one form, read part by part. What is wrong is noted, and the other parts are read all the same."""

    def __init__(self, fields: Mapping[str, str], order: Mapping[str, Any]) -> None:
        self.fields, self.order, self.currency = fields, order, order["currency"]
        self.names = {line["line_id"]: line.get("title") or line["sku"] for line in order["lines"]}
        self.wrong: dict[str, str] = {}
        self.places = [name.rpartition(".")[2] for name, value in fields.items() if name.startswith("line.") and value]

    def _text(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def _amount(self, name: str) -> int | None:
        """Return the typed amount in minor units; None for an empty field, and for one that is noted as wrong."""
        try:
            return amounts.read(self._text(name), self.currency) if self._text(name) else None
        except ValueError:
            self.wrong[name] = _AMOUNT
            return None

    def _money(self, amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": self.currency}

    def quantities(self) -> Iterator[Change]:
        for place in self.places:
            name, line_id = f"quantity.{place}", self._text(f"line.{place}")
            typed, was = self._text(name), self._text(f"was_quantity.{place}")
            if name not in self.fields or typed == was:
                continue
            if not (typed.isascii() and typed.isdigit() and len(typed) <= 6):
                self.wrong[name] = _UNITS
                continue
            yield Change(
                body={"modification": "quantity", "line_id": line_id, "quantity": int(typed)},
                fields={"quantity": name, "line_id": name},
                of=self.names.get(line_id, line_id),
                kind="number",
                before=_number(was),
                after=int(typed),
            )

    def prices(self) -> Iterator[Change]:
        for place in self.places:
            name, line_id = f"price.{place}", self._text(f"line.{place}")
            if name not in self.fields or self._text(name) == self._text(f"was_price.{place}"):
                continue
            price, was = self._amount(name), self._amount(f"was_price.{place}")
            if price is None:
                self.wrong.setdefault(name, _AMOUNT)
            elif price != was:
                yield Change(
                    body={"modification": "price", "line_id": line_id, "unit_price": self._money(price)},
                    fields={"unit_price": name, "line_id": name},
                    of=self.names.get(line_id, line_id),
                    kind="money",
                    before=was,
                    after=price,
                )

    def discount(self) -> Iterator[Change]:
        yield from self._sum("discount", "discount_code", "code", "discount_amount")

    def charge(self) -> Iterator[Change]:
        yield from self._sum("charge", "charge_kind", "kind", "charge_amount", tax="charge_tax")

    def _sum(self, modification: str, word_field: str, word: str, amount_field: str, tax: str = "") -> Iterator[Change]:
        """Yield a discount or a charge. An amount needs its word, and the word its amount."""
        said, amount = self._text(word_field), self._amount(amount_field)
        more = self._amount(tax) if tax else None
        if not said and not self._text(amount_field) and more is None:
            return
        if not said:
            self.wrong[word_field] = _BOTH
        if amount is None:
            self.wrong.setdefault(amount_field, _BOTH)
        elif said:
            body: dict[str, Any] = {"modification": modification, word: said, "amount": self._money(amount)}
            yield Change(
                body=body | ({"tax": self._money(more)} if more is not None else {}),
                fields={word: word_field, "amount": amount_field, **({"tax": tax} if tax else {})},
                of=said,
                kind="money",
                after=amount,
            )

    def priority(self) -> Iterator[Change]:
        typed, was = self._text("priority"), self._text("was_priority")
        if "priority" not in self.fields or typed == was:
            return
        if not (typed.isascii() and typed.isdigit() and len(typed) == 1):
            self.wrong["priority"] = spoken("Choose one of these.")
            return
        body = {"modification": "priority", "priority": int(typed)}
        yield Change(body=body, fields={"priority": "priority"}, kind="number", before=_number(was), after=int(typed))

    def tags(self) -> Iterator[Change]:
        typed, was = self._typed_tags("tags"), self._typed_tags("was_tags")
        if "tags" in self.fields and typed != was:
            body = {"modification": "tags", "tags": typed}
            yield Change(body=body, fields={"tags": "tags"}, before=", ".join(was), after=", ".join(typed))

    def _typed_tags(self, name: str) -> list[str]:
        return [row.strip() for row in self._text(name).split("\n") if row.strip()]

    def note(self) -> Iterator[Change]:
        """Yield another note. What it says stands in the form, and in no row of the preview."""
        typed = self._text("note")
        if "note" in self.fields and typed != self._text("was_note"):
            yield Change(body={"modification": "note", "note": typed}, fields={"note": "note"})

    def payment(self) -> Iterator[Mapping[str, Any]]:
        """Yield the payment of what the changes add. Its reference says that there is one."""
        reference = self._text("pay_reference")
        if not reference:
            return
        amount = self._amount("pay_amount")
        if amount is None:
            self.wrong.setdefault("pay_amount", _AMOUNT)
            return
        yield {"method": self._text("pay_method"), "reference": reference, "authorized": self._money(amount)}


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


def says_more(form: Form | None) -> bool:
    """Return True if something is typed into the fields that the page folds away."""
    return form is not None and any(value(form, name, "") for name in _FOLDED)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 13 else None
