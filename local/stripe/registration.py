"""
Register a stage's route for notices at the Stripe-shaped server, as an operator does at Stripe.

Called by   local/deploy.py
Returns     the new endpoint with its secret, or None when the stage knows one that is registered
Raises      NoAnswer, NotRegistered
"""

import json
from typing import Any
from urllib.parse import urlencode

from comanda.aws.api_client.server import server_at
from local.stripe.server import KEY

_PATH = "/v1/webhook_endpoints"
_SECONDS = 10.0


class NotRegistered(RuntimeError):
    """The server of payments refused to send its notices to the stage."""


def register(server: str, address: str, known: str) -> dict[str, Any] | None:
    """Register an address for all events. `known` is what the stage keeps: an endpoint that is named in it stays.

    Others of the same address are removed, because nobody knows their secrets.
    """
    try:
        return _registered(server, address, known)
    finally:
        idle = server_at(server, _SECONDS).idle
        while idle:
            idle.pop().close()


def _registered(server: str, address: str, known: str) -> dict[str, Any] | None:
    listed = _ask(server, "GET", f"{_PATH}?limit=100")["data"]
    mine = [one["id"] for one in listed if one["url"] == address]
    if any(name in known for name in mine):
        return None
    for name in mine:
        _ask(server, "DELETE", f"{_PATH}/{name}")
    return _ask(server, "POST", _PATH, {"url": address, "enabled_events[]": "*"})


def _ask(server: str, method: str, path: str, params: dict[str, str] | None = None) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-www-form-urlencoded"}
    raw = server_at(server, _SECONDS).send(method, path, headers, urlencode(params or {}).encode())
    if raw.status != 200:
        raise NotRegistered(f"{method} {path} was answered with {raw.status}")
    found: dict[str, Any] = json.loads(raw.body)
    return found
