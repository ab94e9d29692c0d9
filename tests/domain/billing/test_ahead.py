"""Packed goods are invoiced before they leave: their money moves when they have left, and a void moves none."""

from collections import Counter
from dataclasses import replace
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import ahead, collecting, credit_notes, credited_money, invoices, payments
from comanda.domain.billing.ahead import Issuing
from comanda.domain.books.accounts import Account, standing
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.lifecycle.next_look import SOON, next_look
from comanda.domain.lifecycle.node_work.decline import hand_back, short_pick
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.node_work.work import advance
from comanda.domain.orders import papers
from comanda.domain.orders.bought_cards import are_paid
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.nfe_result import AUTHORIZED, NfeResult
from comanda.domain.orders.status import CANCELLABLE, Status
from comanda.domain.orders.tender import AT_HAND_OVER
from tests.builders import NOW, a_line, a_node, a_shipment, a_step, a_tender, an_order, offered, placed, saved, worked

HOW = Issuing(series="dc-1", at=NOW)
STEPS = ("accept", "start-pick", "pick", "pack")


def cancelled(order, units):
    """Cancel units, by a matrix that allows it of what is packed."""
    return cancel(order, units, "less", "shop", NOW, CANCELLABLE | {Status.PACKED})


class Seller:
    """An order whose packed goods are invoiced before they leave, and its invoices by number."""

    def __init__(self, order):
        self.order, self.made = order, {}
        self.money = []

    def issue(self, number=1):
        self.order, made = ahead.issue(self.order, number, HOW)
        self.made[made.number] = made
        return made

    def take(self, step):
        """Save a step, and return the numbers of the invoices that it voids."""
        decision = ahead.decide(self.order, lambda: self.made, step)
        voided = decision.event.data.get("voided", [])
        self.order = saved(decision)
        self.require_exact()
        return tuple(self.order.invoices.index(one) + 1 for one in voided)

    def capture(self, number=1):
        self.order, operations = ahead.capture(self.order, number, NOW)
        self.money += operations
        self.require_exact()
        return operations

    def require_exact(self):
        order, stand = self.order, {f.invoice for f in self.order.fulfillments}
        assert order.invoiced_total == sum(one.totals.total for n, one in self.made.items() if n in stand)
        assert order.totals == invoices.order_totals(order)
        assert order.captured == sum(one.amount for one in self.money)
        assert order.captured == sum(self.made[f.invoice].totals.total for f in order.fulfillments if f.billed)
        assert order.accounted + order.open_authorization >= max(order.totals.total, order.invoiced_total)
        assert sum(standing(order).values()) == 0
        for f in order.fulfillments if order.papers else ():
            assert f.shipped_at is None or self.has_papers(f.number), (
                "goods leave with the papers of exactly these units"
            )
        for line in order.lines:
            rows = [row for n, one in self.made.items() if n in stand for row in one.lines]
            assert line.invoiced == sum(row.quantity for row in rows if row.line_id == line.line_id) <= line.live

    def has_papers(self, number):
        """Return True if a shipment's invoice stands, has exactly its units, and its NF-e was authorized where one is wanted."""
        order, invoice = self.order, self.order.fulfillment(number).invoice
        units = Counter()
        for line, a in order.units_of(number):
            units[line.line_id] += a.quantity if a.status in (Status.SHIPPED, Status.PICKED_UP) else 0
        stands = (
            invoice is not None and Counter({row.line_id: row.quantity for row in self.made[invoice].lines}) == units
        )
        return stands and (order.papers != papers.NFE or any(told.invoice == invoice for told in order.nfes))

    def authorize(self, number):
        """Tell that the NF-e of a fulfillment's invoice is authorized, if it has one."""
        invoice = self.order.fulfillment(number).invoice
        if invoice is not None and not any(told.invoice == invoice for told in self.order.nfes):
            told = NfeResult(invoice=invoice, result=AUTHORIZED, key="35", at=NOW)
            self.order = replace(self.order, nfes=(*self.order.nfes, told))


def packed(*lines, parts=None, **amounts):
    order = placed(an_order(*lines, **amounts))
    order = offered(order, *parts) if parts else offered(order)
    for f in order.fulfillments:
        order = worked(order, *STEPS, number=f.number)
    return Seller(order)


def in_two(**amounts):
    return packed(
        a_line("TEA", 3, 1000, tax=100), parts=((a_node("dc-1"), {"1": 1}), (a_node("dc-2"), {"1": 2})), **amounts
    )


