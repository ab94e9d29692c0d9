"""Test that people claim items of queues, alone and at the same moment, and that a claim keeps others from answering."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.orders import claims as stored
from comanda.domain.orders.claims import Claim
from tests.functions.world import PEOPLE, Reply, World, usd

LARGE = {"sku": "TEA-001", "quantity": 1, "unit_price": usd(200_000)}
QUEUE = "/v1/queues/sales-review"


@pytest.fixture(autouse=True)
def desk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the sales desk two more people, and the review of large orders."""
    for name in ("ada", "bob"):
        monkeypatch.setitem(PEOPLE, name, {"roles": ["staff"]})  # type: ignore[arg-type]  # a dict, shown as a mapping
        world.aws.put("Directory", **keys.user(name), roles=["staff"])
    world.hold_type()


def reviewed(world: World, **changes: Any) -> str:
    """Place an order that waits for a review, and return the id of its item."""
    return f"{world.placed(LARGE, **changes)}.h1"


def claim(world: World, item: str, who: str = "ada", verb: str = "claim", **how: Any) -> Reply:
    return world.call("POST", f"{QUEUE}/items/{item}/{verb}", {}, who=who, **how)


def items(world: World, who: str = "ada") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.call("GET", QUEUE, who=who).body["items"]
    return found


def confirmed(world: World, item: str, who: str) -> Reply:
    return world.change(item.partition(".")[0], "confirm", who=who)


def test_a_list_shows_what_a_desk_needs_of_each_order_and_who_has_it(world: World):
    item = reviewed(world, external_id="WEB-7")
    world.pass_time(90)
    claim(world, item)

    (mine,), (theirs,) = items(world, "ada"), items(world, "bob")

    assert mine["order"] == {
        "external_id": "WEB-7",
        "channel": "web",
        "status": "CREATED",
        "version": 1,
        "placed_at": "2026-11-19T12:00:00.000Z",
        "total": usd(200_000),
    }
    assert (mine["reason"], mine["since"], mine["due"]) == ("large order", *["2026-11-19T12:00:00.000Z"] * 2)
    assert (mine["claimed_by"], mine["claimed_until"]) == ("ada", "2026-11-19T12:11:30.000Z")
    assert (mine["claimed_by_me"], theirs["claimed_by_me"]) == (True, False)
    assert theirs == {**mine, "claimed_by_me": False}


def test_a_claim_changes_neither_the_order_nor_its_events(world: World):
    item = reviewed(world)
    order_id = item.partition(".")[0]
    before = (world.order(order_id), world.order_items(order_id, "E#"))

    assert claim(world, item).status == claim(world, item, verb="release").status == 200

    assert (world.order(order_id), world.order_items(order_id, "E#")) == before


def test_a_second_person_is_told_until_when_and_by_whom_an_item_is_claimed(world: World):
    item = reviewed(world)
    claim(world, item)

    for refused in (claim(world, item, "bob"), claim(world, item, "bob", "release"), confirmed(world, item, "bob")):
        assert (refused.status, refused.problem) == (409, "claimed")
        assert (refused.body["until"], refused.body["by"]) == ("2026-11-19T12:10:00.000Z", "ada")


def test_a_claim_is_renewed_by_its_owner_and_ends_by_itself(world: World):
    item = reviewed(world)
    claim(world, item)
    world.pass_time(300)

    assert claim(world, item).body["claimed_until"] == "2026-11-19T12:15:00.000Z"
    world.pass_time(599)
    assert claim(world, item, "bob").status == 409
    world.pass_time(1)
    assert items(world)[0]["claimed_by"] is None
    assert claim(world, item, "bob").body["claimed_by_me"]
    assert confirmed(world, item, "ada").problem == "claimed"
    assert confirmed(world, item, "bob").status == 200


def test_an_item_that_is_given_back_is_free(world: World):
    item = reviewed(world)
    claim(world, item)

    released = claim(world, item, verb="release")

    assert (released.body["claimed_by"], released.body["claimed_until"]) == (None, None)
    assert claim(world, item, "bob").status == 200
    assert claim(world, reviewed(world), "ada", "release").status == 200  # nobody had it


def test_a_claim_that_is_sent_twice_is_answered_as_the_first_time(world: World):
    item = reviewed(world)
    first = claim(world, item, key="k")
    world.pass_time(60)

    again = claim(world, item, key="k")

    assert (again.body, again.headers["Idempotent-Replayed"]) == (first.body, "true")
    assert items(world)[0]["claimed_until"] == first.body["claimed_until"]


