"""An effect that was lost after its fact is repeated from the tables: at worst late, never twice."""

from comanda.aws.runtime.clients import client
from comanda.aws.runtime.settings import settings
from tests.statemachines.retailer import REVIEW_FROM, TEA
from tests.statemachines.stories import has_ended
from tests.statemachines.world import MachinesWorld

_SHIPPED = ["Release", "Invoice", "Notify"]


def test_a_lost_machine_is_started_again_under_the_next_number(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1))
    world.machines.lose(world.name(order_id))
    world.machines.lose(world.name(order_id, 1))

    world.sweep(all=True)

    assert world.path(order_id, run=2) == ["Route", "UntilSettled"]
    assert world.path(order_id, 1, run=2) == ["Release"]
    world.work(order_id, 1, "ship")
    assert world.path(order_id, run=2) == ["Route", "UntilSettled", "Complete"]
    assert world.path(order_id, 1, run=2) == _SHIPPED
    assert world.events(order_id) == ["placed", "routed", "shipped", "invoiced", "completed"]
    assert world.order(order_id).closed
    world.adds_up()


def test_a_machine_lost_twice_is_started_a_third_time(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1), price=REVIEW_FROM)
    for run in (1, 2):
        world.machines.lose(world.name(order_id, run=run))
        world.sweep(all=True)

    world.changed(order_id, "confirm")

    assert world.path(order_id, run=3) == ["Route", "Held", "Route", "UntilSettled"]
    assert world.status(order_id, run=4) == ""


def test_a_fact_for_a_machine_that_was_lost_starts_it_again(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1))
    world.machines.lose(world.name(order_id))
    world.machines.lose(world.name(order_id, 1))

    world.work(
        order_id, 1, "ship"
    )  # its tokens have no execution: that is no error, but a reason to check the machines

    assert world.path(order_id, 1, run=2) == _SHIPPED
    assert world.path(order_id, run=2) == ["Route", "UntilSettled", "Complete"]
    assert world.order(order_id).closed
    world.adds_up()


def test_an_order_whose_events_were_lost_is_started_by_the_sweeper(world: MachinesWorld) -> None:
    order_id = world.place_order((TEA, 1))
    world.stream.clear()
    assert world.status(order_id) == ""

    world.later(minutes=6)
    world.sweep()

    assert world.path(order_id, 1) == ["Release"]
    world.work(order_id, 1, "ship")
    assert world.path(order_id) == ["Route", "UntilSettled", "Complete"]
    has_ended(world, order_id)


def test_a_shipment_whose_events_were_lost_is_invoiced_by_the_sweeper(world: MachinesWorld) -> None:
    order_id = world.placed((TEA, 1))
    world.say(order_id, 1, "ship")
    world.stream.clear()

    world.later(minutes=61)
    world.sweep()

    assert world.path(order_id, 1) == _SHIPPED
    has_ended(world, order_id)


def test_a_batch_that_the_stream_gave_up_on_is_taken_up_from_its_record(world: MachinesWorld) -> None:
    order_id = world.place_order((TEA, 1))
    world.stream.clear()
    client("s3").put_object(
        Bucket=settings.failures_bucket, Key="aws/lambda/1", Body=f'{{"pk": {{"S": "O#{order_id}"}}}}'.encode()
    )

    assert world.sweep()["redriven"] == 1

    assert world.path(order_id, 1) == ["Release"]


def test_events_out_of_their_order_and_long_after_their_effect_change_nothing(world: MachinesWorld) -> None:
    order_id = world.place_order((TEA, 2))
    kept = list(world.stream)
    world.settle()
    world.say(order_id, 1, "decline", reason="CLOSED")
    kept += world.stream
    world.settle()
    world.say(order_id, 2, "ship")
    kept += world.stream
    world.settle()
    events = world.events(order_id)

    for record in reversed(kept):
        world.stream.append(record)
        world.settle()

    assert world.events(order_id) == events
    assert world.entered(order_id) == 5 + 2 + 3
    has_ended(world, order_id)


def test_a_machine_that_could_not_even_ask_is_started_again(world: MachinesWorld) -> None:
    """The state AskAPerson tries for hours; then the execution fails, which has an alarm, and the next look restarts it."""
    world.fail("Route", ZeroDivisionError("a bug"))
    world.fail("AskAPerson", *[ConnectionError("the table is gone")] * 11)

    order_id = world.placed((TEA, 1))
    assert world.status(order_id) == "FAILED"
    assert len(world.machines.slept) == 10
    world.later(minutes=6)
    world.sweep()

    assert world.path(order_id, run=2) == ["Route", "UntilSettled"]
    world.work(order_id, 1, "ship")
    assert world.order(order_id).closed
    world.adds_up()


def test_an_order_with_a_question_is_in_its_queue_with_the_reason_and_the_sweeper_leaves_it_there(
    world: MachinesWorld,
) -> None:
    world.fail("Route", ZeroDivisionError("a bug"))

    order_id = world.placed((TEA, 1))
    world.later(days=2)
    world.sweep()

    assert world.path(order_id) == ["Route", "AskAPerson"]
    assert [(row["order_id"], row["reason"]) for row in world.queue("exceptions")] == [(order_id, "ZeroDivisionError")]
    world.resume(order_id, "exceptions")
    assert world.queue("exceptions") == []
    world.work(order_id, 1, "ship")
    has_ended(world, order_id)


def test_a_machine_lost_while_its_question_waits_is_started_again_by_the_answer_though_its_order_is_closed(
    world: MachinesWorld,
) -> None:
    world.fail("Notify", ZeroDivisionError("a bug"))
    order_id = world.placed((TEA, 1))
    world.work(order_id, 1, "ship")
    assert world.order(order_id).closed
    assert world.mails(order_id) == ["M#placed#customer"]
    world.machines.lose(world.name(order_id, 1))

    world.resume(order_id, "exceptions")

    assert world.path(order_id, 1, run=2) == _SHIPPED
    assert world.mails(order_id) == ["M#placed#customer", "M#shipped-001#customer"]
    world.adds_up()
