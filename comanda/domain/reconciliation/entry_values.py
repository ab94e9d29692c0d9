"""
Read the values of a statement's entry, or of one of its transactions, and note what is wrong with each.

Called by   comanda.domain.reconciliation.statement
Returns     checked values, and (field, code, message) of those that are wrong
Raises      nothing: a value that is wrong is noted
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from comanda.domain.reconciliation import amounts
from comanda.domain.text import CURRENCY

_NO_REFERENCE = frozenset({"NONREF", "NOTPROVIDED", "NONE"})  # what banks write in place of a reference


@dataclass(slots=True)
class Values:
    """The texts of an entry, or of one of its transactions, by what they are."""

    amount: str = ""
    currency: str = ""
    instructed: str = ""  # what the sender sent, before a bank converted it
    instructed_currency: str = ""
    indicator: str = ""
    status: str = ""
    day: str = ""
    bank: str = ""
    references: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def keep(self, name: str, value: str, currency: str) -> None:
        match name:
            case "reference":
                self.references.append(value)
            case "text":
                self.texts.append(value)
            case "amount" | "instructed":
                self._keep_money(name, value, currency)
            case (
                "transaction"
            ):  # the amount, where the part has no other, and what was sent, where nothing else says that
                self._keep_money("amount", value, currency)
                self._keep_money("instructed", value, currency)
            case _ if name != "bank" or value not in _NO_REFERENCE:
                setattr(self, name, getattr(self, name) or value)

    def _keep_money(self, name: str, value: str, currency: str) -> None:
        unit = "currency" if name == "amount" else "instructed_currency"
        if not getattr(self, name):
            setattr(self, name, value)
            setattr(self, unit, getattr(self, unit) or currency)


class Fields:
    """Read the values of an entry, and note what is wrong with each. `where` is the place of the entry."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.problems: list[tuple[str, str, str]] = []

    def read(self, name: str, check: Callable[[str], Any], text: str) -> Any:
        """Return the value, or "" when it is missing or wrong."""
        code, message = "missing", "is missing"
        try:
            if text:
                return check(text)
        except ValueError as error:
            code, _, message = str(error).partition(": ")
        self.note(name, code, message)
        return ""

    def note(self, name: str, code: str, message: str) -> None:
        """Note what is wrong with a value."""
        self.problems.append((name, code, f"{message} {self.where}"))


def unequal_sums(whole: Values, parts: list[Values]) -> tuple[int, int] | None:
    """Return the sum of an entry's transactions and the entry's amount, in minor units, if they differ.

    Transactions in another currency cannot be added up, and a value that is wrong is named by itself.
    """
    if any((part.currency or whole.currency) != whole.currency for part in parts):
        return None
    try:
        booked, *each = (unsigned(one.amount, whole.currency or "EUR") for one in (whole, *parts))
    except ValueError:
        return None
    against = [bool(part.indicator) and part.indicator != whole.indicator for part in parts]
    total = sum(-amount if other else amount for amount, other in zip(each, against, strict=True))
    return None if total == booked else (total, booked)


def unsigned(text: str, currency: str) -> int:
    found = amounts.minor_units(text, currency)
    if "," in text or text[0] in "+-":
        raise ValueError("malformed: takes a decimal number without a sign, as in 1234.50")
    return found


def sent_abroad(values: list[Values], currency: str) -> tuple[int, str] | None:
    """Return what was sent in another currency than the entry's, in minor units of that. None: nothing, or nothing that can be read:
    the entry stands without it."""
    found = next((one for one in values if one.instructed and one.instructed_currency != currency), None)
    try:
        sent = CURRENCY.read(found.instructed_currency) if found else ""
        amount = unsigned(found.instructed, sent) if found else 0
    except ValueError:
        return None
    return (amount, sent) if amount else None


def indicator(text: str) -> str:
    if text not in ("CRDT", "DBIT"):
        raise ValueError("malformed: takes CRDT or DBIT")
    return text
