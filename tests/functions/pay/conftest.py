"""A shop whose cards are moved by the Stripe-shaped server, at whose account a card is authorised for each order."""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from comanda.aws.api_client.server import server_at
from comanda.aws.directory import directory
from comanda.aws.payments import stripe_calls
from comanda.aws.runtime import json_secret
from comanda.aws.runtime.clients import client
from local.stripe.server import KEY, StripeServer
from tests.functions.world import START, World, usd
from tests.local.payments.conftest import authorized, door, running, sdk, server

__all__ = ["authorized", "door", "running", "sdk", "server"]

Shop = Callable[..., str]
PAID_OUTSIDE = ("CARD", "LINK", "PIX")


@pytest.fixture
def stripe(world: World, server: StripeServer) -> Iterator[StripeServer]:
    """Let the channel web move cards at the server. Its clock begins where the world's does, whatever day the machine has."""
    json_secret.forget()
    account = {"key": KEY, "address": server.url, "back": "https://shop.example/thanks"}
    client("secretsmanager").create_secret(Name="comanda-test-payments", SecretString=json.dumps({"stripe": account}))
    channel = {
        "name": "web",
        "currencies": ["USD", "BHD", "BRL"],
        "countries": ["US"],
        "locales": ["en-US", "pt-BR", "es-MX"],
    }
    world.entry(directory.CHANNEL, "web", {**channel, "payment_providers": dict.fromkeys(PAID_OUTSIDE, "stripe")})
    directory.forget()
    server.account.advance(START.timestamp() - server.account.moment)
    world.now = START + timedelta(seconds=1)
    yield server
    idle = server_at(server.url, stripe_calls.SECONDS).idle
    while idle:
        idle.pop().close()


@pytest.fixture
def shop(world: World, stripe: StripeServer, authorized: Any) -> Shop:
    """Place an order of one unit at 10.00 that is paid by an authorised card, and return its id. `intent` has further fields of
    the provider's payment."""

    def pay_by_card(
        quantity: int = 1, card: str = "pm_card_visa", intent: Mapping[str, Any] | None = None, **more: Any
    ) -> str:
        name = f"WEB-{uuid4().hex[:12]}"
        made = authorized(quantity * 1000, card=card, metadata={"order": name}, **(intent or {}))
        paid = {"method": "CARD", "reference": made.id, "authorized": usd(quantity * 1000)}
        return world.placed(("TEA-001", quantity), payments=[paid], external_id=name, **more)

    return pay_by_card


@pytest.fixture
def half_cancelled(world: World, stripe: StripeServer, authorized: Any, sdk: Any) -> Shop:
    """Place an order of two units that the shop has captured, cancel one and ship the other: 10.00 are to go back."""

    def pay_by_card(card: str = "pm_card_visa") -> str:
        world.stocked("TEA-001", dc_1=2)
        name = f"WEB-{uuid4().hex[:12]}"
        intent = authorized(2000, card=card, metadata={"order": name})
        sdk.payment_intents.capture(intent.id)
        paid = {"method": "CARD", "reference": intent.id, "authorized": usd(2000), "captured": usd(2000)}
        order_id = world.placed(("TEA-001", 2), payments=[paid], external_id=name)
        world.settle()
        cancel = {"reason": "one", "lines": [{"line_id": "1", "quantity": 1}]}
        assert world.change(order_id, "cancel", cancel).status == 200
        world.steps(order_id, "ship")
        return order_id

    return pay_by_card
