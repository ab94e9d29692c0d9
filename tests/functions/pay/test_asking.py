"""A customer is mailed the way to pay, and sees it on the page of the link as long as there is something to pay."""

import html
import re
from typing import Any

import pytest

from comanda.domain.lifecycle.payment_links import MOST
from tests.functions.pay.test_payment_links import noticed, pay, placed
from tests.functions.selfservice.holder import holder
from tests.functions.world import World


def mails(world: World, subject: str) -> list[Any]:
    return [one for one in world.hops.sent if subject in one["Content"]["Simple"]["Subject"]["Data"]]


@pytest.mark.parametrize("method", ["LINK", "PIX"])
def test_the_page_of_the_link_shows_how_to_pay_until_it_is_paid(world: World, stripe, sdk, door, method: str) -> None:
    order_id = placed(world, method)
    page = holder(world, order_id).get()
    (paid,) = world.order(order_id)["payments"]
    if method == "LINK":
        assert f'href="{html.escape(paid["pay"]["url"])}"' in page.text
        assert "Pay now" in page.text
    else:
        assert paid["pay"]["code"] in html.unescape(page.text)
        assert 'src="data:image/svg+xml' in page.text
    assert "Please pay until" in page.text

    pay(door, sdk, method)
    noticed(world, order_id)

    assert "Please pay until" not in holder(world, order_id).get().text


def test_the_page_says_that_the_link_is_being_made(world: World, stripe) -> None:
    world.hops.stopped.add("relay")
    order_id = placed(world)

    assert "is being prepared" in holder(world, order_id).get().text


@pytest.mark.parametrize("method", ["LINK", "PIX"])
@pytest.mark.parametrize(
    ("locale", "subject"),
    [("en-US", "Please pay your order"), ("pt-BR", "Pague seu pedido"), ("es-MX", "Pague su pedido")],
)
def test_the_customer_is_mailed_once_and_again_when_a_person_asks(
    world: World, stripe, method: str, locale: str, subject: str
) -> None:
    order_id = placed(world, method, locale=locale)
    (mail,) = mails(world, subject)
    text = mail["Content"]["Simple"]["Body"]["Text"]["Data"]
    assert re.search(r"/v1/s/[A-Za-z0-9_-]+", text)
    code = (world.order(order_id)["payments"][0]["pay"] or {})["code"]
    assert code is None or code in text

    assert world.change(order_id, "payment-links", {"method": method, "again": True}).status == 202
    world.settle()

    assert len(mails(world, subject)) == 2


def test_an_equal_request_answers_with_the_open_link_and_mails_nobody(world: World, stripe) -> None:
    order_id = placed(world)
    before = world.order(order_id)

    for _ in range(2):
        reply = world.change(order_id, "payment-links", {"method": "LINK"}, key="the-same")
        assert (reply.status, reply.body["payments"]) == (202, before["payments"])
    world.settle()

    assert world.order(order_id) == before
    assert len(mails(world, "Please pay your order")) == 1


def test_a_customer_is_mailed_a_bounded_number_of_times(world: World, stripe) -> None:
    order_id = placed(world)
    asked = [world.change(order_id, "payment-links", {"method": "LINK", "again": True}) for _ in range(MOST + 2)]
    world.settle()

    assert [one.status for one in asked] == [202] * (MOST - 1) + [409] * 3
    assert asked[-1].body["detail"] == "the customer was asked 20 times already to pay the order by a link or a code"
    assert len(mails(world, "Please pay your order")) == MOST
    assert world.order(order_id)["payments"][0]["state"] == "TO_PAY"


def test_a_link_that_is_being_made_is_mailed_once(world: World, stripe) -> None:
    world.hops.stopped.add("relay")
    order_id = placed(world)
    assert world.change(order_id, "payment-links", {"method": "LINK", "again": True}).status == 202
    world.hops.stopped.discard("relay")
    world.settle()

    assert len(mails(world, "Please pay your order")) == 1


def test_nobody_is_mailed_about_a_link_that_is_paid_or_void(world: World, stripe, sdk) -> None:
    world.hops.stopped.add("relay")
    order_id = placed(world)
    world.hops.invoke("pay", {"orders": [order_id]})
    assert world.order(order_id)["payments"][0]["pay"]["url"]
    assert world.change(order_id, "cancel", {"reason": "no"}).status == 200
    world.settle()
    world.hops.stopped.discard("relay")
    world.settle()

    assert mails(world, "Please pay") == []