def test_packed_goods_are_invoiced_once_and_nothing_is_captured():
    seller = packed(a_line("TEA", 2, 1000, tax=165))

    made = seller.issue()

    assert (made.totals.total, made.fulfillment) == (2165, 1)
    assert ahead.issue(seller.order, 1, HOW) is None
    assert payments.capture(seller.order, 1) == (seller.order, ())
    assert standing(seller.order)[Account.RECEIVABLE] == 2165
    assert not seller.order.settled


def test_goods_that_are_not_packed_are_not_invoiced():
    order = worked(offered(placed(an_order())), "accept", "start-pick", "pick")

    with pytest.raises(NotAllowed, match="when it is packed"):
        ahead.issue(order, 1, HOW)


def test_a_part_that_is_not_packed_waits():
    order = worked(offered(placed(an_order(a_line("TEA", 2)))), "accept", "start-pick", "pick")
    order = saved(advance(order, "pack", a_step(l1=1)))

    assert not papers.is_packed(order, 1)


def test_the_money_is_captured_once_when_the_goods_have_left():
    seller = packed(a_line("TEA", 2, 1000, tax=165))
    seller.issue()
    with pytest.raises(NotAllowed, match="has not left"):
        ahead.capture(seller.order, 1, NOW)
    assert seller.take(lambda order: ship(order, a_step(), a_shipment())) == ()
    assert not seller.order.settled
    assert next_look(seller.order, NOW) <= NOW + SOON

    (captured,) = seller.capture()

    assert (captured.amount, captured.invoice, seller.order.settled) == (2165, 1, True)
    assert seller.capture() == ()


def test_a_shipment_captures_no_money_of_goods_that_are_packed():
    seller = in_two()
    seller.issue(1)
    seller.issue(2)
    seller.take(lambda order: ship(order, a_step(2), a_shipment()))

    (captured,) = seller.capture(2)

    assert captured.amount == seller.made[2].totals.total
    assert credited_money.owed(seller.order, 2) == 0
    assert are_paid(seller.order)


def test_a_cancel_voids_the_invoice_of_its_units_alone():
    seller = in_two()
    seller.issue(1)
    seller.issue(2)

    assert seller.take(lambda order: cancelled(order, {"1": 1})) == (1,)

    assert (seller.order.fulfillment(1).invoice, seller.order.fulfillment(2).invoice) == (None, 2)
    assert seller.order.totals.total == seller.made[2].totals.total


def test_a_cancel_of_part_of_an_invoice_voids_it_and_the_rest_is_invoiced_anew():
    seller = packed(a_line("TEA", 3, 1000, tax=100))
    seller.issue()

    assert seller.take(lambda order: cancelled(order, {"1": 1})) == (1,)

    again = seller.issue()
    assert (again.number, again.totals.total) == (2, 2066)
    seller.take(lambda order: ship(order, a_step(), a_shipment()))
    seller.capture()
    assert seller.order.settled


@pytest.mark.parametrize(
    "step",
    [
        lambda order: hand_back(order, a_step(), "CANNOT_SHIP"),
        lambda order: short_pick(order, a_step(l1=1), "DAMAGED"),
        lambda order: short_pick(order, a_step(l1=1), "DAMAGED", cancel=True),
        lambda order: ship(order, a_step(l1=2), a_shipment()),
        lambda order: cancelled(order, None),
    ],
)
def test_each_step_that_changes_the_units_voids_the_invoice(step):
    seller = packed(a_line("TEA", 3, 1000, tax=100))
    seller.issue()

    assert seller.take(step) == (1,)

    assert standing(seller.order).get(Account.RECEIVABLE, 0) == 0


def test_a_step_that_is_refused_voids_nothing():
    seller = packed(a_line("TEA", 3, 1000, tax=100))
    seller.issue()
    before = seller.order

    with pytest.raises(NotAllowed):
        seller.take(lambda order: cancelled(order, {"1": 4}))

    assert seller.order is before


def test_an_order_without_such_an_invoice_needs_no_documents():
    order = worked(offered(placed(an_order(a_line("TEA", 2)))), *STEPS)

    decision = ahead.decide(order, pytest.fail, lambda order: cancelled(order, {"1": 1}))

    assert decision == cancelled(order, {"1": 1})


