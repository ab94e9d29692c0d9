"""A node is told which cartons to take, packs into them, and each package gets a number that no other package has."""

from contextlib import suppress
from typing import Any

import pytest

from comanda.aws.directory import directory, packs, sscc_serials
from comanda.domain.check_digit import is_sscc
from tests.aws.directory.test_carriers import CARRIER, SERVICE
from tests.faults import Crash, Crashed
from tests.functions.crashes import Moment
from tests.functions.world import Reply, World

PREFIX = "4012345"
CARTONS = {
    "S": {"title": "Small", "inside_mm": [200, 150, 100], "max_g": 2_000, "fill_percent": 80},
    "L": {"title": "Large", "inside_mm": [600, 400, 400], "max_g": 20_000, "fill_percent": 80},
    "ICE": {"title": "Box", "inside_mm": [300, 300, 300], "max_g": 9_000, "fill_percent": 80, "tags": ["cold"]},
}
TEA = {"title": "A tea", "weight_g": 300, "class": "goods", "dims_mm": [100, 80, 60]}


@pytest.fixture(autouse=True)
def cartons(world: World) -> None:
    sscc_serials.forget()
    for name, doc in CARTONS.items():
        world.entry(directory.CARTON, name, doc)
    world.entry(directory.PRODUCT, "TEA-001", TEA)
    world.entry(directory.PRODUCT, "CUP-001", TEA | {"carton_requires": ["cold"]})
    for sku in ("TEA-001", "CUP-001", "POT-001"):
        world.stocked(sku, dc_1=500)
    labelled(world)
    large = {"inside_mm": [600, 400, 400], "fill_percent": 80}
    road = CARRIER | {"calendar": "always", "services": [SERVICE | {"carton": large}], "collections": []}
    assert world.call("PUT", "/v1/carriers/road", road, who="office").status == 201
    packs.rebuild(("road",), directory.CARRIER)
    directory.forget()


def labelled(world: World, **changes: Any) -> None:
    doc = directory.find(directory.NODE, "dc-1")
    assert doc is not None
    directory.forget()
    world.entry(directory.NODE, "dc-1", doc | {"gs1_company_prefix": PREFIX} | changes)
    packs.rebuild()


def picked(world: World, *lines: Any) -> str:
    order_id = world.placed(*(lines or (("TEA-001", 3),)))
    world.settle()
    world.steps(order_id, "accept", "pick")
    return order_id


def box(package_id: str = "P1", *contents: tuple[str, int], **more: Any) -> dict[str, Any]:
    held = [{"line_id": line_id, "quantity": units} for line_id, units in contents]
    return {"package_id": package_id, **({"contents": held} if held else {}), **more}


def pack(world: World, order_id: str, *packages: dict[str, Any], step: str = "pack", **more: Any) -> Reply:
    return world.step(order_id, step, 1, {"packages": list(packages), **more})


def suggested(world: World, order_id: str, who: str = "dc-1-system") -> Reply:
    return world.call("GET", f"/v1/fulfillments/ful_{order_id[4:]}-001/cartons", who=who)


def test_cartons_are_suggested_with_their_contents(world: World):
    order_id = picked(world, ("TEA-001", 3), ("CUP-001", 1), ("POT-001", 1))

    found = suggested(world, order_id).body

    rows = [(one["carton_id"], one["contents"], one["weight_g"], one["unknown_sizes"]) for one in found["cartons"]]
    of_tea = [{"line_id": "1", "quantity": 3}, {"line_id": "3", "quantity": 1}]
    assert rows == [
        (None, of_tea, 1_000, ["3"]),  # nobody knows how large the pot is
        ("ICE", [{"line_id": "2", "quantity": 1}], 300, []),
    ]
    assert suggested(world, order_id, who="dc-2-system").status == 404


def test_the_carton_is_that_of_the_carrier_with_which_the_work_was_routed(world: World):
    order_id = picked(world, ("TEA-001", 5))

    found = suggested(world, order_id).body

    assert (found["carrier_id"], [one["carton_id"] for one in found["cartons"]]) == ("road", ["S"])
    assert SERVICE["service"] == found["service"]


def test_each_package_gets_an_sscc_of_the_node_and_is_found_by_it(world: World):
    order_id = picked(world)

    done = pack(world, order_id, box("P1", ("1", 2), carton_id="S"), box("P2", ("1", 1), dims_mm=[10, 20, 30]))

    assert done.status == 200, done.body
    first, second = (one["sscc"] for one in done.body["packages"])
    assert first != second
    assert all(is_sscc(code) and code[1:8] == PREFIX for code in (first, second))
    assert (done.body["packages"][0]["carton_id"], done.body["packages"][1]["dims_mm"]) == ("S", [10, 20, 30])
    for scanned in (first, f"(00){first}", f"]C100{first}"):
        (hit,) = world.call("GET", "/v1/find", query={"q": scanned}, who="dc-1-system").body["items"]
        assert (hit["kind"], hit["id"], hit["found_by"]) == ("fulfillment", done.body["fulfillment_id"], "sscc")
    assert world.call("GET", "/v1/find", query={"q": first}, who="dc-2-system").body["items"] == []


