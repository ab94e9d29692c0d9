"""One cart of a customer is the open one, whatever became of the carts before it."""

from datetime import timedelta

from tests.functions.drafts.acts import a_cart, act, create, find, get, patch
from tests.functions.drafts.test_quotes import quote
from tests.functions.world import World

BOB = {"id": "78", "name": "Bob Ray", "email": "bob@example.org"}


def test_a_cart_whose_time_is_over_keeps_no_shop_from_storing_another_although_its_claim_lives(world: World):
    cart = create(world)
    until = (world.now + timedelta(minutes=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    quote(world, cart, valid_until=until)
    act(world, cart, "claim")
    world.pass_time(2 * 60)

    stored = world.call("POST", "/v1/drafts", a_cart())

    assert (stored.status, stored.body.get("open_cart")) == (201, True), stored.body
    assert get(world, cart)["status"] == "EXPIRED"


def test_a_cart_that_was_given_to_another_customer_does_not_keep_the_first_from_having_one(world: World):
    cart = create(world)
    claimed = act(world, cart, "claim").body
    assert patch(world, claimed, who="sales", customer=BOB).status == 200

    stored = world.call("POST", "/v1/drafts", a_cart())
    assert (stored.status, stored.body.get("open_cart")) == (201, True), stored.body
    refused = world.call("POST", "/v1/drafts", a_cart(customer=BOB))
    assert (refused.status, refused.problem) == (409, "claimed")


def test_a_draft_that_is_no_cart_any_more_keeps_nobody_from_having_one(world: World):
    cart = create(world)
    claimed = act(world, cart, "claim").body
    assert patch(world, claimed, who="sales", open_cart=False).body["open_cart"] is False

    assert world.call("POST", "/v1/drafts", a_cart()).status == 201


def test_a_list_says_of_the_open_cart_alone_that_it_is_open(world: World):
    """The pointer of the first customer still names the cart that is the second customer's now, beside the one that is open."""
    first = create(world)
    given = create(world)
    patch(world, given, customer={**BOB, "name": "Bob Byron"})
    newest = create(world, customer={**BOB, "name": "Bob Byron"})

    found = find(world, name="byron")

    assert {one["draft_id"]: one["open_cart"] for one in found} == {
        first["draft_id"]: False,
        given["draft_id"]: False,
        newest["draft_id"]: True,
    }


def test_an_older_cart_does_not_become_the_open_one_by_a_phone_number(world: World):
    older, newer = create(world), create(world)
    ada = {"id": "77", "name": "Ada Byron", "email": "ada@example.org", "phone": "+1 312 555 0100"}

    assert patch(world, older, customer=ada).body["open_cart"] is False
    assert get(world, newer)["open_cart"] is True
