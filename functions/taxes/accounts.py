"""
Open the accounts at tax services. Their keys are in one secret of the stage, which no other room may read.

Called by   functions/taxes/handler.py
Returns     services
Raises      TaxFailed when the secret has no account at the service

The secret is JSON by the service's name, as in {"avalara": {"account": "2000000001", "license_key": "..."}}.
`address` is that of the sandbox, or of a server that stands for the service on one machine.
"""

from collections.abc import Mapping

from comanda.aws.runtime import json_secret
from comanda.aws.runtime.settings import settings
from comanda.aws.taxes.avalara import ADDRESS, Avalara
from comanda.domain.taxes.failures import Failure, TaxFailed


def service(name: str) -> Avalara:
    """Return the account at a service. Raises TaxFailed."""
    found = json_secret.read(settings.taxes_secret_arn).get(name)
    if name != "avalara" or not isinstance(found, Mapping) or not {"account", "license_key"} <= found.keys():
        raise TaxFailed(Failure.NOT_CONNECTED)
    return Avalara(found["account"], found["license_key"], address=found.get("address", ADDRESS))
