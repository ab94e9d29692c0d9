"""Give the tests of the console a retailer, its doors over HTTP with a sign-in page, and browsers."""

import json
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from comanda.aws.runtime.clients import client
from functions.console import addresses, front_door, provider, screens
from tests.functions.console import trial_page
from tests.functions.console.gateway import CLIENT_SECRET, Browser, Gateway
from tests.functions.world import World


@pytest.fixture
def gateway(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """Give the stage's gateway with its sign-in page, and publish its addresses as a stage does."""
    made = Gateway()
    pool = client("cognito-idp").create_user_pool(PoolName="people")["UserPool"]["Id"]
    monkeypatch.setenv("USER_POOL_ID", pool)
    monkeypatch.setattr(provider, "secret", lambda: CLIENT_SECRET)
    for name, value in {
        "console-url": f"{made.address}/live/console",
        "sign-in-url": made.address,
        "console-client": made.client_id,
        "api-url": f"{made.address}/live",
    }.items():
        client("ssm").put_parameter(Name=f"/comanda/test/{name}", Value=value, Type="String")
    _forget()
    events = client("cognito-idp").meta.events
    events.register("before-call.cognito-idp.RevokeToken", _revoking(made), unique_id="revoke")
    yield made
    for server in (front_door._server(f"{made.address}/live"), provider._server(made.address)):
        for connection in server.idle:
            connection.close()
    events.unregister("before-call.cognito-idp.RevokeToken", unique_id="revoke")
    made.close()
    _forget()


def _forget() -> None:
    for cached in (addresses.addresses, front_door._server, provider._server):
        cached.cache_clear()


def _revoking(gateway: Gateway) -> Callable[..., Any]:
    """Return the answer of RevokeToken, which moto does not know: the gateway forgets the token."""

    def revoke(params: dict[str, Any], **_: object) -> Any:
        gateway.refresh_tokens.pop(json.loads(params["body"])["Token"], None)
        return type("Raw", (), {"status_code": 200})(), {}

    return revoke


@pytest.fixture
def new_browser(gateway: Gateway) -> Callable[[], Browser]:
    return lambda: Browser(gateway, f"{gateway.address}/live/console")


@pytest.fixture
def browser(new_browser: Callable[[], Browser]) -> Browser:
    return new_browser()


@pytest.fixture
def sales(browser: Browser) -> Browser:
    """Give the browser of a sales person who is signed in."""
    assert browser.sign_in("sales").status == 200
    return browser


@pytest.fixture
def trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put the trial page among the screens of staff."""
    screen = screens.Screen(
        path="trial/{order_id}", module="trial", title="Trial", roles=screens.OFFICE, methods=("GET", "POST")
    )
    monkeypatch.setattr(screens, "SCREENS", (*screens.SCREENS, screen))
    monkeypatch.setitem(sys.modules, "functions.console.pages.trial", trial_page)
