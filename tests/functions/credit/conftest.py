"""A shop whose cards are moved by the Stripe-shaped server, for refunds of credit notes, and a world that sells in Brazil."""

from tests.functions.documents.brazil import brazil
from tests.functions.pay.conftest import authorized, door, running, sdk, server, shop, stripe

__all__ = ["authorized", "brazil", "door", "running", "sdk", "server", "shop", "stripe"]
