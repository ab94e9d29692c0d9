"""Test that a change answers what allowed-changes says of its order, for each modification and level, both ways."""

from collections.abc import Iterator
from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from comanda.domain.errors import Invalid, NotAllowed
from comanda.domain.lifecycle.cancels import cancel, cancellable
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.allowed_changes import allowed_changes
from comanda.domain.lifecycle.changes.change import change
from comanda.domain.lifecycle.changes.changed_amounts import (
    AppeasementReason,
    NewAppeasement,
    NewCharge,
    NewDiscount,
    NewPrice,
)
from comanda.domain.lifecycle.changes.changed_units import NewQuantity
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.changes.replaced_units import Replacement
from comanda.domain.lifecycle.changes.wanted_changes import NewNote, NewPriority, NewTags, NewTaxId, Wanted, live
from comanda.domain.lifecycle.modifications.denials import AllowedChange
from comanda.domain.lifecycle.modifications.modification_matrix import (
    LEVELS,
    POSSIBLE,
    Level,
    Matrix,
    Modification,
    Rule,
)
from comanda.domain.lifecycle.moving.wanted import NewMethod, NewNode, NewRequested, NewService, NewShipTo, NewStore
from comanda.domain.orders import holds
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import merged
from comanda.domain.orders.methods import PICKUP, SHIP
from comanda.domain.orders.order import Hold, Order
from comanda.domain.orders.status import AT_NODE, Status
from tests.builders import NOW, a_bundle, a_line, a_node, an_allocation, an_order, offered, placed

S, M = Status, Modification
TERMS = ChangeTerms(reason="asked to", actor="sales", now=NOW)
GRAN = Destination(country="US", region="NY")
# Which lines go the same way: the lines of a kit and the components of a bundle are always in the same status.
TOGETHER = (("1",), ("2",), ("3",), ("k1", "k2"), ("b1", "b2"), ("c1", "c2"))
OF_PROVIDED = (S.DRAFT, S.CREATED, S.UNSCHEDULED, S.SCHEDULED, S.PROVIDED, S.CANCELLED)
UNITS = {"1": 3, "2": 2, "3": 1, "k1": 2, "k2": 2, "b1": 2, "b2": 4, "c1": 1, "c2": 2}


def _sold() -> Order:
    """Return an order of units that are sent, collected and provided, a kit, a bundle, and one that is sold in parts."""
    return placed(
        an_order(
            a_line("TEA", 3),
            a_line("POT", 2, method=PICKUP, node="store-1"),
            a_line("CODE", 1, line_id="3", kind="DIGITAL"),
            a_line("LID", 2, line_id="k1", group="kit"),
            a_line("JAR", 2, line_id="k2", group="kit"),
            *a_bundle("SET", 2, 1500),
            *a_bundle("BOX", 1, 1500, line_id="c", together=False),
        )
    )


@st.composite
def orders(draw: st.DrawFn) -> Order:
    """Return an order whose units are in any status, with holds of it and of its lines."""
    order = _sold()
    sent = {line_id: n for line_id, n in UNITS.items() if line_id not in ("2", "3")}
    order = offered(order, (a_node("dc-1"), sent), (a_node("store-1", type="STORE"), {"2": 2}))
    for lines in TOGETHER:
        first = draw(st.sampled_from(list(Status)))
        rest = draw(st.sampled_from([first, *Status]))
        order = order.with_lines([_in_statuses(order, line_id, first, rest) for line_id in lines])
    made = tuple(draw(st.lists(_a_hold(), max_size=2)))
    named = tuple(replace(hold, hold_id=f"h{n}") for n, hold in enumerate(made))
    return holds.with_held_lines(replace(order, holds=named))


def _in_statuses(order: Order, line_id: str, first: Status, rest: Status):
    """Return a line with one set of its units in a status, and the others in another one."""
    line = order.line(line_id)
    one = {"b1": 1, "b2": 2, "c2": 2}.get(line_id, 1)
    parts = [(one, first), (line.quantity - one, rest)]
    return replace(line, allocations=merged(_units(order, line, n, status) for n, status in parts if n))


def _units(order: Order, line, n: int, status: Status):
    if line.is_provided:
        status = status if status in OF_PROVIDED else S.PROVIDED
        return an_allocation(n, status)
    number = 2 if line.method == PICKUP else 1
    if status is S.SCHEDULED:
        return an_allocation(n, status, node="dc-1", due="2026-11-25")
    if status in AT_NODE or status in (S.SHIPPED, S.DELIVERED, S.PICKED_UP, S.LOST):
        return an_allocation(n, status, node=order.fulfillment(number).node, fulfillment=number)
    return an_allocation(n, status)


@st.composite
def _a_hold(draw: st.DrawFn) -> Hold:
    blocks = draw(st.lists(st.sampled_from([*Modification, "recall"]), min_size=1, max_size=4, unique=True))
    lines = draw(st.one_of(st.just(()), st.sampled_from(TOGETHER)))
    return Hold(hold_id="h", type="FIRM", blocks=tuple(blocks), reason="firm", by="office", at=NOW, lines=lines)


