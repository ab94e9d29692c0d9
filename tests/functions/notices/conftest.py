"""A shop at the Stripe-shaped server, and the notices of that server, which a test passes on to the door as it likes."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from comanda.aws.runtime import json_secret
from comanda.aws.runtime.clients import client
from local.stripe.server import StripeServer
from local.stripe.webhooks import signature
from tests.functions.pay.conftest import authorized, door, half_cancelled, running, sdk, server, shop, stripe
from tests.functions.world import Reply, World

__all__ = ["authorized", "door", "half_cancelled", "running", "sdk", "server", "shop", "stripe"]

PATH = "/v1/providers/stripe/events"
SECRET = "whsec_of_the_test"

Send = Callable[..., Reply]
Events = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def connected(world: World, stripe: StripeServer) -> None:
    """Put the secret of the endpoint where the door reads it."""
    content = json.dumps({"stripe": {"webhook_secrets": ["whsec_old", SECRET]}})
    client("secretsmanager").put_secret_value(SecretId="comanda-test-notices", SecretString=content)
    json_secret.forget()


@pytest.fixture
def send(world: World, connected: None) -> Send:
    """Send an event to the door, signed now unless a header is given."""

    def signed(event: dict[str, Any] | str, header: str | None = None) -> Reply:
        raw = event if isinstance(event, str) else json.dumps(event)
        made = signature(raw.encode(), SECRET, int(world.now.timestamp())) if header is None else header
        return world.call("POST", PATH, raw=raw, who="nobody", key=None, headers={"Stripe-Signature": made})

    return signed


@pytest.fixture
def events(sdk: Any) -> Events:
    """Return the events of the account of these types, the oldest first."""

    def listed(*types: str) -> list[dict[str, Any]]:
        found = [json.loads(str(one)) for one in sdk.events.list({"limit": 100}).data]
        return [one for one in reversed(found) if not types or one["type"] in types]

    return listed
