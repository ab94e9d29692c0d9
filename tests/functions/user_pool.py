"""Make a user pool in moto, as the stage has one for its callers."""

from functools import cache
from types import SimpleNamespace
from typing import Any

from joserfc.jwk import RSAKey
from moto.cognitoidp import models
from moto.utilities.utils import load_resource

from comanda.aws.api.routes import SCOPES
from comanda.aws.runtime.clients import client


def make_pool(**more: Any) -> str:
    """Make a user pool and return its id."""
    _keep_the_key()
    made = client("cognito-idp").create_user_pool(PoolName="callers", **more)
    return str(made["UserPool"]["Id"])


@cache
def _keep_the_key() -> None:
    """Let moto read the key of its user pools once. It would read the same key for each pool, for a sixth of a second."""
    key = RSAKey.import_key(load_resource("cognitoidp/resources/jwks-private.json"))
    models.jwk = SimpleNamespace(RSAKey=SimpleNamespace(import_key=lambda _: key))


def add_scopes(pool: str) -> None:
    """Give the pool every scope of the API, one resource server for each subject."""
    for subject in sorted({scope.split("/")[0] for scope in SCOPES}):
        verbs = sorted(scope.split("/")[1] for scope in SCOPES if scope.startswith(f"{subject}/"))
        client("cognito-idp").create_resource_server(
            UserPoolId=pool,
            Identifier=subject,
            Name=subject,
            Scopes=[{"ScopeName": verb, "ScopeDescription": verb} for verb in verbs],
        )
