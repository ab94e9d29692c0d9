"""Test nodes that are closed or can do less on a day: units that are not begun go to other nodes, and counters stay exact."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from typing import Any

import pytest

from comanda.aws.directory import directory, outages, packs
from comanda.domain.nodes.closures import LATELY
from functions.outages.rules import MOST
from tests.aws.orders.test_capacity import FRI, SAT, THU, days, limited, nodes_of
from tests.faults import conflicts
from tests.functions.hops import is_busy
from tests.functions.replenish.test_replenish import expected, received
from tests.functions.storm import one_process_each
from tests.functions.world import Reply, World, a_body, at_counter
from tests.invariants import broken
from tests.storms.test_contention import until_routed, until_served

TEA = "TEA-001"


def close(world: World, node: str = "dc-1", who: str = "office", **changes: Any) -> Reply:
    return world.call("POST", f"/v1/nodes/{node}/closures", {"reason": "burst pipe", **changes}, who=who)


def cut(world: World, units: int | None, day: str = THU, node: str = "dc-1", who: str = "office") -> Reply:
    return world.call("PUT", f"/v1/nodes/{node}/capacity/{day}", {"units": units}, who=who)


def offers(world: World, order_id: str) -> list[tuple[str, str]]:
    return [(f["node_id"], f["status"]) for f in world.order(order_id)["fulfillments"]]


def test_units_that_a_closed_node_has_not_begun_are_offered_to_another_node_at_once(world: World):
    world.stocked(TEA, dc_1=9, dc_2=9)
    offered, accepted, begun = (world.placed((TEA, 1)) for _ in range(3))
    world.settle()
    world.steps(accepted, "accept")
    world.steps(begun, "accept", "start-pick")

    reply = close(world)
    world.settle()

    assert (reply.status, reply.body["closed"], reply.body["until"]) == (201, True, None)
    for order_id in (offered, accepted):
        assert offers(world, order_id) == [("dc-1", "DECLINED"), ("dc-2", "OFFERED")]
        (fact,) = (row for row in world.order_items(order_id, "E#") if row["type"] == "line_declined")
        assert fact["actor"] == "outage"
    assert offers(world, begun) == [("dc-1", "PICKING")]
    assert world.waiting(begun) == ["late-work"]
    assert broken(world.tables()) == []


def test_reroute_takes_back_the_work_of_a_closed_node_whose_event_was_lost(world: World):
    world.stocked(TEA, dc_1=9, dc_2=9)
    order_id = world.placed((TEA, 1))
    world.settle()
    world.hops.stopped.add("reroute")
    close(world)
    world.settle()
    before = offers(world, order_id)

    world.hops.invoke("reroute", {"nodes": ["dc-1"]})
    world.settle()

    assert before == [("dc-1", "OFFERED")]
    assert offers(world, order_id) == [("dc-1", "DECLINED"), ("dc-2", "OFFERED")]


def test_no_units_are_offered_to_a_closed_node_until_it_opens(world: World):
    world.stocked(TEA, dc_1=9, dc_2=9)
    close(world, until=(world.now + timedelta(hours=2)).isoformat())
    world.settle()
    directory.forget()

    during = world.placed((TEA, 1))
    world.settle()
    (decision,) = world.call("GET", f"/v1/orders/{during}/decisions", who="sales").body["items"]
    world.pass_time(2 * 3600)
    after = world.placed((TEA, 1))
    world.settle()

    assert (nodes_of(world, during), nodes_of(world, after)) == (["dc-2"], ["dc-1"])
    assert "closed" in str(decision["excluded"])


def test_a_node_that_opens_again_may_get_the_units_that_it_gave_back(world: World):
    world.stocked(TEA, dc_1=9, dc_2=9)
    order_id = world.placed((TEA, 1))
    world.settle()

    for node, other in (("dc-1", "dc-2"), ("dc-2", "dc-1")):
        closure = close(world, node).body["closure_id"]
        world.settle()
        assert offers(world, order_id)[-1] == (other, "OFFERED")
        assert world.call("POST", f"/v1/nodes/{node}/closures/{closure}/end", {}, who="office").status == 200
        world.settle()

    assert broken(world.tables()) == []


def test_pickups_at_a_closed_store_wait_for_customer_care_and_are_never_shipped(world: World):
    world.stocked(TEA, store_1=5, dc_1=5)
    order_id = world.placed(at_counter(TEA))
    world.settle()

    close(world, "store-1", who="store-1-system")
    world.settle()

    assert world.waiting(order_id) == ["customer-care"]
    assert offers(world, order_id) == [("store-1", "DECLINED")]
    assert broken(world.tables()) == []


def test_backorders_get_the_stock_of_a_node_that_opens_again(world: World):
    world.stocked(TEA, dc_1=3)
    order_id = world.placed((TEA, 1))
    world.settle()
    close(world, until=(world.now + timedelta(hours=1)).isoformat())
    world.settle()
    assert world.order(order_id)["status"] == "BACKORDERED"

    world.pass_time(3600 + 60)
    directory.forget()
    world.sweep()

    assert offers(world, order_id)[-1] == ("dc-1", "OFFERED")
    assert broken(world.tables()) == []


def test_nodes_that_open_again_start_one_search_for_the_skus_that_they_keep(world: World):
    world.stocked(TEA, dc_1=3, dc_2=3)
    world.placed((TEA, 9), ("CUP-001", 1))
    world.settle()
    for node in ("dc-1", "dc-2"):
        close(world, node, until=(world.now + timedelta(hours=1)).isoformat())
    world.settle()
    world.pass_time(3600 + 60)
    directory.forget()

    assert world.hops.invoke("reroute", {"nodes": ["dc-1", "dc-2"]})["called"] == 1


def test_the_sweep_takes_back_units_that_were_routed_to_a_closed_node(world: World):
    world.stocked(TEA, dc_1=9, dc_2=9)
    world.placed((TEA, 1))
    world.settle()  # this process has the network as it was
    world.hops.stopped.add("reroute")
    close(world)
    late = world.placed((TEA, 1))
    world.settle()
    assert offers(world, late) == [("dc-1", "OFFERED")]
    world.hops.stopped.clear()
    world.settle()
    world.now += timedelta(minutes=5)
    directory.forget()

    world.sweep()

    assert offers(world, late)[-1] == ("dc-2", "OFFERED")


def test_a_cut_day_gives_back_the_least_urgent_and_the_latest_orders(world: World):
    world.stocked(TEA, dc_1=50, dc_2=50)
    limited(world, 4)
    urgent, first, last, begun = (world.placed((TEA, 1), priority=p) for p in (0, 5, 5, 9))
    for _ in range(4):
        world.settle()
        world.pass_time(60)
    world.steps(begun, "accept", "start-pick")
    assert days(world) == {THU: 4}

    assert cut(world, 2).status == 200
    world.settle()

    assert days(world) == {THU: 2, FRI: 2}
    assert [len(offers(world, order_id)) for order_id in (urgent, first, last, begun)] == [1, 2, 2, 1]
    assert broken(world.tables()) == []


def test_a_cut_day_takes_no_further_units_until_its_limit_is_lifted(world: World):
    world.stocked(TEA, dc_1=50)
    limited(world, 4)
    cut(world, 0)
    world.settle()
    directory.forget()
    world.placed((TEA, 1))
    world.settle()
    assert days(world) == {FRI: 1}

    assert cut(world, None).body == {"node_id": "dc-1", "day": THU, "units": 4, "usual": 4}
    world.settle()
    directory.forget()
    world.placed((TEA, 1))
    world.settle()

    assert days(world) == {THU: 1, FRI: 1}
    assert world.call("GET", "/v1/nodes/dc-1/capacity", who="office").body["days"] == []


def test_a_node_whose_capacity_is_lowered_gives_back_the_units_above_it(world: World):
    world.stocked(TEA, dc_1=50)
    node = world.call("GET", "/v1/nodes/dc-1", who="office").body
    doc = {name: value for name, value in node.items() if name not in ("id", "version")}
    assert world.call("PUT", "/v1/nodes/dc-1", {**doc, "units_per_day": 3}, who="office").status == 200
    packs.rebuild()
    directory.forget()
    orders = [world.placed((TEA, 1)) for _ in range(3)]
    world.settle()
    assert days(world) == {THU: 3}

    assert world.call("PUT", "/v1/nodes/dc-1", {**doc, "units_per_day": 2}, who="office").status == 200
    world.settle()

    assert days(world) == {THU: 2, FRI: 1}
    assert sorted(len(offers(world, order_id)) for order_id in orders) == [1, 1, 2]
    assert broken(world.tables()) == []


def test_a_day_that_will_be_closed_whole_gives_back_its_units_at_once(world: World):
    world.stocked(TEA, dc_1=50)
    limited(world, 1)
    orders = [world.placed((TEA, 1)) for _ in range(2)]
    world.settle()
    assert days(world) == {THU: 1, FRI: 1}

    close(world, **{"from": "2026-11-20T06:00:00Z", "until": "2026-11-21T06:00:00Z"})  # Friday in Chicago
    world.settle()

    assert days(world) == {THU: 1, SAT: 1}
    assert sorted(len(offers(world, order_id)) for order_id in orders) == [1, 2]


def test_promised_units_are_kept_above_the_limit_of_a_day_that_was_not_cut(world: World):
    limited(world, 1)
    expected(world, 10, 1)
    order_id = world.placed((TEA, 7))
    world.settle()
    world.pass_time(86_400)
    directory.forget()
    received(world, 10)
    world.settle()
    before = days(world)
    assert max(before.values()) > 1

    in_a_month = world.now + timedelta(days=30)
    until = in_a_month + timedelta(hours=1)
    assert close(world, **{"from": in_a_month.isoformat(), "until": until.isoformat()}).status == 201
    world.settle()
    directory.forget()
    world.sweep()

    assert (offers(world, order_id), days(world)) == ([("dc-1", "OFFERED")], before)


def test_a_supply_that_arrives_at_a_closed_node_is_given_out_when_the_node_opens(world: World):
    expected(world, 10, 5)
    order_id = world.placed((TEA, 4))
    world.settle()
    world.pass_time(5 * 86_400)
    closure = close(world).body["closure_id"]
    world.settle()
    directory.forget()

    received(world, 10)
    world.settle()

    assert (offers(world, order_id), world.order(order_id)["status"]) == ([], "BACKORDERED")
    assert broken(world.tables()) == []
    world.pass_time(3600)

    assert world.call("POST", f"/v1/nodes/dc-1/closures/{closure}/end", {}, who="office").status == 200
    world.settle()
    directory.forget()
    world.sweep()

    assert offers(world, order_id) == [("dc-1", "OFFERED")]
    assert broken(world.tables()) == []


def test_begun_work_of_a_closed_node_is_put_in_a_queue_however_late_the_closure_is_read(world: World):
    world.stocked(TEA, dc_1=9, dc_2=9)
    order_id = world.placed((TEA, 1))
    world.settle()
    world.steps(order_id, "accept", "start-pick")
    world.hops.stopped.add("reroute")
    close(world)
    world.settle()
    world.pass_time(LATELY.total_seconds() + 300)
    world.hops.stopped.clear()
    packs.rebuild()
    directory.forget()

    world.sweep()

    assert world.waiting(order_id) == ["late-work"]


def test_closures_and_days_that_are_over_do_not_count_against_the_limits(world: World):
    start, end = ((world.now - timedelta(hours=n)).isoformat() for n in (2, 1))
    over = {"from": start, "until": end, "reason": "pause", "by": "x"}
    past = [(world.now - timedelta(days=n)).date().isoformat() for n in range(2, MOST + 2)]
    doc = {
        "last": MOST,
        "closures": [{**over, "closure_id": str(n + 1)} for n in range(MOST)],
        "capacity": dict.fromkeys(past, 3),
    }
    outages.change("dc-1", lambda _: doc, "x", world.now)
    limited(world, 4)

    assert cut(world, 3).status == 200
    assert close(world).status == 201

    still = [{**over, "until": None, "closure_id": str(n + 1)} for n in range(MOST)]
    outages.change("dc-1", lambda was: {**was, "closures": still}, "x", world.now)
    assert close(world).problem == "not-allowed"


def test_a_node_can_close_itself_and_no_other_node(world: World):
    assert close(world, "dc-1", who="dc-1-system").status == 201
    assert close(world, "dc-1", who="picker").status == 201
    assert close(world, "dc-2", who="picker").status == 404
    assert close(world, "dc-9").status == 404
    assert close(world, "dc-1", who="shop").status == 403
    assert cut(world, 0, node="dc-2", who="dc-1-system").status == 404


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"until": "2026-11-19T11:00:00Z"}, [("/until", "out-of-range")]),
        ({"from": "2026-11-18T12:00:00Z"}, [("/from", "in-the-past")]),
        ({"from": "2029-11-18T12:00:00Z"}, [("/from", "too-far-ahead")]),
    ],
)
def test_an_impossible_closure_is_refused_by_its_field(world: World, body: dict[str, str], said: Any):
    reply = close(world, **body)

    assert (reply.status, reply.errors) == (422, said)


def test_an_impossible_day_is_refused_by_its_field(world: World):
    assert cut(world, 5).errors == [("/units", "no-limit")]
    assert cut(world, 5, day="2026-02-30").errors == [("/day", "not-a-day")]
    assert cut(world, 5, day="2026-11-01").errors == [("/day", "out-of-range")]


def test_closures_are_listed_and_end_once(world: World):
    first = close(world).body["closure_id"]
    end = f"/v1/nodes/dc-1/closures/{first}/end"

    assert world.call("POST", end, {}, who="office", key="k").body["closed"] is False
    assert world.call("POST", end, {}, who="office", key="k").headers["Idempotent-Replayed"] == "true"
    assert world.call("POST", end, {}, who="office").problem == "not-allowed"
    assert world.call("POST", "/v1/nodes/dc-1/closures/9/end", {}, who="office").status == 404

    listed = world.call("GET", "/v1/nodes/dc-1/closures", who="dc-1-system").body
    assert (listed["closed"], [c["ended_by"] for c in listed["closures"]]) == (False, ["office"])


def test_no_day_has_more_units_than_its_limit_whatever_calls_come_at_the_same_time(world: World):
    """Counters end as the sum of what orders remember, and no limit is passed at any moment."""
    world.stocked(TEA, dc_1=200, dc_2=200)
    limited(world, 3)
    limited(world, 4, lanes=3, name="dc-2")
    chance, orders, limits = Random(7), list[str](), {"dc-1": 3, "dc-2": 4}
    over: list[tuple[str, dict[str, int]]] = []

    def act(n: int) -> None:
        other = orders[n * 7 % len(orders)] if orders and n % 3 else ""
        kind = n % 5 if other else 0
        if kind in (0, 1):
            reply = until_served(world, "POST", "/v1/orders", a_body((TEA, chance.randint(1, 2))), f"k-{n}")
            orders.append(str(reply.body["order_id"]))
            until_routed(world, orders[-1])
        elif kind == 2:
            path = f"/v1/fulfillments/ful_{other[4:]}-001/decline"
            until_served(world, "POST", path, {"reason": "OTHER"}, f"k-{n}", who="office")
            until_routed(world, other)
        elif kind == 3:
            etag = until_served(world, "GET", f"/v1/orders/{other}", None, "", who="office").etag
            path = f"/v1/orders/{other}/cancel"
            until_served(world, "POST", path, {"reason": "x"}, f"k-{n}", who="office", if_match=etag)
        else:
            node = chance.choice(("dc-1", "dc-2"))
            until = (world.now + timedelta(minutes=5)).isoformat()
            until_served(
                world, "POST", f"/v1/nodes/{node}/closures", {"reason": "x", "until": until}, f"k-{n}", who="office"
            )
            until_looked(world, node)
        over.extend(
            (node, days(world, node))
            for node, most in limits.items()
            if max(days(world, node).values(), default=0) > most
        )

    with conflicts(3, p=0.2, throttled=0.1) as injected, one_process_each(), ThreadPoolExecutor(4) as pool:
        list(pool.map(act, range(24)))
    assert over == []
    world.hops.directory_changed = True
    world.settle()
    cut(world, 1)
    world.settle()

    assert injected["conflict"] > 5
    assert days(world).get(THU, 0) <= 1
    assert broken(world.tables()) == []


def until_looked(world: World, node: str) -> None:
    """Call reroute for the node until the call succeeds, as the stream and an asynchronous call do."""
    for _ in range(60):
        try:
            packs.rebuild()
            world.hops.invoke("reroute", {"nodes": [node]})
        except Exception as error:
            if not is_busy(error):
                raise
        else:
            return
    raise AssertionError("never looked at")
