"""A customer follows the link of a real mail over HTTP alone, and cancels there."""

import re
from html import unescape
from urllib.parse import urljoin

import httpx

from local import mails
from local.logs import messages
from tests.system.retailer import line
from tests.system.world import PLAIN, DeployedWorld, Json, eventually

LINK = re.compile(r"https?://\S+/v1/s/[A-Za-z0-9_-]+")


def link_in(mail: Json) -> str:
    """Return the link of a mail, which its text and its HTML name alike."""
    (link,) = set(LINK.findall(mail["BodyText"]))
    assert f'href="{link}"' in mail["BodyHtml"]
    return link


def value_in(page: httpx.Response) -> str:
    found = re.search(r'name="value" value="([0-9a-f]{32})"', page.text)
    assert found is not None, page.text
    return found[1]


def test_a_customer_cancels_by_the_link_of_a_mail(world: DeployedWorld):
    order = world.place_order(line(world.sku(), 2), line(world.sku(), 1))
    order = world.until(order, lambda now: now["status"] == "BACKORDERED", "no stock")
    world.mailed(order, 1)
    subject = f"We have received your order {order['external_id']}"
    first = next(mail for mail in mails.sent(world.instance) if mail["Subject"] == subject)
    code = world.office.get(f"/v1/orders/{order['order_id']}/contact")["ship_to"]["postal_code"]

    link = link_in(first)
    with httpx.Client(**PLAIN) as browser:
        page = browser.get(link)
        assert page.status_code == 200, page.text
        assert "3 x Waiting for stock" in page.text
        assert code not in page.text
        assert page.headers["Referrer-Policy"] == "no-referrer"
        sheets = re.findall(r'rel="stylesheet" href="([^"]+)"', page.text)
        assert len(sheets) == 2
        for sheet in sheets:
            assert browser.get(urljoin(link, unescape(sheet))).status_code == 200
        form = {"value": value_in(page), "proof": code, "do": "cancel-all"}
        wrong = browser.post(link, data={**form, "proof": "wrong"})
        done, again = browser.post(link, data=form), browser.post(link, data=form)
        assert (wrong.status_code, done.status_code, again.status_code) == (422, 200, 409)

        order = world.until(order, lambda now: now["status"] == "CANCELLED", "cancelled")
        events = world.office.get(f"/v1/orders/{order['order_id']}/events")["items"]
        (cancelled,) = (event for event in events if event["type"] == "cancelled")
        assert cancelled["actor"] == "customer"
        eventually(lambda: f"Your order {order['external_id']} is cancelled" in world.mails(order), "the mail of it")

        made = world.office.post(f"/v1/orders/{order['order_id']}/links", {"revoke": True})
        assert browser.get(link).status_code == 404
        assert browser.get(made["url"]).status_code == 200
    logged = "\n".join("\n".join(messages(world.aws("logs"), group)) for group in log_groups(world))
    assert link.rpartition("/")[2] not in logged


def log_groups(world: DeployedWorld) -> list[str]:
    pages = world.aws("logs").get_paginator("describe_log_groups").paginate()
    return [group["logGroupName"] for page in pages for group in page["logGroups"]]