def test_a_step_that_has_nothing_to_do_voids_nothing():
    seller = packed(a_line("TEA", 1, 1000))
    seller.issue()

    assert ahead.decide(seller.order, lambda: seller.made, lambda _: None) is None


def test_an_invoice_whose_goods_have_not_left_is_not_credited():
    seller = packed(a_line("TEA", 1, 1000))
    made = replace(seller.issue(), serial=1)
    asked = credit_notes.Asked(wanted=credit_notes.All(), reason="odd", by="desk")

    with pytest.raises(NotAllowed, match="have not left"):
        credit_notes.credit(seller.order, made, (), asked, NOW)


def test_an_invoice_that_is_voided_is_not_credited():
    seller = packed(a_line("TEA", 2, 1000))
    made = replace(seller.issue(), serial=1)
    assert seller.take(lambda order: cancelled(order, {"1": 1})) == (1,)
    asked = credit_notes.Asked(wanted=credit_notes.All(), reason="odd", by="desk")

    with pytest.raises(NotAllowed, match="is voided"):
        credit_notes.credit(seller.order, made, (), asked, NOW)


def cash(method="SHIP"):
    order = an_order(a_line("TEA", 2, 1000, method=method, node="store-7" if method == PICKUP else None))
    paid = a_tender(order.totals.total, provider=AT_HAND_OVER)
    order = offered(placed(replace(order, payments=(paid,))))
    return Seller(worked(order, *STEPS))


def test_what_is_collected_at_the_door_is_known_before_the_goods_leave():
    seller = cash()
    seller.issue()

    assert collecting.due(seller.order, 1) == 2000
    with pytest.raises(NotAllowed, match="has not left"):
        collecting.collect(seller.order, 1, 2000, "r1", "carrier", NOW)


def test_a_counter_collects_for_packed_goods_before_they_are_handed_over():
    seller = cash(PICKUP)
    seller.issue()
    seller.order = saved(collecting.collect(seller.order, 1, 2000, "r1", "store", NOW))
    assert (seller.order.captured, collecting.due(seller.order, 1)) == (2000, 0)
    seller.order = saved(ship(seller.order, a_step(), a_shipment()))

    after, operations = ahead.capture(seller.order, 1, NOW)

    assert (after.captured, operations, after.settled) == (2000, (), True)


def test_a_void_asks_to_cancel_the_nfe_of_its_invoice():
    seller = packed(a_line("TEA", 1, 1000))
    seller.issue()
    said = NfeResult(invoice=1, result=AUTHORIZED, key="35", protocol="135260000000017", at=NOW)
    order = replace(seller.order, nfes=(said,))

    step = partial(hand_back, step=a_step(), reason="CANNOT_SHIP")
    decision = ahead.decide(order, lambda: seller.made, step)

    assert [one.reason for one in decision.tasks if one.queue == "fiscal"] == ["nfe-to-cancel"]


@given(st.data())
def test_random_work_ends_with_what_left_invoiced_and_captured(data):
    units = data.draw(st.lists(st.tuples(st.integers(1, 3), st.integers(1, 3)), min_size=1, max_size=3))
    amounts = st.integers(0, 3000)
    lines = [a_line(f"SKU-{i}", a + b, data.draw(amounts), tax=data.draw(amounts)) for i, (a, b) in enumerate(units)]
    first, second = ({str(i): pair[at] for i, pair in enumerate(units, 1)} for at in (0, 1))
    seller = packed(
        *lines,
        parts=((a_node("dc-1"), first), (a_node("dc-2"), second)),
        shipping=data.draw(amounts),
        shipping_tax=data.draw(amounts),
        prices_include_tax=data.draw(st.booleans()),
    )
    with_papers(seller, data.draw(st.sampled_from(["", papers.INVOICE, papers.NFE])))
    for _ in range(data.draw(st.integers(1, 12))):
        work(seller, data)
    end(seller)


def at_node(order, number):
    f = order.fulfillment(number)
    return not f.ended and f.shipped_at is None