@pytest.mark.parametrize(
    ("path", "status", "problem"),
    [
        ("/v1/queues/nowhere/items/x.h1/claim", 404, "not-found"),
        ("/v1/queues/nowhere/claim", 404, "not-found"),
        ("/v1/queues/sales-review/items/x.h1/claim", 404, "not-found"),
        ("/v1/queues/sales-review/items/ord_us1_01J0000000000000000000000A.h1/claim", 404, "not-found"),
        ("/v1/queues/sales-review/items/ord_br1_01J0000000000000000000000A.h1/claim", 404, "wrong-region"),
        ("/v1/queues/transfers/items/T-1~1/claim", 409, "not-allowed"),
        ("/v1/queues/transfers/claim", 409, "not-allowed"),
    ],
)
def test_what_does_not_wait_in_a_queue_of_orders_is_not_claimed(world: World, path: str, status: int, problem: str):
    before = world.tables()

    reply = world.call("POST", path, {}, who="ada")

    assert (reply.status, reply.problem) == (status, problem)
    assert world.tables() == before


def test_an_answered_item_cannot_be_claimed(world: World):
    item = reviewed(world)
    confirmed(world, item, "ada")

    assert claim(world, item).status == 404


def test_a_cancel_and_the_system_pay_no_heed_to_a_claim(world: World):
    world.hold_type("LATER", "holds", applies_when=None, expires_hours=1, resolved_by="schedule")
    order_id = world.placed(("TEA-001", 1))
    world.change(order_id, "holds", {"type": "LATER", "reason": "waits"})
    world.call("POST", f"/v1/queues/holds/items/{order_id}.h1/claim", {}, who="ada")

    world.pass_time(3601)
    world.sweep(everything=True)
    item = reviewed(world)
    claim(world, item)
    cancelled = world.change(item.partition(".")[0], "cancel", {"reason": "x"}, who="shop")

    assert not world.order(order_id)["holds"][0]["active"]
    assert (cancelled.status, cancelled.body["status"]) == (200, "CANCELLED")


def test_another_system_resolves_its_holds_whoever_looks_at_them(world: World):
    world.hold_type("SCORE", "holds", applies_when=None, resolved_by="event")
    order_id = world.placed(("TEA-001", 1))
    world.change(order_id, "holds", {"type": "SCORE", "reason": "is scored"})
    world.call("POST", f"/v1/queues/holds/items/{order_id}.h1/claim", {}, who="ada")

    assert world.change(order_id, "holds/h1/resolve", {"resolution": "scored"}, who="office").status == 200


def test_the_resolution_of_a_hold_and_the_answer_to_an_item_wait_for_the_claim_of_another(world: World):
    world.hold_type("ASKED", "holds", applies_when=None)
    order_id = world.placed(("TEA-001", 1))
    world.change(order_id, "holds", {"type": "ASKED", "reason": "x"})
    held = f"/v1/queues/holds/items/{order_id}.h1/claim"
    other = world.placed(("POT-001", 1))
    world.settle()
    short = f"/v1/queues/backorder/items/{other}.backorder"
    for path in (held, f"{short}/claim"):
        assert world.call("POST", path, {}, who="ada").status == 200

    for who, status in (("bob", 409), ("ada", 200)):
        assert world.change(order_id, "holds/h1/resolve", {"resolution": "fine"}, who=who).status == status
        assert world.call("POST", f"{short}/resolve", {"answer": "retry"}, who=who).status == status


def test_a_change_of_what_waits_keeps_the_claim_and_the_time_since_when_it_waits(world: World):
    order_id = world.placed(("POT-001", 3))
    world.settle()
    item = f"/v1/queues/backorder/items/{order_id}.backorder"
    world.call("POST", f"{item}/claim", {}, who="ada")
    world.pass_time(60)

    body = {"reason": "x", "lines": [{"line_id": "1", "quantity": 1}]}
    assert world.change(order_id, "cancel", body, who="shop").status == 200

    (found,) = world.call("GET", "/v1/queues/backorder", who="bob").body["items"]
    assert (found["data"]["units"], found["claimed_by"], found["since"]) == ("2", "ada", "2026-11-19T12:00:00.000Z")


def test_twenty_people_who_claim_one_item_at_once_are_one_claimer_and_nineteen_who_wait(world: World):
    item = reviewed(world)
    clerks = clerks_of(world, 20)

    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda who: claim(world, item, who), clerks))

    assert sorted(reply.status for reply in replies) == [200] + [409] * 19
    (winner,) = {reply.body["claimed_by"] for reply in replies if reply.status == 200}
    assert {reply.body["by"] for reply in replies if reply.status == 409} == {winner}


def test_ten_people_who_ask_for_the_next_item_at_once_get_ten_items(world: World):
    waiting = {reviewed(world) for _ in range(8)}
    clerks = clerks_of(world, 10)

    with ThreadPoolExecutor(10) as pool:
        replies = list(pool.map(lambda who: world.call("POST", f"{QUEUE}/claim", {}, who=who), clerks))

    got = [reply.body["item"] for reply in replies]
    assert {reply.status for reply in replies} == {200}
    assert got.count(None) == 2
    assert {item["item_id"] for item in got if item} == waiting
    assert len({item["claimed_by"] for item in got if item}) == 8


