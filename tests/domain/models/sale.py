"""
Change an order after its sale again and again, beside partial shipments and invoices, and compare it with an accountant's books.

The accountant (tests/domain/models/accountant.py) shares no code with the product. After each step the totals, what was invoiced
and what is to be paid agree to the cent, and a change is refused for its amounts by both or by none.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import pytest

from comanda.domain.billing.header_amounts import KEEP, SHARE
from comanda.domain.billing.invoices import Invoice
from comanda.domain.errors import Invalid, NotAllowed
from comanda.domain.lifecycle.cancels import cancel
from comanda.domain.lifecycle.changes.added_lines import NewLines
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
from comanda.domain.lifecycle.changes.wanted_changes import Wanted
from comanda.domain.lifecycle.modifications.modification_matrix import Matrix
from comanda.domain.lifecycle.node_work.ship import ship
from comanda.domain.lifecycle.provide import provide, schedule_provided
from comanda.domain.orders.bundle import Bundle
from comanda.domain.orders.decision import Decision
from comanda.domain.orders.line import Line
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import AT_NODE, Status
from comanda.domain.orders.tender import Tender
from functions.invoice.rules import bill, bill_provided, close
from tests.builders import (
    NOW,
    a_bundle,
    a_line,
    a_node,
    a_shipment,
    a_step,
    a_tender,
    an_order,
    offered,
    placed,
    saved,
    worked,
)
from tests.domain.models.accountant import Accountant, Article, Refused
from tests.domain.models.choices import Choose, Seeded

RATES = ("0", "0.0825", "0.19", "0.07", "0.125", "1")
CURRENCIES = (("JPY", 1), ("USD", 100), ("BRL", 100), ("BHD", 1000))
PARTS = (
    (1_000_000,),
    (500_000, 500_000),
    (333_333, 666_667),
    (1, 999_999),
    (0, 1_000_000),
    (250_000, 250_000, 500_000),
)
MOST_ROWS = 8
Tried = Counter[str]


@dataclass(frozen=True)
class Asked:
    """A change, and how the accountant enters it: it `cancels` units, `gives` a discount on the order, or `charges`."""

    wanted: Wanted
    keep: Callable[[Accountant], None]
    cancels: bool = False
    gives: bool = False
    charges: bool = False


def enter(books: Accountant, asked: Sequence[Asked]) -> None:
    """Enter changes into the accounts: units are cancelled last. What a request gives must be worth giving after that, and a
    unit must be left for what it charges."""
    as_it_is = deepcopy(books)  # a request that changes nothing spreads nothing anew
    as_it_is.spread()
    before = as_it_is.without_units
    for one in asked:
        if not one.cancels:
            one.keep(books)
    most = books.totals()["total"]
    for one in asked:
        if one.cancels:
            one.keep(books)
    if any(one.cancels for one in asked):
        books.cost_no_more_than(most)
    if any(one.gives for one in asked) and any(one.cancels for one in asked) and books.without_units > before:
        raise Refused
    if any(one.charges for one in asked) and any(one.cancels for one in asked) and books.charges_without_units():
        raise Refused


class Sale:
    """An order and its accounts. `tried` counts the steps that were made, by their name."""

    def __init__(self, choose: Choose) -> None:
        self.choose, self.tried, self.steps = choose, Tried(), list[str]()
        self.now = NOW
        currency, self.unit = choose.one(CURRENCIES)
        included, keeps = choose.number(0, 1) == 1, choose.number(0, 2) == 0
        self.books = Accountant(included=included, keeps=keeps)
        self.names = 0
        rows: list[Line | Bundle] = []
        for _ in range(choose.number(1, 3)):
            rows += self._new_rows()
        shipping, tax = choose.one((0, 1, 5 * self.unit)), choose.one((0, 0, 33))
        tax = min(tax, shipping) if included else tax
        if shipping or tax:
            self.books.charges.append((shipping, tax))
        net = sum(row.quantity * row.unit_price - row.discount for row in rows) + shipping
        discount = choose.one((0, 0, choose.number(0, net), net))
        self.books.share_discount(discount)
        self.taxes_fit = included and not discount  # what comes with a discount of the order may be taxed before it
        order = an_order(
            *rows,
            currency=currency,
            shipping=shipping,
            shipping_tax=tax,
            discount=discount,
            prices_include_tax=included,
        )
        order = replace(order, payments=self.first_payments(order.totals.total, order.currency))
        self.captured = order.captured
        self.save_new(order, KEEP if keeps else SHARE)
        self.given_back = 0  # by credit notes
        self.to_bill: dict[int, dict[str, int]] = {}
        self.invoices: list[Invoice] = []
        self.provided = Tried()
        self.agree()

    # The store and the clock

    def save_new(self, order: Order, discount_after_cancel: str) -> None:
        self.order = placed(order, discount_after_cancel=discount_after_cancel)

    def save(self, decision: Decision) -> None:
        self.order = saved(decision)

    def terms(self, *payments: Tender) -> ChangeTerms:
        return ChangeTerms(reason="asked to", actor="sales", now=self.now, payments=payments)

    def first_payments(self, total: int, currency: str) -> tuple[Tender, ...]:
        """Return what pays a new order of this worth. Some shops have captured a part before."""
        captured = self.choose.number(0, total) if self.choose.number(0, 3) == 0 else 0
        return (a_tender(total, captured=captured, captured_before=captured),)

    def paid_with(self, amount: int) -> tuple[Tender, ...]:
        """Return the payment of what a change costs more."""
        return (a_tender(amount, reference=f"more-{self.order.version}"),) if amount else ()

    def covered(self) -> int:
        """Return what is paid and what can be captured of the order."""
        return self.order.captured + self.given_back + self.order.open_authorization

    # What is compared

    def agree(self) -> None:
        """Compare the order with the accounts."""
        self.agree_on_amounts()
        self.agree_on_money()

    def agree_on_money(self) -> None:
        self.captured = max(self.captured, self.books.invoiced())
        assert self.order.captured + self.given_back == self.captured, (
            "captured as invoiced; what was captured is given back at the end"
        )

    def agree_on_amounts(self) -> None:
        totals = self.order.totals
        shown = {name: getattr(totals, name) for name in ("goods", "discounts", "charges", "tax", "total")}
        assert shown == self.books.totals()
        assert self.order.invoiced_total == self.books.invoiced()
        for line_id, row in self.books.rows.items():
            line = self.order.line(line_id)
            assert (line.quantity, line.live) == (len(row.units), len(row.live))
        for line_id, article in self.books.bundles.items():
            bundle = self.order.bundle(line_id)
            assert (bundle.quantity, bundle.unit_price) == (article.count, article.price)

    def act(self) -> None:
        name = self.choose.one((*STEPS, *WORK, *WORK))
        self.steps.append(name)
        self.tried[name] += STEPS[name](self)
        self.agree()

    def finish(self) -> None:
        """Ship the rest or cancel it, invoice all, and close the books: money is captured as invoiced, and no more."""
        if self.choose.number(0, 1):
            while self._offer():
                pass
        for number in self._open():
            self._ship(number, whole=True)
        if any(a.status is not Status.CANCELLED for line in self.order.lines for a in line.allocations):
            self._cancel_rest()
        for number in sorted(self.to_bill):
            self._bill(number)
            self.agree()
        self._bill_provided()
        self.agree()
        closed = close(self.order, self.now)
        assert closed is not None
        paid = closed.order
        assert paid.captured + self.given_back == paid.invoiced_total == paid.totals.total == self.books.invoiced()
        assert paid.open_authorization == 0
        back = sum(tender.released + tender.refunded for tender in paid.payments)
        assert back == sum(tender.authorized for tender in paid.payments) - self.books.invoiced() + self.given_back

    # Articles

    def _new_rows(self) -> tuple[Line | Bundle, ...]:
        """Return a line, or a bundle with its components, and enter it into the accounts."""
        self.names += 1
        name, choose = f"n{self.names}x", self.choose
        count, rate = choose.number(1, 5), choose.one(RATES)
        price = choose.one((0, 1, 7, 333, 3 * self.unit + 1, 123 * self.unit + 45))
        discount = choose.number(0, count * price) if choose.number(0, 2) == 0 else 0
        tax = choose.number(0, 5 * self.unit)
        tax = min(tax, count * price - discount) if self.books.included else tax  # intake refuses more
        article = Article(count, price, discount, tax, Fraction(rate) or None)
        if choose.number(0, 3):
            self.books.sell(name, article)
            kind = choose.one(("PRODUCT", "PRODUCT", "PRODUCT", "DIGITAL", "SERVICE"))
            return (a_line("TEA", count, price, line_id=name, discount=discount, tax=tax, tax_rate=rate, kind=kind),)
        parts = [(f"P{i}", choose.number(1, 3), part) for i, part in enumerate(choose.one(PARTS))]
        bundle, *lines = a_bundle(
            "SET",
            count,
            price,
            *parts,
            line_id=name,
            discount=discount,
            tax=tax,
            together=choose.number(0, 1) == 1,
        )
        components = {f"{name}{i}": (ratio, part) for i, (_, ratio, part) in enumerate(parts, 1)}
        self.books.sell_bundle(name, article, components)
        return (replace(bundle, tax_rate=rate), *lines)  # type: ignore[type-var]  # the first one is the bundle

    def _sold(self) -> Line | Bundle:
        return self.choose.one(self.order.as_sent())

    # Changes

    def _change(self, *asked: Asked) -> bool:
        """Ask for changes, with the payment that they need. Units are cancelled after all other changes of a request."""
        before, wanted = self.order, [one.wanted for one in asked]
        try:
            shown = change(before, wanted, Matrix(), self.terms())
        except Invalid as error:
            self._check_refused(error, asked)
            return False
        if shown.denied:
            return False
        enter(self.books, asked)
        totals = self.books.totals()
        covered = self.covered()
        assert shown.to_pay == max(0, min(totals["total"] - before.totals.total, totals["total"] - covered))
        made = change(before, wanted, Matrix(), self.terms(*self.paid_with(shown.to_pay)))
        assert made.decision is not None
        assert made.totals == shown.totals
        self.save(made.decision)
        if all(one.cancels for one in asked):
            assert totals["total"] <= before.totals.total, "no cancelled unit makes an order dearer"
        return True

    def _check_refused(self, error: Invalid, asked: Sequence[Asked]) -> None:
        """Check that the accountant refuses the changes too. What it has entered by then is forgotten."""
        codes = {problem.code for problem in error.problems}
        if codes in ({"duplicate"}, {"the-same"}):  # they say nothing of money
            return
        assert codes <= {"too-small", "too-large", "nothing-left"}
        with pytest.raises(Refused):
            enter(deepcopy(self.books), asked)

    def price(self) -> bool:
        return self._change(self._new_price())

    def discount(self) -> bool:
        return self._change(self._new_discount())

    def charge(self) -> bool:
        return self._change(self._new_charge())

    def quantity(self) -> bool:
        return self._change(self._new_quantity())

    def together(self) -> bool:
        """Ask for several changes in one request."""
        kinds = (self._new_price, self._new_discount, self._new_charge, self._new_quantity)
        asked = [self.choose.one(kinds)() for _ in range(self.choose.number(2, 3))]
        return not any(map(self._is_denied, asked)) and self._change(*asked)

    def _is_denied(self, one: Asked) -> bool:
        try:
            return bool(change(self.order, [one.wanted], Matrix(), self.terms()).denied)
        except Invalid:
            return False

    def _new_price(self) -> Asked:
        sold, unit_price = self._sold(), self.choose.one((0, 1, 6, 999, 2 * self.unit + 3, 77 * self.unit))
        wanted = NewPrice(line_id=sold.line_id, unit_price=unit_price)
        return Asked(wanted, lambda books: books.reprice(sold.line_id, unit_price))

    def _new_discount(self) -> Asked:
        amount = self.choose.one((1, 33, 5 * self.unit, max(0, self.order.totals.total - self.order.invoiced_total)))
        if self.choose.number(0, 1):
            return Asked(NewDiscount(code="SORRY", amount=amount), lambda books: books.discount(amount), gives=True)
        wanted = NewAppeasement(why=AppeasementReason.LATE, amount=amount)
        return Asked(wanted, lambda books: books.discount(amount), gives=True)

    def _new_charge(self) -> Asked:
        amount, tax = self.choose.one((0, 1, 3 * self.unit)), self.choose.one((0, 24))
        return Asked(
            NewCharge(kind="WRAP", amount=amount, tax=tax),
            lambda books: books.charge(amount, tax),
            charges=amount + tax > 0,
        )

    def _new_quantity(self) -> Asked:
        sold = self._sold()
        return self.quantity_of(sold.line_id, self.choose.one((0, self.choose.number(0, self._has(sold) + 2))))

    def quantity_of(self, line_id: str, left: int) -> Asked:
        sold = next(row for row in self.order.as_sent() if row.line_id == line_id)
        has = self._has(sold)

        def keep(books: Accountant) -> None:
            if left > has:
                books.more(sold.line_id, left - has)
            elif left < has:
                books.cancel(sold.line_id, left)

        return Asked(NewQuantity(line_id=sold.line_id, quantity=left), keep, cancels=left < has)

    def _has(self, sold: Line | Bundle) -> int:
        """Return the live units of a line, or the sets of a bundle of which a unit is live."""
        if isinstance(sold, Line):
            return sold.live
        return max(-(-len(row.live) // row.ratio) for row in self.books.components(sold.line_id).values())

    def add_line(self) -> bool:
        if len(self.order.lines) >= MOST_ROWS:
            return False
        books = deepcopy(self.books)
        rows = self._new_rows()
        self.books, then = books, self.books
        bundles = tuple(replace(row, place=i) for i, row in enumerate(rows) if isinstance(row, Bundle))
        wanted = NewLines(lines=tuple(row for row in rows if isinstance(row, Line)), bundles=bundles)

        def keep(_: Accountant) -> None:
            then.spread()
            self.books = then

        return self._change(Asked(wanted, keep))

    def replace_units(self) -> bool:
        sold = self._sold()
        if not isinstance(sold, Line) or not sold.live or len(self.order.lines) >= MOST_ROWS:
            return False
        self.names += 1
        count, new = self.choose.number(1, sold.live), f"n{self.names}x"
        unit_price = self.choose.one((None, None, 0, 250, 2 * self.unit))
        wanted = Replacement(
            line_id=sold.line_id, quantity=count, new_line_id=new, sku=new, title="Other", unit_price=unit_price
        )
        return self._change(Asked(wanted, lambda books: books.replace(sold.line_id, count, new, unit_price)))

    # Work, and its invoices

    def _offer(self) -> bool:
        units: dict[str, int] = {}
        for names in self._leaving_together():
            sets = min(self.order.line(name).unplaced() // self._ratio(name) for name in names)
            if sets and (some := self.choose.number(0, sets)):
                units |= {name: some * self._ratio(name) for name in names}
        if not units:
            return False
        self.order = offered(self.order, (a_node(), units))
        return True

    def _leaving_together(self) -> list[list[str]]:
        """Return the lines, those of a kit together."""
        groups: dict[str, list[str]] = {}
        for line in self.order.lines:
            groups.setdefault(line.group or line.line_id, []).append(line.line_id)
        return [*groups.values()]

    def _ratio(self, name: str) -> int:
        line = self.order.line(name)
        return line.component.ratio if line.component and line.group else 1

    def _open(self) -> list[int]:
        """Return the fulfillments that have units at their node."""
        return [f.number for f in self.order.fulfillments if self._at_node(f.number)]

    def _at_node(self, number: int) -> dict[str, int]:
        units = Tried()
        for line, a in self.order.units_of(number):
            if a.status in AT_NODE:
                units[line.line_id] += a.quantity
        return dict(units)

    def offer(self) -> bool:
        return self._offer()

    def ship_some(self) -> bool:
        if not self._open():
            return False
        return self._ship(self.choose.one(self._open()), whole=self.choose.number(0, 1) == 1)

    def _ship(self, number: int, *, whole: bool) -> bool:
        """Ship what a node has, or a part of it: whole sets of each kit."""
        has = self._at_node(number)
        units = dict(has)
        for names in [] if whole else self._leaving_together():
            sets = min(has.get(name, 0) // self._ratio(name) for name in names)
            some = self.choose.number(0, sets)
            units |= {name: some * self._ratio(name) for name in names}
        units = {name: n for name, n in units.items() if n}
        if not units:
            return False
        step = replace(a_step(number), units=units)
        try:
            order = self.order
            if self.order.fulfillment_status(number) == "OFFERED":
                order = worked(order, "accept", number=number)
            self.save(ship(order, step, a_shipment(f"S{number}-{self.order.version}")))
        except NotAllowed:  # the rest of a kit's set was cancelled: it stays
            assert not whole
            return False
        self.to_bill[number] = units
        return True

    def bill_one(self) -> bool:
        if not self.to_bill:
            return False
        self._bill(self.choose.one(sorted(self.to_bill)))
        return True

    def provide(self) -> bool:
        """Provide units of a digital line or a service, and invoice them with those that were provided before."""
        if (scheduled := schedule_provided(self.order, self.now)) is not None:
            self.save(scheduled)
        has = {line.line_id: line.units(lambda a: a.status is Status.SCHEDULED) for line in self._provided_lines()}
        ready = [line_id for line_id, units in has.items() if units]
        if not ready:
            return False
        line_id = self.choose.one(ready)
        units = self.choose.number(1, has[line_id])
        self.save(provide(self.order, line_id, units, "NOTE", "desk", self.now))
        self.provided[line_id] += units
        if self.choose.number(0, 1):
            self._bill_provided()
        return True

    def _provided_lines(self) -> list[Line]:
        return [line for line in self.order.lines if line.is_provided]

    def _bill_provided(self) -> None:
        if self.provided:
            self._compare(self.provided, bill_provided(self.order, self.now))
            self.provided = Tried()

    def _bill(self, number: int) -> None:
        self._compare(self.to_bill.pop(number), bill(self.order, number, self.now))

    def _compare(self, units: Mapping[str, int], made: tuple[Decision, Invoice] | None) -> None:
        """Enter an invoice of these units into the accounts, and compare each of its lines."""
        expected = self.books.bill(units)
        assert made is not None
        decision, invoice = made
        self.save(decision)
        self.invoices.append(invoice)
        if self.taxes_fit:  # price and tax of a part of a line are cut to whole cents one by one
            assert 0 <= invoice.totals.tax <= invoice.totals.total + len(invoice.lines)
        found: dict[str, Mapping[str, Any]] = {
            line.line_id: {
                "goods": line.goods,
                "discounts": line.discount,
                "charges": line.charges,
                "tax": line.tax,
            }
            for line in invoice.lines
        }
        assert found == expected
        assert all(row["goods"] - row["discounts"] + row["charges"] >= 0 for row in expected.values())
        assert invoice.totals.total >= 0, "no invoice gives money back"
        for bundle in invoice.bundles:
            rows = [expected[name] for name in self.books.components(bundle.line_id) if name in expected]
            assert (bundle.goods, bundle.discount) == tuple(sum(row[x] for row in rows) for x in ("goods", "discounts"))

    def cancel_rest(self) -> bool:
        """Cancel all that may be cancelled, as a customer does."""
        return self._cancel_rest() if self.choose.number(0, 9) == 0 else False

    def _cancel_rest(self) -> bool:
        before = {line.line_id: line.live for line in self.order.lines}
        try:
            self.save(cancel.cancel(self.order, None, "no more", "customer", self.now))
        except NotAllowed:
            return False
        most = self.books.totals()["total"]
        for line in self.order.lines:
            if line.live < before[line.line_id]:
                self.books.cancel(line.line_id, line.live)
        self.books.cost_no_more_than(most)
        return True


STEPS: dict[str, Callable[[Sale], bool]] = {
    "price": Sale.price,
    "discount": Sale.discount,
    "charge": Sale.charge,
    "quantity": Sale.quantity,
    "together": Sale.together,
    "add_line": Sale.add_line,
    "replace": Sale.replace_units,
    "offer": Sale.offer,
    "ship": Sale.ship_some,
    "bill": Sale.bill_one,
    "provide": Sale.provide,
    "cancel": Sale.cancel_rest,
}
WORK = ("offer", "ship", "ship", "bill")


def drive(seed: int, sales: int, *, steps: int = 25) -> Tried:
    """Make so many steps of each of these sales, and end them. Returns how often each step was made."""
    tried = Tried()
    for n in range(sales):
        sale = Sale(Seeded(seed * 1_000_003 + n))
        for _ in range(steps):
            sale.act()
        sale.finish()
        tried += sale.tried
    return tried
