"""Ten orders with every cent written out: by hand, by a spreadsheet of fractions, and by the product."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pytest

from comanda.domain.billing import credit_notes, invoices
from comanda.domain.billing.credit_lines import CreditLine
from comanda.domain.billing.credit_notes import Asked, Wanted
from comanda.domain.billing.payments import capture, settle
from comanda.domain.books import journal
from comanda.domain.books.accounts import Account, standing
from comanda.domain.lifecycle.cancels.cancel import cancel
from comanda.domain.orders.order import Order
from tests.builders import NOW, a_line, a_tender, an_order, placed, saved
from tests.domain.billing.worked_sheet import Bill, Sheet


@dataclass(frozen=True, kw_only=True)
class Ship:
    """A shipment of units by line id, and by hand: the total of its invoice and the tax in it."""

    units: Mapping[str, int]
    total: int
    tax: int


@dataclass(frozen=True, kw_only=True)
class Cancel:
    line: str
    units: int


@dataclass(frozen=True, kw_only=True)
class Credit:
    """A credit note of an invoice, from 1: units, all charges without them, or an amount. By hand: its total and its tax."""

    invoice: int = 1
    units: Mapping[str, int] | None = None
    amount: int | None = None
    total: int
    tax: int

    def wanted(self) -> Wanted:
        if self.units is not None:
            return credit_notes.Units(units=self.units)
        return credit_notes.Charges() if self.amount is None else credit_notes.Amount(amount=self.amount)

    def by_sheet(self, bill: Bill) -> tuple[int, int]:
        if self.units is not None:
            return bill.credit_units(self.units)
        return bill.credit_charges() if self.amount is None else bill.credit_amount(self.amount)


Step = Ship | Cancel | Credit


@dataclass(frozen=True, kw_only=True)
class Worked:
    """An order: `lines` are (quantity, unit price, line discount, line tax). By hand: what each tender captured and refunded."""

    currency: str = "USD"
    lines: Mapping[str, tuple[int, int, int, int]]
    discount: int = 0
    charges: int = 0
    charges_tax: int = 0
    included: bool = False
    paid: Sequence[int]
    steps: Sequence[Step]
    captured: Sequence[int]
    refunded: Sequence[int]

    def sheet(self) -> Sheet:
        return Sheet(
            lines=self.lines,
            discount=self.discount,
            charges=self.charges,
            charges_tax=self.charges_tax,
            included=self.included,
            paid=self.paid,
        )

    def order(self) -> Order:
        lines = [
            a_line("TEA", count, price, line_id=name, discount=off, tax=tax)
            for name, (count, price, off, tax) in self.lines.items()
        ]
        order = an_order(
            *lines,
            currency=self.currency,
            discount=self.discount,
            shipping=self.charges,
            shipping_tax=self.charges_tax,
            prices_include_tax=self.included,
            payments=tuple(a_tender(amount) for amount in self.paid),
        )
        return placed(order)


WORKED = {
    # 3 x 19.99 - 5.00 and 2 x 7.50: nets 54.97 and 15.00. The order's 10.00 goes 7.86 (7.8562) and 2.14 (2.1438).
    # Taxes 4.55 and 1.24. Unit by unit of the first line: (5.00 + 7.86) / 3 = 4.28, 4.29, 4.29; tax 1.51, 1.52, 1.52.
    "line and header discounts": Worked(
        lines={"a": (3, 1999, 500, 455), "b": (2, 750, 0, 124)},
        discount=1000,
        paid=(6576,),
        steps=(
            Ship(units={"a": 3, "b": 2}, total=6576, tax=579),
            Credit(units={"a": 1}, total=1999 - 428 + 151, tax=151),
            Credit(units={"b": 1}, total=750 - 107 + 62, tax=62),
        ),
        captured=(6576,),
        refunded=(2427,),
    ),
    # 2 x 30.00 and 1 x 40.00 with 10 %; shipping 7.99 with 0.80 tax, by 60 and 40: 4.79 (4.794) and 3.20 (3.196); 0.48 and 0.32.
    "charges with tax": Worked(
        lines={"a": (2, 3000, 0, 600), "b": (1, 4000, 0, 400)},
        charges=799,
        charges_tax=80,
        paid=(11879,),
        steps=(
            Ship(units={"a": 2, "b": 1}, total=11879, tax=1080),
            Credit(total=879, tax=80),
            Credit(units={"b": 1}, total=4400, tax=400),
        ),
        captured=(11879,),
        refunded=(5279,),
    ),
    # 5 x 3.33 with 1.33 tax and 4.00 shipping. Tax of the units: 0.26, 0.27, 0.26, 0.27, 0.27; shipping 0.80 each.
    "partial shipments": Worked(
        lines={"a": (5, 333, 0, 133)},
        charges=400,
        paid=(2198,),
        steps=(
            Ship(units={"a": 2}, total=2 * 333 + 160 + 53, tax=53),
            Ship(units={"a": 3}, total=3 * 333 + 240 + 80, tax=80),
            # The second invoice has 0.80 tax for three units: 0.26, 0.27, 0.27.
            Credit(invoice=2, units={"a": 2}, total=2 * 333 + 160 + 53, tax=53),
            Credit(invoice=1, units={"a": 1}, total=333 + 80 + 26, tax=26),
        ),
        captured=(2198,),
        refunded=(879 + 439,),
    ),
    # 4 x 25.00 with 8.00 tax, 6.00 shipping with 0.48. One leaves, one is cancelled, two leave: shipping 1.50, then 4.50.
    "a cancel between": Worked(
        lines={"a": (4, 2500, 0, 800)},
        charges=600,
        charges_tax=48,
        paid=(11448,),
        steps=(
            Ship(units={"a": 1}, total=2500 + 150 + 200 + 12, tax=212),
            Cancel(line="a", units=1),
            Ship(units={"a": 2}, total=5000 + 450 + 400 + 36, tax=436),
            Credit(invoice=2, units={"a": 1}, total=2500 + 225 + 200 + 18, tax=218),
        ),
        captured=(8748,),
        refunded=(2943,),
    ),
    # 3 x 9.99 with 8.875 %: 29.97 x 0.08875 = 2.6598, so 2.66; units 0.88, 0.89, 0.89. Two of three: 19.98 + 1.77.
    "two of three units at 9.99 with 8.875 %": Worked(
        lines={"a": (3, 999, 0, 266)},
        paid=(3263,),
        steps=(
            Ship(units={"a": 3}, total=3263, tax=266),
            Credit(units={"a": 2}, total=2175, tax=177),
        ),
        captured=(3263,),
        refunded=(2175,),
    ),
    # 2 x 59.90 with 19 % inside: 119.80 / 1.19 x 0.19 = 19.13 (19.1277); shipping 4.90 with 0.78 inside.
    # 10.00 of 124.70, by goods 100.67, shipping 4.12 and their taxes 19.13 and 0.78: 8.07 (8.0730), 0.33 (0.3304), 1.53 (1.5341)
    # and 0.06 (0.0626), and the cent that is left to the largest remainder: 1.54. Then shipping has 3.79 and 0.72 left.
    "an inclusive price at 19 %": Worked(
        currency="EUR",
        lines={"a": (2, 5990, 0, 1913)},
        charges=490,
        charges_tax=78,
        included=True,
        paid=(12470,),
        steps=(
            Ship(units={"a": 2}, total=12470, tax=1991),
            Credit(amount=1000, total=1000, tax=160),
            Credit(total=451, tax=72),
        ),
        captured=(12470,),
        refunded=(1451,),
    ),
    # JPY has no decimals: a sample at 0 beside 1 x 1200 with 84. The sample has no part of shipping, because it has no value.
    "free lines": Worked(
        currency="JPY",
        lines={"a": (1, 1200, 0, 84), "b": (2, 0, 0, 0)},
        charges=350,
        paid=(1634,),
        steps=(
            Ship(units={"a": 1, "b": 2}, total=1634, tax=84),
            Credit(units={"a": 1, "b": 2}, total=1634, tax=84),
        ),
        captured=(1634,),
        refunded=(1634,),
    ),
    # 2 x 15.00 less 30.00: the goods cost nothing. Shipping 5.00 with 1.05 tax: 2.50 and 0.52, 0.53 a unit.
    "100 % discount": Worked(
        lines={"a": (2, 1500, 3000, 0)},
        charges=500,
        charges_tax=105,
        paid=(605,),
        steps=(
            Ship(units={"a": 2}, total=605, tax=105),
            Credit(units={"a": 1}, total=302, tax=52),
            Credit(amount=100, total=100, tax=17),
        ),
        captured=(605,),
        refunded=(402,),
    ),
    # A gift card of 20.00, a store credit of 15.50 and a card for the rest: 64.50. They are captured in this order.
    # First parcel 60.00: 20.00, 15.50, 24.50. Second 40.00: the card. 70.00 goes back: 64.50 to the card, 5.50 to the credit.
    "three tenders": Worked(
        lines={"a": (3, 2000, 0, 0), "b": (1, 4000, 0, 0)},
        paid=(2000, 1550, 6450),
        steps=(
            Ship(units={"a": 3}, total=6000, tax=0),
            Ship(units={"b": 1}, total=4000, tax=0),
            Credit(invoice=2, units={"b": 1}, total=4000, tax=0),
            Credit(invoice=1, amount=3000, total=3000, tax=0),
        ),
        captured=(2000, 1550, 6450),
        refunded=(0, 550, 6450),
    ),
    # BHD has three decimals: 3 x 1.255 with 0.377 tax and 0.500 shipping, less 0.100. Nets: 3.765.
    # Discount a unit: 33, 33, 34; tax 125, 126, 126; shipping 166, 167, 167 (thousandths).
    "three decimals": Worked(
        currency="BHD",
        lines={"a": (3, 1255, 0, 377)},
        discount=100,
        charges=500,
        paid=(4542,),
        steps=(
            Ship(units={"a": 3}, total=4542, tax=377),
            Credit(units={"a": 1}, total=1255 - 33 + 166 + 125, tax=125),
            Credit(amount=5, total=5, tax=0),
        ),
        captured=(4542,),
        refunded=(1518,),
    ),
}


@pytest.mark.parametrize("name", WORKED)
def test_a_worked_order_by_hand_and_by_a_spreadsheet(name: str) -> None:
    worked = WORKED[name]
    sheet, bills = worked.sheet(), []
    for step in worked.steps:
        match step:
            case Ship():
                bills.append(bill := sheet.bill(step.units))
                assert (bill.total, bill.tax) == (step.total, step.tax)
            case Cancel():
                sheet.cancel(step.line, step.units)
            case Credit():
                credited = step.by_sheet(bills[step.invoice - 1])
                assert credited == (step.total, step.tax)
                sheet.refund(step.total)
    assert (tuple(sheet.captured), tuple(sheet.refunded)) == (worked.captured, worked.refunded)


@pytest.mark.parametrize("name", WORKED)
def test_a_worked_order_by_hand_and_by_the_product(name: str) -> None:
    worked = WORKED[name]
    order = worked.order()
    made: list[invoices.Invoice] = []
    notes: dict[int, list[tuple[CreditLine, ...]]] = {}
    journals = [journal.between(None, order)]
    for step in worked.steps:
        before = order
        match step:
            case Ship():
                number = len(made) + 1
                order, bill = invoices.invoice(
                    order, step.units, number=number, fulfillment=None, series="dc-1", at=NOW
                )
                order, _ = capture(order, number)
                made.append(replace(bill, serial=number))
                assert (bill.totals.total, bill.totals.tax) == (step.total, step.tax)
            case Cancel():
                order = saved(cancel(order, {step.line: step.units}, "less", "shop", NOW))
            case Credit():
                earlier = notes.setdefault(step.invoice, [])
                asked = Asked(wanted=step.wanted(), reason="x", by="ann")
                decision, note = credit_notes.credit(order, made[step.invoice - 1], earlier, asked, NOW)
                earlier.append(note.lines)
                order = decision.order
                assert (note.totals.total, note.totals.tax) == (step.total, step.tax)
        journals.append(journal.between(before, order))
    assert tuple(t.captured for t in order.payments) == worked.captured
    assert tuple(t.refunded for t in order.payments) == worked.refunded
    assert all(map(journal.balanced, journals))
    assert journal.added(journals) == standing(order)
    _closes(worked, order)


def _closes(worked: Worked, order: Order) -> None:
    """Check that nothing is owed, and that the end of the order gives back what was never needed, and no more."""
    assert standing(order).get(Account.RECEIVABLE, 0) == 0
    settled, operations = settle(order)
    assert {one.purpose for one in operations} <= {"release"}
    assert sum(one.amount for one in operations) == sum(worked.paid) - sum(worked.captured)
    assert replace(settled, payments=(), operations=0) == replace(order, payments=(), operations=0)
