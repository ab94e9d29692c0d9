"""Test that refusals are sentences for people, with indexes of lines and names of things, and without expressions of programs."""

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

from comanda.aws.api import http
from comanda.domain.errors import ComandaError, Invalid
from functions.notify import rules as mail_rules
from tests.functions.inbox.test_text_fields import models
from tests.functions.world import World, a_body, usd

ROOT = Path(__file__).parents[2]
MODELS = sorted(models(), key=lambda model: (model.__module__, model.__name__))
WRONG = (
    None,
    True,
    1.5,
    -(10**30),
    10**30,
    "",
    " ",
    "x",
    "\0",
    "\u0661",
    "4111 1111 1111 1111",
    "x" * 600,
    [],
    [1],
    ["a", "a"],
    {},
    {"": 1},
    {"a b": {}},
)
NOT_WORDS = re.compile(r"\[\^?[A-Za-z0-9]-|\\d|\\s|\^|\{\d|Input should|should (?:have|be|match)|Value error|pydantic")
WORDS = ("message", "says", "what", "HALF_A_PAIR", "error")  # names of texts that are messages already
REFUSALS = {
    "Problem",
    "ValueError",
    "NotAllowed",
    "NotFound",
    "Refused",
    "BadRequest",
    "Forbidden",
    "PydanticCustomError",
    "WrongText",
    "Wrong",
}


@pytest.mark.parametrize("model", MODELS, ids=lambda model: f"{model.__module__.split('.')[-2]}-{model.__name__}")
def test_every_refusal_of_a_contract_is_in_words(model: Any) -> None:
    names = [field.alias or name for name, field in model.model_fields.items()]
    bodies: list[Any] = [[], "text", 1, {}, {"no_such_field": 1}, *(dict.fromkeys(names, value) for value in WRONG)]
    told: set[str] = set()
    for body in bodies:
        try:
            http.read({"body": json.dumps(body)}, model)
        except Invalid as refused:
            told |= {problem.message for problem in refused.problems}
        except ComandaError as refused:
            told.add(str(refused))

    assert told
    assert not [message for message in told if NOT_WORDS.search(message) or not message.isprintable()]


def test_no_refusal_in_the_source_repeats_a_regular_expression() -> None:
    found = []
    for path in [*(ROOT / "comanda").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                not isinstance(node, ast.Call)
                or getattr(node.func, "id", getattr(node.func, "attr", "")) not in REFUSALS
            ):
                continue
            words = [c.value for c in ast.walk(node) if isinstance(c, ast.Constant) and isinstance(c.value, str)]
            found += [f"{path.name}:{node.lineno}: {word}" for word in words if NOT_WORDS.search(word)]

    assert not found


