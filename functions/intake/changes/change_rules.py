"""
Make changes of an order of a request, and check what each of them needs. Pure.

Called by   the modules of functions/intake/changes; functions/intake/persons_giving.py
Returns     values of the domain
Raises      Invalid, Forbidden with a problem for each wrong field
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from comanda.aws.api.contracts import Amount
from comanda.domain.errors import Forbidden, Invalid, Problem
from comanda.domain.lifecycle.changes.added_lines import NewLines
from comanda.domain.lifecycle.changes.changed_amounts import (
    AppeasementReason,
    NewAppeasement,
    NewCharge,
    NewDiscount,
    NewPrice,
)
from comanda.domain.lifecycle.changes.changed_units import NewQuantity
from comanda.domain.lifecycle.changes.replaced_units import Replacement
from comanda.domain.lifecycle.changes.wanted_changes import NewPriority, NewTags, Wanted, WantedChange
from comanda.domain.lifecycle.modifications.modification_matrix import Modification
from comanda.domain.orders.order import Order
from comanda.domain.orders.tender import OWN, PAID_AT_HAND_OVER
from functions.intake.changes.change_contract import ChangeIn, ChangesIn
from functions.intake.checks import amounts_of_lines
from functions.intake.contract import PaymentIn


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kind:
    """A modification in a request: the fields that it must have, those that it may have, and the change that it makes.

    Without `make` the change needs the order and the directory (`.change_lines`, `.of_moves` and `.changed_contact` beside this module).
    """

    must: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    make: Callable[[Any], WantedChange] | None = None  # of a ChangeIn, in which the fields of `must` are not None


_KINDS: Mapping[str, _Kind] = {
    Modification.NOTE: _Kind(may=("note",)),
    Modification.PRIORITY: _Kind(must=("priority",), make=lambda one: NewPriority(priority=one.priority)),
    Modification.TAGS: _Kind(must=("tags",), make=lambda one: NewTags(tags=tuple(one.tags))),
    Modification.TAX_ID: _Kind(must=("tax_id",)),
    Modification.PRICE: _Kind(
        must=("line_id", "unit_price"),
        make=lambda one: NewPrice(line_id=one.line_id, unit_price=one.unit_price.amount),
    ),
    Modification.DISCOUNT: _Kind(
        must=("code", "amount"), make=lambda one: NewDiscount(code=one.code, amount=one.amount.amount)
    ),
    Modification.APPEASEMENT: _Kind(
        must=("why", "amount"),
        make=lambda one: NewAppeasement(why=AppeasementReason(one.why), amount=one.amount.amount),
    ),
    Modification.CHARGE: _Kind(
        must=("kind", "amount"),
        may=("tax",),
        make=lambda one: NewCharge(kind=one.kind, amount=one.amount.amount, tax=one.tax.amount if one.tax else 0),
    ),
    Modification.QUANTITY: _Kind(
        must=("line_id", "quantity"), make=lambda one: NewQuantity(line_id=one.line_id, quantity=one.quantity)
    ),
    Modification.ADD_LINE: _Kind(must=("lines",)),
    Modification.SHIP_TO: _Kind(must=("ship_to",), may=("line_id",)),
    Modification.REQUESTED: _Kind(must=("requested",)),
    Modification.SERVICE: _Kind(must=("service",), may=("line_id",)),
    Modification.METHOD: _Kind(must=("line_id", "method"), may=("node_id", "ship_to")),
    Modification.STORE: _Kind(must=("line_id", "node_id")),
    Modification.NODE: _Kind(must=("line_id", "node_id")),
    Modification.REPLACE: _Kind(must=("line_id", "quantity", "sku", "new_line_id"), may=("unit_price",)),
}
ADDING = frozenset({Modification.ADD_LINE, Modification.REPLACE})  # the changes that add lines
_AMOUNTS = ("unit_price", "amount", "tax")
_OF_NOTHING = {
    Modification.DISCOUNT: "a discount of 0 gives nothing",
    Modification.APPEASEMENT: "an appeasement of 0 gives nothing",
    Modification.CHARGE: "a charge of 0 has nothing that is paid or taxed",
}
_MOST_PAYMENTS = 50
_MOST_OWN = 10  # each may have three rows in the transaction that ends the order


def check_fields(changes: Sequence[ChangeIn]) -> None:
    """Raise Invalid for each field that a change lacks, each that is of another modification, and each amount of nothing."""
    wrong = [problem for i, one in enumerate(changes) for problem in (*_wrong_fields(i, one), *_of_nothing(i, one))]
    if wrong:
        raise Invalid(*wrong)


def check_callers(changes: Sequence[ChangeIn], *, office: bool) -> None:
    """Raise Forbidden for changes that are for the office alone."""
    wrong = [
        Problem(pointer=f"/changes/{i}/modification", code="office-only", message="the office chooses nodes")
        for i, one in enumerate(changes)
        if one.modification == Modification.NODE and not office
    ]
    if wrong:
        raise Forbidden("the nodes of an order are chosen by the office", *wrong)


def _wrong_fields(i: int, one: ChangeIn) -> Iterator[Problem]:
    must, may = _KINDS[one.modification].must, _KINDS[one.modification].may
    for name in ChangeIn.model_fields:
        if name == "modification":
            continue
        given = getattr(one, name) is not None
        if name in must and not given:
            yield Problem(pointer=f"/changes/{i}/{name}", code="missing", message=f"{one.modification} needs {name}")
        elif given and name not in (*must, *may):
            message = f"{one.modification} takes {' and '.join((*must, *may))}"
            yield Problem(pointer=f"/changes/{i}/{name}", code="not-for-kind", message=message)


def _of_nothing(i: int, one: ChangeIn) -> Iterator[Problem]:
    if one.amount is not None and not one.amount.amount and one.modification in _OF_NOTHING:
        message = _OF_NOTHING[Modification(one.modification)]
        yield Problem(pointer=f"/changes/{i}/amount", code="too-small", message=message)


def made(one: ChangeIn, tax_table: str) -> WantedChange:
    """Return a change that needs no order as the domain knows it. Its fields were checked. `tax_table` says the tax of a
    charge that comes without one; empty: it has none."""
    make = _KINDS[one.modification].make
    if make is None:
        raise RuntimeError(f"{one.modification} is made of the order")
    change = make(one)
    return replace(change, tax_table=tax_table) if isinstance(change, NewCharge) and one.tax is None else change


def new_skus(one: Wanted) -> set[str]:
    """Return the skus of the units that a change adds by further lines."""
    if isinstance(one, NewLines):
        return {line.sku for line in one.lines}
    return {one.sku} if isinstance(one, Replacement) else set()


def priced_skus(order: Order, one: Wanted) -> set[str]:
    """Return the skus of the units that a change adds, also to a line, and of bundles."""
    if isinstance(one, NewQuantity):
        return {row.sku for row in order.as_sent() if row.line_id == one.line_id}
    return new_skus(one) | ({bundle.sku for bundle in one.bundles} if isinstance(one, NewLines) else set())


def check_currency(given: ChangesIn, order: Order) -> None:
    """Raise Invalid for each amount in another currency than the order's, and for too many payments."""
    amounts = [
        (f"/changes/{i}/{name}", amount)
        for i, one in enumerate(given.changes)
        for name in _AMOUNTS
        if (amount := getattr(one, name)) is not None
    ]
    for i, one in enumerate(given.changes):
        amounts += [(f"/changes/{i}{at}", amount) for at, amount in amounts_of_lines(one.lines or ())]
    _check(order, amounts, given.payments)


