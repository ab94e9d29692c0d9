"""A person signs in to the deployed console by the pool's own page, under the rights that the template gives its room."""

import re
import uuid
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import urljoin

import boto3
import httpx
import pytest
from botocore.exceptions import ClientError

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import item
from infra import names
from infra.stages import LOCAL
from local.instance import REGION
from tests.system.retailer import line
from tests.system.world import PLAIN, DeployedWorld

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
        answer = httpx.request(method, url, data=form, headers=headers, **PLAIN)
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


def signed_in(browser: Browser, email: str, password: str = PASSWORD) -> httpx.Response:
    page = browser.follow(browser.get(f"{browser.console}/sign-in"))
    fields = {name: unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]*)"', page.text)}
    form = {**fields, "username": email, "password": password}
    return browser.follow(browser.post(urljoin(str(page.url), "/login"), form))


def test_nothing_is_shown_to_a_person_who_has_not_signed_in(world: DeployedWorld):
    browser = Browser(world)

    for path in ("", "/orders", "/queues/SALES_REVIEW"):
        answer = browser.get(browser.console + path)
        assert answer.status_code == 401, path
        assert "sign-in" in answer.text


def test_a_person_signs_in_and_out_by_the_pools_own_page(world: DeployedWorld, person: str):
    browser = Browser(world)

    home = signed_in(browser, person)
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


def test_a_form_of_another_site_signs_nobody_out(world: DeployedWorld, person: str):
    browser = Browser(world)
    signed_in(browser, person)
    browser.origin = "https://evil.test"

    assert browser.post(f"{browser.console}/sign-out", {}).status_code == 403
    assert browser.get(browser.console).status_code == 200


def test_the_role_of_the_console_reads_no_order_no_stock_no_customer_and_no_directory(world: DeployedWorld):
    order = world.place_order(line(world.sku(dc_east=1)))
    tables = _as_the_console(world)

    for table in (names.ORDERS, names.STOCK, names.CUSTOMERS, names.DIRECTORY):
        table_name = world.deployed[table]
        for read, asked in (
            (tables.get_item, {"Key": item(dict(keys.order(order["order_id"])))}),
            (tables.scan, {}),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                read(TableName=table_name, **asked)
    mine = tables.get_item(TableName=world.deployed[names.SESSIONS], Key=item(dict(keys.session("none"))))
    assert "Item" not in mine


def _as_the_console(world: DeployedWorld) -> Any:
    """Return a client of DynamoDB with the rights of the console's role, as a thief of the room would have them."""
    function = world.aws("lambda").get_function_configuration(FunctionName=names.function(LOCAL, "console"))
    given = world.aws("sts").assume_role(RoleArn=function["Role"], RoleSessionName="thief")["Credentials"]
    return boto3.client(
        "dynamodb",
        endpoint_url=world.instance.endpoint,
        region_name=REGION,
        aws_access_key_id=given["AccessKeyId"],
        aws_secret_access_key=given["SecretAccessKey"],
        aws_session_token=given["SessionToken"],
    )
