"""
Open the accounts at payment providers. Their keys are in one secret of the stage, which no other room may read.

Called by   functions/pay/handler.py
Returns     providers
Raises      NotConnected when the secret has no account at the provider

The secret is JSON by the provider's name, as in
{"stripe": {"key": "sk_...", "multi_capture": true}}.
`address` is that of a server that stands for the provider on one machine.
"""

import json
from collections.abc import Mapping
from typing import Any

from comanda.aws.payments.stripe import ADDRESS, Stripe
from comanda.aws.runtime import clock
from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from comanda.domain.payments.port import Capabilities, Provider

_KEPT_SECONDS = 300
_read: dict[str, tuple[float, Mapping[str, Any]]] = {}  # the secret's content, with the time until which it is kept


class NotConnected(Exception):
    """The stage has no account at a provider. Its operations wait until it has one."""


def provider(name: str) -> Provider:
    """Return the account at a provider. Raises NotConnected."""
    found = _accounts().get(name)
    if name != "stripe" or not isinstance(found, Mapping) or "key" not in found:
        raise NotConnected(f"the secret of payments names no account at {name}")
    may = {field: bool(found.get(field)) for field in ("multi_capture", "incremental")}
    return Stripe(
        found["key"],
        found.get("webhook_secrets", ()),
        Capabilities(**may),
        back=found.get("back", ""),
        address=found.get("address", ADDRESS),
    )


def _accounts() -> Mapping[str, Any]:
    arn, now = settings.payments_secret_arn, clock.now().timestamp()
    until, content = _read.get(arn, (0.0, {}))
    if now >= until:
        stored = client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"]
        try:
            content = json.loads(stored)
        except ValueError:  # the secret as it was made, before an operator put accounts into it
            content = {}
        if not isinstance(content, Mapping):
            content = {}
        _read[arn] = (now + _KEPT_SECONDS, content)
    return content


def forget() -> None:
    """Read the secret again at the next call."""
    _read.clear()
