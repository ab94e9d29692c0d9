"""
Read batches of the Orders stream that a reader gave up on. Their records lie in the failures bucket until a sweep takes
them.

Other rooms' failed events lie there too. They may name orders, such as those that waited for stock; they are left for the
person whom their alarm calls, because conduct and relay would not do their work. So are the notices about partners' files.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comanda.aws.dynamodb import keys
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings

# The folders of the notices about files. Each folder has an alarm, and each object there sends one message.
MISPLACED, GIVEN_UP = "files/misplaced/", "files/given-up/"

_OF_LAMBDA = "aws/lambda/"  # where Lambda writes what failed
_ORDER = re.compile(r"ord_[a-z0-9]{2,8}_[0-9A-HJKMNP-TV-Z]{26}")
_FUNCTION = re.compile(r'"functionArn"\s*:\s*"arn:[^"]*:function:([^":]+)')
_MOST = 50  # batches of one sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One failed batch: where its record lies, and the orders that it named."""

    key: str
    order_ids: tuple[str, ...]


def waiting() -> list[Batch]:
    """Failed batches of conduct and relay that name orders, at most 50."""
    pages = client("s3").get_paginator("list_objects_v2").paginate(Bucket=settings.failures_bucket, Prefix=_OF_LAMBDA)
    others: set[str] = set()  # folders of other rooms: a folder is one function's, so that one of its records is read
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
        if order_ids:
            found.append(Batch(key=key, order_ids=order_ids))
        if len(found) == _MOST:
            break
    return found


def _folder(key: str) -> str:
    """Return the part of the key that names one function: `<event source mapping>/`, or `async/<function>/`."""
    parts = key.removeprefix(_OF_LAMBDA).split("/")
    return "/".join(parts[: 2 if parts[0] == "async" else 1])


def _text(key: str) -> str:
    """Return what the record says, "" when another sweep has just taken it."""
    s3 = client("s3")
    try:
        body = s3.get_object(Bucket=settings.failures_bucket, Key=key)["Body"].read()
    except s3.exceptions.NoSuchKey:
        return ""
    return str(body, errors="replace")


def _is_of_readers(key: str, text: str) -> bool:
    """Return whether conduct or relay failed here, by the key where it names the function, else by the record.

    A record that names no function is taken for theirs: to look at an order once more is harmless.
    """
    readers = (settings.conduct_function, settings.relay_function)
    invoked = key.partition("/async/")[2]
    if invoked:
        return invoked.startswith(tuple(f"{name}/" for name in readers))
    named = _FUNCTION.search(text)
    return named is None or named[1] in readers


def done(batch: Batch) -> None:
    """The orders of the batch were looked at: its record has served."""
    client("s3").delete_object(Bucket=settings.failures_bucket, Key=batch.key)


def hand_over(folder: str, name: str, facts: Mapping[str, Any]) -> None:
    """Notify a person about a file. Two calls with the same `name` are one notice."""
    key = f"{folder}{keys.digest(name)[:32]}.json"
    body = json.dumps(facts, ensure_ascii=False).encode(errors="replace")
    client("s3").put_object(
        Bucket=settings.failures_bucket, Key=key, Body=body, ContentType="application/json; charset=utf-8"
    )
