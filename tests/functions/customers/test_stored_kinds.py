"""
Every kind of row that is stored of a person is exported, if it has words of theirs, and is erased with them.

The list of kinds is that of the code: a key that is spelled for the table Customers is in KINDS, and occurs in the table here.
"""

import inspect
import json
from typing import Any

import pytest

from comanda.aws.dynamodb.items import unpack
from comanda.aws.dynamodb.keys import cases, customers, drafts
from tests.functions.cases.desk import PROVEN, closed_cases, opened, send_mail
from tests.functions.customers.test_customer_export import exported
from tests.functions.drafts import acts
from tests.functions.erase.test_erase import customer_of, erase, velocity_rule
from tests.functions.world import World, a_body, usd

WORDS, FOUND, KEPT = "exported and erased", "erased", "ends by itself"
BY_LAW = "kept by law, and exported as the contact that it is a copy of"
# By the function that spells its key: the beginnings of its keys, and what becomes of it.
KINDS = {
    "contact": ("O#", "V#", WORDS),
    "proof": ("O#", "PF#", WORDS),
    "pending_change": ("O#", "CH#", WORDS),
    "legal_copy": ("O#", "I#", BY_LAW),
    "draft": ("DR#", "#", WORDS),
    "case_text": ("CS#", "T#", WORDS),
    "customer": ("C#", "#", KEPT),
    "merged": ("C#", "M#", FOUND),
    "order_of_customer": ("C#", "O#", FOUND),
    "draft_of_customer": ("C#", "PREPARED#", FOUND),
    "case_of_customer": ("C#", "Q#", FOUND),
    "case_of_sender": ("C#", "SENT#", FOUND),
    "by_email": ("E#", "cus_", FOUND),
    "by_phone": ("P#", "cus_", FOUND),
    "by_name": ("N#", "", FOUND),
    "draft_by_email": ("DE#", "#", FOUND),
    "draft_by_phone": ("DP#", "#", FOUND),
    "draft_by_name": ("DN#", "", FOUND),
    "velocity": ("V#", "2", FOUND),
    "velocity_count": ("V#", "~", FOUND),
    "audit": ("AU#", "", KEPT),
    "audit_of": ("AS#", "", KEPT),
    "case_mail": ("CM#", "#", KEPT),
    "mails_of_sender": ("CF#", "DAY#", KEPT),
}
# Keys of other tables, and beginnings of keys.
OTHERS = {
    *(
        "by_customer",
        "by_former_name",
        "draft_by_former_name",
        "draft_names",
        "case",
        "case_in_list",
        "case_reminder",
        "case_event",
        "unsent_case_event",
    ),
    *("draft_event", "draft_mail", "quote_number", "draft_look", "draft_look_due", "open_cart"),
}
ADDRESS = {
    "name": "Canary Byron",
    "line1": "1 Canary Row",
    "city": "Chicago",
    "region": "IL",
    "postal_code": "60601",
    "country": "US",
}
PERSON: dict[str, Any] = {
    "id": "canary-77",
    "name": "Canary Byron",
    "email": "canary@example.org",
    "phone": "+1 312 555 0177",
    "tax_id": "CANARY-1",
}


def test_every_key_of_people_has_a_kind_here():
    spelled = {
        name
        for module in (customers, cases, drafts)
        for name, made in inspect.getmembers(module, inspect.isfunction)
        if made.__module__ == module.__name__ and made.__annotations__.get("return") is customers.Key
    }

    assert spelled == KINDS.keys() | OTHERS


def kind_of(row: dict[str, Any]) -> str:
    (found,) = [name for name, (pk, sk, _) in KINDS.items() if row["pk"].startswith(pk) and row["sk"].startswith(sk)]
    return found


