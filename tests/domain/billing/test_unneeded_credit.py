"""An order that becomes cheaper gives the room that it does not need back to the credit account at once, and no more."""

from dataclasses import replace
from datetime import timedelta

import pytest

from comanda.domain.billing import unneeded_credit
from comanda.domain.orders.decision import Decision, Event, EventType
from comanda.domain.orders.order import Order
from comanda.domain.orders.pending_change import PendingChange
from comanda.domain.orders.tender import ON_ACCOUNT, OWN, Tender
from tests.builders import NOW, a_line, an_order, placed


def on_account(amount: int, **more: int) -> Tender:
    return Tender(method=ON_ACCOUNT, reference="ac_1", authorized=amount, provider=OWN, **more)


def card(amount: int, **more: object) -> Tender:
    return Tender(method="CARD", reference="pi_1", authorized=amount, **more)  # type: ignore[arg-type]


def costing(total: int, *tenders: Tender, **changes: object) -> Order:
    order = placed(an_order(a_line("TEA", 2, 1000), payments=tenders))
    return replace(order, totals=replace(order.totals, goods=total, total=total), **changes)


def freed(before: Order, after: Order) -> list[tuple[int, int]]:
    """Return (tender, amount) of what a decision releases that makes one order of another."""
    event = Event(type=EventType.CHANGED, actor="ann", at=NOW, data={})
    decision = unneeded_credit.released(before, Decision(order=after, event=event))
    assert unneeded_credit.released(before, decision) == decision
    assert decision.order.operations == after.operations + len(decision.money)
    assert {one.purpose for one in decision.money} <= {"release"}
    for one in decision.money:
        assert decision.order.payments[one.tender].released == after.payments[one.tender].released + one.amount
    return [(one.tender, one.amount) for one in decision.money]


@pytest.mark.parametrize(
    ("tenders", "total", "expected"),
    [
        ((on_account(2000),), 1500, [(0, 500)]),
        ((on_account(2000),), 0, [(0, 2000)]),
        ((on_account(2000, captured=1800),), 1500, [(0, 200)]),
        ((card(500), on_account(1500)), 1200, [(1, 800)]),
        ((on_account(1500), card(500)), 1700, []),  # the card is given back first, at the end
        ((on_account(1500), card(500)), 1200, [(0, 300)]),
        ((on_account(1500), card(500, expires_at=NOW - timedelta(hours=1))), 1200, [(0, 300)]),
        ((card(2000),), 100, []),
    ],
)
def test_what_a_cheaper_order_does_not_need_is_released(
    tenders: tuple[Tender, ...], total: int, expected: list[tuple[int, int]]
) -> None:
    assert freed(costing(2000, *tenders), costing(total, *tenders)) == expected


def test_an_order_that_costs_as_much_or_more_keeps_what_it_has() -> None:
    order = costing(1500, on_account(2000))

    assert freed(order, order) == freed(order, costing(1900, on_account(2000))) == []


def test_what_a_change_that_waits_may_need_is_kept_until_it_is_over() -> None:
    waits = PendingChange(modifications=("charge",), reason="x", to_pay=1, until=NOW, by="ann", at=NOW)
    before, after = costing(2000, on_account(2000)), costing(1500, on_account(2000))

    assert freed(before, replace(after, pending=waits)) == []
    assert freed(replace(after, pending=waits), after) == [(0, 500)]
