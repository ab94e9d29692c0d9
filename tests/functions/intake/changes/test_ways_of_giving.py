"""Every way of giving something away after the sale, and how it is bound: a person has 10 percent and 150 minor units.

The order has three teas at 1,000, which is what the list says, a cup of 500 as a gift, and a set of a pot and two cups at 1,000.
"""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.functions.intake.changes.test_changes import change_order
from tests.functions.world import World, a_set, usd

LIMITS = {"override_percent": 10, "appeasement": [usd(150)]}
PAYMENT = {"method": "CARD", "reference": "more", "authorized": usd(100_000)}
TEA, GIFT, SET = "1", "2", "b"
LISTED = {"TEA-001": 1_000, "CUP-001": 500, "TEA-002": 2_000}  # nothing says what a pot costs by itself


def price(amount: int, line_id: str = TEA) -> dict[str, Any]:
    return {"modification": "price", "line_id": line_id, "unit_price": usd(amount)}


def quantity(units: int, line_id: str = TEA) -> dict[str, Any]:
    return {"modification": "quantity", "line_id": line_id, "quantity": units}


def discount(amount: int, code: str = "SORRY") -> dict[str, Any]:
    return {"modification": "discount", "code": code, "amount": usd(amount)}


def sorry(amount: int) -> dict[str, Any]:
    return {"modification": "appeasement", "why": "LATE", "amount": usd(amount)}


def charge(amount: int, tax: int = 0) -> dict[str, Any]:
    return {"modification": "charge", "kind": "WRAP", "amount": usd(amount), "tax": usd(tax)}


def instead(sku: str, amount: int | None = None, line_id: str = TEA, new: str = "9") -> dict[str, Any]:
    asked = {} if amount is None else {"unit_price": usd(amount)}
    return {"modification": "replace", "line_id": line_id, "quantity": 1, "sku": sku, "new_line_id": new, **asked}


def line(sku: str, amount: int, line_id: str = "8", **fields: Any) -> dict[str, Any]:
    return {"line_id": line_id, "sku": sku, "quantity": 1, "unit_price": usd(amount), **fields}


def adding(*lines: dict[str, Any]) -> dict[str, Any]:
    return {"modification": "add_line", "lines": list(lines)}


def a_pair(amount: int, sku: str = "TEA-001", *parts: tuple[str, int, int]) -> dict[str, Any]:
    """Return the change that adds a bundle of a tea and a cup, which are 1,500 by themselves."""
    found = a_set(1, amount, *(parts or (("TEA-001", 1, 666_667), ("CUP-001", 1, 333_333))), line_id="p", sku=sku)
    return adding(*found)


OFF = [{"code": "OFF", "amount": usd(151)}]

# The way: the steps before, each of which is within the limits, the last step, and the field that is refused. "": it is allowed.
WAYS: dict[str, tuple[list[list[dict[str, Any]]], list[dict[str, Any]], str]] = {
    "a price within the limit": ([], [price(900)], ""),
    "a price below the limit": ([], [price(899)], "/changes/0/unit_price"),
    "a price lowered twice": ([[price(900)]], [price(899)], "/changes/0/unit_price"),
    "a price raised first": ([[price(2_000)]], [price(899)], "/changes/0/unit_price"),
    "a raised price put back": ([[price(2_000)]], [price(1_000)], ""),
    "a lowered price put back": ([[price(900)]], [price(1_000)], ""),
    "a price of a set below the limit": ([], [price(899, SET)], "/changes/0/unit_price"),
    "a price of a set lowered twice": ([[price(900, SET)]], [price(850, SET)], "/changes/0/unit_price"),
    "another line is raised": ([[price(5_000, SET)]], [price(899)], "/changes/0/unit_price"),
    "units at the price of the list": ([], [quantity(4)], ""),
    "units at a lowered price": ([[price(900)]], [quantity(4)], ""),
    "units and a price at once": ([], [quantity(4), price(899)], "/changes/1/unit_price"),
    "units of a gift": ([], [quantity(2, GIFT)], "/changes/0/quantity"),
    "sets of a bundle as sold": ([], [quantity(2, SET)], ""),
    "sets of a bundle at a lowered price": ([[quantity(2, SET)]], [price(899, SET)], "/changes/0/unit_price"),
    "fewer units": ([], [quantity(1)], ""),
    "fewer units, then a price": ([[quantity(1)]], [price(899)], "/changes/0/unit_price"),
    "an article at no price": ([], [adding(line("TEA-001", 0))], "/changes/0/lines"),
    "an article within the limit": ([], [adding(line("CUP-001", 450))], ""),
    "an article that nothing prices": ([], [adding(line("POT-001", 9_000))], "/changes/0/lines"),
    "an added article, then its price": ([[adding(line("CUP-001", 450))]], [price(449, "8")], "/changes/0/unit_price"),
    "an article added dear, then its price": ([[adding(line("CUP-001", 900))]], [price(449, "8")], "/changes/0/unit_price"),
    "an added article's discount": ([], [adding(line("TEA-001", 1_000, discounts=OFF))], "/changes/0/lines"),
    "an added article's tax": ([], [adding(line("TEA-002", 2_000))], "/changes/0/lines"),
    "an added article's whole tax": ([], [adding(line("TEA-002", 2_000, tax={"rate": "0.1", "amount": usd(200)}))], ""),
    "a bundle cheaper than its components": ([], [a_pair(1_349)], "/changes/0/lines"),
    "a bundle under the name of a cheap article": ([], [a_pair(500, "CUP-001")], "/changes/0/lines"),
    "a bundle within the limit": ([], [a_pair(1_350)], ""),
    "a bundle that gives a component no price": (
        [], [a_pair(1_500, "TEA-001", ("TEA-001", 1, 0), ("CUP-001", 1, 1_000_000))], "/changes/0/lines",
    ),
    "a bundle with what nothing prices": (
        [], [a_pair(1_500, "TEA-001", ("TEA-001", 1, 500_000), ("POT-001", 1, 500_000))], "/changes/0/lines",
    ),
    "a dearer article at the old price": ([], [instead("TEA-002")], "/changes/0/unit_price"),
    "a dearer article at its own price": ([], [instead("CUP-001", 500)], ""),
    "a taxed article for an untaxed one": ([], [instead("TEA-002", 2_000)], "/changes/0/sku"),
    "a taxed article in an untaxed bundle": (
        [], [a_pair(2_500, "SET-001", ("TEA-002", 1, 800_000), ("CUP-001", 1, 200_000))], "/changes/0/lines",
    ),
    "an article that nothing prices at the old price": ([], [instead("POT-001")], "/changes/0/unit_price"),
    "an article for a gift": ([], [instead("TEA-001", None, GIFT)], "/changes/0/unit_price"),
    "a replaced article's price": ([[instead("CUP-001", 500)]], [price(449, "9")], "/changes/0/unit_price"),
    "an article and back": ([[instead("CUP-001", 500)]], [instead("TEA-001", 899, "9", "7")], "/changes/0/unit_price"),
    "an appeasement within the limit": ([], [sorry(150)], ""),
    "an appeasement above the limit": ([], [sorry(151)], "/changes/0/amount"),
    "an appeasement after another": ([[sorry(100)]], [sorry(51)], "/changes/0/amount"),
    "two appeasements at once": ([], [sorry(100), sorry(51)], "/changes/1/amount"),
    "a discount after an appeasement": ([[sorry(100)]], [discount(51)], "/changes/0/amount"),
    "a discount against a charge": ([[charge(1_000)]], [discount(151)], "/changes/0/amount"),
    "an appeasement, then fewer units, then another": ([[sorry(150)], [quantity(1)]], [sorry(1)], "/changes/0/amount"),
    "a charge": ([], [charge(1_000)], ""),
    "a charge below nothing": ([], [charge(-1)], "/changes/0/amount/amount"),
    "a charge with tax below nothing": ([], [charge(1, -1)], "/changes/0/tax/amount"),
}  # fmt: skip


