"""A person signs in to the deployed console by the pool's own page, under the rights that the template gives its room."""

import re
import uuid
from collections.abc import Iterator
from html import unescape
from urllib.parse import urljoin

import httpx
import pytest

from infra import names
from tests.system.world import DeployedWorld

PASSWORD = "Long-enough-4-all"  # of a person who is removed again


class Browser:
    """Keep cookies as a browser does on this machine, also those that are marked as secure; follow no redirect by itself."""

    def __init__(self, world: DeployedWorld) -> None:
        self.console = world.deployed[names.CONSOLE_URL]
        self.origin = world.instance.endpoint
        self.cookies: dict[str, str] = {}

    def get(self, url: str) -> httpx.Response:
        return self._send("GET", url)

    def post(self, url: str, form: dict[str, str]) -> httpx.Response:
        return self._send("POST", url, form)

    def follow(self, answer: httpx.Response) -> httpx.Response:
        while answer.is_redirect:
            answer = self.get(urljoin(str(answer.url), answer.headers["Location"]))
        return answer

    def _send(self, method: str, url: str, form: dict[str, str] | None = None) -> httpx.Response:
        sent = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": self.origin, "Cookie": sent}
        answer = httpx.request(method, url, data=form, headers=headers, trust_env=False, timeout=60)
        for set_cookie in answer.headers.get_list("Set-Cookie"):
            name, value = set_cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        return answer


@pytest.fixture
def person(world: DeployedWorld) -> Iterator[str]:
    """Invite a person of the office, who has chosen a password. Returns the e-mail."""
    email = f"{uuid.uuid4().hex[:12]}@example.com"
    invited = world.office.post("/v1/people", {"email": email, "name": "Ann", "roles": ["staff"], "desks": ["sales"]})
    world.aws("cognito-idp").admin_set_user_password(
        UserPoolId=world.deployed[names.USER_POOL], Username=email, Password=PASSWORD, Permanent=True
    )
    yield email
    world.office.delete(f"/v1/people/{invited['person_id']}")


def _signed_in(browser: Browser, email: str) -> httpx.Response:
    page = browser.follow(browser.get(f"{browser.console}/sign-in"))
    fields = {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', page.text)}
    form = {**fields, "username": email, "password": PASSWORD}
    return browser.follow(browser.post(urljoin(str(page.url), "/login"), form))


def test_nothing_is_shown_to_a_person_who_has_not_signed_in(world: DeployedWorld):
    browser = Browser(world)

    for path in ("", "/orders", "/queues/SALES_REVIEW"):
        answer = browser.get(browser.console + path)
        assert answer.status_code == 401, path
        assert "sign-in" in answer.text


def test_a_person_signs_in_and_out_by_the_pools_own_page(world: DeployedWorld, person: str):
    browser = Browser(world)

    home = _signed_in(browser, person)
    assert home.status_code == 200, home.text
    assert str(home.url) == browser.console
    assert "Ann" in home.text

    out = browser.follow(browser.post(f"{browser.console}/sign-out", {}))
    assert (out.status_code, str(out.url)) == (200, f"{browser.console}/signed-out")
    assert browser.get(browser.console).status_code == 401


def test_the_pages_scripts_come_from_the_room_for_ever(world: DeployedWorld):
    browser = Browser(world)
    page = browser.get(browser.console)

    for source in re.findall(r'<script src="([^"]+)"', page.text):
        script = browser.get(urljoin(str(page.url), source))
        assert script.status_code == 200, source
        assert script.headers["Content-Type"].startswith("text/javascript")
        assert "immutable" in script.headers["Cache-Control"]
