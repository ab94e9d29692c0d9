"""Test the links that the office and a channel make: who may, that a repeated request has the same link, and revocation."""

import pytest

from tests.functions.selfservice.holder import LINK, Holder, link_of
from tests.functions.world import World


def test_a_link_is_made_with_its_last_day_and_epoch(world: World) -> None:
    order_id = world.placed()

    reply = world.call("POST", f"/v1/orders/{order_id}/links", {})

    assert reply.status == 201
    assert {name: reply.body[name] for name in ("order_id", "epoch", "expires", "revoked")} == {
        "order_id": order_id,
        "epoch": 1,
        "expires": "2027-05-18",
        "revoked": False,
    }
    found = LINK.fullmatch(reply.body["url"])
    assert found is not None
    assert Holder(found[1]).get().status == 200


def test_a_repeated_request_has_the_same_link_and_no_table_keeps_it(world: World) -> None:
    order_id = world.placed()

    first, again = (world.call("POST", f"/v1/orders/{order_id}/links", {"revoke": True}, key="k") for _ in range(2))

    assert first.body == again.body
    assert first.body["epoch"] == 2
    token = first.body["url"].rpartition("/")[2]
    assert token[-20:] not in str(world.tables())


def test_a_revocation_ends_every_link_before_it(world: World) -> None:
    order_id = world.placed()
    before = [Holder(link_of(world, order_id)) for _ in range(2)]

    after = Holder(link_of(world, order_id, revoke=True))
    last = Holder(link_of(world, order_id, revoke=True))

    assert [one.get().status for one in (*before, after, last)] == [404, 404, 404, 200]
    assert world.order(order_id)["version"] == 1  # it is no change of the order


@pytest.mark.parametrize(("who", "status"), [("other-shop", 404), ("sales", 201), ("dc-1-system", 403), ("form", 403)])
def test_who_makes_a_link(world: World, who: str, status: int) -> None:
    assert world.call("POST", f"/v1/orders/{world.placed()}/links", {}, who=who).status == status


def test_a_field_that_is_no_boolean_is_refused_by_its_name(world: World) -> None:
    reply = world.call("POST", f"/v1/orders/{world.placed()}/links", {"revoke": "maybe"})

    assert (reply.status, reply.errors[0][0]) == (422, "/revoke")