@pytest.fixture
def order_id(world: World) -> str:
    for sku in ("TEA-001", "TEA-002", "CUP-001", "POT-001"):
        world.stocked(sku, dc_1=99)
    world.entry(directory.PRODUCT, "SET-001", {"title": "A set", "weight_g": 100, "class": "goods"})
    rates = {"TEA-002": {"tax_rate": "0.1"}}
    prices = [{"sku": sku, "unit_price": usd(n), **rates.get(sku, {})} for sku, n in LISTED.items()]
    doc = {"name": "Usual", "channels": ["web"], "currency": "USD", "valid_from": "2026-01-01", "prices": prices}
    assert world.call("PUT", "/v1/price-lists/usual", doc, who="office").status == 201
    for name in ("sales", "picker"):
        world.aws.put("Directory", **keys.user(name), roles=["staff"], limits=LIMITS)
    directory.forget()
    gift = {"sku": "CUP-001", "quantity": 1, "unit_price": usd(0)}
    return world.placed(("TEA-001", 3), gift, *a_set(1, 1_000, sku="SET-001"))


@pytest.mark.parametrize("way", WAYS)
def test_a_way_of_giving_is_bound(world: World, order_id: str, way: str):
    before, last, refused = WAYS[way]
    for n, step in enumerate(before):
        made = change_order(world, order_id, *step, who="sales", payments=[{**PAYMENT, "reference": f"auth-{n + 2}"}])
        assert made.status == 200, made.body

    reply = change_order(world, order_id, *last, who="picker", payments=[{**PAYMENT, "reference": "last"}])

    if not refused:
        assert reply.status == 200, reply.body
    else:
        assert [pointer for pointer, _ in reply.errors] == [refused], reply.body
        status = 422 if refused.count("/") > 3 else 403
        assert (reply.status, world.order(order_id)["status"]) == (status, "CREATED")
    again = {**PAYMENT, "reference": "again"}
    if not refused.endswith("/amount/amount") and not refused.endswith("/tax/amount"):
        assert change_order(world, order_id, *last, payments=[again]).status in (200, 409, 422)  # an application may


def test_what_an_application_gives_leaves_the_limit_of_a_person_whole(world: World, order_id: str):
    line_discount = line("TEA-001", 1_000, discounts=[{"code": "SHOP", "amount": usd(140)}])
    given = (discount(140), sorry(100), adding(line_discount))
    assert change_order(world, order_id, *given, payments=[PAYMENT]).status == 200

    assert change_order(world, order_id, sorry(150), who="sales").status == 200
    assert change_order(world, order_id, sorry(1), who="picker").errors == [("/changes/0/amount", "above-limit")]


@pytest.mark.parametrize("make", [charge, discount], ids=["charges", "discounts"])
def test_an_order_has_at_most_twenty_of_them_changes_included(world: World, order_id: str, make: Any):
    twenty = change_order(world, order_id, *[make(1) for _ in range(20)], payments=[PAYMENT])
    assert twenty.status == 200, twenty.body
    before = world.tables()["Orders"]

    more = [{**PAYMENT, "reference": "again"}]
    assert change_order(world, order_id, make(1), payments=more).errors == [("/changes/0", "too-many")]
    assert world.tables()["Orders"] == before
