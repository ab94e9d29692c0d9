"""A routing decision is explained over HTTP, made again from the tables, and compared with a shadow rule set."""

from datetime import UTC, datetime

from infra import names
from ops import routing, routing_report
from tests.system.retailer import EAST, MARKET, SHADOW, WATCHED, WEST, line
from tests.system.world import DeployedWorld, eventually


def test_a_decision_is_explained_made_again_and_compared_with_its_shadow(world: DeployedWorld):
    sku = world.sku(dc_east=50, dc_west=50)
    today = datetime.now(UTC).date()

    def watched() -> str:  # the router reads a new shadow within a minute
        order = world.place_order(line(sku), by="market", channel=MARKET, to=EAST, sourcing_class=WATCHED)
        world.routed(order)
        (decision,) = world.office.get(f"/v1/orders/{order['order_id']}/decisions")["items"]
        return str(order["order_id"]) if decision.get("shadows") else ""

    order_id = eventually(watched, "the shadow's outcome", 70)

    (decision,) = world.office.get(f"/v1/orders/{order_id}/decisions")["items"]
    live, looked_on = decision["explanation"]
    assert live.startswith(f"1 of {sku} (line 1) is sent from {EAST}, ")
    assert "Proven to be the cheapest under these costs" in live
    assert looked_on.startswith(
        f"Rule set {SHADOW}, version {decision['shadows'][0]['rule_set'].split('@')[1]}, ran as a shadow"
    )
    assert f"1 shipment from {WEST}" in looked_on

    tables = routing.Tables(
        dynamodb=world.aws("dynamodb"), orders=world.deployed[names.ORDERS], directory=world.deployed[names.DIRECTORY]
    )
    again, same = routing.replay_order(tables.order(order_id))
    assert (
        same,
        again[-1].endswith(f"1 {sku} from {EAST} for {decision['stages'][0]['cost_micros']} micro-units: the same"),
    ) == (True, True)

    found = routing_report.compare_days(tables, today, datetime.now(UTC).date(), MARKET, SHADOW)
    seen = found["shadows"][-1]
    by_name = {one["name"]: one for one in seen["measures"]}
    assert (seen["differ"], by_name["priced"]["difference"] > 0, by_name["carbon g"]["difference"] > 0) == (
        seen["orders"],
        True,
        True,
    )
    assert (by_name["shipments"]["difference"], by_name["priced"]["says"]) == (0, "too few")
