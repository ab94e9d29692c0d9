"""A customer without their link asks for a new one, and nobody learns by asking which orders exist."""

import json
from typing import Any

import pytest

from tests.functions.erase.test_erase import closed, customer_of, erase
from tests.functions.world import Reply, World, a_body

ORDER = {"channel": "web", "external_id": "WEB-7"}


@pytest.fixture
def order_id(world: World) -> str:
    found = world.placed(external_id="WEB-7")
    world.settle()
    world.hops.sent.clear()
    return found


def ask(world: World, **said: Any) -> Reply:
    return world.call("POST", "/v1/order-lookups", ORDER | said, who="nobody", key=None)


def mailed(world: World) -> list[dict[str, Any]]:
    world.settle()
    return world.hops.sent


@pytest.mark.parametrize(
    "said",
    [
        {"email": "ada@example.org"},
        {"email": " ADA@example.org "},
        {"postal_code": "60601"},
        {"postal_code": "6060-1"},
    ],
)
def test_whoever_knows_the_order_gets_a_link_at_its_own_address(world: World, order_id: str, said: dict[str, str]):
    postal = world.call("GET", f"/v1/orders/{order_id}/contact", who="office").body["ship_to"]["postal_code"]
    said = {
        name: text.replace("60601", postal).replace("6060-1", f"{postal[:-1]}-{postal[-1]}")
        for name, text in said.items()
    }

    assert ask(world, **said).status == 202

    (mail,) = mailed(world)
    assert mail["Destination"]["ToAddresses"] == ["ada@example.org"]
    assert "/v1/s/" in json.dumps(mail)
    assert "WEB-7" in mail["Content"]["Simple"]["Subject"]["Data"]


@pytest.mark.parametrize(("field", "longest"), [("email", f"aa@{'.'.join(['x' * 62] * 4)}"), ("postal_code", "1" * 16)])
def test_a_proof_has_a_length(world: World, field: str, longest: str):
    assert ask(world, **{field: longest}).status == 202

    refused = ask(world, **{field: longest + "1"})

    assert (refused.status, refused.body["errors"][0]["pointer"]) == (422, f"/{field}")


@pytest.mark.parametrize(
    "said",
    [
        {"email": "eve@example.org"},
        {"postal_code": "99999"},
        {"external_id": "WEB-8", "email": "ada@example.org"},
        {"channel": "outlet", "email": "ada@example.org"},
        {"channel": "nowhere", "email": "ada@example.org"},
    ],
)
def test_every_request_has_the_same_answer_and_a_wrong_one_mails_nothing(
    world: World, order_id: str, said: dict[str, str]
):
    right, wrong = ask(world, email="ada@example.org"), ask(world, **said)

    assert (wrong.status, wrong.body) == (right.status, right.body)
    assert len(mailed(world)) == 1


def test_the_door_reads_no_order_and_passes_on_no_text_of_a_person(world: World, order_id: str):
    ask(world, email="ada@example.org")

    ((room, payload),) = world.hops.asynchronous
    assert room == "notify"
    assert "ada" not in json.dumps(payload)


def test_an_order_gets_one_mail_an_hour_whoever_asks(world: World, order_id: str):
    for _ in range(3):
        ask(world, email="ada@example.org")
        assert len(mailed(world)) == 1
    world.pass_time(3600)
    ask(world, email="ada@example.org")
    assert len(mailed(world)) == 2


def test_a_network_asks_ten_times_in_ten_minutes(world: World, order_id: str):
    assert [ask(world, email="eve@example.org").status for _ in range(11)] == [202] * 10 + [429]
    world.pass_time(600)
    assert ask(world, email="ada@example.org").status == 202


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ({}, "/email"),
        ({"email": "ada@example.org", "postal_code": "60601"}, "/email"),
        ({"email": "\ud800@example.org"}, "/email"),
        ({"email": ""}, "/email"),
        ({"postal_code": "9" * 200}, "/postal_code"),
        ({"postal_code": "1", "external_id": ""}, "/external_id"),
        ({"postal_code": "1", "channel": "{{7*7}}"}, "/channel"),
        ({"postal_code": "1", "name": "Ada"}, "/name"),
    ],
)
def test_a_request_that_proves_nothing_is_refused_at_its_field(world: World, order_id: str, said: Any, at: str):
    reply = ask(world, **said)

    assert (reply.status, [error["pointer"] for error in reply.body["errors"]]) == (422, [at])


def test_a_draft_and_an_erased_order_get_no_link(world: World):
    world.call("POST", "/v1/orders", a_body(external_id="WEB-7", draft=True), who="shop")
    world.settle()
    world.hops.sent.clear()

    assert ask(world, email="ada@example.org").status == 202
    gone = closed(world, external_id="WEB-9")
    assert erase(world, customer_of(gone)).status == 200
    world.hops.sent.clear()
    assert ask(world, external_id="WEB-9", email="ada@example.org").status == 202
    assert mailed(world) == []
