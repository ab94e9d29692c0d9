"""
Define the modification matrix: which changes an order may take after the sale.

Called by   functions/directory; openapi
Returns     a pydantic model, and problems by pointer
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from comanda.aws.api.contracts import Contract, Id, Title
from comanda.domain.errors import Problem
from comanda.domain.lifecycle.modifications.modification_matrix import POSSIBLE, Modification
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


def impossible(doc: dict[str, Any]) -> list[Problem]:
    """Return a problem for each status for which a rule allows a modification that no unit of it can take."""
    return [
        Problem(
            pointer=f"/rules/{i}/statuses/{n}",
            code="not-possible",
            message=f"units that are {status} cannot take {rule['modification']}, whatever a matrix says",
        )
        for i, rule in enumerate(doc["rules"])
        if rule["allow"]
        for n, status in enumerate(rule["statuses"])
        if Status(status) not in POSSIBLE[Modification(rule["modification"])]
    ]
