"""Spell the keys of drafts in the Orders table, and of the rows in Customers by which they are found."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb.keys.customers import beginning_of_name, customer_page
from comanda.aws.dynamodb.keys.orders import EVENTS, MAILS, TASKS
from comanda.aws.dynamodb.keys.queues import queue_page
from comanda.aws.dynamodb.keys.spelling import HEADER, Key, shard, text, time

DRAFTS = "DR#"  # the partition of a draft begins with it


def draft(draft_id: str) -> Key:
    return {"pk": DRAFTS + draft_id, "sk": HEADER}


def draft_id_of(row: Mapping[str, Any]) -> str:
    """Return the id of the draft that a row of Orders or Customers belongs to."""
    draft_id: str = row["pk"].removeprefix(DRAFTS)
    return draft_id


def draft_event(draft_id: str, version: int) -> Key:
    return {"pk": DRAFTS + draft_id, "sk": f"{EVENTS}{version:08d}"}


def draft_mail(draft_id: str, event: str, role: str) -> Key:
    return {"pk": DRAFTS + draft_id, "sk": f"{MAILS}{event}#{role}"}


def quote_number(number: str) -> Key:
    """Return the key of the row that names the draft of a quote."""
    return {"pk": f"Q#{text(number)}", "sk": HEADER}


def draft_look(draft_id: str) -> Key:
    """Return the key of the row by which the sweeper finds a draft."""
    return {"pk": DRAFTS + draft_id, "sk": f"{TASKS}look"}


def draft_look_due(at: datetime, draft_id: str) -> Key:
    """Return the index key of that row: its place among the drafts to look at, by the time for it. The queue `drafts` is of
    orders that wait for sales."""
    return {"gsi3pk": queue_page("draft-looks", shard(draft_id)), "gsi3sk": f"{time(at)}#{draft_id}"}


def open_cart(channel: str, customer_id: str) -> Key:
    """Return the key of the row that names the open cart of a customer."""
    return {"pk": f"CART#{text(channel)}#{customer_id}", "sk": HEADER}


def draft_of_customer(customer_id: str, draft_id: str) -> Key:
    """Return the key of a draft among those of a customer. They come after the orders, in the order of their ids, which is that
    of time."""
    return {"pk": customer_page(customer_id), "sk": f"PREPARED#{draft_id}"}


def draft_id_of_search(row: Mapping[str, Any]) -> str:
    """Return the id of the draft from its row among those of a customer, or of a search."""
    draft_id: str = row["sk"].rpartition("#")[2]
    return draft_id


def draft_by_email(identity: str, draft_id: str = "") -> Key:
    """Return the key by which a draft is found by an e-mail. `identity` is a keyed hash. Without `draft_id` it is the
    beginning of all these keys."""
    return {"pk": f"DE#{identity}", "sk": f"#{draft_id}"}


def draft_by_phone(identity: str, draft_id: str = "") -> Key:
    """Return the key by which a draft is found by a phone. `identity` is a keyed hash."""
    return {"pk": f"DP#{identity}", "sk": f"#{draft_id}"}


def draft_by_name(folded: str, draft_id: str) -> Key:
    """Return the key by which a draft is found by a name, which is folded."""
    return {"pk": draft_names(folded)["pk"], "sk": f"{text(folded)}#{draft_id}"}


def draft_names(folded: str) -> Key:
    """Return the beginning of the keys of all drafts with a name that begins so."""
    return {"pk": f"DN#{beginning_of_name(folded)}", "sk": text(folded)}


def draft_by_former_name(folded: str, draft_id: str) -> Key:
    """Return the key by which a name was found before short words had partitions of their own."""
    return {"pk": f"DN#{text(folded[:3])}", "sk": f"{text(folded)}#{draft_id}"}
