"""A dispute is noted once for each standing, moves the books to what is owed again, and keeps cards from being active."""

from dataclasses import replace

from comanda.domain.billing import disputes
from comanda.domain.billing.payments import capture
from comanda.domain.books import journal
from comanda.domain.books.accounts import Account
from comanda.domain.orders import bought_cards, document
from comanda.domain.orders.decision import EventType
from comanda.domain.orders.dispute import Dispute
from comanda.domain.payments.dispute import DisputeState
from tests.builders import NOW, a_line, an_order, placed

OPEN = Dispute(dispute_id="du_1", tender=0, amount=1000, state=DisputeState.OPEN)
WON, LOST = (replace(OPEN, state=state) for state in (DisputeState.WON, DisputeState.LOST))


def paid():
    order = placed(an_order(a_line(quantity=1, tax=0)))
    return capture(replace(order, invoices=("A-1",), invoiced_total=1000), 1)[0]


def test_a_dispute_is_noted_with_its_event_once():
    order = paid()

    noted = disputes.note(order, [OPEN], NOW)

    assert noted.order.disputes == (OPEN,)
    assert noted.event.type is EventType.PAYMENT_DISPUTED
    assert noted.event.data == {"payment": 1, "amount": 1000, "currency": "USD", "state": "OPEN"}
    assert disputes.note(noted.order, [OPEN], NOW) is None
    assert disputes.note(order, [], NOW) is None
    assert document.to_order(document.from_order(noted.order)) == noted.order


def test_what_a_bank_took_is_owed_again_until_it_is_won():
    before = paid()
    taken = disputes.note(before, [OPEN], NOW).order

    assert journal.between(before, taken) == {Account.RECEIVABLE: 1000, Account.DISPUTED: -1000}
    assert journal.between(taken, disputes.note(taken, [LOST], NOW).order) == {}
    won = disputes.note(taken, [WON], NOW).order
    assert journal.between(before, won) == {}
    assert won.disputes == (WON,)


def test_cards_are_not_paid_while_a_bank_has_the_money():
    order = paid()
    assert bought_cards.are_paid(order)
    assert not bought_cards.are_paid(replace(order, disputes=(OPEN,)))
    assert not bought_cards.are_paid(replace(order, disputes=(LOST,)))
    assert bought_cards.are_paid(replace(order, disputes=(WON,)))


def test_each_of_several_disputes_has_its_own_event():
    second = replace(OPEN, dispute_id="du_2", amount=200)
    one = disputes.note(paid(), [OPEN, second], NOW)
    two = disputes.note(one.order, [OPEN, second], NOW)

    assert [dispute.amount for dispute in two.order.disputes] == [1000, 200]
    assert two.order.disputed == 1200
    assert two.event.data["amount"] == 200
    assert disputes.note(two.order, [OPEN, second], NOW) is None
