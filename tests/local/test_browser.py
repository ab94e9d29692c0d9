"""The browser tests find Chromium, or say in one sentence what to install."""

import pytest

from local import browser


def test_a_machine_without_chromium_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("CHROMIUM", raising=False)
    monkeypatch.setattr(browser.shutil, "which", lambda _: None)

    with pytest.raises(SystemExit, match="install the package `chromium`"):
        browser.chromium()


def test_a_browser_of_the_persons_own_choice_comes_first(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("CHROMIUM", "/opt/chrome/chrome")

    assert browser.chromium() == "/opt/chrome/chrome"
