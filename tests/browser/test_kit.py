"""Test every component of the console in a browser: for all eyes and hands, in both themes, from 320 pixels to 4K."""

import pytest

PHONE, DESK, WALL = {"width": 320, "height": 640}, {"width": 1920, "height": 1080}, {"width": 3840, "height": 2160}
WIDER_THAN_THE_WINDOW = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("name", "size"), [("phone", PHONE), ("desk", DESK)])
def test_the_components_meet_wcag_and_the_best_practices(kit, opened, faults, keep_shot, theme, name, size):
    with opened(kit.address(f"theme={theme}"), viewport=size) as page:
        keep_shot(page, f"kit-{theme}-{name}")

        assert faults(page) == []
        assert page.evaluate(WIDER_THAN_THE_WINDOW) == 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_page_of_a_session_that_ended_meets_them_too(kit, opened, faults, keep_shot, theme):
    with opened(kit.address("away=yes"), viewport=DESK, color_scheme=theme) as page:
        keep_shot(page, f"away-{theme}")

        assert faults(page) == []


@pytest.mark.parametrize(
    ("name", "query", "options"),
    [
        ("dense", "density=dense", {"viewport": DESK}),
        ("wall", "", {"viewport": WALL}),
        ("hands", "handheld=yes&theme=dark&locale=pt-BR", {"viewport": {"width": 390, "height": 844}}),
        ("spanish", "locale=es", {"viewport": {"width": 1024, "height": 768}}),
        ("forced-colors", "", {"viewport": DESK, "forced_colors": "active"}),
    ],
)
def test_the_components_fit_every_screen(kit, opened, keep_shot, name, query, options):
    with opened(kit.address(query), **options) as page:
        keep_shot(page, f"kit-{name}")

        assert page.evaluate(WIDER_THAN_THE_WINDOW) == 0


def test_the_persons_device_chooses_the_theme_when_the_person_did_not(kit, opened):
    ground = "() => getComputedStyle(document.body).backgroundColor"

    with opened(kit.address(), color_scheme="dark") as page:
        dark = page.evaluate(ground)
    with opened(kit.address(), color_scheme="light") as page:
        light = page.evaluate(ground)
    with opened(kit.address("theme=light"), color_scheme="dark") as page:
        chosen = page.evaluate(ground)

    assert dark != light == chosen


@pytest.mark.parametrize("query", ["handheld=yes", "handheld=yes&parts=yes"])
def test_every_target_of_a_handheld_page_is_44_pixels_high_and_wide(kit, opened, query):
    """Links inside of sentences and table cells are text, and have no height of their own."""
    small = """() => [...document.querySelectorAll('button, a.button, select, summary, .menu a, .option, .check, .marks label,'
      + ' input:not([type=hidden], [type=checkbox], [type=radio])')]
      .filter(one => one.getClientRects().length)
      .map(one => [one.outerHTML.slice(0, 120), one.getBoundingClientRect()])
      .filter(([, box]) => box.height < 44 || box.width < 44).map(([html, box]) => `${box.width}x${box.height} ${html}`)"""

    with opened(kit.address(query), viewport={"width": 390, "height": 844}) as page:
        assert page.evaluate(small) == []


def test_a_printed_page_has_its_facts_and_no_controls(kit, opened, keep_shot):
    with opened(kit.address("theme=dark")) as page:
        page.emulate_media(media="print")
        keep_shot(page, "kit-print")

        assert page.get_by_role("heading", level=1).is_visible()
        assert page.locator("table").first.is_visible()
        assert not page.locator("header.bar").is_visible()
        assert not page.locator("#menu").is_visible()
        assert page.locator("form.form button:visible, .bulk:visible, .filters:visible").count() == 0


def test_nothing_moves_for_a_person_who_asked_for_less_motion(kit, opened):
    with opened(kit.address(), reduced_motion="reduce") as page:
        running = "() => document.getAnimations().filter(one => one.effect.getComputedTiming().iterations > 1).length"

        assert page.evaluate(running) == 0


def test_the_menu_of_a_phone_opens_and_closes_without_scripts(kit, opened):
    with opened(kit.address(), viewport=PHONE, java_script_enabled=False) as page:
        before = page.locator("#menu").is_visible()
        page.get_by_role("button", name="Menu").click()

        assert not before
        assert page.locator("#menu").is_visible()


def test_the_skip_link_is_first_and_leads_to_the_content(kit, opened):
    with opened(kit.address()) as page:
        page.keyboard.press("Tab")
        first = page.evaluate("document.activeElement.className")
        page.keyboard.press("Enter")

        assert first == "skip"
        assert page.evaluate("document.activeElement.id") == "main"
