"""Start a function of Lambda without waiting for its answer."""

import json
from collections.abc import Mapping
from typing import Any

from comanda.aws.runtime.clients import client


def start_function(name: str, payload: Mapping[str, Any]) -> None:
    """Start the function with this payload, and return at once. Lambda tries it again if it fails.

    Raises Throttled.
    """
    client("lambda").invoke(FunctionName=name, InvocationType="Event", Payload=json.dumps(payload).encode())
