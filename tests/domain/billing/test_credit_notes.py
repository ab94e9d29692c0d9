"""A credit note takes back what was invoiced, to the cent, and gives back no more than was captured."""

from collections.abc import Sequence
from dataclasses import fields, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comanda.domain.billing import credit_notes, failed_money
from comanda.domain.billing.credit_lines import Amounts
from comanda.domain.billing.credit_notes import All, Amount, Asked, Charges, CreditNote, Units, Wanted, credit
from comanda.domain.billing.invoices import Invoice, invoice
from comanda.domain.billing.payments import capture, settle
from comanda.domain.books import journal
from comanda.domain.books.accounts import Account, standing
from comanda.domain.errors import Invalid, NotAllowed
from comanda.domain.lifecycle.resume import resume
from comanda.domain.orders import document
from comanda.domain.orders.cancel_reasons import BUILT_IN
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import FailedMovement
from tests.builders import NOW, a_line, a_tender, an_order, placed


def billed(order: Order, number: int = 1, **units: int) -> tuple[Order, Invoice]:
    """The order with these units invoiced and captured; without units all of them."""
    wanted = units or {line.line_id: line.live for line in order.lines}
    made, document_of_it = invoice(order, wanted, number=number, fulfillment=None, series="dc-1", at=NOW)
    return capture(made, number)[0], replace(document_of_it, serial=7)


def request(wanted: Wanted, *, by_person: bool = True) -> Asked:
    return Asked(wanted=wanted, reason="broken", why=BUILT_IN["damaged"], by="ann", by_person=by_person)


def credited(
    order: Order, made: Invoice, *wanted: Wanted, earlier: Sequence[CreditNote] = ()
) -> tuple[Order, list[CreditNote]]:
    """Credit one thing after the other, and check the books of each version."""
    notes = list(earlier)
    for one in wanted:
        decision, note = credit(order, made, [n.lines for n in notes], request(one), NOW)
        moved = journal.between(order, decision.order)
        assert journal.balanced(moved)
        assert decision.event.data["total"] == note.totals.total
        assert note.lowered + sum(refund.amount for refund in note.refunds) == note.totals.total
        order, notes = decision.order, [*notes, note]
    return order, notes


def moved(decision: Decision) -> list[tuple[str, int, int]]:
    return [(one.purpose, one.tender, one.amount) for one in decision.money]


def three_of_999(**fields: object) -> Order:
    """Three pieces at 9.99 with 8.875 % tax: 29.97 and 2.66; shipping of 5.00 with 0.44 tax."""
    line = a_line(quantity=3, unit_price=999, tax=266, tax_rate="0.08875")
    return placed(an_order(line, shipping=500, shipping_tax=44, **fields))


def test_units_are_credited_with_the_cents_that_were_invoiced_for_them() -> None:
    order, made = billed(three_of_999())

    order, (first, second, third) = credited(order, made, *[Units(units={"1": 1})] * 3)

    # 2.66 of tax over three units: 0.88, 0.89, 0.89; 5.00 of shipping: 1.66, 1.67, 1.67; its 0.44: 0.14, 0.15, 0.15.
    assert [note.totals.tax for note in (first, second, third)] == [88 + 14, 89 + 15, 89 + 15]
    assert [note.totals.charges for note in (first, second, third)] == [166, 167, 167]
    assert [note.totals.total for note in (first, second, third)] == [1267, 1270, 1270]
    assert standing(order) == {
        Account.CAPTURED: 3807,
        Account.REFUNDED: -3807,
        Account.REVENUE: -2997,
        Account.CHARGES: -500,
        Account.CREDITS: 3497,
    }


def test_units_may_be_credited_without_their_part_of_the_charges() -> None:
    order, made = billed(three_of_999())

    order, (units, charges) = credited(order, made, Units(units={"1": 3}, keep_charges=True), Charges())

    assert (units.totals.total, units.totals.charges, units.totals.tax) == (3263, 0, 266)
    assert (charges.totals.total, charges.totals.charges, charges.totals.tax) == (544, 500, 44)
    with pytest.raises(NotAllowed, match="credited already"):
        credited(order, made, All(), earlier=[units, charges])


