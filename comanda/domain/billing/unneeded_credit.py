"""
Give the room of a credit account back as soon as an order becomes cheaper: what it reserves and does not need keeps its customer
from ordering more.

What the payments behind one on account do not need any more is given back first, at the end of the order, as ever.

Called by   comanda.aws.orders.orders, for each decision that is saved; comanda.domain.lifecycle.changes.change
Returns     the decision with these releases
Raises      nothing
"""

from dataclasses import replace

from comanda.domain.orders.decision import Decision, MoneyOperation
from comanda.domain.orders.order import Order


def released(before: Order | None, decision: Decision) -> Decision:
    """Return the decision with what it frees on credit accounts released. A second call finds nothing to release.

    A change that waits may need it, so nothing is released before that is made or dropped.
    """
    order = decision.order
    if before is None or order.pending is not None or not any(one.on_account and one.open for one in order.payments):
        return decision
    if order.totals.total >= before.totals.total and before.pending is None:
        return decision
    now, tenders, money = decision.event.at, list(order.payments), list[MoneyOperation]()
    valid = sum(tender.open for tender in tenders if not tender.ended(now))
    surplus = order.accounted + valid - max(order.totals.total, order.invoiced_total)
    for i in reversed(range(len(tenders))):
        tender = tenders[i]
        part = 0 if tender.ended(now) else min(max(surplus, 0), tender.open)
        surplus -= part
        if part and tender.on_account:
            tenders[i] = replace(tender, released=tender.released + part)
            number = order.operations + len(money) + 1
            money.append(MoneyOperation(purpose="release", number=number, tender=i, amount=part))
    if not money:
        return decision
    after = replace(order, payments=tuple(tenders), operations=order.operations + len(money))
    return replace(decision, order=after, money=(*decision.money, *money))
