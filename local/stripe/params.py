"""
Read the parameters of a request: form-encoded, with brackets for what is nested.

Called by   local/stripe/api.py
Returns     values of the kinds that the endpoint declares
Raises      Refused for a parameter that is unknown, missing or of another kind; no Idempotency-Key remembers these
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl

from local.stripe.refusals import Refused

_PARTS = re.compile(r"\[([^\[\]]*)\]")
_GONE = {"payment_method_types": "payment_method_types_no_longer_supported"}  # since 2026-09-30
MOST_TEXT = 5000
MOST_FIELDS = 500
MOST_METADATA = 50


@dataclass(frozen=True, slots=True)
class Field:
    """One parameter: its kind, and whether a request must have it."""

    kind: str  # text, integer, boolean, choice, map, list, group
    required: bool = False
    choices: tuple[str, ...] = ()
    within: Mapping[str, "Field"] | None = None


def text(*, required: bool = False) -> Field:
    return Field("text", required)


def integer(*, required: bool = False) -> Field:
    return Field("integer", required)


def boolean() -> Field:
    return Field("boolean")


def choice(*choices: str, required: bool = False) -> Field:
    return Field("choice", required, choices)


def group(**within: Field) -> Field:
    return Field("group", within=within)


def needed(field: Field) -> Field:
    """Declare that a request must have the parameter."""
    return replace(field, required=True)


def groups(*, required: bool = False, **within: Field) -> Field:
    """Declare a list of groups."""
    return Field("list", required, within=within)


METADATA = Field("map")
TEXTS = Field("list")


def decode(encoded: str) -> dict[str, Any]:
    """Decode `a[b]=1&c[]=2&d[0][e]=3` into nested dictionaries and lists."""
    tree: dict[str, Any] = {}
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Refused.unread(f"A request has at most {MOST_FIELDS} parameters", "body") from None
    for name, value in pairs:
        head, _, _ = name.partition("[")
        parts = [head, *_PARTS.findall(name)]
        spot = tree
        for part in parts[:-1]:
            spot = spot.setdefault(part, {})
            if not isinstance(spot, dict):
                raise Refused.unread(f"Invalid object: {name}", head)
        last = parts[-1]
        spot[last or str(len(spot))] = value
    return {name: _with_lists(value) for name, value in tree.items()}


def _with_lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    entries = {name: _with_lists(entry) for name, entry in value.items()}
    if entries and all(name.isdigit() for name in entries):
        return [entries[name] for name in sorted(entries, key=int)]
    return entries


def read(given: Mapping[str, Any], fields: Mapping[str, Field], path: str = "") -> dict[str, Any]:
    """Return the given parameters with the kinds of `fields`. An empty text unsets a parameter, as if it were not given."""
    for name in given:
        if name not in fields:
            where = _within(path, name)
            raise Refused.unread(f"Received unknown parameter: {where}", where, _GONE.get(where, "parameter_unknown"))
    result = {
        name: _value(given[name], field, _within(path, name))
        for name, field in fields.items()
        if name in given and (given[name] != "" or field.kind == "map")
    }
    for name, field in fields.items():
        if field.required and name not in result:
            where = _within(path, name)
            raise Refused.unread(f"Missing required param: {where}.", where, "parameter_missing")
    return result


def _within(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _value(given: Any, field: Field, where: str) -> Any:
    if field.kind == "group":
        if not isinstance(given, dict):
            raise Refused.unread("Invalid object", where)
        return read(given, field.within or {}, where)
    if field.kind == "list":
        if not isinstance(given, list):
            raise Refused.unread("Invalid array", where)
        if field.within is None:
            return [str(entry) for entry in given]
        return [_value(entry, group(**field.within), f"{where}[{index}]") for index, entry in enumerate(given)]
    if field.kind == "map":
        return _metadata(given, where)
    return _plain(given, field, where)


def _plain(given: Any, field: Field, where: str) -> Any:
    if not isinstance(given, str):
        raise Refused.unread("Invalid string", where)
    if field.kind == "integer":
        if not re.fullmatch(r"\d{1,15}", given, re.ASCII):
            raise Refused.unread(f"Invalid integer: {given[:40]}", where, "parameter_invalid_integer")
        return int(given)
    if field.kind == "boolean":
        if given not in ("true", "false"):
            raise Refused.unread(f"Invalid boolean: {given[:40]}", where)
        return given == "true"
    if field.kind == "choice" and given not in field.choices:
        raise Refused.unread(f"Invalid {where}: must be one of {', '.join(field.choices)}", where)
    if len(given) > MOST_TEXT:
        raise Refused.unread(f"Invalid string: longer than {MOST_TEXT} characters", where)
    return given


def _metadata(given: Any, where: str) -> dict[str, str]:
    if given == "":
        return {}
    if isinstance(given, list):  # keys that are numbers
        given = {str(index): entry for index, entry in enumerate(given)}
    if not isinstance(given, dict) or len(given) > MOST_METADATA:
        raise Refused.unread(f"Metadata is an object with at most {MOST_METADATA} keys", where)
    for key, value in given.items():
        if not isinstance(value, str) or len(value) > 500 or not 0 < len(key) <= 40:
            raise Refused.unread(
                "Metadata keys have at most 40 characters, and values at most 500", f"{where}[{str(key)[:40]}]"
            )
    return dict(given)
