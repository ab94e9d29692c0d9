"""Spell the keys of cases in the Orders table, and of their texts in Customers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb.keys.customers import customer_page
from comanda.aws.dynamodb.keys.orders import CASE_EVENTS, CASES, ORDERS
from comanda.aws.dynamodb.keys.queues import queue_page
from comanda.aws.dynamodb.keys.spelling import HEADER, Key, digest, shard, text, time
from comanda.domain import ids


def case(case_id: str) -> Key:
    """Return the key of a case: among the children of its order, or alone in its partition."""
    of = ids.order_of_case(case_id)
    return {"pk": _case_page(case_id), "sk": f"{CASES}{of[1]:03d}" if of else HEADER}


def case_number_of(row: Mapping[str, Any]) -> int:
    """Return the number of a case from its row among the children of its order."""
    return int(row["sk"].removeprefix(CASES))


def _case_page(case_id: str) -> str:
    of = ids.order_of_case(case_id)
    return ORDERS + of[0] if of else f"CS#{case_id}"


def case_in_list(owner: str, due: datetime, case_id: str) -> Key:
    """Return the index key of a case that is not closed: its place among those of its owner, the first due one first."""
    return {"gsi3pk": queue_page(cases_of(owner), shard(case_id)), "gsi3sk": f"{time(due)}#{case_id}"}


def cases_of(owner: str) -> str:
    """Return the name of the list of an owner's cases."""
    return f"cases-{text(owner)}"


def case_reminder(due: datetime, case_id: str) -> Key:
    """Return the index key by which the sweeper finds a case that is late and of which nobody was reminded."""
    return {"gsi2pk": queue_page("case-reminders", shard(case_id)), "gsi2sk": f"{time(due)}#{case_id}"}


def case_event(case_id: str, version: int) -> Key:
    return {"pk": _case_page(case_id), "sk": f"{case_events(case_id)}{version:06d}"}


def case_events(case_id: str) -> str:
    """Return the beginning of the sort keys of the events of a case."""
    of = ids.order_of_case(case_id)
    return f"{CASE_EVENTS}{of[1] if of else 0:03d}#"


def unsent_case_event(at: datetime, case_id: str, version: int) -> Key:
    """Return the index key that an event of a case has until it is on the bus."""
    return {"gsi3pk": queue_page("case-events", shard(case_id)), "gsi3sk": f"{time(at)}#{case_id}#{version:06d}"}


CASES_OF_CUSTOMER = "Q#"  # after the orders: what stands before them are merged customers


def case_of_customer(customer_id: str, opened_at: datetime, case_id: str) -> Key:
    """Return the key of a case among those of a customer, in the order in which they were opened."""
    return {"pk": customer_page(customer_id), "sk": f"{CASES_OF_CUSTOMER}{time(opened_at)}#{case_id}"}


CASES_OF_SENDER = "SENT#"


def case_of_sender(guest_id: str, opened_at: datetime, case_id: str) -> Key:
    """Return the key of a case among those to which an e-mail address wrote. `guest_id` is the customer that a guest with this
    address is."""
    return {"pk": customer_page(guest_id), "sk": f"{CASES_OF_SENDER}{time(opened_at)}#{case_id}"}


def mails_of_sender(guest_id: str, yyyymmdd: str) -> Key:
    """Return the key of the number of mails of an e-mail address on a UTC day that reached a case."""
    return {"pk": f"CF#{guest_id}", "sk": f"DAY#{yyyymmdd}"}


def case_id_of(row: Mapping[str, Any]) -> str:
    """Return the id of the case from its row among those of a customer or a sender."""
    case_id: str = row["sk"].rpartition("#")[2]
    return case_id


def case_text(case_id: str, number: int) -> Key:
    return {"pk": case_texts(case_id), "sk": f"T#{number:03d}"}


def case_texts(case_id: str) -> str:
    """Return the partition of the texts of a case."""
    return f"CS#{case_id}"


def case_mail(message_id: str) -> Key:
    """Return the key of the note that a mail was taken."""
    return {"pk": f"CM#{digest(message_id)}", "sk": HEADER}
