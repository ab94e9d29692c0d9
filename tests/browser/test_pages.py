"""Test each screen of the console in a browser, over the real doors: axe once a theme, and no page wider than a phone."""

import re

import pytest

from comanda.aws.dynamodb import keys
from comanda.aws.people import badges
from functions.console.screens import SCREENS
from tests.functions.console.examples import EXAMPLES, people
from tests.functions.people.desk import call_as

PHONE, DESK = {"width": 320, "height": 640}, {"width": 1440, "height": 900}
TWICE = """() => [...document.querySelectorAll('[id]')].map(one => one.id).filter((id, at, all) => all.indexOf(id) !== at)"""
WIDER_THAN_THE_WINDOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.path or "home")
def test_a_screen_meets_wcag_in_both_themes_and_fits_a_phone(world, console, faults, keep_shot, screen):
    path = EXAMPLES[screen.path](world) if screen.path in EXAMPLES else screen.path
    assert "{" not in path, "EXAMPLES needs an example of this screen"
    who = "sales" if "staff" in screen.roles else "picker" if "worker" in screen.roles and not screen.desks else "boss"
    if who == "sales" and screen.desks:
        world.aws.put("Directory", **keys.user("sales"), name="Ana", roles=["staff"], desks=sorted(screen.desks))

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
