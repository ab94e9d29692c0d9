"""A lost dispute that is written off leaves nothing owed below zero, whichever invoice of packed goods is voided before or after."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import disputes, payments
from comanda.domain.books.accounts import Account, standing
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders.dispute import Dispute
from comanda.domain.payments.dispute import DisputeState
from tests.builders import NOW, a_line, a_node, a_shipment, a_step, a_tender, saved
from tests.domain.billing.test_ahead import Seller, cancelled, end, in_two, packed, work


class Disputed(Seller):
    """A seller whose captured payments are disputed, lost, and answered by a person."""

    def __init__(self, order):
        super().__init__(order)
        self.told = ()

    def lose(self, amount):
        self.told = (
            *self.told,
            Dispute(dispute_id=f"du_{len(self.told)}", tender=0, amount=amount, state=DisputeState.LOST),
        )
        self.order = saved(disputes.note(self.order, self.told, NOW))
        self.require_exact()

    def answer(self, item, given):
        self.order = saved(resume(self.order, "payments", item, given, "usr_1", NOW, {"reason": "the bank decided"}))
        self.require_exact()

    def require_exact(self):
        super().require_exact()
        given_up = sum(one.written_off for one in self.order.disputes)
        assert not given_up or self.receivable >= 0, "the shop gave up what its customer did not owe"

    @property
    def receivable(self):
        return standing(self.order).get(Account.RECEIVABLE, 0)


class PaidBefore(Disputed):
    """A seller who was paid before the goods were packed."""

    def require_exact(self):
        assert sum(standing(self.order).values()) == 0
        assert self.receivable <= 0 or self.order.disputed, "only a bank makes what was paid owed again"


def half_shipped():
    """Return two packed and invoiced parts of an order, of which the second has left and is paid."""
    seller = Disputed(in_two().order)
    seller.issue(1)
    seller.issue(2)
    seller.take(lambda order: ship(order, a_step(2), a_shipment()))
    seller.capture(2)
    return seller


@pytest.mark.parametrize("void_first", [False, True])
def test_a_void_leaves_a_write_off_of_what_has_left_as_it_is(void_first):
    seller = half_shipped()
    taken = seller.order.captured
    seller.lose(taken)
    steps = [
        lambda: seller.answer("dispute-001", disputes.WRITE_OFF),
        lambda: seller.take(lambda order: cancelled(order, {"1": 1})),
    ]
    for step in reversed(steps) if void_first else steps:
        step()

    assert (seller.order.disputes[0].written_off, seller.receivable) == (taken, 0)
    assert standing(seller.order)[Account.CHARGEBACKS] == taken


def test_nothing_is_written_off_of_an_invoice_that_may_still_be_voided():
    order = packed(a_line("TEA", 1, 1000)).order
    seller = PaidBefore(replace(order, payments=(a_tender(1000, captured=1000),)))
    seller.issue()
    seller.lose(1000)
    with pytest.raises(NotAllowed, match="ship what is left of it, or cancel it, first"):
        seller.answer("dispute-001", disputes.WRITE_OFF)

    assert seller.take(lambda order: cancelled(order, None)) == (1,)

    assert payments.settle(seller.order)[1] == ()
    seller.answer("dispute-001", disputes.WRITE_OFF)
    assert (seller.order.disputes[0].written_off, seller.order.captured, seller.receivable) == (0, 1000, 0)


@given(st.data())
def test_random_work_with_lost_disputes_ends_with_nothing_owed(data):
    parts = ((a_node("dc-1"), {"1": 2, "2": 1}), (a_node("dc-2"), {"1": 1, "2": 1}))
    price = st.integers(1, 3000)
    lines = [a_line("TEA", 3, data.draw(price), tax=100), a_line("CUP", 2, data.draw(price))]
    seller = Disputed(packed(*lines, parts=parts, shipping=data.draw(st.integers(0, 900))).order)
    for _ in range(data.draw(st.integers(1, 16))):
        dispute(seller, data)
        work(seller, data)
    end(seller)
    dispute(seller, data)
    for item in list(disputes.items(seller.order)):
        seller.answer(item, disputes.WRITE_OFF)
    assert (list(disputes.items(seller.order)), seller.receivable) == ([], 0)


def dispute(seller, data):
    """Let a bank take a part of what was captured back, or answer about what it took; or do nothing."""
    left = seller.order.captured - seller.order.disputed - sum(one.repaid for one in seller.order.disputes)
    if left > 0 and data.draw(st.booleans()):
        seller.lose(data.draw(st.integers(1, left)))
    for item in list(disputes.items(seller.order)):
        given = data.draw(st.sampled_from(["", disputes.PAID, disputes.WRITE_OFF]))
        try:
            if given:
                seller.answer(item, given)
        except NotAllowed:
            seller.require_exact()
