"""A shop stores a customer's cart, and an agent finds it, claims it and goes on with it on the phone."""

from datetime import timedelta

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.functions.drafts.acts import ADA, CHICAGO, a_cart, a_row, act, create, find, get, patch
from tests.functions.world import START, World, usd


def test_a_cart_that_was_begun_online_is_finished_by_phone(world: World):
    cart = create(world)
    (found,) = find(world, email="Ada@Example.org")
    assert (found["draft_id"], found["open_cart"]) == (cart["draft_id"], True)
    assert found["customer"] == {"name": "Ada Byron", "email": "ada@example.org", "phone": "+1 312 555 0147"}

    world.aws.put("Directory", **keys.user("sales"), roles=["staff"], limits={"override_percent": 50})
    directory.forget()
    claimed = act(world, cart, "claim").body
    refused = patch(world, cart, set_lines=[a_row("2")])
    assert (refused.status, refused.problem) == (409, "claimed")
    assert (refused.body["until"], refused.body["by"]) == ("2026-11-19T12:15:00.000Z", None)
    assert act(world, cart, "claim", who="office").body["by"] == "sales"

    changed = patch(world, claimed, who="sales", set_lines=[a_row("2", 2, 500, price_reason="as on the phone")])
    assert changed.status == 200, changed.body
    assert changed.body["totals"]["total"] == usd(2000)
    released = act(world, cart, "release").body
    assert released["claim"] is None

    world.settle()
    events = [one for one in world.hops.published if one["type"] == "comanda.draft.changed.v1"]
    assert [one["data"]["step"] for one in events] == ["created", "claimed", "changed", "released"]
    assert [one["sequence"] for one in events] == [1, 2, 3, 4]
    assert events[2]["data"] == {
        "channel": "web",
        "status": "OPEN",
        "step": "changed",
        "fields": ["lines"],
        "change_version": 3,
        "lines": 2,
        "units": 3,
        "total": 2000,
        "currency": "USD",
        "expires_at": "2026-12-20T00:00:00.000Z",
        "claimed_until": "2026-11-19T12:15:00.000Z",
        "order_id": None,
    }
    assert patch(world, released, set_lines=[a_row("3")]).status == 200


def test_a_lease_ends_by_itself_and_each_change_renews_it(world: World):
    cart = create(world)
    claimed = act(world, cart, "claim").body
    world.pass_time(10 * 60)
    changed = patch(world, claimed, who="sales", tags=["phone"]).body
    assert changed["claim"] == {"until": "2026-11-19T12:25:00.000Z", "by": "sales"}
    world.pass_time(14 * 60)
    assert patch(world, changed, tags=["shop"]).status == 409
    world.pass_time(60)

    assert get(world, cart)["claim"] is None
    assert patch(world, changed, tags=["shop"]).status == 200


def test_a_shop_cannot_store_another_cart_while_an_agent_has_the_open_one(world: World):
    cart = create(world)
    act(world, cart, "claim")

    refused = world.call("POST", "/v1/drafts", a_cart())
    assert (refused.status, refused.problem, refused.body["by"]) == (409, "claimed", None)

    world.pass_time(15 * 60)
    later = create(world)
    assert get(world, cart)["open_cart"] is False
    assert get(world, later)["open_cart"] is True
    listed = find(world, who="shop", channel="web", customer_id="77")
    assert [(one["draft_id"], one["open_cart"]) for one in listed] == [
        (later["draft_id"], True),
        (cart["draft_id"], False),
    ]


def test_an_older_cart_becomes_the_open_one_again(world: World):
    first, second = create(world), create(world)
    assert get(world, second)["open_cart"] is True

    assert patch(world, first, open_cart=True).body["open_cart"] is True
    assert get(world, second)["open_cart"] is False


def test_a_cart_of_another_customer_is_theirs(world: World):
    cart = create(world)
    moved = patch(world, cart, customer={"id": "78", "name": "Bob"}).body

    assert moved["open_cart"] is True
    assert moved["customer_id"] != cart["customer_id"]
    assert find(world, customer_id=cart["customer_id"]) == []
    assert find(world, email="ada@example.org") == []
    assert [one["draft_id"] for one in find(world, name="bob")] == [cart["draft_id"]]
    assert [one["draft_id"] for one in find(world, who="shop", channel="web", customer_id="78")] == [cart["draft_id"]]


