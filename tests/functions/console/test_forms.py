"""Each form does its action once, keeps what was typed, and refuses what no page of ours sends."""

import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from comanda.aws.api_client.calls import Answer
from functions.console import forms, problems
from functions.console.incoming import Incoming
from tests.functions.world import a_body


@pytest.fixture
def order(world) -> str:
    """Place an order that a person has to confirm, and return its id."""
    world.stocked(dc_1=50)
    world.hold_type()
    return _held(world)


def _held(world) -> str:
    body = a_body({"sku": "TEA-001", "quantity": 2, "unit_price": {"amount": 100_000, "currency": "USD"}})
    reply = world.call("POST", "/v1/orders", body)
    assert reply.status == 201, reply.body
    return str(reply.body["order_id"])


def test_a_form_confirms_and_leads_to_the_page_with_a_message_shown_once(sales, world, trial, order):
    fields = sales.get(f"trial/{order}").fields()

    sent = sales.post(f"trial/{order}", fields, follow=False)

    assert sent.status == 303
    assert sent.location == f"{sales.console}/trial/{order}"
    assert "The order was confirmed." in sales.get().text
    assert "The order was confirmed." not in sales.get().text
    assert [row["type"] for row in world.order_items(order, "E#")].count("confirmed") == 1


def test_a_double_click_and_the_back_button_confirm_once(sales, world, trial, order):
    fields = sales.get(f"trial/{order}").fields()
    at_once = threading.Barrier(2)

    def click(_: int) -> int:
        at_once.wait()
        return sales.post(f"trial/{order}", fields, follow=False).status

    with ThreadPoolExecutor(2) as pool:
        statuses = set(pool.map(click, range(2)))
    again = sales.post(f"trial/{order}", fields, follow=False)

    assert statuses <= {303, 503, 409}
    assert again.status == 303
    assert [row["type"] for row in world.order_items(order, "E#")].count("confirmed") == 1


def test_an_answer_that_was_lost_is_given_again(sales, world, trial, order, monkeypatch):
    fields = sales.get(f"trial/{order}").fields()
    with monkeypatch.context() as patch:
        patch.setattr("functions.console.request.Request.done", lambda *_: 1 / 0)
        assert sales.post(f"trial/{order}", fields).status == 500

    again = sales.post(f"trial/{order}", fields, follow=False)

    assert again.status == 303
    assert [row["type"] for row in world.order_items(order, "E#")].count("confirmed") == 1


def test_a_412_names_what_changed_and_keeps_what_was_typed(sales, world, trial, order):
    fields = sales.get(f"trial/{order}").fields()
    assert world.change(order, "confirm").status == 200

    page = sales.post(f"trial/{order}", {**fields, "do": "reject", "note": "caf\u00e9 <b> \U0001f375"})

    assert page.status == 412
    assert "Somebody changed this since you opened it" in page.text
    assert "confirmed" in page.text
    assert "caf\u00e9 &lt;b&gt; \U0001f375" in page.text
    assert page.fields()["key"] != fields["key"]


def test_a_422_names_the_field_of_the_form(sales, trial, order):
    fields = sales.get(f"trial/{order}").fields()

    page = sales.post(f"trial/{order}", {**fields, "do": "reject", "note": ""})

    assert page.status == 422
    assert "reason" in page.text


