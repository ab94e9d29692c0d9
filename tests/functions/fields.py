"""List the fields of a contract as paths, change the value of one of them in a document, and find the fields without effect."""

import copy
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

from tests.functions.world import World

type Doc = dict[str, Any]
type Do = Callable[[World, Doc], Any]


@dataclass(frozen=True)
class Row:
    """Another value of a field, the pointer at which it is refused, and the request or its use if they differ."""

    value: Any
    refused: str = ""
    sent: Doc | None = None
    do: Do | None = None


@dataclass(frozen=True)
class Request:
    """A request with a value in every field, its use and the sight of its effect, and its fields."""

    sent: Doc
    do: Do
    rows: Mapping[str, Row]
    for_people: frozenset[str] = frozenset()


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


def unused_fields(world: World, request: Request, begin: Callable[[World], None]) -> list[tuple[str, str]]:
    """Return each field whose other value changes nothing that is seen, or is not refused where it should be, with what is seen."""
    before: dict[str, Any] = {}
    unused = []
    for path, row in request.rows.items():
        sent, do = row.sent or request.sent, row.do or request.do
        key = json.dumps([do.__qualname__, sent])
        if key not in before:
            begin(world)
            before[key] = repr(do(world, sent))
            assert "'pointer':" not in before[key], "the request itself is refused"
        begin(world)
        found = repr(do(world, changed(sent, path, row.value)))
        if found == before[key] or (row.refused and f"'pointer': '{row.refused}'" not in found):
            unused.append((path, found[:600] if row.refused else before[key][:300]))
    return unused
