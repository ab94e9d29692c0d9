"""Change the entry of a channel, and its list of prices."""

from typing import Any

from comanda.aws.directory import directory
from tests.functions.world import World, usd


def set_channel(world: World, name: str = "web", **fields: Any) -> None:
    """Change fields of a channel. None takes a field away."""
    changed = {**(directory.find(directory.CHANNEL, name) or {}), **fields}
    world.entry(directory.CHANNEL, name, {field: value for field, value in changed.items() if value is not None})
    directory.forget()


def a_list(world: World, tea: int = 1_299, name: str = "base", **changes: Any) -> None:
    doc = {"name": "Web", "channels": ["web"], "currency": "USD", "valid_from": "2026-01-01", "tax_rate": "0.1"}
    prices = [{"sku": "TEA-001", "unit_price": usd(tea)}, {"sku": "CUP-001", "unit_price": usd(500), "tax_rate": "0.2"}]
    reply = world.call("PUT", f"/v1/price-lists/{name}", {**doc, "prices": prices, **changes}, who="office")
    assert reply.status in (200, 201), reply.body
    directory.forget()
