"""Do with keys and a wedge scanner what people do without a mouse. A test that cannot reach something with keys fails."""

import time
from collections.abc import Iterable

from playwright.sync_api import Locator, Page, expect

_MOST_TABS = 60


def arrived(page: Page, title: str) -> None:
    """Wait for a page with its scripts: a key that is pressed before does nothing."""
    expect(page.locator("h1")).to_have_text(title)
    page.wait_for_load_state()


def tab_to(page: Page, wanted: Locator) -> None:
    """Press Tab until the element has the focus."""
    expect(wanted).to_be_visible()
    for _ in range(_MOST_TABS):
        if wanted.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"Tab leads to no {wanted}")


def reach(page: Page, wanted: Locator) -> None:
    """Press Enter on a link or a button that Tab leads to."""
    tab_to(page, wanted)
    page.keyboard.press("Enter")


def type_into(page: Page, field: Locator, text: str) -> None:
    """Type into a field that Tab leads to, instead of what is in it."""
    tab_to(page, field)
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.insert_text(text)


def choose(page: Page, field: Locator, letters: str) -> None:
    """Choose the option of a list that begins with these letters."""
    tab_to(page, field)
    page.keyboard.type(letters)


def scan(page: Page, code: str, end: str = "Enter") -> None:
    """Press keys as a scanner does, ten milliseconds apart. The machine may take longer to pass them on."""
    _press_all(page, (*code, end), 0.01)


def press_one_by_one(page: Page, keys: str) -> None:
    """Press keys as a person does, a tenth of a second apart. The machine may take longer or shorter to pass them on."""
    ended = _press_all(page, keys, 0.1)
    page.wait_for_timeout(max(0, 1000 * (ended - time.time())))  # the next key must not be pressed before the last one


def _press_all(page: Page, keys: Iterable[str], seconds_apart: float) -> float:
    """Press keys at so many seconds after each other. Returns the time after the last one."""
    keyboard, moment = page.context.new_cdp_session(page), time.time()
    for key in keys:
        text = {"Enter": "\r", "Tab": ""}.get(key, key)
        number_of_key = {"Enter": 13, "Tab": 9}.get(key, 0)
        event = {"key": key, "timestamp": moment, "windowsVirtualKeyCode": number_of_key}
        keyboard.send("Input.dispatchKeyEvent", {**event, "type": "keyDown", "text": text})
        keyboard.send("Input.dispatchKeyEvent", {**event, "type": "keyUp"})
        moment += seconds_apart
    return moment
