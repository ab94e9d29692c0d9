"""A pick wave takes accepted work once, holds no step of it back, and lists what is left on a short walk."""

from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.dynamodb import transaction
from comanda.aws.orders import pick_waves
from tests.functions.world import START, Reply, World

PATH = "/v1/pick-waves"


def work(order_id: str) -> str:
    return f"ful_{order_id[4:]}-001"


def accepted(world: World, *lines: tuple[str, int], **more: Any) -> str:
    order_id = world.placed(*lines, **more)
    world.settle()
    world.steps(order_id, "accept")
    return work(order_id)


@pytest.fixture
def works(world: World) -> list[str]:
    """Give accepted work of dc-1: of one line, of two lines, and of one line again."""
    for sku in ("TEA-001", "CUP-001"):
        world.stocked(sku, dc_1=50)
    baskets = [[("TEA-001", 3)], [("TEA-001", 1), ("CUP-001", 2)], [("CUP-001", 1)]]
    return [accepted(world, *basket) for basket in baskets]


def build(world: World, who: str = "dc-1-system", key: str = "", **body: Any) -> Reply:
    return world.call("POST", PATH, {"node_id": "dc-1", **body}, who=who, key=key)


def show(world: World, wave: Reply, who: str = "dc-1-system") -> Any:
    assert wave.status in (200, 201), wave.body
    return world.call("GET", f"{PATH}/{wave.body['wave_id']}", who=who).body


def members(world: World, wave: Reply) -> dict[str, str]:
    return {one["fulfillment_id"]: one["status"] for one in show(world, wave)["fulfillments"] if one["in_wave"]}


def change(world: World, wave: Reply, step: str, body: Any = None, who: str = "dc-1-system", key: str = "") -> Reply:
    return world.call("POST", f"{PATH}/{wave.body['wave_id']}/{step}", body or {}, who=who, key=key)


def listed(world: World) -> list[str]:
    return [
        row["wave_id"] for row in world.call("GET", PATH, query={"node_id": "dc-1"}, who="dc-1-system").body["items"]
    ]


def test_a_wave_takes_all_accepted_work_and_lists_its_units_by_sku(world: World, works: list[str]):
    wave = build(world)

    assert (wave.status, wave.body["fulfillment_count"], wave.body["status"]) == (201, 3, "OPEN")
    assert members(world, wave) == dict.fromkeys(works, "ACCEPTED")
    rows = {row["sku"]: row["units"] for row in show(world, wave)["rows"]}
    assert rows == {"CUP-001": 3, "TEA-001": 4}
    assert listed(world) == [wave.body["wave_id"]]


def test_work_is_in_one_open_wave_at_most(world: World, works: list[str]):
    first, second = build(world, kind="SINGLE_LINE"), build(world)

    assert set(members(world, first)) == {works[0], works[2]}
    assert set(members(world, second)) == {works[1]}
    assert build(world).problem == "not-allowed"


def test_a_closed_wave_gives_its_work_free(world: World, works: list[str]):
    first = build(world)
    assert change(world, first, "close").body["status"] == "CLOSED"
    assert change(world, first, "close", key="again").body["status"] == "CLOSED"

    second = build(world)

    assert set(members(world, second)) == set(works)
    assert members(world, first) == {}
    assert listed(world) == [second.body["wave_id"]]
    assert change(world, first, "assign", {"picker_id": "picker"}).problem == "not-allowed"


def test_the_same_request_twice_builds_one_wave(world: World, works: list[str]):
    once, twice = build(world, key="k"), build(world, key="k")

    assert (once.status, once.body) == (twice.status, twice.body)
    assert len(listed(world)) == 1


@pytest.mark.parametrize("crash_at", [0, 1])
@pytest.mark.parametrize("after", [False, True])
def test_a_crash_before_or_after_each_write_is_finished_by_the_same_request(
    world: World, works: list[str], monkeypatch: pytest.MonkeyPatch, crash_at: int, after: bool
):
    commit, calls = transaction.commit, []

    def crashing(writes: Any) -> None:
        calls.append(1)
        crash = len(calls) == crash_at + 1
        if crash and not after:
            raise RuntimeError
        commit(writes)
        if crash:
            raise RuntimeError

    monkeypatch.setattr(transaction, "commit", crashing)
    assert build(world, key="k").status == 500
    monkeypatch.setattr(transaction, "commit", commit)

    wave = build(world, key="k")

    assert set(members(world, wave)) == set(works)
    assert listed(world) == [wave.body["wave_id"]]


def test_work_of_a_wave_that_was_never_stored_is_free_after_the_lease(
    world: World, works: list[str], monkeypatch: pytest.MonkeyPatch
):
    claim = pick_waves.claim

    def crashing(*given: Any) -> None:
        claim(*given)
        raise RuntimeError

    monkeypatch.setattr(pick_waves, "claim", crashing)
    assert build(world).status == 500
    monkeypatch.setattr(pick_waves, "claim", claim)

    assert build(world, key="other").problem == "not-allowed"
    world.pass_time(16 * 60)
    assert set(members(world, build(world, key="third"))) == set(works)


