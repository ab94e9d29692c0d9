"""Invoices and credit notes of a channel with a tax service are recorded there once, with the tax that the customer has paid."""

from datetime import timedelta
from typing import Any

import pytest

from comanda.aws.orders import document_numbers
from functions.intake.queues import tax_record_items
from local.avalara import rates
from local.avalara.server import AvalaraServer
from tests.functions.channels import set_channel
from tests.functions.crashes import Crashes
from tests.functions.credit.test_credit import credit, invoice_of
from tests.functions.drafts.acts import CHICAGO, create
from tests.functions.drafts.test_confirm import confirm
from tests.functions.drafts.test_quotes import a_line
from tests.functions.intake.changes.test_moves import finished
from tests.functions.taxed import SHIPPING
from tests.functions.world import Reply, World, usd
from tests.invariants import broken


def sold(world: World, quantity: int = 3, **line: Any) -> str:
    """Return the id of an order at the work of its node, with the taxes of the service."""
    world.stocked("TEA-001", dc_1=9)
    draft = create(world, lines=[a_line("1", quantity=quantity, **line)], charges=[SHIPPING], ship_to=CHICAGO)
    paid = {"method": "CARD", "reference": "pi_1", "authorized": usd(9_000)}
    order = confirm(world, draft, payments=[paid])
    assert order.status == 201, order.body
    world.settle()
    return str(order.body["order_id"])


def shipped(world: World, **line: Any) -> str:
    order_id = sold(world, **line)
    finished(world, order_id)
    return order_id


def queue(world: World) -> list[tuple[str, str]]:
    items = world.call("GET", "/v1/queues/tax-records", who="office").body["items"]
    return [(item["item_id"], item["reason"]) for item in items]


def answered(world: World, item: str, answer: str) -> Reply:
    path = f"/v1/queues/tax-records/items/{item}/resolve"
    return world.call("POST", path, {"answer": answer}, who="office")


def states(world: World, order_id: str) -> list[str]:
    return [row["status"] for row in world.order_items(order_id, "TX#")]


def test_an_invoice_is_recorded_with_its_tax(world: World, service: AvalaraServer):
    order_id = shipped(world)

    ((key, document),) = service.documents.kept.items()
    assert key == ("TEA", "SalesInvoice", invoice_of(order_id))
    assert (document["status"], document["currencyCode"]) == ("Committed", "USD")
    invoice = world.call("GET", f"/v1/invoices/{invoice_of(order_id)}").body
    assert document["totalTax"] * 100 == invoice["totals"]["tax"]["amount"] == 309 + 51
    assert [(one["taxCode"], one["lineAmount"]) for one in document["lines"]] == [
        ("P0000000", 30.0),
        (rates.SHIPPING, 5.0),
    ]
    sent = service.documents.asked[-1]
    assert sent["addresses"]["shipTo"]["line1"] == CHICAGO["line1"]
    assert sent["customerCode"] == "77"
    assert (states(world, order_id), queue(world)) == (["RECORDED"], [])


def test_each_shipment_is_recorded_with_its_part_of_the_tax(world: World, service: AvalaraServer):
    world.stocked("TEA-001", dc_1=1, dc_2=2)
    draft = create(world, lines=[a_line("1", quantity=3)], charges=[SHIPPING], ship_to=CHICAGO)
    paid = {"method": "CARD", "reference": "pi_1", "authorized": usd(9_000)}
    order_id = confirm(world, draft, payments=[paid]).body["order_id"]
    world.settle()
    finished(world, order_id)

    documents = service.documents.kept.values()

    assert sum(round(one["totalTax"] * 100) for one in documents) == world.order(order_id)["totals"]["tax"]["amount"]
    assert set(states(world, order_id)) == {"RECORDED"}


def test_a_credit_note_is_recorded_with_its_part_of_the_tax(world: World, service: AvalaraServer):
    order_id = shipped(world)

    made = credit(world, order_id, "LINES", lines=[{"line_id": "1", "quantity": 1}])
    world.settle()

    document = service.documents.kept["TEA", "ReturnInvoice", made.body["credit_note_id"]]
    assert document["totalTax"] * 100 == -made.body["totals"]["tax"]["amount"]
    assert [one["lineAmount"] for one in document["lines"]] == [-10.0, -1.66]
    override = service.documents.asked[-1]["lines"][0]["taxOverride"]
    assert override["taxDate"] == world.call("GET", f"/v1/invoices/{invoice_of(order_id)}").body["issued_at"][:10]
    assert (states(world, order_id), queue(world)) == (["RECORDED", "RECORDED"], [])
    assert broken(world.tables()) == []


