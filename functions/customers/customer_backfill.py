"""
Name the customer of each order that was placed before customers had ids, so that searches, pages and erasures find the order.
Write the rows by which searches find the customers of older orders by each word of their names.

Called by   functions/customers/handler.py, invoked by people with {"rebuild": "customers", "since": "2026-01-01"}
Returns     how many orders were looked at and how many were named, and the event to go on with; None at the end
Raises      Invalid for a day that is none

It may be run again at any time: an order whose customer is named and found is not written.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from comanda.aws.customers import customer_rows, customers
from comanda.aws.directory import directory
from comanda.aws.dynamodb import list_pages, transaction
from comanda.aws.orders import orders
from comanda.aws.runtime import clock, deadline
from comanda.domain.errors import Invalid, Problem, StaleOrder, Unfinished
from comanda.domain.orders.order import Order

_AT_ONCE = 25


def rebuild(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Name the customers of orders of each channel, day by day, as far as the time allows: at least a page of them."""
    deadline.begin(context)
    looked_at = named = 0
    since, after = _day(event.get("since")), event.get("after", "")
    begun = False
    for day, channel in _days(since, event.get("channel", "")):
        more: str | None = after
        while more is not None:
            if begun and _is_over():
                left = {"rebuild": "customers", "since": day.isoformat(), "channel": channel, "after": more}
                return {"orders": looked_at, "named": named, "next": left}
            page, more = list_pages.page("GSI2", list_pages.days(channel, f"{day:%Y%m%d}"), more, _AT_ONCE)
            named += sum(_name_customer(orders.order_of_item(row)) for row in page)
            looked_at, begun = looked_at + len(page), True
        after = ""
    return {"orders": looked_at, "named": named, "next": None}


def _is_over() -> bool:
    try:
        deadline.check()
    except Unfinished:
        return True
    return False


def _day(given: Any) -> date:
    try:
        return date.fromisoformat(str(given))
    except ValueError as error:
        message = "since takes the UTC day of the first order, like 2026-01-01"
        raise Invalid(Problem(pointer="/since", code="not-a-day", message=message)) from error


def _days(since: date, first: str) -> Iterator[tuple[date, str]]:
    """Yield each day until today with each channel, from the channel `first` of the first day on."""
    channels = sorted(directory.names(directory.CHANNEL))
    for n in range((clock.now().date() - since).days + 1):
        day = since + timedelta(days=n)
        yield from ((day, channel) for channel in channels if n or channel >= first)


def _name_customer(order: Order) -> bool:
    """Name the customer of an order, or write the rows that searches for a named customer need and that are missing.

    Return False if there is nothing to write, and for an order without a contact.
    """
    customer_id = customers.customer_of(order.order_id)
    contacts = [contact for _, _, contact in customers.versions(order.order_id)]
    if not contacts:
        return False
    if customer_id is None:
        writes = customer_rows.of_old(order, contacts)
    else:
        writes = customer_rows.missing(order, customer_id, contacts)
    if not writes:
        return False
    try:
        transaction.commit(writes)
    except StaleOrder:
        return False  # it was erased in this moment
    return True
