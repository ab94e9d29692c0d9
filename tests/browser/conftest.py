"""A browser for the tests, the kit page served with the headers of the console, and what both said."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from local import browser
from local.instance import ROOT
from tests.browser.kit_server import KitServer

SHOTS = ROOT / "build" / "browser"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=browser.chromium(), args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def axe_source() -> str:
    return browser.axe()


@pytest.fixture
def kit() -> Iterator[KitServer]:
    with KitServer() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def opened(chromium):
    """Open pages in windows of their own. Each window must end without a complaint of the browser."""
    complaints = []

    @contextmanager
    def window(address: str, **options) -> Iterator[Page]:
        context = chromium.new_context(**options)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.goto(address)
        try:
            yield page
        finally:
            context.close()

    yield window
    assert complaints == []


@pytest.fixture
def faults(axe_source):
    """Return what axe finds against WCAG A and AA and the best practices, in words."""

    def found(page: Page) -> list[str]:
        page.evaluate(f"() => {{ {axe_source} }}")
        result = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)
        return [
            f"{fault['id']}: {fault['help']}: {node['target']} {node['html'][:200]} {node['failureSummary']}"
            for fault in result["violations"]
            for node in fault["nodes"]
        ]

    return found


@pytest.fixture(scope="session")
def keep_shot():
    """Keep a picture of a whole page in build/browser, for people to look at."""

    def kept(page: Page, name: str) -> Path:
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
        return SHOTS / f"{name}.png"

    return kept