@pytest.mark.parametrize("wanted", [Units(units={"1": 2}), Amount(amount=2000), All()])
def test_the_note_that_takes_the_last_of_the_total_takes_the_last_of_the_tax(wanted: Wanted) -> None:
    """A unit of a cent, which a discount takes, has kept a cent of tax."""
    free = a_line("CUP", 1, 1, discount=1, tax=1)
    order = placed(an_order(a_line("TEA", 2, 1000, tax=319), free, prices_include_tax=True))
    order, made = billed(order)

    order, (note,) = credited(order, made, wanted)

    assert (note.totals.total, note.totals.tax) == (made.totals.total, made.totals.tax) == (2000, 320)
    assert [(one.line_id, one.amounts.tax) for one in note.lines] == [("1", 319), ("2", 1)]
    with pytest.raises(NotAllowed, match="credited already"):
        credited(order, made, All(), earlier=[note])


@pytest.mark.parametrize(("included", "total"), [(False, 191), (True, 174)])
def test_charges_that_carry_a_discount_are_credited_with_all_of_their_tax(included: bool, total: int) -> None:
    line = a_line(quantity=3, unit_price=1)
    sold = an_order(line, shipping=299, shipping_tax=17, discount=128, prices_include_tax=included)
    order, made = billed(placed(sold))
    assert (made.totals.total, made.totals.tax) == (total, 17)

    order, (note,) = credited(order, made, Charges())

    assert (note.totals.total, note.totals.charges, note.totals.tax) == (total, 174, 17)
    assert Account.TAX not in standing(order)


@pytest.mark.parametrize("wanted", [All(), Units(units={"1": 1}), Charges(), Amount(amount=1)])
def test_the_invoice_of_a_gift_has_nothing_to_credit_and_says_so(wanted) -> None:
    order, made = billed(placed(an_order(a_line(quantity=1, unit_price=0), paid=[])))

    with pytest.raises(NotAllowed, match="the invoice costs nothing"):
        credited(order, made, wanted)


def test_an_amount_is_shared_by_the_lines_and_by_their_goods_charges_and_taxes() -> None:
    order, made = billed(placed(an_order(a_line(unit_price=1000, tax=200), a_line(unit_price=300), paid=[1500])))

    _, (note,) = credited(order, made, Amount(amount=100))

    # 1.00 over 12.00 and 3.00: 0.80 and 0.20; the 0.80 over 10.00 and 2.00: 0.67 and 0.13.
    assert [line.amounts for line in note.lines] == [Amounts(goods=67, tax=13), Amounts(goods=20)]
    assert [line.quantity for line in note.lines] == [0, 0]


def test_an_amount_where_prices_include_tax_has_its_part_of_the_tax() -> None:
    order, made = billed(placed(an_order(a_line(unit_price=11900, tax=1900), prices_include_tax=True)))

    order, (note,) = credited(order, made, Amount(amount=1190))

    assert (note.totals.total, note.totals.goods, note.totals.tax) == (1190, 1190, 190)
    assert standing(order)[Account.CREDITS] == 1000
    assert standing(order)[Account.TAX] == -1710


def test_units_cost_less_after_an_amount_was_credited_and_all_of_it_is_what_was_invoiced() -> None:
    order, made = billed(three_of_999())

    order, notes = credited(order, made, Amount(amount=1000), Units(units={"1": 1}), Units(units={"1": 2}))

    assert [note.totals.total for note in notes] == [1000, 934, 1873]
    assert sum(note.totals.tax for note in notes) == made.totals.tax


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (Units(units={"1": 4}), "line 1: 3 units are invoiced and not credited"),
        (Units(units={"9": 1}), "line 9: 0 units are invoiced"),
        (Amount(amount=3808), "/amount: at most 38.07 USD are invoiced"),
        (Charges(amount=545), "/amount: at most 5.44 USD of charges"),
    ],
)
def test_no_more_is_credited_than_was_invoiced(wanted: Wanted, message: str) -> None:
    order, made = billed(three_of_999())

    with pytest.raises((Invalid, NotAllowed), match=message):
        credited(order, made, wanted)


def test_a_credit_of_nothing_is_refused() -> None:
    order, made = billed(placed(an_order(a_line(unit_price=0), a_line(unit_price=500))))

    with pytest.raises(NotAllowed, match="costs nothing"):
        credited(order, made, Units(units={"1": 1}))
    _, (all_of_it,) = credited(order, made, All())
    assert [(line.line_id, line.quantity) for line in all_of_it.lines] == [("1", 1), ("2", 1)]