@st.composite
def matrices(draw: st.DrawFn) -> Matrix:
    return Matrix(rules=tuple(draw(st.lists(_a_rule(), max_size=4))))


@st.composite
def _a_rule(draw: st.DrawFn) -> Rule:
    modification = draw(st.sampled_from(list(Modification)))
    possible = sorted(POSSIBLE[modification])
    some = st.lists(st.sampled_from(possible), min_size=1, unique=True)
    return Rule(
        modification=modification,
        allow=draw(st.booleans()),
        statuses=frozenset(draw(st.one_of(st.just(possible), some))),
        levels=frozenset(draw(st.lists(st.sampled_from(LEVELS[modification]), unique=True))),
    )


def _of_order(modification: Modification) -> Wanted:
    """Return a change of the whole order that is nothing but this modification."""
    made: dict[Modification, Wanted] = {
        M.NOTE: NewNote(),
        M.TAX_ID: NewTaxId(),
        M.PRIORITY: NewPriority(priority=1),
        M.TAGS: NewTags(tags=("vip",)),
        M.DISCOUNT: NewDiscount(code="SORRY", amount=1),
        M.APPEASEMENT: NewAppeasement(why=AppeasementReason.LATE, amount=1),
        M.CHARGE: NewCharge(kind="WRAP", amount=1),
        M.ADD_LINE: NewLines(lines=(a_line("CUP", 1, line_id="9"),)),
        M.SHIP_TO: NewShipTo(to=GRAN),
        M.REQUESTED: NewRequested(not_before="2026-12-24"),
        M.SERVICE: NewService(service="EXPRESS"),
    }
    return made[modification]


def _of_line(order: Order, row: AllowedChange, units: int) -> Wanted:
    """Return a change of a line that is nothing but this modification, of so many units where that matters."""
    line_id = str(row.line_id)
    sent = all(line.method == SHIP for line in _parts(order, line_id))
    made: dict[Modification, Wanted] = {
        M.PRICE: NewPrice(line_id=line_id, unit_price=1700),
        M.QUANTITY: NewQuantity(line_id=line_id, quantity=max(0, live(order, line_id) - units)),
        M.REPLACE: Replacement(line_id=line_id, quantity=units, new_line_id="9", sku="CUP", title="Cup"),
        M.SHIP_TO: NewShipTo(line_id=line_id, to=GRAN),
        M.SERVICE: NewService(line_id=line_id, service="EXPRESS"),
        M.METHOD: NewMethod(line_id=line_id, method=PICKUP if sent else SHIP, node_id="store-9" if sent else ""),
        M.STORE: NewStore(line_id=line_id, node_id="store-9"),
        M.NODE: NewNode(line_id=line_id, node_id="dc-9", by="office"),
    }
    return made[row.modification]


def _parts(order: Order, line_id: str):
    return [line for line in order.lines if line_id in (line.line_id, line.component and line.component.bundle)]


def _is_made(order: Order, matrix: Matrix, one: Wanted) -> bool:
    """Return True if the order takes the change. One that does not fit its line is refused, too."""
    try:
        outcome = change(order, [one], matrix, TERMS)
    except Invalid:
        return False
    assert bool(outcome.denied) is (outcome.decision is None)
    return outcome.decision is not None


def _is_cancelled(order: Order, matrix: Matrix, units: dict[str, int] | None) -> bool:
    level, steps = (Level.ORDER, cancellable.OF_ORDERS) if units is None else (Level.LINE, cancellable.OF_LINES)
    try:
        cancel.cancel(order, units, "asked to", "shop", NOW, matrix.cancels(level, order.channel), steps=steps)
    except NotAllowed:
        return False
    return True


def _answers(order: Order, matrix: Matrix, row: AllowedChange) -> Iterator[tuple[bool, bool]]:
    """Yield what a row says and what the order does, for each change that the row is about."""
    if row.level is Level.ORDER:
        if row.modification is M.CANCEL:
            yield row.allowed, _is_cancelled(order, matrix, None)
        else:
            yield row.allowed, _is_made(order, matrix, _of_order(row.modification))
        return
    left = live(order, str(row.line_id))
    if row.modification is M.CANCEL:
        for n in range(1, left + 1):
            yield row.units >= n, _is_cancelled(order, matrix, {str(row.line_id): n})
    elif row.modification in (M.QUANTITY, M.REPLACE):
        for n in range(1, left + 1):
            yield row.units >= n, _is_made(order, matrix, _of_line(order, row, n))
        if row.modification is M.QUANTITY:
            yield bool(row.more), _is_made(order, matrix, _of_line(order, row, -1))
    else:
        yield row.allowed, _is_made(order, matrix, _of_line(order, row, 0))


@settings(max_examples=40)
@given(orders(), matrices())
def test_a_change_is_made_exactly_when_the_order_says_so(order: Order, matrix: Matrix):
    rows = allowed_changes(order, matrix)

    assert {(row.modification, row.level) for row in rows} == {(one, level) for one in M for level in LEVELS[one]}
    for row in rows:
        assert row.allowed or row.denials, row
        for says, does in _answers(order, matrix, row):
            assert says is does, (row, order.quantities())
