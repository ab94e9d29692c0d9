"""
Read the fields of the form that changes an order, one by one. What is wrong is noted, and the other fields are read all the same.

Called by   functions/console/change_form.py and the modules that read a part of the form: changed_*.py
Returns     values; a change of the API with the fields that it came from
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from functions.console import amounts
from functions.console.view import spoken

AMOUNT = spoken("Write an amount such as 12.50, without a sign for thousands.")
UNITS = spoken("Write a whole number of units.")
BOTH = spoken("Write the amount and what it is for.")
CHOOSE = spoken("Choose one of these.")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypedChange:
    """One change: what the API takes, and the field of the form that each of its fields stands for."""

    body: Mapping[str, Any]
    fields: Mapping[str, str]
    of: str = ""  # the article of the line
    kind: str = ""  # of `before` and `after`: money, number, or a text
    before: Any = None
    after: Any = None


class TypedFields:
    """The fields of one form. `wrong` has an English sentence for each field that holds what cannot be sent."""

    def __init__(self, fields: Mapping[str, str], order: Mapping[str, Any]) -> None:
        self.fields, self.order, self.currency = fields, order, order["currency"]
        self.names = {line["line_id"]: line.get("title") or line["sku"] for line in order["lines"]}
        self.wrong: dict[str, str] = {}

    def text(self, name: str) -> str:
        return self.fields.get(name, "").strip()

    def differs(self, name: str) -> bool:
        """Return True if the form has the field, with another text than the one that it was rendered with."""
        return name in self.fields and self.text(name) != self.text(f"was_{name}")

    def units(self, name: str) -> int | None:
        """Return the typed number; None for one that is noted as wrong."""
        found = number(self.text(name), 6)
        if found is None:
            self.wrong[name] = UNITS
        return found

    def amount(self, name: str) -> int | None:
        """Return the typed amount in minor units; None for an empty field, and for one that is noted as wrong."""
        try:
            return amounts.read(self.text(name), self.currency) if self.text(name) else None
        except ValueError:
            self.wrong[name] = AMOUNT
            return None

    def money(self, amount: int) -> dict[str, Any]:
        return {"amount": amount, "currency": self.currency}

    def lines(self) -> list[tuple[str, str]]:
        """Return (place, line id) of each line that the form names. The place ends the names of its fields."""
        named = [name for name in self.fields if name.startswith("line.") and self.text(name)]
        return [(name.rpartition(".")[2], self.text(name)) for name in named]


def number(text: str, most: int = 13) -> int | None:
    """Return a whole number of at most so many digits, None for another text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= most else None
