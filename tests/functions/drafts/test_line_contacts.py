"""Lines of a draft have addresses and gifts of their own, which become those of the order's lines."""

from typing import Any

import pytest

from comanda.aws.directory import directory
from tests.functions.drafts.acts import CHICAGO, a_cart, a_row, act, create, get, patch
from tests.functions.drafts.test_confirm import confirm
from tests.functions.world import World
from tests.invariants import broken

BOSTON = {**CHICAGO, "name": "Grace", "line1": "1 Elm St", "city": "Boston", "region": "MA", "postal_code": "02108"}
BIRTHDAY = {"message": "Happy birthday", "from": "Ada", "wrap": True}


def contact(world: World, draft: dict[str, Any]) -> Any:
    return get(world, draft, below="/contact")


def test_lines_with_an_address_and_a_gift_become_those_of_the_order(world: World):
    world.stocked("TEA-001", dc_1=9)
    lines = [a_row("1", 2), a_row("2", ship_to=BOSTON, gift=BIRTHDAY), a_row("3", ship_to=BOSTON)]

    draft = create(world, ship_to=CHICAGO, lines=lines)

    shown = [(line["destination"] and line["destination"]["region"], line["gift"]) for line in draft["lines"]]
    assert shown == [(None, None), ("MA", {"wrap": True}), ("MA", None)]
    assert contact(world, draft)["lines"] == [
        {"line_id": "2", "ship_to": BOSTON, "gift": BIRTHDAY},
        {"line_id": "3", "ship_to": BOSTON},
    ]
    order = confirm(world, draft).body
    assert [(one["destination"], one["gift"]) for one in order["lines"]] == [(0, None), (1, {"wrap": True}), (1, None)]
    assert order["totals"] == draft["totals"]
    world.settle()
    of_order = world.call("GET", f"/v1/orders/{order['order_id']}/contact", who="office").body
    assert of_order["gifts"] == [{"line_id": "2", **BIRTHDAY}]
    assert of_order["ship_tos"] == [{"destination": 1, "line_ids": ["2", "3"], "ship_to": BOSTON}]
    routed = world.order(order["order_id"])
    assert (routed["quantities"], len(routed["fulfillments"])) == ({"RELEASED": 4}, 2)
    assert broken(world.tables()) == []


def test_reserved_units_go_to_the_addresses_of_the_lines(world: World):
    world.stocked("TEA-001", dc_1=4)
    wanted = {"request_id": "r", "channel": "web", "lines": [{"sku": "TEA-001", "quantity": 4, "node_id": "dc-1"}]}
    kept = world.call("POST", "/v1/reservations", wanted, who="shop").body["reservation_id"]
    lines = [a_row("1", 3), a_row("2", ship_to=BOSTON, gift=BIRTHDAY)]

    order = confirm(world, create(world, ship_to=CHICAGO, reservation_id=kept, lines=lines)).body

    world.settle()
    routed = world.order(order["order_id"])
    assert routed["quantities"] == {"RELEASED": 4}
    assert [one["destination"] for one in routed["fulfillments"]] == [0, 1]
    assert broken(world.tables()) == []


def test_a_draft_whose_lines_all_have_an_address_needs_none_of_its_own(world: World):
    world.stocked("TEA-001", dc_1=3)

    order = confirm(world, create(world, lines=[a_row("1", 3, ship_to=BOSTON)]))

    assert (order.status, order.body["destinations"][0]["region"]) == (201, "MA")


def test_a_line_that_is_set_anew_keeps_its_address_and_gift_unless_the_request_sends_them(world: World):
    draft = create(world, ship_to=CHICAGO, lines=[a_row("1", ship_to=BOSTON, gift=BIRTHDAY), a_row("2")])

    more = patch(world, draft, set_lines=[a_row("1", 5)]).body
    assert (more["lines"][0]["quantity"], more["lines"][0]["gift"]) == (5, {"wrap": True})
    assert more["lines"][0]["destination"]["region"] == "MA"
    assert contact(world, draft)["lines"] == [{"line_id": "1", "ship_to": BOSTON, "gift": BIRTHDAY}]
    plain = patch(world, more, set_lines=[a_row("1", 5, gift=None)]).body
    assert contact(world, draft)["lines"] == [{"line_id": "1", "ship_to": BOSTON}]
    said = patch(world, plain, set_lines=[a_row("1", 5, gift={"message": "x"}, ship_to=None)]).body
    assert (said["lines"][0]["destination"], said["lines"][0]["gift"]) == (None, {"wrap": False})
    words = patch(world, said, set_lines=[a_row("1", 5, gift={"message": "y"})]).body
    assert get(world, draft, below="/events")["items"][-1]["data"]["fields"] == ["lines"]
    replaced = patch(world, words, lines=[a_row("1"), a_row("2")]).body
    assert replaced["lines"][0]["gift"] is None
    assert "lines" not in contact(world, draft)


