"""
Load and save cases, each with its event and its text in one transaction.

A case of an order is a child of the order (`C#`), and is saved beside it: the order has no version of it. Its texts are in
Customers, the only table with personal data, under the case's id. Its events (`CE#`) have a place in an index until they are
on the bus, so that the sweeper finds those that were missed.

Called by   functions/cases, functions/customers; comanda.aws.cases and comanda.aws.customers.case_erasure
Returns     cases, texts and events
Raises      NotFound; StaleOrder (Busy) when another process saved the case first
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from heapq import merge
from itertools import islice
from typing import Any

from comanda.aws.dynamodb import customer_pages, keys, list_pages, reads, transaction
from comanda.aws.dynamodb.items import pack, unpack
from comanda.aws.dynamodb.transaction import Write
from comanda.aws.runtime.retries import retry
from comanda.aws.runtime.settings import settings
from comanda.domain.cases import document, views
from comanda.domain.cases.case import Case, CaseDecision, CaseText
from comanda.domain.errors import NotFound, StaleOrder

TRIES = 20  # decisions on a case, each of a few milliseconds, before a door answers 503
KEPT = timedelta(days=400)  # the texts of a case without a customer, and the notes of mails


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseSaving:
    """A decision, and the writes that belong to it in the same transaction. `first` are those whose refusal says more than
    that the case is stale. `customer_id` is that of a new case's customer."""

    decision: CaseDecision
    customer_id: str | None = None
    first: Sequence[Write] = ()
    also: Sequence[Write] = ()


def find(case_id: str) -> Case | None:
    """Return the case as it is now, None when there is none."""
    row = reads.get(settings.orders_table, keys.case(case_id))
    return None if row is None else case_of_item(row)


def load(case_id: str) -> Case:
    """Return the case as it is now. Raises NotFound."""
    found = find(case_id)
    if found is None:
        raise NotFound("case", case_id)
    return found


def case_of_item(row: dict[str, Any]) -> Case:
    return document.to_case(unpack(row["doc"]))


def of_order(order_id: str) -> list[Case]:
    """Return all cases of an order, the oldest first."""
    rows = reads.query(
        settings.orders_table,
        "pk = :pk AND begins_with(sk, :cases)",
        consistent=True,
        pk=keys.order(order_id)["pk"],
        cases=keys.CASES,
    )
    return [case_of_item(row) for row in rows]


def of_owner(owner: str, after: str, limit: int) -> tuple[list[Case], str | None]:
    """Return a page of the cases of an owner that are not closed, the first due one first, and the key to go on after."""
    rows, more = list_pages.page("GSI3", list_pages.queue(keys.cases_of(owner)), after, limit)
    return [case for case in map(case_of_item, rows) if case.owner == owner and not case.closed], more


def of_person(
    customer_ids: Iterable[str], seen: Callable[[str | None], bool], after: str, limit: int
) -> tuple[list[Case], str | None]:
    """Return a page of the cases of customers that are one person, those whose channels are `seen`, the newest first, and the
    key to go on after."""
    found = (customer_pages.newest(one, keys.CASES_OF_CUSTOMER, seen, after, limit) for one in customer_ids)
    page = list(islice(merge(*((row["sk"] for row in rows) for rows in found), reverse=True), limit + 1))
    named = [keys.case_id_of({"sk": sk}) for sk in page[:limit]]
    loaded = {case.case_id: case for case in load_many(named)}
    return [loaded[name] for name in named if name in loaded], page[limit - 1] if len(page) > limit else None


def listed_for_customer(customer_id: str) -> Iterator[dict[str, Any]]:
    """Yield the keys of the rows that list the cases of a customer, the oldest first."""
    return _listed(customer_id, keys.CASES_OF_CUSTOMER)


def listed_for_guest(guest_id: str) -> Iterator[dict[str, Any]]:
    """Yield the keys of the rows that list the cases to which the e-mail address of a guest wrote, the oldest first."""
    return _listed(guest_id, keys.CASES_OF_SENDER)


def _listed(customer_id: str, first: str) -> Iterator[dict[str, Any]]:
    return reads.query(
        settings.customers_table,
        "pk = :pk AND begins_with(sk, :cases)",
        consistent=True,
        only=("pk", "sk"),
        pk=keys.customer_page(customer_id),
        cases=first,
    )


def load_many(case_ids: Iterable[str]) -> list[Case]:
    """Return the cases that exist, in any order."""
    return [case_of_item(row) for row in reads.batch(settings.orders_table, map(keys.case, case_ids))]


