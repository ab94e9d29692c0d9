"""Test each screen of the console in a browser, over the real doors: axe once a theme, and no page wider than a phone."""

import pytest

from functions.console.screens import SCREENS

PHONE, DESK = {"width": 320, "height": 640}, {"width": 1440, "height": 900}
WIDER_THAN_THE_WINDOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
# An example of each screen whose address has a named part, and of what its queries show.
EXAMPLES: dict[str, str] = {"find": "find?q=nothing"}


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.path or "home")
def test_a_screen_meets_wcag_in_both_themes_and_fits_a_phone(console, faults, keep_shot, screen):
    path = EXAMPLES.get(screen.path, screen.path)
    assert "{" not in path, "EXAMPLES needs the address of an example of this screen"
    who = "sales" if "staff" in screen.roles else "picker"

    with console(who, path, viewport=DESK) as page:
        name = screen.path.replace("/", "-") or "home"
        keep_shot(page, f"{name}-light")
        in_light = faults(page)
        page.emulate_media(color_scheme="dark")
        keep_shot(page, f"{name}-dark")
        in_dark = faults(page)
        page.set_viewport_size(PHONE)
        keep_shot(page, f"{name}-phone")

        assert page.locator("h1").count() == 1
        assert (in_light, in_dark) == ([], [])
        assert page.evaluate(WIDER_THAN_THE_WINDOW) == 0
