"""Invoice, capture and give back money, in the model of an order's life."""

from comanda.domain.billing import collecting, failed_money, invoices, paying_out, payments
from comanda.domain.orders.decision import Decision, Event
from comanda.domain.orders.methods import PICKUP
from comanda.domain.orders.order import Order
from comanda.domain.orders.status import GONE
from comanda.domain.orders.tender import AT_HAND_OVER
from tests.domain.models.books import Books, action
from tests.domain.models.identities import settled


class MoneySteps(Books):
    """The books, and the rules that bill the order."""

    @action(4)
    def invoice(self) -> None:
        """Invoice the next shipment, or what was provided, and capture its amount."""
        open_: list[int | None] = [f.number for f in self.order.fulfillments if f.shipped_at and f.invoice is None]
        open_ += [None] if any(p.invoice is None for p in self.order.provisions) else []
        if not open_:
            return
        chosen = self.choose.one(open_)
        if chosen is None:
            units: dict[str, int] = {}
            for p in self.order.provisions:
                if p.invoice is None:
                    units[p.line_id] = units.get(p.line_id, 0) + p.quantity
        else:
            units = {i: n for i, s in self.units_by_status(chosen).items() if (n := sum(s.get(x, 0) for x in GONE))}
        number = len(self.order.invoices) + 1
        billed, made = invoices.invoice(
            self.order, units, number=number, fulfillment=chosen, series="series", at=self.now
        )
        self.invoices.append(made)
        self._capture(billed, made.number)

    def _capture(self, billed: Order, number: int) -> None:
        paid, operations = payments.capture(billed, number)
        event = Event(type="invoiced", actor="machine", at=self.now, data={})
        waiting = tuple(failed_money.task(paid, one, self.now) for one in paid.failed_money[len(billed.failed_money) :])
        self._save(Decision(order=paid, event=event, money=operations, tasks=waiting))
        again = payments.capture(self.order, number)
        assert again == (self.order, ()), "captured once"

    @action(2)
    def collect(self) -> None:
        """Let a carrier or a counter collect what is due for a fulfillment, less, more, or nothing."""
        if not self.order.fulfillments:
            return
        f = self.choose.one(self.order.fulfillments)
        left = collecting.due(self.order, f.number)
        amount = self.choose.one((left, left, max(0, left - 1), left + 1, 0))
        told = sum(one.amount for one in self.order.collected if one.fulfillment == f.number)
        cash = any(tender.provider == AT_HAND_OVER for tender in self.order.payments)
        if f.invoice is None:
            takes = f.method == PICKUP and left > 0 and amount > 0
        else:  # money of which nothing is due any more is a question, the first time
            takes = left > 0 or (cash and amount > 0 and not told)
        before, reference = self.order.captured, f"r{len(self.order.collected)}"
        if self._try(takes, lambda: collecting.collect(self.order, f.number, amount, reference, "carrier", self.now)):
            assert self.order.captured == before + min(left, amount)
            assert collecting.collect(self.order, f.number, amount, reference, "store", self.now) is None

    @action()
    def settle(self) -> None:
        """Close the books, or give money back early: no later cancel makes the order dearer."""
        if not settled(self) and any(tender.ended(self.now) and tender.open for tender in self.order.payments):
            return  # what would be kept pays for nothing
        given, operations = payments.settle(self.order)
        event = Event(type="settled", actor="machine", at=self.now, data={})
        to_pay_out = paying_out.tasks(given, operations, self.now)
        self._save(Decision(order=given, event=event, money=operations, tasks=to_pay_out))
        assert payments.settle(self.order) == (self.order, ()), "given back once"
        if settled(self):
            assert self.order.accounted == self.order.invoiced_total == sum(i.totals.total for i in self.invoices)
            assert self.order.open_authorization == 0
