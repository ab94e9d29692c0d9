"""
Open cases: find their owner and due time, give them an id, and save them with their first text.

Called by   functions/cases/handler.py, functions/cases/mails.py
Returns     the case as saved
Raises      Invalid for an owner or a customer that does not exist; NotAllowed for an order with too many cases; StaleOrder (Busy)
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime

from comanda.aws.cases import case_customers, cases
from comanda.aws.cases.case_customers import CaseCustomer
from comanda.aws.cases.cases import CaseSaving
from comanda.aws.customers import customer_lookup, customer_merges
from comanda.aws.directory import case_terms, directory
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.settings import settings
from comanda.domain import ids, people
from comanda.domain.cases import steps
from comanda.domain.cases.case import MOST_OF_ORDER, Case, CaseKind, CaseStatus, CaseText
from comanda.domain.cases.terms import TEAMS
from comanda.domain.errors import Invalid, NotAllowed, Problem, StaleOrder


class TooManyCases(NotAllowed):
    """The order has as many cases as an order may have."""


_TRIES = 20  # another case of the order may get the number first


def draft(kind: CaseKind, text: CaseText, owner: str | None = None, due: datetime | None = None) -> Case:
    """Return a new case without an id. Its owner and its due time are those of its kind, where none are given."""
    terms = case_terms.terms_of(kind)
    return Case(
        case_id="",
        version=0,
        kind=kind,
        status=CaseStatus.OPEN,
        owner=owner or terms.team,
        due=due or terms.due(text.at),
        opened_at=text.at,
        opened_by=text.by,
    )


def save_new(
    case: Case,
    text: CaseText,
    customer_now: Callable[[], CaseCustomer],
    first: Callable[[Case], Sequence[Write]] = lambda _: (),
) -> Case:
    """Give the case an id, and save it. `customer_now` reads whose it is; `first` makes the writes whose refusal says more than
    that the id is taken, or that the customer was erased meanwhile."""

    def name_and_save() -> Case:
        customer = customer_now()
        named = replace(case, case_id=_new_id(case), has_customer=customer.customer_id is not None)
        decision = steps.open_case(named, text)
        also = customer.writes(decision.saved)
        saving = CaseSaving(decision=decision, customer_id=customer.customer_id, first=first(decision.saved), also=also)
        return cases.save(None, saving)

    return retry(_TRIES, name_and_save, on=StaleOrder)


def _new_id(case: Case) -> str:
    if case.order_id is None:
        return ids.case(settings.cell, ids.ulid(int(case.opened_at.timestamp() * 1000), secrets.randbits(80)))
    number = cases.last_number(case.order_id) + 1
    if number > MOST_OF_ORDER:
        raise TooManyCases(f"the order has {MOST_OF_ORDER} cases: add to one of them")
    return ids.case_of_order(case.order_id, number)


def require_owner(owner: str | None) -> None:
    """Raise Invalid for an owner that is neither a team nor a person of the office."""
    if owner is None or owner in TEAMS:
        return
    row = directory.caller_row("user", owner)
    if row is None or "removed_at" in row or people.OFFICE.isdisjoint(row.get("roles", ())):
        message = f"is neither a team ({', '.join(TEAMS)}) nor the id of a person of the office"
        raise Invalid(Problem(pointer="/owner", code="unknown-owner", message=message))


def known_customer(customer_id: str | None) -> CaseCustomer:
    """Return the customer of a case without an order. Raises Invalid for one that has no orders, or that is being erased."""
    if customer_id is None:
        return case_customers.NOBODY
    person = customer_merges.person(customer_id)
    found, _ = customer_lookup.orders_of(person.hidden(), lambda _: True, "", 1)
    if not found:
        problem = Problem(pointer="/customer_id", code="unknown-customer", message="there is no such customer")
        raise Invalid(problem)
    erased_at = {one.customer_id: one.erased_at for one in person.members}.get(customer_id)
    return case_customers.of_known(customer_id, erased_at)
