"""
Turn the form of a person's rights into the body of the API, and back. Pure.

Called by   functions/console/pages/invite.py, functions/console/pages/person.py
Returns     plain values, which templates read
Raises      WrongField for a text that is no list, amount or number
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from comanda.domain.people import ROLES
from functions.console import amounts
from functions.console.forms import Form
from functions.console.view import spoken

FIELDS = ("name", "partner", "appeasement", "override_percent", "gift_cards", "customer_credit", "locale")
_AMOUNTS = ("appeasement", "gift_cards", "customer_credit")  # limits of money
OF_DIRECTORY = ("nodes", "channels")  # lists of ids: marked, or typed where there are too many to choose from
LISTS = ("roles", "desks", *OF_DIRECTORY)
KINDS = (*OF_DIRECTORY, "partners")  # of entries that the form offers to choose from
_MOST_MARKS = 1_000
_AMOUNT = re.compile(r"([0-9.,]+)\s*([A-Za-z]{3})")
_SEPARATORS = re.compile(r"[\s,;]+")
_ROWS = re.compile(r"[\n;]+")


class WrongField(ValueError):
    """A field holds what cannot be sent. `sentence` is English; templates translate it."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(field)
        self.field, self.sentence = field, sentence


def body(form: Form, *more: str) -> dict[str, Any]:
    """Return the rights that a form says, whole. `more` are fields beside the rights. Raises WrongField, BadForm."""
    typed = form.take(*FIELDS, *more, lists=LISTS)
    limits = _limits(typed)
    return {
        **{name: typed[name].strip() for name in ("name", *more)},
        **{name: list(form.list(name, _MOST_MARKS)) for name in LISTS},
        **{name: names(" ".join(form.list(name, _MOST_MARKS))) for name in OF_DIRECTORY},
        **{name: value for name in ("partner", "locale") if (value := typed[name].strip())},
        **({"limits": limits} if limits else {}),
    }


def names(text: str) -> list[str]:
    """Return the ids of a text, each once: blanks, commas and lines stand between them."""
    return list(dict.fromkeys(one for one in _SEPARATORS.split(text) if one))


def _limits(typed: Mapping[str, str]) -> dict[str, Any]:
    rows = {name: [row.strip() for row in _ROWS.split(typed[name]) if row.strip()] for name in _AMOUNTS}
    percent = typed["override_percent"].strip()
    if percent and not (percent.isascii() and percent.isdigit() and 1 <= int(percent[:9]) <= 100):
        raise WrongField("override_percent", spoken("Write a whole number from 1 to 100, or nothing."))
    return {
        **{name: [_amount(name, row) for row in found] for name, found in rows.items() if found},
        **({"override_percent": int(percent)} if percent else {}),
    }


def _amount(field: str, row: str) -> dict[str, Any]:
    """Return an amount such as "25.00 USD" in minor units."""
    found = _AMOUNT.fullmatch(row)
    currency = found[2].upper() if found else ""
    try:
        return {"amount": amounts.read(found[1] if found else "", currency), "currency": currency}
    except ValueError as error:
        sentence = spoken("Write one amount and its currency on each line, as in 25.00 USD.")
        raise WrongField(field, sentence) from error


def written(person: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the form as a person's rights fill them."""
    limits = person["limits"]
    return {
        "name": person["name"],
        **{name: tuple(person[name]) for name in LISTS},
        "partner": person["partner"] or "",
        "locale": person["locale"] or "",
        **{name: "\n".join(map(_row, limits[name])) for name in _AMOUNTS},
        "override_percent": str(limits["override_percent"] or ""),
    }


def _row(amount: Mapping[str, Any]) -> str:
    return f"{amounts.written(amount['amount'], amount['currency'])} {amount['currency']}"


def typed(form: Form) -> dict[str, Any]:
    """Return the fields of the form as they were typed."""
    return {
        **{name: form.fields.get(name, ("",))[0] for name in ("email", *FIELDS)},
        **{name: form.fields.get(name, ()) for name in LISTS},
        **{name: tuple(names(" ".join(form.fields.get(name, ())))) for name in OF_DIRECTORY},
    }


def choices(words: Iterable[str], person: Iterable[str] = ()) -> list[str]:
    """Return the roles to choose from: the four, those that hold types name, and those that the person has."""
    return list(dict.fromkeys([*ROLES, *sorted(words), *person]))


type Options = list[tuple[str, str]]  # values with what people read


def offered(
    entries: Mapping[str, Iterable[Mapping[str, Any]] | None], fields: Mapping[str, Any]
) -> dict[str, Options | None]:
    """Return what each field of the directory may be chosen from, by the kind of the entries. None: the ids are typed."""
    chosen = {**{name: fields[name] for name in OF_DIRECTORY}, "partners": [one for one in (fields["partner"],) if one]}
    return {kind: None if found is None else _options(found, chosen[kind]) for kind, found in entries.items()}


def _options(entries: Iterable[Mapping[str, Any]], chosen: Iterable[str]) -> Options:
    """Return entries by name, and behind them what is chosen and is none of them."""
    known = {one["id"]: str(one.get("name") or one["id"]) for one in entries}
    named = sorted(known.items(), key=lambda one: (one[1].casefold(), one[0]))
    shown = [(key, name if name == key else f"{name} ({key})") for key, name in named]
    return shown + [(key, key) for key in dict.fromkeys(chosen) if key not in known]


def fields(errors: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the form's field of each pointer of an answer: the list of one of its items, and the limit of a part of it."""
    return {error["pointer"]: _field(error["pointer"]) for error in errors}


def _field(pointer: str) -> str:
    first, *rest = pointer.lstrip("/").split("/")
    return (rest or [first])[0] if first == "limits" else first
