"""A contact that does not fit its item is refused by the name of the field that makes it large, and nothing is stored of it."""

import random
import string
from itertools import batched
from typing import Any

import pytest

from tests.functions.world import World, a_body, usd

CHANCE = random.Random(9)


def noise(length: int) -> str:
    """Return letters that hardly anything compresses."""
    return "".join(CHANCE.choices(string.ascii_letters + "!$&*+<>?^{}~", k=length))


def gifts(count: int) -> list[dict[str, Any]]:
    return [{"sku": "TEA-001", "quantity": 1, "gift": {"message": noise(500)}} for _ in range(count)]


def test_messages_that_do_not_fit_are_refused_by_the_name_of_the_lines(world: World) -> None:
    reply = world.call("POST", "/v1/orders", a_body(*gifts(990), attributes={"a": noise(500)}))

    assert (reply.status, reply.errors) == (422, [("/lines", "contact-too-large")]), reply.body
    assert [row for row in world.tables()["Customers"] if row["pk"].startswith("O#")] == []


@pytest.mark.parametrize("count", [10, 500])
def test_a_contact_that_fits_is_kept_as_it_is(world: World, count: int) -> None:
    reply = world.call("POST", "/v1/orders", a_body(*gifts(count), attributes={f"a{n}": noise(500) for n in range(50)}))

    assert reply.status == 201, reply.body
    contact = world.call("GET", f"/v1/orders/{reply.body['order_id']}/contact").body
    assert (len(contact["gifts"]), len(contact["attributes"])) == (count, 50)


def test_a_change_that_makes_a_contact_too_large_is_refused_and_changes_nothing(world: World) -> None:
    order_id = world.call("POST", "/v1/orders", a_body(*gifts(700))).body["order_id"]
    before = world.tables()["Customers"]
    lines = [{**line, "line_id": f"n{n}"} for n, line in enumerate(a_body(*gifts(290))["lines"])]
    changes = [{"modification": "add_line", "lines": list(some)} for some in batched(lines, 100, strict=False)]
    etag = world.call("GET", f"/v1/orders/{order_id}", who="office").headers["ETag"]
    payments = [{"method": "CARD", "reference": "auth-2", "authorized": usd(1_000_000)}]

    body = {"changes": changes, "payments": payments, "reason": "asked"}
    reply = world.call("POST", f"/v1/orders/{order_id}/changes", body, who="office", if_match=etag)

    assert (reply.status, reply.errors) == (422, [("/changes", "contact-too-large")]), reply.body
    assert world.tables()["Customers"] == before
