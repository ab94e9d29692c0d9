"""An order with many destinations is routed to each of them, and no unit, turn or reservation is used twice."""

from dataclasses import replace

from comanda.domain.orders.destination import Destination
from comanda.domain.orders.order import Order
from comanda.domain.orders.queues import Queue
from comanda.domain.routing.inputs import RouterInputs
from comanda.domain.routing.plan import Plan
from comanda.domain.routing.route import arrivals, route
from comanda.domain.scheduling.schedule import schedule
from comanda.domain.stock.changes import ReservedUnits
from tests.builders import DENVER, NEW_YORK, NOW, TODAY, a_line, a_node, a_position, an_order, placed, saved
from tests.domain.models.journeys import a_carrier

HOME_NODE, FAR_NODE = a_node("dc-1"), a_node("dc-2", NEW_YORK)
EAST = Destination(country="US", region="NY", postal_prefix="100", latitude=NEW_YORK[0], longitude=NEW_YORK[1])
WEST = Destination(country="US", region="CO", latitude=DENVER[0], longitude=DENVER[1])


def an_order_to(*destinations: int, quantity: int = 2) -> Order:
    """An order from Chicago with a line of tea for each of these destinations: 1 is in the east, 2 in the west."""
    order = placed(an_order(*(a_line("TEA", quantity, destination=n) for n in destinations)))
    return replace(order, destinations=(EAST, WEST))


def planned(order: Order, stock: dict[str, int], **changes) -> Plan:
    positions = [a_position("TEA", node, units) for node, units in stock.items()]
    world = RouterInputs(positions=positions, nodes=(HOME_NODE, FAR_NODE), **changes)
    return route(order, world, NOW)


def sent(plan: Plan) -> list[tuple[str, int, int]]:
    return [(p.node.node_id, p.destination, p.units) for p in plan.fulfillments]


def test_each_destination_gets_its_own_fulfillment_from_the_nearest_node():
    order = an_order_to(0, 1)

    plan = planned(order, {"dc-1": 9, "dc-2": 9})

    assert sent(plan) == [("dc-1", 0, 2), ("dc-2", 1, 2)]
    assert [one.get("destination", 0) for one in (plan.decision, *plan.others)] == [0, 1]
    assert plan.others[0]["nodes"]["dc-2"] < plan.others[0]["nodes"].get("dc-1", 9999)


def test_one_node_makes_one_fulfillment_for_each_destination():
    order = an_order_to(0, 1, 2, 1)
    plan = planned(order, {"dc-1": 99})

    after = saved(schedule(order, plan, [a_position("TEA", "dc-1", 99)], NOW))

    assert [(f.node, f.destination) for f in after.fulfillments] == [("dc-1", 0), ("dc-1", 1), ("dc-1", 2)]
    lines = [{line.line_id for line, _ in after.units_of(f.number)} for f in after.fulfillments]
    assert lines == [{"1"}, {"2", "4"}, {"3"}]


def test_units_that_one_destination_takes_are_not_there_for_the_next():
    plan = planned(an_order_to(0, 1), {"dc-1": 3})

    assert sent(plan) == [("dc-1", 0, 2), ("dc-1", 1, 1)]
    assert [(left.line_id, left.quantity, left.queue) for left in plan.leftovers] == [("2", 1, Queue.BACKORDER)]


def test_a_nodes_day_is_for_all_destinations_together():
    small = a_node("dc-1", units_per_day=3)
    world = RouterInputs(positions=[a_position("TEA", "dc-1", 99)], nodes=(small,))

    plan = route(an_order_to(0, 1), world, NOW)

    days = [day for p in plan.fulfillments for day, units in p.turns for _ in range(units)]
    assert max(days.count(day) for day in days) <= 3
    assert sum(p.units for p in plan.fulfillments) == 4


def test_reserved_units_are_used_once():
    kept = ReservedUnits(sku="TEA", node="dc-2", quantity=3, due=TODAY, source="r", line="1", n="1")
    positions = [a_position("TEA", "dc-2", 3), a_position("TEA", "dc-1", 9)]
    world = RouterInputs(positions=positions, nodes=(HOME_NODE, FAR_NODE))

    plan = route(an_order_to(0, 2), world, NOW, (kept,))

    assert sum(units for node, _, units in sent(plan) if node == "dc-2") == 3
    assert sum(units for _, _, units in sent(plan)) == 4


def test_a_destination_in_another_country_has_nodes_of_that_country():
    order = replace(an_order_to(0, 1), destinations=(Destination(country="BR"),))

    plan = planned(order, {"dc-1": 9, "dc-2": 9})

    assert sent(plan) == [("dc-1", 0, 2)]
    assert [left.line_id for left in plan.leftovers] == ["2"]


def test_a_second_route_places_only_what_is_left_for_its_destination():
    order = an_order_to(0, 1)
    first = saved(schedule(order, planned(order, {"dc-1": 2}), [a_position("TEA", "dc-1", 2)], NOW))
    back = first.with_lines(line.move("receipt", 2) for line in first.lines if line.waiting())

    plan = planned(back, {"dc-1": 9})

    assert sent(plan) == [("dc-1", 1, 2)]
    assert (plan.decision["destination"], plan.others) == (1, ())


def test_days_of_waiting_units_are_those_of_their_own_destination():
    order = an_order_to(0, 1)
    world = RouterInputs(positions=(), nodes=(HOME_NODE, FAR_NODE), carriers=[a_carrier()])

    days = arrivals(order, [("1", "dc-1", 2, None), ("2", "dc-1", 2, None)], world, NOW)

    assert set(days) == {("dc-1", "SHIP", "STANDARD", 0, None), ("dc-1", "SHIP", "STANDARD", 1, None)}


def test_an_order_with_one_destination_is_routed_as_ever():
    order = placed(an_order(a_line("TEA", 2), a_line("TEA", 1)))

    plan = planned(order, {"dc-1": 9})

    assert (sent(plan), plan.others, "destination" in plan.decision) == ([("dc-1", 0, 3)], (), False)
