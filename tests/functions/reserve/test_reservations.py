"""Reservations are made, changed, ended and expired, long ones in chunks; no unit is sold twice, and none gets stuck."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from comanda.aws.dynamodb import transaction
from comanda.aws.reservations import expiry, reservations, reserve_units, transfer_line
from comanda.aws.stock import position_reads, stock_changes
from comanda.domain.errors import NotAvailable, NotFound, StockConflict
from comanda.domain.reservations import reservations as rules
from comanda.domain.reservations.allot import Wanted, sum_wanted
from comanda.domain.reservations.reservations import Reservation, Take
from comanda.domain.stock.changes import Request
from comanda.domain.stock.movements import adjust
from comanda.domain.stock.stock import SELLABLE
from tests.functions.reservation_writes import consume
from tests.functions.shelves import wrong

NOW = datetime(2026, 11, 22, 12, 1, tzinfo=UTC)
TODAY = "2026-11-22"
MINUTE = timedelta(minutes=1)
SKUS = tuple(f"SKU-{n:03d}" for n in range(80))


def stocked(sku: str = "TEA", node: str = "n1", units: int = 10, source: str = "opening") -> None:
    stock_changes.apply([adjust(sku, node, SELLABLE, units, source=source, line="1", reason="count", now=NOW)], [])


def wanted(*rows: Any) -> tuple[Wanted, ...]:
    """Lines of (sku, quantity), or (sku, quantity, nodes), or (sku, quantity, nodes, due)."""
    lines = []
    for i, row in enumerate(rows):
        sku, quantity, nodes, due = (*row, *("n1", TODAY)[len(row) - 2 :])
        lines.append(Wanted(rows=(i,), sku=sku, nodes=tuple(nodes.split()), quantity=quantity, due=due))
    return sum_wanted(lines)


def reserve(
    *rows: Any, name: str = "r1", kind: str = rules.SOFT, ttl: int = 600, now: datetime = NOW, **more: Any
) -> Reservation:
    asked = reserve_units.ReservationRequest(
        reservation_id=f"rsv_{name}",
        owner="shop",
        content=str(rows),
        kind=kind,
        wanted=wanted(*rows),
        expires=rules.expiry(now, ttl) if kind == rules.SOFT else None,
        now=now,
        **more,
    )
    return reserve_units.reserve(asked)


def free(sku: str = "TEA", node: str = "n1", lane: int = 0) -> int:
    found = position_reads.get(sku, node, lane)
    assert found is not None
    return found.free


def hard(sku: str = "TEA", node: str = "n1") -> int:
    found = position_reads.get(sku, node)
    assert found is not None
    return found.demand


def true(aws: Any, now: datetime = NOW) -> bool:
    assert wrong(aws.items("Stock"), now) == []
    return True


def long(units: int = 2) -> Sequence[Any]:
    for sku in SKUS:
        stocked(sku, units=units)
    return [(sku, 1) for sku in SKUS]


def test_a_soft_reservation_keeps_its_units_until_the_next_full_five_minutes(aws: Any):
    stocked()

    made = reserve(("TEA", 4), ttl=600)

    assert (made.state, made.expires) == (rules.HELD, datetime(2026, 11, 22, 12, 15, tzinfo=UTC))
    assert free() == 6
    assert true(aws)


def test_a_hard_reservation_never_expires(aws: Any):
    stocked()

    made = reserve(("TEA", 4), kind=rules.HARD)

    assert (made.state, made.expires, hard(), free()) == (rules.COMMITTED, None, 4, 6)
    assert expiry.sweep(NOW + timedelta(days=1)) == 0
    assert true(aws)


def test_lines_of_one_sku_and_node_are_summed_before_they_are_checked(aws: Any):
    stocked(units=3)

    with pytest.raises(NotAvailable) as refused:
        reserve(("TEA", 2), ("TEA", 2))

    assert [p.pointer for p in refused.value.problems] == ["/lines/0/quantity", "/lines/1/quantity"]
    assert free() == 3
    assert reservations.find("rsv_r1") is None
    assert reserve(("TEA", 2), ("TEA", 1)).lines[0].reserved == 3


def test_a_request_gets_all_units_or_none_unless_it_allows_a_part(aws: Any):
    stocked("TEA", units=3)
    stocked("CUP", units=9)

    with pytest.raises(NotAvailable):
        reserve(("CUP", 2), ("TEA", 5))
    made = reserve(("CUP", 2), ("TEA", 5), partial=True)

    assert [(line.sku, line.reserved, line.missing) for line in made.lines] == [("CUP", 2, 0), ("TEA", 3, 2)]
    assert (free("CUP"), free("TEA")) == (7, 0)
    assert true(aws)


def test_a_partial_request_that_finds_no_unit_is_refused(aws: Any):
    with pytest.raises(NotAvailable):
        reserve(("TEA", 5), partial=True)

    assert reservations.find("rsv_r1") is None


def test_the_same_request_again_is_the_same_reservation_and_another_is_refused(aws: Any):
    stocked()
    first = reserve(("TEA", 4))

    again = reserve(("TEA", 4), now=NOW + MINUTE)

    assert again == first
    assert free() == 6
    with pytest.raises(rules.RequestReused):
        reserve(("TEA", 5))


def test_the_same_request_again_is_answered_also_when_it_took_the_last_unit(aws: Any):
    stocked(units=4)
    first = reserve(("TEA", 4))
    rows = long(units=1)
    whole = reserve(*rows, name="whole")

    assert reserve(("TEA", 4)) == first
    assert reserve(*rows, name="whole") == whole


def test_a_group_of_nodes_is_one_node_that_has_all_before_several(aws: Any):
    stocked(node="n1", units=2)
    stocked(node="n2", units=5)
    stocked(node="n3", units=5)

    one = reserve(("TEA", 4, "n1 n2 n3"), name="one")
    several = reserve(("TEA", 7, "n1 n2 n3"), name="several")

    assert [(t.node, t.quantity) for t in one.lines[0].parts] == [("n2", 4)]
    assert [(t.node, t.quantity) for t in several.lines[0].parts] == [("n3", 5), ("n1", 2)]
    assert true(aws)


def test_an_extended_reservation_is_kept_longer_and_counts_once(aws: Any):
    stocked()
    reserve(("TEA", 4), ttl=300)

    extended = reservations.extend("rsv_r1", rules.expiry(NOW, 3600), NOW)
    expiry.sweep(NOW + 15 * MINUTE)

    assert extended.expires == datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
    assert free() == 6
    assert reservations.load("rsv_r1").state_at(NOW + 15 * MINUTE) == rules.HELD
    assert true(aws, NOW + 15 * MINUTE)


def test_a_promoted_reservation_is_hard(aws: Any):
    stocked()
    reserve(("TEA", 4))

    promoted = reservations.promote("rsv_r1", NOW + MINUTE)
    reservations.promote("rsv_r1", NOW + MINUTE)

    assert (promoted.state, hard(), free()) == (rules.COMMITTED, 4, 6)
    assert expiry.sweep(NOW + timedelta(hours=1)) == 0
    assert true(aws)


@pytest.mark.parametrize("kind", [rules.SOFT, rules.HARD])
def test_the_units_of_a_released_reservation_are_free(aws: Any, kind: str):
    stocked()
    reserve(("TEA", 4), kind=kind)

    reservations.release("rsv_r1", NOW)
    again = reservations.release("rsv_r1", NOW)

    assert (again.state, free(), hard()) == (rules.RELEASED, 10, 0)
    assert true(aws)


def test_a_line_moves_to_another_node(aws: Any):
    stocked(node="n1")
    stocked(node="n2", units=5)
    made = reserve(("TEA", 4))

    moved = transfer_line.transfer("rsv_r1", made.lines[0].number, "n2", NOW)

    assert [(t.node, t.quantity) for t in moved.lines[0].parts] == [("n2", 4)]
    assert (free(node="n1"), free(node="n2")) == (10, 1)
    assert true(aws)
    with pytest.raises(NotAvailable):
        transfer_line.transfer("rsv_r1", 0, "n3", NOW)
    with pytest.raises(NotFound):
        transfer_line.transfer("rsv_r1", 7, "n1", NOW)


def test_a_line_that_moves_to_a_node_with_some_of_its_units_is_given_back_whole(aws: Any):
    stocked(node="n1", units=3)
    stocked(node="n2", units=3)
    reserve(("TEA", 5, "n1 n2"))
    stocked(node="n2", units=9, source="more")

    moved = transfer_line.transfer("rsv_r1", 0, "n2", NOW)
    reservations.release("rsv_r1", NOW)

    assert [(t.node, t.quantity) for t in moved.lines[0].parts] == [("n2", 5)]
    assert (free(node="n1"), free(node="n2")) == (3, 12)
    assert true(aws)


OPERATIONS: dict[str, Callable[[datetime], Any]] = {
    "promote": lambda now: reservations.promote("rsv_r1", now),
    "release": lambda now: reservations.release("rsv_r1", now),
    "extend": lambda now: reservations.extend("rsv_r1", rules.expiry(now, 600), now),
    "transfer": lambda now: transfer_line.transfer("rsv_r1", 0, "n1", now),
    "consume": lambda now: consume("rsv_r1", "ord_1", (), now),
}


@pytest.mark.parametrize("swept", [False, True], ids=["not swept", "swept"])
@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_expired_reservation_refuses_every_change_swept_or_not(aws: Any, operation: str, swept: bool):
    stocked()
    made = reserve(("TEA", 4))
    assert made.expires is not None
    if swept:
        assert expiry.sweep(made.expires) == 1

    with pytest.raises(rules.ReservationExpired):
        OPERATIONS[operation](made.expires)

    assert reservations.load("rsv_r1").state_at(made.expires) == rules.EXPIRED
    assert free() == (10 if swept else 6)
    assert true(aws, made.expires)


def test_expired_units_never_block_another_reservation_swept_or_not(aws: Any):
    stocked()
    made = reserve(("TEA", 8))
    assert made.expires is not None

    other = reserve(("TEA", 9), name="r2", now=made.expires)

    assert (other.state, free()) == (rules.HELD, 1)
    assert true(aws, made.expires)
    assert expiry.sweep(made.expires + MINUTE) == 1
    assert reservations.load("rsv_r1").state == rules.EXPIRED
    assert true(aws, made.expires + MINUTE)


def test_a_reservation_for_a_later_day_takes_the_units_of_that_day(aws: Any):
    stocked()
    reserve(("TEA", 6, "n1", "2026-12-01"), name="later")

    with pytest.raises(NotAvailable):
        reserve(("TEA", 5), name="now")

    assert reserve(("TEA", 4), name="now").state == rules.HELD
    assert true(aws)
    reservations.release("rsv_later", NOW)
    assert free() == 6
    assert true(aws)


def takes(*rows: tuple[str, int], due: str = TODAY) -> list[Take]:
    return [
        Take(
            sku=sku,
            node="n1",
            request=Request(quantity=quantity, source="ord_1", line=str(i), n="001", due=due),
        )
        for i, (sku, quantity) in enumerate(rows)
    ]


def test_an_order_takes_what_it_needs_and_the_rest_is_given_back(aws: Any):
    stocked("TEA")
    stocked("CUP")
    reserve(("TEA", 4), ("CUP", 2))

    consumed, writes = consume("rsv_r1", "ord_1", takes(("TEA", 3), ("TEA", 3)), NOW)
    stock_changes.apply(consumed.changes, writes)

    assert [(take.sku, take.request.quantity) for take in consumed.missing] == [("TEA", 2)]
    assert (hard("TEA"), free("TEA"), free("CUP")) == (4, 6, 10)
    taken = reservations.load("rsv_r1")
    assert (taken.state, taken.order_id) == (rules.COMMITTED, "ord_1")
    with pytest.raises(rules.ReservationEnded):
        reservations.release("rsv_r1", NOW)


def test_two_orders_cannot_take_the_same_reservation(aws: Any):
    stocked()
    reserve(("TEA", 4))
    mine, my_writes = consume("rsv_r1", "ord_1", takes(("TEA", 4)), NOW)
    theirs, their_writes = consume("rsv_r1", "ord_2", takes(("TEA", 4)), NOW)
    stock_changes.apply(mine.changes, my_writes)

    with pytest.raises(StockConflict):
        stock_changes.apply(theirs.changes, their_writes)

    assert (hard(), free()) == (4, 6)


# More than one transaction holds


def test_a_long_reservation_is_kept_whole_and_given_back_whole(aws: Any):
    made = reserve(*long())

    assert (made.state, len(made.chunks), made.many) == (rules.HELD, 3, True)
    assert {free(sku) for sku in SKUS} == {1}
    assert true(aws)
    reservations.release("rsv_r1", NOW)
    assert {free(sku) for sku in SKUS} == {2}
    assert true(aws)


def test_a_long_reservation_that_lacks_one_unit_is_refused_and_nothing_is_written(aws: Any):
    rows = long()
    reserve((SKUS[-1], 2), name="other")
    before = len(aws.items("Stock"))

    with pytest.raises(NotAvailable) as refused:
        reserve(*rows)

    assert [p.pointer for p in refused.value.problems] == ["/lines/79/quantity"]
    assert len(aws.items("Stock")) == before


@pytest.mark.parametrize("kind", [rules.SOFT, rules.HARD])
def test_a_long_reservation_that_is_refused_half_way_is_given_back_and_may_be_tried_again(
    aws: Any, monkeypatch: pytest.MonkeyPatch, kind: str
):
    rows = long()
    seen = stock_changes.apply
    calls = []

    def stolen(changes: Any, extra: Any) -> None:
        calls.append(1)
        if len(calls) == 3:  # two chunks are made
            seen([adjust(SKUS[-1], "n1", SELLABLE, -2, source="theft", line="1", reason="gone", now=NOW)], [])
        seen(changes, extra)

    with monkeypatch.context() as patch:
        patch.setattr(stock_changes, "apply", stolen)
        with pytest.raises(NotAvailable):
            reserve(*rows, kind=kind)
    assert {free(sku) for sku in SKUS[:-1]} == {2}
    assert true(aws)

    stocked(SKUS[-1], units=1, source="found")
    made = reserve(*rows, kind=kind)

    assert made.state == (rules.HELD if kind == rules.SOFT else rules.COMMITTED)
    assert [line.number for line in reservations.load("rsv_r1").lines] == [*range(80)]
    assert {free(sku) for sku in SKUS[:-1]} == {1}
    assert free(SKUS[-1]) == 0
    assert true(aws)
    stocked(SKUS[0], node="n2", source="elsewhere")
    moved = transfer_line.transfer("rsv_r1", 0, "n2", NOW)
    assert [part.node for part in moved.lines[0].parts] == ["n2"]
    assert free(SKUS[0], node="n2") == 9
    assert true(aws)


def test_a_long_reservation_that_gave_up_is_still_made_when_another_process_began_it_again(
    aws: Any, monkeypatch: pytest.MonkeyPatch
):
    rows = long()
    apply, find, calls, repeated = stock_changes.apply, reservations.find, list[int](), list[Reservation]()

    def stolen(changes: Any, extra: Any) -> None:
        calls.append(1)
        if len(calls) == 3:  # two chunks are made
            apply([adjust(SKUS[-1], "n1", SELLABLE, -2, source="theft", line="1", reason="gone", now=NOW)], [])
        apply(changes, extra)

    def repeated_before(reservation_id: str) -> Reservation | None:
        monkeypatch.setattr(reservations, "find", find)
        stocked(SKUS[-1], units=2, source="found")
        repeated.append(reserve(*rows, kind=rules.HARD))
        return find(reservation_id)

    monkeypatch.setattr(stock_changes, "apply", stolen)
    monkeypatch.setattr(reservations, "find", repeated_before)

    answered = reserve(*rows, kind=rules.HARD)

    assert repeated
    assert answered.state == rules.COMMITTED
    assert {free(sku) for sku in SKUS} == {1}
    assert true(aws)


def test_a_reservation_that_meets_a_race_over_expired_units_tries_again(aws: Any, monkeypatch: pytest.MonkeyPatch):
    reserve(*long(units=1), name="other")
    later = NOW + 15 * MINUTE
    end, calls = reservations.end, list[int]()

    def raced(found: Reservation, now: datetime) -> Reservation:
        calls.append(1)
        if len(calls) == 1:
            raise StockConflict("changed since")
        return end(found, now)

    monkeypatch.setattr(reservations, "end", raced)

    assert reserve((SKUS[0], 1), name="r2", now=later).state == rules.HELD
    assert len(calls) == 2
    assert true(aws, later)


def test_a_long_reservation_is_promoted_extended_and_given_to_an_order(aws: Any):
    reserve(*long())

    extended = reservations.extend("rsv_r1", rules.expiry(NOW, 7200), NOW)
    promoted = reservations.promote("rsv_r1", NOW + timedelta(hours=1))

    assert extended.expires == datetime(2026, 11, 22, 14, 5, tzinfo=UTC)
    assert {chunk.state for chunk in promoted.chunks} == {rules.COMMITTED}
    assert {hard(sku) for sku in SKUS} == {1}
    assert true(aws)
    consumed, writes = consume("rsv_r1", "ord_1", takes(*((sku, 1) for sku in SKUS)), NOW)
    assert len(consumed.changes) == 80
    for change in consumed.changes:
        stock_changes.apply([change], [])
    transaction.commit(writes)
    assert expiry.sweep(NOW + 5 * MINUTE) == 1
    assert {hard(sku) for sku in SKUS} == {1}


def _dying_after_two_chunks(monkeypatch: pytest.MonkeyPatch, make: Callable[[], Any]) -> None:
    whole, calls = stock_changes.apply, list[int]()

    def dies(*given: Any) -> None:
        calls.append(1)
        if len(calls) > 2:
            raise KeyboardInterrupt
        whole(*given)

    with monkeypatch.context() as patch:
        patch.setattr(stock_changes, "apply", dies)
        with pytest.raises(KeyboardInterrupt):
            make()


def test_the_units_of_a_process_that_died_are_free_again_for_other_requests(aws: Any, monkeypatch: pytest.MonkeyPatch):
    rows = long(units=1)

    _dying_after_two_chunks(monkeypatch, lambda: reserve(*rows, ttl=4 * 3600))
    assert free(SKUS[0]) == 0
    later = NOW + 10 * MINUTE

    assert reserve((SKUS[0], 1), name="r2", now=later).state == rules.HELD
    assert reservations.load("rsv_r1").state == rules.EXPIRED
    assert true(aws, later)
    with pytest.raises(NotAvailable):
        reserve(*rows, now=later)


def test_a_repeated_request_finishes_the_reservation_of_a_process_that_died(aws: Any, monkeypatch: pytest.MonkeyPatch):
    rows = long()
    _dying_after_two_chunks(monkeypatch, lambda: reserve(*rows))

    made = reserve(*rows)

    assert (made.state, len(made.chunks)) == (rules.HELD, 3)
    assert {free(sku) for sku in SKUS} == {1}
    assert true(aws)


def test_a_thousand_lines_are_one_reservation(aws: Any):
    skus = [f"S{n:04d}" for n in range(1000)]
    opening = [adjust(sku, "n1", SELLABLE, 1, source="opening", line="1", reason="count", now=NOW) for sku in skus]
    for first in range(0, 1000, 50):
        stock_changes.apply(opening[first : first + 50], [])

    made = reserve(*((sku, 1) for sku in skus))

    assert (made.state, len(made.lines), len(made.chunks)) == (rules.HELD, 1000, 32)
    assert true(aws)
