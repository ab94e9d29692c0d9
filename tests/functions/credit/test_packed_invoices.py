"""A seller whose invoices are issued when goods are packed: nothing leaves without them, and what changes voids them."""

from functools import partial
from typing import Any

import pytest

from comanda.aws.orders import orders
from tests.faults import Crash
from tests.functions.crashes import Crashes, Moment
from tests.functions.credit.test_credit import credit
from tests.functions.credit.test_nfe_told import PROTOCOL, queue
from tests.functions.documents.brazil import SELLER, a_line_in_reais, in_reais, sells_in_brazil
from tests.functions.documents.test_invoices import get_pdf, get_xml, inv, text_of
from tests.functions.documents.test_nfe_papers import made
from tests.functions.world import World
from tests.invariants import broken


@pytest.fixture
def packs_first(world: World) -> World:
    sells_in_brazil(world, invoice_when="PACKED")
    world.stocked("TEA-001", dc_1=9, dc_2=9)
    return world


def offered(world: World, *, units: int = 2, **changes: Any) -> str:
    order_id = world.placed(
        a_line_in_reais(units), **{"external_id": "BR-1"} | in_reais(a_line_in_reais(units), **changes)
    )
    world.settle()
    return order_id


def packed(world: World, **changes: Any) -> str:
    """Return the id of an order whose goods are packed and invoiced."""
    order_id = offered(world, **changes)
    world.steps(order_id, "accept", "start-pick", "pick", "pack")
    world.settle()
    return order_id


def authorize(world: World, order_id: str, number: int = 1) -> str:
    """Tell that the NF-e of an invoice is authorized. Returns its key."""
    key = made(world, order_id, number).decode().partition('Id="NFe')[2][:44]
    tell_result(world, order_id, number, result="AUTHORIZED", key=key)
    return key


def tell_result(world: World, order_id: str, number: int, **body: Any) -> None:
    """Tell what the tax authority said of the NF-e of an invoice."""
    path = f"/v1/invoices/{inv(order_id, number)}/nfe"
    reply = world.call("POST", path, {"protocol": PROTOCOL, **body}, who="shop", key="")
    assert reply.status == 200, reply.body
    world.settle()


def test_goods_are_invoiced_when_they_are_packed_and_leave_with_an_authorized_nfe(packs_first: World):
    world = packs_first
    order_id = packed(world)

    invoice = world.call("GET", f"/v1/invoices/{inv(order_id)}", who="shop").body
    assert (invoice["number"], invoice["totals"]["total"]["amount"]) == ("dc-1-000001", 10_000)
    assert orders.load(order_id).captured == 0
    assert queue(world) == [("nfe-waits", {"invoice": inv(order_id)})]
    refused = world.step(order_id, "ship")
    assert (refused.status, refused.problem) == (409, "not-allowed")
    assert "nobody has told that the NF-e" in refused.body["detail"]

    authorize(world, order_id)
    world.steps(order_id, "ship")
    world.settle()

    order = orders.load(order_id)
    assert (world.order(order_id)["status"], order.captured, order.invoices) == ("SHIPPED", 10_000, (inv(order_id),))
    assert broken(world.tables()) == []


def test_goods_that_are_not_packed_do_not_leave(packs_first: World):
    order_id = offered(packs_first)

    refused = packs_first.step(order_id, "ship")

    assert refused.status == 409
    assert "pack all of them" in refused.body["detail"]


