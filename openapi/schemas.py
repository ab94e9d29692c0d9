"""
Turn the schemas that pydantic generates into those of the published description.

Called by   openapi/description.py
Returns     schemas by name: requests closed as the doors are, answers open because they may grow, every enumeration and map
            under a name of its own, every property described
Raises      RuntimeError for a missing name or description; the message names it and the file to write it in
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from openapi.vocabulary import ENUMERATIONS, MAPS, description

SCHEMAS = "#/components/schemas/"

Schema = dict[str, Any]
Enumerations = dict[frozenset[str], tuple[str, Schema]]  # values -> name, schema


def published(named: dict[str, Schema], *, requests: Iterable[str], answers: Iterable[str]) -> dict[str, Schema]:
    """Return the schemas as they are published. `requests` and `answers` name the schemas that operations refer to."""
    names = _names_of_enumerations(named)
    named = _one_name_for_each_enumeration(named, names)
    sent, told = _reachable(named, requests), _reachable(named, answers)
    parted = _part(named, sent, told)
    found = {name: _opened(schema) if name in told else schema for name, schema in parted.items()}
    made: dict[str, Schema] = {}
    for name, schema in found.items():
        made[name] = _Hoisting(name, names, made).schema(schema)
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
    """Return the schema without its ban on other fields: a client ignores fields that it does not know."""
    return {key: value for key, value in schema.items() if (key, value) != ("additionalProperties", False)}


def _names_of_enumerations(named: dict[str, Schema]) -> Enumerations:
    """Return name and schema of each enumeration by its values, which are read at the places that ENUMERATIONS names."""
    found: Enumerations = {}
    for (schema, field), (name, says) in ENUMERATIONS.items():
        content = named.get(schema, {}).get("properties", {}).get(field)
        values = next(_values(content, named), None)
        if values is None:
            raise RuntimeError(f"{schema}.{field} has no enumeration: mend ENUMERATIONS in openapi/vocabulary.py")
        found[frozenset(values)] = name, {"type": "string", "enum": values, "description": says}
    return found


def _values(found: Any, named: dict[str, Schema]) -> Iterator[list[str]]:
    """Yield the values of the enumerations in this part of a schema, and in the enumerations that it refers to."""
    if isinstance(found, dict):
        if "enum" in found:
            yield found["enum"]
        for name in references({"$ref": found.get("$ref")}):
            yield from _values({"enum": named[name]["enum"]} if "enum" in named[name] else None, named)
        for value in found.values():
            yield from _values(value, named)
    elif isinstance(found, list):
        for value in found:
            yield from _values(value, named)


def _one_name_for_each_enumeration(named: dict[str, Schema], known: Enumerations) -> dict[str, Schema]:
    """Replace the schemas of contracts' own enumerations by those of ENUMERATIONS."""
    ours = {
        name: known[values] for name, schema in named.items() if (values := frozenset(schema.get("enum", ()))) in known
    }
    kept = {name: schema for name, schema in named.items() if name not in ours}
    return {**_renamed(kept, {name: ref for name, (ref, _) in ours.items()}), **dict(ours.values())}


@dataclass(frozen=True, slots=True)
class _Hoisting:
    """Replace the inline enumerations and maps of a schema by references, and put them into `made`."""

    name: str
    enumerations: Enumerations
    made: dict[str, Schema]

    def schema(self, schema: Schema) -> Schema:
        if "properties" not in schema:
            return schema if "enum" in schema else dict(self._part(schema, None))
        return {
            **schema,
            "properties": {field: self._part(part, field) for field, part in schema["properties"].items()},
        }

    def _part(self, found: Any, field: str | None) -> Any:
        if isinstance(found, list):
            return [self._part(value, field) for value in found]
        if not isinstance(found, dict):
            return found
        default = {"default": found["default"]} if "default" in found else {}
        if "enum" in found:
            return {**self._enumeration(found, field), **default}
        out = {key: value if key == "default" else self._part(value, field) for key, value in found.items()}
        if patterns := out.pop("patternProperties", None):
            ((pattern, values),) = patterns.items()
            out |= {"additionalProperties": values, "propertyNames": {"pattern": pattern}}
        if out.get("type") == "object" and field is not None:
            out.pop("default", None)
            return {**self._map(out, field), **default}
        return out

    def _enumeration(self, found: Schema, field: str | None) -> Schema:
        known = self.enumerations.get(frozenset(found["enum"]))
        if known is None:
            place = f"{self.name}.{field}"
            raise RuntimeError(f"{place} has values without a name: add it to ENUMERATIONS in openapi/vocabulary.py")
        return self._put(*known)

    def _map(self, found: Schema, field: str) -> Schema:
        known = MAPS.get((self.name, field)) or MAPS.get((self.name.removesuffix("In"), field))
        if known is None:
            raise RuntimeError(f"{self.name}.{field} is a map without a name: add it to MAPS in openapi/vocabulary.py")
        return self._put(known, found)

    def _put(self, name: str, schema: Schema) -> Schema:
        there = self.made.setdefault(name, schema)
        if json.dumps(there, sort_keys=True) != json.dumps(schema, sort_keys=True):
            raise RuntimeError(f"{name} names two different things: give one another name in openapi/vocabulary.py")
        return {"$ref": SCHEMAS + name}
