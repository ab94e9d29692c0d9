"""Spell the keys of the Customers table: contacts, customers, searches, notes of who read what, and earlier orders."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from comanda.aws.dynamodb.keys.orders import ORDERS
from comanda.aws.dynamodb.keys.spelling import HEADER, Key, plain_text, text, time, time_of

LEGAL_COPIES = "I#"


def contact(order_id: str, version: int) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"V#{version}"}


def proof(order_id: str, provision: int) -> Key:
    return {"pk": ORDERS + order_id, "sk": f"PF#{provision:03d}"}


def legal_copy(order_id: str, number: int) -> Key:
    """Return the key of the seller and the buyer of an invoice, which the law keeps."""
    return {"pk": ORDERS + order_id, "sk": f"{LEGAL_COPIES}{number:03d}"}


def is_legal_copy(row: Mapping[str, Any]) -> bool:
    """Return True for a row that an erasure leaves, among the rows of an order in Customers."""
    return str(row["sk"]).startswith(LEGAL_COPIES)


def pending_change(order_id: str) -> Key:
    """Return the key of the change that waits for money, in Customers."""
    return {"pk": ORDERS + order_id, "sk": "CH#pending"}


def is_contact(row: Mapping[str, Any]) -> bool:
    """Return True for a version of an order's contact, among the rows of an order in Customers."""
    return str(row["sk"]).startswith("V#")


def contact_version_of(row: Mapping[str, Any]) -> int:
    return int(row["sk"].removeprefix("V#"))


def customer(customer_id: str) -> Key:
    """Return the key of the row that says when a customer was erased, and into which one it was merged."""
    return {"pk": customer_page(customer_id), "sk": HEADER}


def customer_page(customer: str) -> str:
    return f"C#{text(customer)}"


def by_customer(customer: str, placed_at: datetime, order_id: str) -> Key:
    return {"gsi1pk": customer_page(customer), "gsi1sk": f"{time(placed_at)}#{order_id}"}


def customer_id_of(row: Mapping[str, Any]) -> str:
    customer_id: str = row["pk"].removeprefix("C#")
    return customer_id


def merged(customer_id: str, merged_id: str) -> Key:
    """Return the key of the row beside a customer that names another one, which was merged into it."""
    return {"pk": customer_page(customer_id), "sk": f"M#{merged_id}"}


def merged_customer_of(row: Mapping[str, Any]) -> str:
    """Return the id of the merged customer from the row beside the other one."""
    merged_id: str = row["sk"].removeprefix("M#")
    return merged_id


def order_of_customer(customer_id: str, order_id: str) -> Key:
    """Return the key of an order among those of a customer. They have the order of their ids, which is that of time."""
    return {"pk": customer_page(customer_id), "sk": f"{ORDERS}{order_id}"}


def order_id_of_customer(row: Mapping[str, Any]) -> str:
    """Return the id of the order from its row among those of a customer."""
    order_id: str = row["sk"].removeprefix(ORDERS)
    return order_id


def audit(person: str, at: datetime, act: str, subject: str) -> Key:
    """Return the key of the note of an act of a person: that they read the contact of an order, searched a customer, or the like."""
    return {"pk": audit_page(person, f"{time(at)[:6]}"), "sk": f"{time(at)}#{act}#{subject}"}


def audit_page(person: str, yyyymm: str) -> str:
    """Return the partition of the acts of a person in a month."""
    return f"AU#{text(person)}#{yyyymm}"


def audit_of(subject: str, at: datetime, act: str, person: str) -> Key:
    """Return the key by which an act is found among those on an order or a customer."""
    return {"pk": audited_page(subject), "sk": f"{time(at)}#{act}#{text(person)}"}


def audited_page(subject: str) -> str:
    """Return the partition of the acts on an order or a customer."""
    return f"AS#{text(subject)}"


def by_email(identity: str, customer_id: str, order_id: str) -> Key:
    """Return the key of a customer's order by its e-mail. `identity` is a keyed hash."""
    return {"pk": email_page(identity), "sk": f"{customer_id}#{order_id}"}


def email_page(identity: str) -> str:
    return f"E#{identity}"


def by_phone(identity: str, customer_id: str, order_id: str) -> Key:
    """Return the key of a customer's order by its phone. `identity` is a keyed hash."""
    return {"pk": phone_page(identity), "sk": f"{customer_id}#{order_id}"}


def phone_page(identity: str) -> str:
    return f"P#{identity}"


def by_name(folded: str, customer_id: str, order_id: str) -> Key:
    """Return the key of a customer's order by its name, which is folded."""
    return {"pk": name_page(folded), "sk": f"{text(folded)}#{customer_id}#{order_id}"}


def name_page(folded: str) -> str:
    """Return the partition of all names whose first word begins with the same three letters, or is the same shorter word."""
    return f"N#{beginning_of_name(folded)}"


def beginning_of_name(folded: str) -> str:
    return text(folded.partition(" ")[0][:3])


def by_former_name(folded: str, customer_id: str, order_id: str) -> Key:
    """Return the key by which a name was found before short words had partitions of their own."""
    return {"pk": f"N#{text(folded[:3])}", "sk": by_name(folded, customer_id, order_id)["sk"]}


def name_prefix(folded: str) -> str:
    """Return the beginning of the sort keys of all names that begin so."""
    return text(folded)


def after_prefix(prefix: str) -> str:
    """Return a sort key after every one that begins with the prefix."""
    return f"{prefix}~"


def before_customer(row: Mapping[str, Any]) -> str:
    """Return a sort key before those of all orders of the row's customer in the same search."""
    prefix: str = row["sk"].rpartition("#")[0]
    return f"{prefix}#"


def customer_and_order_of(row: Mapping[str, Any]) -> tuple[str, str]:
    """Return the ids of the customer and the order from a row of a search."""
    customer_id, order_id = row["sk"].split("#")[-2:]
    return customer_id, order_id


def name_of_row(row: Mapping[str, Any]) -> str:
    """Return the folded name from a row by which a customer or a draft is found by a name."""
    return plain_text(row["sk"].partition("#")[0])


def velocity(kind: str, identity: str, placed_at: datetime, order_id: str) -> Key:
    """Return the key of an order among those of one customer, e-mail, phone or address. `identity` is a keyed hash."""
    return {"pk": velocity_page(kind, identity), "sk": f"{time(placed_at)}#{order_id}"}


def velocity_count(kind: str, identity: str) -> Key:
    """Return the key of the number of orders that were counted under an identity. It comes after those of all orders."""
    return {"pk": velocity_page(kind, identity), "sk": "~"}


def is_velocity_count(row: Mapping[str, Any]) -> bool:
    """Return True for the number of orders, among the rows of orders."""
    return bool(row["sk"] == "~")


def velocity_page(kind: str, identity: str) -> str:
    return f"V#{kind}#{identity}"


def after_time(at: datetime) -> str:
    """Return a sort key after every row whose sort key begins with this time."""
    return f"{time(at)}$"


def order_of_velocity(row: Mapping[str, Any]) -> tuple[datetime, str]:
    """Return the time and the id of the order that a row of velocity counts."""
    placed, order_id = row["sk"].split("#", 1)
    return time_of(placed), order_id
