"""Run the server that stands for AvaTax, at which the stage of a test has an account."""

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from comanda.aws.api_client.server import server_at
from comanda.aws.runtime import json_secret
from comanda.aws.runtime.clients import client
from comanda.aws.taxes import avalara
from local.avalara.server import ACCOUNT, KEY, AvalaraServer

_SECRET = "comanda-test-taxes"


@contextmanager
def running() -> Iterator[AvalaraServer]:
    """Give a running server, whose account the stage knows."""
    json_secret.forget()
    server = AvalaraServer()
    server.start()
    secrets = client("secretsmanager")
    account = {"account": ACCOUNT, "license_key": KEY, "address": server.url}
    with suppress(secrets.exceptions.ResourceNotFoundException):
        secrets.delete_secret(SecretId=_SECRET, ForceDeleteWithoutRecovery=True)
    secrets.create_secret(Name=_SECRET, SecretString=json.dumps({"avalara": account}))
    try:
        yield server
    finally:
        json_secret.forget()
        idle = server_at(server.url, avalara.SECONDS).idle
        while idle:
            idle.pop().close()
        server.stop()


def disconnect() -> None:
    """Take the account out of the stage's secret."""
    client("secretsmanager").put_secret_value(SecretId=_SECRET, SecretString="{}")
    json_secret.forget()


def replace_key(key: str) -> None:
    """Put another key into the stage's secret. Rooms keep the one that they have read."""
    secrets = client("secretsmanager")
    account = json.loads(secrets.get_secret_value(SecretId=_SECRET)["SecretString"])["avalara"]
    changed = json.dumps({"avalara": account | {"license_key": key}})
    secrets.put_secret_value(SecretId=_SECRET, SecretString=changed)
