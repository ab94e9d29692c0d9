"""
Decide how money moves: capture each shipment, in the order of the tenders, and give back what is not needed.

An operation is decided and saved before the payment provider is called.

Called by   functions/invoice; comanda.domain.lifecycle: payment_links and changes.pending_changes; .collecting
Returns     the order with its tenders up to date, and money operations in minor units of its currency
Raises      NotAllowed when less is authorised than must be captured
"""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

from comanda.domain.billing import failed_money, paying_out
from comanda.domain.errors import NotAllowed
from comanda.domain.orders.decision import MoneyOperation
from comanda.domain.orders.dispute import lost
from comanda.domain.orders.fulfillment import to_capture_later
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import AT_HAND_OVER, REFERENCE, Tender


def capture(order: Order, invoice: int, now: datetime | None = None) -> tuple[Order, tuple[MoneyOperation, ...]]:
    """Capture the amount that is invoiced and not captured. Return the order with it captured, and the operations.

    A capture that failed before is not tried again: a person decides about it.

    Nothing is captured from an authorisation of the shop's that has ended by `now`; None ignores the ends. A payment provider
    says itself whether it has ended, and is asked last. What is collected at the hand-over is noted as not captured yet: its
    operation moves nothing, and the one that follows when the money is told does. A second call finds nothing to capture. Rounding may put an invoice a
    cent above the order's worth, and a later invoice gives it back: this is not refused.
    Raises NotAllowed when less is authorised; then nothing is captured.
    """
    ended = [now is not None and tender.ended(now) for tender in order.payments]
    may = [
        0 if over and tender.provider == REFERENCE else tender.open
        for over, tender in zip(ended, order.payments, strict=True)
    ]
    due = left = _due(order, sum(may))
    if due > sum(may):
        due = left = (
            min(order.invoiced_total, order.totals.total) - to_capture_later(order.fulfillments) - order.accounted
        )
    if due > sum(may):
        why = "" if sum(may) == order.open_authorization else "; what has ended is not taken"
        raise NotAllowed(f"capture of {due} exceeds the open authorisation of {sum(may)}{why}")
    tenders = list(order.payments)
    operations: list[MoneyOperation] = []
    waiting = list(order.failed_money)
    for i in sorted(range(len(tenders)), key=ended.__getitem__):
        part = min(max(left, 0), may[i])
        if not part:
            continue
        left -= part
        made = _operation(order, len(operations), "capture", i, part, invoice)
        operations.append(made)
        if tenders[i].provider == AT_HAND_OVER:
            tenders[i] = replace(tenders[i], uncaptured=tenders[i].uncaptured + part)
            waiting.append(failed_money.to_collect(made))
        else:
            tenders[i] = replace(tenders[i], captured=tenders[i].captured + part)
    order = replace(order, failed_money=tuple(waiting))
    return _with_tenders(order, tenders, operations), tuple(operations)


def _due(order: Order, may: int) -> int:
    """Return what is invoiced and not captured, without invoices whose goods have not left.

    What a counter has collected ahead pays the goods of that counter, and no invoice before theirs, as far as `may`, what else can
    be captured, pays that.
    """
    due = order.invoiced_total - to_capture_later(order.fulfillments) - order.accounted
    waiting = {f.number for f in order.fulfillments if not f.billed and not f.ended}
    ahead = sum(one.ahead for one in order.collected if one.fulfillment in waiting)
    return max(due, min(due + ahead, may))


def settle(order: Order) -> tuple[Order, tuple[MoneyOperation, ...]]:
    """Give back the amount that the live units will not cost: release authorisations first, then refund captured money.

    The last tender gives back first, because the first tenders are captured from. A second call finds nothing to give back.
    What was collected at the hand-over is noted as to be paid out (`comanda.domain.billing.paying_out`).
    What a bank took back by a dispute that was lost is not refunded once more: it is set off against the sum and its own tender.
    """
    tenders = list(order.payments)
    operations: list[MoneyOperation] = []
    live = max(order.totals.total, order.invoiced_total)
    surplus = order.accounted + order.open_authorization - live
    for purpose in ("release", "refund"):
        surplus -= lost(order.disputes) if purpose == "refund" else 0
        for i in reversed(range(len(tenders))):
            tender = tenders[i]
            held = tender.open if purpose == "release" else max(0, tender.refundable - lost(order.disputes, i))
            part = min(max(surplus, 0), held)
            if not part:
                continue
            surplus -= part
            tenders[i] = (
                replace(tender, released=tender.released + part)
                if purpose == "release"
                else replace(tender, refunded=tender.refunded + part)
            )
            operations.append(_operation(order, len(operations), purpose, i, part, None))
    return paying_out.noted(_with_tenders(order, tenders, operations), operations), tuple(operations)


def release_added(order: Order, at: Collection[int], now: datetime) -> tuple[Order, tuple[MoneyOperation, ...]]:
    """Give back what the order does not need of its tenders at these indices, the last one first. The others keep theirs.

    Authorisations are released, and what a customer has paid by a link is refunded, unless it pays what is invoiced: nothing else is
    captured for that any more. Authorisations that have ended pay for nothing, so they are neither counted nor released while the
    order lasts.
    """
    tenders = list(order.payments)
    operations: list[MoneyOperation] = []
    over = [tender.ended(now) and not order.closed for tender in tenders]
    valid = sum(0 if ended else tender.open for tender, ended in zip(tenders, over, strict=True))
    surplus = order.accounted + valid - max(order.totals.total, order.invoiced_total)
    ahead = max(0, order.accounted - order.invoiced_total + to_capture_later(order.fulfillments))
    for i in sorted(at, reverse=True):
        tender = tenders[i]
        part = 0 if over[i] else min(max(surplus, 0), tender.open)
        back = min(max(surplus - part, 0), tender.refundable, ahead) if tender.by_link else 0
        surplus, ahead = surplus - part - back, ahead - back
        tenders[i] = replace(tender, released=tender.released + part, refunded=tender.refunded + back)
        for purpose, amount in (("release", part), ("refund", back)):
            if amount:
                operations.append(_operation(order, len(operations), purpose, i, amount, None))
    return _with_tenders(order, tenders, operations), tuple(operations)


def _operation(order: Order, nth: int, purpose: str, tender: int, amount: int, invoice: int | None) -> MoneyOperation:
    number = order.operations + nth + 1
    return MoneyOperation(purpose=purpose, number=number, tender=tender, amount=amount, invoice=invoice)


def _with_tenders(order: Order, tenders: list[Tender], operations: list[MoneyOperation]) -> Order:
    return replace(order, payments=tuple(tenders), operations=order.operations + len(operations))
