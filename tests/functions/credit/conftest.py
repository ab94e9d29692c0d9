"""A shop whose cards are moved by the Stripe-shaped server, for refunds of credit notes."""

from tests.functions.pay.conftest import authorized, door, running, sdk, server, shop, stripe

__all__ = ["authorized", "door", "running", "sdk", "server", "shop", "stripe"]
