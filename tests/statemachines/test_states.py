"""Every state of both files has its next states, its Retry and its way to a person, and can be entered twice."""

from collections import defaultdict

import pytest

from comanda.aws.customers import mails
from comanda.aws.dynamodb import keys
from comanda.aws.orders import open_orders
from comanda.domain.errors import StaleOrder, StockConflict, Throttled
from tests.faults import conflicts
from tests.statemachines.conftest import Worlds
from tests.statemachines.interpreter import STATES
from tests.statemachines.retailer import TEA
from tests.statemachines.stories import (
    HISTORIES,
    PATHS,
    THROUGH,
    Story,
    cancelled,
    declined,
    has_ended,
    held_at_the_node,
    paths,
    shipped,
)
from tests.statemachines.world import MachinesWorld

_EACH_STORY = pytest.mark.parametrize("story", PATHS, ids=lambda story: story.__name__)

# The states that each story enters, so that one run can test all of them.
_STATES_OF: dict[Story, list[tuple[str, str]]] = defaultdict(list)
for _place, _story in THROUGH.items():
    _STATES_OF[_story].append(_place)

# The waits in seconds of an order that is complete but for a mail under way. Their number depends on threads. These waits have
# no jitter, and all other waits have.
MAIL_WAITS = {1, 2, 4, 8, 16, 32, 64}


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
def test_a_story_enters_these_states_and_is_then_forgotten_by_the_sweeper(world: MachinesWorld, story: Story) -> None:
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
def test_a_busy_error_is_tried_again(world: MachinesWorld, story: Story, places: list[tuple[str, str]]) -> None:
    busy = [StaleOrder("x"), StockConflict("x"), Throttled("x"), _of_the_service("Lambda.TooManyRequestsException")]
    for _, state in places:
        world.fail(state, *busy)

    order_id = story(world)

    assert paths(world, order_id) == PATHS[story]
    assert world.events(order_id) == HISTORIES[story]
    waited = [seconds for seconds in world.machines.slept if seconds not in MAIL_WAITS]
    assert len(waited) == len(busy) * len(places)
    has_ended(world, order_id)


def test_a_mail_that_another_process_claimed_and_left_is_sent_when_its_claim_is_over(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1))
    lease = int(world.now.timestamp()) + mails.LEASE_SECONDS
    claim = keys.mail(order_id, "shipped-001", "customer")
    world.aws.put("Orders", **claim, state="claimed", lease=lease, attempts=1)

    world.work(order_id, 1, "ship")

    assert world.path(order_id, 1) == ["Release", "Invoice", "Notify"]
    assert world.machines.slept.count(20) in (1, 2)  # the order's own waits for the mail, in its thread, pass time too
    assert world.events(order_id)[-1] == "completed"
    assert [row["state"] for row in world.aws.items("Orders", claim["pk"], claim["sk"])] == ["sent"]
    has_ended(world, order_id)


@pytest.mark.parametrize("story", [shipped, declined, cancelled, held_at_the_node], ids=lambda story: story.__name__)
def test_conflicts_and_throttling_delay_an_order_and_lose_nothing(worlds: Worlds, story: Story) -> None:
    """Three of ten calls of DynamoDB are refused; a person answers where seven tries of a state were not enough."""
    world = worlds(answered_by_a_person=True)

    with conflicts(seed=len(story.__name__)) as injected:
        order_id = story(world)

    assert sum(injected.values()) > 10
    assert set(world.asked) <= {"Throttled", "StockConflict", "StaleOrder", "MailClaimed"}
    asked = ("question_asked", "resumed")
    assert [event for event in world.events(order_id) if event not in asked] == HISTORIES[story]
    has_ended(world, order_id)


@_each_state("AskAPerson")
def test_an_error_without_an_edge_becomes_a_question_and_one_call_resumes_the_order(
    world: MachinesWorld, story: Story, places: list[tuple[str, str]]
) -> None:
    world.answered_by_a_person = True
    for _, state in places:
        world.fail(state, ZeroDivisionError("a bug"))

    order_id = story(world)

    numbers = range(len(world.order(order_id).fulfillments) + 1)
    taken = {("fulfillment" if n else "order", *edge) for n in numbers for edge in world.edges(order_id, n)}
    assert {(*place, "ZeroDivisionError", "AskAPerson") for place in places} <= taken
    assert world.asked == ["ZeroDivisionError"] * len(places)
    assert not [seconds for seconds in world.machines.slept if seconds not in MAIL_WAITS]
    has_ended(world, order_id)
