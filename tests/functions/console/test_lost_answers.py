"""Send again from the page that says so what the API did and did not answer in time: it is done once."""

import contextlib
from collections.abc import Iterator

import pytest

from comanda.aws.api_client import calls
from comanda.aws.api_client.server import NoAnswer
from functions.console import render
from tests.functions.console.test_change_page import make, order_id, preview
from tests.functions.console.test_order_page import digital, fields, waiting

__all__ = ["digital", "order_id", "waiting"]

AGAIN = "No answer came in time. Send it again: it is done once."


@contextlib.contextmanager
def answers_are_lost(ending: str) -> Iterator[None]:
    """Let the API do what a path with this ending asks for, and its answer never arrive."""
    plain = calls.send

    def send(server, call, *rest):
        answer = plain(server, call, *rest)
        if call.method != "GET" and call.path.endswith(ending):
            raise NoAnswer("lost") from TimeoutError()
        return answer

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(calls, "send", send)
        yield


def sent_twice(person, path, do, ending, **typed):
    """Send a form whose answer is lost, press the button of the page that says so, and return the last page."""
    with answers_are_lost(ending):
        page = person.post(path, fields(person.get(path), do) | typed)
    assert page.status == 503
    assert AGAIN in page.text
    return person.post(path, fields(page, do))


def test_units_are_provided_once(sales, world, digital):
    typed = {"line_id": "1", "quantity": "1", "kind": "CODE", "text": "ABCD <1>"}

    page = sent_twice(sales, f"orders/{digital}", "provide", "/provide", **typed)

    assert "The units were provided." in page.text
    assert world.order(digital)["quantities"] == {"PROVIDED": 1, "SCHEDULED": 1}
    assert "ABCD &lt;1&gt;" in sales.get(f"orders/{digital}?customer=shown").text


def test_an_order_is_held_once_and_nobody_else_is_blamed_for_it(sales, world, waiting):
    world.hold_type("CHECK")

    page = sent_twice(sales, f"orders/{waiting}", "hold", "/holds", type="CHECK", reason="ask first")

    assert "The order is held." in page.text
    assert len(world.order(waiting)["holds"]) == 1


def test_a_case_is_opened_once(sales, world, waiting):
    typed = {"kind": "LATE", "author": "CUSTOMER", "line_id": "", "text": "Where is it?"}

    page = sent_twice(sales, f"orders/{waiting}", "case", "/cases", **typed)

    assert "The case was opened." in page.text
    assert len(world.call("GET", "/v1/cases", query={"order_id": waiting}, who="office").body["items"]) == 1


def test_a_payment_is_noted_once(sales, world, waiting):
    price = {"modification": "charge", "kind": "WRAP", "amount": {"amount": 500, "currency": "USD"}}
    assert world.change(waiting, "changes", {"reason": "gift", "pending": True, "changes": [price]}).status == 202
    typed = {"pay_amount": "5.00", "pay_method": "CARD", "pay_reference": "auth-2"}

    page = sent_twice(sales, f"orders/{waiting}", "pay", "/payments", **typed)

    assert "The payment was noted." in page.text
    assert [one["reference"] for one in world.order(waiting)["payments"]].count("auth-2") == 1


def test_a_change_is_made_once(sales, world, order_id):
    page = preview(sales, order_id, quantity__0="1", note="ring once")
    with answers_are_lost("/changes"):
        page = make(sales, order_id, page)
    assert AGAIN in page.text

    page = sales.post(f"orders/{order_id}/change", fields(page, "make"))

    assert "The order was changed." in page.text
    assert world.order(order_id)["quantities"]["CANCELLED"] == 2


def test_what_the_api_never_did_is_done_when_it_is_sent_again(sales, gateway, world, waiting):
    world.hold_type("CHECK")
    path = f"orders/{waiting}"
    gateway.broken.add(f"/v1/orders/{waiting}/holds")
    page = sales.post(path, fields(sales.get(path), "hold") | {"type": "CHECK", "reason": "ask first"})
    gateway.broken.clear()
    assert page.status == 502
    assert "Send it again: it is done once." in page.text

    page = sales.post(path, fields(page, "hold"))

    assert "The order is held." in page.text
    assert len(world.order(waiting)["holds"]) == 1


@pytest.mark.parametrize("locale", ["pt-BR", "es"])
def test_the_page_is_in_the_readers_language(sales_in, waiting, locale):
    person = sales_in(locale)
    path = f"orders/{waiting}"
    with answers_are_lost("/holds"):
        page = person.post(path, fields(person.get(path), "hold") | {"type": "CHECK", "reason": "ask"})

    for words in (AGAIN, "Send the form again"):
        assert render.translate(words, locale) in page.text