def test_no_refusal_in_the_source_shows_a_bare_value() -> None:
    found = []
    for path in [*(ROOT / "comanda").rglob("*.py"), *(ROOT / "functions").rglob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in ("Problem", "_problem"):
                continue
            said = (
                next((given.value for given in node.keywords if given.arg == "message"), None)
                or (node.args or [None])[-1]
            )
            word = getattr(said, "attr", getattr(said, "id", "message"))
            found += [f"{path.name}:{node.lineno}: {word}"] if word not in WORDS else []

    assert not found


def test_a_refused_line_is_pointed_to_by_its_index_and_called_by_its_name(world: World) -> None:
    named = "gid://shop/LineItem/1"
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed({"sku": "TEA-001", "quantity": 2, "unit_price": usd(1000), "line_id": named})
    world.settle()
    etag = world.call("GET", f"/v1/orders/{order_id}").etag

    cancelled = world.call(
        "POST",
        f"/v1/orders/{order_id}/cancel",
        {"reason": "x", "lines": [{"line_id": named, "quantity": 9}]},
        if_match=etag,
    )
    world.steps(order_id, "accept", "start-pick")
    picked = world.step(order_id, "pick", 1, {"lines": [{"line_id": named, "quantity": 9}]})
    strange = world.step(
        order_id, "pick", 1, {"lines": [{"line_id": named, "quantity": 1}, {"line_id": "7", "quantity": 1}]}
    )

    for reply, pointer, name in (
        (cancelled, "/lines/0/quantity", named),
        (picked, "/lines/0/quantity", named),
        (strange, "/lines/1/line_id", "7"),
    ):
        (error,) = reply.body["errors"]
        assert error["pointer"] == pointer
        assert name in error["message"]


def test_an_order_goes_through_all_steps_with_any_ids_that_a_shop_gave_it(world: World) -> None:
    for n, named in enumerate(("gid://shop/LineItem/1", "a#b%2F c|d", "\u4eac" * 66, "x" * 128)):
        order = world.place_order(
            {"sku": "TEA-002", "quantity": 2, "unit_price": usd(1000), "line_id": named},
            external_id=f"\U0001f600{n}" * 40,
        )
        assert order.status == 201, order.body
        world.settle()  # it waits for stock under its line's name
        world.stocked("TEA-002", dc_1=2)
        world.settle()
        order_id = order.body["order_id"]
        world.steps(order_id, "accept", "start-pick", "pick", "pack", "ship")
        world.settle()

        found = world.order(order_id)
        assert found["lines"][0]["line_id"] == named
        assert found["quantities"] == {"SHIPPED": 2}


def test_blanks_around_an_external_id_make_no_second_order(world: World) -> None:
    first = world.call("POST", "/v1/orders", a_body(external_id="Caf\u00e9-1")).body["order_id"]

    again = world.call("POST", "/v1/orders", a_body(external_id=" Cafe\u0301-1\u00a0"))
    asked = world.call("GET", "/v1/orders", query={"channel": "web", "external_id": "Cafe\u0301-1 "})

    assert (again.status, again.body["order_id"]) == (409, first)
    assert [order["order_id"] for order in asked.body["items"]] == [first]


def test_an_order_without_an_e_mail_is_placed_for_a_guest_of_its_own(world: World) -> None:
    customer = {"name": "Till 4"}
    orders = [world.place_order(("TEA-001", 1), external_id=f"T-{n}", customer=customer) for n in range(2)]

    world.settle()

    assert [order.status for order in orders] == [201, 201]
    assert len({order.body["customer_id"] for order in orders}) == 2


def test_an_international_domain_is_kept_as_it_was_sent_and_mailed_in_punycode(world: World) -> None:
    order_id = world.placed(("TEA-001", 1), customer={"name": "Ana", "email": "ana@m\u00fcnchen.example"})

    kept = world.call("GET", f"/v1/orders/{order_id}/contact").body

    assert kept["customer"]["email"] == "ana@m\u00fcnchen.example"
    assert mail_rules.mail_address(kept) == "ana@xn--mnchen-3ya.example"


@pytest.mark.parametrize("locale", ["en_US", "es-419", "pt_BR", "zh-Hant-TW"])
def test_a_locale_is_taken_as_shop_platforms_write_it(world: World, locale: str) -> None:
    reply = world.place_order(("TEA-001", 1), locale=locale)

    assert reply.status == 201
    assert reply.body["locale"] == locale.replace("_", "-")
    world.settle()


def test_texts_of_a_shop_are_shown_as_they_were_sent(world: World) -> None:
    body = a_body(
        tags=["VIP & friends"],
        attributes={"gift wrap?": "yes"},
        charges=[{"kind": "Env\u00edo (24 h)", "amount": usd(0)}],
    )
    body["lines"][0]["discounts"] = [{"code": "10% OFF", "amount": usd(0)}]

    reply = world.call("POST", "/v1/orders", body)

    assert reply.status == 201, reply.body
    assert reply.body["tags"] == ["VIP & friends"]
    assert reply.body["charges"][0]["kind"] == "Env\u00edo (24 h)"
    assert reply.body["lines"][0]["discounts"][0]["code"] == "10% OFF"


@pytest.mark.parametrize(
    ("where", "value"),
    [
        (
            "/payments/0/expires_at",
            {
                "payments": [
                    {"method": "CARD", "reference": "r", "authorized": usd(1000), "expires_at": "2001-01-01T00:00:00Z"}
                ]
            },
        ),
        ("/requested/deliver_by", {"requested": {"deliver_by": "2001-01-01"}}),
        ("/requested/not_before", {"requested": {"not_before": "2001-01-01"}}),
        ("/requested/not_before", {"requested": {"not_before": "2026-12-24", "deliver_by": "2026-12-01"}}),
    ],
)
def test_an_impossible_day_is_refused(world: World, where: str, value: dict[str, Any]) -> None:
    reply = world.call("POST", "/v1/orders", a_body(**value))

    assert (reply.status, [pointer for pointer, _ in reply.errors]) == (422, [where])


@pytest.mark.parametrize("carrier", ["Transportes & C\u00eda (Sur)", "L'\u00c9toile", "\u4eac\u6771"])
def test_a_package_takes_any_name_of_a_carrier(world: World, carrier: str) -> None:
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(order_id, "accept", "start-pick", "pick", "pack")

    reply = world.step(
        order_id, "ship", 1, {"packages": [{"package_id": "p1", "carrier": carrier, "service": carrier}]}
    )

    assert reply.status == 200, reply.body
    assert reply.body["packages"][0]["carrier"] == carrier


def test_units_cannot_be_shipped_before_they_were_ordered(world: World) -> None:
    world.stocked("TEA-001", dc_1=5)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(order_id, "accept", "start-pick", "pick", "pack")

    reply = world.step(order_id, "ship", 1, {"shipped_at": "2026-11-18T10:00:00Z"})

    assert reply.errors == [("/shipped_at", "before-the-order")]
