"""
Give back money again after its refund failed: from its own payment, or from others when its own has not the money any more.

A person may have been paid otherwise meanwhile, or another payment may have taken over the capture.
So one refund may become several. What the shop had given up was never taken, and is not given back. Nor is what a bank keeps by a
dispute that was lost: its customer has it already.

Called by   comanda.domain.billing.failed_money
Returns     the order with its payments, and the new money operations
Raises      NotAllowed while the money is not captured
"""

from dataclasses import replace

from comanda.domain.billing import paying_out, write_offs
from comanda.domain.errors import NotAllowed
from comanda.domain.orders.decision import MoneyOperation
from comanda.domain.orders.dispute import lost
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import FailedMovement

_REFUND = "refund"


def given_back(order: Order, failed: FailedMovement, *, by_shop: bool) -> tuple[Order, tuple[MoneyOperation, ...]]:
    """Give back the amount of a refund that failed. `by_shop`: the shop has done so itself, and no provider is asked."""
    work = _Refunds(order, failed, by_shop=by_shop)
    set_off = _set_off(order, failed)
    work.left -= set_off
    others = [i for i in reversed(range(len(order.payments))) if i != failed.tender]
    work.take(failed.tender)
    work.forgo(failed.tender)
    for at in others:
        work.take(at)
    for at in others:
        work.forgo(at)
    if work.left:
        raise NotAllowed("the money was not captured: answer first about its capture")
    money = tuple(work.money)
    given = replace(order, payments=tuple(work.tenders), operations=order.operations + len(money))
    return paying_out.noted(write_offs.without_needless(given), money), money


def _set_off(order: Order, failed: FailedMovement) -> int:
    """Return how much of a refund the customer has already, because a bank gave it to them by a dispute that was lost.

    It is what the refund exceeds of the money that they paid beyond the order's cost and did not get from the bank. So what a credit
    note, or another refund, has set off before counts once.
    """
    return min(lost(order.disputes), max(0, failed.amount - max(0, _due(order, failed))))


def _due(order: Order, failed: FailedMovement) -> int:
    """Return what the customer paid beyond the order's cost, and did not get from a bank, before the refund."""
    # What is authorised pays no more than what is not invoiced yet; what is credited of the cost is accounted.
    cost = max(order.totals.total - order.open_authorization, order.invoiced_total)
    return order.accounted + failed.amount - cost - lost(order.disputes)


class _Refunds:
    """The payments and operations while the places of the money are looked for. `left` is what no place was found for."""

    def __init__(self, order: Order, failed: FailedMovement, *, by_shop: bool) -> None:
        self.order, self.failed, self.by_shop = order, failed, by_shop
        self.left, self.money = failed.amount, list[MoneyOperation]()
        self.tenders = list(order.payments)
        own = self.tenders[failed.tender]
        self.tenders[failed.tender] = replace(own, unrefunded=own.unrefunded - failed.amount)

    def take(self, at: int) -> None:
        """Refund what a payment has captured. Another payment keeps what its own failed refunds need."""
        tender = self.tenders[at]
        room = tender.captured - tender.refunded if at == self.failed.tender else tender.refundable
        part = min(self.left, max(0, room - lost(self.order.disputes, at)))
        if not part:
            return
        self.left -= part
        repaid = tender.repaid + part if self.by_shop else tender.repaid
        self.tenders[at] = replace(tender, refunded=tender.refunded + part, repaid=repaid)
        if not self.by_shop:
            number = self.order.operations + len(self.money) + 1
            note = self.failed.credit_note
            self.money.append(MoneyOperation(purpose=_REFUND, number=number, tender=at, amount=part, credit_note=note))

    def forgo(self, at: int) -> None:
        """Refund nothing of what the shop gave up, which was never taken."""
        tender = self.tenders[at]
        part = min(self.left, tender.written_off)
        self.left -= part
        self.tenders[at] = replace(tender, written_off=tender.written_off - part)
