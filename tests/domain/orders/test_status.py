"""The status table decides how units may move, and the order's status follows from its units."""

from itertools import product

import pytest

from comanda.domain.errors import NotAllowed
from comanda.domain.orders.status import AT_NODE, GONE, RANK, TRANSACTIONS, Status, derived
from tests.builders import a_line_in, an_allocation
from tests.domain.models.table import TABLE

S = Status


@pytest.mark.parametrize(("status", "transaction"), tuple(product(Status, TABLE)), ids=str)
def test_a_unit_moves_exactly_where_the_table_allows_it(status, transaction):
    takes, leaves = TABLE[transaction]
    line = a_line_in(an_allocation(3, status))

    for target in (None, *Status):
        if status in takes and (target is None or target in leaves):
            moved = line.move(transaction, 2, to=target)

            left = {a.status: a.quantity for a in moved.allocations}
            assert sum(left.values()) == 3
            assert left[target or leaves[0]] == (3 if (target or leaves[0]) is status else 2)
        else:
            with pytest.raises(NotAllowed):
                line.move(transaction, 2, to=target)


def test_no_transaction_is_missing_from_the_table_and_none_is_more():
    assert set(TRANSACTIONS) == set(TABLE)
    for name, (takes, leaves) in TABLE.items():
        assert TRANSACTIONS[name].name == name
        assert set(TRANSACTIONS[name].takes) == takes
        assert len(TRANSACTIONS[name].takes) == len(takes)
        assert set(TRANSACTIONS[name].leaves) == set(leaves)


def test_a_lost_unit_can_only_be_found_and_delivered():
    assert [(t.name, t.leaves) for t in TRANSACTIONS.values() if S.LOST in t.takes] == [("deliver", (S.DELIVERED,))]


def test_cancelling_takes_the_least_advanced_units_first():
    ranks = [RANK[status] for status in TRANSACTIONS["cancel"].takes]

    assert ranks == sorted(ranks)


def test_shipping_takes_the_most_advanced_units_first():
    for transaction in ("ship", "hand-over"):
        ranks = [RANK[status] for status in TRANSACTIONS[transaction].takes]

        assert ranks == sorted(ranks, reverse=True)


def test_nothing_brings_a_cancelled_or_delivered_unit_back():
    ends = GONE - {S.SHIPPED, S.LOST} | {S.CANCELLED}

    assert not [t.name for t in TRANSACTIONS.values() if ends & set(t.takes)]


@pytest.mark.parametrize(
    ("quantities", "name"),
    [
        ({}, "CANCELLED"),
        ({S.CANCELLED: 3}, "CANCELLED"),
        ({S.CREATED: 0, S.CANCELLED: 3}, "CANCELLED"),
        *(({status: 2}, status.value) for status in Status if status is not S.CANCELLED and RANK[status] < 10),
        *(({status: 2}, "COMPLETED") for status in (S.DELIVERED, S.PICKED_UP, S.PROVIDED, S.LOST)),
        ({S.SHIPPED: 2, S.CANCELLED: 9}, "SHIPPED"),
        ({S.UNSCHEDULED: 1, S.BACKORDERED: 1}, "BACKORDERED"),
        ({S.READY_FOR_PICKUP: 1, S.SHIPPED: 1}, "SHIPPED"),
        ({S.DELIVERED: 1, S.PICKED_UP: 1}, "COMPLETED"),
        ({S.DELIVERED: 1, S.LOST: 1, S.PROVIDED: 1}, "COMPLETED"),
        ({S.SHIPPED: 1, S.DELIVERED: 1}, "PARTIALLY_COMPLETED"),
        ({S.CREATED: 5, S.LOST: 1}, "PARTIALLY_COMPLETED"),
        ({S.BACKORDERED: 1, S.RELEASED: 1}, "PARTIALLY_RELEASED"),
        ({S.CREATED: 1, S.UNSCHEDULED: 1}, "PARTIALLY_UNSCHEDULED"),
        ({S.CREATED: 1, S.UNSCHEDULED: 1, S.BACKORDERED: 1}, "PARTIALLY_BACKORDERED"),
        ({S.PACKED: 1, S.SHIPPED: 1, S.READY_FOR_PICKUP: 1}, "PARTIALLY_SHIPPED"),
        ({S.PACKED: 1, S.READY_FOR_PICKUP: 1}, "PARTIALLY_READY_FOR_PICKUP"),
        ({S.PACKED: 1, S.READY_FOR_PICKUP: 1, S.CANCELLED: 1}, "PARTIALLY_READY_FOR_PICKUP"),
    ],
)
def test_an_order_is_called_by_its_live_units(quantities, name):
    assert derived(quantities) == name


def test_ranks_are_stored_in_an_index_so_their_numbers_stay_and_a_later_status_takes_the_rank_of_the_one_below_it():
    """The rank is two digits of a sort key of GSI3: a changed number would lose the rows that are stored with the old one.
    A new status is added here with the number of the status below it; no other number changes."""
    assert RANK == {
        S.DRAFT: 0,
        S.CREATED: 1,
        S.UNSCHEDULED: 2,
        S.BACKORDERED: 2,
        S.SCHEDULED: 3,
        S.RELEASED: 4,
        S.ACCEPTED: 5,
        S.PICKING: 6,
        S.PICKED: 7,
        S.PACKED: 8,
        S.READY_FOR_PICKUP: 9,
        S.SHIPPED: 9,
        S.DELIVERED: 10,
        S.PICKED_UP: 10,
        S.PROVIDED: 10,
        S.LOST: 10,
    }


def test_every_status_has_a_rank_but_cancelled():
    assert set(RANK) == set(Status) - {S.CANCELLED}
    assert [RANK[status] for status in AT_NODE] == [4, 5, 6, 7, 8, 9]
