"""
Notify a person about a partner's file that cannot be applied.

Called by   functions/inbox, for files in a wrong place and files that failed too often; infra/flow_stack.py, for the folders
Returns     nothing
Raises      Throttled

A notice is an object in the failures bucket. Each folder of notices has an alarm, and each object there sends one message.
"""

import json
from collections.abc import Mapping
from typing import Any

from comanda.aws.dynamodb import keys
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings

MISPLACED, GIVEN_UP = "files/misplaced/", "files/given-up/"


def notify(folder: str, name: str, facts: Mapping[str, Any]) -> None:
    """Write a notice about a file. Two calls with the same `name` are one notice."""
    key = f"{folder}{keys.digest(name)[:32]}.json"
    body = json.dumps(facts, ensure_ascii=False).encode(errors="replace")
    client("s3").put_object(
        Bucket=settings.failures_bucket, Key=key, Body=body, ContentType="application/json; charset=utf-8"
    )
