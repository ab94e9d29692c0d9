"""
Read what a request wants credited, and hold a person to their limit. Pure.

Called by   functions/credit/handler.py
Returns     what is to be credited, as the domain has it
Raises      Invalid for fields that do not fit; Forbidden for more than a person may give
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from comanda.domain import limits
from comanda.domain.billing.credit_notes import All, Amount, Charges, Units, Wanted
from comanda.domain.errors import Invalid, Problem
from comanda.domain.lifecycle.changes import giving
from comanda.domain.orders import bundles
from comanda.domain.orders.order import Order
from functions.credit.contract import CreditNoteIn

# The fields that each kind of credit must have, and those that it may have.
_MUST: Mapping[str, Sequence[str]] = {"LINES": ("lines",), "AMOUNT": ("amount",)}
_MAY: Mapping[str, Sequence[str]] = {
    "LINES": ("lines", "keep_charges"),
    "CHARGES": ("amount",),
    "AMOUNT": ("amount",),
}
_FIELDS = ("lines", "keep_charges", "amount")


def check(given: CreditNoteIn) -> None:
    """Raise Invalid for fields that do not belong to the kind of credit, and for those that are missing."""
    if wrong := list(_problems(given)):
        raise Invalid(*wrong)


def _problems(given: CreditNoteIn) -> Iterator[Problem]:
    for name in _FIELDS:
        sent = bool(getattr(given, name))
        if sent and name not in _MAY.get(given.credit, ()):
            yield Problem(pointer=f"/{name}", code="not-used", message=f"does not belong to a credit of {given.credit}")
        if not sent and name in _MUST.get(given.credit, ()):
            yield Problem(pointer=f"/{name}", code="missing", message=f"is required for a credit of {given.credit}")
    if given.amount is not None and not given.amount.amount:
        yield Problem(pointer="/amount/amount", code="too-small", message="is at least 1")


def wanted(order: Order, given: CreditNoteIn) -> Wanted:
    """Return what is to be credited. A bundle's line stands for its components. Raises Invalid."""
    if given.amount is not None and given.amount.currency != order.currency:
        message = f"the order is in {order.currency}"
        raise Invalid(Problem(pointer="/amount/currency", code="wrong-currency", message=message))
    match given.credit:
        case "LINES":
            return Units(units=_units(order, given), keep_charges=given.keep_charges)
        case "CHARGES":
            return Charges(amount=None if given.amount is None else given.amount.amount)
        case "AMOUNT" if given.amount is not None:
            return Amount(amount=given.amount.amount)
    return All()


def _units(order: Order, given: CreditNoteIn) -> dict[str, int]:
    """Return the units of each line. Raises Invalid for each line that is unknown, or stands twice."""
    known = {row.line_id for row in order.as_sent()}
    of_bundle = {line.line_id: line.component.bundle for line in order.lines if line.component}
    named = {one.line_id for one in given.lines or ()}
    found: dict[str, int] = {}
    wrong = []
    for i, one in enumerate(given.lines or ()):
        at = f"/lines/{i}/line_id"
        if one.line_id not in known:
            message = f"{one.line_id} is not a line of this order"
            wrong.append(Problem(pointer=at, code="unknown-line", message=message))
        elif one.line_id in found or of_bundle.get(one.line_id) in named:
            message = f"{one.line_id} stands twice, by itself or with its bundle"
            wrong.append(Problem(pointer=at, code="duplicate", message=message))
        found[one.line_id] = one.quantity
    if wrong:
        raise Invalid(*wrong)
    return bundles.units_in_sets(order, found) if order.bundles else found


def require_limit(before: Order, after: Order, may: Mapping[str, Any], given: CreditNoteIn) -> None:
    """Raise Forbidden if a person gives more on the order than the person may, together with everybody else."""
    at = "/amount/amount" if given.amount is not None else "/lines" if given.lines else "/credit"
    was, now = (
        limits.Sale(currency=order.currency, given=giving.given_after_sale(order), given_at=at)
        for order in (before, after)
    )
    limits.require(was, now, limits.Limits.stored(may))
