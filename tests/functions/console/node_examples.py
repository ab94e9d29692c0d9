"""Make a node's work for its pages: offers, late picks, parcels, a counter and goods to put back."""

from datetime import timedelta

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from tests.functions.world import World, at_counter, usd

NAMES = ("WEB-10231", "WEB-10232", "POS-88117", "EDI-2026-11-29-000017", "WEB-10236", "WEB-10237", "WEB-10238")


# The longest title of a line, in words that are wider than a phone.
LONG = ("Donaudampfschifffahrtselektrizit\u00e4tenhauptbetriebswerk " * 9 + "\u0625\u0628\u0631\u064a\u0642 " * 9)[
    :499
] + "."


def busy(world: World) -> dict[str, str]:
    """Give dc-1 work of each kind, and return an order by its state."""
    for sku in ("TEA-001", "POT-001", "CUP-001"):
        world.stocked(sku, dc_1=500)
    tea = {"sku": "TEA-001", "quantity": 2, "product": {"title": LONG}}
    orders = [world.placed(tea, ("POT-001", 1), ("CUP-001", 3), external_id=name) for name in NAMES]
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


def late(world: World) -> str:
    """Let a busy day of dc-1 be over, and return an order that should have left."""
    order_id = busy(world)["picking"]
    world.now += timedelta(days=2)
    world.sweep()
    assert "late-work" in world.waiting(order_id)
    return order_id


def late_work(world: World) -> str:
    late(world)
    return "nodes/dc-1/late-work"


def offers(world: World) -> str:
    for sku in ("TEA-001", "POT-001"):
        world.stocked(sku, dc_1=500)
    for name in NAMES[:3]:
        world.placed(("TEA-001", 2), ("POT-001", 1), external_id=name)
    world.settle()
    return "nodes/dc-1/offers"


def a_page(part: str, state: str):
    """Return what makes the page of one fulfillment of a busy day."""
    return lambda world: f"nodes/dc-1/{part}/ful_{busy(world)[state][4:]}-001"


def shipping(world: World) -> str:
    busy(world)
    return "nodes/dc-1/ship"


def pickups(world: World) -> str:
    """Give the store an order that is ready and one that is packed, and return the first. The picker works there too."""
    world.aws.put("Directory", **keys.user("picker"), roles=["worker"], nodes=["dc-1", "store-1"])
    directory.forget()
    world.stocked("TEA-001", store_1=500)
    line = at_counter("TEA-001", 3)
    customer = {
        "name": "\u0641\u0627\u0637\u0645\u0629 \u0627\u0644\u0632\u0647\u0631\u0627\u0621",
        "email": "f@example.org",
    }
    paid = [{"method": "PAY_IN_STORE", "authorized": usd(3000)}]
    ready, packed = (world.placed(line, external_id=name, customer=customer, payments=paid) for name in NAMES[:2])
    world.settle()
    for order_id in (ready, packed):
        world.steps(order_id, "accept", "pick", "pack")
    world.steps(ready, "ready")
    return ready


def the_counter(world: World) -> str:
    pickups(world)
    return "nodes/store-1/counter"


def pay_outs(world: World) -> str:
    """Let the store have to pay out what it collected for an order that nobody took."""
    order_id = pickups(world)
    body = {"amount": usd(3000), "reference": "receipt-1"}
    assert world.step(order_id, "collect", body=body).status == 200
    assert world.step(order_id, "no-show").status == 200
    world.settle()
    return "nodes/store-1/pay-outs"


def asked_back(world: World) -> str:
    """Recall the packed work of a busy day, and return the page on which its node answers."""
    order_id = busy(world)["packed"]
    work = f"ful_{order_id[4:]}-001"
    recall = {"reason": "\u0641\u0627\u0637\u0645\u0629 moved house", "fulfillment_id": work}
    assert world.change(order_id, "recall", recall).status == 200
    return f"nodes/dc-1/back/{work}"


EXAMPLES = {
    "nodes/{node}/back/{fulfillment}": asked_back,
    "nodes/{node}/pack/{fulfillment}": a_page("pack", "picked"),
    "nodes/{node}/slip/{fulfillment}": a_page("slip", "packed"),
    "nodes/{node}/ship": shipping,
    "nodes/{node}/ship/{fulfillment}": a_page("ship", "packed"),
    "nodes/{node}/counter": the_counter,
    "nodes/{node}/counter/{fulfillment}": lambda world: f"nodes/store-1/counter/ful_{pickups(world)[4:]}-001",
    "nodes/{node}/offers": offers,
    "nodes/{node}/pick/{fulfillment}": a_page("pick", "picking"),
    "nodes/{node}": the_day,
    "nodes/{node}/put-back": put_back,
    "nodes/{node}/late-work": late_work,
    "nodes/{node}/pay-outs": pay_outs,
}