def clerks_of(world: World, count: int) -> list[str]:
    names = [f"clerk-{n}" for n in range(count)]
    for name in names:
        world.aws.put("Directory", **keys.client(name), kind="staff")
    return names


def test_the_next_item_is_the_most_urgent_that_nobody_has(world: World):
    usual, urgent = reviewed(world), reviewed(world, priority=0)
    claim(world, urgent, "bob")

    first = world.call("POST", f"{QUEUE}/claim", {}, who="ada", key="k")
    again = world.call("POST", f"{QUEUE}/claim", {}, who="ada", key="k")
    none = world.call("POST", f"{QUEUE}/claim", {}, who="ada")
    world.pass_time(601)
    later = world.call("POST", f"{QUEUE}/claim", {}, who="ada")

    assert (first.body["item"]["item_id"], first.body["item"]["claimed_by_me"]) == (usual, True)
    assert again.body == first.body
    assert none.body == {"item": None}
    assert later.body["item"]["item_id"] == urgent


def test_an_answer_is_refused_when_the_item_is_claimed_between_its_look_and_its_write(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    item = reviewed(world)
    order_id = item.partition(".")[0]
    commit, calls = transaction.commit, []

    def claimed_first(writes: Any) -> None:
        if not calls:
            calls.append(1)
            bobs = Claim(by="bob", until=world.now + timedelta(minutes=10))
            commit([stored.claim_write(order_id, ("sales-review", "h1"), bobs, world.now)])
        commit(writes)

    etag = world.call("GET", f"/v1/orders/{order_id}", who="ada").etag
    monkeypatch.setattr(transaction, "commit", claimed_first)

    reply = world.call("POST", f"/v1/orders/{order_id}/confirm", {}, who="ada", if_match=etag)

    assert (reply.status, reply.problem, reply.body["by"]) == (409, "claimed", "bob")
    assert world.order(order_id)["version"] == 1


def work(world: World, who: str = "ada", **query: str) -> list[str]:
    """Return the ids of the items that a person finds among what they have claimed."""
    reply = world.call("GET", "/v1/work", who=who, query=query)
    assert reply.status == 200, reply.body
    assert all(item["claimed_by_me"] for item in reply.body["items"])
    return [item["item_id"] for item in reply.body["items"]]


def test_a_person_finds_what_they_have_claimed_and_the_claim_that_ends_first_at_the_top(world: World):
    first, second, theirs = (reviewed(world) for _ in range(3))
    claim(world, second)
    world.pass_time(60)
    claim(world, first)
    claim(world, theirs, "bob")

    assert work(world) == [second, first]
    assert work(world, "bob") == [theirs]


def test_a_claim_that_ended_was_given_back_or_was_answered_is_no_work(world: World):
    over, returned, answered = (reviewed(world) for _ in range(3))
    claim(world, over)
    world.pass_time(300)
    claim(world, returned)
    claim(world, answered)
    claim(world, returned, verb="release")
    assert confirmed(world, answered, "ada").status == 200
    assert work(world) == [over]

    world.pass_time(301)

    assert work(world) == []


def test_an_item_that_another_person_claims_after_the_lease_is_theirs_alone(world: World):
    item = reviewed(world)
    claim(world, item)
    world.pass_time(601)
    claim(world, item, "bob")

    assert (work(world), work(world, "bob")) == ([], [item])


def test_what_a_person_has_claimed_is_read_page_by_page(world: World):
    made = []
    for _ in range(3):
        made.append(reviewed(world))
        claim(world, made[-1])
        world.pass_time(1)

    page = world.call("GET", "/v1/work", who="ada", query={"limit": "2"}).body

    assert [item["item_id"] for item in page["items"]] == made[:2]
    assert work(world, cursor=page["next"].partition("cursor=")[2] or page["next"]) == made[2:]


def test_the_items_of_one_order_are_listed_with_their_claims(world: World):
    item, other = reviewed(world), reviewed(world, external_id="WEB-8")
    claim(world, item, "ada")

    def listed(order_id: str, queue: str = QUEUE, **more: str) -> Reply:
        return world.call("GET", queue, who="bob", query={"order_id": order_id, **more})

    (found,) = listed(item.partition(".")[0]).body["items"]
    assert (found["item_id"], found["claimed_by"], found["claimed_by_me"]) == (item, "ada", False)
    assert [one["item_id"] for one in listed(other.partition(".")[0]).body["items"]] == [other]
    assert listed(item.partition(".")[0], "/v1/queues/holds").body["items"] == []
    assert listed("nothing").status == 404
    assert listed(item.partition(".")[0], "/v1/queues/transfers").errors == [("/order_id", "not-taken")]
    assert listed(item.partition(".")[0], "/v1/queues/put-back", node_id="dc-1").errors == [("/order_id", "not-taken")]
