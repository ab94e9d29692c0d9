"""
Turn the schemas that pydantic generates into those of the published description.

Called by   local/openapi.py
Returns     schemas by name: requests closed as the doors are, answers open because they may grow, every enumeration and map
            under a name of its own, every property described
Raises      RuntimeError where a name or a description is missing; it says which, and where to write it
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from local.vocabulary import ENUMERATIONS, MAPS, description

SCHEMAS = "#/components/schemas/"

Schema = dict[str, Any]


def published(named: dict[str, Schema], *, requests: Iterable[str], answers: Iterable[str]) -> dict[str, Schema]:
    """Return the schemas as they are published. `requests` and `answers` name the schemas that operations refer to."""
    named = _one_name_for_each_enumeration(named)
    sent, told = _reachable(named, requests), _reachable(named, answers)
    parted = _part(named, sent, told)
    found: dict[str, Schema] = {}
    for name, schema in parted.items():
        open_to_more = name in told
        found[name] = _opened(schema) if open_to_more else schema
    made: dict[str, Schema] = {}
    for name, schema in found.items():
        made[name] = _hoisted(name, schema, made)
    for name, schema in made.items():
        for field, content in schema.get("properties", {}).items():
            content["description"] = description(name, field)
    return dict(sorted(made.items()))


def references(found: Any) -> Iterator[str]:
    """Yield the names of the schemas that this part of the document refers to."""
    if isinstance(found, dict):
        for key, value in found.items():
            if key == "$ref" and isinstance(value, str) and value.startswith(SCHEMAS):
                yield value.removeprefix(SCHEMAS)
            else:
                yield from references(value)
    elif isinstance(found, list):
        for value in found:
            yield from references(value)


def _reachable(named: dict[str, Schema], roots: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    open_ = list(roots)
    while open_:
        name = open_.pop()
        if name not in seen:
            seen.add(name)
            open_.extend(references(named[name]))
    return seen


def _part(named: dict[str, Schema], sent: set[str], told: set[str]) -> dict[str, Schema]:
    """Give an object that is both sent and answered two schemas: `<name>In` for requests, which is closed, and `<name>`."""
    both = sent & told
    parted = {name for name in both if named[name].get("additionalProperties") is False}
    while more := {name for name in both - parted if not parted.isdisjoint(references(named[name]))}:
        parted |= more
    asked = {name: _request_name(named, name) for name in parted}
    out: dict[str, Schema] = {}
    for name, schema in named.items():
        if name in told or name not in sent:
            out[name] = schema
        if name in parted:
            out[asked[name]] = _renamed(schema, asked)
        elif name in sent and name not in told:
            out[name] = _renamed(schema, asked)
    return out


def _request_name(named: dict[str, Schema], name: str) -> str:
    asked = f"{name}In"
    if asked in named:
        raise RuntimeError(f"{asked} is the name of another schema: rename the model {name} or {asked}")
    return asked


def _renamed(found: Any, names: dict[str, str]) -> Any:
    if isinstance(found, list):
        return [_renamed(value, names) for value in found]
    if not isinstance(found, dict):
        return found
    out = {}
    for key, value in found.items():
        if key == "$ref" and value.startswith(SCHEMAS):
            name = value.removeprefix(SCHEMAS)
            out[key] = SCHEMAS + names.get(name, name)
        else:
            out[key] = _renamed(value, names)
    return out


def _opened(schema: Schema) -> Schema:
    """Return the schema without its ban on other fields: a client overlooks the fields that it does not know."""
    return {key: value for key, value in schema.items() if (key, value) != ("additionalProperties", False)}


_ENUMERATION_OF = {tuple(sorted(values)): name for name, (values, _) in ENUMERATIONS.items()}


def _one_name_for_each_enumeration(named: dict[str, Schema]) -> dict[str, Schema]:
    """Replace the schemas of contracts' own enumerations by those of ENUMERATIONS."""
    names = {
        name: known
        for name, schema in named.items()
        if (known := _ENUMERATION_OF.get(tuple(sorted(schema.get("enum", ())))))
    }
    kept = {name: schema for name, schema in named.items() if name not in names}
    values = {known: {"enum": list(ENUMERATIONS[known][0])} for known in names.values()}
    described = {known: {"type": "string", **values[known], "description": ENUMERATIONS[known][1]} for known in values}
    return {**_renamed(kept, names), **described}


def _hoisted(name: str, schema: Schema, made: dict[str, Schema]) -> Schema:
    """Return the schema with references in place of inline enumerations and maps; put those into `made`."""
    if "properties" not in schema:
        return schema if "enum" in schema else _inner(schema, made, name, None, top=True)
    fields = {field: _inner(content, made, name, field) for field, content in schema["properties"].items()}
    return {**schema, "properties": fields}


def _inner(found: Any, made: dict[str, Schema], name: str, field: str | None, *, top: bool = False) -> Any:
    if isinstance(found, list):
        return [_inner(value, made, name, field) for value in found]
    if not isinstance(found, dict):
        return found
    if "enum" in found and "$ref" not in found:
        return {
            **_enumeration(found, made, name, field),
            **({"default": found["default"]} if "default" in found else {}),
        }
    out = {key: _inner(value, made, name, field) if key != "default" else value for key, value in found.items()}
    if patterns := out.pop("patternProperties", None):
        ((pattern, values),) = patterns.items()
        out |= {"additionalProperties": values, "propertyNames": {"pattern": pattern}}
    if out.get("type") == "object" and field is not None and not top:
        return _map(out, made, name, field)
    return out


def _enumeration(found: Schema, made: dict[str, Schema], name: str, field: str | None) -> Schema:
    known = _ENUMERATION_OF.get(tuple(sorted(found["enum"])))
    if known is None:
        raise RuntimeError(f"{name}.{field} has values without a name: add it to ENUMERATIONS in local/vocabulary.py")
    values, says = ENUMERATIONS[known]
    _put(made, known, {"type": "string", "enum": list(values), "description": says})
    return {"$ref": SCHEMAS + known}


def _map(found: Schema, made: dict[str, Schema], name: str, field: str) -> Schema:
    known = MAPS.get((name, field)) or MAPS.get((name.removesuffix("In"), field))
    if known is None:
        raise RuntimeError(f"{name}.{field} is a map without a name: add it to MAPS in local/vocabulary.py")
    default = {"default": found.pop("default")} if "default" in found else {}
    _put(made, known, found)
    return {"$ref": SCHEMAS + known, **default}


def _put(made: dict[str, Schema], name: str, schema: Schema) -> None:
    there = made.setdefault(name, schema)
    if json.dumps(there, sort_keys=True) != json.dumps(schema, sort_keys=True):
        raise RuntimeError(f"{name} names two different things: give one of them another name in local/vocabulary.py")