# A key that was made for `sales`. It is written down, so that all processes of a run give the tests the same names.
KEY = "01M7RHMR003E0YBGGZXAMP3TCX"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("", 400),
        ("note=x", 400),
        (f"key={KEY}&key={KEY}", 400),
        ("key=not-a-key", 400),
        (f"key={KEY.lower()}", 400),
        (f"key={KEY}&version=%22v1%22%0d%0aX:1", 400),
        (f"key={KEY}&version=%22v1%22&version=%22v2%22", 400),
        (f"key={KEY}&other=1", 400),
        (f"key={KEY}&note=1&note=2", 400),
        (f"key={KEY}&%ff=1", 400),
        (f"key={KEY}&note=%ff%fe", 400),
        (f"key={KEY}&note=%ED%A0%80", 400),
        (f"key={KEY}&=x", 400),
        (f"key={KEY}&a b=x", 400),
        (f"key={KEY}&note=" + "x" * 20_001, 413),
        ("x" * 200_001, 413),
        ("&".join(f"f{n}=1" for n in range(forms.MOST_FIELDS + 1)), 413),
        ("\ud800", 400),
        ("%", 400),
        ("&&&&", 400),
        ('{"key": 1}', 400),
    ],
)
def test_a_body_that_no_form_of_ours_sends_is_refused_in_words(sales, gateway, trial, order, body, status):
    gateway.calls.clear()

    page = sales.post(f"trial/{order}", body)

    assert page.status == status
    assert "Nothing was done." in page.text
    assert not [call for call in gateway.calls if call[0] == "POST"]


@pytest.mark.parametrize("kind", ["application/json", "multipart/form-data; boundary=x", "text/plain"])
def test_another_kind_of_body_is_refused(sales, trial, order, kind):
    assert sales.post(f"trial/{order}", f"key={KEY}", headers={"Content-Type": kind}).status == 415


def test_a_form_whose_session_ended_is_not_done_and_asks_to_sign_in_in_a_new_tab(sales, gateway, trial, order, world):
    fields = sales.get(f"trial/{order}").fields()
    world.pass_time(31 * 60)
    gateway.calls.clear()

    page = sales.post(f"trial/{order}", fields)

    assert page.status == 401
    assert 'target="_blank"' in page.text
    assert gateway.calls == []


def test_a_page_that_takes_no_form_says_so(sales):
    assert sales.post("find", {"key": KEY}).status == 405


def test_an_order_of_nobody_is_a_page_that_is_not_found(sales, trial):
    assert sales.get("trial/ord_us1_01ARZ3NDEKTSV4RRFFQ69G5FAV").status == 404


def test_htmx_gets_the_main_part_of_a_page_alone(sales):
    whole, part = sales.get("find?q=x"), sales.get("find?q=x", **{"HX-Request": "true"})

    assert "<html" in whole.text
    assert "<html" not in part.text
    assert "<h1" in part.text


def test_errors_of_one_field_are_one_sentence_and_pointers_become_fields():
    answer = Answer(
        status=422,
        body={
            "type": "urn:comanda:problem:invalid",
            "detail": "2 fields",
            "errors": [
                {"pointer": "/ship_to/postal_code", "code": "a", "message": "is blank"},
                {"pointer": "/ship_to/postal_code", "code": "b", "message": "is short"},
                {"pointer": "/lines/0/quantity", "code": "c", "message": "is 0"},
                {"pointer": "", "code": "d", "message": "is odd"},
            ],
        },
    )

    refusal = problems.refusal(answer, {"/lines/0/quantity": "quantity-1"})

    assert refusal.fields == {"postal_code": "is blank; is short", "quantity-1": "is 0", "form": "is odd"}


def _incoming(pairs: list[tuple[str, str]]) -> Incoming:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return Incoming(
        method="POST", path="", query={}, headers=kind, body=urlencode(pairs).encode(), trace="", ends_with_slash=False
    )


def test_a_form_has_room_for_the_line_and_the_units_of_each_line_of_the_largest_order():
    lines = [
        pair for i in range(1_000) for pair in ((f"line.{i}", f"line-{i:04}-of-the-shop"), (f"quantity.{i}", "100000"))
    ]
    hidden = [("key", "01ARZ3NDEKTSV4RRFFQ69G5FAV"), ("version", '"v1"'), ("do", "count"), ("code", ""), ("reason", "")]

    form = forms.read(_incoming([*hidden, *lines]))

    taken = form.take("code", "reason", *dict(lines))
    assert taken["quantity.999"] == "100000"
