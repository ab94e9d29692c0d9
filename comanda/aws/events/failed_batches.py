"""
Find the batches of the Orders stream that a reader gave up on.

Called by   functions/sweep, which repeats their work
Returns     failed batches; records of other rooms are left out
Raises      Throttled

The records of failed batches are in the failures bucket until a sweep repeats their work. Failed events of other rooms are
there too, and may name orders, such as orders that waited for stock. A sweep leaves those for the person whom their alarm
calls, because conduct and relay cannot repeat the work of other rooms. The notices about partners' files
(comanda/aws/files/notices.py) are in folders of their own.
"""

import re
from dataclasses import dataclass

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings

_OF_LAMBDA = "aws/lambda/"  # where Lambda writes the records of failed batches
_ORDER = re.compile(r"ord_[a-z0-9]{2,8}_[0-9A-HJKMNP-TV-Z]{26}")
_DRAFT = re.compile(r"drf_[a-z0-9]{2,8}_[0-9A-HJKMNP-TV-Z]{26}")
_FUNCTION = re.compile(r'"functionArn"\s*:\s*"arn:[^"]*:function:([^":]+)')
_MOST = 50  # batches of one sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Hold one failed batch: the key of its record in the bucket, and the orders that the record names."""

    key: str
    order_ids: tuple[str, ...]


def find_failed() -> list[Batch]:
    """Return failed batches of conduct and relay that name orders or drafts, at most 50."""
    pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=settings.failures_bucket, Prefix=_OF_LAMBDA)
    others: set[str] = set()  # folders of other rooms; a folder belongs to one function, so one of its records tells
    found: list[Batch] = []
    for key in (entry["Key"] for page in pages for entry in page.get("Contents", ())):
        folder = _folder(key)
        if folder in others:
            continue
        text = _text(key)
        if not _is_of_readers(key, text):
            others.add(folder)
            continue
        order_ids = tuple(dict.fromkeys(_ORDER.findall(text)))
        if order_ids or _DRAFT.search(text):  # the sweeper finds drafts by themselves
            found.append(Batch(key=key, order_ids=order_ids))
        if len(found) == _MOST:
            break
    return found


def _folder(key: str) -> str:
    """Return the part of the key that names one function: `<event source mapping>/`, or `async/<function>/`."""
    parts = key.removeprefix(_OF_LAMBDA).split("/")
    return "/".join(parts[: 2 if parts[0] == "async" else 1])


def _text(key: str) -> str:
    """Return the text of the record, or "" if another sweep has just deleted it."""
    s3 = client("s3")
    try:
        body = s3.get_object(Bucket=settings.failures_bucket, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return ""
    return str(body, errors="replace")


def _is_of_readers(key: str, text: str) -> bool:
    """Return True if conduct or relay failed here, by the key if it names the function, else by the record.

    A record that names no function counts as theirs, because it is harmless to look at an order once more.
    """
    readers = (settings.conduct_function, settings.relay_function)
    invoked = key.partition("/async/")[2]
    if invoked:
        return invoked.startswith(tuple(f"{name}/" for name in readers))
    named = _FUNCTION.search(text)
    return named is None or named[1] in readers


def delete(batch: Batch) -> None:
    """Delete the record of a batch whose orders were looked at."""
    client("s3").delete_object(Bucket=settings.failures_bucket, Key=batch.key)