def test_a_line_that_is_removed_takes_its_address_and_gift_along(world: World):
    draft = create(world, lines=[a_row("1", ship_to=BOSTON, gift=BIRTHDAY), a_row("2")])

    changed = patch(world, draft, remove_lines=["1"]).body

    assert "lines" not in contact(world, draft)
    again = patch(world, changed, set_lines=[a_row("1")]).body
    assert [line["gift"] for line in again["lines"]] == [None, None]


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ({"ship_to": {**BOSTON, "country": "FR", "region": ""}}, ("/ship_to/country", "not-shipped-to")),
        ({"ship_to": {**BOSTON, "postal_code": "x"}}, ("/ship_to/postal_code", "malformed")),
        ({"ship_to": {**BOSTON, "latitude": 1.0}}, ("/ship_to", "half-a-coordinate")),
        ({"ship_to": BOSTON, "fulfillment": {"method": "PICKUP", "node_id": "store-1"}}, ("/ship_to", "picked-up")),
        ({"ship_to": BOSTON, "kind": "SERVICE"}, ("/ship_to", "not-for-this-kind")),
        ({"gift": BIRTHDAY, "kind": "DIGITAL"}, ("/gift", "not-for-this-kind")),
        ({"gift": {"message": "\u200b"}}, ("/gift/message", "string-too-short")),
        ({"ship_to": BOSTON, "fulfillment": {"group": "kit"}}, ("/ship_to", "mixed-group")),
    ],
    ids=lambda value: str(value)[-40:],
)
def test_an_address_or_gift_that_a_line_cannot_have_is_refused_by_its_field(
    world: World, line: dict[str, Any], wrong: tuple[str, str]
):
    draft = create(world, ship_to=CHICAGO, lines=[a_row("1", fulfillment={"group": "kit"})])

    refused = patch(world, draft, set_lines=[a_row("2"), a_row("3", **line)])

    pointer, code = wrong
    assert (refused.status, refused.errors[0]) == (422, (f"/set_lines/1{pointer}", code)), refused.body
    new = world.call("POST", "/v1/drafts", a_cart(ship_to=CHICAGO, lines=[*draft_lines(), a_row("3", **line)]))
    assert new.errors[0] == (f"/lines/1{pointer}", code)


def draft_lines() -> list[dict[str, Any]]:
    return [a_row("1", fulfillment={"group": "kit"})]


def test_a_bundle_is_given_whole(world: World):
    parts = [
        a_row("1", 1, 3_000, kind="BUNDLE", sku="POT-001", gift=BIRTHDAY, ship_to=BOSTON),
        a_row("1a", 1, None, kind="COMPONENT", parent_line_id="1", ratio=1, price_share=400_000),
        a_row("1b", 1, None, kind="COMPONENT", parent_line_id="1", ratio=1, price_share=600_000, sku="CUP-001"),
    ]
    draft = create(world, ship_to=CHICAGO, lines=parts)
    refused = patch(world, draft, set_lines=[{**parts[1], "gift": BIRTHDAY}])

    assert refused.errors == [("/set_lines/0/gift", "gift-of-its-bundle")]
    order = confirm(world, draft)
    assert order.status == 201, order.body
    kept = world.call("GET", f"/v1/orders/{order.body['order_id']}/contact", who="office").body
    assert [one["line_id"] for one in kept["gifts"]] == ["1"]
    assert {one["destination"] for one in order.body["lines"]} == {1}


def test_a_draft_that_is_given_up_forgets_the_people_of_its_lines(world: World):
    draft = create(world, lines=[a_row("1", ship_to=BOSTON, gift=BIRTHDAY)])
    act(world, draft, "abandon")

    assert contact(world, draft) == {}
    stored = str([row for table in world.tables().values() for row in table])
    assert "Elm St" not in stored
    assert "birthday" not in stored


def test_places_that_a_channel_does_not_know_are_refused_at_the_line(world: World):
    web = world.call("GET", "/v1/channels/web", who="office").body
    doc = {name: value for name, value in web.items() if name not in ("id", "version")}
    assert world.call("PUT", "/v1/channels/web", {**doc, "unknown_places": "REFUSE"}, who="office").status == 200
    directory.forget()
    nowhere = {**BOSTON, "city": "Nowhere", "region": "Nowhere", "postal_code": ""}

    refused = world.call("POST", "/v1/drafts", a_cart(lines=[a_row("1", ship_to=nowhere)]))

    assert (refused.status, [at for at, _ in refused.errors]) == (422, ["/lines/0/ship_to"])