def test_an_invoice_of_a_channel_without_a_service_is_told_to_nobody(world: World, service: AvalaraServer):
    set_channel(world, tax_service=None)
    world.stocked("TEA-001", dc_1=9)
    order_id = world.placed(("TEA-001", 1))
    world.settle()

    finished(world, order_id)

    assert (service.documents.asked, states(world, order_id)) == ([], [])
    assert not any("to_record" in one["data"] for one in world.hops.published)


def test_a_tax_that_was_given_and_is_another_one_is_asked_about(world: World, service: AvalaraServer):
    order_id = shipped(world, tax_rate="0.07")

    assert queue(world) == [(invoice_of(order_id), "tax-differs")]
    (item,) = world.call("GET", "/v1/queues/tax-records", who="office").body["items"]
    assert (item["data"]["tax"], item["data"]["computed"]) == ("261", "360")
    (document,) = service.documents.kept.values()
    assert document["totalTax"] == 2.61

    assert answered(world, invoice_of(order_id), "retry").status == 404  # the service has it
    assert answered(world, invoice_of(order_id), "done").status == 200
    assert (states(world, order_id), queue(world)) == (["ANSWERED"], [])
    assert answered(world, invoice_of(order_id), "done").status == 404


def test_an_invoice_that_the_service_keeps_with_another_tax_is_asked_about(world: World, service: AvalaraServer):
    order_id = sold(world)
    service.faults.add([{"kind": "timeout_before"}])
    finished(world, order_id)
    service.faults.clear()
    told_otherwise(service, invoice_of(order_id), taxAmount=0.01)

    assert answered(world, invoice_of(order_id), "retry").status == 200
    world.settle()

    (item,) = world.call("GET", "/v1/queues/tax-records", who="office").body["items"]
    assert (item["reason"], states(world, order_id)) == ("tax-kept-otherwise", ["DIFFERS"])
    found = item["data"]
    assert (found["amount"], found["kept_amount"]) == ("3500", "3500")
    assert (found["tax"], found["kept_tax"], found["computed"]) == ("360", "2", "360")
    assert found["day"] == found["kept_day"] == world.now.date().isoformat()
    assert answered(world, invoice_of(order_id), "done").status == 200


def told_otherwise(service: AvalaraServer, code: str, **override: Any) -> None:
    """Have the service keep a document under a code, as somebody might enter it by hand: as it was asked last, with another tax."""
    asked = service.documents.asked[-1]
    lines = [{**line, "taxOverride": {"type": "TaxAmount", **override}} for line in asked["lines"]]
    service.documents.create({**asked, "type": "SalesInvoice", "code": code, "commit": True, "lines": lines})


def test_an_invoice_that_was_voided_at_the_service_is_asked_about(world: World, service: AvalaraServer):
    order_id = sold(world)
    service.faults.add([{"kind": "error_after"}])
    finished(world, order_id)
    service.faults.clear()
    (document,) = service.documents.kept.values()
    document["status"] = "Cancelled"

    assert answered(world, invoice_of(order_id), "retry").status == 200
    world.settle()

    assert queue(world) == [(invoice_of(order_id), "tax-not-committed")]
    assert states(world, order_id) == ["DIFFERS"]


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "error_before", "error_after", "rate_limit"])
def test_a_service_that_fails_is_told_again_and_keeps_the_invoice_once(
    world: World, service: AvalaraServer, fault: str
):
    order_id = sold(world)
    service.faults.add([{"kind": fault, "count": 3}])

    finished(world, order_id)

    assert len(service.documents.kept) == 1
    assert (states(world, order_id), queue(world)) == (["RECORDED"], [])


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "error_after"])
def test_a_service_that_stays_away_is_a_task_and_is_told_again(world: World, service: AvalaraServer, fault: str):
    order_id = sold(world)
    service.faults.add([{"kind": fault}])
    finished(world, order_id)
    reason = "tax-service-failed" if fault == "error_after" else "tax-no-answer"
    assert (queue(world), states(world, order_id)) == ([(invoice_of(order_id), reason)], ["FAILED"])

    service.faults.clear()
    assert answered(world, invoice_of(order_id), "retry").status == 200
    world.settle()

    assert len(service.documents.kept) == 1
    assert (queue(world), states(world, order_id)) == ([], ["RECORDED"])


def test_a_document_that_the_service_refuses_is_asked_about_at_once(world: World, service: AvalaraServer):
    order_id = sold(world)
    service.faults.add([{"kind": "decline", "code": "InvalidAddress"}])

    finished(world, order_id)

    (item,) = world.call("GET", "/v1/queues/tax-records", who="office").body["items"]
    assert (item["item_id"], item["reason"]) == (invoice_of(order_id), "tax-refused")
    assert item["data"] == {
        "order_id": order_id,
        "service": "avalara",
        "currency": "USD",
        "code": "InvalidAddress",
    }
    assert answered(world, invoice_of(order_id), "done").status == 200
    assert queue(world) == []


