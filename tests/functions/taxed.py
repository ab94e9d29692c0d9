"""Let the channel web have its taxes from a table, and read what a sale is taxed."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from tests.functions.channels import a_list, set_channel
from tests.functions.drafts.acts import CHICAGO
from tests.functions.world import World, usd

FOOD_CUP = {"title": "A cup", "weight_g": 100, "class": "goods", "tax_class": "FOOD"}
AUSTIN = {**CHICAGO, "city": "Austin", "region": "TX", "postal_code": "78701"}
BERLIN = {**CHICAGO, "city": "Berlin", "region": "", "postal_code": "10115", "country": "DE"}
SHIPPING = {"kind": "SHIPPING", "amount": usd(500)}
ROWS = [("", "", "0.029"), ("IL", "", "0.0625"), ("TX", "", "0.0825"), ("IL", "FOOD", "0.01"), ("", "SHIPPING", "0.02")]


def a_table(world: World, rows: list[tuple[str, str, str]] = ROWS, **changes: Any) -> None:
    sent = [
        {"country": "US", "rate": rate, "valid_from": "2026-01-01", "name": "Sales tax"}
        | ({"region": region} if region else {})
        | ({"tax_class": of} if of else {})
        for region, of, rate in rows
    ]
    reply = world.call("PUT", "/v1/tax-tables/states", {"name": "States", "rows": sent, **changes}, who="office")
    assert reply.status in (200, 201), reply.body


@pytest.fixture
def taxed(world: World) -> World:
    a_table(world)
    a_list(world, tea=1_000, tax_rate="0.5")  # the table goes before the list
    set_channel(world, tax_table="states", countries=["US", "DE"])
    world.entry(directory.PRODUCT, "CUP-001", FOOD_CUP)
    directory.forget()
    return world


def taxes(draft: dict[str, Any]) -> list[tuple[str, int, str | None, bool]]:
    """Return rate, amount, table and estimate of each line."""
    return [
        (line["tax"]["rate"], line["tax"]["amount"]["amount"], line["tax_table"], line["tax_estimated"])
        for line in draft["lines"]
    ]
