"""
Read batches of the Orders stream that a reader gave up on. Their records lie in the failures bucket until a sweep takes
them.

Other rooms' failed events lie there too. They name no order; they are left for the person whom their alarm calls. So are
the notices about partners' files that only a person can do something about.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from comanda.aws import keys
from comanda.aws.clients import client
from comanda.aws.settings import settings

# The folders of the notices about files. Each folder has an alarm, and each object there sends one message.
MISPLACED, GIVEN_UP = "files/misplaced/", "files/given-up/"

_OF_LAMBDA = "aws/lambda/"  # where Lambda writes what failed
_ORDER = re.compile(r"ord_[a-z0-9]{2,8}_[0-9A-HJKMNP-TV-Z]{26}")
_MOST = 50  # batches of one sweep


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One failed batch: where its record lies, and the orders that it named."""

    key: str
    order_ids: tuple[str, ...]


def waiting() -> list[Batch]:
    """Failed batches that name orders, at most 50."""
    s3, bucket = client("s3"), settings.failures_bucket
    found: list[Batch] = []
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=_OF_LAMBDA):
        for entry in page.get("Contents", ()):
            if not _of_readers(entry["Key"]):
                continue
            text = s3.get_object(Bucket=bucket, Key=entry["Key"])["Body"].read().decode()
            order_ids = tuple(dict.fromkeys(_ORDER.findall(text)))
            if order_ids:
                found.append(Batch(key=entry["Key"], order_ids=order_ids))
            if len(found) == _MOST:
                return found
    return found


def _of_readers(key: str) -> bool:
    """Whether conduct or relay failed here: a file that the inbox failed on may name an order too."""
    invoked = key.partition("/async/")[2]
    return not invoked or invoked.startswith((f"{settings.conduct_function}/", f"{settings.relay_function}/"))


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