def test_the_last_tender_gives_back_first_and_none_more_than_was_captured_of_it() -> None:
    order, made = billed(three_of_999(payments=(a_tender(1000), a_tender(2000), a_tender(807))))

    decision, note = credit(order, made, [], request(Amount(amount=3000)), NOW)

    assert moved(decision) == [("refund", 2, 807), ("refund", 1, 2000), ("refund", 0, 193)]
    assert [one.credit_note for one in decision.money] == [1, 1, 1]
    assert [(one.tender, one.amount) for one in note.refunds] == [(2, 807), (1, 2000), (0, 193)]


def test_what_was_not_captured_is_lowered_and_released_before_anything_is_given_back() -> None:
    order, made = billed(three_of_999())
    order = failed_money.fail(order, a_failed_capture(1000), NOW).order

    decision, note = credit(order, made, [], request(Amount(amount=600)), NOW)
    assert (note.lowered, note.refunds, moved(decision)) == (600, (), [("release", 0, 600)])
    assert [task.data for task in decision.tasks] == [
        (("purpose", "capture"), ("amount", "400"), ("currency", "USD")),
    ]
    assert resume(decision.order, "payments", "money-001", "retry", "ann", NOW).money[0].amount == 400

    decision, note = credit(decision.order, made, [note.lines], request(Amount(amount=600)), NOW)
    assert (note.lowered, moved(decision)) == (400, [("release", 0, 400), ("refund", 0, 200)])
    assert decision.done == (("payments", "money-001"),)
    assert decision.order.failed_money == ()
    assert standing(decision.order).get(Account.RECEIVABLE, 0) == 0


def a_failed_capture(amount: int) -> FailedMovement:
    return FailedMovement(number=1, purpose="capture", tender=0, amount=amount, reason="CARD_DECLINED", invoice=1)


def test_what_the_shop_gave_up_is_lowered_too() -> None:
    order, made = billed(three_of_999())
    order = failed_money.fail(order, a_failed_capture(3807), NOW).order
    order = resume(order, "payments", "money-001", "write-off", "ann", NOW).order

    decision, note = credit(order, made, [], request(All()), NOW)

    assert (note.lowered, moved(decision)) == (3807, [])
    assert standing(decision.order).get(Account.RECEIVABLE, 0) == 0
    assert decision.order.payments[0].written_off == 0


def test_a_refund_of_money_that_the_shop_gave_up_ends_without_a_movement() -> None:
    order, made = billed(three_of_999())
    order = credit(order, made, [], request(Amount(amount=3807)), NOW)[0].order
    refund = FailedMovement(number=2, purpose="refund", tender=0, amount=3807, reason="NOT_DONE", credit_note=1)
    order = failed_money.fail(order, refund, NOW).order
    order = failed_money.fail(order, a_failed_capture(3807), NOW).order
    order = resume(order, "payments", "money-001", "write-off", "ann", NOW).order

    decision = resume(order, "payments", "money-002", "retry", "ann", NOW)

    assert (decision.money, decision.order.failed_money) == ((), ())
    assert standing(decision.order).get(Account.RECEIVABLE, 0) == 0


def test_a_refund_that_failed_is_tried_again_for_its_credit_note() -> None:
    order, made = billed(three_of_999())
    order = credit(order, made, [], request(Amount(amount=100)), NOW)[0].order
    refund = FailedMovement(number=2, purpose="refund", tender=0, amount=100, reason="REFUND_FAILED", credit_note=1)
    order = failed_money.fail(order, refund, NOW).order

    (again,) = resume(order, "payments", "money-002", "retry", "ann", NOW).money

    assert (again.purpose, again.amount, again.credit_note) == ("refund", 100, 1)


def test_what_is_credited_is_not_captured_again_and_the_rest_of_the_order_is() -> None:
    order, made = billed(three_of_999(), **{"1": 1})
    order, _ = credited(order, made, All())
    order, rest = billed(order, 2, **{"1": 2})

    assert rest.totals.total == 2540
    assert [(t.captured, t.refunded) for t in order.payments] == [(3807, 1267)]
    settled, operations = settle(order)
    assert operations == ()
    assert settled.accounted == settled.invoiced_total == settled.totals.total


def test_a_customer_who_paid_ahead_keeps_paid_what_is_still_to_come() -> None:
    order, made = billed(three_of_999(payments=(a_tender(3807, captured=3807, captured_before=3807),)), **{"1": 1})

    decision, note = credit(order, made, [], request(All()), NOW)

    assert (note.lowered, moved(decision)) == (0, [("refund", 0, 1267)])
    assert decision.order.captured == 2540


