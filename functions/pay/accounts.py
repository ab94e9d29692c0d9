"""
Open the accounts at payment providers. Their keys are in one secret of the stage, which no other room may read.

Called by   functions/pay/handler.py
Returns     providers
Raises      NotConnected when the secret has no account at the provider

The secret is JSON by the provider's name, as in
{"stripe": {"key": "sk_...", "multi_capture": true}}.
`address` is that of a server that stands for the provider on one machine.
"""

from collections.abc import Mapping

from comanda.aws.payments.stripe import ADDRESS, Stripe
from comanda.aws.runtime import json_secret
from comanda.aws.runtime.settings import settings
from comanda.domain.payments.port import Capabilities, Provider


class NotConnected(Exception):
    """The stage has no account at a provider. Its operations wait until it has one."""


def provider(name: str) -> Provider:
    """Return the account at a provider. Raises NotConnected."""
    found = json_secret.read(settings.payments_secret_arn).get(name)
    if name != "stripe" or not isinstance(found, Mapping) or "key" not in found:
        raise NotConnected(f"the secret of payments names no account at {name}")
    may = {field: bool(found.get(field)) for field in ("multi_capture", "incremental")}
    return Stripe(found["key"], Capabilities(**may), back=found.get("back", ""), address=found.get("address", ADDRESS))
