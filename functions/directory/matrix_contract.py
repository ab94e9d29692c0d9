"""
Define the modification matrix: which changes an order may take after the sale.

Called by   functions/directory; openapi
Returns     a pydantic model, and problems by pointer
"""

import itertools
from collections.abc import Container, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from comanda.aws.api.contracts import Contract, Id, Title
from comanda.domain.errors import Problem
from comanda.domain.lifecycle.modifications.modification_matrix import LEVELS, POSSIBLE, Level, Modification
from comanda.domain.orders.status import Status


def _modification(name: str) -> str:
    if name not in set(Modification):
        raise ValueError(f"is not one of {', '.join(Modification)}")
    return name


def _status(name: str) -> str:
    if name not in set(Status):
        raise ValueError(f"is not one of {', '.join(Status)}")
    return name


ModificationName = Annotated[str, AfterValidator(_modification), Field(json_schema_extra={"enum": [*Modification]})]
StatusName = Annotated[str, AfterValidator(_status), Field(json_schema_extra={"enum": [*Status]})]


class MatrixRule(Contract):
    """A rule that allows or denies a modification to units of these statuses. Without `levels` it is for the whole order and
    for lines, without `channels` for all channels."""

    modification: ModificationName
    allow: bool
    statuses: Annotated[list[StatusName], Field(min_length=1, max_length=len(Status))]
    levels: Annotated[list[Literal["order", "line"]], Field(max_length=2)] = []
    channels: Annotated[list[Id], Field(max_length=100)] = []
    reason: Title | None = None


class ModificationMatrix(Contract):
    """The changes that orders may take after the sale. The first rule that names a case decides it; without a rule, the built-in
    matrix does."""

    rules: Annotated[list[MatrixRule], Field(max_length=500)]


def problems(doc: dict[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each part of a matrix that could never decide anything, so that no rule is stored in vain."""
    decided: set[_Case] = set()
    for i, rule in enumerate(doc["rules"]):
        found = [*_twice(f"/rules/{i}", rule), *_impossible(f"/rules/{i}", rule)]
        cases = set(_cases(rule))
        if not found and all(_is_decided(one, decided) for one in cases):
            message = "rules before it decide all its cases: the first rule that names a case decides it"
            found.append(Problem(pointer=f"/rules/{i}", code="never-used", message=message))
        decided |= cases
        yield from found


type _Case = tuple[str, str, str, str | None]  # modification, level, status, and channel: None for all


def _cases(rule: Mapping[str, Any]) -> Iterator[_Case]:
    name = Modification(rule["modification"])
    possible = [status for status in rule["statuses"] if Status(status) in POSSIBLE[name]]
    levels = [level for level in rule.get("levels") or Level if level in LEVELS[name]]
    yield from itertools.product([name], levels, possible, rule.get("channels") or [None])


def _is_decided(case: _Case, decided: Container[_Case]) -> bool:
    return case in decided or (*case[:3], None) in decided


def _twice(at: str, rule: Mapping[str, Any]) -> Iterator[Problem]:
    for name in ("statuses", "levels", "channels"):
        values = rule.get(name) or ()
        for n, value in enumerate(values):
            if value in values[:n]:
                yield Problem(pointer=f"{at}/{name}/{n}", code="duplicate", message=f"{value} stands twice")


def _impossible(at: str, rule: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield a problem for each status and level that the modification does not have. A rule may deny what is not possible as
    long as it denies something that is."""
    name = Modification(rule["modification"])
    strange = [n for n, status in enumerate(rule["statuses"]) if Status(status) not in POSSIBLE[name]]
    if rule["allow"] or len(strange) == len(rule["statuses"]):
        for n in strange:
            message = f"units that are {rule['statuses'][n]} cannot take {name}, whatever a matrix says"
            yield Problem(pointer=f"{at}/statuses/{n}", code="not-possible", message=message)
    for n, level in enumerate(rule.get("levels") or ()):
        if level not in LEVELS[name]:
            message = f"{name} has no level {level}: it is of {_WHOSE[LEVELS[name][0]]}"
            yield Problem(pointer=f"{at}/levels/{n}", code="not-possible", message=message)


_WHOSE = {Level.ORDER: "the whole order", Level.LINE: "a line"}