@pytest.mark.parametrize("query", [{"phone": "0312 555 0147"}, {"name": "byron"}, {"name": "Ada B"}])
def test_the_office_finds_a_draft_as_it_finds_a_customer(world: World, query: dict[str, str]):
    cart = create(world)

    assert [one["draft_id"] for one in find(world, **query)] == [cart["draft_id"]]


def test_a_search_is_noted_and_is_for_the_office_alone(world: World):
    create(world)
    find(world, email="ada@example.org")

    notes = [row for row in world.aws.items("Customers") if row["pk"].startswith("AU#sales#")]
    assert [row["act"] for row in notes] == ["search-email"]
    assert "ada" not in str(notes)
    assert world.call("GET", "/v1/drafts", who="shop", query={"email": "ada@example.org"}).status == 403


def test_a_reader_of_the_contact_is_noted(world: World):
    cart = create(world, ship_to=CHICAGO, note="rings twice", attributes={"buyer_reference": "PO-7", "cart": ""})

    contact = get(world, cart, who="sales", below="/contact")
    assert contact["customer"] == ADA
    assert (contact["ship_to"]["city"], contact["note"]) == ("Chicago", "rings twice")
    assert contact["attributes"] == {"buyer_reference": "PO-7", "cart": ""}
    assert [row["act"] for row in world.aws.items("Customers") if row["pk"].startswith("AU#sales#")] == ["read"]


def test_personal_data_is_in_customers_alone(world: World):
    cart = create(world, ship_to=CHICAGO, bill_to=CHICAGO, note="Byron rings twice")
    patch(world, cart, note="Ada Byron, Main St")
    world.settle()

    assert "Byron" not in str(world.aws.items("Orders"))
    assert "Main St" not in str(world.aws.items("Orders"))
    assert "Byron" not in str(world.hops.published)


def test_a_change_replaces_the_fields_that_it_names(world: World):
    cart = create(
        world,
        lines=[a_row("1", tax_rate="0.1"), a_row("2")],
        ship_to=CHICAGO,
        tags=["vip"],
        note="x",
        charges=[{"kind": "shipping", "amount": usd(500), "tax_rate": "0.1"}],
        discounts=[{"code": "TEN", "amount": usd(200)}],
    )
    assert {name: amount["amount"] for name, amount in cart["totals"].items()} == {
        "goods": 2000,
        "discounts": 200,
        "charges": 500,
        "tax": 140,
        "total": 2440,
    }
    assert cart["destination"]["region"] == "IL"

    changed = patch(
        world, cart, set_lines=[a_row("2", 3)], remove_lines=["1"], ship_to=None, charges=None, discounts=[], note=None
    ).body

    assert [(line["line_id"], line["quantity"]) for line in changed["lines"]] == [("2", 3)]
    assert (changed["destination"], changed["charges"], changed["discounts"]) == (None, [], [])
    assert changed["tags"] == ["vip"]
    assert changed["totals"]["total"] == usd(3000)
    assert get(world, cart, below="/contact") == {"customer": ADA}


def test_lines_go_as_the_draft_says_unless_they_say_otherwise(world: World):
    pickup = {"method": "PICKUP", "node_id": "store-1"}
    cart = create(world, lines=[a_row("1"), a_row("2", fulfillment={"service": "EXPRESS"})], fulfillment=pickup)

    ways = [(line["fulfillment"]["method"], line["fulfillment"]["node_id"]) for line in cart["lines"]]
    assert ways == [("PICKUP", "store-1"), ("SHIP", None)]


def test_a_request_that_is_repeated_is_answered_as_the_first_time(world: World):
    body = a_cart()
    first, again = (world.call("POST", "/v1/drafts", body, key="k-1") for _ in range(2))
    assert first.body == again.body

    path, etag = f"/v1/drafts/{first.body['draft_id']}", first.etag
    change = {"set_lines": [a_row("2")]}
    changed, repeated = (
        world.call("PATCH", path, change, key="k-2", headers={"Idempotency-Key": "k-2"}, if_match=etag)
        for _ in range(2)
    )
    assert (changed.status, repeated.status) == (200, 200)
    assert changed.body == repeated.body
    assert get(world, first.body)["version"] == 2


