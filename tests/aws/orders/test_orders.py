"""A rule decides on an order and the store saves it: whole, as the next version, and again when another process was first."""

from collections.abc import Iterator

import pytest

from comanda.aws.dynamodb import keys, transaction
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.orders import orders
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime.settings import settings
from comanda.domain.errors import Rejected, StockConflict
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.order import Order
from tests.functions.world import World

SKU = "TEA-001"


@pytest.fixture
def order_id(world: World) -> str:
    return world.placed((SKU, 1))


def decision(world: World, order: Order) -> Decision:
    return Decision(order=order, event=Event(type=EventType.REMINDED, actor="test", at=world.now, data={}))


def note(name: str, refused: Exception | None = None) -> Write:
    error = refused or StockConflict(name)
    return transaction.put_once(settings.orders_table, {"pk": f"NOTE-{name}", "sk": keys.HEADER}, error)  # type: ignore[arg-type]


def notes(world: World) -> Iterator[str]:
    return (row["pk"] for row in world.aws.items("Orders") if row["pk"].startswith("NOTE-"))


def test_a_rule_that_finds_nothing_to_do_changes_nothing(world: World, order_id: str):
    before = orders.load(order_id)

    saved = orders.decide(order_id, lambda _: None)

    assert (saved.order, saved.event, saved.changed) == (before, None, False)
    assert orders.load(order_id) == before


def test_a_decision_is_the_orders_next_version_with_its_event_and_its_writes(world: World, order_id: str):
    before = orders.load(order_id)

    saved = orders.decide(order_id, lambda o: Saving(decision=decision(world, o), first=[note("a")], also=[note("b")]))

    assert saved.changed
    assert saved.event is not None
    assert saved.event.type == EventType.REMINDED
    assert saved.order.version == before.version + 1 == orders.load(order_id).version
    assert orders.children(order_id, keys.EVENTS)[-1]["type"] == "reminded"
    assert sorted(notes(world)) == ["NOTE-a", "NOTE-b"]


def test_the_rule_decides_again_when_another_process_saved_first(world: World, order_id: str):
    seen: list[int] = []

    def rule(order: Order) -> Decision:
        if not seen:
            orders.save(order, decision(world, order))  # by another process, after this one has read the order
        seen.append(order.version)
        return decision(world, order)

    saved = orders.decide(order_id, rule)

    assert seen == [1, 2]
    assert saved.order.version == 3


def test_a_refused_write_of_a_saving_leaves_the_order_as_it_was_and_raises_its_own_error(world: World, order_id: str):
    class NoteExists(Rejected):
        pass

    transaction.commit([note("a")])

    with pytest.raises(NoteExists):
        orders.decide(order_id, lambda o: Saving(decision=decision(world, o), first=[note("a", NoteExists())]))

    assert orders.load(order_id).version == 1


def test_writes_that_need_not_be_made_are_left_out_when_the_transaction_is_full(
    world: World, order_id: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(orders, "_ROOM", 4)  # the order, its event, `also`, and one more
    extra = [note(name) for name in "xyz"]

    orders.decide(order_id, lambda o: Saving(decision=decision(world, o), also=[note("a")], if_room=extra))

    assert sorted(notes(world)) == ["NOTE-a", "NOTE-x"]
