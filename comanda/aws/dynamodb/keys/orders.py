"""Spell the keys of the Orders table: an order and its children share a partition."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb.keys.spelling import HEADER, Key, shard, text, time

ORDERS = "O#"  # the partition of an order begins with it
# The sort keys of an order's children begin with these.
CASES = "C#"
CASE_EVENTS = "CE#"
CREDIT_NOTES = "CN#"
DECISIONS = "D#"
DOCUMENTS = "DOC#"
EVENTS = "E#"
FULFILLMENTS = "F#"
INVOICES = "I#"
JOURNALS = "J#"
BILLED = "BC#"
TAX_RECORDS = "TX#"
LINK = "LK"
MAILS = "M#"
MONEY = "P#"
PLANS = "PL#"
PREVIEWS = "PV#"
TASKS = "W#"
TOKENS = "T#"
TRACKING_EVENTS = "TE#"
NUMBERS = "IN#"  # the partition of the number of an invoice or a credit note begins with it
NATURAL_KEYS = "X#"  # the partition of a natural key begins with it


def order(order_id: str) -> Key:
    return {"pk": ORDERS + order_id, "sk": HEADER}


def order_id_of(row: Mapping[str, Any]) -> str:
    """Return the id of the order that a row of Orders or Customers belongs to."""
    order_id: str = row["pk"].removeprefix(ORDERS)
    return order_id


def event(order_id: str, version: int) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"{EVENTS}{version:08d}"}


def decision(order_id: str, number: int, destination: int = 0) -> Key:
    """Return the key of the record of a route, of one for each destination of an order with many."""
    beside = f".{destination:02d}" if destination else ""
    return {"pk": ORDERS + order_id, "sk": f"{DECISIONS}{number:04d}{beside}"}


def plan(order_id: str, plan: str) -> Key:
    return {"pk": ORDERS + order_id, "sk": PLANS + plan}


def preview(order_id: str, preview_id: str) -> Key:
    """Return the key of the preview of a change."""
    return {"pk": ORDERS + order_id, "sk": PREVIEWS + text(preview_id)}


def plan_of(row: Mapping[str, Any]) -> str:
    """Return the name of the plan from its row."""
    name: str = row["sk"].removeprefix(PLANS)
    return name


def fulfillment(order_id: str, number: int) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"{FULFILLMENTS}{number:03d}"}


def fulfillment_number_of(row: Mapping[str, Any]) -> int:
    return int(row["sk"].removeprefix(FULFILLMENTS))


def invoice(order_id: str, number: int) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"{INVOICES}{number:03d}"}


def credit_note(order_id: str, number: int) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"{CREDIT_NOTES}{number:03d}"}


def document(order_id: str, name: str, digest: str) -> Key:
    """Return the key of the row that names the object of a stored document. `digest` is that of all it is made of."""
    return {"pk": ORDERS + order_id, "sk": f"{DOCUMENTS}{name}#{digest}"}


def money(order_id: str, purpose: str, number: int) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"{MONEY}{purpose}#{number:03d}"}


def payment(provider: str, reference: str) -> Key:
    """Return the key by which a provider's payment pays one order alone."""
    return {"pk": f"PAY#{text(provider)}#{text(reference)}", "sk": HEADER}


def provider_event(provider: str, event_id: str) -> Key:
    """Return the key by which a notice of a provider is taken once."""
    return {"pk": f"EV#{text(provider)}#{text(event_id)}", "sk": HEADER}


def provider_notice(provider: str, subject: str) -> Key:
    """Return the key of the item that asks a person about an account, a payment or a refund of a provider."""
    return {"pk": f"PN#{text(provider)}#{text(subject)}", "sk": HEADER}


def token(order_id: str, wait: str) -> Key:
    """Return the key of a task token. `wait` is "order" or a fulfillment's number, three digits."""
    return {"pk": ORDERS + order_id, "sk": TOKENS + wait}


def mail(order_id: str, event: str, role: str) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"{MAILS}{event}#{role}"}


def task(order_id: str, queue: str, item: str) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"{TASKS}{queue}#{text(item)}"}


def tasks_of_queue(queue: str) -> str:
    """Return how the sort keys of an order's items of a queue begin."""
    return f"{TASKS}{queue}#"


def link(order_id: str) -> Key:
    """Return the key of the state of the links to an order: their epoch, and the wrong tries of their holders."""
    return {"pk": ORDERS + order_id, "sk": LINK}


def open_row(order_id: str) -> Key:
    return task(order_id, "open", "0")


def natural(channel: str, external_id: str) -> Key:
    return {"pk": f"{NATURAL_KEYS}{text(channel)}#{text(external_id)}", "sk": HEADER}


def invoice_number(entity: str, series: str, serial: int) -> Key:
    """Return the key by which an invoice is found by its number."""
    return {"pk": f"{NUMBERS}{entity}#{text(series)}#{serial}", "sk": HEADER}


def document_of_day(channel: str, issued_at: datetime, document_id: str, order_id: str) -> Key:
    """Return the index key by which the invoices and credit notes of a channel's UTC day are found, in the order of their issue."""
    at = time(issued_at)
    return {"gsi2pk": documents_page(channel, at[:8], shard(order_id)), "gsi2sk": f"{at}#{document_id}"}


def documents_page(channel: str, yyyymmdd: str, shard: int) -> str:
    return f"DC#{text(channel)}#{yyyymmdd}#{shard}"


def by_day(channel: str, placed_at: datetime, order_id: str) -> Key:
    placed = time(placed_at)
    return {"gsi2pk": day(channel, placed[:8], shard(order_id)), "gsi2sk": f"{placed}#{order_id}"}


def day(channel: str, yyyymmdd: str, shard: int) -> str:
    return f"D#{text(channel)}#{yyyymmdd}#{shard}"