def test_an_invoice_without_a_number_takes_no_credit_note() -> None:
    order, made = billed(three_of_999())

    with pytest.raises(NotAllowed, match="has no number yet: ask again"):
        credit(order, replace(made, serial=None), [], request(All()), NOW)


def test_credit_notes_are_kept_with_the_order_and_numbered() -> None:
    order, made = billed(three_of_999())
    order, notes = credited(order, made, Amount(amount=1), Amount(amount=2))

    assert [note.credit_note_id[-3:] for note in notes] == ["001", "002"]
    assert (order.credited_total, [credit.by_person for credit in order.credits]) == (3, [True, True])
    assert document.to_order(document.from_order(order)) == order


# Random invoices and credit notes

cents = st.integers(0, 3000)


@st.composite
def orders(draw: st.DrawFn) -> Order:
    lines = []
    for _ in range(draw(st.integers(1, 3))):
        quantity, price = draw(st.integers(1, 4)), draw(cents)
        off = draw(st.integers(0, quantity * price))
        lines.append(a_line(quantity=quantity, unit_price=price, discount=off, tax=draw(st.integers(0, price))))
    order = an_order(
        *lines,
        currency=draw(st.sampled_from(["BRL", "USD", "JPY", "BHD"])),
        shipping=draw(cents),
        shipping_tax=draw(st.integers(0, 99)),
        prices_include_tax=draw(st.booleans()),
    )
    off = draw(st.integers(0, order.totals.goods - order.totals.discounts + order.totals.charges))
    order = replace(order, discounts=(replace(a_discount(), amount=off),)) if off else order
    total = order.totals.total - off
    first = draw(st.integers(0, total))
    order = replace(
        order,
        totals=replace(order.totals, discounts=order.totals.discounts + off, total=total),
        payments=(a_tender(first), a_tender(total - first)),
    )
    return placed(order, discount_after_cancel=draw(st.sampled_from(["SHARE", "KEEP"])))


def a_discount():
    return a_line(discount=1).discounts[0]


def wishes(draw: st.DrawFn, made: Invoice, notes: Sequence[CreditNote]) -> Wanted:
    lines = credit_notes.open_lines(made, [note.lines for note in notes])
    units = {line_id: line.units for line_id, line in lines.items() if line.units}
    kind = draw(st.sampled_from(["units", "units", "amount", "charges", "all"]))
    if kind == "units" and units:
        chosen = {line_id: draw(st.integers(0, n)) for line_id, n in units.items()}
        chosen = {line_id: n for line_id, n in chosen.items() if n} or {next(iter(units)): 1}
        return Units(units=chosen, keep_charges=draw(st.booleans()))
    if kind == "charges":
        return Charges(amount=draw(st.none() | st.integers(1, 50)))
    return Amount(amount=draw(st.integers(1, 900))) if kind == "amount" else All()


@given(st.data())
def test_any_credit_notes_add_up_to_the_invoice_and_never_to_more(data: st.DataObject) -> None:
    order = data.draw(orders())
    first = {line.line_id: data.draw(st.integers(0, line.live)) for line in order.lines}
    first = {line_id: n for line_id, n in first.items() if n}
    order, made = billed(order, **(first or {line.line_id: line.live for line in order.lines}))
    included = order.prices_include_tax
    notes: list[CreditNote] = []
    for _ in range(data.draw(st.integers(1, 5))):
        try:
            order, notes = credited(order, made, wishes(data.draw, made, notes), earlier=notes)
        except (NotAllowed, Invalid):
            continue
        given_back = sum(tender.refunded for tender in order.payments)
        assert given_back == sum(refund.amount for note in notes for refund in note.refunds) <= order.credited_total
        assert all(0 <= tender.refunded <= tender.captured for tender in order.payments)
        for line in credit_notes.open_lines(made, [note.lines for note in notes]).values():
            assert line.units >= 0
            assert line.left.total(included=included) >= -1
            assert line.left.tax >= line.left.charges_tax >= 0
        for note in notes:
            assert note.totals.total > 0
            assert note.totals.tax >= 0
            assert all(getattr(line.amounts, field.name) >= 0 for line in note.lines for field in fields(Amounts))
    left = made.totals.total - sum(note.totals.total for note in notes)
    assert left >= 0
    if left:
        order, notes = credited(order, made, All(), earlier=notes)
    assert sum(note.totals.total for note in notes) == max(0, made.totals.total)
    assert order.captured == max(0, order.invoiced_total - order.credited_total)