def last_number(order_id: str) -> int:
    """Return the number of the newest case of an order, 0 when it has none."""
    rows = reads.query(
        settings.orders_table,
        "pk = :pk AND begins_with(sk, :cases)",
        consistent=True,
        only=("sk",),
        together=1,
        newest=True,
        pk=keys.order(order_id)["pk"],
        cases=keys.CASES,
    )
    return next((keys.case_number_of(row) for row in rows), 0)


def texts(case_id: str, after: int = 0, limit: int | None = None) -> list[CaseText]:
    """Return the texts of a case behind a number, the oldest first, all of them without a limit."""
    rows = reads.query(
        settings.customers_table,
        "pk = :pk AND sk > :after",
        consistent=True,
        together=limit or 0,
        pk=keys.case_texts(case_id),
        after=keys.case_text(case_id, after)["sk"],
    )
    return [document.to_text(row["number"], unpack(row["doc"])) for row in islice(rows, limit)]


def customer_of(case: Case) -> str | None:
    """Return the id of the customer whose case it is. None: nobody is known, or they were erased."""
    row = reads.get(settings.customers_table, keys.case_text(case.case_id, 1)) if case.has_customer else None
    return None if row is None else row.get("customer")


def last_events(case_id: str, most: int) -> list[dict[str, Any]]:
    """Return the newest events of a case as the API shows them, the oldest first."""
    rows = reads.query(
        settings.orders_table,
        "pk = :pk AND begins_with(sk, :events)",
        consistent=True,
        together=most,
        newest=True,
        pk=keys.case(case_id)["pk"],
        events=keys.case_events(case_id),
    )
    found = [views.event({**row, "data": unpack(row["data"])}) for row in islice(rows, most)]
    return found[::-1]


def save(before: Case | None, saving: CaseSaving) -> Case:
    """Write a decision whole, or not at all, and return the case as saved. `before` is None for a new case."""
    decision, case = saving.decision, saving.decision.saved
    writes = [*saving.first, _case_write(before, case), _event_write(case, decision), *saving.also]
    if decision.text is not None:
        writes.append(_text_write(case, decision.text, saving.customer_id))
    transaction.commit(writes)
    return case


def decide(case_id: str, rule: Callable[[Case], CaseSaving | None]) -> Case:
    """Load the case, let the rule decide, and save. When another process saved first, the rule decides again.

    A rule that returns None finds nothing to do. Raises what the rule raises, and the last Busy error after twenty tries.
    """

    def load_and_save() -> Case:
        case = load(case_id)
        saving = rule(case)
        return case if saving is None else save(case, saving)

    return retry(TRIES, load_and_save)


def _case_write(before: Case | None, case: Case) -> Write:
    """Return the write of a case. It holds only when the stored case has the version before, or does not exist yet."""
    place = {} if case.closed else keys.case_in_list(case.owner, case.due, case.case_id)
    reminder = {} if case.closed or case.reminded_at else keys.case_reminder(case.due, case.case_id)
    values = {
        **keys.case(case.case_id),
        **place,
        **reminder,
        "case_id": case.case_id,
        "version": case.version,
        "status": case.status,
        "channel": case.channel,
        "doc": pack(document.from_case(case)),
    }
    stale = StaleOrder(case.case_id)
    if before is None:
        return transaction.put_once(settings.orders_table, values, stale)
    return transaction.put(
        settings.orders_table, values, stale, condition="#v = :before", n_v="version", before=before.version
    )


def _event_write(case: Case, decision: CaseDecision) -> Write:
    event = decision.event
    data = {name: str(value) if isinstance(value, str) else value for name, value in event.data.items()}
    values = {
        **keys.case_event(case.case_id, case.version),
        **keys.unsent_case_event(event.at, case.case_id, case.version),
        "case_id": case.case_id,
        "version": case.version,
        "type": event.type,
        "kind": case.kind,
        "status": case.status,
        "channel": case.channel,
        "order_id": case.order_id,
        "actor": event.actor,
        "at": views.time(event.at),
        "data": pack(data),
    }
    return transaction.put_once(settings.orders_table, values, StaleOrder(case.case_id))


def _text_write(case: Case, text: CaseText, customer_id: str | None) -> Write:
    values = {
        **keys.case_text(case.case_id, text.number),
        "number": text.number,
        "customer": customer_id,
        "doc": pack(document.from_text(text)),
        "ttl": None if case.has_customer else int((text.at + KEPT).timestamp()),
    }
    return transaction.put_once(settings.customers_table, values, StaleOrder(case.case_id))
