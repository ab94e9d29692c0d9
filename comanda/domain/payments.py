"""
Money that moves: captured per shipment, in the order of the tenders, and what stays authorised given back at the end.
An operation is decided and written here before any provider hears of it.
"""

from dataclasses import replace

from comanda.domain.decision import MoneyOperation
from comanda.domain.errors import NotAllowed
from comanda.domain.order import Order, Tender


def capture(order: Order, amount: int, invoice: int) -> tuple[Order, tuple[MoneyOperation, ...]]:
    """Operations that take `amount` from the tenders, first to last, and the order that counts them as captured.

    Raises NotAllowed when less is authorised: then nothing is taken.
    """
    if amount > order.open_authorization:
        raise NotAllowed(f"capture of {amount} exceeds the open authorisation of {order.open_authorization}")
    tenders, operations, left = list(order.payments), [], amount
    for i, tender in enumerate(tenders):
        part = min(left, tender.open)
        if part:
            tenders[i], left = replace(tender, captured=tender.captured + part), left - part
            operations.append(_operation(order, len(operations), "capture", i, part, invoice))
    return _with(order, tenders, operations), tuple(operations)


def release_rest(order: Order) -> tuple[Order, tuple[MoneyOperation, ...]]:
    """Operations that give back what will not be captured, last tender first: the first ones are captured from."""
    tenders, operations = list(order.payments), []
    left = order.open_authorization - max(0, order.totals.total - order.invoiced_total)
    for i in reversed(range(len(tenders))):
        part = min(max(left, 0), tenders[i].open)
        if part:
            tenders[i], left = replace(tenders[i], released=tenders[i].released + part), left - part
            operations.append(_operation(order, len(operations), "release", i, part, None))
    return _with(order, tenders, operations), tuple(operations)


def _operation(order: Order, nth: int, purpose: str, tender: int, amount: int, invoice: int | None) -> MoneyOperation:
    number = order.operations + nth + 1
    return MoneyOperation(purpose=purpose, number=number, tender=tender, amount=amount, invoice=invoice)


def _with(order: Order, tenders: list[Tender], operations: list[MoneyOperation]) -> Order:
    return replace(order, payments=tuple(tenders), operations=order.operations + len(operations))
