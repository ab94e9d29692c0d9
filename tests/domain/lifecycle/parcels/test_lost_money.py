"""Lost units that were never paid are credited and not refunded: no money goes back that never came."""

from dataclasses import replace

import pytest

from comanda.domain.billing import collecting, failed_money
from comanda.domain.billing.credit_notes import CreditNote
from comanda.domain.billing.invoices import Invoice
from comanda.domain.books.accounts import Account, standing
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.parcels import lost_money
from comanda.domain.lifecycle.parcels.deliver import lose
from comanda.domain.lifecycle.parcels.lost_units import find_loss
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import AT_HAND_OVER, Tender
from functions.invoice.rules import bill
from tests.builders import NOW, a_line, a_shipment, a_step, an_order, offered, placed, saved, worked


def cash(amount: int) -> Tender:
    return Tender(method="CASH_ON_DELIVERY", reference="", authorized=amount, provider=AT_HAND_OVER)


def sent(*tenders: Tender) -> Order:
    order = offered(placed(an_order(a_line("TEA", 2, 1000), payments=tenders)))
    return saved(ship(worked(order, "accept", "pick", "pack"), a_step(), a_shipment("S-9")))


def lost(*tenders: Tender, units: int = 2, paid: int = 0) -> tuple[Order, Invoice, str]:
    """Return an order that is paid by two pieces of 10.00, of which so many were lost, with its invoice."""
    made = bill(sent(*tenders), 1, NOW)
    assert made is not None
    order = saved(made[0])
    if paid:
        told = collecting.collect(order, 1, paid, "r1", "carrier", NOW)
        assert told is not None
        order = saved(told)
    order = saved(lose(order, a_step(l1=units), "NOT_ARRIVED"))
    (loss,) = order.fulfillment(1).losses
    return order, replace(made[1], serial=1), loss.item


def refunded(order: Order, invoice: Invoice, item: str) -> tuple[Decision, CreditNote | None]:
    assert lost_money.is_owed(order, item)
    decision, note = lost_money.refunded(order, item, invoice, (), "care", NOW)
    assert not sum(standing(decision.order).values())
    assert find_loss(decision.order, item)[1].answer == "refund"
    assert ("lost", item) in decision.done
    return decision, note


def test_a_lost_parcel_that_was_not_paid_is_credited_and_nothing_goes_back() -> None:
    order, invoice, item = lost(cash(2000))

    decision, note = refunded(order, invoice, item)

    assert note is not None
    assert (note.totals.total, note.lowered, note.refunds) == (2000, 2000, ())
    assert [(one.purpose, one.amount) for one in decision.money] == [("release", 2000)]
    assert decision.tasks == ()
    assert decision.done == (("payments", failed_money.item(1)), ("lost", item))
    assert standing(decision.order).get(Account.RECEIVABLE, 0) == 0
    assert collecting.to_collect(decision.order, 1) == 0
    assert decision.event.data["credit_note"] == note.credit_note_id


def test_a_part_of_an_unpaid_parcel_leaves_the_rest_to_be_collected() -> None:
    order, invoice, item = lost(cash(2000), units=1)

    decision, note = refunded(order, invoice, item)

    assert note is not None
    assert note.totals.total == collecting.to_collect(decision.order, 1) == 1000
    assert [task.queue for task in decision.tasks] == ["payments"]


def test_money_that_was_collected_waits_to_be_given_back_by_a_credit_note() -> None:
    order, invoice, item = lost(Tender(method="CARD", reference="c1", authorized=500), cash(1500))

    decision, note = refunded(order, invoice, item)

    assert note is None
    assert (decision.order.credits, decision.money) == ((), ())
    (task,) = decision.tasks
    assert (task.queue, task.reason) == ("refunds", "refund-due")
    assert dict(task.data)["amount"] == "500"


def test_a_paid_parcel_is_no_matter_of_what_is_owed() -> None:
    order, _, item = lost(cash(2000), paid=2000)

    assert not lost_money.is_owed(order, item)


def test_units_that_were_credited_before_the_answer_are_credited_once() -> None:
    order, invoice, item = lost(cash(2000), units=1)
    first, note = refunded(order, invoice, item)
    assert note is not None
    again = saved(lose(saved(first), a_step(l1=1), "NOT_ARRIVED"))

    decision, second = lost_money.refunded(
        again, again.fulfillment(1).losses[-1].item, invoice, [note.lines, note.lines], "care", NOW
    )

    assert second is None
    assert (decision.tasks, decision.money) == ((), ())


def test_a_parcel_without_an_invoice_is_decided_when_it_has_one() -> None:
    order = saved(lose(sent(cash(2000)), a_step(), "NOT_ARRIVED"))
    (loss,) = order.fulfillment(1).losses

    with pytest.raises(NotAllowed, match="is not invoiced yet"):
        lost_money.is_owed(order, loss.item)