@pytest.mark.parametrize("in_time", [False, True])
def test_goods_that_are_given_back_void_their_invoice_and_are_invoiced_anew_where_they_are_packed_next(
    packs_first: World, in_time: bool
):
    world = packs_first
    order_id = packed(world)
    key = authorize(world, order_id) if in_time else ""

    assert world.step(order_id, "hand-back", 1, {"reason": "OTHER"}).status == 200
    world.settle()

    assert orders.load(order_id).invoiced_total == 0
    assert world.call("GET", f"/v1/invoices/{inv(order_id)}", who="shop").body["voided"]
    assert "SEMEFEITO" in text_of(get_pdf(world, order_id))
    assert "is voided" in get_xml(world, order_id).body["detail"]
    refused = credit(world, order_id)
    assert (refused.status, "is voided" in refused.body["detail"]) == (409, True)
    assert queue(world) == ([("nfe-to-cancel", {"invoice": inv(order_id)})] if key else [])
    if key:
        tell_result(world, order_id, 1, result="CANCELLED", key=key, protocol="135260000000099")
    world.steps(order_id, "accept", "start-pick", "pick", "pack", number=2)
    world.settle()
    authorize(world, order_id, 2)
    world.steps(order_id, "ship", number=2)
    world.settle()
    order = orders.load(order_id)
    assert (order.captured, order.invoiced_total, len(order.invoices)) == (10_000, 10_000, 2)
    assert broken(world.tables()) == []


@pytest.mark.parametrize(("hours", "reason"), [({}, "nfe-to-cancel"), ({"cancel_hours": 2}, "nfe-to-return")])
def test_an_nfe_is_cancelled_as_long_as_the_state_of_its_seller_lets_it(
    world: World, hours: dict[str, int], reason: str
):
    sells_in_brazil(world, invoice_when="PACKED", nfe=SELLER["nfe"] | hours)
    world.stocked("TEA-001", dc_1=9, dc_2=9)
    order_id = packed(world)
    authorize(world, order_id)
    world.pass_time(3 * 3600)

    assert world.step(order_id, "hand-back", 1, {"reason": "OTHER"}).status == 200
    world.settle()

    assert queue(world) == [(reason, {"invoice": inv(order_id)})]


def test_a_part_of_what_is_invoiced_does_not_leave_alone(packs_first: World):
    order_id = packed(packs_first)
    authorize(packs_first, order_id)

    refused = packs_first.step(order_id, "ship", 1, {"lines": [{"line_id": "1", "quantity": 1}]})

    assert (refused.status, refused.problem) == (409, "not-allowed")
    assert "give back, or cancel, what stays" in refused.body["detail"]
    assert orders.load(order_id).invoiced_total == 10_000


def test_a_company_without_nfe_waits_for_the_invoice_alone(world: World):
    sells_in_brazil(world, invoice_when="PACKED", nfe=None)
    world.stocked("TEA-001", dc_1=9)
    order_id = packed(world)

    world.steps(order_id, "ship")
    world.settle()

    assert orders.load(order_id).captured == 10_000


def test_a_counter_makes_goods_ready_with_their_papers(packs_first: World):
    world = packs_first
    world.stocked("TEA-001", store_1=9)
    line = a_line_in_reais() | {"fulfillment": {"method": "PICKUP", "node_id": "store-1"}}
    order_id = world.placed(line, **{"external_id": "BR-2"} | in_reais(line))
    world.settle()
    world.steps(order_id, "accept", "start-pick", "pick", "pack")
    world.settle()

    assert world.step(order_id, "ready").status == 409
    authorize(world, order_id)
    world.steps(order_id, "ready", "hand-over")
    world.settle()

    assert orders.load(order_id).captured == 10_000
    assert broken(world.tables()) == []


def test_a_process_that_ends_at_any_call_issues_and_voids_one_invoice(packs_first: World):
    world = packs_first
    order_id = offered(world)
    world.steps(order_id, "accept", "start-pick", "pick")
    world.settle()
    picked = Moment(world)

    def act(crash: Crash, _: None) -> None:
        for step, body in (("pack", None), ("hand-back", {"reason": "OTHER"})):
            crash.outlived(partial(world.step, order_id, step, 1, body, key=step))
            crash.outlived(world.settle)

    for crash, _, _ in Crashes(world, picked.back, act, least=10):
        world.pass_time(3600)
        world.sweep(everything=True)
        order = orders.load(order_id)
        assert (len(order.invoices), order.invoiced_total) == (1, 0), crash.happened
        shown = world.call("GET", f"/v1/invoices/{inv(order_id)}", who="shop").body
        assert (shown["number"], shown["voided"]) == ("dc-1-000001", True), crash.happened
        assert broken(world.tables()) == [], crash.happened
