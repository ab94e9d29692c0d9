"""Test that each shipment is invoiced and captured once, and that the books of a settled order close to the cent."""

import pytest

from comanda.aws.directory import directory
from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import unpack
from comanda.aws.orders import invoices, orders, payments
from comanda.aws.orders.orders import Saving
from comanda.domain.billing import ahead
from comanda.domain.billing.ahead import Issuing
from comanda.domain.errors import MailPending, NotAllowed
from comanda.domain.orders.decision import Decision, Event, EventType
from tests.builders import NOW
from tests.functions.world import World, usd
from tests.invariants import broken


@pytest.mark.parametrize(("channel", "left"), [("web", 300), ("outlet", 50)])
def test_a_cancelled_unit_takes_its_share_of_the_discount_along_unless_the_channel_keeps_it(
    world: World, channel: str, left: int
):
    world.entry(
        directory.CHANNEL,
        "outlet",
        {"name": "o", "currencies": ["USD"], "countries": ["US"], "locales": [], "discount_after_cancel": "KEEP"},
    )
    world.stocked("TEA-001", dc_1=2)
    order_id = world.placed(
        {"sku": "TEA-001", "quantity": 2, "tax": {"rate": "0.1", "amount": usd(100)}},
        channel=channel,
        discounts=[{"code": "HALF", "amount": usd(1500)}],
        totals={"goods": usd(2000), "discounts": usd(1500), "charges": usd(0), "tax": usd(100), "total": usd(600)},
        payments=[{"method": "CARD", "reference": "c", "authorized": usd(600)}],
        who="office",
    )
    world.settle()
    assert world.change(order_id, "cancel", {"reason": "one", "lines": [{"line_id": "1", "quantity": 1}]}).status == 200
    world.steps(order_id, "ship")
    world.settle()

    (paid,) = world.order(order_id)["payments"]
    assert (paid["captured"]["amount"], paid["released"]["amount"]) == (left, 600 - left)
    assert broken(world.tables()) == []


def test_the_invoices_of_a_split_order_add_up_to_its_total_to_the_cent(world: World):
    world.stocked("TEA-001", dc_1=2, dc_2=1)
    line = {"sku": "TEA-001", "quantity": 3, "unit_price": usd(333), "tax": {"rate": "0.1", "amount": usd(100)}}
    discounted = {**line, "discounts": [{"code": "D", "amount": usd(10)}]}
    order_id = world.placed(
        discounted,
        charges=[{"kind": "SHIPPING", "amount": usd(500), "tax": usd(50)}],
        discounts=[{"code": "H", "amount": usd(7)}],
        totals={
            "goods": usd(999), "discounts": usd(17), "charges": usd(500), "tax": usd(150), "total": usd(1632),
        },
        payments=[
            {"method": "GIFT_CARD", "reference": "g", "authorized": usd(1000)},
            {"method": "CARD", "reference": "c", "authorized": usd(700)},
        ],
    )  # fmt: skip
    world.settle()
    for number in (1, 2):
        world.steps(order_id, "ship", number=number)
        world.settle()

    order = world.order(order_id)
    totals = [
        world.call("GET", f"/v1/invoices/{invoice}").body["totals"]["total"]["amount"] for invoice in order["invoices"]
    ]
    assert sum(totals) == 1632
    gift, card = order["payments"]
    assert (gift["captured"]["amount"], card["captured"]["amount"], card["released"]["amount"]) == (1000, 632, 68)
    assert broken(world.tables()) == []


def test_a_shipment_is_invoiced_once(world: World):
    world.stocked("TEA-001", dc_1=2)
    order_id = world.placed()
    world.settle()
    world.steps(order_id, "ship")
    world.settle()
    before = world.tables()

    world.hops.invoke("invoice", {"state": "Invoice", "order_id": order_id, "fulfillment": 1})
    world.hops.invoke("invoice", {"state": "Complete", "order_id": order_id})

    assert world.tables() == before


@pytest.fixture
def packed(world: World) -> str:
    """An order whose goods were invoiced when they were packed."""
    world.stocked("TEA-001", dc_1=2)
    return packed_and_invoiced(world)


def packed_and_invoiced(world: World, *lines: tuple[str, int]) -> str:
    order_id = world.placed(*lines)
    world.settle()
    world.steps(order_id, "accept", "start-pick", "pick", "pack")
    world.settle()
    order = orders.load(order_id)
    issued = ahead.issue(order, 1, Issuing(series="dc-1", at=NOW))
    assert issued is not None
    billed, made = issued
    event = Event(type=EventType.INVOICED, actor="machine", at=NOW, data={"invoice": made.invoice_id})
    also = [invoices.write(made, order.channel)]
    orders.save(order, Saving(decision=Decision(order=billed, event=event), also=also))
    world.settle()
    return order_id


