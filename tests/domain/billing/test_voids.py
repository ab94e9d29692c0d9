"""A voided invoice leaves all others as they are, and the units are invoiced again or cancelled to the cent."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import header_amounts, invoices, unit_amounts, voids
from comanda.domain.books.accounts import standing
from comanda.domain.books.journal import added, between
from comanda.domain.errors import NotAllowed
from comanda.domain.lifecycle.cancels.cancel import cancel, cancel_units
from comanda.domain.lifecycle.changes.line_taxes import retaxed_line
from comanda.domain.money import tax_of
from comanda.domain.orders.document import from_order, to_order
from comanda.domain.orders.line import Added, Discount, Units
from tests.builders import NOW, a_bundle, a_line, a_node, an_order, offered, placed, saved

NODES = [a_node(f"dc-{i}") for i in range(1, 5)]


def parted(order, *parts):
    """The placed order, offered to a node for each part (line id: units)."""
    return offered(placed(order), *zip(NODES, parts, strict=False))


def issued(order, made, number):
    """The order and its invoices, with one more of all units of a fulfillment."""
    units = {}
    for line, allocation in order.units_of(number):
        units[line.line_id] = units.get(line.line_id, 0) + allocation.quantity
    order, invoice = invoices.invoice(
        order, units, number=len(order.invoices) + 1, fulfillment=number, series="dc-1", at=NOW
    )
    return order, [*made, invoice]


def all_issued(order, *numbers):
    made = []
    for number in numbers or [f.number for f in order.fulfillments]:
        order, made = issued(order, made, number)
    return order, made


def standing_of(order, made):
    """The invoices that are not voided."""
    numbers = {f.invoice for f in order.fulfillments}
    return [one for one in made if one.number in numbers]


def test_a_void_takes_the_invoice_out_of_the_books_and_keeps_its_number():
    before = parted(an_order(a_line("TEA", 2, 1299, tax=214), shipping=500, shipping_tax=41), {"1": 2})
    order, (made,) = all_issued(before)

    after = voids.taken_back(order, made, ())

    assert after.invoices == (made.invoice_id,)
    assert (after.invoiced_total, after.invoiced_charges, after.invoiced_tax) == (0, 0, 0)
    assert (after.line("1").invoiced, after.line("1").standing) == (0, ())
    assert after.fulfillment(1).invoice is None
    assert after.totals == before.totals
    assert standing(after) == standing(before)
    assert added([between(before, order), between(order, after)]) == {}


def test_the_next_invoice_has_the_next_number_and_the_same_amounts():
    order, made = all_issued(parted(an_order(a_line("TEA", 3, 1000, tax=100, discount=10)), {"1": 1}, {"1": 2}))
    order = voids.taken_back(order, made[0], made)

    order, made = issued(order, made, 1)

    assert [one.number for one in made] == [1, 2, 3]
    assert replace(made[2], number=1, invoice_id=made[0].invoice_id) == made[0]
    assert order.invoiced_total == order.totals.total


def test_the_other_invoice_keeps_its_units():
    """Three units have 33, 33 and 34 of the tax. The second invoice has the last two; the first unit is open again."""
    order, made = all_issued(parted(an_order(a_line("TEA", 3, 1000, tax=100)), {"1": 1}, {"1": 2}))

    order = voids.taken_back(order, made[0], made)

    assert order.line("1").standing == ((1, 3),)
    assert order.invoiced_tax == 67
    assert to_order(from_order(order)) == order
    gone = saved(cancel(order, {"1": 1}, "too late", "shop", NOW))
    assert gone.totals.total == gone.invoiced_total == made[1].totals.total


def test_charges_of_a_void_go_to_the_units_that_are_left():
    order, made = all_issued(
        parted(an_order(a_line("TEA", 2, 1000), shipping=600, shipping_tax=60), {"1": 1}, {"1": 1})
    )
    order = voids.taken_back(order, made[0], made)

    assert (made[1].totals.charges, order.line("1").header_billed.charges, order.line("1").header.charges) == (
        300,
        300,
        300,
    )


def test_an_invoice_is_voided_once():
    order, (made,) = all_issued(parted(an_order(a_line("TEA", 1, 1000)), {"1": 1}))
    order = voids.taken_back(order, made, ())

    with pytest.raises(NotAllowed, match="voided"):
        voids.taken_back(order, made, ())


def test_an_invoice_of_goods_that_left_is_credited():
    order, (made,) = all_issued(parted(an_order(a_line("TEA", 1, 1000)), {"1": 1}))
    order = order.with_fulfillment(replace(order.fulfillment(1), shipped_at=NOW))

    with pytest.raises(NotAllowed, match="credit note"):
        voids.taken_back(order, made, ())


amounts = st.integers(min_value=0, max_value=5000)


@st.composite
def orders_in_parts(draw):
    """An order whose lines four nodes have in parts, and the parts."""
    lines, parts = [], [{}, {}, {}, {}]
    for i in range(draw(st.integers(1, 3))):
        units = draw(st.lists(st.integers(0, 3), min_size=4, max_size=4).filter(any))
        quantity, price = sum(units), draw(amounts)
        discount = draw(st.integers(0, quantity * price))
        lines.append(a_line(f"SKU-{i}", quantity, price, discount=discount, tax=draw(amounts)))
        for part, n in zip(parts, units, strict=True):
            if n:
                part[str(i + 1)] = n
    goods = sum(line.quantity * line.unit_price - line.discount for line in lines)
    order = an_order(
        *lines,
        shipping=draw(amounts),
        shipping_tax=draw(amounts),
        discount=draw(st.integers(0, goods)),
        prices_include_tax=draw(st.booleans()),
    )
    return parted(order, *parts) if all(parts) else parted(order, *[part for part in parts if part])


def require_exact(order, made):
    stand = standing_of(order, made)
    assert order.invoiced_total == sum(one.totals.total for one in stand)
    assert order.invoiced_tax == sum(one.totals.tax for one in stand)
    assert order.totals == invoices.order_totals(order)
    assert sum(standing(order).values()) == 0
    for line in order.lines:
        billed = [row for one in stand for row in one.lines if row.line_id == line.line_id]
        assert line.invoiced == sum(row.quantity for row in billed) <= line.live


@given(orders_in_parts(), st.data())
def test_standing_invoices_and_the_rest_add_up_after_voids_and_cancels(order, data):
    made, numbers = [], [f.number for f in order.fulfillments]
    for _ in range(data.draw(st.integers(1, 10))):
        if data.draw(st.integers(0, 3)) == 0:
            order = discounted(order, data.draw(amounts))
            require_exact(order, made)
        number = data.draw(st.sampled_from(numbers))
        fulfillment = order.fulfillment(number)
        if fulfillment.ended:
            continue
        if fulfillment.invoice is None:
            order, made = issued(order, made, number)
            assert made[-1].totals.total >= 0
        else:
            order = voids.taken_back(order, made[fulfillment.invoice - 1], made)
            if data.draw(st.booleans()):
                order = cancelled(order, number)
        require_exact(order, made)
    for number in numbers:
        if not order.fulfillment(number).ended and order.fulfillment(number).invoice is None:
            order, made = issued(order, made, number)
    require_exact(order, made)
    assert order.invoiced_total == order.totals.total


def discounted(order, most):
    """The order with a discount that is given after the sale, and lowers its taxes."""
    given_ = replace(order, discounts=(*order.discounts, Discount(code="SORRY", amount=most, by="sales")))
    lost = header_amounts.uncarried_discount(given_) - header_amounts.uncarried_discount(order)
    kept = Discount(code="SORRY", amount=most - lost, by="sales")
    return invoices.revalued(replace(order, discounts=(*order.discounts, kept))) if most > lost else order


def cancelled(order, number):
    """The order without the units of a fulfillment."""
    units = {}
    for line, allocation in order.units_of(number):
        units[line.line_id] = units.get(line.line_id, 0) + allocation.quantity
    return cancel_units(order, units, "cancel", NOW, Units(fulfillment=number)).order


@given(st.data())
def test_components_of_bundles_add_up_after_a_void(data):
    price, tax, discount = data.draw(amounts), data.draw(amounts), 0
    sets = data.draw(st.integers(2, 5))
    bundle = a_bundle("SET", sets, price, ("TEA", 2, 600_000), ("POT", 1, 400_000), tax=tax, discount=discount)
    first = data.draw(st.integers(1, sets - 1))
    order = parted(
        an_order(*bundle, shipping=data.draw(amounts)),
        {"b1": 2 * first, "b2": first},
        {"b1": 2 * (sets - first), "b2": sets - first},
    )
    order, made = all_issued(order)
    order = voids.taken_back(order, made[0], made)
    require_exact(order, made)

    order, made = issued(order, made, 1)

    require_exact(order, made)
    assert order.invoiced_total == order.totals.total


@st.composite
def lines_of_two_sales(draw):
    """A line that a change added units to, with three invoices, of which the first or the second one is voided."""
    sold, more = draw(st.integers(1, 4)), draw(st.integers(1, 3))
    line = replace(
        a_line("TEA", sold, 1000, discount=draw(st.integers(0, sold * 1000)), tax=draw(amounts)),
        quantity=sold + more,
        added=(Added(quantity=more, tax=draw(amounts)),),
    )
    line = replace(line, tax=line.tax + line.added[0].tax)
    cuts = sorted(draw(st.lists(st.integers(0, sold + more), min_size=2, max_size=2)))
    return line, cuts, draw(st.booleans())


@given(lines_of_two_sales())
def test_units_keep_their_places_when_others_are_voided(drawn):
    line, (first, second), is_first = drawn
    places = ((first, second),) if is_first else ((0, first),)
    left = second - first if is_first else first
    after = replace(line, invoiced=left, standing=places)

    for amount in (unit_amounts.goods, unit_amounts.tax, unit_amounts.discount):
        assert amount(after, 0, line.quantity) == amount(line, 0, line.quantity)
        assert amount(after, 0, left) == sum(amount(line, a, b) for a, b in places)


@given(lines_of_two_sales(), st.sampled_from(["0", "0.05", "0.19", "0.088750"]), st.booleans())
def test_another_rate_leaves_the_tax_of_standing_invoices(drawn, rate, included):
    line, (first, second), _ = drawn
    line = replace(line, invoiced=second - first, standing=((first, second),) if first < second else ())

    after = retaxed_line(line, rate, included=included)

    kept = line.invoiced
    assert unit_amounts.tax(after, 0, kept) == unit_amounts.tax(line, 0, kept)
    net = unit_amounts.goods(line, kept, line.quantity) - unit_amounts.discount(line, kept, line.quantity)
    assert unit_amounts.tax(after, kept, line.quantity) == tax_of(net, rate, included=included)
    assert after.tax == unit_amounts.tax(after, 0, line.quantity)
