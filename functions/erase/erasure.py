"""
Decide whether a customer may be erased, and erase as many orders and drafts as fit one call.

Called by   functions/erase/handler.py
Returns     200 when nothing is left of the customer, 202 when the sweeper erases the rest
Raises      OpenOrders with each order that needs its customer; NotFound for a customer that does not exist
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from aws_lambda_powertools import Logger

from comanda.aws.api import http
from comanda.aws.api.callers import caller
from comanda.aws.api.http import Answer
from comanda.aws.api.resolver import Response
from comanda.aws.books import erased_debtors
from comanda.aws.customers import case_erasure, customer_erasure, customer_lookup, customer_merges, needed_contacts
from comanda.aws.customers.erasures import Erasure, ErasureEnded
from comanda.aws.directory import directory
from comanda.aws.drafts import draft_contacts, draft_erasure
from comanda.aws.files import stored_documents
from comanda.aws.orders import orders
from comanda.aws.runtime import clock, deadline
from comanda.aws.runtime.retries import retry
from comanda.domain import ids
from comanda.domain.errors import NotAllowed, NotFound, OpenOrders, StaleOrder, Unfinished
from comanda.domain.lifecycle.erase import ARRIVES_WITHIN
from comanda.domain.orders.customer_merge import Person

logger = Logger()

MOST = 100  # orders that one call erases, and drafts

type Found = tuple[str, str]  # an order or a draft, and its customer


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """The orders, the drafts and the cases of a person that are to be erased."""

    orders: Sequence[Found]
    drafts: Sequence[Found]
    cases: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.orders or self.drafts or self.cases)

    def __len__(self) -> int:
        return len(self.orders) + len(self.drafts)

    def last(self) -> str:
        """Return the id up to which orders are hidden. Those of cases and drafts come before all ids of orders."""
        return max(self.orders or self.drafts)[0] if len(self) else max(self.cases)


@dataclass(slots=True)
class _Done:
    """The orders and drafts that one call has erased, and whether that ended the erasure."""

    orders: int = 0
    drafts: int = 0
    kept: list[str] = field(default_factory=list)  # orders that came to need their customer meanwhile
    given_away: int = 0  # drafts that were given to somebody else meanwhile
    moved: int = 0  # drafts that came to another customer of the person meanwhile, and are still to be erased
    ended: bool = False

    def __len__(self) -> int:
        return self.orders + len(self.kept) + self.drafts + self.given_away


def erase(event: dict[str, Any], customer_id: str) -> Response[str]:
    """Hide the person and erase their orders, under every customer that was merged. Nothing is erased while one order needs them."""
    who, now = caller(event), clock.now()
    if not ids.is_customer(customer_id):
        raise NotFound("customer", customer_id[:80])
    wanted = _begin(customer_id, who.id, now)
    person = customer_merges.person(customer_id)
    done = _erase(Erasure(person=person), wanted) if person.erasing else _Done(ended=True)
    left = 0 if done.ended else max(1, len(wanted) - len(done) + done.moved)
    body = {
        "customer_id": person.root.customer_id,
        "erased_at": person.root.erased_at,
        "orders": done.orders,
        "drafts": done.drafts,
        "left": left,
        "kept": done.kept,
    }
    return http.respond(Answer(status=202 if left else 200, body=body))


def _begin(customer_id: str, actor: str, now: datetime) -> _Wanted:
    """Hide the person, and return what is to be erased. Of a merge at the same moment one is first: then look again."""

    def find_and_hide() -> _Wanted:
        person = customer_merges.person(customer_id)
        wanted = _Wanted(orders=_orders_of(person), drafts=_drafts_of(person), cases=_cases_of(person))
        if not wanted and person.root.erased_at is None:
            raise NotFound("customer", customer_id)
        if open_orders := needed_contacts.of_orders([order_id for order_id, _ in wanted.orders], _contact_days, now):
            raise OpenOrders(open_orders)
        if wanted:
            customer_erasure.begin(person, wanted.last(), actor, now)
        return wanted

    return retry(customer_merges.TRIES, find_and_hide, on=customer_merges.StaleCustomer)


def _orders_of(person: Person) -> list[Found]:
    """Return the orders of every customer that is the person, the oldest first."""
    members = [one.customer_id for one in person.members]
    return sorted((order_id, one) for one in members for order_id in customer_lookup.all_orders_of(one))


def _drafts_of(person: Person) -> list[Found]:
    """Return the drafts of every customer that is the person."""
    members = [one.customer_id for one in person.members]
    return [(draft_id, one) for one in members for draft_id in draft_erasure.of_customer(one)]


def _cases_of(person: Person) -> list[str]:
    """Return the cases that are listed for every customer that is the person."""
    return [case_id for one in person.members for case_id in case_erasure.of_customer(one.customer_id)]


def go_on(customer_id: str) -> None:
    """Go on with an erasure that was begun. Orders that were placed meanwhile, and drafts that were begun, stay."""
    person = customer_merges.person(customer_id)
    if not person.erasing:
        return
    hidden = [found for found in _orders_of(person) if found[0] <= person.root.hidden]
    done = _erase(Erasure(person=person), _Wanted(orders=hidden, drafts=_hidden_drafts(person)))
    if done.kept:
        logger.warning("orders came to need their customer during the erasure", extra={"orders": done.kept})


def _hidden_drafts(person: Person) -> list[Found]:
    """Return the drafts of the person that were begun before the erasure was."""
    begun = draft_contacts.begun_until(person.root.erased_at or "")
    return [found for found in _drafts_of(person) if begun(found[0])]


def _erase(erasure: Erasure, wanted: _Wanted) -> _Done:
    """Erase as many of the drafts and orders as the time allows, at most 100 of each, and return how many. The last one ends the
    erasure."""
    done, root = _Done(), erasure.person.root.customer_id
    try:
        _erase_some(erasure, wanted, done)
        if len(done) == len(wanted):
            done.moved = len(_hidden_drafts(customer_merges.person(root)))
            if not done.moved:
                _end(erasure)
                done.ended = True
    except Unfinished:
        logger.info("erasure goes on later", extra={"orders": done.orders, "left": len(wanted) - len(done)})
    except ErasureEnded:
        logger.info("another process has ended the erasure")
        done.ended = not customer_merges.person(root).erasing
    return done


def _erase_some(erasure: Erasure, wanted: _Wanted, done: _Done) -> None:
    members = [one.customer_id for one in erasure.person.members]
    for draft_id, _ in wanted.drafts[:MOST]:
        deadline.check()
        erased = draft_erasure.erase(members, draft_id, erasure, clock.now())
        done.drafts, done.given_away = done.drafts + erased, done.given_away + (not erased)
    for order_id, customer_id in wanted.orders[:MOST]:
        deadline.check()
        try:
            taken = customer_erasure.take_away(customer_id, order_id, _contact_days, erasure, clock.now())
        except NotAllowed:  # it came to need its customer meanwhile: it stays whole, and is found again at the end
            done.kept.append(order_id)
            continue
        if taken:
            retry(orders.COLLISIONS, partial(_forget_debtor, customer_id, order_id, erasure), on=StaleOrder)
            stored_documents.delete_all(order_id)
            customer_erasure.erase_contact(customer_id, order_id, erasure, clock.now())
        done.orders += 1


def _forget_debtor(customer_id: str, order_id: str, erasure: Erasure) -> None:
    """Take the customer of an order out of their credit accounts in its channel, if nobody owes anything there."""
    if (whose := customer_erasure.taken_from(customer_id, order_id)) is not None:
        channel = orders.load(order_id).channel
        erased_debtors.forget(channel, whose, erasure.goes_on(), erasure.actor, clock.now())


def _contact_days(channel: str) -> int:
    """Return the days after its shipment in which a parcel of a channel may need its contact."""
    doc = directory.find(directory.CHANNEL, channel) or {}
    days = doc.get("contact_days_after_shipment")
    return ARRIVES_WITHIN if days is None else int(days)


def _end(erasure: Erasure) -> None:
    for one in erasure.person.members:
        case_erasure.erase_of_customer(one.customer_id, erasure, clock.now())
    customer_erasure.finish(erasure)
