"""List the fields of a contract as paths, and change the value of one of them in a document."""

import copy
from collections.abc import Iterator
from typing import Any, get_args

from pydantic import BaseModel


def fields_of(model: type[BaseModel], at: str = "", *, whole: frozenset[str] = frozenset()) -> Iterator[str]:
    """Yield the path of every leaf of a contract. A list or a dictionary has the paths of one entry. `whole` are leaves."""
    for name, field in model.model_fields.items():
        path = f"{at}{field.alias or name}"
        inner = next(models(field.annotation), None)
        if inner is None or path in whole:
            yield path
        else:
            yield from fields_of(inner, f"{path}.", whole=whole)


def models(of: Any) -> Iterator[type[BaseModel]]:
    """Yield the contracts that a field's type holds."""
    if isinstance(of, type) and issubclass(of, BaseModel):
        yield of
    elif hasattr(of, "__value__"):
        yield from models(of.__value__)
    else:
        for inner in get_args(of):
            yield from models(inner)


_ABSENT = object()


def changed(body: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """Return the document with another value at the path. A list, or a dictionary with free names, is changed in its first
    entry."""
    body = copy.deepcopy(body)
    *parents, last = path.split(".")
    place: Any = body
    for name in parents:
        place = _entry(place, name)[name]
    place = _entry(place, last)
    assert place.get(last, _ABSENT) != value, f"{path} is {value} already"
    if value is None:
        del place[last]
    else:
        place[last] = value
    return body


def _entry(place: Any, name: str) -> dict[str, Any]:
    if isinstance(place, list):
        place = place[0]
    if name not in place and place and all(isinstance(value, dict) for value in place.values()):
        place = next(iter(place.values()))
    found: dict[str, Any] = place
    return found
