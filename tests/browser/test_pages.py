"""Test each screen of the console in a browser, over the real doors: axe once a theme, and no page wider than a phone."""

import re

import pytest

from comanda.aws.dynamodb import keys
from comanda.aws.people import badges
from functions.console.screens import SCREENS
from tests.browser import node_examples
from tests.functions.people.desk import call_as, make_pool, person

PHONE, DESK = {"width": 320, "height": 640}, {"width": 1440, "height": 900}
TWICE = """() => [...document.querySelectorAll('[id]')].map(one => one.id).filter((id, at, all) => all.indexOf(id) !== at)"""
WIDER_THAN_THE_WINDOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def an_order(world):
    """Return the page of an order of which a part has left, a part waits for stock, and all is held."""
    world.stocked("TEA-001", dc_1=5)
    world.stocked("POT-001", dc_1=1)
    order_id = world.placed(("TEA-001", 2), ("POT-001", 3))
    world.settle()
    world.steps(order_id, "accept", "pick", "pack")
    packages = [{"package_id": "B-1", "carrier": "Northway", "tracking_number": "NW 1"}]
    assert world.step(order_id, "ship", body={"packages": packages}).status == 200
    world.settle()
    world.hold_type("CHECK")
    assert (
        world.change(order_id, "holds", {"type": "CHECK", "reason": "\u0641\u0627\u0637\u0645\u0629 asks"}).status
        == 200
    )
    return f"orders/{order_id}"


def for_review(world):
    """Return the page to review an order that is large. Two more wait behind it."""
    world.hold_type()
    world.stocked("TEA-001", dc_1=500)
    made = [world.placed(("TEA-001", 100 + number)) for number in range(3)]
    world.settle()
    return f"orders/{made[0]}/review"


def a_queue(world):
    for_review(world)
    return "queues/sales-review"


def people(world, path="people"):
    """Give the stage an admin who is a person, and a pool of users."""
    world.patch.setenv("USER_POOL_ID", make_pool())
    world.aws.put("Directory", **keys.user("boss"), name="Boss", roles=["admin"])
    person(world, "bo@example.com", name="Bo Tell", limits={"override_percent": 10})
    assert world.call("POST", "/v1/devices", {"node_id": "dc-1", "name": "Till 2"}, who="office").status == 201
    return path


def a_person(world):
    """Return the page of a person with a badge, whom an admin sees."""
    rights = {"roles": ["worker"], "nodes": ["dc-1"], "desks": ["lead"]}
    people(world)
    sub = person(world, name="\u0641\u0627\u0637\u0645\u0629", **rights)
    assert call_as(sub, "POST", "/v1/badges", {"pin": "4711"}).status == 201
    return f"people/{sub}"


# What makes the example of a screen, and returns its address. A screen without a named part needs none.
def an_invoice(world):
    """Return the path of the invoice of a shipped order."""
    order_id = an_order(world).removeprefix("orders/")
    return f"invoices/{world.order(order_id)['invoices'][0]}"


EXAMPLES = {
    "find": lambda _: "find?q=nothing",
    "invoices/{invoice_id}": an_invoice,
    "orders/{order_id}": lambda world: an_order(world) + "?customer=shown",
    "orders/{order_id}/review": for_review,
    "queues/{queue}": a_queue,
    "devices": lambda world: people(world, "devices?node_id=dc-1"),
    "people": people,
    "people/new": lambda world: people(world, "people/new"),
    "people/{person_id}": a_person,
    **node_examples.EXAMPLES,
}


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.path or "home")
def test_a_screen_meets_wcag_in_both_themes_and_fits_a_phone(world, console, faults, keep_shot, screen):
    path = EXAMPLES[screen.path](world) if screen.path in EXAMPLES else screen.path
    assert "{" not in path, "EXAMPLES needs an example of this screen"
    who = "sales" if "staff" in screen.roles else "picker" if "worker" in screen.roles and not screen.desks else "boss"

    with console(who, path, viewport=DESK) as page:
        name = re.sub(r"[/{}]+", "-", screen.path).strip("-") or "home"
        keep_shot(page, f"{name}-light")
        in_light = faults(page)
        page.emulate_media(color_scheme="dark")
        keep_shot(page, f"{name}-dark")
        in_dark = faults(page)
        page.set_viewport_size(PHONE)
        keep_shot(page, f"{name}-phone")

        assert page.locator("h1").count() == 1
        assert page.evaluate(TWICE) == []
        assert (in_light, in_dark) == ([], [])
        assert page.evaluate(WIDER_THAN_THE_WINDOW) == 0


def test_a_badge_is_scanned_and_its_pin_typed_at_a_shared_device(world, console, faults, keep_shot):
    """A scanner ends a badge with Enter: the PIN that is still missing gets the focus, and Enter after it opens."""
    people(world)
    world.patch.setattr(badges, "_COST", 2)
    badge = call_as("boss", "POST", "/v1/badges", {"pin": "4711"}).body["badge"]
    with console("boss", "devices", viewport=PHONE) as page:
        page.fill("#field-new-node_id", "dc-1")
        page.fill("#field-new-name", "Handheld 7")
        page.click("button[value=enrol]")
        page.locator("#main").get_by_text("People share this device from now on.").wait_for()
        page.goto(page.url.partition("/devices")[0] + "/switch")
        keep_shot(page, "switch-phone")
        assert faults(page) == []
        assert page.evaluate(WIDER_THAN_THE_WINDOW) == 0

        page.keyboard.type(badge)
        page.keyboard.press("Enter")
        assert page.evaluate("() => document.activeElement.name") == "pin"
        page.keyboard.type("4711")
        page.keyboard.press("Enter")

        page.locator("#main").get_by_text("From now on your badge and PIN bring you back here").wait_for()
