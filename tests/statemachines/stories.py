"""
Tell stories of an order, each with the states that it enters: a story is the same whatever errors a state has on the way.

A story drives its order to the end and returns its id. `PATHS` has the states that its machines enter: 0 is the order's
machine, n is that of fulfillment n. `HISTORIES` has the committed facts, in their order.
"""

from collections.abc import Callable

from comanda.domain.errors import NotAllowed
from tests.statemachines.retailer import REVIEW_FROM, TEA, goods_wait_for_their_invoice
from tests.statemachines.world import MachinesWorld

Story = Callable[[MachinesWorld], str]

_SHIPPED = ["Release", "Invoice", "Notify"]


def shipped(world: MachinesWorld) -> str:
    order_id = world.placed((TEA, 2))
    world.work(order_id, 1, "ship")
    return order_id


def picked_up(world: MachinesWorld) -> str:
    order_id = world.placed((TEA, 1), pickup="store-1")
    for step in ("accept", "start-pick", "pick", "pack", "ready", "hand-over"):
        world.work(order_id, 1, step)
    return order_id


def provided(world: MachinesWorld) -> str:
    """A digital item is provided in two parts, so that its machine invoices twice."""
    order_id = world.placed((TEA, 2), kind="DIGITAL")
    for _ in range(2):
        world.provide(order_id)
    return order_id


def declined(world: MachinesWorld) -> str:
    order_id = world.placed((TEA, 2))
    world.work(order_id, 1, "decline", reason="NO_CAPACITY")
    world.work(order_id, 2, "ship")
    return order_id


def not_found(world: MachinesWorld) -> str:
    """The node finds no unit on its shelf."""
    order_id = world.placed((TEA, 2))
    world.work(order_id, 1, "accept")
    world.work(order_id, 1, "short-pick", reason="NOT_FOUND", lines=[{"line_id": "1", "quantity": 2}])
    world.work(order_id, 2, "ship")
    return order_id


def cancelled(world: MachinesWorld) -> str:
    order_id = world.placed((TEA, 2))
    world.changed(order_id, "cancel", reason="changed my mind")
    return order_id


def silent(world: MachinesWorld) -> str:
    """The node misses its first deadline, and ships after the reminder."""
    order_id = world.placed((TEA, 2))
    world.later(minutes=61)
    world.sweep()
    world.work(order_id, 1, "ship")
    return order_id


def reviewed(world: MachinesWorld) -> str:
    order_id = world.placed((TEA, 1), price=REVIEW_FROM)
    world.changed(order_id, "confirm")
    world.work(order_id, 1, "ship")
    return order_id


def held_at_the_node(world: MachinesWorld) -> str:
    order_id = world.placed((TEA, 2))
    world.changed(order_id, "holds", type="FRAUD", reason="odd")
    world.changed(order_id, "holds/h1/resolve", resolution="a friend")
    world.work(order_id, 1, "ship")
    return order_id


def invoiced_before_it_left(world: MachinesWorld) -> str:
    """The goods of this seller wait for their invoice when they are packed."""
    goods_wait_for_their_invoice(world.aws)
    order_id = world.placed((TEA, 2))
    for step in ("accept", "start-pick", "pick", "pack", "ship"):
        world.work(order_id, 1, step)
    return order_id


def asked_about_its_route(world: MachinesWorld) -> str:
    world.fail("Route", NotAllowed("no rule fits"))
    order_id = world.placed((TEA, 2))
    world.resume(order_id, "exceptions")
    world.work(order_id, 1, "ship")
    return order_id


def asked_about_its_invoice(world: MachinesWorld) -> str:
    world.fail("Invoice", NotAllowed("too little authorised"))
    order_id = shipped(world)
    world.resume(order_id, "exceptions")
    return order_id


