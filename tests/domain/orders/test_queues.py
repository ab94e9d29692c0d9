"""Lines that wait are listed in their queue, and the tasks follow from two versions of an order."""

from dataclasses import replace

from comanda.domain.orders import queues
from comanda.domain.orders.status import Status
from tests.builders import (
    NOW,
    a_line,
    a_line_in,
    an_allocation,
    an_order,
    placed,
)
from tests.domain.models.waiting import a_declined_pickup, backordered

S = Status


def test_lines_that_wait_are_listed_with_their_units_and_the_reason():
    assert queues.waiting_lines(backordered(2, 3)) == {"backorder": (("1", 2, "no-stock"), ("2", 3, "no-stock"))}
    assert queues.waiting_lines(a_declined_pickup()) == {"customer-care": (("1", 2, "pickup-declined: OTHER"),)}
    assert queues.waiting_lines(placed(an_order())) == {}


def test_a_line_may_wait_for_a_person_and_for_stock():
    line = a_line_in(
        an_allocation(1, S.UNSCHEDULED),
        an_allocation(2, S.BACKORDERED),
        waits_in="routing",
        because="too-many-declines",
    )

    assert set(queues.waiting_lines(replace(placed(an_order(line)), lines=(line,)))) == {"routing", "backorder"}


def test_a_queue_opens_changes_and_closes_with_the_order():
    created, waiting = placed(an_order(a_line("TEA", 5))), backordered(2, 3)

    opened, none = queues.task_changes(created, waiting, NOW)
    assert none == ()
    (task,) = opened
    assert (task.queue, task.item, task.due, task.reason, task.priority) == (
        "backorder",
        "backorder",
        NOW,
        "no-stock",
        5,
    )
    assert dict(task.data) == {"lines": "1,2", "units": "5"}
    assert queues.task_changes(waiting, waiting, NOW) == ((), ())
    changed, _ = queues.task_changes(waiting, waiting.with_lines([waiting.line("1").move("receipt", 1)]), NOW)
    assert dict(changed[0].data)["units"] == "4"
    assert queues.task_changes(waiting, created, NOW) == ((), (("backorder", "backorder"),))
    assert queues.task_changes(None, waiting, NOW)[0] == opened
