"""The audit of money finds no difference in the rooms' own writes, and names each account that its journals do not explain."""

from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from comanda.aws.dynamodb import keys
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.orders import invoices, orders
from comanda.aws.orders.orders import Saving
from comanda.aws.runtime.clients import client
from comanda.domain import credit_view
from comanda.domain.billing import ahead
from comanda.domain.billing.ahead import Issuing
from comanda.domain.books.journal import added
from comanda.domain.lifecycle.node_work.decline import hand_back
from comanda.domain.lifecycle.node_work.work import Step
from comanda.domain.orders import document
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.tender import Tender
from ops import money_audit
from tests.builders import NOW
from tests.functions.world import World, usd, world
from tests.moto_aws import aws

__all__ = ["aws", "world"]


@pytest.fixture
def sold(world: World) -> World:
    """A world with an order of three pieces, of which two have left from one node and are invoiced."""
    world.stocked("TEA-001", dc_1=2, dc_2=1)
    line = {"sku": "TEA-001", "quantity": 3, "unit_price": usd(333), "tax": {"rate": "0.1", "amount": usd(100)}}
    order_id = world.placed(
        line,
        charges=[{"kind": "SHIPPING", "amount": usd(500), "tax": usd(50)}],
        totals={"goods": usd(999), "discounts": usd(0), "charges": usd(500), "tax": usd(150), "total": usd(1649)},
        payments=[{"method": "CARD", "reference": "c", "authorized": usd(1700)}],
    )
    world.settle()
    world.steps(order_id, "ship", number=1)
    world.settle()
    return world


def found(world: World) -> list[str]:
    at_once = money_audit.of_rows(world.aws.items("Orders"))
    orders, at_rest = money_audit.of_table(client("dynamodb"), "Orders")
    assert orders == 1
    assert sorted(map(str, at_once)) == sorted(map(str, at_rest))
    return sorted(map(str, at_once))


def journals(world: World) -> list[dict[str, Any]]:
    return [dict(row) for row in world.aws.items("Orders") if row["sk"].startswith("J#")]


def test_the_rooms_own_writes_have_no_difference(sold: World):
    first, invoiced = journals(sold)

    assert found(sold) == []
    assert first["entries"] == {"authorised": 1700, "to_capture": -1700}
    assert invoiced["entries"] == {
        "captured": 1098,
        "revenue": -666,
        "charges": -333,
        "tax": -99,
        "authorised": -1098,
        "to_capture": 1098,
    }


def test_a_voided_invoice_leaves_the_books_and_stays_as_a_document(sold: World):
    order_id = journals(sold)[0]["order_id"]
    sold.steps(order_id, "accept", "start-pick", "pick", "pack", number=2)
    order = orders.load(order_id)
    issued = ahead.issue(order, 2, Issuing(series="dc-2", at=NOW))
    assert issued is not None
    billed, made = issued
    event = Event(type=EventType.INVOICED, actor="machine", at=NOW, data={"invoice": made.invoice_id})
    also = [invoices.write(made, order.channel)]
    order = orders.save(order, Saving(decision=Decision(order=billed, event=event), also=also))
    assert found(sold) == []
    kept = {number: credit_view.invoiced(invoices.view(order_id, number), number) for number in (1, 2)}

    step = partial(hand_back, step=Step(number=2, actor="dc-2", at=NOW), reason="CANNOT_SHIP")
    decision = ahead.decide(order, lambda: kept, step)
    assert decision is not None
    orders.save(order, decision)

    assert found(sold) == []
    assert invoices.view(order_id, 2)["invoice_id"] == made.invoice_id
    *_, issue, void = journals(sold)
    assert added([issue["entries"], void["entries"]]) == {}


def test_an_entry_that_was_changed_is_named_and_its_journal_is_out_of_balance(sold: World):
    _, row = journals(sold)
    order_id = row["order_id"]
    sold.aws.put("Orders", **{**row, "entries": {**row["entries"], "tax": -98}})

    assert found(sold) == [
        f"{order_id}: tax is -98 by its journals, -99 by its documents and tenders",
        f"{order_id}: the entries of a journal add up to 1, not to 0",
    ]


def test_a_journal_that_was_lost_is_named_by_its_accounts(sold: World):
    first, _ = journals(sold)
    client("dynamodb").delete_item(TableName="Orders", Key={"pk": {"S": first["pk"]}, "sk": {"S": first["sk"]}})

    assert [one.split(": ")[1] for one in found(sold)] == [
        "authorised is -1098 by its journals, 602 by its documents and tenders",
        "to_capture is 1098 by its journals, -602 by its documents and tenders",
    ]


def test_an_order_that_changed_while_the_table_was_read_does_not_differ(sold: World, monkeypatch: pytest.MonkeyPatch):
    real, done = money_audit.OrderRows.add, []

    def without_the_last_journal(self: money_audit.OrderRows, row: Any) -> None:
        if not done and row["sk"].startswith("J#"):
            done.append(True)
            return
        real(self, row)

    monkeypatch.setattr(money_audit.OrderRows, "add", without_the_last_journal)

    assert money_audit.of_table(client("dynamodb"), "Orders")[1] == []
    assert done


def test_a_closed_order_that_keeps_money_is_named(world: World):
    world.stocked("TEA-001", dc_1=2)
    order_id = world.placed(("TEA-001", 2))
    world.settle()
    world.steps(order_id, "ship", number=1)
    world.settle()
    assert found(world) == []
    row = dict(next(row for row in world.aws.items("Orders") if row["sk"] == keys.HEADER and "doc" in row))
    order = document.to_order(unpack(row["doc"]))
    late = (Tender(method="CARD", reference="late", authorized=150, captured=50),)
    kept = document.from_order(replace(order, payments=(*order.payments, *late)))

    world.aws.put("Orders", **{**row, "doc": pack(kept)})

    assert f"{order_id}: its books are closed, with 100 authorised and 50 paid above its invoices" in found(world)