def test_two_requests_at_once_share_no_work(world: World, works: list[str], monkeypatch: pytest.MonkeyPatch):
    claim, other = pick_waves.claim, []

    def meanwhile(*given: Any) -> None:
        monkeypatch.setattr(pick_waves, "claim", claim)
        other.append(build(world, key="other", kind="MULTI_LINE"))
        claim(*given)

    monkeypatch.setattr(pick_waves, "claim", meanwhile)
    late = build(world, key="late")
    assert (late.status, late.problem) == (503, "stale-order")

    late = build(world, key="late")

    assert set(members(world, other[0])) == {works[1]}
    assert set(members(world, late)) == {works[0], works[2]}


def test_held_work_is_left_out(world: World, works: list[str]):
    order_id = f"ord_{works[0][4:-4]}"
    world.hold_type("LOOK", queue="holds", blocks=["pick"], applies_when=None)
    held = world.change(order_id, "holds", {"type": "LOOK", "reason": "look"})
    assert held.status in (200, 201), held.body

    assert set(members(world, build(world))) == set(works[1:])


def test_steps_go_on_as_without_a_wave_and_the_wave_shows_them(world: World, works: list[str]):
    wave = build(world)
    world.call("POST", f"/v1/fulfillments/{works[0]}/decline", {"reason": "NO_STOCK"}, who="dc-1-system")
    for step in ("start-pick", "pick"):
        assert world.call("POST", f"/v1/fulfillments/{works[1]}/{step}", {}, who="dc-1-system").status == 200

    shown = show(world, wave)

    assert {one["fulfillment_id"]: one["status"] for one in shown["fulfillments"]} == {
        works[0]: "DECLINED",
        works[1]: "PICKED",
        works[2]: "ACCEPTED",
    }
    assert [(row["sku"], row["units"]) for row in shown["rows"]] == [("CUP-001", 1)]


def test_a_finished_wave_is_closed_by_the_next_one(world: World, works: list[str]):
    wave = build(world)
    for one in works:
        for step in ("start-pick", "pick"):
            assert world.call("POST", f"/v1/fulfillments/{one}/{step}", {}, who="dc-1-system").status == 200
    accepted(world, ("TEA-001", 1))

    following = build(world)

    assert listed(world) == [following.body["wave_id"]]
    assert show(world, wave)["status"] == "CLOSED"


def test_a_wave_is_given_to_a_picker_of_its_node(world: World, works: list[str]):
    wave = build(world)

    assert change(world, wave, "assign", {"picker_id": "picker"}).body["picker_id"] == "picker"
    assert show(world, wave)["picker_id"] == "picker"
    assert change(world, wave, "assign", {"picker_id": None}).body["picker_id"] is None
    for nobody in ("other-picker", "nobody", "shop"):
        wrong = change(world, wave, "assign", {"picker_id": nobody}, key=nobody)
        assert (wrong.status, wrong.body["errors"][0]["code"]) == (422, "unknown-picker")


def test_the_rows_are_in_the_order_of_the_walk(world: World, works: list[str]):
    rows = [
        {"sku": sku, "location": {"zone": zone, "aisle": 1, "rack": 1}}
        for sku, zone in (("TEA-001", "A"), ("CUP-001", "B"))
    ]
    stored = world.call("PUT", "/v1/nodes/dc-1/locations", {"as_of": START.isoformat(), "rows": rows}, who="office")
    assert stored.status == 200, stored.body

    shown = show(world, build(world))["rows"]

    assert [(row["sku"], row["location"]["zone"]) for row in shown] == [("TEA-001", "A"), ("CUP-001", "B")]
    of_tea = {one["fulfillment_id"]: one["units"] for one in shown[0]["fulfillments"]}
    assert of_tea == {works[0]: 3, works[1]: 1}


def test_the_most_urgent_work_comes_first(world: World, works: list[str]):
    wave = build(world, most=1)

    assert wave.body["fulfillment_count"] == 1
    assert build(world, ship_by=(START - timedelta(days=1)).isoformat()).problem == "not-allowed"


def test_other_nodes_waves_are_not_there(world: World, works: list[str]):
    wave = build(world)

    assert build(world, who="dc-2-system").status == 404
    assert world.call("GET", f"{PATH}/{wave.body['wave_id']}", who="dc-2-system").status == 404
    assert change(world, wave, "close", who="dc-2-system").status == 404
    assert change(world, wave, "assign", {"picker_id": None}, who="other-picker").status == 404
    assert world.call("GET", PATH, query={"node_id": "dc-1"}, who="dc-2-system").status == 404
    assert listed(world) == [wave.body["wave_id"]]
