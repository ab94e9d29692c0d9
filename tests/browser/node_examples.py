"""Make a node's work for the browser tests: offers, late picks, parcels, a counter and goods to put back."""

from datetime import timedelta

from tests.functions.world import World

NAMES = ("WEB-10231", "WEB-10232", "POS-88117", "EDI-2026-11-29-000017", "WEB-10236", "WEB-10237", "WEB-10238")


def busy(world: World) -> dict[str, str]:
    """Give dc-1 work of each kind, and return an order by its state."""
    for sku in ("TEA-001", "POT-001", "CUP-001"):
        world.stocked(sku, dc_1=500)
    orders = [world.placed(("TEA-001", 2), ("POT-001", 1), ("CUP-001", 3), external_id=name) for name in NAMES]
    world.settle()
    offered, accepted, picking, picked, packed, gone, late = orders
    world.steps(late, "accept")
    world.now += timedelta(minutes=40)
    world.steps(accepted, "accept")
    world.steps(picking, "accept", "start-pick")
    world.steps(picked, "accept", "pick")
    world.steps(packed, "accept", "pick")
    packages = [{"package_id": "B-1", "carrier": "Northway", "tracking_number": "NW 1234 5678", "weight_g": 1250}]
    assert world.step(packed, "pack", body={"packages": packages}).status == 200
    world.steps(gone, "accept", "pick")
    assert world.change(gone, "cancel", {"reason": "no longer wanted"}, who="shop").status == 200
    world.settle()
    return {"offered": offered, "accepted": accepted, "picking": picking, "picked": picked, "packed": packed}


def the_day(world: World) -> str:
    busy(world)
    return "nodes/dc-1"


def put_back(world: World) -> str:
    busy(world)
    return "nodes/dc-1/put-back"


def late_work(world: World) -> str:
    late = busy(world)["picking"]
    world.now += timedelta(days=2)
    world.sweep()
    assert "late-work" in world.waiting(late)
    return "nodes/dc-1/late-work"


def offers(world: World) -> str:
    for sku in ("TEA-001", "POT-001"):
        world.stocked(sku, dc_1=500)
    for name in NAMES[:3]:
        world.placed(("TEA-001", 2), ("POT-001", 1), external_id=name)
    world.settle()
    return "nodes/dc-1/offers"


def a_pick(world: World) -> str:
    return f"nodes/dc-1/pick/ful_{busy(world)['picking'][4:]}-001"


EXAMPLES = {
    "nodes/{node}/offers": offers,
    "nodes/{node}/pick/{fulfillment}": a_pick,
    "nodes/{node}": the_day,
    "nodes/{node}/put-back": put_back,
    "nodes/{node}/late-work": late_work,
}
