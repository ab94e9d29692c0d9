"""The sweeper forgets a closed order when its events, mails, money and plans are done."""

import pytest

from comanda.domain.lifecycle.closing import all_mailed, may_forget

DONE = {
    "version": 9,
    "relayed": 9,
    "shipments": (1, 2),
    "mailed": {"placed", "shipped-001", "handed-over-002"},
    "money": ("DONE", "DONE"),
    "plans": (),
}


def test_an_order_with_nothing_left_to_do_may_be_forgotten():
    assert may_forget(**DONE)
    assert may_forget(**DONE | {"shipments": (), "mailed": (), "money": ()})


@pytest.mark.parametrize(
    "left",
    [
        {"relayed": 8},
        {"mailed": {"placed", "shipped-001"}},
        {"money": ("DONE", "REQUESTED")},
        {"plans": ({"state": "applying"},)},
    ],
    ids=lambda left: next(iter(left)),
)
def test_an_order_stays_open_while_an_event_a_mail_money_or_a_plan_is_left(left):
    assert not may_forget(**DONE | left)


def test_a_mail_about_another_shipment_does_not_count():
    assert not all_mailed((1,), {"shipped-011", "ready-001"})
