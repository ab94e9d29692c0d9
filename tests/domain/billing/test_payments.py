"""Money is captured for each shipment and given back at the end, never more than there is."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing.payments import capture, release_added, settle
from comanda.domain.errors import NotAllowed
from comanda.domain.orders.decision import MoneyOperation
from comanda.domain.orders.dispute import Dispute
from comanda.domain.payments.dispute import DisputeState
from tests.builders import NOW, a_line, a_tender, an_order, later, placed


def owing(invoiced, *tenders, total=None):
    """An order with this invoiced amount."""
    order = placed(an_order(a_line(unit_price=0), payments=tenders))
    worth = invoiced if total is None else total
    return replace(order, invoiced_total=invoiced, totals=replace(order.totals, goods=worth, total=worth))


def moved(operations):
    return [(o.purpose, o.tender, o.amount) for o in operations]


def test_an_invoice_is_captured_from_the_first_tender_first():
    order = owing(700, a_tender(500), a_tender(500), total=1000)

    paid, operations = capture(order, 3)

    assert operations == (
        MoneyOperation(purpose="capture", number=1, tender=0, amount=500, invoice=3),
        MoneyOperation(purpose="capture", number=2, tender=1, amount=200, invoice=3),
    )
    assert [t.captured for t in paid.payments] == [500, 200]
    assert paid.operations == 2
    assert paid.captured == 700
    assert paid.open_authorization == 300


def test_a_second_call_captures_nothing():
    paid, _ = capture(owing(700, a_tender(1000)), 1)

    assert capture(paid, 1) == (paid, ())


def test_money_that_was_captured_at_intake_is_not_captured_again():
    assert capture(owing(700, a_tender(1000, captured=1000)), 1)[1] == ()


def test_nothing_is_captured_when_too_little_is_authorised():
    with pytest.raises(NotAllowed, match="capture of 700 exceeds the open authorisation of 699"):
        capture(owing(700, a_tender(699)), 1)


def test_a_part_invoice_a_cent_above_the_orders_worth_is_captured():
    assert capture(owing(1, a_tender(0), total=0), 1)[1] == ()


def test_earlier_captures_count_when_a_part_invoice_is_a_cent_ahead():
    paid, operations = capture(owing(101, a_tender(100, captured=60), total=100), 1)

    assert moved(operations) == [("capture", 0, 40)]
    assert paid.captured == 100


def test_the_last_tender_releases_its_authorisation_first():
    order = owing(700, a_tender(500, captured=500), a_tender(300, captured=200), a_tender(200))

    closed, operations = settle(order)

    assert moved(operations) == [("release", 2, 200), ("release", 1, 100)]
    assert closed.captured == 700
    assert closed.open_authorization == 0
    assert settle(closed) == (closed, ())


def test_captured_money_goes_back_only_when_no_authorisation_is_left():
    order = owing(100, a_tender(500, captured=400), a_tender(100, captured=100))

    closed, operations = settle(order)

    assert moved(operations) == [("release", 0, 100), ("refund", 1, 100), ("refund", 0, 300)]
    assert closed.captured == 100
    assert [o.number for o in operations] == [1, 2, 3]


def test_a_refund_that_failed_beside_its_capture_gives_nothing_back_below_zero():
    order = owing(0, a_tender(1000, captured=0, uncaptured=1000, unrefunded=400))

    closed, operations = settle(order)

    assert all(amount > 0 for _, _, amount in moved(operations))
    assert closed.payments[0].refunded == 0
    assert closed.payments[0].unrefunded == 400


def test_the_amount_that_live_units_will_cost_stays_authorised():
    closed, operations = settle(owing(300, a_tender(1000, captured=300), total=800))

    assert moved(operations) == [("release", 0, 200)]
    assert closed.open_authorization == 500


def lost(tender, amount, **changes):
    return Dispute(dispute_id=f"du_{tender}", tender=tender, amount=amount, state=DisputeState.LOST, **changes)


@pytest.mark.parametrize(
    ("invoiced", "captured", "disputes", "refunds"),
    [
        (0, [1000], [lost(0, 1000)], []),
        (0, [1000], [lost(0, 300)], [("refund", 0, 700)]),
        (0, [1000], [replace(lost(0, 1000), state=DisputeState.OPEN)], [("refund", 0, 1000)]),  # as it may be won
        (0, [1000, 500], [lost(0, 1000)], [("refund", 1, 500)]),
        (0, [500, 1000], [lost(1, 1000)], [("refund", 0, 500)]),  # and not what the bank has given back of the last one
        (400, [1000], [lost(0, 1000)], []),  # the 4.00 are owed again
        (400, [1000], [lost(0, 1000, repaid=400)], []),
        (400, [1000, 500], [lost(0, 1000)], [("refund", 1, 100)]),  # what is owed again is kept
    ],
)
def test_what_a_bank_took_back_is_not_refunded_again(invoiced, captured, disputes, refunds):
    order = replace(owing(invoiced, *(a_tender(one, captured=one) for one in captured)), disputes=tuple(disputes))

    closed, operations = settle(order)

    assert moved(operations) == refunds
    assert settle(closed) == (closed, ())


def test_an_authorisation_is_released_whatever_a_bank_took_back():
    order = replace(owing(1000, a_tender(1000, captured=1000), a_tender(500)), disputes=(lost(0, 1000),))

    assert moved(settle(order)[1]) == [("release", 1, 500)]


def test_the_numbers_of_money_operations_continue():
    paid, _ = capture(owing(700, a_tender(1000)), 1)

    assert [o.number for o in settle(paid)[1]] == [2]


TENDERS = st.lists(
    st.tuples(st.integers(0, 1000), st.integers(0, 1000), st.integers(0, 1000)).map(
        lambda t: a_tender(max(t[0], t[1]), captured=min(t[0], t[1]), refunded=min(t[0], t[1], t[2]))
    ),
    min_size=1,
    max_size=4,
)


@given(TENDERS, st.integers(0, 4000))
def test_a_settled_order_keeps_exactly_what_was_invoiced(tenders, invoiced):
    order = owing(invoiced, *tenders)

    try:
        paid, taken = capture(order, 1)
    except NotAllowed:
        assert order.captured + order.open_authorization < invoiced
        return
    closed, given_back = settle(paid)

    assert closed.captured == invoiced
    assert closed.open_authorization == 0
    for tender in closed.payments:
        assert 0 <= tender.refunded <= tender.captured
        assert tender.captured + tender.released == tender.authorized
    assert all(o.amount > 0 for o in (*taken, *given_back))


@pytest.mark.parametrize(
    ("tenders", "released"),
    [
        ([a_tender(1000), a_tender(400)], {1: 400}),
        ([a_tender(1500), a_tender(400)], {1: 400}),  # what the order had too much before stays as it was
        ([a_tender(1000), a_tender(300), a_tender(400)], {2: 400, 1: 300}),
        ([a_tender(900), a_tender(400)], {1: 300}),  # the order needs a part
        ([a_tender(500), a_tender(400)], {}),
        ([a_tender(1000, expires_at=later(hours=-1)), a_tender(1200)], {1: 200}),  # an ended one pays for nothing
        ([a_tender(1000), a_tender(400, expires_at=later(hours=-1))], {}),  # and needs no release
        ([a_tender(1000, captured=1000), a_tender(400)], {1: 400}),
    ],
)
def test_payments_from_a_place_on_release_what_the_order_does_not_need(tenders, released):
    order = owing(0, *tenders, total=1000)

    after, operations = release_added(order, range(1, len(tenders)), NOW)

    assert {o.tender: o.amount for o in operations} == released
    assert {o.purpose for o in operations} <= {"release"}
    assert [t.released for t in after.payments] == [released.get(i, 0) for i in range(len(tenders))]
    assert release_added(after, range(1, len(tenders)), NOW) == (after, ())


@pytest.mark.parametrize(("invoiced", "back"), [(0, 400), (300, 100), (400, 0), (1000, 0)])
def test_what_a_link_has_paid_of_an_invoice_is_not_given_back(invoiced: int, back: int) -> None:
    link = replace(a_tender(400, captured=400, provider="stripe"), requested=400)
    order = replace(owing(0, a_tender(1000), link, total=1000), invoiced_total=invoiced)

    after, _ = release_added(order, [1], NOW)

    assert [tender.refunded for tender in after.payments] == [0, back]


def test_a_provider_is_asked_for_what_has_ended_after_all_others() -> None:
    ended = a_tender(1000, expires_at=later(hours=-1), provider="stripe")
    order = replace(owing(0, ended, a_tender(400), total=1000), invoiced_total=1000)

    after, operations = capture(order, 1, NOW)

    assert [(o.tender, o.amount) for o in operations] == [(1, 400), (0, 600)]
    assert [t.captured for t in after.payments] == [600, 400]