def test_goods_that_were_invoiced_before_they_left_are_captured_once_when_they_have_left(world: World, packed: str):
    assert world.order(packed)["payments"][0]["captured"]["amount"] == 0
    world.steps(packed, "ship")
    world.settle()

    order = world.order(packed)
    before = world.tables()
    world.hops.invoke("invoice", {"state": "Invoice", "order_id": packed, "fulfillment": 1})

    assert world.tables() == before
    assert (order["payments"][0]["captured"]["amount"], len(order["invoices"])) == (1000, 1)
    assert [one["type"] for one in orders.children(packed, keys.EVENTS)][-2:] == ["captured", "completed"]
    assert broken(before) == []


@pytest.mark.parametrize(
    ("step", "said"), [("hand-back", {"reason": "OTHER"}), ("ship", {"lines": [{"line_id": "1", "quantity": 1}]})]
)
def test_a_step_that_changes_the_units_voids_the_invoice_in_its_own_version(
    world: World, step: str, said: dict[str, object]
):
    world.stocked("TEA-001", dc_1=3)
    order_id = packed_and_invoiced(world, ("TEA-001", 2))

    answer = world.step(order_id, step, body=said)

    assert answer.status == 200
    assert answer.body["invoice_id"] is None
    events = orders.children(order_id, keys.EVENTS)
    voided = [data["voided"] for one in events if "voided" in (data := unpack(one["data"]))]
    assert voided == [world.order(order_id)["invoices"]]
    world.settle()
    assert broken(world.tables()) == []


def test_goods_that_were_invoiced_and_have_not_left_are_not_captured(world: World, packed: str):
    with pytest.raises(NotAllowed, match="has not left"):
        world.hops.invoke("invoice", {"state": "Invoice", "order_id": packed, "fulfillment": 1})


def test_unshipped_units_are_not_invoiced_and_an_unsettled_order_is_not_closed(world: World):
    world.stocked("TEA-001", dc_1=2)
    order_id = world.placed()
    world.settle()
    before = world.tables()

    with pytest.raises(NotAllowed):
        world.hops.invoke("invoice", {"state": "Invoice", "order_id": order_id, "fulfillment": 1})
    with pytest.raises(NotAllowed):
        world.hops.invoke("invoice", {"state": "Complete", "order_id": order_id})

    assert world.tables() == before


def test_a_money_operation_is_written_before_the_provider_is_called_with_its_id(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    world.stocked("TEA-001", dc_1=2)
    order_id = world.placed()
    world.settle()
    world.steps(order_id, "ship")
    heard: list[tuple[str, str]] = []

    def move(_: object, operation_id: str, operation: dict[str, object]) -> str:
        heard.append((operation_id, world.order_items(order_id, "P#")[0]["state"]))
        assert operation["amount"] == 1000
        return "ref-1"

    monkeypatch.setattr(payments.Recorder, "move", move)
    world.settle()

    assert heard == [(f"{order_id}#capture#1", "WRITTEN")]
    (row,) = world.order_items(order_id, "P#")
    assert (row["state"], row["provider_reference"]) == ("DONE", "ref-1")


def test_money_that_was_captured_at_the_till_is_not_captured_again(world: World):
    world.stocked("TEA-001", dc_1=2)
    order_id = world.placed(
        payments=[{"method": "CASH", "reference": "till", "authorized": usd(1000), "captured": usd(1000)}]
    )
    world.settle()
    world.steps(order_id, "ship")
    world.settle()

    assert world.order_items(order_id, "P#") == []
    assert world.order(order_id)["payments"][0]["captured"]["amount"] == 1000


def shipped_and_invoiced(world: World) -> str:
    """Return the id of an order whose only shipment has left and is invoiced; no other work has followed yet."""
    world.stocked("TEA-001", dc_1=1)
    order_id = world.placed(("TEA-001", 1))
    world.settle()
    world.steps(order_id, "ship")
    world.hops.invoke("invoice", {"state": "Invoice", "order_id": order_id, "fulfillment": 1})
    return order_id


def complete(world: World, order_id: str) -> list[str]:
    world.hops.invoke("invoice", {"state": "Complete", "order_id": order_id})
    return [row["type"] for row in world.order_items(order_id, "E#")][-1:]


def test_an_order_is_completed_after_the_mail_about_its_shipment(world: World):
    order_id = shipped_and_invoiced(world)

    with pytest.raises(MailPending):
        complete(world, order_id)
    world.hops.invoke("notify", {"order_id": order_id, "fulfillment": 1})

    assert complete(world, order_id) == ["completed"]


def test_an_order_is_completed_a_minute_after_its_invoice_if_the_mail_fails(world: World):
    order_id = shipped_and_invoiced(world)

    world.pass_time(61)

    assert complete(world, order_id) == ["completed"]
