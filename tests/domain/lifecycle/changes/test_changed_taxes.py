"""Changes tax what is not invoiced by the tax table, by hand to the cent, and mark what they tax by a rate that was given."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import invoices
from comanda.domain.errors import Invalid
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.change import change
from comanda.domain.lifecycle.changes.changed_amounts import NewCharge, NewPrice
from comanda.domain.lifecycle.changes.changed_units import NewQuantity
from comanda.domain.lifecycle.changes.changing import ChangeTerms
from comanda.domain.lifecycle.changes.replaced_units import Replacement
from comanda.domain.lifecycle.modifications.modification_matrix import Matrix
from comanda.domain.lifecycle.moving.wanted import NewMethod, NewShipTo, NewStore
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.money import tax_of
from comanda.domain.orders.destination import Destination
from comanda.domain.orders.line import Added
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Charge
from comanda.domain.taxes.places import Place
from comanda.domain.taxes.quotes import Knowledge, TableRates
from comanda.domain.taxes.tax_tables import TaxRow, TaxTable
from tests.builders import (
    NOW,
    a_bundle,
    a_line,
    a_node,
    a_shipment,
    a_step,
    an_order,
    offered,
    placed,
    saved,
    worked,
)

TEXAS, OHIO, ABROAD = (Destination(country=c, region=r) for c, r in (("US", "TX"), ("US", "OH"), ("DE", "")))
ROWS = [
    ("IL", "", "0.08"),
    ("TX", "", "0.0625"),
    ("OH", "", "0.10"),
    ("IL", "FOOD", "0.01"),
    ("OH", "SHIPPING", "0.05"),
]
OF_TABLE = {"tax_table": "us@1", "tax_name": "Sales tax"}
CLASSES = {"CUP": "FOOD"}


def knowledge(rows=ROWS, included=False):
    made = tuple(
        TaxRow(country="US", region=region, tax_class=of, rate=rate, valid_from="2026-01-01", name="Sales tax")
        for region, of, rate in rows
    )
    rates = TableRates(TaxTable(rows=made), "us@2")
    return Knowledge(
        counters={"store-7": Place(country="US", region="TX"), "store-8": Place(country="US", region="OH")},
        classes=lambda skus: CLASSES,
        quote=lambda asked: rates.quote(asked, "2026-11-19", included=included),
    )


def changed(order, *wanted, taxes=None):
    terms = ChangeTerms(reason="asked to", actor="sales", now=NOW, taxes=taxes or knowledge())
    outcome = change(order, wanted, Matrix(), terms)
    assert not outcome.denied
    return outcome.decision.order


def by_table(line, rate="0.08"):
    """A line whose tax came from the table."""
    return replace(
        line,
        tax_rate=rate,
        tax=tax_of(line.quantity * line.unit_price - line.discount, rate, included=False),
        **OF_TABLE,
    )


def illinois(*lines, **fields):
    return placed(an_order(*lines, destination=Destination(country="US", region="IL"), **fields))


def test_another_address_has_another_tax_of_what_has_not_left():
    order = illinois(by_table(a_line("TEA", 3, 1000)), a_line("CUP", 1, 500, line_id="2", tax=40, tax_rate="0.08"))
    assert order.totals.tax == 240 + 40

    after = changed(order, NewShipTo(to=OHIO))

    tea, cup = after.lines
    assert (tea.tax, tea.tax_rate, tea.tax_table, tea.tax_estimated) == (300, "0.10", "us@2", False)
    assert (cup.tax, cup.tax_table, cup.tax_estimated) == (40, "", True)  # a rate that was given stays, as an estimate
    assert after.totals.total == 3000 + 500 + 300 + 40


def test_the_reason_of_a_zero_rate_is_that_of_a_place():
    exempt = replace(a_line("TEA", 2, 1000), zero_rate_reason="EXPORT")
    of_table = by_table(a_line("CUP", 1, 500, line_id="2"), rate="0.01")
    charge = Charge(kind="HANDLING", amount=100, zero_rate_reason="EXPORT")
    order = replace(illinois(exempt, of_table), charges=(charge,))

    more = changed(order, NewQuantity(line_id="1", quantity=1))
    moved = changed(order, NewShipTo(to=OHIO))

    assert (more.lines[0].zero_rate_reason, more.charges) == ("EXPORT", (charge,))
    assert (moved.lines[0].zero_rate_reason, moved.charges[0].zero_rate_reason) == ("", "")


def test_a_table_says_why_a_rate_is_zero():
    rows = (
        TaxRow(country="US", rate="0", valid_from="2026-01-01", name="VAT", zero_rate_reason="EXEMPT"),
        TaxRow(country="US", region="TX", rate="0.05", valid_from="2026-01-01", name="VAT"),
    )
    rates = TableRates(TaxTable(rows=rows), "us@2")
    known = Knowledge(
        counters={}, classes=lambda _: {}, quote=lambda asked: rates.quote(asked, "2026-11-19", included=False)
    )
    order = illinois(by_table(a_line("TEA", 2, 1000)))

    there = changed(order, NewShipTo(to=OHIO), taxes=known)
    back = changed(there, NewShipTo(to=TEXAS), taxes=known)

    assert (there.lines[0].tax, there.lines[0].zero_rate_reason) == (0, "EXEMPT")
    assert (back.lines[0].tax, back.lines[0].zero_rate_reason) == (100, "")


def test_units_that_have_left_keep_the_tax_with_which_they_left():
    order = illinois(by_table(a_line("TEA", 3, 999)))  # 239.76, so 240: 80 of each
    order = worked(offered(order, (a_node("dc-1"), {"1": 1})), "accept", "pick", "pack")
    order = saved(ship(order, a_step(), a_shipment("S1")))

    after = changed(order, NewShipTo(to=OHIO))

    (line,) = after.lines
    assert (line.tax_parts, line.tax) == (((1, 80),), 80 + 200)  # 199.8
    assert after.totals.tax == 280
    assert invoices.invoice_line(line, 1).tax == 80


@pytest.mark.parametrize(
    ("wanted", "tax"),
    [
        (NewStore(line_id="1", node_id="store-8"), 200),
        (NewMethod(line_id="1", method="SHIP", to=Destination(country="US", region="IL")), 160),
    ],
)
def test_another_counter_or_method_is_taxed_where_it_is_handed_over(wanted, tax):
    line = by_table(a_line("TEA", 2, 1000, method=PICKUP, node="store-7"), "0.0625")
    order = placed(an_order(line, destination=Destination(country="US", region="IL", address=False)))

    assert changed(order, wanted).lines[0].tax == tax


def test_another_price_and_further_units_are_taxed_by_the_table_of_today():
    order = illinois(by_table(a_line("TEA", 2, 1000)))
    today = knowledge([("IL", "", "0.09")])

    assert changed(order, NewPrice(line_id="1", unit_price=555), taxes=today).lines[0].tax == 100  # 99.9
    more = changed(order, NewQuantity(line_id="1", quantity=3), taxes=today).lines[0]
    assert (more.tax, more.added, more.tax_rate) == (270, (Added(quantity=1, tax=90),), "0.09")
    fewer = changed(order, NewQuantity(line_id="1", quantity=1), taxes=today)
    assert fewer.totals.tax == 80  # a cancelled unit takes its part along, and the rest keeps its own


def test_units_that_joined_keep_what_they_usually_cost_when_a_part_of_them_has_left():
    line = by_table(a_line("TEA", 1, 1000))
    order = changed(illinois(line), NewQuantity(line_id="1", quantity=4, unit_usual=1100))
    order = worked(offered(order, (a_node("dc-1"), {"1": 2})), "accept", "pick", "pack")
    order = saved(ship(order, a_step(), a_shipment("S1")))

    (line,) = changed(order, NewShipTo(to=OHIO)).lines

    assert line.added == (Added(quantity=1, tax=80, usual=1100), Added(quantity=2, tax=200, usual=2200))
    assert line.tax == 80 + 80 + 200


def test_units_of_another_sku_are_taxed_by_their_own_class():
    order = illinois(by_table(a_line("TEA", 3, 1000)))
    swap = Replacement(line_id="1", quantity=2, new_line_id="9", sku="CUP", title="Cup")

    after = changed(order, swap)

    assert (after.line("9").tax, after.line("9").tax_rate) == (20, "0.01")
    assert after.totals.tax == 80 + 20


def test_a_further_line_without_a_tax_has_that_of_the_table():
    order = illinois(a_line("TEA", 1, 1000, tax=80, tax_rate="0.08"))
    cups = replace(a_line("CUP", 3, 500, line_id="9"), tax_table="us", allocations=())
    given = replace(a_line("POT", 1, 1000, line_id="8", tax=70, tax_rate="0.07"), allocations=())

    after = changed(order, NewLines(lines=(cups, given)))

    assert (after.line("9").tax, after.line("9").tax_table) == (15, "us@2")
    assert (after.line("8").tax, after.line("8").tax_estimated) == (70, False)
    assert not after.line("1").tax_estimated


def test_a_further_line_or_charge_that_the_table_does_not_tax_is_refused_by_name():
    order = placed(an_order(a_line("TEA", 1, 1000), destination=ABROAD))
    cups = replace(a_line("CUP", 3, 500, line_id="9"), tax_table="us", allocations=())

    with pytest.raises(Invalid) as refused:
        changed(order, NewLines(lines=(cups,)), NewCharge(kind="WRAP", amount=100, tax_table="us"))

    assert [(one.pointer, one.code) for one in refused.value.problems] == [
        ("/changes/0/lines", "no-tax-rate"),
        ("/changes/1/tax", "no-tax-rate"),
    ]
    assert "line 9" in refused.value.problems[0].message
    assert "the class FOOD in DE" in refused.value.problems[0].message


def test_a_place_that_no_row_is_about_keeps_the_rate_as_an_estimate():
    order = illinois(by_table(a_line("TEA", 1, 1000)))
    (line,) = changed(order, NewShipTo(to=ABROAD)).lines
    assert (line.tax, line.tax_rate, line.tax_estimated) == (80, "0.08", True)


def test_charges_are_taxed_where_the_order_goes_and_what_is_invoiced_stays():
    shipping = Charge(kind="SHIPPING", amount=1000, tax=80, tax_rate="0.08", **OF_TABLE)
    order = replace(illinois(by_table(a_line("TEA", 4, 1000)), shipping=1000, shipping_tax=80), charges=(shipping,))
    order = invoices.revalued(order)

    whole = changed(order, NewShipTo(to=OHIO))
    assert (whole.charges[0].tax, whole.charges[0].tax_rate) == (50, "0.05")
    assert whole.totals.tax == 400 + 50

    order = worked(offered(order, (a_node("dc-1"), {"1": 1})), "accept", "pick", "pack")
    order = saved(ship(order, a_step(), a_shipment("S1")))
    order, made = invoices.invoice(order, {"1": 1}, number=1, fulfillment=1, series="s", at=NOW)
    assert made.totals.tax == 80 + 20
    part = changed(order, NewShipTo(to=OHIO))
    assert part.charges[0].tax == 20 + 38  # of 750, 37.5
    assert part.totals.tax == 100 + 300 + 38


def test_a_new_charge_says_its_tax_in_the_event():
    order = illinois(by_table(a_line("TEA", 1, 1000)))
    terms = ChangeTerms(reason="asked to", actor="sales", now=NOW, taxes=knowledge([("IL", "", "0.09")]))
    decision = change(order, [NewCharge(kind="WRAP", amount=300, tax_table="us")], Matrix(), terms).decision
    assert decision.event.data["changes"] == [{"modification": "charge", "kind": "WRAP", "after": 300, "tax": 27}]
    assert decision.order.totals.tax == 80 + 27


def test_a_bundle_is_taxed_whole_until_a_part_of_it_has_left():
    bundle, *parts = a_bundle("SET", 2, 1000, ("TEA", 1, 700_000), ("CUP", 1, 300_000), tax=160, line_id="1")
    bundle = replace(bundle, tax_rate="0.08", **OF_TABLE)
    order = illinois(bundle, *parts)

    after = changed(order, NewShipTo(to=OHIO))
    assert (after.bundles[0].tax, after.totals.tax) == (200, 200)

    shipped = offered(order, (a_node("dc-1"), {part.line_id: 1 for part in parts}))
    shipped = worked(shipped, "accept", "pick", "pack")
    shipped = saved(ship(shipped, a_step(), a_shipment("S1")))
    later = changed(shipped, NewShipTo(to=OHIO))
    assert (later.bundles[0].tax, later.bundles[0].tax_estimated) == (160, True)


def test_a_channel_without_a_table_marks_what_it_taxes_again():
    order = illinois(a_line("TEA", 2, 1000, tax=160, tax_rate="0.08"), a_line("POT", 1, 500, line_id="2"))
    terms = ChangeTerms(reason="asked to", actor="sales", now=NOW)

    after = change(order, [NewShipTo(to=OHIO)], Matrix(), terms).decision.order

    assert [(line.tax, line.tax_estimated) for line in after.lines] == [(160, True), (0, False)]
    assert after.totals == order.totals


@pytest.mark.parametrize("rate", ["8.25", "10.0"])
def test_a_rate_above_one_is_not_applied_and_the_tax_that_came_says_how_it_is_taxed(rate):
    order = illinois(a_line("TEA", 2, 1000, tax=165, tax_rate=rate))
    swap = Replacement(line_id="1", quantity=1, new_line_id="9", sku="CUP", title="Cup", unit_price=500)

    assert changed(order, NewPrice(line_id="1", unit_price=500)).lines[0].tax == 83  # half of 165
    assert changed(order, NewQuantity(line_id="1", quantity=4)).lines[0].tax == 330
    assert changed(order, swap).line("9").tax == 41


@given(
    price=st.integers(0, 20_000),
    quantity=st.integers(1, 7),
    discount=st.integers(0, 900),
    header=st.integers(0, 900),
    shipped=st.lists(st.integers(1, 3), max_size=3),
    moves=st.lists(st.sampled_from([OHIO, TEXAS, Destination(country="US", region="IL")]), min_size=1, max_size=4),
    included=st.booleans(),
)
def test_invoices_add_up_to_the_order_however_it_moves(price, quantity, discount, header, shipped, moves, included):
    goods = price * quantity
    line = a_line("TEA", quantity, price, discount=min(discount, goods))
    line = replace(line, tax_rate="0.08", tax=tax_of(goods - line.discount, "0.08", included=included), **OF_TABLE)
    order = illinois(line, discount=min(header, goods - line.discount), prices_include_tax=included)
    found, number = 0, 0
    for i, to in enumerate(moves):
        if i < len(shipped) and order.lines[0].live - order.lines[0].invoiced > shipped[i]:
            number += 1
            order = offered(order, (a_node("dc-1"), {"1": shipped[i]}))
            order = worked(order, "accept", "pick", "pack", number=number)
            order = saved(ship(order, a_step(number), a_shipment(f"S{number}")))
            order, made = invoices.invoice(
                order, {"1": shipped[i]}, number=number, fulfillment=number, series="s", at=NOW
            )
            found += made.totals.total
        if to != order.destination:
            order = changed(order, NewShipTo(to=to), taxes=knowledge(included=included))
    left = order.lines[0].live - order.lines[0].invoiced
    found += invoices.totals_of([invoices.invoice_line(order.lines[0], left)], included).total
    assert found == order.totals.total


@given(
    price=st.integers(0, 5_000),
    quantity=st.integers(1, 5),
    discount=st.integers(0, 500),
    steps=st.lists(st.sampled_from(["ship", "ohio", "texas", "more", "cancel", "dearer", "replace"]), max_size=7),
    included=st.booleans(),
)
def test_invoices_add_up_to_the_order_whatever_happens_to_it(price, quantity, discount, steps, included):
    line = a_line("TEA", quantity, price, discount=min(discount, price * quantity))
    tax = tax_of(price * quantity - line.discount, "0.08", included=included)
    shipping = Charge(kind="SHIPPING", amount=300, tax=24, tax_rate="0.08", **OF_TABLE)
    order = illinois(replace(line, tax_rate="0.08", tax=tax, **OF_TABLE), shipping=300, shipping_tax=24)
    order = invoices.revalued(replace(order, charges=(shipping,), prices_include_tax=included))
    found = 0
    for n, step in enumerate(steps):
        (first, *_), terms = (
            order.lines,
            ChangeTerms(reason="r", actor="a", now=NOW, taxes=knowledge(included=included)),
        )
        left = first.live - first.invoiced
        wanted = {
            "ohio": NewShipTo(to=OHIO),
            "texas": NewShipTo(to=TEXAS),
            "more": NewQuantity(line_id="1", quantity=first.live + 2),
            "cancel": NewQuantity(line_id="1", quantity=max(1, first.live - 1)),
            "dearer": NewPrice(line_id="1", unit_price=first.unit_price + 33),
            "replace": Replacement(line_id="1", quantity=1, new_line_id=f"r{n}", sku="CUP", title="Cup"),
        }.get(step)
        if wanted is not None:
            try:
                made = change(order, [wanted], Matrix(), terms).decision
            except Invalid:  # it has this value already
                continue
            order = made.order if made else order
        elif left > 1:
            number = len(order.fulfillments) + 1
            order = offered(order, (a_node("dc-1"), {"1": 1}))
            order = saved(
                ship(worked(order, "accept", "pick", "pack", number=number), a_step(number), a_shipment(f"S{n}"))
            )
            order, bill = invoices.invoice(order, {"1": 1}, number=n, fulfillment=number, series="s", at=NOW)
            found += bill.totals.total
    open_lines = [one for one in order.lines if one.live > one.invoiced]
    rows = [invoices.invoice_line(one, one.live - one.invoiced) for one in open_lines]
    assert found + invoices.totals_of(rows, included).total == order.totals.total
    assert all(row.tax >= 0 for row in rows)