def texts_of(value: Any) -> list[str]:
    """Return all texts in a document that are the person's."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in texts_of(one)]
    if isinstance(value, list | tuple):
        return [text for one in value for text in texts_of(one)]
    return [value] if isinstance(value, str) and "canary" in value.casefold() else []


@pytest.fixture
def customer_id(world: World) -> str:
    """Store one row of every kind of a person, and return the id of their customer."""
    velocity_rule(world)
    world.stocked("TEA-001", dc_1=5)
    gift = {"sku": "TEA-001", "quantity": 1, "gift": {"message": "a canary for you"}}
    code = {"sku": "TEA-002", "quantity": 1, "kind": "DIGITAL"}
    more = {"note": "canary note", "attributes": {"engraving": "canary attribute"}}
    bill = ADDRESS | {"line2": "Canary bill"}
    body = a_body(gift, code, customer=PERSON, ship_to=ADDRESS, bill_to=bill, **more)
    reply = world.call("POST", "/v1/orders", body)
    assert reply.status == 201, reply.body
    order_id = str(reply.body["order_id"])
    world.settle()
    proof = {"line_id": "2", "quantity": 1, "proof": {"kind": "CODE", "text": "CANARY-CODE"}}
    assert world.change(order_id, "provide", proof).status == 200
    dearer = [
        {"modification": "charge", "kind": "WRAP", "amount": usd(500)},
        {"modification": "note", "note": "canary pending"},
        {"modification": "ship_to", "ship_to": ADDRESS | {"line1": "2 Canary Lane"}},
    ]
    waits = world.change(order_id, "changes", {"changes": dearer, "reason": "asked for", "pending": True})
    assert waits.status == 202, waits.body
    opened(world, order_id, text="canary case")
    customer_id = customer_of(order_id)
    opened(world, customer_id=customer_id, text="loose canary")
    send_mail(
        world,
        text="canary mail",
        subject="canary subject",
        authentication_results=PROVEN,
        **{"from": "Canary <canary@example.org>"},
    )
    acts.create(world, customer=PERSON, note="canary draft", ship_to=ADDRESS)
    other = world.call("POST", "/v1/orders", a_body(("TEA-001", 1), customer=PERSON | {"id": "canary-78"}))
    world.settle()
    merged = customer_of(other.body["order_id"])
    assert world.call("POST", f"/v1/customers/{merged}/merge", {"into": customer_id}, who="sales").status == 200
    for name, value in (("email", PERSON["email"]), ("name", "canary")):
        assert world.call("GET", "/v1/customers", who="sales", query={name: value}).body["items"]
    return customer_id


def stored_rows(world: World) -> list[dict[str, Any]]:
    return [{**row, "doc": unpack(row["doc"])} if "doc" in row else dict(row) for row in world.tables()["Customers"]]


def test_every_kind_of_row_is_exported_if_it_has_words_and_is_erased(world: World, customer_id: str):
    stored = stored_rows(world)
    assert {kind_of(row) for row in stored} == KINDS.keys()
    words = {kind: [t for row in stored if kind_of(row) == kind for t in texts_of(row.get("doc"))] for kind in KINDS}
    with_words = {n for n, (_, _, fate) in KINDS.items() if fate in (WORDS, BY_LAW)}
    assert {kind for kind, texts in words.items() if texts} == with_words

    sent = texts_of(json.loads(json.dumps(exported(world, customer_id))))

    assert {kind: set(texts) - set(sent) for kind, texts in words.items() if set(texts) - set(sent)} == {}

    for order in world.call("GET", f"/v1/customers/{customer_id}", who="office").body["items"]:
        order_id = order["order_id"]
        if order["pending_change"]:
            assert world.change(order_id, "pending-change/withdraw", {"reason": "no"}).status == 200
        world.steps(order_id, "ship", "deliver")
        for case in world.call("GET", "/v1/cases", who="office", query={"order_id": order_id}).body["items"]:
            closed_cases(world, case["case_id"])
    world.settle()
    assert {kind_of(row) for row in stored_rows(world)} == KINDS.keys()
    reply = erase(world, customer_id)
    assert reply.status == 200, reply.body
    world.settle()

    left = stored_rows(world)
    assert {kind_of(row) for row in left if texts_of(list(row.values()))} == {"legal_copy"}
    emptied = [row for row in left if kind_of(row) == "contact"]
    assert all(row.keys() == {"pk", "sk", "erased_at"} for row in emptied)
    assert {kind_of(row) for row in left} - {"contact"} == {
        n for n, (_, _, fate) in KINDS.items() if fate in (KEPT, BY_LAW)
    }
    assert all("ttl" in row for row in left if kind_of(row) != "contact")
    others = [row for name, of_table in world.tables().items() if name != "Customers" for row in of_table]
    said = [
        row for row in others if "canary" in str({**row, "doc": unpack(row["doc"])} if "doc" in row else row).casefold()
    ]
    assert [row["pk"] for row in said if not row["pk"].startswith("IDEM#")] == []  # answers end after two days