def check_payments(order: Order, payments: Sequence[PaymentIn]) -> None:
    """Raise Invalid for each payment in another currency than the order's, and for too many payments."""
    _check(order, [], payments)


def _check(order: Order, amounts: list[tuple[str, Amount]], payments: Sequence[PaymentIn]) -> None:
    for i, payment in enumerate(payments):
        amounts += [(f"/payments/{i}/authorized", payment.authorized)]
        amounts += [(f"/payments/{i}/captured", payment.captured)] if payment.captured else []
    wrong = [
        Problem(pointer=at, code="mixed-currencies", message=f"{a.currency}, the order is in {order.currency}")
        for at, a in amounts
        if a.currency != order.currency
    ]
    told = sum(t.renews is None and bool(t.reference or not t.outside) for t in order.payments)  # renewals are our own
    if told + len(payments) > _MOST_PAYMENTS:
        message = f"an order has at most {_MOST_PAYMENTS} payments"
        wrong.append(Problem(pointer="/payments", code="too-many", message=message))
    given = [one for one in payments if one.reference is None and one.method not in PAID_AT_HAND_OVER]
    own = [*(t for t in order.payments if t.provider == OWN), *given]
    if len(own) > _MOST_OWN:
        message = f"an order has at most {_MOST_OWN} payments by gift cards and store credit"
        wrong.append(Problem(pointer="/payments", code="too-many", message=message))
    if wrong:
        raise Invalid(*wrong)
