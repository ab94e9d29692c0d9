"""Make an example for each screen of the console: what its page shows, in the tables of the world."""

from comanda.aws.books.settlement_rows import Comparison, Totals, write
from comanda.aws.dynamodb import keys, transaction
from comanda.domain.reconciliation.settlement import Settlement, SettlementStatus
from functions.console.pages import customer_export
from tests.functions.cases.desk import opened, step
from tests.functions.console import account_examples, node_examples
from tests.functions.people.desk import call_as, make_pool, person


def an_order(world):
    """Return the page of an order of which a part has left, a part waits for stock, and all is held."""
    world.stocked("TEA-001", dc_1=5)
    world.stocked("POT-001", dc_1=1)
    digital = {"sku": "CUP-001", "quantity": 2, "kind": "DIGITAL"}
    order_id = world.placed(("TEA-001", 2), ("POT-001", 3), digital)
    world.settle()
    world.steps(order_id, "accept", "pick", "pack")
    packages = [{"package_id": "B-1", "carrier": "Northway", "tracking_number": "NW 1"}]
    assert world.step(order_id, "ship", body={"packages": packages}).status == 200
    world.settle()
    scan = {
        "tracking_number": "NW 1",
        "status": "EXCEPTION",
        "occurred_at": world.now.isoformat(),
        "note": "Box is wet",
    }
    assert world.call("POST", "/v1/tracking-events", {"events": [scan]}, who="office").status == 200
    lost = {"reason": "NOT_ARRIVED", "lines": [{"line_id": "2", "quantity": 1}]}
    assert world.step(order_id, "lose", body=lost).status == 200
    world.hold_type("CHECK")
    world.hold_type("FITS", level="line", applies_when=None)
    assert (
        world.change(order_id, "holds", {"type": "CHECK", "reason": "\u0641\u0627\u0637\u0645\u0629 asks"}).status
        == 200
    )
    return f"orders/{order_id}"


def a_reconciliation(world):
    """Return the page of a month in which a payment matches, another differs, and fees were taken."""
    for name, charged, status in (("pi_1", 1000, SettlementStatus.MATCHED), ("pi_2", 1100, SettlementStatus.EXTRA)):
        theirs = Settlement(currency="USD", day="2026-11-20", charged=charged)
        compared = Comparison(provider="stripe", name=name, theirs=theirs, status=status, ours=1000)
        totals = Totals()
        totals.count(compared)
        totals.add("stripe", "2026-11-20", "USD", fees=30, other=-200)
        transaction.commit([write(compared, world.now), *totals.writes()])
    return "reconciliation?provider=stripe&month=2026-11"


def a_customer(world):
    """Return the page of a customer with two orders, one of them in another channel."""
    ada = {"name": "Ada Byron", "email": "ada@example.org", "phone": "+1 312 555 0100"}
    order_id = world.placed(customer=ada)
    assert world.place_order(("TEA-001", 1), who="other-shop", channel="outlet", customer=ada).status == 201
    contact = world.call("GET", f"/v1/orders/{order_id}/contact", who="office")
    return f"customers/{contact.body['customer_id']}"


def a_merge(world):
    """Return the page that merges a customer, with another one of the same name."""
    world.placed(customer={"name": "Ada Wong", "email": "wong@example.org"})
    return a_customer(world) + "/merge?q=ada"


def an_erasure(world):
    """Return the question before a customer is erased, for an admin who is a person."""
    world.aws.put("Directory", **keys.user("boss"), name="Boss", roles=["admin"])
    return a_customer(world) + "/erase"


def an_export_of_two_files(world):
    """Return the page that leads to the files of a customer of whom one file holds one order."""
    world.patch.setattr(customer_export, "MOST_BYTES", 1)
    world.patch.setattr(customer_export, "_ROWS", "1")
    return a_customer(world) + "/export"


def for_review(world):
    """Return the page to review an order that is large. Two more wait behind it."""
    world.hold_type()
    world.stocked("TEA-001", dc_1=500)
    made = [world.placed(("TEA-001", 100 + number)) for number in range(3)]
    world.settle()
    return f"orders/{made[0]}/review"


def a_queue(world):
    for_review(world)
    return "queues/sales-review"


def people(world, path="people"):
    """Give the stage an admin who is a person, and a pool of users."""
    world.patch.setenv("USER_POOL_ID", make_pool())
    world.aws.put("Directory", **keys.user("boss"), name="Boss", roles=["admin"])
    person(world, "bo@example.com", name="Bo Tell", limits={"override_percent": 10})
    assert world.call("POST", "/v1/devices", {"node_id": "dc-1", "name": "Till 2"}, who="office").status == 201
    return path


def a_person(world):
    """Return the page of a person with a badge, whom an admin sees."""
    rights = {"roles": ["worker"], "nodes": ["dc-1"], "desks": ["lead"]}
    people(world)
    sub = person(world, name="\u0641\u0627\u0637\u0645\u0629", **rights)
    assert call_as(sub, "POST", "/v1/badges", {"pin": "4711"}).status == 201
    return f"people/{sub}"


def an_invoice(world):
    """Return the path of the invoice of a shipped order."""
    order_id = an_order(world).removeprefix("orders/")
    return f"invoices/{world.order(order_id)['invoices'][0]}"


def a_credit_note(world):
    """Return the path of a credit note of a shipped order's invoice."""
    invoice_id = an_invoice(world).removeprefix("invoices/")
    order_id = f"ord_{invoice_id.removeprefix('inv_').rpartition('-')[0]}"
    body = {"invoice_id": invoice_id, "credit": "ALL", "reason_code": "damaged"}
    assert world.change(order_id, "credit-notes", body).status == 201
    return f"credit-notes/{world.order(order_id)['credit_notes'][0]['credit_note_id']}"


def a_case(world):
    """Return the page of an order's case with words of both sides, which is overdue."""
    order_id = world.placed()
    case_id = opened(world, order_id, text="Where is it?\n\u0641\u0627\u0637\u0645\u0629 <asks>", line_ids=["1"])
    assert step(world, case_id, "note", text="The carrier is asked.").status == 200
    world.pass_time(9 * 3600)
    return f"cases/{case_id}"


def cases(world):
    a_case(world)
    opened(world, kind="COMPLAINT")
    return "cases?owner=care"


# What makes the example of a screen, and returns its address. A screen without a named part needs none.
EXAMPLES = {
    "cases": cases,
    "reconciliation": a_reconciliation,
    "cases/{case_id}": a_case,
    "find": lambda _: "find?q=nothing",
    "invoices/{invoice_id}": an_invoice,
    "credit-notes/{credit_note_id}": a_credit_note,
    "orders/{order_id}": lambda world: an_order(world) + "?customer=shown",
    "orders/{order_id}/review": for_review,
    "orders/{order_id}/change": lambda world: an_order(world) + "/change",
    "queues/{queue}": a_queue,
    "customers/{customer_id}": a_customer,
    "customers/{customer_id}/erase": an_erasure,
    "customers/{customer_id}/merge": a_merge,
    "customers/{customer_id}/export": an_export_of_two_files,
    "devices": lambda world: people(world, "devices?node_id=dc-1"),
    "people": people,
    "people/new": lambda world: people(world, "people/new"),
    "people/{person_id}": a_person,
    **account_examples.EXAMPLES,
    **node_examples.EXAMPLES,
}
