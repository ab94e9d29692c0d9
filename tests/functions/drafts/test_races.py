"""Many agents and a shop reach for one cart at once: one of them has it, and nobody's change is lost."""

from concurrent.futures import ThreadPoolExecutor

from comanda.aws.dynamodb import keys
from tests.faults import conflicts
from tests.functions.drafts.acts import a_cart, a_row, act, create, find, get, patch
from tests.functions.world import World

AGENTS = tuple(f"agent-{n}" for n in range(6))


def hired(world: World) -> None:
    for name in AGENTS:
        world.aws.put("Directory", **keys.client(name), kind="admin")


def test_of_many_claims_at_once_one_is_first(world: World):
    hired(world)
    cart = create(world)

    with ThreadPoolExecutor(len(AGENTS)) as pool:
        replies = list(pool.map(lambda who: act(world, cart, "claim", who=who), AGENTS))

    assert sorted(reply.status for reply in replies if reply.status != 503).count(200) == 1
    assert {reply.status for reply in replies} <= {200, 409, 503}
    winner = next(reply.body["claim"]["by"] for reply in replies if reply.status == 200)
    assert get(world, cart)["claim"]["by"] == winner
    assert get(world, cart)["version"] == 2


def test_carts_that_are_stored_at_once_leave_one_open(world: World):
    with ThreadPoolExecutor(4) as pool:
        replies = list(pool.map(lambda _: world.call("POST", "/v1/drafts", a_cart()), range(4)))

    made = [reply for reply in replies if reply.status == 201]
    assert made
    assert {reply.status for reply in replies} <= {201, 503}
    listed = find(world, who="shop", channel="web", customer_id="77")
    assert len(listed) == len(made)
    assert [one["open_cart"] for one in listed].count(True) == 1


def test_conflicts_and_throttling_lose_no_step(world: World):
    cart = create(world)
    answered = 0
    with conflicts(seed=20261130, p=0.3, throttled=0.1):
        for n in range(30):
            reply = patch(world, cart, set_lines=[a_row(f"n{n}")])
            assert reply.status in (200, 503)
            if reply.status == 200:
                cart, answered = reply.body, answered + 1

    assert answered > 5
    assert len(get(world, cart)["lines"]) == 1 + answered
    assert [
        one["version"]
        for one in world.call("GET", f"/v1/drafts/{cart['draft_id']}/events", query={"limit": "100"}).body["items"]
    ] == list(range(1, answered + 2))
