"""A fact that is committed before its wait is parked is seen after the parking, and the machine goes on at once."""

from collections.abc import Callable

import pytest

from comanda.domain.errors import NotAllowed
from tests.statemachines.interpreter import run
from tests.statemachines.retailer import REVIEW_FROM, TEA, goods_wait_for_their_invoice
from tests.statemachines.stories import has_ended
from tests.statemachines.world import MachinesWorld

Scene = Callable[[MachinesWorld], tuple[str, int]]


def _settled(world: MachinesWorld) -> tuple[str, int]:
    world.before("UntilSettled", lambda: world.change(world.orders[-1], "cancel", reason="too slow"))
    return world.placed((TEA, 1)), 0


def _route_again(world: MachinesWorld) -> tuple[str, int]:
    world.before("UntilSettled", lambda: world.say(world.orders[-1], 1, "decline", reason="CLOSED"))
    order_id = world.placed((TEA, 1))
    world.work(order_id, 2, "ship")
    return order_id, 0


def _provided(world: MachinesWorld) -> tuple[str, int]:
    world.before("UntilSettled", lambda: world.say_provided(world.orders[-1]))
    return world.placed((TEA, 1), kind="DIGITAL"), 0


def _review_is_over(world: MachinesWorld) -> tuple[str, int]:
    world.before("Held", lambda: world.change(world.orders[-1], "confirm"))
    order_id = world.placed((TEA, 1), price=REVIEW_FROM)
    world.work(order_id, 1, "ship")
    return order_id, 0


def _route_answered(world: MachinesWorld) -> tuple[str, int]:
    world.fail("Route", NotAllowed("no rule fits"))
    world.after("question_asked", lambda: world.answer(world.orders[-1], "exceptions"))
    order_id = world.placed((TEA, 1))
    world.work(order_id, 1, "ship")
    return order_id, 0


def _shipped(world: MachinesWorld) -> tuple[str, int]:
    world.before("Release", lambda: world.say(world.orders[-1], 1, "ship"))
    return world.placed((TEA, 1)), 1


def _declined(world: MachinesWorld) -> tuple[str, int]:
    world.before("Release", lambda: world.say(world.orders[-1], 1, "decline", reason="CLOSED"))
    order_id = world.placed((TEA, 1))
    world.work(order_id, 2, "ship")
    return order_id, 1


def _cancelled(world: MachinesWorld) -> tuple[str, int]:
    world.before("Release", lambda: world.change(world.orders[-1], "cancel", reason="too slow"))
    return world.placed((TEA, 1)), 1


def _held(world: MachinesWorld) -> tuple[str, int]:
    world.before("Release", lambda: world.change(world.orders[-1], "holds", type="FRAUD", reason="odd"))
    world.before("Held", lambda: world.change(world.orders[-1], "holds/h1/resolve", resolution="a friend"))
    order_id = world.placed((TEA, 1))
    world.work(order_id, 1, "ship")
    return order_id, 1


def _packed(world: MachinesWorld) -> tuple[str, int]:
    goods_wait_for_their_invoice(world.aws)

    def packed() -> None:
        for step in ("accept", "start-pick", "pick", "pack"):
            world.say(world.orders[-1], 1, step)

    world.before("Release", packed)
    order_id = world.placed((TEA, 1))
    world.work(order_id, 1, "ship")
    return order_id, 1


def _silent(world: MachinesWorld) -> tuple[str, int]:
    def missed() -> None:
        world.later(minutes=61)
        run("sweep", {"all": True})

    world.before("Release", missed)
    order_id = world.placed((TEA, 1))
    world.work(order_id, 1, "ship")
    return order_id, 1


def _invoice_answered(world: MachinesWorld) -> tuple[str, int]:
    world.fail("Invoice", NotAllowed("too little authorised"))
    world.after("question_asked", lambda: world.answer(world.orders[-1], "exceptions"))
    order_id = world.placed((TEA, 1))
    world.work(order_id, 1, "ship")
    return order_id, 1


@pytest.mark.parametrize(
    ("scene", "edges"),
    [
        (_settled, [("UntilSettled", "Settled", "Complete")]),
        (
            _provided,
            [("UntilSettled", "Provided", "InvoiceProvided"), ("UntilSettled", "Settled", "Complete")],
        ),
        (_route_again, [("UntilSettled", "RouteAgain", "Route")]),
        (_review_is_over, [("Route", "Held", "Held"), ("Held", "Resolved", "Route")]),
        (_route_answered, [("Route", "NotAllowed", "AskAPerson"), ("AskAPerson", "Resolved", "Route")]),
        (_shipped, [("Release", "Shipped", "Invoice")]),
        (_declined, [("Release", "Declined", "HandedBack")]),
        (_cancelled, [("Release", "Cancelled", "StandDown")]),
        (_held, [("Release", "HeldNow", "Held"), ("Held", "Resolved", "Release")]),
        (
            _packed,
            [
                ("Release", "Packed", "InvoicePacked"),
                ("InvoicePacked", "", "Release"),
                ("Release", "", "Invoice"),
            ],
        ),
        (_silent, [("Release", "Silent", "Escalate"), ("Escalate", "", "Release")]),
        (_invoice_answered, [("Invoice", "NotAllowed", "AskAPerson"), ("AskAPerson", "Resolved", "Release")]),
    ],
)
def test_an_answer_from_before_the_wait_was_parked_is_not_missed(
    world: MachinesWorld, scene: Scene, edges: list[tuple[str, str, str]]
) -> None:
    order_id, number = scene(world)

    assert set(edges) <= set(world.edges(order_id, number))
    has_ended(world, order_id)


def test_a_machine_is_not_answered_before_its_question_is_in_the_queue(world: MachinesWorld) -> None:
    """An event of another order calls `conduct` while the state is being parked."""
    world.fail("Route", NotAllowed("no rule fits"))
    world.after("token of AskAPerson", world.conduct_all)

    order_id = world.placed((TEA, 1))

    assert world.path(order_id) == ["Route", "AskAPerson"]
    assert [row["reason"] for row in world.queue("exceptions")] == ["NotAllowed"]
    world.resume(order_id, "exceptions")
    world.work(order_id, 1, "ship")
    has_ended(world, order_id)
