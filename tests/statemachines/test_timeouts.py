"""A wait that times out is entered again with a new token, and sees the next fact."""

from collections.abc import Callable
from functools import partial

import pytest

from comanda.domain.errors import NotAllowed
from tests.statemachines import stories
from tests.statemachines.conftest import Worlds
from tests.statemachines.retailer import REVIEW_FROM, TEA
from tests.statemachines.stories import has_ended
from tests.statemachines.world import MachinesWorld

Begin = Callable[[MachinesWorld], str]
Finish = Callable[[MachinesWorld, str], None]


def _placed(world: MachinesWorld) -> str:
    return world.placed((TEA, 1))


def _in_review(world: MachinesWorld) -> str:
    return world.placed((TEA, 1), price=REVIEW_FROM)


def _with_a_question(world: MachinesWorld) -> str:
    world.fail("Route", NotAllowed("no rule fits"))
    return world.placed((TEA, 1))


def _held(world: MachinesWorld) -> str:
    order_id = world.placed((TEA, 1))
    world.changed(order_id, "holds", type="FRAUD", reason="odd")
    return order_id


def _not_invoiced(world: MachinesWorld) -> str:
    world.fail("Invoice", NotAllowed("too little authorised"))
    return stories.shipped(world)


def _ships(world: MachinesWorld, order_id: str) -> None:
    world.work(order_id, 1, "ship")


def _confirms(world: MachinesWorld, order_id: str) -> None:
    world.changed(order_id, "confirm")
    _ships(world, order_id)


def _answers(world: MachinesWorld, order_id: str) -> None:
    world.resume(order_id, "exceptions")
    _ships(world, order_id)


def _frees(world: MachinesWorld, order_id: str) -> None:
    world.changed(order_id, "holds/h1/resolve", resolution="a friend")
    _ships(world, order_id)


def _answers_for_the_invoice(world: MachinesWorld, order_id: str) -> None:
    world.resume(order_id, "exceptions")


@pytest.mark.parametrize(
    ("machine", "state", "begin", "finish"),
    [
        ("order", "UntilSettled", _placed, _ships),
        ("order", "Held", _in_review, _confirms),
        ("order", "AskAPerson", _with_a_question, _answers),
        ("fulfillment", "Release", _placed, _ships),
        ("fulfillment", "Held", _held, _frees),
        ("fulfillment", "AskAPerson", _not_invoiced, _answers_for_the_invoice),
    ],
)
def test_a_wait_without_an_answer_is_entered_again(
    worlds: Worlds, machine: str, state: str, begin: Begin, finish: Finish
) -> None:
    world = worlds({machine: {state: 1}})
    number = 1 if machine == "fulfillment" else 0

    order_id = begin(world)
    before = world.order(order_id)
    world.until(partial(_entered_again, world, order_id, number, state))

    assert (state, "States.Timeout", state) in world.edges(order_id, number)
    assert world.order(order_id).status == before.status
    assert [q.reason for q in world.order(order_id).questions] == [q.reason for q in before.questions]
    finish(world, order_id)
    world.until(lambda: world.order(order_id).closed and world.status(order_id, number) == "SUCCEEDED")
    has_ended(world, order_id)


def _entered_again(world: MachinesWorld, order_id: str, number: int, state: str) -> bool:
    return world.path(order_id, number).count(state) > 1


def test_a_route_that_outlasts_its_function_three_times_is_a_persons(worlds: Worlds) -> None:
    world = worlds({})
    timed_out = type("Sandbox.Timedout", (Exception,), {})
    world.fail("Route", *(timed_out("Task timed out after 60.00 seconds") for _ in range(3)))

    order_id = world.placed((TEA, 1))

    assert world.path(order_id) == ["Route", "AskAPerson"]
    assert [(q.queue, q.reason) for q in world.order(order_id).questions] == [("exceptions", "Sandbox.Timedout")]
    world.resume(order_id, "exceptions")
    assert world.path(order_id) == ["Route", "AskAPerson", "Route", "UntilSettled"]