def test_the_same_request_twice_draws_once(world: World):
    order_id = picked(world)
    body = {"packages": [box("P1", ("1", 3))]}

    replies = [world.step(order_id, "pack", 1, body, key="once") for _ in range(2)]

    assert replies[0].body == replies[1].body
    assert sscc_serials.draw(PREFIX) == 2


def test_numbers_are_drawn_in_blocks_that_no_two_processes_share(world: World):
    first = [sscc_serials.draw(PREFIX) for _ in range(sscc_serials.BLOCK + 1)]
    sscc_serials.forget()  # another process

    assert [*first, sscc_serials.draw(PREFIX)] == [*range(1, sscc_serials.BLOCK + 2), 2 * sscc_serials.BLOCK + 1]


def test_a_crash_before_the_order_is_saved_leaves_a_gap_alone(world: World, monkeypatch: pytest.MonkeyPatch):
    from comanda.aws.orders import orders

    order_id = picked(world)
    body = {"packages": [box("P1", ("1", 3))]}
    with monkeypatch.context() as patch:
        patch.setattr(orders, "save", lambda *_: (_ for _ in ()).throw(MemoryError))
        assert world.step(order_id, "pack", 1, body, key="once").status == 500
    lost = f"0{PREFIX}000000001"
    assert world.call("GET", "/v1/find", query={"q": _with_check(lost)}, who="office").body["items"] == []

    done = world.step(order_id, "pack", 1, body, key="again")

    assert done.body["packages"][0]["sscc"] == _with_check(f"0{PREFIX}000000002")


def test_a_crash_at_any_call_of_packing_leaves_it_done_or_not_done(world: World):
    order_id = picked(world)
    body = {"packages": [box("P1", ("1", 1)), box("P2", ("1", 2), sscc=_with_check("34098765000000001"))]}
    moment, counted = Moment(world), Crash()
    with counted:
        assert world.step(order_id, "pack", 1, body, key="once").status == 200
    assert len(counted.points()) == 4  # a block of numbers, two labels, the order
    for at, after in counted.points():
        moment.back()
        sscc_serials.forget()  # a process that ends loses its numbers
        with Crash(at, after=after), suppress(Crashed):
            world.step(order_id, "pack", 1, body, key="once")
        sscc_serials.forget()

        reply = world.step(order_id, "pack", 1, body, key="once")

        assert reply.status == 200, reply.body
        codes = [one["sscc"] for one in reply.body["packages"]]
        assert len(set(codes)) == 2
        for code in codes:
            (hit,) = world.call("GET", "/v1/find", query={"q": code}, who="office").body["items"]
            assert hit["order_id"] == order_id
        assert world.order(order_id)["quantities"] == {"PACKED": 3}


def _with_check(digits: str) -> str:
    from comanda.domain.check_digit import with_check_digit

    return with_check_digit(digits)


def test_a_partners_sscc_is_checked_and_put_once(world: World):
    theirs = _with_check("34098765000000001")
    first, second = picked(world), picked(world)

    assert pack(world, first, box("P1", ("1", 3), sscc=theirs)).status == 200

    twice = pack(world, second, box("P1", ("1", 3), sscc=theirs))
    wrong = pack(world, second, box("P1", ("1", 3), sscc=theirs[:-1] + str((int(theirs[-1]) + 1) % 10)))
    both = pack(
        world, second, box("P1", ("1", 1), sscc=_with_check("3" * 17)), box("P2", ("1", 2), sscc=_with_check("3" * 17))
    )
    assert (twice.status, twice.errors) == (422, [("/packages/0/sscc", "sscc-taken")])
    assert (wrong.status, wrong.errors) == (422, [("/packages/0/sscc", "check-digit")])
    assert (both.status, both.errors) == (422, [("/packages/1/sscc", "sscc-taken")])


def test_a_number_of_ours_that_a_caller_gave_away_is_drawn_no_second_time(world: World):
    ours = _with_check(f"0{PREFIX}000000001")
    assert pack(world, picked(world), box("P1", ("1", 3), sscc=ours)).status == 200

    done = pack(world, picked(world), box("P1", ("1", 3)))

    assert done.body["packages"][0]["sscc"] == _with_check(f"0{PREFIX}000000002")


