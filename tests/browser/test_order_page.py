"""Test the page of an order that has everything at once: holds, a change that waits, a case, a timeline; and what its customer sees."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.browser.room_server import serving
from tests.functions.people.desk import call_as
from tests.functions.selfservice.holder import link_of
from tests.functions.untranslated import english_on
from tests.functions.world import World, usd

DESK, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
LOCALES = ("en-US", "pt-BR", "es-MX")


def busy_order(world: World) -> str:
    """Return an order at a node, with a hold by a score, one by a person, a change that waits for its payment, and a case."""
    directory.forget()
    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], name="Sam Jones", limits={"override_percent": 50})
    world.aws.put("Directory", **keys.user("picker"), roles=["worker"], nodes=["dc-1"], name="Rui Costa")
    rules = [
        {"id": "new-customer", "points": 45, "when": {"first_order": True}},
        {"id": "dear", "points": 40, "when": {"total_at_least": usd(1)}},
        {"id": "many-units", "points": -5, "when": {"total_at_least": usd(2)}},
    ]
    score = {"at_least": 80, "rules": rules}
    expiry = {"expires_hours": 24, "on_expiry": "ASK"}
    world.hold_type("FRAUD", "holds", applies_when=None, blocks=["ship"], reason="", score=score, **expiry)
    world.hold_type("ADDRESS", "holds", applies_when=None, blocks=["ship"], roles=["admin"], reason="")
    for sku in ("TEA-001", "POT-001"):
        world.stocked(sku, dc_1=9)
    order_id = world.placed(
        ("TEA-001", 3),
        ("POT-001", 2),
        ("CUP-001", 1),
        external_id="WEB-10234",
        customer={"id": "c-7", "name": "Ada Byron"},
    )
    world.settle()
    assert world.step(order_id, "accept", who="picker").status == 200
    for changes in (
        [
            {"modification": "price", "line_id": "1", "unit_price": usd(800)},
            {"modification": "priority", "priority": 1},
        ],
        [{"modification": "quantity", "line_id": "3", "quantity": 2}, {"modification": "tags", "tags": ["vip"]}],
    ):
        body = {
            "reason": "the customer asked",
            "changes": changes,
            **({"pending": True} if changes[0]["modification"] == "quantity" else {}),
        }
        reply = world.change(order_id, "changes", body, who="sales")
        assert reply.status in (200, 202), reply.body
    assert world.change(
        order_id, "holds", {"type": "ADDRESS", "reason": "the street is unknown"}, who="sales"
    ).status in (200, 201)
    case = {"kind": "DAMAGED", "text": "The teapot came with a broken spout.", "author": "CUSTOMER", "line_ids": ["1"]}
    assert world.call("POST", f"/v1/orders/{order_id}/cases", case, who="sales").status == 201
    world.settle()
    return order_id


@pytest.mark.parametrize("locale", LOCALES)
def test_the_page_of_a_busy_order_is_whole_in_each_language_and_size(
    world: World, console: Any, faults: Any, keep_shot: Any, locale: str
) -> None:
    order_id = busy_order(world)
    assert call_as("sales", "PUT", "/v1/me/settings", {"locale": locale}).status == 200

    for size, viewport in (("desk", DESK), ("phone", PHONE)):
        for page_name, path in (("order", ""), ("change", "/change")):
            with console("sales", f"orders/{order_id}{path}", viewport=viewport) as page:
                page.wait_for_load_state()
                assert faults(page) == []
                assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
                assert locale == "en-US" or english_on(page.content(), locale) == set()
                keep_shot(page, f"{page_name}-{locale}-{size}")


@pytest.mark.parametrize("locale", LOCALES)
def test_the_customers_page_is_whole_in_each_language_and_size(
    world: World, opened: Any, faults: Any, keep_shot: Any, locale: str
) -> None:
    channel = {"name": "Casa Byron", "currencies": ["USD"], "countries": ["US"], "locales": list(LOCALES)}
    world.entry(directory.CHANNEL, "web", channel)
    directory.forget()
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 150), ("CUP-001", 1), locale=locale, external_id="WEB-10234")
    with serving("selfservice", "/v1/s/{token}") as found:
        link = f"{found}/live{link_of(world, order_id)}"
        for size, viewport in (("desk", DESK), ("phone", PHONE)):
            with opened(link, viewport=viewport) as page:
                page.wait_for_load_state()
                assert faults(page) == []
                assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
                keep_shot(page, f"customer-{locale}-{size}")
