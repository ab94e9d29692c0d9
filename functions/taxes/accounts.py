"""
Ask the tax services at which the stage has accounts. Their keys are in one secret of the stage, which no other room may read.

Called by   functions/taxes/handler.py
Returns     what the service answers
Raises      TaxFailed: also when the secret has no account at the service

The secret is JSON by the service's name, as in {"avalara": {"account": "2000000001", "license_key": "..."}}.
`address` is that of the sandbox, or of a server that stands for the service on one machine.
"""

from collections.abc import Callable, Mapping

from comanda.aws.runtime import json_secret
from comanda.aws.runtime.settings import settings
from comanda.aws.taxes.avalara import ADDRESS, Avalara
from comanda.domain.taxes.failures import Failure, TaxFailed


def ask_account[T](name: str, ask: Callable[[Avalara], T]) -> T:
    """Ask a service. A key that it does not admit is read again, as it may have been replaced since it was read. Raises TaxFailed."""
    try:
        return ask(_service(name))
    except TaxFailed as failed:
        if failed.failure is not Failure.NOT_ADMITTED:
            raise
    json_secret.forget()
    return ask(_service(name))


def _service(name: str) -> Avalara:
    """Return the account at a service. Raises TaxFailed."""
    found = json_secret.read(settings.taxes_secret_arn).get(name)
    if name != "avalara" or not isinstance(found, Mapping) or not {"account", "license_key"} <= found.keys():
        raise TaxFailed(Failure.NOT_CONNECTED)
    return Avalara(found["account"], found["license_key"], address=found.get("address", ADDRESS))
