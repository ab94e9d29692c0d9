"""
Read a secret that an operator writes as JSON, such as the accounts at payment providers. It is kept for five minutes.

Called by   functions/pay, functions/notices
Returns     the JSON object; an empty one while nobody has put one into the secret
Raises      Throttled
"""

import json
from collections.abc import Mapping
from typing import Any

from comanda.aws.runtime import clock
from comanda.aws.runtime.clients import client

_KEPT_SECONDS = 300
_read: dict[str, tuple[float, Mapping[str, Any]]] = {}  # the content, with the time until which it is kept


def read(arn: str) -> Mapping[str, Any]:
    now = clock.now().timestamp()
    until, content = _read.get(arn, (0.0, {}))
    if now >= until:
        content = _object(client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"])
        _read[arn] = (now + _KEPT_SECONDS, content)
    return content


def _object(stored: str) -> Mapping[str, Any]:
    """Return the JSON object in a text. There is none in a secret as it was made."""
    try:
        found = json.loads(stored)
    except ValueError:
        return {}
    return found if isinstance(found, Mapping) else {}


def forget() -> None:
    """Read each secret again at its next use."""
    _read.clear()
