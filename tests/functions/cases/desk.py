"""Open cases and take their steps in a small retailer, as tests of cases need them."""

from typing import Any

from tests.functions.world import Reply, World

PROVEN = "mx.shop.example; spf=pass smtp.mailfrom=example.org; dmarc=pass (p=NONE) header.from=example.org"


def opened(world: World, order_id: str = "", *, who: str = "office", **changes: Any) -> str:
    """Open a case, of an order or of none, and return its id."""
    reply = open_case(world, order_id, who=who, **changes)
    assert reply.status == 201, reply.body
    return str(reply.body["case_id"])


def open_case(world: World, order_id: str = "", *, who: str = "office", key: str | None = "", **changes: Any) -> Reply:
    path = f"/v1/orders/{order_id}/cases" if order_id else "/v1/cases"
    body = {
        name: value for name, value in {"kind": "LATE", "text": "Where is it?", **changes}.items() if value is not None
    }
    return world.call("POST", path, body, who=who, key=key)


def step(world: World, case_id: str, verb: str, *, who: str = "office", **body: Any) -> Reply:
    return world.call("POST", f"/v1/cases/{case_id}/{verb}", body, who=who)


def closed_cases(world: World, *case_ids: str) -> None:
    """Close cases of orders, so that their customer may be erased."""
    for case_id in case_ids:
        assert step(world, case_id, "close", outcome="ANSWERED").status == 200


def case(world: World, case_id: str, who: str = "office") -> dict[str, Any]:
    reply = world.call("GET", f"/v1/cases/{case_id}", who=who)
    assert reply.status == 200, reply.body
    found: dict[str, Any] = reply.body
    return found


def listed(world: World, who: str = "office", **query: str) -> list[str]:
    reply = world.call("GET", "/v1/cases", who=who, query=query)
    assert reply.status == 200, reply.body
    return [one["case_id"] for one in reply.body["items"]]


def send_mail(
    world: World, *headers: tuple[str, str], who: str = "mailbox", key: str | None = "", **changes: Any
) -> Reply:
    body = {
        "message_id": "<1@mail.example.org>",
        "from": "Ada Byron <ada@example.org>",
        "subject": "My order",
        "text": "Where is my order?",
        "headers": [{"name": name, "value": value} for name, value in headers],
        **changes,
    }
    return world.call("POST", "/v1/case-mails", {n: v for n, v in body.items() if v is not None}, who=who, key=key)


def result(reply: Reply) -> str:
    assert reply.status in (200, 201), reply.body
    return " ".join(filter(None, (reply.body["result"], reply.body["reason"])))
