"""Test the pages that show bundles in a browser: axe, and no page wider than a phone."""

import pytest

from tests.functions.world import a_set

PHONE, DESK = {"width": 320, "height": 640}, {"width": 1440, "height": 900}
WIDER_THAN_THE_WINDOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("name", ["order", "invoice", "slip"])
def test_a_page_with_bundles_meets_wcag_and_fits_a_phone(world, console, faults, keep_shot, name):
    for sku in ("TEA-001", "POT-001", "CUP-001"):
        world.stocked(sku, dc_1=9)
    order_id = world.placed(("TEA-001", 1), *a_set(2, 1999, product={"title": "Breakfast for two"}))
    world.settle()
    world.steps(order_id, "accept", "start-pick", "pick", "pack")
    lines = [{"line_id": "b1", "quantity": 1}, {"line_id": "b2", "quantity": 2}]
    assert world.step(order_id, "ship", body={"lines": lines}).status == 200
    world.settle()
    (invoice,) = world.order(order_id)["invoices"]
    who, path = {
        "order": ("sales", f"orders/{order_id}"),
        "invoice": ("sales", f"invoices/{invoice}"),
        "slip": ("picker", f"nodes/dc-1/slip/ful_{order_id[4:]}-002"),
    }[name]

    with console(who, path, viewport=DESK) as page:
        keep_shot(page, f"bundle-{name}")
        at_desk = faults(page)
        page.set_viewport_size(PHONE)
        keep_shot(page, f"bundle-{name}-phone")

        assert page.locator("#main").get_by_text("Part of Breakfast for two").count() >= 1
        assert at_desk == []
        assert page.evaluate(WIDER_THAN_THE_WINDOW) == 0
