"""A browser for the tests, pages of the kit and of the real console, and what the browser said about them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, Page, expect, sync_playwright

from local import browser
from local.instance import ROOT
from tests.browser.kit_server import KitServer
from tests.functions.console.conftest import gateway
from tests.functions.console.gateway import Browser as Person
from tests.functions.console.gateway import Gateway
from tests.functions.world import world
from tests.moto_aws import aws

__all__ = ["aws", "gateway", "world"]

SHOTS = ROOT / "build" / "browser"
# What takes longer never comes, on a busy machine too. Waits end as soon as their condition holds.
PATIENCE = 60_000
# Chromium refuses a picture now and then on a busy machine, and takes it when asked again.
REFUSED, TRIES = "Unable to capture screenshot", 5
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
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
def complaints() -> Iterator[list[str]]:
    """Collect what the browser says in its console. A test ends without a word of it."""
    said: list[str] = []
    yield said
    assert said == []


@pytest.fixture
def opened(chromium: Browser, complaints: list[str]):
    """Open pages of the kit in windows of their own."""

    @contextmanager
    def window(address: str, **options) -> Iterator[Page]:
        with _window(chromium, complaints, options) as page:
            page.goto(address)
            yield page

    return window


@pytest.fixture
def console(chromium: Browser, gateway: Gateway, complaints: list[str]):
    """Open pages of the real console, over the real doors, as a person of the world who is signed in. "" is nobody."""

    @contextmanager
    def window(who: str, path: str = "", **options) -> Iterator[Page]:
        person = Person(gateway, f"{gateway.address}/live/console")
        if who:
            assert person.sign_in(who).status == 200
        with _window(chromium, complaints, options) as page:
            page.context.add_cookies([_cookie(name, value, gateway) for name, value in person.cookies.items()])
            page.goto(f"{person.console}/{path}".rstrip("/"))
            yield page

    return window


def _cookie(name: str, value: str, gateway: Gateway) -> Any:
    """Return a cookie of the console. Only an https address gets a cookie into Chromium whose name begins with __Host-."""
    return {
        "name": name,
        "value": value,
        "url": gateway.address.replace("http:", "https:"),
        "secure": True,
        "httpOnly": True,
        "sameSite": "Lax",
    }


@contextmanager
def _window(chromium: Browser, complaints: list[str], options: dict) -> Iterator[Page]:
    context = chromium.new_context(**options)
    context.set_default_timeout(PATIENCE)
    context.on("console", lambda message: complaints.append(f"{message.type}: {message.text}"))
    context.on("weberror", lambda error: complaints.append(f"error: {error.error}"))
    try:
        yield context.new_page()
    finally:
        context.close()


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
        for again in reversed(range(TRIES)):
            try:
                page.screenshot(path=SHOTS / f"{name}.png", full_page=True)
                break
            except Error as error:
                if REFUSED not in error.message or not again:
                    raise
        return SHOTS / f"{name}.png"

    return kept