def test_a_draft_that_is_given_up_takes_nothing(world: World):
    cart = create(world)
    assert act(world, cart, "abandon", who="shop").body["status"] == "ABANDONED"

    refused = patch(world, cart, tags=["x"])
    assert (refused.status, refused.problem) == (409, "draft-ended")
    assert act(world, cart, "claim").problem == "draft-ended"
    assert get(world, cart)["open_cart"] is False
    assert create(world)["open_cart"] is True


def test_a_cart_expires_by_itself(world: World):
    cart = create(world)
    world.settle()
    world.now = START + timedelta(days=30)
    world.sweep()
    assert get(world, cart)["status"] == "OPEN"
    world.now = START + timedelta(days=31)
    assert get(world, cart)["status"] == "EXPIRED"
    assert patch(world, cart, tags=["x"]).problem == "draft-ended"

    world.sweep()

    steps = [one["data"]["step"] for one in world.hops.published if one["type"].startswith("comanda.draft")]
    assert steps == ["created", "expired"]
    assert [row["sk"] for row in world.aws.items("Orders") if row["pk"] == f"DR#{cart['draft_id']}"] == [
        "#",
        "E#00000001",
        "E#00000002",
    ]
    world.sweep()
    assert len(world.hops.published) == 2


def about_people(world: World) -> list[str]:
    """Return the beginnings of the keys of what Customers has, beside notes of who looked."""
    keys = [row["pk"] for row in world.aws.items("Customers")]
    return sorted({key.partition("#")[0] for key in keys if not key.startswith(("AU#", "AS#"))})


def test_the_contact_of_a_draft_that_is_given_up_ends_with_it(world: World):
    cart = create(world, ship_to=CHICAGO, note="rings twice")
    assert about_people(world) == ["C", "DE", "DN", "DP", "DR"]

    act(world, cart, "abandon")

    assert about_people(world) == ["C"]  # the id of its customer alone
    assert get(world, cart, below="/contact") == {}
    assert find(world, email="ada@example.org") == find(world, name="byron") == []
    assert [one["status"] for one in find(world, customer_id=cart["customer_id"])] == ["ABANDONED"]


def test_the_contact_of_a_draft_that_expires_ends_with_it(world: World):
    cart = create(world, ship_to=CHICAGO)
    world.settle()
    world.now = START + timedelta(days=31)

    world.sweep()

    assert about_people(world) == ["C"]
    assert [one["status"] for one in find(world, customer_id=cart["customer_id"])] == ["EXPIRED"]


def test_each_row_of_a_draft_ends_a_week_after_it(world: World):
    cart = create(world)
    world.pass_time(2 * 86_400)
    assert patch(world, cart, tags=["x"]).status == 200
    world.pass_time(86_400)
    act(world, cart, "claim")

    end = get(world, cart)["expires_at"]
    assert end == "2026-12-23T00:00:00.000Z"
    ends = {row["ttl"] for row in world.aws.items("Customers") if not row["pk"].startswith("AU#")}
    rows = [row for row in world.aws.items("Orders") if row["pk"].startswith(("DR#", "CART#"))]
    rows = [row for row in rows if not row["sk"].startswith("E#")]
    assert {row["pk"][:3] for row in rows} == {"DR#", "CAR"}
    assert {row["ttl"] for row in rows} == ends
    assert ends == {1_798_588_800}  # 2026-12-30


def test_the_sweep_publishes_a_step_that_relay_lost(world: World):
    cart = create(world)
    world.hops.seen["relay"] |= {row["pk"]["S"] + row["sk"]["S"] for row in world.hops.draft_events()}
    patch(world, cart, tags=["x"])
    world.settle()
    assert [one["sequence"] for one in world.hops.published] == [2]

    world.pass_time(6 * 60)
    world.sweep()

    assert {one["sequence"] for one in world.hops.published} == {1, 2}
    (look,) = [row for row in world.aws.items("Orders") if row["sk"] == "W#look"]
    assert (look["relayed"], look["gsi3sk"][:8]) == (2, "20261220")


def test_events_are_listed_and_a_shop_sees_no_names(world: World):
    cart = create(world)
    act(world, cart, "claim")

    assert [(one["step"], one["actor"]) for one in get(world, cart, below="/events")["items"]] == [
        ("created", "shop"),
        ("claimed", "sales"),
    ]
    assert [one["actor"] for one in get(world, cart, who="shop", below="/events")["items"]] == ["shop", None]
