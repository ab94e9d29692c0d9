"""
Make changes of an order of a request, and check what each of them needs. Pure.

Called by   functions/intake/order_changes.py
Returns     values of the domain
Raises      Invalid, Forbidden with a problem for each wrong field
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from comanda.domain.errors import Forbidden, Invalid, Problem
from comanda.domain.lifecycle.change import given_after_sale
from comanda.domain.lifecycle.modification_matrix import Modification
from comanda.domain.lifecycle.moving.wanted import Move
from comanda.domain.lifecycle.wanted_changes import (
    NewCharge,
    NewDiscount,
    NewNote,
    NewPrice,
    NewPriority,
    NewQuantity,
    NewTags,
    Unmoving,
    Wanted,
)
from comanda.domain.orders.order import Order
from functions.intake.change_contract import ChangeIn, ChangesIn

# The fields of each modification: those that it must have, and those that it may have.
_FIELDS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    Modification.NOTE: ((), ("note",)),
    Modification.PRIORITY: (("priority",), ()),
    Modification.TAGS: (("tags",), ()),
    Modification.PRICE: (("line_id", "unit_price"), ()),
    Modification.DISCOUNT: (("code", "amount"), ()),
    Modification.CHARGE: (("kind", "amount"), ("tax",)),
    Modification.QUANTITY: (("line_id", "quantity"), ()),
    Modification.SHIP_TO: (("ship_to",), ("line_id",)),
}
_AMOUNTS = ("unit_price", "amount", "tax")
_MOST_PAYMENTS = 50


def check_fields(changes: Sequence[ChangeIn]) -> None:
    """Raise Invalid for each field that a change lacks, and for each that is of another modification."""
    wrong = [problem for i, one in enumerate(changes) for problem in _wrong_fields(i, one)]
    if wrong:
        raise Invalid(*wrong)


def _wrong_fields(i: int, one: ChangeIn) -> Iterator[Problem]:
    must, may = _FIELDS[one.modification]
    for name in ChangeIn.model_fields:
        if name == "modification":
            continue
        given = getattr(one, name) is not None
        if name in must and not given:
            yield Problem(pointer=f"/changes/{i}/{name}", code="missing", message=f"{one.modification} needs {name}")
        elif given and name not in (*must, *may):
            message = f"{one.modification} takes {' and '.join((*must, *may))}"
            yield Problem(pointer=f"/changes/{i}/{name}", code="not-for-kind", message=message)


def wanted(changes: Sequence[ChangeIn], moves: Mapping[int, Move]) -> list[Wanted]:
    """Return the changes as the domain knows them. Their fields were checked. `moves` are those that move units, by their
    place."""
    return [moves[i] if i in moves else _wanted(one) for i, one in enumerate(changes)]


def _wanted(one: ChangeIn) -> Unmoving:
    amount, line_id = one.amount.amount if one.amount else 0, one.line_id or ""
    match Modification(one.modification):
        case Modification.NOTE:
            return NewNote()
        case Modification.PRIORITY:
            return NewPriority(priority=one.priority or 0)
        case Modification.TAGS:
            return NewTags(tags=tuple(one.tags or ()))
        case Modification.PRICE:
            return NewPrice(line_id=line_id, unit_price=one.unit_price.amount if one.unit_price else 0)
        case Modification.DISCOUNT:
            return NewDiscount(code=one.code or "", amount=amount)
        case Modification.CHARGE:
            return NewCharge(kind=one.kind or "", amount=amount, tax=one.tax.amount if one.tax else 0)
        case _:
            return NewQuantity(line_id=line_id, quantity=one.quantity or 0)


def check_currency(given: ChangesIn, order: Order) -> None:
    """Raise Invalid for each amount in another currency than the order's, and for too many payments."""
    amounts = [
        (f"/changes/{i}/{name}", amount)
        for i, one in enumerate(given.changes)
        for name in _AMOUNTS
        if (amount := getattr(one, name)) is not None
    ]
    for i, payment in enumerate(given.payments):
        amounts += [(f"/payments/{i}/authorized", payment.authorized)]
        amounts += [(f"/payments/{i}/captured", payment.captured)] if payment.captured else []
    wrong = [
        Problem(pointer=at, code="mixed-currencies", message=f"{a.currency}, the order is in {order.currency}")
        for at, a in amounts
        if a.currency != order.currency
    ]
    if len(order.payments) + len(given.payments) > _MOST_PAYMENTS:
        message = f"an order has at most {_MOST_PAYMENTS} payments"
        wrong.append(Problem(pointer="/payments", code="too-many", message=message))
    if wrong:
        raise Invalid(*wrong)


def check_limits(order: Order, changes: Sequence[Wanted], limits: Mapping[str, Any]) -> None:
    """Raise Forbidden for what a person may not give: a price lowered by more percent than theirs, or discounts after the sale
    that together exceed their amount for one order."""
    percent = limits.get("override_percent") or 0
    most = next((one["amount"] for one in limits.get("appeasement") or () if one["currency"] == order.currency), 0)
    given, wrong = given_after_sale(order), []
    for i, one in enumerate(changes):
        if isinstance(one, NewPrice):
            price = next((line.unit_price for line in order.lines if line.line_id == one.line_id), 0)
            if one.unit_price * 100 < price * (100 - percent):
                message = f"you may lower a price by at most {percent} percent"
                wrong.append(Problem(pointer=f"/changes/{i}/unit_price", code="above-limit", message=message))
        elif isinstance(one, NewDiscount):
            given += one.amount
            if given > most:
                message = f"you may give at most {most} minor units of {order.currency} on one order"
                wrong.append(Problem(pointer=f"/changes/{i}/amount", code="above-limit", message=message))
    if wrong:
        raise Forbidden("the change is above your limit", *wrong)