def test_a_node_without_a_prefix_gives_no_sscc(world: World):
    labelled(world, gs1_company_prefix=None)

    done = pack(world, picked(world), box("P1", ("1", 3)))

    assert done.body["packages"][0]["sscc"] is None


@pytest.mark.parametrize(
    ("packages", "error"),
    [
        ([box("P1", ("1", 2))], ("/packages", "too-few")),
        ([box("P1", ("1", 4))], ("/packages/0/contents/0/quantity", "too-many")),
        ([box("P1", ("1", 3), carton_id="M")], ("/packages/0/carton_id", "unknown-carton")),
        ([box("P1", ("1", 3), carton_id="S", weight_g=2_001)], ("/packages/0/weight_g", "too-heavy")),
        ([box("P1", ("1", 3), carrier="road", weight_g=30_001)], ("/packages/0/weight_g", "too-heavy")),
        ([box("P1", ("1", 3), parent_id="PAL")], ("/packages/0/parent_id", "unknown-package")),
        ([box("P1", ("1", 3), parent_id="P1")], ("/packages/0/parent_id", "nested-package")),
        ([box("P1", ("1", 2), parent_id="P2"), box("P2", ("1", 1))], ("/packages/0/parent_id", "not-a-pallet")),
    ],
)
def test_packages_that_cannot_be_so_are_refused_by_field_and_nothing_changes(world: World, packages: Any, error: Any):
    order_id = picked(world)
    before = world.tables()

    refused = pack(world, order_id, *packages)

    assert (refused.status, refused.errors) == (422, [error])
    assert world.tables() == before


def test_cold_goods_are_refused_in_a_carton_that_is_not_made_for_them(world: World):
    order_id = picked(world, ("TEA-001", 1), ("CUP-001", 1))

    refused = pack(world, order_id, box("P1", ("1", 1), ("2", 1), carton_id="L"))

    assert refused.errors == [("/packages/0/carton_id", "wrong-carton")]
    assert "L is not made for it" in str(refused.body)
    assert pack(world, order_id, box("P1", ("1", 1), carton_id="S"), box("P2", ("2", 1), carton_id="ICE")).status == 200


def test_cartons_stand_on_a_pallet_which_has_an_sscc_of_its_own(world: World):
    order_id = picked(world)

    done = pack(world, order_id, box("PAL", weight_g=90_000, carrier="road"), box("P1", ("1", 3), parent_id="PAL"))

    assert done.status == 200, done.body
    pallet, carton = done.body["packages"]
    assert carton["parent_id"] == "PAL"
    assert pallet["sscc"] != carton["sscc"]
    assert world.step(order_id, "ship").status == 200


def test_packed_units_are_packed_anew_until_they_leave(world: World):
    order_id = picked(world)
    one = pack(world, order_id, box("P1", ("1", 3), carton_id="S")).body["packages"][0]

    again = pack(world, order_id, box("P1", ("1", 1)), box("P2", ("1", 2), carton_id="S"), step="repack")

    assert again.status == 200, again.body
    assert again.body["status"] == "PACKED"
    first, second = again.body["packages"]
    assert (first["sscc"], first["carton_id"], first["contents"][0]["quantity"]) == (one["sscc"], None, 1)
    assert second["sscc"] not in (None, one["sscc"])
    events = world.call("GET", f"/v1/orders/{order_id}/events", who="office").body["items"]
    assert events[-1]["type"] == "repacked"
    assert pack(world, order_id, box("P1", ("1", 2)), step="repack").errors == [("/packages", "too-few")]
    world.steps(order_id, "ship")
    assert pack(world, order_id, box("P1", ("1", 3)), step="repack").status == 409


def test_one_parcel_number_for_packages_of_two_orders_finds_both(world: World):
    both = picked(world), picked(world)
    for i, order_id in enumerate(both):
        parcel = {"carrier": "UPS", "tracking_number": "1Z999AA10123456784"}
        assert pack(world, order_id, box(f"P{i}", ("1", 3), **parcel)).status == 200

    found = world.call("GET", "/v1/find", query={"q": "1Z999AA10123456784"}, who="dc-1-system").body["items"]

    assert {hit["id"] for hit in found} == {f"ful_{order_id[4:]}-001" for order_id in both}


def test_a_product_is_not_packed_into_what_nobody_named(world: World):
    order_id = picked(world, ("CUP-001", 1))

    refused = pack(world, order_id, box("P1", ("1", 1)))

    assert refused.errors == [("/packages/0/carton_id", "wrong-carton")]
    assert pack(world, order_id).status == 200  # without packages nobody can tell