def test_an_event_that_comes_twice_records_nothing_twice(world: World, service: AvalaraServer):
    order_id = shipped(world)
    before = len(service.documents.asked)

    for _ in range(2):
        world.hops.invoke("taxes", {"documents": [invoice_of(order_id)]})

    assert (len(service.documents.asked), states(world, order_id)) == (before, ["RECORDED"])


def test_a_process_that_ends_at_any_call_of_aws_records_an_invoice_once(world: World, service: AvalaraServer):
    def begun() -> str:
        order_id = sold(world, quantity=1)
        world.hops.stopped.add("relay")
        world.steps(order_id, "ship")
        world.settle()
        world.hops.stopped.discard("relay")
        return order_id

    runs = Crashes(world, begun, lambda *_: world.settle(), room="taxes")
    for crash, order_id, _ in runs:
        assert states(world, order_id) == ["RECORDED"], crash.happened
        assert ("TEA", "SalesInvoice", invoice_of(order_id)) in service.documents.kept
    assert len(service.documents.kept) == len(runs) + 2


def lost(world: World, service: AvalaraServer) -> str:
    """Return the id of an order with an invoice of which the service is not told, as the event of its number was lost."""
    order_id = sold(world)
    world.hops.stopped.add("taxes")
    finished(world, order_id)
    world.hops.records.clear()
    world.hops.stopped.discard("taxes")
    world.settle()
    assert (service.documents.kept, states(world, order_id)) == ({}, [])
    return order_id


def swept(world: World, **after: float) -> None:
    world.now += timedelta(**after)
    world.sweep()
    world.settle()


def test_an_invoice_whose_event_was_lost_is_recorded_by_the_sweeper(world: World, service: AvalaraServer):
    order_id = lost(world, service)
    swept(world, hours=2, minutes=55)
    assert states(world, order_id) == []  # its queue may still hold it

    swept(world, minutes=6)

    assert ("TEA", "SalesInvoice", invoice_of(order_id)) in service.documents.kept
    assert states(world, order_id) == ["RECORDED"]
    asked = len(service.documents.asked)
    swept(world, hours=4)
    assert len(service.documents.asked) == asked


def test_an_invoice_whose_event_was_lost_and_that_the_service_refuses_is_asked_about(
    world: World, service: AvalaraServer
):
    order_id = lost(world, service)
    service.faults.add([{"kind": "error_before"}])

    swept(world, hours=3, minutes=1)
    swept(world, hours=3, minutes=1)

    assert queue(world) == [(invoice_of(order_id), "tax-service-failed")]
    assert document_numbers.unrecorded(None) == []


@pytest.mark.parametrize("known", [True, False])
def test_no_document_stays_on_the_list_of_the_sweeper(world: World, service: AvalaraServer, known: bool):
    if not known:
        set_channel(world, tax_service=None)
        world.stocked("TEA-001", dc_1=9)
    order_id = shipped(world) if known else world.placed(("TEA-001", 1))
    if not known:
        world.settle()
        finished(world, order_id)

    assert document_numbers.unrecorded(None) == document_numbers.missed(None) == []


def test_an_item_that_does_not_wait_takes_no_answer(world: World, service: AvalaraServer):
    assert queue(world) == []
    assert answered(world, "inv_x", "done").status == 404
    assert answered(world, "ord_x", "done").status == 404
    assert answered(world, "inv_x", "paid").status == 422


def test_a_document_that_fails_again_before_its_answer_is_saved_stays_in_the_queue(
    world: World, service: AvalaraServer, monkeypatch: pytest.MonkeyPatch
):
    order_id = sold(world)
    service.faults.add([{"kind": "decline", "code": "InvalidAddress"}])
    finished(world, order_id)
    world.now += timedelta(hours=1)
    started = tax_record_items.start_function

    def at_once(_name: str, payload: dict[str, Any]) -> None:
        world.hops.invoke("taxes", payload)

    monkeypatch.setattr(tax_record_items, "start_function", at_once)
    assert answered(world, invoice_of(order_id), "retry").status == 404
    assert (queue(world), states(world, order_id)) == ([(invoice_of(order_id), "tax-refused")], ["FAILED"])

    service.faults.clear()
    monkeypatch.setattr(tax_record_items, "start_function", started)
    assert answered(world, invoice_of(order_id), "retry").status == 200
    world.settle()
    assert (queue(world), states(world, order_id)) == ([], ["RECORDED"])


def test_a_document_that_waits_when_the_channel_loses_its_service_is_asked_about(world: World, service: AvalaraServer):
    order_id = sold(world)
    world.hops.stopped.add("taxes")
    finished(world, order_id)
    set_channel(world, tax_service=None)

    world.hops.stopped.discard("taxes")
    world.settle()

    assert (queue(world), states(world, order_id)) == ([(invoice_of(order_id), "tax-not-connected")], ["FAILED"])
