"""
Read the secrets by which payment providers sign their notices. They are in one secret of the stage, which no other room may read.

Called by   functions/notices/handler.py
Returns     the secrets of a provider's endpoint: none until an operator put them in, and then no notice is taken
Raises      nothing

The secret is JSON by the provider's name, as in {"stripe": {"webhook_secrets": ["whsec_..."]}}.
"""

from collections.abc import Mapping, Sequence

from comanda.aws.runtime import json_secret
from comanda.aws.runtime.settings import settings


def secrets(provider: str) -> Sequence[str]:
    """Return the secrets of a provider's endpoint."""
    found = json_secret.read(settings.notices_secret_arn).get(provider)
    listed = found.get("webhook_secrets") if isinstance(found, Mapping) else None
    return [one for one in listed if isinstance(one, str) and one] if isinstance(listed, list) else []