PATHS: dict[Story, dict[int, list[str]]] = {
    shipped: {0: ["Route", "UntilSettled", "Complete"], 1: _SHIPPED},
    picked_up: {0: ["Route", "UntilSettled", "Complete"], 1: _SHIPPED},
    provided: {
        0: ["Route", "UntilSettled", "InvoiceProvided", "UntilSettled", "InvoiceProvided", "UntilSettled", "Complete"]
    },
    declined: {
        0: ["Route", "UntilSettled", "Route", "UntilSettled", "Complete"],
        1: ["Release", "HandedBack"],
        2: _SHIPPED,
    },
    not_found: {
        0: ["Route", "UntilSettled", "Route", "UntilSettled", "Complete"],
        1: ["Release", "HandedBack"],
        2: _SHIPPED,
    },
    cancelled: {0: ["Route", "UntilSettled", "Complete"], 1: ["Release", "StandDown"]},
    silent: {0: ["Route", "UntilSettled", "Complete"], 1: ["Release", "Escalate", *_SHIPPED]},
    reviewed: {0: ["Route", "Held", "Route", "UntilSettled", "Complete"], 1: _SHIPPED},
    held_at_the_node: {0: ["Route", "UntilSettled", "Complete"], 1: ["Release", "Held", *_SHIPPED]},
    invoiced_before_it_left: {
        0: ["Route", "UntilSettled", "Complete"],
        1: ["Release", "InvoicePacked", *_SHIPPED],
    },
    asked_about_its_route: {0: ["Route", "AskAPerson", "Route", "UntilSettled", "Complete"], 1: _SHIPPED},
    asked_about_its_invoice: {
        0: ["Route", "UntilSettled", "Complete"],
        1: ["Release", "Invoice", "AskAPerson", *_SHIPPED],
    },
}

_ROUTED, _LEFT = ["placed", "routed"], ["shipped", "invoiced", "completed"]

HISTORIES: dict[Story, list[str]] = {
    shipped: [*_ROUTED, *_LEFT],
    picked_up: [
        *_ROUTED,
        *("accepted", "picking", "picked", "packed", "ready", "handed_over"),
        *("invoiced", "completed"),
    ],
    provided: [*_ROUTED, "provided", "invoiced", "provided", "invoiced", "completed"],
    declined: [*_ROUTED, "line_declined", "routed", *_LEFT],
    not_found: [*_ROUTED, "accepted", "short_picked", "routed", *_LEFT],
    cancelled: [*_ROUTED, "cancelled", "completed"],
    silent: [*_ROUTED, "silent", "reminded", *_LEFT],
    reviewed: ["placed", "confirmed", "routed", *_LEFT],
    held_at_the_node: [*_ROUTED, "held", "hold_resolved", *_LEFT],
    invoiced_before_it_left: [
        *_ROUTED,
        *("accepted", "picking", "picked", "packed", "invoiced", "shipped", "captured", "completed"),
    ],
    asked_about_its_route: ["placed", "question_asked", "resumed", "routed", *_LEFT],
    asked_about_its_invoice: [*_ROUTED, "shipped", "question_asked", "resumed", "invoiced", "completed"],
}

# A story through every state of both machines.
THROUGH: dict[tuple[str, str], Story] = {
    ("order", "Route"): shipped,
    ("order", "UntilSettled"): shipped,
    ("order", "Held"): reviewed,
    ("order", "AskAPerson"): asked_about_its_route,
    ("order", "InvoiceProvided"): provided,
    ("order", "Complete"): shipped,
    ("fulfillment", "Release"): shipped,
    ("fulfillment", "InvoicePacked"): invoiced_before_it_left,
    ("fulfillment", "Invoice"): shipped,
    ("fulfillment", "Notify"): shipped,
    ("fulfillment", "HandedBack"): declined,
    ("fulfillment", "StandDown"): cancelled,
    ("fulfillment", "Escalate"): silent,
    ("fulfillment", "Held"): held_at_the_node,
    ("fulfillment", "AskAPerson"): asked_about_its_invoice,
}


def paths(world: MachinesWorld, order_id: str) -> dict[int, list[str]]:
    """Return the states that the machines of an order entered, in the shape of `PATHS`."""
    return {number: world.path(order_id, number) for number in range(len(world.order(order_id).fulfillments) + 1)}


def has_ended(world: MachinesWorld, order_id: str) -> None:
    """Check that the order is closed, its machines have ended, no item waits for a person, and all identities hold."""
    order = world.order(order_id)
    assert order.closed
    assert not order.questions
    for number in range(len(order.fulfillments) + 1):
        assert world.status(order_id, number) == "SUCCEEDED"
    assert world.queue("exceptions") == []
    world.adds_up()
