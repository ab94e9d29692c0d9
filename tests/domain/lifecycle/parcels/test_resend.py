"""Lost units are sent again by an order of their own, which costs nothing and goes where they went."""

from dataclasses import replace

import pytest

from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.parcels.deliver import lose
from comanda.domain.lifecycle.parcels.resend import external_id, replacement
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders.status import Status
from tests.builders import NOW, a_line, a_shipment, a_step, an_order, an_order_id, later, offered, placed, saved


def lost(order, **units):
    shipped = saved(ship(offered(placed(order)), a_step(), a_shipment("S-1")))
    gone = saved(lose(shipped, a_step(**units), "DESTROYED"))
    return gone, gone.fulfillment(1).losses[0].item


def again(order, item):
    return replacement(order, item, an_order_id(9), external_id(order, 1), "care", later(hours=1))


def test_a_replacement_has_the_lost_units_without_a_price():
    order, item = lost(an_order(a_line("TEA", 3, 1299, tax=200, discount=50), a_line("POT", 2), shipping=500), l1=2)

    decision = again(order, item)

    new = decision.saved
    assert [(line.line_id, line.sku, line.quantity, line.unit_price, line.tax) for line in new.lines] == [
        ("1", "TEA", 2, 0, 0)
    ]
    assert (new.totals.total, new.payments, new.charges, new.discounts) == (0, (), (), ())
    assert new.quantities() == {Status.CREATED: 2}
    assert (new.kind, new.external_id) == ("REPLACEMENT", f"{order.external_id}-R1")
    assert [(r.order_id, r.line_id, r.quantity) for r in new.replaces] == [(order.order_id, "1", 2)]
    assert (new.customer_id, new.channel, new.placed_at) == (order.customer_id, order.channel, later(hours=1))
    assert (new.invoices, new.fulfillments, new.holds) == ((), (), ())
    assert decision.event.data["replaces"] == order.order_id


@pytest.mark.parametrize(("units", "group"), [({}, "set"), ({"l1": 1, "l2": 2}, "set"), ({"l1": 1, "l2": 1}, None)])
def test_a_kit_stays_a_kit_where_whole_sets_were_lost(units, group):
    order, item = lost(an_order(a_line("POT", 2, group="set"), a_line("CUP", 4, group="set")), **units)

    assert {line.group for line in again(order, item).order.lines} == {group}


def test_a_loss_is_sent_again_once():
    order, item = lost(an_order(a_line("TEA", 1)))
    answered = saved(resume(order, "lost", item, "refund", "care", NOW))

    with pytest.raises(NotAllowed, match="a person has decided already: refund"):
        again(answered, item)


def test_the_name_of_a_replacement_fits_whatever_the_first_name_is():
    order = replace(an_order(), external_id="x" * 128)

    assert len(external_id(order, 12)) <= 128
