"""Every state of both files: its way out, its Retry, its way to a person, and what entering it again does."""

from collections import defaultdict

import pytest

from comanda.aws import open_orders
from comanda.domain.errors import StaleOrder, StockConflict, Throttled
from tests.statemachines.conftest import Worlds
from tests.statemachines.interpreter import STATES
from tests.statemachines.stories import HISTORIES, PATHS, THROUGH, Story, has_ended, paths
from tests.statemachines.world import World

_EACH_STORY = pytest.mark.parametrize("story", PATHS, ids=lambda story: story.__name__)

# The states that each story leads through, for what befalls all of them in one life.
_STATES_OF: dict[Story, list[tuple[str, str]]] = defaultdict(list)
for _place, _story in THROUGH.items():
    _STATES_OF[_story].append(_place)


def _each_state(*but: str) -> pytest.MarkDecorator:
    groups = [(story, places) for story, places in _STATES_OF.items() if not {state for _, state in places} & {*but}]
    return pytest.mark.parametrize(
        ("story", "places"), groups, ids=["-".join(s for _, s in group) for _, group in groups]
    )


def _of_the_service(name: str) -> Exception:
    """An error of the Lambda service itself."""
    return type(name, (Exception,), {})()


def test_every_state_has_its_story() -> None:
    assert set(THROUGH) == set(STATES)


@_EACH_STORY
def test_a_story_enters_these_states_and_is_then_forgotten_by_the_sweeper(world: World, story: Story) -> None:
    order_id = story(world)

    assert paths(world, order_id) == PATHS[story]
    assert world.events(order_id) == HISTORIES[story]
    has_ended(world, order_id)
    world.later(minutes=6)
    assert world.sweep()["facts"] == 0
    assert open_orders.due(None) == []


@_EACH_STORY
def test_handlers_run_twice_and_events_delivered_twice_change_nothing(worlds: Worlds, story: Story) -> None:
    world = worlds(twice=True, deliveries=2)

    order_id = story(world)

    assert paths(world, order_id) == PATHS[story]
    assert world.events(order_id) == HISTORIES[story]
    has_ended(world, order_id)


@_each_state()
def test_what_is_busy_is_tried_again(world: World, story: Story, places: list[tuple[str, str]]) -> None:
    busy = [StaleOrder("x"), StockConflict("x"), Throttled("x"), _of_the_service("Lambda.TooManyRequestsException")]
    for _, state in places:
        world.fail(state, *busy)

    order_id = story(world)

    assert paths(world, order_id) == PATHS[story]
    assert world.events(order_id) == HISTORIES[story]
    assert len(world.machines.slept) == len(busy) * len(places)
    has_ended(world, order_id)


@_each_state("AskAPerson")
def test_an_error_without_an_edge_asks_a_person_and_one_call_resumes(
    world: World, story: Story, places: list[tuple[str, str]]
) -> None:
    world.answered_by_a_person = True
    for _, state in places:
        world.fail(state, ZeroDivisionError("a bug"))

    order_id = story(world)

    numbers = range(len(world.order(order_id).fulfillments) + 1)
    taken = {("fulfillment" if n else "order", *edge) for n in numbers for edge in world.edges(order_id, n)}
    assert {(*place, "ZeroDivisionError", "AskAPerson") for place in places} <= taken
    assert world.asked == ["ZeroDivisionError"] * len(places)
    assert world.machines.slept == []
    has_ended(world, order_id)
