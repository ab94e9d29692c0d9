"""Give the tests of the console a retailer, its doors over HTTP with a sign-in page, and browsers."""

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from comanda.aws.api_client import server
from comanda.aws.api_client.server import Server
from comanda.aws.runtime.clients import client
from functions.console import addresses, front_door, provider, screens
from tests.functions.console import trial_page
from tests.functions.console.gateway import CLIENT_SECRET, Browser, Gateway
from tests.functions.world import World


@pytest.fixture
def gateway(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """Give the stage's gateway with its sign-in page, and answer what the room asks Cognito and SSM of it."""
    with a_gateway(monkeypatch) as made:
        yield made


@contextmanager
def a_gateway(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """Serve the doors of the world that stands, until the context ends."""
    made, servers = Gateway(), []
    _forget()
    monkeypatch.setattr(server, "Server", lambda *given: servers.append(Server(*given)) or servers[-1])
    with ExitStack() as answered:
        for service, operation, answer in (
            ("ssm", "GetParameters", lambda _: {"Parameters": _parameters(made)}),
            ("cognito-idp", "DescribeUserPoolClient", lambda _: {"UserPoolClient": {"ClientSecret": CLIENT_SECRET}}),
            ("cognito-idp", "AdminUserGlobalSignOut", lambda asked: made.revoke_all(asked["Username"])),
            ("cognito-idp", "RevokeToken", lambda asked: made.revoke(asked["Token"])),
        ):
            answered.enter_context(_answering(service, operation, answer))
        yield made
    # A call that a page did not wait for ends before its connection is closed.
    for event in made.slow.values():
        event.set()
    front_door._pool().shutdown()
    front_door._pool.cache_clear()
    for one in servers:
        for connection in one.idle:
            connection.close()
    made.close()
    _forget()


def _parameters(gateway: Gateway) -> list[dict[str, str]]:
    values = {
        "console-url": f"{gateway.address}/live/console",
        "sign-in-url": gateway.address,
        "console-client": gateway.client_id,
        "api-url": f"{gateway.address}/live",
    }
    return [{"Name": f"/comanda/test/{name}", "Value": value} for name, value in values.items()]


@contextmanager
def _answering(service: str, operation: str, answer: Callable[[dict[str, Any]], dict[str, Any]]) -> Iterator[None]:
    """Answer a call of AWS that moto does not know, or for which it would make a key for a sixth of a second."""

    def respond(params: dict[str, Any], **_: object) -> Any:
        return SimpleNamespace(status_code=200), answer(json.loads(params["body"]))

    events, name = client(service).meta.events, f"before-call.{service}.{operation}"
    events.register(name, respond)
    yield
    events.unregister(name, respond)


def _forget() -> None:
    for cached in (addresses.addresses, server.server_at, provider.secret):
        cached.cache_clear()


@pytest.fixture
def new_browser(gateway: Gateway) -> Callable[[], Browser]:
    return lambda: Browser(gateway, f"{gateway.address}/live/console")


@pytest.fixture
def browser(new_browser: Callable[[], Browser]) -> Browser:
    return new_browser()


@pytest.fixture
def sales(browser: Browser) -> Browser:
    """Give the browser of a sales person who is signed in."""
    return browser.enter("sales")


@pytest.fixture
def sales_in(new_browser: Callable[[], Browser], world: World) -> Callable[[str], Browser]:
    """Give what signs a sales person in who reads the language of a locale."""

    def signed_in(locale: str) -> Browser:
        assert world.call("PUT", "/v1/me/settings", {"locale": locale}, who="sales").status == 200
        return new_browser().enter("sales")

    return signed_in


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the trial page among the screens of staff."""
    screen = screens.Screen(path="trial/{order_id}", module="trial", title="Trial", roles=screens.OFFICE)
    monkeypatch.setattr(screens, "SCREENS", (*screens.SCREENS, screen))
    monkeypatch.setitem(sys.modules, "functions.console.pages.trial", trial_page)
