"""Sell in Brazil: a company, a channel and a product that have what an NF-e wants, and orders in reais."""

from typing import Any

import pytest

from comanda.aws.directory import directory, packs
from comanda.aws.dynamodb.items import unpack
from tests.domain.documents.nfe_sales import ENTITY, GOODS, NFE, RATE
from tests.functions.documents.test_invoices import WEB
from tests.functions.world import World

CUSTOMER = {"name": "João da Silva", "email": "joao@example.org", "tax_id": "529.982.247-25"}
HOME = {
    "name": "Maria da Silva",
    "line1": "Rua do Chá, 10",
    "line2": "Ap. 3 - Centro",
    "city": "Campinas",
    "region": "SP",
    "postal_code": "13010-001",
    "country": "BR",
    "latitude": -22.9,
    "longitude": -47.06,
}
SERIES = {"dc-1": 1, "dc-2": 2, "store-1": 3}
SELLER = ENTITY | {"nfe": NFE | {"series": SERIES}}


def brl(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "BRL"}


def sells_in_brazil(world: World, **changes: Any) -> None:
    """Let the channel sell in Brazil. `changes` are those of the legal entity."""
    world.entry(directory.LEGAL_ENTITY, "tea-co", SELLER | changes)
    world.entry(directory.CHANNEL, "web", WEB | {"countries": ["US", "BR"]})
    for node in ("dc-1", "dc-2"):
        world.node(node, (-23.55, -46.63), country="BR")
    world.node("store-1", (-23.55, -46.63), country="BR", type="STORE", pickup=True, ship=False)
    packs.rebuild(())
    goods_are(world)


@pytest.fixture
def brazil(world: World) -> World:
    sells_in_brazil(world)
    return world


def goods_are(world: World, **changes: Any) -> None:
    """Give the product what an NF-e wants of it."""
    world.entry(directory.PRODUCT, "TEA-001", {**_product(), "nfe": GOODS | changes})
    directory.forget()


def _product() -> dict[str, Any]:
    found: dict[str, Any] = directory.find(directory.PRODUCT, "TEA-001") or {}
    return {name: value for name, value in found.items() if name != "version"}


def a_line_in_reais(quantity: int = 2, unit_price: int = 5_000) -> dict[str, Any]:
    tax = {"rate": RATE, "amount": brl(quantity * unit_price * 18 // 100)}
    return {"sku": "TEA-001", "quantity": quantity, "unit_price": brl(unit_price), "tax": tax}


def in_reais(*lines: Any, **changes: Any) -> dict[str, Any]:
    """Return the fields of an order in reais, whose prices include their taxes."""
    made = lines or (a_line_in_reais(),)
    goods = sum(line["quantity"] * line["unit_price"]["amount"] for line in made)
    tax = sum(line["tax"]["amount"]["amount"] for line in made)
    return {
        "currency": "BRL",
        "locale": "pt-BR",
        "customer": CUSTOMER,
        "ship_to": HOME,
        "prices_include_tax": True,
        "payments": [{"method": "PIX", "reference": "p-1", "authorized": brl(goods)}],
        "totals": {"goods": brl(goods), "discounts": brl(0), "charges": brl(0), "tax": brl(tax), "total": brl(goods)},
    } | changes


def sold(world: World, **changes: Any) -> str:
    """Return the id of an order in Brazil with one invoice."""
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(a_line_in_reais(), **{"external_id": "BR-1"} | in_reais(**changes))
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    return order_id


def copy_of_buyer(world: World, order_id: str) -> dict[str, Any]:
    (row,) = world.aws.items("Customers", f"O#{order_id}", "I#")
    found: dict[str, Any] = unpack(row["doc"])
    return found
