"""
Show how far the numbers of invoices and credit notes are given, and set a series forward after a restore.

A table that was restored does not know the numbers of the documents that were issued since: they would be given twice. So an
operator sets the series to the last number that went out, and the numbers between are noted as skipped.

Called by   local/number_commands.py (`comanda numbers list`, `comanda numbers set`)
Returns     series of a stage
Raises      NotKnown for a series that has no number yet; NotForward for a number that is not above the last one, or after which a number is given, or for a series that another
            process moved meanwhile
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import attributes, item
from comanda.domain.billing.document_numbers import DocumentKind

_REFUSED = "ConditionalCheckFailedException"


class NotSet(Exception):
    """A series was not set forward."""


class NotForward(NotSet):
    """A series goes forward alone: a lower number would be given twice."""


class NotKnown(NotSet):
    """A series that has no number yet is most often a wrong name of another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A series of numbers. `last` was drawn last, and `highest` is the highest that a document has."""

    kind: str
    series: str
    last: int
    highest: int

    @property
    def behind(self) -> bool:
        """Return True if the next number is given already."""
        return self.last < self.highest

    def __str__(self) -> str:
        says = f"{self.kind} {self.series}: the last number drawn is {self.last}"
        return f"{says}, but {self.highest} is given: set it" if self.behind else says


def of_stage(dynamodb: Any, directory: str, orders: str) -> list[Series]:
    """Return all series of a stage."""
    last, highest = dict[tuple[str, str], int](), defaultdict[tuple[str, str], int](int)
    for kind in DocumentKind:
        every = keys.series(kind, "")["pk"]
        for row in _beginning_with(dynamodb, directory, every):
            last[kind, row["pk"].removeprefix(every)] = int(row["last"])
        given = f"{keys.NUMBERS}{kind}#"
        for row in _beginning_with(dynamodb, orders, given):
            series, _, serial = row["pk"].removeprefix(given).rpartition("#")
            highest[kind, series] = max(highest[kind, series], int(serial))
    return [
        Series(kind=kind, series=series, last=last.get((kind, series), 0), highest=highest[kind, series])
        for kind, series in sorted(last.keys() | highest.keys())
    ]


def set_last(
    dynamodb: Any, directory: str, orders: str, kind: DocumentKind, series: str, last: int, *, new: bool = False
) -> int:
    """Let a series go on after a number. Return the number after which it would have gone on. `new` begins one that has none yet.

    Raises NotForward, NotKnown.
    """
    key = item(dict(keys.series(kind, series)))
    row = dynamodb.get_item(TableName=directory, Key=key, ConsistentRead=True).get("Item")
    before = int(attributes(row)["last"]) if row else 0
    if not (
        row or new or any((one.kind, one.series) == (kind, series) for one in of_stage(dynamodb, directory, orders))
    ):
        raise NotKnown(f"there is no series {series} of {kind}: `numbers list` shows those there are, --new begins one")
    if last <= before:
        raise NotForward(f"{kind} {series} is at {before}: a series goes forward alone")
    _require_free(dynamodb, orders, kind, series, last + 1)
    values = {":last": last, ":none": [], ":gap": [[before + 1, last]]}
    try:
        dynamodb.update_item(
            TableName=directory,
            Key=key,
            UpdateExpression="SET #last = :last, skipped = list_append(if_not_exists(skipped, :none), :gap)",
            ConditionExpression="#last = :before" if row else "attribute_not_exists(pk)",
            ExpressionAttributeNames={"#last": "last"},
            ExpressionAttributeValues=item({**values, ":before": before} if row else values),
        )
    except ClientError as error:
        if error.response["Error"]["Code"] == _REFUSED:
            raise NotForward(f"{kind} {series} has moved on meanwhile: look again") from error
        raise
    return before


def _require_free(dynamodb: Any, orders: str, kind: DocumentKind, series: str, number: int) -> None:
    """Raise NotForward for a number that a document has: no document would get one any more."""
    key = item(dict(keys.invoice_number(kind, series, number)))
    if "Item" in dynamodb.get_item(TableName=orders, Key=key, ConsistentRead=True):
        raise NotForward(f"{kind} {series} has {number} already: set it to the highest that is given")


def _beginning_with(dynamodb: Any, table: str, beginning: str) -> Iterator[dict[str, Any]]:
    pages = dynamodb.get_paginator("scan").paginate(
        TableName=table,
        FilterExpression="begins_with(pk, :beginning)",
        ExpressionAttributeValues=item({":beginning": beginning}),
        ConsistentRead=True,
    )
    for page in pages:
        yield from map(attributes, page["Items"])