def work(seller, data):
    """Take one step with one fulfillment."""
    number = data.draw(st.sampled_from([f.number for f in seller.order.fulfillments]))
    f = seller.order.fulfillment(number)
    if f.shipped_at and not f.billed:
        bill(seller, number)
        return
    if not at_node(seller.order, number):
        return
    line_id = data.draw(st.sampled_from(sorted({line.line_id for line, _ in seller.order.units_of(number)})))
    one = a_step(number, **{f"l{line_id}": 1})
    steps = {
        "authorize": None,
        "issue": None,
        "cancel": lambda order: cancelled(order, {line_id: 1}),
        "damaged": lambda order: short_pick(order, one, "DAMAGED", cancel=True),
        "part": lambda order: ship(order, one, a_shipment(f"S{number}")),
        "all": lambda order: ship(order, a_step(number), a_shipment(f"S{number}")),
    }
    name = data.draw(st.sampled_from(sorted(steps)))
    step = steps[name]
    if step is None:
        if name == "authorize":
            seller.authorize(number)
        elif f.invoice is None:
            seller.issue(number)
            seller.require_exact()
        return
    try:
        seller.take(step)
    except NotAllowed:
        seller.require_exact()


def bill(seller, number):
    """Invoice a shipment whose invoice was voided, and capture its money."""
    if seller.order.fulfillment(number).invoice is None:
        units = {}
        for line, a in seller.order.units_of(number):
            if a.status is Status.SHIPPED:
                units[line.line_id] = units.get(line.line_id, 0) + a.quantity
        seller.order, made = invoices.invoice(
            seller.order, units, number=len(seller.order.invoices) + 1, fulfillment=number, series="dc-1", at=NOW
        )
        seller.made[made.number] = made
        seller.order, operations = payments.capture(seller.order, made.number, NOW)
        seller.money += operations
        seller.require_exact()
    else:
        seller.capture(number)


def end(seller):
    for f in seller.order.fulfillments:
        if at_node(seller.order, f.number):
            if f.invoice is None:
                seller.issue(f.number)
            seller.authorize(f.number)
            seller.take(lambda order, number=f.number: ship(order, a_step(number), a_shipment(f"E{number}")))
    for f in seller.order.fulfillments:
        if f.shipped_at and not f.billed:
            bill(seller, f.number)
    order, _ = payments.settle(seller.order)
    assert order.settled
    assert order.accounted == order.invoiced_total == order.totals.total
    assert order.open_authorization == 0


def refused(order, made, step):
    with pytest.raises(NotAllowed) as error:
        ahead.decide(order, lambda: made, step)
    return str(error.value)


def leaves(order):
    return ship(order, a_step(), a_shipment())


def with_papers(seller, kind):
    """Let the goods of an order leave with these papers alone."""
    seller.order = replace(seller.order, papers=kind)
    return seller


def test_goods_of_such_a_seller_leave_with_their_invoice_alone():
    seller = with_papers(packed(a_line("TEA", 2, 1000)), papers.INVOICE)
    assert "are invoiced before they leave" in refused(seller.order, {}, leaves)

    seller.issue()

    assert "give back, or cancel, what stays" in refused(
        seller.order, seller.made, lambda order: ship(order, a_step(l1=1), a_shipment())
    )
    assert seller.take(leaves) == ()


def test_goods_that_want_an_nfe_leave_when_it_is_authorized():
    seller = with_papers(packed(a_line("TEA", 2, 1000)), papers.NFE)
    seller.issue()
    assert "nobody has told" in refused(seller.order, seller.made, leaves)

    seller.order = replace(seller.order, nfes=(NfeResult(invoice=1, result=AUTHORIZED, key="35", at=NOW),))

    assert seller.take(leaves) == ()


def test_goods_at_a_counter_are_made_ready_with_their_papers():
    seller = with_papers(packed(a_line("TEA", 1, 1000, method=PICKUP, node="store-7")), papers.INVOICE)
    assert "pack all of them" in refused(seller.order, {}, lambda order: advance(order, "ready", a_step()))

    seller.issue()

    assert seller.take(lambda order: advance(order, "ready", a_step())) == ()
    assert seller.take(leaves) == ()


def test_the_order_of_another_seller_waits_for_no_papers():
    assert packed(a_line("TEA", 2, 1000)).take(leaves) == ()


@pytest.mark.parametrize(
    ("entity", "wanted"),
    [
        (None, ""),
        ({}, ""),
        ({"invoice_when": "SHIPPED", "nfe": {"regime": 3}}, ""),
        ({"invoice_when": "PACKED"}, papers.INVOICE),
        ({"invoice_when": "PACKED", "nfe": {"regime": 3}}, papers.NFE),
    ],
)
def test_a_seller_says_which_papers_its_goods_need(entity, wanted):
    assert papers.of_seller(entity) == wanted
